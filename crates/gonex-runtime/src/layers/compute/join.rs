use rayon::FnContext;

use super::inherit::piece;
use super::pool::{check, is_worker, on_worker};
use crate::layers::ambient::Ambient;

/// Runs two closures, perhaps at the same time, and returns both results.
///
/// The first runs here; the second on whatever worker has nothing else to do, or after the first. Both
/// may borrow, and may call `join` in turn: so work that divides itself spreads over all cores.
///
/// # Panics
/// With what a closure panics with, once both have ended: of two panics, with that of the first. In a
/// future, where it may not block. If the system has no threads for the workers.
///
/// ```
/// use gonex_runtime::compute;
///
/// fn sum(numbers: &[u64]) -> u64 {
///     if numbers.len() < 1_000 {
///         return numbers.iter().sum();
///     }
///     let (left, right) = numbers.split_at(numbers.len() / 2);
///     let (left, right) = compute::join(|| sum(left), || sum(right));
///     left + right
/// }
/// assert_eq!(sum(&(1..=10_000).collect::<Vec<_>>()), 50_005_000);
/// ```
#[track_caller]
#[inline]
pub fn join<A, B, RA, RB>(a: A, b: B) -> (RA, RB)
where
    A: FnOnce() -> RA + Send,
    B: FnOnce() -> RB + Send,
    RA: Send,
    RB: Send,
{
    // Mostly so, where joins are nested: then nothing is counted, and nothing has to be put back.
    if Ambient::is_bare_here() && is_worker() {
        let b = |c: FnContext| if c.migrated() { piece(&Ambient::bare(), b) } else { b() };
        return rayon::join_context(|_| a(), b);
    }
    check("`compute::join`");
    on_worker(|| {
        let ambient = Ambient::here();
        // What is not stolen runs on this thread, where nothing has to be entered.
        let b = |c: FnContext| if c.migrated() { piece(&ambient, b) } else { b() };
        rayon::join_context(|_| a(), b)
    })
}

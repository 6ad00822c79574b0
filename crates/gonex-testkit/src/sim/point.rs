use gonex_core::op::Subject;
use gonex_core::rt;

/// Lets others have their turn here: for what tasks share that is not of gonex, such as atomics.
///
/// `what` stands in the interleaving. Outside of simulations it does nothing.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use gonex_runtime::go_all;
/// use gonex_testkit::sim::{Sim, point};
///
/// let failure = Sim::new().seeds(0..100).find(|| {
///     let hits = Arc::new(AtomicU32::new(0));
///     let hit = || {
///         let hits = hits.clone();
///         move || {
///             let before = hits.load(Relaxed);
///             point("count a hit");
///             hits.store(before + 1, Relaxed);
///         }
///     };
///     go_all((hit(), hit())).block().unwrap();
///     assert_eq!(hits.load(Relaxed), 2);
/// });
/// assert!(failure.unwrap_err().interleaving().contains("count a hit"));
/// ```
#[track_caller]
pub fn point(what: &'static str) {
    rt::step(|| Subject::new(what));
}

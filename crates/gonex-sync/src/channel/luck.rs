//! Whether a task that has to wait should look again for a moment before it does.
//!
//! Where the other side runs on another core it often comes sooner than a task can be put to sleep
//! and woken. Where it waits for this very core it never does. Nobody can say which, but for one
//! channel it stays the same for a while; so each side of a channel remembers how it went.

use gonex_core::rt::Spin;

use crate::primitive::atomic::{AtomicI8, Ordering};

/// How often it may go wrong in a row before it is left alone.
const TRUST: i8 = 16;
/// So many waits are left alone before it is tried once more.
const REST: i8 = -32;

pub(crate) struct Luck(AtomicI8);

impl Luck {
    pub(crate) fn new() -> Self {
        Self(AtomicI8::new(1))
    }

    /// Tries again and again for a moment, if that has been worth it.
    pub(crate) fn spin<T>(&self, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
        // A model tries what the others do in all orders anyway.
        if cfg!(any(gonex_loom, gonex_shuttle)) {
            return None;
        }
        // Threads may count over one another: it is a guess.
        let luck = self.0.load(Ordering::Relaxed);
        if luck <= 0 {
            self.0.store(if luck <= REST { 1 } else { luck - 1 }, Ordering::Relaxed);
            return None;
        }
        let mut spin = Spin::without_yielding();
        while spin.turn() {
            if let Some(done) = attempt() {
                if luck < TRUST {
                    self.0.store(luck + 2, Ordering::Relaxed);
                }
                return Some(done);
            }
        }
        self.0.store(luck - 1, Ordering::Relaxed);
        None
    }
}

#[cfg(all(test, not(any(gonex_loom, gonex_shuttle))))]
mod tests {
    use super::*;

    #[test]
    fn who_never_wins_seldom_tries() {
        let luck = Luck::new();
        let mut waits_with_tries = 0;
        for _ in 0..1_000 {
            let mut tried = false;
            let none = luck.spin(|| {
                tried = true;
                None::<()>
            });
            assert_eq!(none, None);
            waits_with_tries += usize::from(tried);
        }
        // On a machine with one core it is never tried.
        assert!(waits_with_tries <= 31, "{waits_with_tries}");
    }

    #[test]
    fn who_has_won_forgives_a_few_losses() {
        let luck = Luck::new();
        if luck.spin(|| Some(())).is_none() {
            return; // One core.
        }
        for _ in 0..20 {
            assert!(luck.spin(|| Some(())).is_some());
        }
        for _ in 1..TRUST {
            assert_eq!(luck.spin(|| None::<()>), None);
        }
        assert!(luck.spin(|| Some(())).is_some(), "one more was left");
    }
}

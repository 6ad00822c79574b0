//! What a signal means where nobody listens for it.
//!
//! The crate beneath, which the process shares with tokio, never takes its handler back: a signal that was
//! listened for once would be ignored from then on. So one more thing is done in that handler, for good:
//! while no context listens, it has the signal do what it did by default, if that is what it did before.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use gonex_core::primitive::lock_std;
use signal_hook::flag;

use super::Signal;
use super::os::number;

/// Of each signal that has ever been listened for.
static SIGNALS: Mutex<BTreeMap<Signal, Listeners>> = Mutex::new(BTreeMap::new());

struct Listeners {
    contexts: usize,
    /// Looked at in the handler.
    nobody: Arc<AtomicBool>,
}

/// A signal has another meaning than usual; until this is dropped.
pub(super) struct Unusual(Signal);

impl Unusual {
    pub(super) fn begin(signal: Signal) -> io::Result<Self> {
        let mut signals = lock_std(&SIGNALS);
        let listeners = match signals.get_mut(&signal) {
            Some(listeners) => listeners,
            None => {
                let nobody = Arc::new(AtomicBool::new(false));
                if is_default(number(signal)) {
                    flag::register_conditional_default(number(signal), nobody.clone())?;
                }
                signals.entry(signal).or_insert(Listeners { contexts: 0, nobody })
            }
        };
        listeners.contexts += 1;
        listeners.nobody.store(false, Ordering::SeqCst);
        Ok(Self(signal))
    }
}

impl Drop for Unusual {
    fn drop(&mut self) {
        if let Some(listeners) = lock_std(&SIGNALS).get_mut(&self.0) {
            listeners.contexts -= 1;
            listeners.nobody.store(listeners.contexts == 0, Ordering::SeqCst);
        }
    }
}

/// Whether a signal is neither caught nor ignored now; where it cannot be known, it is taken to be so.
fn is_default(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let has = |field: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix(field));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
    };
    !has("SigCgt:") && !has("SigIgn:")
}

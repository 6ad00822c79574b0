//! Signals of the system as a context: cancelled, with the signal as its cause, when the process is
//! asked to end.
//!
//! What works for a purpose already ends with its context, be it closures, futures or operations; so
//! a program that is asked to end has one more reason to stop, and no second way to be told.
//!
//! ```no_run
//! use gonex_runtime::{go, signals};
//! use gonex_core::Context;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let asked = signals::context()?; // Ctrl-C and SIGTERM
//! let mut server = asked.run(|| go(|| Context::current().done().block()));
//! server.join().block().ok();
//! eprintln!("asked to end by {:?}", asked.caught());
//! # Ok(())
//! # }
//! ```
//!
//! **Nothing is taken over but what is asked for.** Signals that no context listens for keep their
//! meaning, and when the last context that listens for one is dropped, the signal means again what it
//! did before. Others who listen for it, by tokio or `signal-hook`, are told as well as this. Two limits: who
//! begins to listen by other means while such a context lives cannot be seen, so once it is dropped the
//! signal ends the process all the same; and what the signal meant before is known on Linux, elsewhere
//! taken to be the default.
//!
//! **Nobody is locked in.** The first signal asks; by default a second one, of any that the context
//! listens for, ends the process as the signal always did, whatever the program is doing: see
//! [`Again`].
//!
//! One thread waits for the signals of each context; no tokio runtime is needed, and none is in the
//! way. On Windows only [`Signal::Interrupt`] exists. In browsers there are no signals, and so there is no
//! such module.
//!
//! While such a context lives, [insight](gonex_core::insight) tells no stall: a signal may wake whoever
//! waits for it.

mod again;
mod context;
mod listen;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod os;
mod signal;
#[cfg(unix)]
mod usual;

pub use again::Again;
pub use context::SignalContext;
pub use listen::{Signals, context};
pub use signal::Signal;

//! kanal: a value whose `send_timeout` ran out is neither sent nor returned, and never dropped,
//! though the documentation says that it will be dropped.

use std::sync::Arc;
use std::time::Duration;

use super::Shown;

const TRIES: u32 = 10;

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| leaks()).count() as u32 }
}

fn leaks() -> bool {
    let (tx, rx) = kanal::bounded::<Arc<()>>(0);
    let value = Arc::new(());
    let ran_out = tx.send_timeout(value.clone(), Duration::from_micros(1));
    drop((tx, rx));
    ran_out == Err(kanal::SendErrorTimeout::Timeout) && Arc::strong_count(&value) == 2
}

//! kanal: values that were sent before `close()` cannot be received after it. Its documentation
//! says so; ours and Go's channels drain.

use super::Shown;

const TRIES: u32 = 100;

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| discards()).count() as u32 }
}

fn discards() -> bool {
    let (tx, rx) = kanal::bounded::<u64>(2);
    let sent = tx.send(7).is_ok();
    let closed = rx.close().is_ok();
    sent && closed && rx.recv().is_err()
}

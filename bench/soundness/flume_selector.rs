//! flume: a selector waits to send on one channel or to receive from another. Both become
//! possible before its thread has woken: it says that it received, and the message of the other
//! case has been delivered as well. A select chooses one case.

use std::thread;
use std::time::Duration;

use flume::{Selector, bounded};

use super::Shown;

const TRIES: u32 = 20;

#[derive(PartialEq)]
enum Chosen {
    Send,
    Receive,
}

pub(super) fn show() -> Shown {
    Shown { tries: TRIES, seen: (0..TRIES).filter(|_| runs_both()).count() as u32 }
}

fn runs_both() -> bool {
    let (out, taken) = bounded::<u64>(0);
    let (give, into) = bounded::<u64>(1);
    thread::scope(|scope| {
        let selector = scope.spawn(|| {
            Selector::new().send(&out, 1, |_| Chosen::Send).recv(&into, |_| Chosen::Receive).wait()
        });
        // The selector tells nobody that it waits. Too short a time makes a try that shows
        // nothing, and never one that shows too much.
        thread::sleep(Duration::from_millis(1));
        let given = give.send(2).is_ok();
        let delivered = taken.try_recv() == Ok(1);
        let chosen = selector.join().ok();
        given && delivered && chosen == Some(Chosen::Receive)
    })
}

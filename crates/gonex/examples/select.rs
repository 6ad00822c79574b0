//! A chat room in one loop: guests come, talk and leave, a timer strikes, and a shutdown ends it all.
//!
//! The number of guests is known only at run time, so the room uses [`Select`]; each guest waits for
//! two things, known when it is written, and uses [`select!`].
//!
//! ```text
//! cargo run -p gonex --example select
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use gonex::{
    ArmKey, Canceller, Context, Handle, Receiver, RecvError, Select, Sender, channel, go, select,
};

/// How a guest is announced: a name, what the guest will say, and where to reach the guest.
struct Guest {
    name: &'static str,
    says: Receiver<String>,
    hears: Sender<String>,
}

/// What can happen in the room.
enum Event {
    Arrives(Result<Guest, RecvError>),
    Says(&'static str, Result<String, RecvError>),
    Quiet,
    Shutdown,
}

/// Serves guests until it is shut down, and returns what was said.
async fn room(door: Receiver<Guest>, shutdown: Context, patience: Duration) -> Vec<String> {
    let mut select = Select::new();
    let mut door_arm = Some(select.recv(door, Event::Arrives));
    select.op(shutdown.done(), |_| Event::Shutdown);
    let mut silence = select.after(patience, || Event::Quiet);
    let mut guests: BTreeMap<&str, (ArmKey, Sender<String>)> = BTreeMap::new();
    let mut log = Vec::new();
    loop {
        match select.wait().await {
            Event::Arrives(Ok(Guest { name, says, hears })) => {
                let arm = select.recv(says, move |words| Event::Says(name, words));
                guests.insert(name, (arm, hears));
            }
            Event::Arrives(Err(_)) => {
                // Nobody else will come. A closed channel would be ready all the time.
                door_arm.take().map(|arm| select.remove(arm));
            }
            Event::Says(name, Ok(words)) => {
                log.push(format!("{name}: {words}"));
                for (_, other) in guests.iter().filter(|(guest, _)| **guest != name) {
                    // Who does not listen misses something; the room does not wait.
                    other.1.try_send(format!("{name}: {words}")).ok();
                }
                select.remove(silence);
                silence = select.after(patience, || Event::Quiet);
            }
            Event::Says(name, Err(_)) => {
                guests.remove(name).map(|(arm, _)| select.remove(arm));
                log.push(format!("{name} leaves"));
                if guests.is_empty() && door_arm.is_none() {
                    return log;
                }
            }
            Event::Quiet => log.push("(silence)".to_owned()),
            Event::Shutdown => {
                log.push("(the room closes)".to_owned());
                return log;
            }
        }
    }
}

/// Greets, answers the first words heard, and leaves.
async fn guest(name: &'static str, door: Sender<Guest>) -> Option<String> {
    let (mouth, says) = channel(4);
    let (hears, ear) = channel(4);
    door.send(Guest { name, says, hears }).await.ok()?;
    drop(door);
    let mut greeting = Some("good evening".to_owned());
    loop {
        select! {
            recv(ear) -> words => {
                let words = words.ok()?;
                mouth.send(format!("I heard {words:?}")).await.ok()?;
                return Some(words);
            }
            send(mouth, &mut greeting) -> sent => sent.ok()?,
            after(Duration::from_secs(60)) => return None,
        }
    }
}

/// Opens a room.
fn open(patience: Duration) -> (Sender<Guest>, Canceller, Handle<Vec<String>>) {
    let (door, visitors) = channel(0);
    let (shutdown, canceller) = Context::background().with_cancel();
    (door, canceller, go(room(visitors, shutdown, patience)))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (door, _canceller, mut room) = open(Duration::from_secs(5));
    let mut ada = go(guest("Ada", door.clone()));
    let mut grace = go(guest("Grace", door));
    let heard = (ada.join().block()?, grace.join().block()?);
    println!("Ada heard {:?}, Grace heard {:?}", heard.0, heard.1);
    for line in room.join().block()? {
        println!("{line}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn guests_hear_one_another_and_the_room_empties() {
        let (door, _canceller, mut room) = open(LONG);
        let (tx, says) = channel(4);
        let (hears, ear) = channel(4);
        door.send(Guest { name: "Ada", says, hears }).block().unwrap();
        let mut grace = go(guest("Grace", door));
        assert_eq!(ear.recv().timeout(LONG).block().unwrap(), "Grace: good evening");
        tx.send("welcome".to_owned()).block().unwrap();
        assert_eq!(grace.join().block().unwrap().unwrap(), "Ada: welcome");
        drop(tx);
        let log = room.join().timeout(LONG).block().unwrap();
        assert_eq!(log[..2], ["Grace: good evening", "Ada: welcome"]);
        assert!(log.contains(&"Ada leaves".to_owned()));
        assert!(log.contains(&"Grace leaves".to_owned()));
    }

    #[test]
    fn a_shutdown_ends_it() {
        let (_door, canceller, mut room) = open(LONG);
        canceller.cancel("closing time");
        assert_eq!(room.join().timeout(LONG).block().unwrap(), ["(the room closes)"]);
    }
}

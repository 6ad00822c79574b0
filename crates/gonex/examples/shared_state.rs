//! State that tasks share, and messages between them: settings that others watch, counts by word with
//! news of one, and workers with a name who are sent to, asked, and told to go.
//!
//! ```text
//! cargo run -p gonex --example shared_state
//! ```

use std::error::Error;
use std::time::Duration;

use gonex::{Address, AddressBook, OnLag, Reply, Shared, SharedMap, go, go_all};

type Outcome<T> = Result<T, Box<dyn Error>>;

const TEXT: &str = "the whale the ship the sea the whale";
const PATIENCE: Duration = Duration::from_secs(60);

/// One value: four tasks raise a limit, each what it finds, and one waits until it is high enough.
fn settings() -> Outcome<u32> {
    let limit = Shared::new(0_u32);
    let mut watcher = limit.subscribe();
    let watching = go(async move {
        watcher.wait_until(|limit| **limit >= 400).await?;
        Ok::<_, gonex::WatchError>(**watcher.borrow())
    });
    let raise = |limit: Shared<u32>| {
        move || (0..100).for_each(|_| drop(limit.update(|limit| limit + 1).block()))
    };
    go_all((0..4).map(|_| raise(limit.clone()))).timeout(PATIENCE).block()?;
    let mut watching = watching;
    Ok(watching.join().timeout(PATIENCE).block()??)
}

/// How often there is each word, and what the subscriber heard.
type Counted = (Vec<(String, u32)>, Vec<u32>);

/// Values by key: two tasks count words, and a subscriber hears of each whale.
fn words() -> Outcome<Counted> {
    let counts = SharedMap::new();
    let mut whales = counts.subscribe_key_with("whale".to_owned(), OnLag::Error);
    let count = |words: Vec<&'static str>, counts: SharedMap<String, u32>| async move {
        for word in words {
            let more = |n: Option<&u32>| Some(n.copied().unwrap_or(0) + 1);
            counts.update(word.to_owned(), more).await;
        }
    };
    let (front, back) = TEXT.split_at(TEXT.len() / 2);
    let halves = [front, back].map(|half| count(half.split(' ').collect(), counts.clone()));
    go_all(halves).timeout(PATIENCE).block()?;

    let heard = std::iter::from_fn(|| whales.try_recv().ok()?.value.map(|n| *n)).collect();
    let mut all: Vec<(String, u32)> =
        counts.entries().into_iter().map(|(word, n)| (word.to_string(), *n)).collect();
    all.sort_by(|(one, n), (other, m)| m.cmp(n).then_with(|| one.cmp(other)));
    Ok((all, heard))
}

/// What a worker can be told.
#[derive(Debug)]
enum Message {
    Add(u64),
    /// Asks for the sum so far.
    Sum(Reply<u64>),
}

/// Messages: each worker keeps a sum for itself, without a lock, and answers who asks.
fn workers() -> Outcome<(Vec<u64>, bool)> {
    let book = AddressBook::new();
    let mut running = Vec::new();
    for name in ["ann", "bob"] {
        let (address, mailbox) = Address::new(8);
        book.register(name, address)?;
        running.push(go(async move {
            let mut sum = 0;
            // The end comes when nobody has the address any more.
            while let Ok(message) = mailbox.recv().await {
                match message {
                    Message::Add(n) => sum += n,
                    Message::Sum(reply) => drop(reply.send(sum)),
                }
            }
        }));
    }
    for n in 1..=10 {
        let name = if n % 2 == 0 { "ann" } else { "bob" };
        book.send(name, Message::Add(n)).timeout(PATIENCE).block()?;
    }
    let ask = |name| book.ask(name, Message::Sum).timeout(PATIENCE).block();
    let sums = vec![ask("ann")?, ask("bob")?];

    drop(book.unregister("bob"));
    let gone = ask("bob").is_err_and(|error| error.is_no_such_peer());
    drop(book);
    for worker in &mut running {
        worker.join().timeout(PATIENCE).block()?;
    }
    Ok((sums, gone))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("four tasks have raised the limit to {}", settings()?);
    let (counts, whales) = words()?;
    println!("counted: {counts:?}; of whales the subscriber heard {whales:?}");
    let (sums, gone) = workers()?;
    println!("ann and bob have {sums:?}; after he went, bob was gone: {gone}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_update_is_lost() {
        assert_eq!(settings().unwrap(), 400);
    }

    #[test]
    fn all_words_are_counted_and_each_whale_is_heard_of() {
        let (counts, whales) = words().unwrap();
        let of = |word: &str| counts.iter().find(|(known, _)| known == word).map(|(_, n)| *n);
        assert_eq!((of("the"), of("whale"), of("sea")), (Some(4), Some(2), Some(1)));
        assert_eq!(whales, [1, 2]);
    }

    #[test]
    fn workers_answer_until_they_go() {
        assert_eq!(workers().unwrap(), (vec![30, 25], true));
    }
}

//! A producer hands 1,000 items to a consumer: once between two threads, once between two async
//! tasks. The channel is the same.
//!
//! ```text
//! cargo run -p gonex --example producer_consumer
//! ```

use std::error::Error;

use gonex::{Receiver, Sender, channel, go, go_all};

const ITEMS: u64 = 1_000;

struct Item {
    id: u64,
    data: String,
}

impl Item {
    fn new(id: u64) -> Self {
        Self { id, data: format!("item-{id}") }
    }
}

/// The consumer's work on one item: the length of its data.
fn process(item: &Item) -> usize {
    assert!(item.data.ends_with(&item.id.to_string()));
    item.data.len()
}

/// Closures run on all cores, and may block.
fn on_threads() -> Result<usize, Box<dyn Error>> {
    let (tx, rx) = channel(64);
    let produce = move || (0..ITEMS).try_for_each(|id| tx.send(Item::new(id)).block());
    let consume = move || rx.iter().map(|item| process(&item)).sum();
    let (produced, consumed) = go_all((produce, consume)).block()?;
    produced?;
    Ok(consumed)
}

async fn produce(tx: Sender<Item>) -> Result<(), gonex::SendError<Item>> {
    for id in 0..ITEMS {
        tx.send(Item::new(id)).await?;
    }
    Ok(())
}

async fn consume(rx: Receiver<Item>) -> usize {
    let mut sum = 0;
    // The producer's end closes the channel, and so ends the loop.
    while let Ok(item) = rx.recv().await {
        sum += process(&item);
    }
    sum
}

/// Futures run on tokio, and await.
fn on_tasks() -> Result<usize, Box<dyn Error>> {
    let (tx, rx) = channel(64);
    let mut producer = go(produce(tx));
    let mut consumer = go(consume(rx));
    producer.join().block()??;
    Ok(consumer.join().block()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let (threads, tasks) = (on_threads()?, on_tasks()?);
    println!("{ITEMS} items: {threads} bytes on threads, {tasks} bytes in async tasks");
    if threads != tasks {
        return Err("the two do not agree".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_items_arrive() {
        // 10 items with one digit, 90 with two, 900 with three.
        let bytes = 10 * 6 + 90 * 7 + 900 * 8;
        assert_eq!(on_threads().unwrap(), bytes);
        assert_eq!(on_tasks().unwrap(), bytes);
    }
}

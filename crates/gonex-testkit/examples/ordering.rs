//! A planted ordering bug, found: a shop asks two mills for their prices, and takes the first answer for
//! that of the mill it asked first.
//!
//! `RUSTFLAGS="--cfg gonex_sim" cargo run -p gonex-testkit --example ordering`
//!
//! It prints the interleaving in which the second mill is faster, and then tries the mended program.

use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::{aio, go};
use gonex_sync::{Receiver, Sender, channel};

const MILLS: [(&str, u32); 2] = [("north", 12), ("south", 15)];

/// A mill's answer: who it is, and what a sack of flour costs there.
type Answer = (&'static str, u32);

/// Looks the price up, which takes as long at one mill as at the other, and sends it.
async fn answer(mill: usize, answers: Sender<Answer>) {
    rt::sleep(Duration::from_millis(20)).await;
    answers.send(MILLS[mill]).await.unwrap();
}

/// Takes the answers in the order in which the mills were asked.
#[cfg_attr(not(gonex_sim), expect(dead_code, reason = "it is to be simulated"))]
async fn by_order(answers: Receiver<Answer>) -> [u32; 2] {
    let (_, north) = answers.recv().await.unwrap();
    let (_, south) = answers.recv().await.unwrap();
    [north, south]
}

/// Takes each answer for that of the mill it names.
async fn by_name(answers: Receiver<Answer>) -> [u32; 2] {
    let mut prices = [0; 2];
    for _ in MILLS {
        let (name, price) = answers.recv().await.unwrap();
        let mill = MILLS.iter().position(|(mill, _)| *mill == name);
        prices[mill.unwrap()] = price;
    }
    prices
}

/// A day's prices, with the way to take the answers.
fn day<F>(take: fn(Receiver<Answer>) -> F)
where
    F: Future<Output = [u32; 2]>,
{
    let prices = aio::block_on(async {
        let (answers, taken) = channel(2);
        for mill in 0..MILLS.len() {
            go(answer(mill, answers.clone())).detach();
        }
        take(taken).await
    });
    assert_eq!(prices, [12, 15], "the prices of north and south");
}

#[cfg(gonex_sim)]
fn main() {
    use gonex_testkit::sim::Sim;

    match Sim::new().find(|| day(by_order)) {
        Err(failure) => println!("{failure}"),
        Ok(report) => {
            println!("{}\n{report}: the wrong order has not shown", report.last);
            std::process::exit(1);
        }
    }
    println!("\nmended: {}", Sim::new().run(|| day(by_name)));
}

#[cfg(not(gonex_sim))]
fn main() {
    day(by_name);
    println!("once, on real threads; to simulate it, compile with RUSTFLAGS=\"--cfg gonex_sim\"");
}

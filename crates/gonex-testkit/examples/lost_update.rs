//! A planted lost update, found: three clerks sell from one stock, and each looks what is left before it
//! writes down what will be.
//!
//! `RUSTFLAGS="--cfg gonex_sim" cargo run -p gonex-testkit --example lost_update`
//!
//! It prints the interleaving in which a sale is lost, and then tries the mended program.

use std::sync::Arc;

use gonex_runtime::go_all;
use gonex_sync::RwMutex;

const LOAVES: u32 = 10;

/// Sells if there is enough. What was read is written later, when it may be true no longer.
#[cfg_attr(not(gonex_sim), expect(dead_code, reason = "it is to be simulated"))]
fn sell_carelessly(stock: &RwMutex<u32>, loaves: u32) -> u32 {
    let left = *stock.read().block();
    if left < loaves {
        return 0;
    }
    *stock.write().block() = left - loaves;
    loaves
}

/// Sells if there is enough, with one look and one change under one lock.
fn sell(stock: &RwMutex<u32>, loaves: u32) -> u32 {
    let mut left = stock.write().block();
    if *left < loaves {
        return 0;
    }
    *left -= loaves;
    loaves
}

/// A morning in the bakery: what was sold and what is left must be what was baked.
fn morning(sell: fn(&RwMutex<u32>, u32) -> u32) {
    let stock = Arc::new(RwMutex::new(LOAVES));
    let clerks = [3, 4, 5].map(|loaves| {
        let stock = stock.clone();
        move || sell(&stock, loaves)
    });
    let sold: u32 = go_all(clerks).block().unwrap().into_iter().sum();
    assert_eq!(sold + *stock.read().block(), LOAVES, "loaves sold and left");
}

#[cfg(gonex_sim)]
fn main() {
    use gonex_testkit::sim::Sim;

    match Sim::new().find(|| morning(sell_carelessly)) {
        Err(failure) => println!("{failure}"),
        Ok(report) => {
            println!("{}\n{report}: the lost update has not shown", report.last);
            std::process::exit(1);
        }
    }
    println!("\nmended: {}", Sim::new().run(|| morning(sell)));
}

#[cfg(not(gonex_sim))]
fn main() {
    morning(sell);
    println!("once, on real threads; to simulate it, compile with RUSTFLAGS=\"--cfg gonex_sim\"");
}

//! A planted deadlock, found: transfers lock two accounts, each its own first.
//!
//! `RUSTFLAGS="--cfg gonex_sim" cargo run -p gonex-testkit --example deadlock`
//!
//! It prints who waits for what and how it came to that, and then tries the mended program.

use std::sync::Arc;

use gonex_runtime::go_all;
use gonex_sync::{Mutex, MutexGuard};

struct Account {
    number: u32,
    balance: Mutex<i64>,
}

type Guards<'a> = (MutexGuard<'a, i64>, MutexGuard<'a, i64>);

/// Locks first the account that pays.
#[cfg_attr(not(gonex_sim), expect(dead_code, reason = "it is to be simulated"))]
fn payer_first<'a>(from: &'a Account, to: &'a Account) -> Guards<'a> {
    let payer = from.balance.lock().block();
    let payee = to.balance.lock().block();
    (payer, payee)
}

/// Locks first the account with the lower number, whoever pays.
fn in_order<'a>(from: &'a Account, to: &'a Account) -> Guards<'a> {
    if from.number < to.number {
        let payer = from.balance.lock().block();
        (payer, to.balance.lock().block())
    } else {
        let payee = to.balance.lock().block();
        (from.balance.lock().block(), payee)
    }
}

/// Two transfers that cross.
fn evening(lock: for<'a> fn(&'a Account, &'a Account) -> Guards<'a>) {
    let account = |number| Arc::new(Account { number, balance: Mutex::new(100) });
    let (anna, ben) = (account(1), account(2));
    let transfer = |from: &Arc<Account>, to: &Arc<Account>, amount| {
        let (from, to) = (from.clone(), to.clone());
        move || {
            let (mut payer, mut payee) = lock(&from, &to);
            *payer -= amount;
            *payee += amount;
        }
    };
    go_all((transfer(&anna, &ben, 30), transfer(&ben, &anna, 10))).block().unwrap();
    assert_eq!((*anna.balance.lock().block(), *ben.balance.lock().block()), (80, 120));
}

#[cfg(gonex_sim)]
fn main() {
    use gonex_testkit::sim::Sim;

    match Sim::new().find(|| evening(payer_first)) {
        Err(failure) => println!("{failure}"),
        Ok(report) => {
            println!("{}\n{report}: the deadlock has not shown", report.last);
            std::process::exit(1);
        }
    }
    println!("\nmended: {}", Sim::new().run(|| evening(in_order)));
}

#[cfg(not(gonex_sim))]
fn main() {
    evening(in_order);
    println!("once, on real threads; to simulate it, compile with RUSTFLAGS=\"--cfg gonex_sim\"");
}

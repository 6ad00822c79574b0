//! Every interleaving of those who take from a token bucket, give back, and change its settings. Run
//! with `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-resilience --test loom_limit loom_`.
#![cfg(gonex_loom)]

use std::sync::Arc;
use std::time::Duration;

use gonex_resilience::limit::{Gcra, Meter, Refill, Reserve, TokenBucketConfig, Verdict};
use loom::thread;

fn config(tokens: u32) -> TokenBucketConfig {
    TokenBucketConfig::per(tokens, Duration::from_secs(1))
}

fn bucket(tokens: u32) -> Arc<Gcra> {
    Arc::new(Gcra::new(config(tokens), 0).unwrap())
}

fn taken(bucket: &Gcra, tokens: u32) -> u32 {
    if bucket.take(tokens, 0) == Verdict::Taken { tokens } else { 0 }
}

#[test]
fn loom_what_is_there_is_taken_once() {
    loom::model(|| {
        let bucket = bucket(3);
        let other = bucket.clone();
        let theirs = thread::spawn(move || taken(&other, 2));
        let mine = taken(&bucket, 2);
        assert_eq!((mine + theirs.join().unwrap(), bucket.available(0)), (2, 1));
    });
}

#[test]
fn loom_new_settings_mint_nothing_under_who_takes() {
    loom::model(|| {
        let bucket = bucket(2);
        let other = bucket.clone();
        let theirs = thread::spawn(move || taken(&other, 1) + taken(&other, 1) + taken(&other, 1));
        // All four rates change with it.
        let stepped = TokenBucketConfig { refill: Refill::Stepped, ..config(4) };
        bucket.reconfigure(stepped, 0).unwrap();
        let theirs = theirs.join().unwrap();
        assert_eq!(theirs, 2);
        assert_eq!(bucket.available(0), 0);
    });
}

#[test]
fn loom_what_is_given_back_is_there_for_one() {
    loom::model(|| {
        let bucket = bucket(1);
        bucket.take(1, 0);
        let (at, receipt) = bucket.reserve(1, 0, u64::MAX).unwrap();
        assert_eq!(at, 1_000_000_000);
        let other = bucket.clone();
        let theirs = thread::spawn(move || other.reserve(1, 0, u64::MAX).unwrap().0);
        let back = bucket.refund(receipt, 0);
        let theirs = theirs.join().unwrap();
        // Given back before, the other has its moment; else that moment is later, and nothing comes back.
        assert!(
            matches!((back, theirs), (1, 1_000_000_000) | (0, 2_000_000_000)),
            "{back} {theirs}"
        );
    });
}

#[test]
fn loom_a_reset_makes_old_receipts_worthless() {
    loom::model(|| {
        let bucket = bucket(1);
        bucket.take(1, 0);
        let (_, receipt) = bucket.reserve(1, 0, u64::MAX).unwrap();
        let other = bucket.clone();
        let reset = thread::spawn(move || other.reset(0));
        bucket.refund(receipt, 0);
        reset.join().unwrap();
        assert_eq!(taken(&bucket, 1) + taken(&bucket, 1), 1);
    });
}

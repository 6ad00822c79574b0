use std::sync::Arc;
use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::{go, go_all, go_race, go_with};
use gonex_sync::{Mutex, channel, select};
use gonex_task::TaskOptions;
use gonex_testkit::sim::Sim;

/// A program in which much depends on the order.
fn market() {
    let (orders, taken) = channel::<u32>(2);
    let total = Arc::new(Mutex::new(0));
    let mut sellers = Vec::new();
    for seller in 0..3 {
        let (taken, total) = (taken.clone(), total.clone());
        sellers.push(go(async move {
            loop {
                let order = select! {
                    recv(taken) -> order => order,
                    after(Duration::from_secs(60)) => break,
                };
                let Ok(order) = order else { break };
                *total.lock().await += order;
                rt::sleep(Duration::from_millis(seller)).await;
            }
        }));
    }
    drop(taken);
    let buyer = go_with(&TaskOptions::new().name("buyer"), move || {
        for order in 1..=6 {
            orders.send(order).block().unwrap();
            if rt::random().is_multiple_of(2) {
                rt::yield_now().block();
            }
        }
    });
    go_race([1, 2].map(|n| move || rt::sleep(Duration::from_millis(n)).block())).block().unwrap();
    let mut buyer = buyer;
    buyer.join().block().unwrap();
    for seller in &mut sellers {
        seller.join().block().unwrap();
    }
    assert_eq!(*total.lock().block(), 21);
}

#[test]
fn a_seed_says_all() {
    let traces = |seeds: std::ops::Range<u64>| -> Vec<String> {
        seeds.map(|seed| Sim::new().seeds(seed..seed + 1).run(market).last).collect()
    };
    let (first, second) = (traces(0..60), traces(0..60));
    assert_eq!(first, second);
    let different: std::collections::HashSet<_> = first.iter().collect();
    assert!(different.len() > 50, "{} of 60 seeds differ", different.len());
}

#[test]
fn a_failure_is_the_same_again() {
    let careless = || {
        let total = Arc::new(Mutex::new(0));
        let add = |n| {
            let total = total.clone();
            move || {
                let before = *total.lock().block();
                *total.lock().block() = before + n;
            }
        };
        go_all((add(1), add(2))).block().unwrap();
        assert_eq!(*total.lock().block(), 3);
    };
    let first = Sim::new().find(careless).unwrap_err();
    let again = Sim::new().seeds(first.seed()..first.seed() + 1).find(careless).unwrap_err();
    assert_eq!(first.to_string(), again.to_string());
    assert!(first.to_string().ends_with(&format!("GONEX_SIM_SEED={}", first.seed())));
}

#[test]
fn lines_stand_in_the_order_in_which_things_were_done() {
    let report = Sim::new().seeds(0..200).run(|| {
        let (tx, rx) = channel(1);
        let mut sender = go(move || tx.send(7).block());
        assert_eq!(rx.recv().block(), Ok(7));
        sender.join().block().unwrap().unwrap();
    });
    let lines: Vec<&str> = report.last.lines().collect();
    let sent = lines.iter().position(|line| line.contains("send to channel")).unwrap();
    let received = lines.iter().rposition(|line| line.contains("receive from channel")).unwrap();
    let waits = lines.iter().any(|line| line.contains("receive from channel … waits"));
    assert!(sent < received || waits, "{}", report.last);
}

#[test]
fn tasks_are_called_by_name_and_place() {
    let report = Sim::new().seeds(3..4).run(|| {
        let mut named = go_with(&TaskOptions::new().name("parser"), || ());
        named.join().block().unwrap();
        let mut plain = go(async {});
        plain.join().block().unwrap();
    });
    let told = report.last;
    assert!(
        told.contains("[1] closure \"parser\" from crates/gonex-testkit/tests/sim/traces.rs:"),
        "{told}"
    );
    assert!(told.contains("[2] future from crates/gonex-testkit/tests/sim/traces.rs:"), "{told}");
    assert!(told.contains("join task \"parser\""), "{told}");
    assert!(!told.contains('#'), "no number of the process is told: {told}");
}

#[test]
fn only_the_last_lines_are_kept() {
    let few = std::num::NonZeroUsize::new(5).unwrap();
    let report = Sim::new().seeds(0..1).lines(few).run(|| {
        // At two places, for one that repeats is counted in its line.
        for _ in 0..10 {
            rt::yield_now().block();
            rt::sleep(Duration::ZERO).block();
        }
    });
    assert!(report.last.contains("16 lines before these are not shown"), "{}", report.last);
}

#[test]
fn what_repeats_is_counted() {
    let report = Sim::new().seeds(0..1).run(|| (0..20).for_each(|_| rt::yield_now().block()));
    assert!(report.last.contains("let others go first ×20"), "{}", report.last);
}

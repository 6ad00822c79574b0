//! Scores balancers as one would while one is being made: ratios to the least busy, seed by seed.
//!
//! `cargo run --release -p gonex-testkit --example scores [SEEDS [NAME]]`

use gonex_runtime::balance::{
    Adaptive, Balancer, FirstFree, KeyAffinity, LeastBusy, Predictive, RoundRobin, TwoChoices,
    Weighted, WorkStealing,
};
use gonex_testkit::balance::{Feed, Score, Workload, simulate};

type Make = fn() -> Box<dyn Balancer>;

/// A balancer of your own goes here.
const BALANCERS: [Make; 9] = [
    || Box::new(RoundRobin::new()),
    || Box::new(Weighted::new()),
    || Box::new(TwoChoices::new()),
    || Box::new(FirstFree::new()),
    || Box::new(Adaptive::new()),
    || Box::new(WorkStealing::new()),
    || Box::new(KeyAffinity::new()),
    || Box::new(WorkStealing::around(Adaptive::new())),
    || Box::new(Predictive::new()),
];

fn main() {
    let seeds = std::env::args().nth(1).map_or(11, |count| count.parse().expect("a number"));
    let only = std::env::args().nth(2).unwrap_or_default();
    let makespan = |score: &Score| score.makespan.as_secs_f64();
    let p99 = |score: &Score| score.p99.as_secs_f64();
    let p50 = |score: &Score| score.p50.as_secs_f64();
    println!("ratios to least-busy: makespan of a batch, p99 and p50 of a stream");
    for workload in Workload::all() {
        println!("\n{}", workload.name);
        for make in BALANCERS.into_iter().filter(|make| make().name().contains(&only)) {
            let ratio = |feed, of: &dyn Fn(&Score) -> f64| {
                let ratio = |seed| {
                    let scene = workload.scene(seed);
                    let own = of(&simulate(&scene, feed, make()));
                    own / of(&simulate(&scene, feed, LeastBusy::new()))
                };
                let mut ratios: Vec<f64> = (0..seeds).map(ratio).collect();
                ratios.sort_by(f64::total_cmp);
                ratios[ratios.len() / 2]
            };
            let batch = ratio(Feed::Batch { room: 64 }, &makespan);
            let stream = ratio(Feed::Stream, &p99);
            let median = ratio(Feed::Stream, &p50);
            println!("  {:<14} {batch:>6.3} {stream:>6.3} {median:>6.3}", make().name());
        }
    }
}

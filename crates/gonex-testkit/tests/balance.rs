//! The balancers there are keep what balancers owe, and the suite finds those that do not.

mod unfit;

use gonex_runtime::balance::{
    Adaptive, FirstFree, KeyAffinity, LeastBusy, Predictive, Profiled, RoundRobin, TwoChoices,
    Victim, Weighted, WorkStealing,
};
use gonex_runtime::profile::Profiler;
use gonex_testkit::balance::{Feed, Score, Workload, conformance, simulate};

#[test]
fn round_robin() {
    conformance(RoundRobin::new);
}

#[test]
fn least_busy() {
    conformance(LeastBusy::new);
}

#[test]
fn weighted() {
    conformance(Weighted::new);
}

#[test]
fn two_choices() {
    conformance(TwoChoices::new);
}

#[test]
fn first_free() {
    conformance(FirstFree::new);
}

#[test]
fn adaptive() {
    conformance(Adaptive::new);
}

#[test]
fn work_stealing() {
    conformance(WorkStealing::new);
    conformance(|| WorkStealing::around(Adaptive::new()).threshold(3).victim(Victim::Nearest));
}

#[test]
fn key_affinity() {
    conformance(KeyAffinity::new);
}

#[test]
fn profiled() {
    conformance(|| Profiled::around(LeastBusy::new(), &Profiler::new()).named("one"));
}

#[test]
fn predictive() {
    conformance(Predictive::new);
}

#[test]
fn a_score_is_repeated_by_its_seed() {
    for workload in Workload::all() {
        for feed in [Feed::Stream, Feed::Batch { room: 64 }] {
            let score = |seed| simulate(&workload.scene(seed), feed, LeastBusy::new());
            assert_eq!(score(1), score(1), "{}", workload.name);
            assert_ne!(score(1), score(2), "{}", workload.name);
        }
    }
}

/// The median of the ratios of predictive to least-busy, over a few seeds.
fn ratio(workload: &Workload, feed: Feed, of: fn(&Score) -> f64) -> f64 {
    let ratio = |seed| {
        let scene = workload.scene(seed);
        of(&simulate(&scene, feed, Predictive::new()))
            / of(&simulate(&scene, feed, LeastBusy::new()))
    };
    let mut ratios: Vec<f64> = (5_000..5_005).map(ratio).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[2]
}

/// `gonex-bench -- balance` says more, and of more seeds; this is to notice when it would not.
#[test]
fn predictive_gains_where_costs_can_be_learned_and_loses_nowhere() {
    for workload in Workload::all() {
        let makespan =
            ratio(workload, Feed::Batch { room: 64 }, |score| score.makespan.as_secs_f64());
        let p99 = ratio(workload, Feed::Stream, |score| score.p99.as_secs_f64());
        let found = format!("{}: makespan {makespan:.3}, p99 {p99:.3}", workload.name);
        assert!(makespan.max(p99) < 1.03, "{found}");
        assert!(makespan.min(p99) < 0.9 || !workload.can_be_learned, "{found}");
    }
}

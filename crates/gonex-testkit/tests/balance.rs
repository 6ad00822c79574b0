//! The balancers there are keep what balancers owe, and the suite finds those that do not.

mod unfit;

use gonex_runtime::balance::{LeastBusy, RoundRobin};
use gonex_testkit::balance::{Feed, Workload, conformance, simulate};

#[test]
fn round_robin() {
    conformance(RoundRobin::new);
}

#[test]
fn least_busy() {
    conformance(LeastBusy::new);
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

//! The balancers.

use gonex_runtime::balance::{
    Adaptive, Balancer, FirstFree, KeyAffinity, LeastBusy, Predictive, RoundRobin, TwoChoices,
    Weighted, WorkStealing,
};

/// A balancer by its name.
pub struct Named {
    pub name: &'static str,
    pub make: fn() -> Box<dyn Balancer>,
}

/// All of them; the first is the one that has bars to reach.
pub const ALL: [Named; 9] = [
    Named { name: "predictive", make: || Box::new(Predictive::new()) },
    Named { name: "least-busy", make: || Box::new(LeastBusy::new()) },
    Named { name: "first-free", make: || Box::new(FirstFree::new()) },
    Named { name: "work-stealing", make: || Box::new(WorkStealing::new()) },
    Named { name: "adaptive", make: || Box::new(Adaptive::new()) },
    Named { name: "two-choices", make: || Box::new(TwoChoices::new()) },
    Named { name: "round-robin", make: || Box::new(RoundRobin::new()) },
    Named { name: "weighted", make: || Box::new(Weighted::new()) },
    Named { name: "key-affinity", make: || Box::new(KeyAffinity::new()) },
];

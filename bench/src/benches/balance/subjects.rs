//! The balancers.

use gonex_runtime::balance::{Balancer, LeastBusy, RoundRobin};

/// A balancer by its name.
pub struct Named {
    pub name: &'static str,
    pub make: fn() -> Box<dyn Balancer>,
}

/// All of them; the first is the one that has bars to reach.
pub const ALL: [Named; 2] = [
    Named { name: "round-robin", make: || Box::new(RoundRobin::new()) },
    Named { name: "least-busy", make: || Box::new(LeastBusy::new()) },
];

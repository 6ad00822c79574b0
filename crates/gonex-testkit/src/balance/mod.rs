//! What every [`Balancer`](gonex_runtime::balance::Balancer) owes to its pool, as tests; and how good
//! it is, on work that a seed repeats.
//!
//! A balancer of your own is done when it passes [`conformance`](conformance()), which runs all cases and
//! says which failed.
//!
//! | case | what holds |
//! | --- | --- |
//! | nobody | with no workers, a task goes into the queue of all |
//! | offered | a task goes to a worker that was offered, whatever the workers have to do |
//! | thefts | what is stolen comes from the queue of another, and there is something in it |
//! | repeats | the same calls have the same answers |
//! | extremes | sizes, costs and times at their limits, and a clock that goes back, do no harm |
//! | comes and goes | workers come and go, announced or not |
//! | everybody works | of many tasks that all differ, each worker gets some |
//! | bounded | kinds, keys and workers without number are not all remembered, as far as `Debug` shows |
//!
//! How good it is, a [`Score`] says: a simulated pool runs a [`Workload`] as fast as the machine
//! computes, and the same seed gives the same score.
//!
//! ```
//! use gonex_runtime::balance::{LeastBusy, RoundRobin};
//! use gonex_testkit::balance::{Feed, Workload, conformance, simulate};
//!
//! // A balancer of your own stands here.
//! conformance(LeastBusy::new);
//!
//! let workload = Workload::find("slow worker").unwrap();
//! let scene = workload.scene(7);
//! let least = simulate(&scene, Feed::Stream, LeastBusy::new());
//! let turns = simulate(&scene, Feed::Stream, RoundRobin::new());
//! assert!(least.p99 < turns.p99, "a slow worker gets as much as the others");
//! ```

mod cases;
mod conformance;
mod scene;
mod score;
mod simulated;
mod workload;

pub use crate::report::{Failure, Report};
pub use conformance::{Conformance, conformance};
pub use scene::{Scene, SimTask, SimWorker};
pub use score::Score;
pub use simulated::{Feed, simulate};
pub use workload::Workload;

//! The workloads, each as a batch and as a stream.

use std::cell::Cell;
use std::error::Error;

use gonex_testkit::balance::{Feed, Score, Workload, simulate};

use super::subjects::{ALL, Named};
use crate::bar::Bar;
use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject, Told};
use crate::standing::Standing;

/// Where the seeds of the score begin. The balancers were tuned on those below 1,000.
const FIRST_SEED: u64 = 1_000_000;

/// How many tasks of a batch wait at once, eight for each worker.
const ROOM: usize = 64;

const TUNED: &str = "predictive";
const MEASURE: &str = "least-busy";

/// Takes a number out of a score.
type Of = fn(&Score) -> f64;

pub fn cases(_: &Options) -> Result<Made, Box<dyn Error>> {
    let mut cases = Vec::new();
    for workload in Workload::all() {
        let learned = workload.can_be_learned;
        let batch = Feed::Batch { room: ROOM };
        let stream = Feed::Stream;
        let (makespan, p99): (Of, Of) =
            (|score| score.makespan.as_secs_f64() * 1e3, |score| score.p99.as_secs_f64() * 1e3);
        cases.push(case(workload, "makespan of a batch", "ms", batch, makespan, bars(false)));
        cases.push(case(workload, "p99 of a stream", "ms", stream, p99, bars(learned)));
        let p50: Of = |score| score.p50.as_secs_f64() * 1e3;
        cases.push(case(workload, "p50 of a stream", "ms", stream, p50, Vec::new()));
        let spread: Of = |score| score.spread;
        cases.push(case(workload, "spread of a stream", "times", stream, spread, Vec::new()));
    }
    let notes = vec![
        format!("all are gonex; `{TUNED}` is ours here, and the others are its rivals"),
        format!(
            "simulated: 8 workers, 4,000 tasks; a round is a seed, from {FIRST_SEED} on, and no \
                 balancer was tuned on these"
        ),
        format!(
            "a batch keeps {ROOM} tasks waiting; a stream has a load of 0.8, and its times count from \
                 when a task comes to when it ends; spread is the busiest worker over the mean"
        ),
    ];
    Ok(Made { cases, notes })
}

/// What is to be reached: nowhere much worse than least-busy, and much better where that is asked.
fn bars(much_better: bool) -> Vec<Bar> {
    let times = if much_better { 0.85 } else { 1.03 };
    vec![Bar::Within { times, rival: MEASURE }]
}

fn case(
    workload: &'static Workload,
    what: &str,
    unit: &'static str,
    feed: Feed,
    of: Of,
    bars: Vec<Bar>,
) -> Case {
    let subject = |named: &'static Named| {
        let standing = if named.name == TUNED { Standing::Ours } else { Standing::Rival };
        // The same seed for everybody in the same round.
        let seed = Cell::new(FIRST_SEED);
        Subject::new(named.name, standing, move || {
            let scene = workload.scene(seed.replace(seed.get() + 1));
            let score = simulate(&scene, feed, (named.make)());
            Ok(Told::Value { wall: of(&score), cpu: Some(0.0) })
        })
    };
    let name = format!("{}: {what}", workload.name);
    Case { name, unit, per_second: 0.0, subjects: ALL.iter().map(subject).collect(), bars }
}

//! The workloads, each as a batch and as a stream, simulated and on threads.

use std::cell::Cell;
use std::error::Error;

use gonex_testkit::balance::{Feed, Scene, Workload, simulate};

use super::real::{self, SHORTER, TASKS};
use super::subjects::{ALL, Named};
use crate::bar::Bar;
use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject, Told};
use crate::standing::Standing;

/// Where the seeds of the score begin. The balancers were tuned on those below 1,000.
const FIRST_SEED: u64 = 1_000_000;

/// How many tasks of a batch wait at once, eight for each worker.
const ROOM: usize = 64;
const BATCH: Feed = Feed::Batch { room: ROOM };

const TUNED: &str = "predictive";
const MEASURE: &str = "least-busy";

/// Who runs on threads too, where time is not free.
const REAL: [&str; 4] = [TUNED, MEASURE, "first-free", "work-stealing"];

/// Runs a scene, and takes a number out of what comes of it.
type Run = fn(&Scene, &Named) -> Result<f64, Box<dyn Error>>;

pub fn cases(_: &Options) -> Result<Made, Box<dyn Error>> {
    let mut cases = Vec::new();
    for workload in Workload::all() {
        let learned = workload.can_be_learned;
        let makespan: Run =
            |scene, named| Ok(simulate(scene, BATCH, (named.make)()).makespan.as_secs_f64() * 1e3);
        let p99: Run = |scene, named| {
            Ok(simulate(scene, Feed::Stream, (named.make)()).p99.as_secs_f64() * 1e3)
        };
        let p50: Run = |scene, named| {
            Ok(simulate(scene, Feed::Stream, (named.make)()).p50.as_secs_f64() * 1e3)
        };
        let spread: Run = |scene, named| Ok(simulate(scene, Feed::Stream, (named.make)()).spread);
        let name = workload.name.to_owned();
        cases.push(case(workload, &name, "makespan of a batch", "ms", makespan, bars(false)));
        cases.push(case(workload, &name, "p99 of a stream", "ms", p99, bars(learned)));
        cases.push(case(workload, &name, "p50 of a stream", "ms", p50, Vec::new()));
        cases.push(case(workload, &name, "load spread of a stream", "times", spread, Vec::new()));
    }
    for workload in Workload::all() {
        let makespan: Run = |scene, named| {
            Ok(real::run(scene, BATCH, (named.make)())?.makespan.as_secs_f64() * 1e3)
        };
        let p99: Run = |scene, named| {
            Ok(real::run(scene, Feed::Stream, (named.make)())?.p99.as_secs_f64() * 1e3)
        };
        let name = format!("{} (threads)", workload.name);
        let learned = workload.can_be_learned;
        for (what, run, bars) in [
            ("makespan of a batch", makespan, bars(false)),
            ("p99 of a stream", p99, bars(learned)),
        ] {
            let mut case = case(workload, &name, what, "ms", run, bars);
            case.subjects.retain(|subject| REAL.contains(&subject.name.as_str()));
            cases.push(case);
        }
    }
    let notes = vec![
        format!("all are gonex; `{TUNED}` is ours here, and the others are its rivals"),
        format!("a round is a seed, from {FIRST_SEED} on, and no balancer was tuned on these"),
        "simulated: 8 workers, 4,000 tasks".to_owned(),
        format!(
            "(threads): the first {TASKS} tasks, {SHORTER} times as short, on the 8 threads of a pool; \
             tasks wait instead of computing"
        ),
        format!(
            "a batch keeps {ROOM} tasks waiting; a stream has a load of 0.8, and its times count from when \
             a task comes to when it ends; load spread is the busiest worker over the mean"
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
    name: &str,
    what: &str,
    unit: &'static str,
    run: Run,
    bars: Vec<Bar>,
) -> Case {
    let subject = |named: &'static Named| {
        let standing = if named.name == TUNED { Standing::Ours } else { Standing::Rival };
        // The same seed for everybody in the same round.
        let seed = Cell::new(FIRST_SEED);
        Subject::new(named.name, standing, move || {
            let scene = workload.scene(seed.replace(seed.get() + 1));
            Ok(Told::Value { wall: run(&scene, named)?, cpu: Some(0.0) })
        })
    };
    let name = format!("{name}: {what}");
    Case { name, unit, per_second: 0.0, subjects: ALL.iter().map(subject).collect(), bars }
}

//! Runs every subject of a case in turn, several rounds in rotating order.

use std::error::Error;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

use crate::bar::Bar;
use crate::standing::Standing;
use crate::stats::median;
use crate::watchdog::Watchdog;

/// The same work for several subjects.
pub struct Case {
    pub name: String,
    /// What one value means, such as `ns/job`.
    pub unit: &'static str,
    /// How many units one second of a run is: 1e9 over the operations, for `ns` per operation.
    pub per_second: f64,
    pub subjects: Vec<Subject>,
    /// What ours has to reach here.
    pub bars: Vec<Bar>,
}

impl Case {
    /// A case of so many operations in nanoseconds for each, such as `ns/job`.
    pub fn new(
        name: impl Into<String>,
        unit: &'static str,
        count: usize,
        subjects: Vec<Subject>,
    ) -> Self {
        let per_second = 1e9 / count as f64;
        Self { name: name.into(), unit, per_second, subjects, bars: Vec::new() }
    }

    /// The same with what ours has to reach.
    pub fn with_bars(self, bars: impl IntoIterator<Item = Bar>) -> Self {
        Self { bars: bars.into_iter().collect(), ..self }
    }
}

type Work = Box<dyn FnMut() -> Result<Told, Box<dyn Error>>>;

/// What a subject says of its run.
pub enum Told {
    /// Nothing: the time of the call counts.
    Nothing,
    /// How long it took.
    Wall(Duration),
    /// It did only this share of the operations: the time of the call counts, scaled to all of them.
    Share(f64),
    /// Its value in the case's unit, and its CPU time in the same unit if it knows it better than
    /// the process does.
    Value { wall: f64, cpu: Option<f64> },
}

/// Someone who does the work.
pub struct Subject {
    pub name: String,
    pub standing: Standing,
    /// Does the work once.
    pub work: Work,
}

impl Subject {
    pub fn new(
        name: impl Into<String>,
        standing: Standing,
        work: impl FnMut() -> Result<Told, Box<dyn Error>> + 'static,
    ) -> Self {
        Self { name: name.into(), standing, work: Box::new(work) }
    }

    /// A subject whose call is timed.
    pub fn timed(
        name: impl Into<String>,
        ours: bool,
        mut work: impl FnMut() -> Result<(), Box<dyn Error>> + 'static,
    ) -> Self {
        let standing = if ours { Standing::Ours } else { Standing::Rival };
        Self::new(name, standing, move || work().map(|()| Told::Nothing))
    }
}

/// What the rounds of a case gave.
pub struct CaseResult {
    pub name: String,
    pub unit: &'static str,
    pub subjects: Vec<SubjectResult>,
    pub bars: Vec<Bar>,
}

pub struct SubjectResult {
    pub name: String,
    pub standing: Standing,
    /// Wall time of each round, in the case's unit.
    pub wall: Vec<f64>,
    /// CPU time of each round, of this process and its children, in the same unit.
    pub cpu: Vec<f64>,
}

impl CaseResult {
    pub fn rounds(&self) -> usize {
        self.subjects.first().map_or(0, |subject| subject.wall.len())
    }

    /// The fastest of those who stand so, of whom something is known.
    pub fn best_of(&self, standing: Standing) -> Option<&SubjectResult> {
        let subjects = self.subjects.iter().filter(|subject| subject.standing == standing);
        let known = subjects.filter(|subject| median(&subject.wall) > 0.0);
        known.min_by(|a, b| median(&a.wall).total_cmp(&median(&b.wall)))
    }
}

/// How many rounds to run.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    /// Stop when this is over, but not before the fewest rounds.
    pub budget: Option<Duration>,
}

const FEWEST_ROUNDS: usize = 3;

/// Runs the rounds; with a budget, as many of them as fit.
pub fn run(case: &mut Case, plan: Plan, watchdog: &Watchdog) -> Result<CaseResult, Box<dyn Error>> {
    let start = Instant::now();
    let mut subjects: Vec<SubjectResult> = case
        .subjects
        .iter()
        .map(|s| SubjectResult {
            name: s.name.clone(),
            standing: s.standing,
            wall: Vec::new(),
            cpu: Vec::new(),
        })
        .collect();
    let one = |subject: &mut Subject| -> Result<Told, Box<dyn Error>> {
        let place = format!("{}: {}", case.name, subject.name);
        let _watched = watchdog.watch(&place);
        (subject.work)().map_err(|error| format!("{place}: {error}").into())
    };
    // Caches, page tables and lazily started threads are everybody's first time.
    for subject in &mut case.subjects {
        one(subject)?;
    }
    let count = case.subjects.len();
    for round in 0..plan.rounds {
        if plan.budget.is_some_and(|budget| round >= FEWEST_ROUNDS && start.elapsed() > budget) {
            break;
        }
        for turn in 0..count {
            let index = (round + turn) % count;
            let cpu = cpu_time()?;
            let begin = Instant::now();
            let told = one(&mut case.subjects[index])?;
            let called = begin.elapsed();
            let used = cpu_time()?.saturating_sub(cpu).as_secs_f64() * case.per_second;
            let (wall, cpu) = match told {
                Told::Nothing => (called.as_secs_f64() * case.per_second, used),
                Told::Share(share) => {
                    (called.as_secs_f64() * case.per_second / share, used / share)
                }
                Told::Wall(wall) => (wall.as_secs_f64() * case.per_second, used),
                Told::Value { wall, cpu } => (wall, cpu.unwrap_or(used)),
            };
            subjects[index].wall.push(wall);
            subjects[index].cpu.push(cpu);
        }
    }
    Ok(CaseResult { name: case.name.clone(), unit: case.unit, subjects, bars: case.bars.clone() })
}

/// The CPU time of this process and of its children that have ended.
fn cpu_time() -> Result<Duration, Box<dyn Error>> {
    let mut sum = Duration::ZERO;
    for who in [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN] {
        let usage = getrusage(who)?;
        for time in [usage.user_time(), usage.system_time()] {
            sum += Duration::from_secs(time.tv_sec().try_into()?);
            sum += Duration::from_micros(time.tv_usec().try_into()?);
        }
    }
    Ok(sum)
}

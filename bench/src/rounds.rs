//! Runs every subject of a case in turn, several rounds in rotating order.

use std::error::Error;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// The same work for several subjects.
pub struct Case {
    pub name: String,
    /// What one value means, such as `ns/job`.
    pub unit: &'static str,
    /// How many units one second of a run is: 1e9 over the operations, for `ns` per operation.
    pub per_second: f64,
    pub subjects: Vec<Subject>,
}

type Work = Box<dyn FnMut() -> Result<Option<Duration>, Box<dyn Error>>>;

/// Someone who does the work.
pub struct Subject {
    pub name: String,
    pub ours: bool,
    /// Does the work once. Says how long it took, if that is not the time of the call.
    pub work: Work,
}

impl Subject {
    /// A subject whose call is timed.
    pub fn timed(
        name: impl Into<String>,
        ours: bool,
        mut work: impl FnMut() -> Result<(), Box<dyn Error>> + 'static,
    ) -> Self {
        Self { name: name.into(), ours, work: Box::new(move || work().map(|()| None)) }
    }
}

/// What the rounds of a case gave.
pub struct CaseResult {
    pub name: String,
    pub unit: &'static str,
    pub subjects: Vec<SubjectResult>,
}

pub struct SubjectResult {
    pub name: String,
    pub ours: bool,
    /// Wall time of each round, in the case's unit.
    pub wall: Vec<f64>,
    /// CPU time of each round, of this process and its children, in the same unit.
    pub cpu: Vec<f64>,
}

impl CaseResult {
    pub fn rounds(&self) -> usize {
        self.subjects.first().map_or(0, |subject| subject.wall.len())
    }
}

const ROUNDS: usize = 21;
const FEWEST_ROUNDS: usize = 3;

/// Runs the rounds; with a budget, as many of them as fit.
pub fn run(case: &mut Case, budget: Option<Duration>) -> Result<CaseResult, Box<dyn Error>> {
    let start = Instant::now();
    let mut subjects: Vec<SubjectResult> = case
        .subjects
        .iter()
        .map(|s| SubjectResult {
            name: s.name.clone(),
            ours: s.ours,
            wall: Vec::new(),
            cpu: Vec::new(),
        })
        .collect();
    // Caches, page tables and lazily started threads are everybody's first time.
    for subject in &mut case.subjects {
        (subject.work)()?;
    }
    let count = case.subjects.len();
    for round in 0..ROUNDS {
        if budget.is_some_and(|budget| round >= FEWEST_ROUNDS && start.elapsed() > budget) {
            break;
        }
        for turn in 0..count {
            let index = (round + turn) % count;
            let subject = &mut case.subjects[index];
            let cpu = cpu_time()?;
            let begin = Instant::now();
            let told = (subject.work)()?;
            let wall = told.unwrap_or_else(|| begin.elapsed());
            let cpu = cpu_time()?.saturating_sub(cpu);
            subjects[index].wall.push(wall.as_secs_f64() * case.per_second);
            subjects[index].cpu.push(cpu.as_secs_f64() * case.per_second);
        }
    }
    Ok(CaseResult { name: case.name.clone(), unit: case.unit, subjects })
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

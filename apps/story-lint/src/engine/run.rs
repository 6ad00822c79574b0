use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gonex::{PanicHook, Pool, TaskError};

use super::collect::StoryRun;
use super::job::{Done, Job, Prepared, Workshop};
use super::report::{Phase, Problem, Progress, RunReport, Stats};
use crate::story::{Discovery, StoryPlan};
use crate::validator::AnyValidator;

/// How to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EngineOptions {
    /// Worker threads; `None` is as many as the machine runs at once.
    pub threads: Option<NonZeroUsize>,
    /// Whether to take samples of cores and memory for [`Stats::parallel`].
    pub sample: bool,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The system has no thread for a worker.
    #[error("cannot start the worker threads: {0}; try fewer with `--threads`")]
    Threads(#[source] std::io::Error),
    /// The pool did not finish its work, which is a fault of this program.
    #[error("the pool failed: {0}")]
    Pool(String),
}

type Workers = Pool<Job, Done>;

/// How often cores and memory are looked at.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(10);

/// Checks what was found with the validators.
///
/// Each phase is a batch of the pool, the longest task first; between two phases their results
/// are put together in the order of stories and files. So the report does not depend on how many
/// threads there are, nor on which is faster.
///
/// # Errors
/// Only if the pool cannot work at all; everything else is in the report.
pub fn run(
    discovery: Discovery,
    validators: Vec<Box<dyn AnyValidator>>,
    options: &EngineOptions,
    progress: &Arc<dyn Progress>,
) -> Result<RunReport, EngineError> {
    let Discovery { stories, mut problems, elapsed } = discovery;
    progress.start(stories.iter().map(|story| story.files.len() as u64).sum());
    let workshop = Arc::new(Workshop { validators, progress: progress.clone() });
    let pool = start_pool(options, workshop.clone())?;

    let measure = pool.measure(options.sample.then_some(SAMPLE_INTERVAL));
    let read_start = Instant::now();
    let mut runs = prepare(&pool, stories)?;
    read(&pool, &mut runs)?;
    let check_start = Instant::now();
    check(&pool, &mut runs)?;
    let collect_start = Instant::now();
    let parallel = measure.finish();

    let mut stats = Stats { parallel, ..Stats::default() };
    let mut stories = Vec::with_capacity(runs.len());
    for run in runs {
        stories.push(run.collect(&workshop.validators, &mut problems, &mut stats));
    }
    sort_problems(&mut problems);
    stats.phases = vec![
        (Phase::Discover, elapsed),
        (Phase::Read, check_start - read_start),
        (Phase::Check, collect_start - check_start),
        (Phase::Collect, collect_start.elapsed()),
    ];
    progress.finish();
    Ok(RunReport { stories, problems, stats })
}

fn start_pool(options: &EngineOptions, workshop: Arc<Workshop>) -> Result<Workers, EngineError> {
    // Panics are reported with the validator or the file they belong to.
    let mut builder = Pool::builder().name("story-lint").panic_hook(PanicHook::Quiet);
    if let Some(threads) = options.threads {
        builder = builder.workers(threads);
    }
    builder.build(move |job| workshop.run(job)).map_err(EngineError::Threads)
}

fn prepare(pool: &Workers, plans: Vec<StoryPlan>) -> Result<Vec<StoryRun>, EngineError> {
    let mut runs = Vec::new();
    for done in run_all(pool, plans.into_iter().map(Job::Prepare), |_| 1)? {
        if let Done::Prepared(prepared) = done.map_err(|error| fault(&error))? {
            runs.push(StoryRun::new(Arc::new(prepared)));
        }
    }
    Ok(runs)
}

fn read(pool: &Workers, runs: &mut [StoryRun]) -> Result<(), EngineError> {
    let jobs = runs
        .iter()
        .flat_map(|run| run.file_ids().map(|file| Job::Read { story: run.story.clone(), file }));
    let size = |job: &Job| match job {
        Job::Read { story, file } => story.plan.files[file.index()].size,
        Job::Prepare(_) | Job::Check(_) => 0,
    };
    let mut results = run_all(pool, jobs, size)?.into_iter();
    for run in runs {
        for (file, result) in run.file_ids().zip(&mut results) {
            run.take_file(file, result);
        }
    }
    Ok(())
}

fn check(pool: &Workers, runs: &mut [StoryRun]) -> Result<(), EngineError> {
    let jobs: Vec<Job> = runs.iter_mut().flat_map(StoryRun::check_jobs).collect();
    let bytes = |prepared: &Prepared| prepared.plan.files.iter().map(|file| file.size).sum();
    let size = |job: &Job| match job {
        Job::Check(job) => bytes(&job.story),
        Job::Prepare(_) | Job::Read { .. } => 0,
    };
    let mut results = run_all(pool, jobs, size)?.into_iter();
    for run in runs {
        for validator in run.awaited() {
            if let Some(result) = results.next()
                && let Done::Checked(checked) = result.map_err(|error| fault(&error))?
            {
                run.take_checked(validator, checked);
            }
        }
    }
    Ok(())
}

/// Runs the jobs of a phase, the largest first, and says how each ended, in the order given.
fn run_all(
    pool: &Workers,
    jobs: impl IntoIterator<Item = Job>,
    size: impl Fn(&Job) -> u64,
) -> Result<Vec<Result<Done, TaskError>>, EngineError> {
    let batch = pool.submit_batch(jobs, size).block();
    let mut batch = batch.map_err(|error| EngineError::Pool(error.to_string()))?;
    batch.join_each().block().map_err(|error| fault(&error))
}

fn fault(error: &TaskError) -> EngineError {
    EngineError::Pool(error.to_string())
}

fn sort_problems(problems: &mut Vec<Problem>) {
    problems.sort_by(|a, b| {
        crate::story::natural_cmp(&a.path, &b.path).then_with(|| a.message.cmp(&b.message))
    });
    problems.dedup();
}

use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::state::Bounds;
use super::world::World;
use super::{Failure, Report, env, hook, show};

/// Tries a program under many seeds; see the [module](super).
///
/// The environment goes before what is set here: `GONEX_SIM_SEED=17` tries that seed alone, and
/// `GONEX_SIM_SEEDS=100000` as many from the first on.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::rt;
/// use gonex_runtime::go;
/// use gonex_testkit::sim::Sim;
///
/// let report = Sim::new().seeds(0..20).run(|| {
///     let (start, hour) = (rt::now(), Duration::from_secs(3600));
///     let mut nap = go(move || rt::sleep(hour).block());
///     nap.join().block().unwrap();
///     assert!(rt::now() - start >= hour);
/// });
/// assert_eq!(report.runs, 20);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a simulation does nothing until `.run(..)`"]
pub struct Sim {
    seeds: Range<u64>,
    bounds: Bounds,
}

/// Tries a program under 1,000 seeds, with the bounds of [`Sim::new`].
///
/// # Panics
/// When a seed fails, with the seed, why, and the interleaving.
///
/// ```
/// use gonex_runtime::go;
/// use gonex_testkit::sim;
///
/// sim::check(|| assert_eq!(go(|| 6 * 7).join().block(), Ok(42)));
/// ```
#[track_caller]
pub fn check(body: impl Fn() + Send + Sync + 'static) -> Report {
    Sim::new().run(body)
}

impl Sim {
    /// 1,000 seeds, each with at most 100,000 steps and 1,000 threads at once.
    pub fn new() -> Self {
        let bounds = Bounds {
            steps: 100_000,
            time: None,
            threads: 1_000,
            lines: 200,
            step_time: Duration::from_micros(1),
            patience: Duration::from_secs(30),
            panics_are_outcomes: false,
        };
        Self { seeds: 0..1000, bounds }
    }

    /// The seeds to try, in this order.
    pub fn seeds(self, seeds: Range<u64>) -> Self {
        Self { seeds, ..self }
    }

    /// How many steps a run may take; by default 100,000. One that takes more fails: it is in a loop
    /// without end.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use gonex_core::rt;
    /// use gonex_testkit::sim::{Fault, Sim};
    ///
    /// let most = NonZeroU64::new(50).unwrap();
    /// let endless = || loop {
    ///     rt::yield_now().block();
    /// };
    /// let failure = Sim::new().max_steps(most).find(endless).unwrap_err();
    /// assert_eq!(*failure.fault(), Fault::Steps(50));
    /// ```
    pub fn max_steps(mut self, steps: NonZeroU64) -> Self {
        self.bounds.steps = steps.get();
        self
    }

    /// How much simulated time may pass while all wait; by default any.
    ///
    /// ```
    /// use std::time::Duration;
    /// use gonex_core::rt;
    /// use gonex_testkit::sim::{Fault, Sim};
    ///
    /// let minute = Duration::from_secs(60);
    /// let hour = || rt::sleep(Duration::from_secs(3600)).block();
    /// let failure = Sim::new().max_time(minute).find(hour).unwrap_err();
    /// assert_eq!(*failure.fault(), Fault::Time(minute));
    /// ```
    pub fn max_time(mut self, time: Duration) -> Self {
        self.bounds.time = Some(time);
        self
    }

    /// How many threads a run may have at once, tasks included; by default 1,000.
    pub fn max_threads(mut self, threads: NonZeroUsize) -> Self {
        self.bounds.threads = threads.get();
        self
    }

    /// How many lines of the interleaving are kept, the last ones; by default 200.
    pub fn lines(mut self, lines: NonZeroUsize) -> Self {
        self.bounds.lines = lines.get();
        self
    }

    /// How much simulated time a step takes; by default a microsecond. Beside that, time moves only
    /// when all wait: then to the next timer.
    pub fn step_time(mut self, time: Duration) -> Self {
        self.bounds.step_time = time;
        self
    }

    /// How long, by the clock on the wall, one turn may last; by default 30 seconds. It is there for
    /// what blocks outside of the simulation.
    pub fn patience(mut self, patience: Duration) -> Self {
        self.bounds.patience = patience;
        self
    }

    /// Leaves a panic in a task to those who join it, as it is elsewhere; only one that leaves the body
    /// fails the run. By default any does.
    ///
    /// ```
    /// use gonex_runtime::go;
    /// use gonex_testkit::sim::Sim;
    ///
    /// let fails = || {
    ///     let mut task = go(|| panic!("a bad page"));
    ///     let ended: Result<(), _> = task.join().block();
    ///     assert!(ended.is_err());
    /// };
    /// assert!(Sim::new().find(fails).is_err());
    /// Sim::new().panics_are_outcomes().run(fails);
    /// ```
    pub fn panics_are_outcomes(mut self) -> Self {
        self.bounds.panics_are_outcomes = true;
        self
    }

    /// Tries the program under each seed.
    ///
    /// # Panics
    /// When a seed fails, with the seed, why, and the interleaving. When a variable of the environment
    /// is no number, or the system has no threads.
    #[track_caller]
    pub fn run(&self, body: impl Fn() + Send + Sync + 'static) -> Report {
        match self.find(body) {
            Ok(report) => report,
            Err(failure) => panic!("{failure}"),
        }
    }

    /// Tries the program under each seed, up to the first that fails.
    ///
    /// # Errors
    /// That seed, why it failed, and the interleaving.
    ///
    /// # Panics
    /// When a variable of the environment is no number, or the system has no threads.
    pub fn find(&self, body: impl Fn() + Send + Sync + 'static) -> Result<Report, Box<Failure>> {
        hook::install();
        let body = Arc::new(body);
        let mut report = Report { runs: 0, steps: 0, longest: Duration::ZERO, last: String::new() };
        let mut last = None;
        for seed in env::seeds(self.seeds.clone()) {
            let world = World::new(seed, self.bounds);
            let body = body.clone();
            world.play(move || body());
            let state = world.lock();
            if let Some(fault) = &state.fault {
                let (fault, threads_left) = (fault.clone(), state.alive());
                let interleaving = show::interleaving(&state.trace);
                return Err(Box::new(Failure { seed, fault, interleaving, threads_left }));
            }
            report.runs += 1;
            report.steps += state.steps;
            report.longest = report.longest.max(state.elapsed());
            drop(state);
            last = Some(world);
        }
        // To write it takes longer than most runs.
        let shown = last.map(|world| show::interleaving(&world.lock().trace));
        report.last = shown.unwrap_or_default();
        Ok(report)
    }
}

impl Default for Sim {
    fn default() -> Self {
        Self::new()
    }
}

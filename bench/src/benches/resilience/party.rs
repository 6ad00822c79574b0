//! Who makes calls, on how many threads, and with how many policies.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::thread;

use tokio::runtime::{Builder, Runtime};

use crate::rounds::{Case, Subject, Told};
use crate::standing::Standing;

pub type Failed = Box<dyn Error + Send + Sync>;

/// Makes so many calls. The loop is inside, so that a call through a pointer is no part of what is measured.
pub type Calls = Arc<dyn Fn(&Runtime, usize) -> Result<(), Failed> + Send + Sync>;

/// Makes a policy, and what calls through it.
type Make = Box<dyn Fn() -> Result<Calls, Box<dyn Error>>>;

pub struct Party {
    name: &'static str,
    standing: Standing,
    make: Make,
    /// Whether threads can share what it makes.
    shares: bool,
}

/// A runtime of one thread for each thread that makes calls.
pub struct Drivers([Runtime; 2]);

impl Drivers {
    pub fn new() -> Result<Arc<Self>, Box<dyn Error>> {
        let one = || Builder::new_current_thread().enable_time().build();
        Ok(Arc::new(Self([one()?, one()?])))
    }
}

impl Party {
    pub fn new(
        name: &'static str,
        standing: Standing,
        make: impl Fn() -> Result<Calls, Box<dyn Error>> + 'static,
    ) -> Self {
        Self { name, standing, make: Box::new(make), shares: true }
    }

    pub fn ours(
        name: &'static str,
        make: impl Fn() -> Result<Calls, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::new(name, Standing::Ours, make)
    }

    pub fn rival(
        name: &'static str,
        make: impl Fn() -> Result<Calls, Box<dyn Error>> + 'static,
    ) -> Self {
        Self::new(name, Standing::Rival, make)
    }

    /// The same, which is left out where threads share.
    pub fn of_one_thread(self) -> Self {
        Self { shares: false, ..self }
    }
}

/// Calls that end at once. Each is told its number, and says whether it ended as it should.
pub fn calls(once: impl Fn(usize) -> bool + Send + Sync + 'static) -> Calls {
    Arc::new(move |_, count| {
        let wrong = (0..count).filter(|&n| !black_box(once(n))).count();
        as_they_should(wrong, count)
    })
}

/// Calls that are awaited.
pub fn awaits(once: impl AsyncFn(usize) -> bool + Send + Sync + 'static) -> Calls {
    Arc::new(move |runtime, count| {
        let wrong = runtime.block_on(async {
            let mut wrong = 0;
            for n in 0..count {
                wrong += usize::from(!black_box(once(n).await));
            }
            wrong
        });
        as_they_should(wrong, count)
    })
}

pub fn as_they_should(wrong: usize, count: usize) -> Result<(), Failed> {
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} of {count} calls went wrong").into()) }
}

/// One thread, two that share a policy, and two that have one each.
pub fn cases(
    name: &str,
    count: usize,
    drivers: &Arc<Drivers>,
    parties: Vec<Party>,
) -> Result<Vec<Case>, Box<dyn Error>> {
    // What has timers gets those of the thread that it is for.
    let make = |party: &Party, thread: usize| {
        let Drivers(runtimes) = &**drivers;
        let _entered = runtimes[thread].enter();
        (party.make)()
    };
    let alone = |party: &Party| Ok(vec![make(party, 0)?]);
    let on_one = |party: &Party| {
        let shared = make(party, 0)?;
        Ok(vec![shared.clone(), shared])
    };
    let one_each = |party: &Party| Ok(vec![make(party, 0)?, make(party, 1)?]);
    type Shape<'a> = (&'a str, &'a dyn Fn(&Party) -> Result<Vec<Calls>, Box<dyn Error>>);
    let shapes: [Shape<'_>; 3] = [
        ("one thread", &alone),
        ("two threads on one", &on_one),
        ("two threads, one each", &one_each),
    ];
    let mut cases = Vec::new();
    for (shape, make) in shapes {
        let shared = shape == "two threads on one";
        let mut subjects = Vec::new();
        for party in parties.iter().filter(|party| party.shares || !shared) {
            let (threads, drivers) = (make(party)?, drivers.clone());
            subjects.push(Subject::new(party.name, party.standing, move || {
                run(&threads, &drivers, count).map_err(|failed| failed.to_string())?;
                Ok(Told::Nothing)
            }));
        }
        cases.push(Case::new(format!("{name}, {shape}"), "ns/call", count, subjects));
    }
    Ok(cases)
}

fn run(threads: &[Calls], drivers: &Drivers, count: usize) -> Result<(), Failed> {
    let Drivers(runtimes) = drivers;
    if let [alone] = threads {
        return alone(&runtimes[0], count);
    }
    let threads = threads.iter().zip(runtimes);
    thread::scope(|scope| {
        let started: Vec<_> =
            threads.map(|(calls, runtime)| scope.spawn(move || calls(runtime, count))).collect();
        let ended =
            started.into_iter().map(|thread| thread.join().map_err(|_| "a thread panicked")?);
        ended.collect()
    })
}

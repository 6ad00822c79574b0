//! Everybody's threads, as many for each as the machine has cores.

use std::error::Error;
use std::num::NonZeroUsize;
use std::time::Duration;

use forte::ThreadPool as Forte;
use gonex::Runtime;

use crate::benches::tasks::cores;
use crate::rounds::{Subject, Told};
use crate::standing::Standing;

pub static FORTE: Forte = Forte::new();

/// A thread for each task is so slow that a round starts only so many; times are for one all the same.
const THREADS: usize = 1_000;

/// Handles of the pools; rayon's and Forte's are global.
#[derive(Clone)]
pub struct Pools {
    pub gonex: Runtime,
    pub rusty: rusty_pool::ThreadPool,
    pub threads: threadpool::ThreadPool,
}

impl Pools {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let threads = NonZeroUsize::new(cores()).ok_or("there is a core")?;
        FORTE.resize_to(cores());
        Ok(Self {
            gonex: Runtime::builder().threads(threads).build()?,
            rusty: rusty_pool::ThreadPool::new(cores(), cores(), Duration::from_secs(60)),
            threads: threadpool::ThreadPool::new(cores()),
        })
    }
}

pub fn ours(name: &str, work: impl FnMut() + 'static) -> Subject {
    timed(name, true, work)
}

pub fn rival(name: &str, work: impl FnMut() + 'static) -> Subject {
    timed(name, false, work)
}

fn timed(name: &str, ours: bool, mut work: impl FnMut() + 'static) -> Subject {
    Subject::timed(name, ours, move || {
        work();
        Ok(())
    })
}

/// How many of so many a round starts with a thread for each.
pub fn few(count: usize) -> usize {
    count.min(THREADS)
}

/// The standard library with a thread for each task: so few of them that the bench ends, as the name
/// says.
pub fn thread_each(
    name: &str,
    count: usize,
    mut work: impl FnMut(usize) -> Result<(), Box<dyn Error>> + 'static,
) -> Subject {
    let few = few(count);
    Subject::new(format!("{name}, only {few}"), Standing::Rival, move || {
        work(few)?;
        Ok(Told::Share(few as f64 / count as f64))
    })
}

//! A scene on the threads of a real pool. Its tasks wait instead of computing, as for a disk or for another
//! service: so eight workers can be busy on any machine, and a slow one is slow.

use std::error::Error;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gonex::Pool;
use gonex_runtime::balance::Balancer;
use gonex_runtime::pool::JobOptions;
use gonex_testkit::balance::{Feed, Scene};

/// How many tasks of a scene are run, and by how much their times are shorter than in the scene.
pub const TASKS: usize = 600;
pub const SHORTER: u32 = 5;

/// What was measured.
pub struct Measured {
    pub makespan: Duration,
    pub p99: Duration,
}

/// A task on its way: its index in the scene, and when it came.
type Task = (usize, Instant);

/// Runs the first tasks of a scene.
pub fn run(
    scene: &Scene,
    feed: Feed,
    balancer: Box<dyn Balancer>,
) -> Result<Measured, Box<dyn Error>> {
    let workers = NonZeroUsize::new(scene.workers.len()).ok_or("a scene has workers")?;
    let room = match feed {
        Feed::Stream => TASKS,
        Feed::Batch { room } => room,
    };
    let took = Arc::new(Mutex::new(Vec::with_capacity(TASKS)));
    let start = Instant::now();
    let handler = {
        let (scene, took) = (scene.clone(), took.clone());
        move |worker: &mut usize, (index, came): Task| {
            let task = &scene.tasks[index];
            let at = start.elapsed() * SHORTER;
            let time = scene.workers[*worker].time(task.view.kind, task.cost, at);
            thread::sleep(time / SHORTER);
            took.lock().expect("nobody panics under it").push(came.elapsed());
        }
    };
    let pool: Pool<Task, ()> = Pool::builder()
        .workers(workers)
        .capacity(NonZeroUsize::new(room).ok_or("a batch has room")?)
        .own_queue(TASKS)
        .balance(balancer)
        .build_stateful(|start| Ok(start.slot), handler)?;
    let mut handles = Vec::with_capacity(TASKS);
    let mut comes = Instant::now();
    for (index, task) in scene.tasks.iter().take(TASKS).enumerate() {
        if feed == Feed::Stream {
            comes += task.gap / SHORTER;
            thread::sleep(comes.saturating_duration_since(Instant::now()));
        }
        let mut options = JobOptions::new().kind(task.view.kind).size(task.view.size);
        if let Some(key) = task.view.key {
            options = options.key(key.get());
        }
        handles.push(pool.submit_with((index, Instant::now()), &options).block()?);
    }
    for mut handle in handles {
        handle.join().block()?;
    }
    let makespan = start.elapsed();
    let mut took = std::mem::take(&mut *took.lock().expect("nobody panics under it"));
    took.sort_unstable();
    let p99 = *took.get(took.len() * 99 / 100).ok_or("there are tasks")?;
    Ok(Measured { makespan, p99 })
}

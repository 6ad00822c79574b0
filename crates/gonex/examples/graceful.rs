//! A group of workers that ends in order when it is asked to: what was taken is finished, more is refused, and a
//! report says so.
//!
//! ```text
//! cargo run -p gonex --example graceful
//! ```
//!
//! End it with Ctrl-C or `kill`; a second signal would end it at once.

use std::error::Error;
use std::time::Duration;

use gonex::{Context, Group, Receiver, Runtime, Sender, channel, rt};

#[cfg(unix)]
use gonex::signals;

/// How long the workers may take to finish. A test must not depend on how busy its machine is.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 600 } else { 30 });

const WORKERS: usize = 4;

/// One job: the sum of what is below a number.
fn job(n: u64) -> u64 {
    (0..n).sum()
}

/// What a worker does: jobs until there are none, and no more will come.
fn worker(jobs: &Receiver<u64>, begun: &Sender<()>) -> usize {
    let mut done = 0;
    for n in jobs {
        std::hint::black_box(job(n));
        done += 1;
        // Only the first is news.
        begun.try_send(()).ok();
    }
    done
}

/// Takes jobs until its context ends. How many.
fn take(jobs: &Sender<u64>) -> u64 {
    let mut taken = 0;
    // The send waits while the workers are busy, and fails when the context has ended.
    while jobs.send(taken % 10_000).block().is_ok() {
        taken += 1;
    }
    taken
}

/// Works until a context ends, and then finishes.
fn serve(asked: &Context, begun: &Sender<()>) -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    // Who takes jobs stops when that is asked for; who does them, when there are no more.
    let (tx, rx) = channel(64);
    let mut taker = asked.run(|| runtime.go(move || take(&tx)));
    let mut workers = runtime.enter(Group::new);
    for _ in 0..WORKERS {
        let (rx, begun) = (rx.clone(), begun.clone());
        runtime.enter(|| workers.spawn(move || worker(&rx, &begun)).block());
    }
    println!("{}", asked.done().block());

    let report = runtime.shutdown(rt::now() + PATIENCE).block();
    let done: usize = workers.wait().block()?.iter().sum();
    println!("jobs: {} taken, {done} done", taker.join().block()?);
    if let Err(error) = runtime.go(|| job(1)).join().block() {
        println!("one more: {error}");
    }
    print!("{report}");
    if report.is_clean() { Ok(()) } else { Err("not all has ended in time".into()) }
}

#[cfg(unix)]
fn main() -> Result<(), Box<dyn Error>> {
    let asked = signals::context()?;
    let (begun, first) = channel(1);
    let telling = gonex::go(move || {
        first.recv().block().ok();
        println!("working, as process {}", std::process::id());
    });
    serve(&asked, &begun)?;
    drop(begun);
    telling.into_future().block()?;
    Ok(())
}

#[cfg(not(unix))]
fn main() {}

#[cfg(all(test, unix))]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use rustix::process::{Pid, Signal, kill_process};

    use super::*;

    const ROLE: &str = "GONEX_GRACEFUL_RUNS";

    /// The program itself, in the process that the other test starts.
    #[test]
    fn the_program() {
        if std::env::var_os(ROLE).is_some() {
            main().unwrap();
        }
    }

    #[test]
    fn it_finishes_what_it_has_taken_when_it_is_asked_to_end() {
        for (signal, said) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
            let mut program = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "tests::the_program", "--nocapture"])
                .env(ROLE, "1")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
            let mut next = |start: &str| {
                let mut lines = lines.by_ref().map(Result::unwrap);
                lines.find_map(|line| Some(line[line.find(start)?..].to_owned())).unwrap()
            };
            next("working");
            kill_process(Pid::from_child(&program), signal).unwrap();
            assert_eq!(next("cancelled"), format!("cancelled: asked to end by {said}"));
            let jobs = next("jobs: ");
            let numbers: Vec<u64> = jobs.split(' ').filter_map(|word| word.parse().ok()).collect();
            assert!(numbers[0] > 0 && numbers[0] == numbers[1], "{jobs}");
            next("one more: the task was refused");
            let tasks = next("tasks: ");
            assert!(tasks.ends_with("0 were lost, 0 linger, 0 were refused"), "{tasks}");
            assert!(program.wait().unwrap().success());
        }
    }
}

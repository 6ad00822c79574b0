//! Kinds that break what workers owe, each in its own way, and the cases that find it.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use gonex_core::rt;
use gonex_runtime::pool::kind::{Abilities, Assignment, Finished, Link, Start, Worker, WorkerKind};
use gonex_testkit::place::Report;
use gonex_testkit::worker::{Conformance, Probe};

type Task = Assignment<Probe, u64>;
type ToPool = Link<Probe, u64>;

/// In which way a worker is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    NeverReady,
    ReadyTwice,
    TellsTwice,
    LosesEveryThird,
    DiesOfPanics,
    RunsInTheCall,
    RunsWhatIsCancelled,
    GoesWhileItRuns,
    GoesTwice,
    NeverGoes,
    RunsAfterTheEnd,
    HasFewerSlots,
    SurvivesKills,
}

/// One thread that runs one task after the other, but for its fault.
struct Broken(Fault);

struct Way {
    fault: Fault,
    link: ToPool,
    tasks: Mutex<Option<mpsc::Sender<Task>>>,
    has_gone: AtomicBool,
}

impl WorkerKind<Probe, u64> for Broken {
    fn abilities(&self) -> Abilities {
        let abilities = Abilities::new("broken worker");
        match self.0 {
            Fault::HasFewerSlots => abilities.slots(2.try_into().unwrap()),
            Fault::SurvivesKills => abilities.ends_when_killed(),
            _ => abilities,
        }
    }

    fn start(&self, _: &Start, link: ToPool) -> io::Result<Arc<dyn Worker<Probe, u64>>> {
        let (sender, tasks) = mpsc::channel();
        let (fault, theirs) = (self.0, link.clone());
        drop(rt::spawn_thread("broken".to_owned(), move || live(fault, &theirs, &tasks))?);
        let tasks = Mutex::new(Some(sender));
        Ok(Arc::new(Way { fault, link, tasks, has_gone: AtomicBool::new(false) }))
    }
}

fn live(fault: Fault, link: &ToPool, tasks: &mpsc::Receiver<Task>) {
    match fault {
        Fault::NeverReady => {}
        Fault::ReadyTwice => (0..2).for_each(|_| link.ready()),
        _ => link.ready(),
    }
    for (n, task) in tasks.iter().enumerate() {
        let (no, now) = (task.no(), rt::now());
        match fault {
            Fault::LosesEveryThird if n % 3 == 2 => drop(task),
            Fault::DiesOfPanics => {
                let job = task.job().clone();
                link.ended(Finished::new(no, now, Ok(job.run())));
            }
            Fault::RunsWhatIsCancelled => {
                let answer = task.job().clone().run();
                link.ended(Finished::new(no, now, Ok(answer)));
            }
            _ => {
                link.ended(task.run(Probe::run));
                if fault == Fault::TellsTwice {
                    link.ended(Finished::new(no, now, Ok(0)));
                }
            }
        }
    }
    match fault {
        Fault::NeverGoes | Fault::GoesWhileItRuns => {}
        Fault::GoesTwice => (0..2).for_each(|_| link.gone(None)),
        _ => link.gone(None),
    }
}

impl Worker<Probe, u64> for Way {
    fn assign(&self, task: Task) {
        if self.fault == Fault::RunsInTheCall {
            return self.link.ended(task.run(Probe::run));
        }
        match &*self.tasks.lock().unwrap() {
            Some(tasks) => drop(tasks.send(task)),
            None if self.fault == Fault::RunsAfterTheEnd => drop(task.run(Probe::run)),
            None => {}
        }
    }

    fn stop(&self) {
        *self.tasks.lock().unwrap() = None;
        let goes = self.fault == Fault::GoesWhileItRuns;
        if goes && !self.has_gone.swap(true, Ordering::SeqCst) {
            self.link.gone(None);
        }
    }

    fn kill(&self) {
        self.stop();
    }
}

fn check(fault: Fault) -> Report {
    // Those that lose something make cases wait, and they are not waited for long.
    Conformance::new(move || Broken(fault)).limit(Duration::from_millis(400)).check()
}

#[track_caller]
fn assert_failed(fault: Fault, case: &str) {
    let report = check(fault);
    let failed: Vec<_> = report.failures().map(|failure| failure.case).collect();
    assert!(failed.contains(&case), "{fault:?}: {case} was to fail; {report}");
}

#[test]
fn each_fault_is_found() {
    for (fault, case) in [
        (Fault::NeverReady, "ready"),
        (Fault::ReadyTwice, "ready"),
        (Fault::TellsTwice, "results"),
        (Fault::LosesEveryThird, "results"),
        (Fault::DiesOfPanics, "panics"),
        (Fault::RunsInTheCall, "not within the call"),
        (Fault::RunsWhatIsCancelled, "cancelled before"),
        (Fault::GoesWhileItRuns, "stop"),
        (Fault::GoesTwice, "stop twice"),
        (Fault::NeverGoes, "stop"),
        (Fault::RunsAfterTheEnd, "after the end"),
        (Fault::HasFewerSlots, "slots"),
        (Fault::SurvivesKills, "kill"),
    ] {
        assert_failed(fault, case);
    }
}

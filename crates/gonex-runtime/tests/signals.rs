//! Signals as a context: real signals, sent to real processes.
//!
//! Each test starts this binary again as the process that gets the signals. The two talk by lines, so none
//! waits for a time.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use gonex_core::Stop;
use gonex_runtime::signals::{self, Again, Signal, Signals};
use gonex_runtime::{Runtime, go};
use gonex_task::TaskError;
use rustix::process::{Pid, Signal as Sent, kill_process};

const ROLE: &str = "GONEX_TEST_ROLE";

/// A process that plays a role, and what it says.
struct Process {
    child: Child,
    lines: mpsc::Receiver<String>,
}

impl Process {
    fn start(role: &str) -> Self {
        Self::start_as(&mut Command::new(std::env::current_exe().unwrap()), role)
    }

    fn start_as(command: &mut Command, role: &str) -> Self {
        let mut child = command
            .args(["--exact", "the_other_process", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (said, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // The harness speaks in between.
                if let Some((_, line)) = line.split_once("> ") {
                    said.send(line.to_owned()).ok();
                }
            }
        });
        Self { child, lines }
    }

    #[track_caller]
    fn says(&mut self, expected: &str) {
        match self.lines.recv_timeout(Duration::from_secs(60)) {
            Ok(line) => assert_eq!(line, expected),
            Err(error) => {
                self.child.kill().ok();
                panic!("it did not say {expected:?}: {error}");
            }
        }
    }

    fn send(&self, signal: Sent) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Lets it go on from a `hears`.
    fn tell(&mut self) {
        writeln!(self.child.stdin.as_ref().unwrap(), "go on").unwrap();
    }

    fn ends(mut self) -> ExitStatus {
        drop(self.child.stdin.take());
        // Its end of the pipe is closed when it has ended.
        while self.lines.recv_timeout(Duration::from_secs(60)).is_ok() {}
        self.child.wait().unwrap()
    }
}

fn say(line: &str) {
    println!("> {line}");
}

fn hear() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
}

/// The process that gets the signals; as a test of its own it has nothing to do.
#[test]
fn the_other_process() {
    let Ok(role) = std::env::var(ROLE) else { return };
    match &*role {
        "asked" => {
            let asked = signals::context().unwrap();
            say("listening");
            let stop = asked.done().block();
            say(&stop.to_string());
            say(&format!("{:?}", asked.caught()));
        }
        "async" => {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let asked = Signals::new().on(Signal::Hangup).context().unwrap();
            say("listening");
            say(&runtime.block_on(asked.done()).to_string());
        }
        "tasks" => {
            let runtime = Runtime::new().unwrap();
            let asked = signals::context().unwrap();
            let (tx, rx) = gonex_sync::channel::<()>(0);
            let (closure, future) = asked.run(|| {
                let theirs = rx.clone();
                let closure = runtime.go(move || theirs.recv().block().is_err());
                (closure, runtime.go(async move { rx.recv().await.is_err() }))
            });
            say("listening");
            for mut task in [closure, future] {
                match task.join().block() {
                    Ok(true) => say("a task was told"),
                    Err(TaskError::Cancelled(cause)) => {
                        assert!(cause.error().is::<Signal>());
                        say("a task was told");
                    }
                    other => say(&format!("{other:?}")),
                }
            }
            drop(tx);
        }
        "stuck" => {
            let asked = signals::context().unwrap();
            say("listening");
            asked.done().block();
            say("stopping");
            loop {
                thread::park();
            }
        }
        "patient" => {
            let again = Again::call(|signal| say(&format!("again {}", signal.name())));
            let asked = Signals::new().again(again).context().unwrap();
            let deaf = Signals::new().again(Again::Ignore).context().unwrap();
            say("listening");
            asked.done().block();
            deaf.done().block();
            say("stopping");
            hear();
        }
        "restored" => {
            let asked = signals::context().unwrap();
            let other = Signals::none().on(Signal::Interrupt).context().unwrap();
            drop(asked);
            say("listening");
            say(&other.done().block().to_string());
            drop(other);
            say("restored");
            loop {
                thread::park();
            }
        }
        "ignoring" => {
            // Started with SIGHUP ignored, as by nohup.
            drop(Signals::none().on(Signal::Hangup).context().unwrap());
            say("deaf again");
            hear();
            say("still here");
        }
        "beside tokio" => {
            use tokio::signal::unix::{SignalKind, signal};
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut theirs = signal(SignalKind::terminate()).unwrap();
                let asked = signals::context().unwrap();
                say("listening");
                theirs.recv().await;
                asked.done().await;
                drop(asked);
                say("both were told");
                theirs.recv().await;
                say("tokio was told");
            });
        }
        other => panic!("there is no role {other:?}"),
    }
}

#[test]
fn a_context_is_cancelled_by_the_signal_and_says_which() {
    for (sent, signal) in [(Sent::TERM, Signal::Terminate), (Sent::INT, Signal::Interrupt)] {
        let mut process = Process::start("asked");
        process.says("listening");
        process.send(sent);
        process.says(&Stop::Cancelled(signal.into()).to_string());
        process.says(&format!("Some({signal:?})"));
        assert!(process.ends().success());
    }
}

#[test]
fn async_code_waits_for_it_on_any_runtime() {
    let mut process = Process::start("async");
    process.says("listening");
    process.send(Sent::HUP);
    process.says("cancelled: asked to end by SIGHUP");
    assert!(process.ends().success());
}

#[test]
fn tasks_in_the_context_end_with_it() {
    let mut process = Process::start("tasks");
    process.says("listening");
    process.send(Sent::TERM);
    process.says("a task was told");
    process.says("a task was told");
    assert!(process.ends().success());
}

#[test]
fn a_second_signal_ends_a_process_that_does_not_end_by_itself() {
    let mut process = Process::start("stuck");
    process.says("listening");
    process.send(Sent::TERM);
    process.says("stopping");
    process.send(Sent::INT);
    assert_eq!(process.ends().signal(), Some(Sent::INT.as_raw()), "as the signal always did");
}

#[test]
fn a_second_signal_can_be_handed_to_a_function_or_ignored() {
    let mut process = Process::start("patient");
    process.says("listening");
    process.send(Sent::TERM);
    process.says("stopping");
    process.send(Sent::TERM);
    process.says("again SIGTERM");
    process.send(Sent::INT);
    process.says("again SIGINT");
    process.tell();
    assert!(process.ends().success());
}

#[test]
fn a_signal_means_what_it_did_once_the_last_context_is_dropped() {
    let mut process = Process::start("restored");
    process.says("listening");
    process.send(Sent::INT);
    process.says("cancelled: asked to end by SIGINT");
    process.says("restored");
    process.send(Sent::TERM);
    assert_eq!(process.ends().signal(), Some(Sent::TERM.as_raw()));
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_was_ignored_before_is_ignored_again() {
    let exe = std::env::current_exe().unwrap();
    let mut process = Process::start_as(Command::new("nohup").arg(exe), "ignoring");
    process.says("deaf again");
    process.send(Sent::HUP);
    process.tell();
    process.says("still here");
    assert!(process.ends().success());
}

#[test]
#[cfg(target_os = "linux")]
fn tokio_is_told_as_well_and_keeps_listening() {
    let mut process = Process::start("beside tokio");
    process.says("listening");
    process.send(Sent::TERM);
    process.says("both were told");
    process.send(Sent::TERM);
    process.says("tokio was told");
    assert!(process.ends().success());
}

#[test]
fn nothing_is_asked_of_the_system_for_bad_input() {
    let error = Signals::none().context().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains(".on(..)"), "{error}");
}

#[test]
fn a_context_around_stops_it_too() {
    let (outer, canceller) = gonex_core::Context::background().with_cancel();
    let asked = Signals::new().within(&outer).context().unwrap();
    let mut task = asked.run(|| go(|| gonex_core::Context::current().done().block()));
    canceller.cancel("enough");
    assert!(!matches!(task.join().block(), Err(TaskError::Lost { .. })));
    assert_eq!(asked.caught(), None, "it was no signal");
}

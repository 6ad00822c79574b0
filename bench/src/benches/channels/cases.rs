//! The matrix: which subjects do which cells.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::cell::{Capacity, Cell, Mode, Shape};
use super::link::{Async, Blocking};
use super::party::Run;
use super::rivals::{
    async_channel::AsyncChannel,
    crossbeam::Crossbeam,
    crossfire as fire,
    flume::Flume,
    gonex::Gonex,
    kanal::{Kanal, KanalAsync},
    std_mpsc::{StdBounded, StdUnbounded},
    tokio_mpsc::{TokioBounded, TokioUnbounded},
};
use super::{tasks, threads};
use crate::benches::{Made, Options};
use crate::go::{Beside, Each};
use crate::rounds::{Case, Subject, Told};
use crate::soundness::Marks;
use crate::standing::Standing;

/// The packages whose versions stand above the figures; std's comes with the compiler.
pub const RIVALS: [&str; 6] =
    ["crossbeam-channel", "flume", "kanal", "crossfire", "async-channel", "tokio"];

/// A run that took this many times the upper end of the aim is given fewer messages.
const LONGEST: Duration = Duration::from_millis(120);

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    // As its documentation asks of every user.
    crossfire::detect_backoff_cfg();
    let marks = Marks::take();
    let mut notes: Vec<String> =
        marks.to_string().lines().map(|line| format!("defect    {line}")).collect();
    let go = Beside::start("channels");
    notes.push(go.note.clone());
    let runtimes = Runtimes::start()?;
    let cases = Cell::all()
        .into_iter()
        .map(|cell| {
            let count = cell.count(options.quick);
            let mut subjects = Subjects { cell, count, list: Vec::new(), marks: &marks };
            if cell.mode.is_async() {
                subjects.tasks(&runtimes);
                subjects.go(&go);
            } else {
                subjects.threads();
            }
            Case::new(cell.to_string(), "ns/message", count as usize, subjects.list)
        })
        .collect();
    Ok(Made { cases, notes })
}

/// One runtime of each kind for all cells, as programs have one.
struct Runtimes {
    multi: Arc<Runtime>,
    current: Arc<Runtime>,
}

impl Runtimes {
    fn start() -> std::io::Result<Self> {
        Ok(Self {
            multi: Arc::new(Builder::new_multi_thread().worker_threads(2).enable_time().build()?),
            current: Arc::new(Builder::new_current_thread().enable_time().build()?),
        })
    }
}

/// Collects those who can do a cell.
struct Subjects<'a> {
    cell: Cell,
    count: u64,
    list: Vec<Subject>,
    marks: &'a Marks,
}

impl Subjects<'_> {
    fn threads(&mut self) {
        self.thread::<Gonex>("gonex");
        self.thread::<Crossbeam>("crossbeam-channel");
        self.thread::<Flume>("flume");
        self.thread::<Kanal>("kanal");
        self.thread::<fire::MpmcArray>("crossfire");
        self.thread::<fire::MpmcList>("crossfire");
        if self.is_one_to_one() {
            self.thread::<fire::SpscArray>("crossfire spsc");
            self.thread::<fire::SpscList>("crossfire spsc");
        } else {
            self.thread::<fire::MpscArray>("crossfire mpsc");
            self.thread::<fire::MpscList>("crossfire mpsc");
        }
        self.thread::<AsyncChannel>("async-channel");
        self.thread::<TokioBounded>("tokio mpsc");
        self.thread::<TokioUnbounded>("tokio mpsc");
        self.thread::<StdBounded>("std mpsc");
        self.thread::<StdUnbounded>("std mpsc");
    }

    fn tasks(&mut self, runtimes: &Runtimes) {
        let runtime = match self.cell.mode {
            Mode::AsyncCurrent => &runtimes.current,
            _ => &runtimes.multi,
        };
        self.task::<Gonex>("gonex", runtime);
        self.task::<Flume>("flume", runtime);
        self.task::<KanalAsync>("kanal", runtime);
        self.task::<fire::MpmcArrayAsync>("crossfire", runtime);
        self.task::<fire::MpmcListAsync>("crossfire", runtime);
        if self.is_one_to_one() {
            self.task::<fire::SpscArrayAsync>("crossfire spsc", runtime);
            self.task::<fire::SpscListAsync>("crossfire spsc", runtime);
        } else {
            self.task::<fire::MpscArrayAsync>("crossfire mpsc", runtime);
            self.task::<fire::MpscListAsync>("crossfire mpsc", runtime);
        }
        self.task::<AsyncChannel>("async-channel", runtime);
        self.task::<TokioBounded>("tokio mpsc", runtime);
        self.task::<TokioUnbounded>("tokio mpsc", runtime);
    }

    /// Does every channel of the cell have one sender and one receiver?
    fn is_one_to_one(&self) -> bool {
        !matches!(self.cell.shape, Shape::Flow { senders, receivers } if senders * receivers > 1)
    }

    fn thread<L: Blocking>(&mut self, name: &str) {
        let Cell { shape, capacity, mode, .. } = self.cell;
        if threads::can::<L>(shape, capacity) {
            let busy = mode == Mode::Busy;
            self.add(name, move |count| threads::run::<L>(shape, capacity, count, busy));
        }
    }

    fn task<L: Async>(&mut self, name: &str, runtime: &Arc<Runtime>) {
        let Cell { shape, capacity, .. } = self.cell;
        if tasks::can::<L>(shape, capacity) {
            let runtime = runtime.clone();
            self.add(name, move |count| tasks::run::<L>(shape, capacity, count, &runtime));
        }
    }

    fn go(&mut self, go: &Beside) {
        let Some((go, version)) = go.program() else { return };
        if self.cell.capacity == Capacity::Unbounded {
            return;
        }
        let mode = if self.cell.mode == Mode::AsyncMulti { "go" } else { "go-1" };
        let cell = format!("{} {} {mode}", self.cell.shape, self.cell.capacity);
        let name = format!("{version}{}", if mode == "go-1" { ", one thread" } else { "" });
        self.add_as(Standing::Beside, &name, move |count| {
            let Each { wall, cpu } = go.borrow_mut().run(&cell, count)?;
            let all = |each: f64| Duration::from_secs_f64(each * count as f64 / 1e9);
            Ok(Run { wall: all(wall), cpu: all(cpu) })
        });
    }

    fn add(&mut self, name: &str, run: impl FnMut(u64) -> Result<Run, Box<dyn Error>> + 'static) {
        let standing = match self.marks.reason(name, self.cell.shape, self.cell.mode) {
            None if name == "gonex" => Standing::Ours,
            None => Standing::Rival,
            Some(_) => Standing::Unsound,
        };
        self.add_as(standing, name, run);
    }

    /// Adds a subject. Who is far slower than the aim is given fewer messages, in steps of a
    /// half, so that the bench ends; the values are for each message all the same.
    fn add_as(
        &mut self,
        standing: Standing,
        name: &str,
        mut run: impl FnMut(u64) -> Result<Run, Box<dyn Error>> + 'static,
    ) {
        let mut count = self.count;
        let mut warm = false;
        let work = move || {
            let asked = if warm { count } else { (count / 8).next_multiple_of(16) };
            let Run { wall, cpu } = run(asked)?;
            if !warm {
                while wall * u32::try_from(count / asked).unwrap_or(8) > LONGEST && count > 512 {
                    count = (count / 2).next_multiple_of(16);
                }
                warm = true;
            }
            let each = |time: Duration| time.as_secs_f64() * 1e9 / asked as f64;
            Ok(Told::Value { wall: each(wall), cpu: Some(each(cpu)) })
        };
        self.list.push(Subject::new(name, standing, work));
    }
}

use std::collections::{HashMap, VecDeque};
use std::panic::Location;
use std::time::Duration;

use gonex_core::op::{Name, Subject};

/// What happened in a run, line by line; the last lines of it.
#[derive(Debug)]
pub(super) struct Trace {
    pub(super) lines: VecDeque<Line>,
    /// How many are kept.
    most: usize,
    pub(super) made: u64,
    pub(super) threads: Vec<Told>,
    /// The thread that runs each task, by the number that the process has for it.
    tasks: HashMap<u64, usize>,
}

/// What is known of a thread.
#[derive(Debug)]
pub(super) struct Told {
    name: String,
    task: Option<(Name, &'static Location<'static>)>,
    /// The step that it has taken last, if that has to wait.
    waits: Option<(Subject, &'static Location<'static>)>,
    /// The lines at which it was started and ended.
    pub(super) began: u64,
    pub(super) ended: Option<u64>,
}

#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    pub(super) time: Duration,
    pub(super) thread: usize,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Step {
        subject: Subject,
        place: &'static Location<'static>,
        times: u32,
        waits: bool,
    },
    /// What had to wait is done.
    Done {
        subject: Subject,
        place: &'static Location<'static>,
    },
    Starts(usize),
    Joins(usize),
    Panics(String),
    Ends,
}

impl Trace {
    pub(super) fn new(most: usize) -> Self {
        let (lines, threads, tasks) = (VecDeque::new(), Vec::new(), HashMap::new());
        Self { lines, most, made: 0, threads, tasks }
    }

    pub(super) fn add(&mut self, time: Duration, thread: usize, what: What) {
        self.made += 1;
        if matches!(what, What::Ends) {
            self.threads[thread].ended = Some(self.made);
        }
        if self.lines.len() == self.most {
            self.lines.pop_front();
        }
        self.lines.push_back(Line { number: self.made, time, thread, what });
    }

    /// Adds a step; one that repeats the last line is counted there.
    pub(super) fn step(
        &mut self,
        time: Duration,
        thread: usize,
        mut subject: Subject,
        place: &'static Location<'static>,
    ) {
        self.threads[thread].waits = None;
        // Made and begun at once.
        subject.made_at = subject.made_at.filter(|made_at| *made_at != place);
        if let Some(last) = self.lines.back_mut()
            && last.thread == thread
            && let What::Step { subject: before, place: at, times, waits: false } = &mut last.what
            && (*at, before.verb) == (place, subject.verb)
            && before.name == subject.name
        {
            *times += 1;
            return;
        }
        self.add(time, thread, What::Step { subject, place, times: 1, waits: false });
    }

    /// The step that a thread has taken last has to wait.
    pub(super) fn waits(&mut self, thread: usize, at: &'static Location<'static>) {
        let mut last = self.lines.iter_mut().rev().take_while(|line| line.thread == thread);
        let step = last.find_map(|line| match &mut line.what {
            What::Step { subject, place, waits, .. } if *place == at => Some((subject, waits)),
            _ => None,
        });
        if let Some((subject, waits)) = step {
            *waits = true;
            self.threads[thread].waits = Some((subject.clone(), at));
        }
    }

    /// The step that a thread has taken last is done; that is told if it had to wait.
    pub(super) fn done(&mut self, time: Duration, thread: usize) {
        if let Some((subject, place)) = self.threads[thread].waits.take() {
            self.add(time, thread, What::Done { subject, place });
        }
    }

    pub(super) fn start(&mut self, time: Duration, by: Option<usize>, name: String) {
        let thread = self.threads.len();
        let (task, waits, began) = (None, None, self.made);
        self.threads.push(Told { name, task, waits, began, ended: None });
        if let Some(by) = by {
            self.add(time, by, What::Starts(thread));
        }
    }

    pub(super) fn runs(
        &mut self,
        thread: usize,
        task: Name,
        number: Option<u64>,
        from: &'static Location<'static>,
    ) {
        if let Some(number) = number {
            self.tasks.insert(number, thread);
        }
        self.threads[thread].task = Some((task, from));
    }

    /// What a thread is called. No number of the process is in it, since the next run has others.
    pub(super) fn name(&self, thread: usize) -> String {
        let told = &self.threads[thread];
        match &told.task {
            None => told.name.clone(),
            Some((Name::Named(_, name), from)) => format!("{} {name:?} from {from}", told.name),
            Some((Name::Numbered(kind, number), from)) if kind.starts_with("task of") => {
                format!("{} {number} of {} from {from}", told.name, &kind["task of a ".len()..])
            }
            Some((_, from)) => format!("{} from {from}", told.name),
        }
    }

    /// A subject in words that are the same in each run of a seed.
    pub(super) fn say(&self, subject: &Subject) -> String {
        let mut said = subject.clone();
        let mut which = String::new();
        if let Name::Numbered("task", number) = said.name {
            said.name = Name::Kind("task");
            said.made_at = None;
            which = self
                .tasks
                .get(&number)
                .map_or_else(|| " that has not begun".to_owned(), |thread| format!(" [{thread}]"));
        }
        format!("{said}{which}")
    }
}

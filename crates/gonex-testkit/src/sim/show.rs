//! The interleaving of a run as a table for people.

use std::fmt::{self, Write};
use std::time::Duration;

use super::trace::{Line, Trace, What};

/// With more threads than this, the table names the thread of each line instead of giving each a column.
const MOST_COLUMNS: usize = 16;

/// Writes the table: who the threads are, and line by line what they did.
pub(super) fn interleaving(trace: &Trace) -> String {
    let mut shown = String::new();
    // A string takes all that is written to it.
    write(&mut shown, trace).ok();
    shown
}

fn write(out: &mut String, trace: &Trace) -> fmt::Result {
    for thread in 0..trace.threads.len() {
        writeln!(out, "  [{thread}] {}", trace.name(thread))?;
    }
    let columns = Columns { count: trace.threads.len() };
    writeln!(out, "\n{:>6}  {:>10}  {}", "line", "time", columns.head())?;
    let left_out = trace.made - trace.lines.len() as u64;
    if left_out > 0 {
        writeln!(out, "{:>6}  {left_out} lines before these are not shown", "…")?;
    }
    let mut waiting = vec![false; trace.threads.len()];
    for line in &trace.lines {
        let Line { number, time, thread, what } = line;
        waiting[*thread] = false;
        let lanes = columns.lanes(trace, line, &waiting);
        waiting[*thread] = matches!(what, What::Step { waits: true, .. } | What::Joins(_));
        let text = say(trace, what);
        match place(what) {
            Some(at) => {
                writeln!(out, "{number:>6}  {:>10}  {lanes}  {text:<36}  {at}", clock(*time))?;
            }
            None => writeln!(out, "{number:>6}  {:>10}  {lanes}  {text}", clock(*time))?,
        }
    }
    Ok(())
}

/// Where the threads stand in a line.
struct Columns {
    count: usize,
}

impl Columns {
    fn are_shown(&self) -> bool {
        self.count <= MOST_COLUMNS
    }

    fn head(&self) -> String {
        if !self.are_shown() {
            return "thread".to_owned();
        }
        (0..self.count)
            .map(|thread| format!("{thread:<3}"))
            .collect::<String>()
            .trim_end()
            .to_owned()
    }

    fn lanes(&self, trace: &Trace, line: &Line, waiting: &[bool]) -> String {
        if !self.are_shown() {
            return format!("{:<6}", format!("[{}]", line.thread));
        }
        let sign = |thread: usize| {
            let told = &trace.threads[thread];
            let ended = told.ended.is_some_and(|ended| ended < line.number);
            if thread == line.thread {
                "●"
            } else if told.began >= line.number || ended {
                " "
            } else if waiting[thread] {
                "┊"
            } else {
                "│"
            }
        };
        (0..self.count).map(|thread| format!("{}  ", sign(thread))).collect()
    }
}

fn say(trace: &Trace, what: &What) -> String {
    match what {
        What::Step { subject, times, waits, .. } => {
            let times = if *times > 1 { format!(" ×{times}") } else { String::new() };
            let waits = if *waits { " … waits" } else { "" };
            format!("{}{times}{waits}", trace.say(subject))
        }
        What::Done { subject, .. } => format!("{} … done", trace.say(subject)),
        What::Starts(thread) => format!("starts [{thread}]"),
        What::Joins(thread) => format!("joins [{thread}] … waits"),
        // The whole of it stands above.
        What::Panics(message) => format!("panics: {}", message.lines().next().unwrap_or_default()),
        What::Ends => "ends".to_owned(),
    }
}

fn place(what: &What) -> Option<String> {
    match what {
        What::Step { place, .. } | What::Done { place, .. } => Some(place.to_string()),
        _ => None,
    }
}

/// A simulated time, short.
pub(super) fn clock(time: Duration) -> String {
    format!("{time:?}")
}

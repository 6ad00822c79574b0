//! Reproducers of the rivals' defects, run against the versions in the lock file.
//!
//! A rival that a bench marks as unsound is marked because a reproducer here has just shown its
//! defect, in this process; the day a release mends it, the mark is gone.

mod flume_selector;
mod kanal_close;
mod kanal_leak;
mod kanal_receive;
mod kanal_waker;

use std::error::Error;
use std::fmt;

use crate::benches::channels::{Mode, Shape};
use crate::machine::locked;

/// What a defect means for comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// Values are lost or doubled, or a task is never woken: cells that it reaches do not count.
    Unsound,
    /// Not what ours does, but no cell meets it: said, and counted.
    Noted,
}

/// A defect and its reproducer.
struct Defect {
    package: &'static str,
    what: &'static str,
    weight: Weight,
    /// Which cells use what is defective.
    reaches: fn(Shape, Mode) -> bool,
    show: fn() -> Shown,
}

/// How often a reproducer saw its defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shown {
    tries: u32,
    seen: u32,
}

const DEFECTS: [Defect; 5] = [
    Defect {
        package: "kanal",
        what: "a receive future dropped after the hand-off destroys the value",
        weight: Weight::Unsound,
        reaches: |_, mode| mode.is_async(),
        show: kanal_receive::show,
    },
    Defect {
        package: "kanal",
        what: "a send future that moved to another task never wakes that task",
        weight: Weight::Unsound,
        reaches: |_, mode| mode.is_async(),
        show: kanal_waker::show,
    },
    Defect {
        package: "kanal",
        what: "close() discards what is buffered",
        weight: Weight::Noted,
        reaches: |_, _| false,
        show: kanal_close::show,
    },
    Defect {
        package: "kanal",
        what: "a value whose send_timeout ran out is lost: neither sent nor returned, nor dropped",
        weight: Weight::Unsound,
        reaches: |_, mode| !mode.is_async(),
        show: kanal_leak::show,
    },
    Defect {
        package: "flume",
        what: "a Selector runs one case and takes another's message along",
        weight: Weight::Unsound,
        reaches: |shape, mode| matches!(shape, Shape::Select(_)) && !mode.is_async(),
        show: flume_selector::show,
    },
];

/// What the reproducers have just shown.
pub struct Marks(Vec<(&'static Defect, Shown)>);

impl Marks {
    /// Runs every reproducer; milliseconds in all.
    pub fn take() -> Self {
        Self(DEFECTS.iter().map(|defect| (defect, (defect.show)())).collect())
    }

    /// Why a subject of this cell does not count, if so.
    pub fn reason(&self, subject: &str, shape: Shape, mode: Mode) -> Option<&'static str> {
        let mut shown =
            self.0.iter().filter(|(_, shown)| shown.seen > 0).map(|&(defect, _)| defect);
        let reached = shown.find(|defect| {
            defect.weight == Weight::Unsound
                && defect.package == subject
                && (defect.reaches)(shape, mode)
        });
        reached.map(|defect| defect.what)
    }
}

impl fmt::Display for Marks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (defect, Shown { tries, seen }) in &self.0 {
            let mark = match (defect.weight, seen) {
                (_, 0) => "not seen",
                (Weight::Unsound, _) => "marked unsound",
                (Weight::Noted, _) => "noted, not marked",
            };
            let package = locked(&[defect.package]);
            writeln!(f, "{package}: {}: {seen} of {tries}, {mark}", defect.what)?;
        }
        Ok(())
    }
}

/// Prints what the reproducers show.
///
/// # Errors
///
/// A defect that is not seen: either a new version has mended it and it has to go from the list,
/// or the reproducer no longer does what it says.
pub fn report() -> Result<(), Box<dyn Error>> {
    let marks = Marks::take();
    print!("{marks}");
    match marks.0.iter().find(|(_, shown)| shown.seen == 0) {
        None => Ok(()),
        Some((defect, _)) => Err(format!(
            "{}: \"{}\" is not seen any more; take it from bench/soundness",
            defect.package, defect.what
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::benches::channels::Shape;

    #[test]
    fn each_defect_is_seen() {
        for (defect, shown) in Marks::take().0 {
            assert!(shown.seen > 0, "{}: {}", defect.package, defect.what);
        }
    }

    #[test]
    fn marks_reach_only_what_is_defective() {
        let marks = Marks::take();
        let flow = Shape::Flow { senders: 1, receivers: 1 };
        assert!(marks.reason("kanal", flow, Mode::AsyncMulti).is_some());
        assert!(marks.reason("kanal", flow, Mode::Blocking).is_some());
        assert!(marks.reason("flume", Shape::Select(2), Mode::Blocking).is_some());
        assert_eq!(marks.reason("flume", flow, Mode::Blocking), None);
        assert_eq!(marks.reason("crossfire", flow, Mode::AsyncMulti), None);
    }
}

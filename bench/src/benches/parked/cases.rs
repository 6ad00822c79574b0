//! The cases: the memory and then the time of each way to wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::error::Error;
use std::rc::Rc;

use super::child::{self, Measured, Way};
use crate::benches::channels::{Mode, Shape};
use crate::benches::{Made, Options};
use crate::rounds::{Case, Subject, Told};
use crate::soundness::Marks;
use crate::standing::Standing;

/// The packages whose versions stand above the figures.
pub const RIVALS: [&str; 6] =
    ["flume", "kanal", "crossfire", "async-channel", "tokio", "async-executor"];

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let marks = Marks::take();
    let mut cases = Vec::new();
    for way in Way::ALL {
        let count = way.count(options.quick);
        let mut memory = case(way, count, "bytes each");
        let mut time = case(way, count, "ns each");
        for name in way.subjects() {
            let standing = standing(&marks, name);
            // One process measures both: the time of a round is that of the same round's memory,
            // and a case that runs alone starts its own.
            let left: Rc<RefCell<VecDeque<Measured>>> = Rc::default();
            let measured = left.clone();
            memory.subjects.push(Subject::new(name, standing, move || {
                let new = child::start(way, name, count)?;
                measured.borrow_mut().push_back(new);
                // Memory takes no CPU time.
                Ok(Told::Value { wall: new.bytes, cpu: Some(0.0) })
            }));
            time.subjects.push(Subject::new(name, standing, move || {
                let known = left.borrow_mut().pop_front();
                let Measured { ns, cpu_ns, .. } =
                    known.map_or_else(|| child::start(way, name, count), Ok)?;
                Ok(Told::Value { wall: ns, cpu: Some(cpu_ns) })
            }));
        }
        cases.extend([memory, time]);
    }
    let mut notes: Vec<String> =
        marks.to_string().lines().map(|line| format!("defect    {line}")).collect();
    let closures = grouped(Way::Closures.count(options.quick));
    notes.push(format!("closures  keep a thread each while they wait, so {closures} do at most"));
    Ok(Made { cases, notes })
}

/// All parked tasks receive from async code.
fn standing(marks: &Marks, name: &str) -> Standing {
    let flow = Shape::Flow { senders: 1, receivers: 1 };
    match marks.reason(name, flow, Mode::AsyncCurrent) {
        _ if name.starts_with("gonex") => Standing::Ours,
        None => Standing::Rival,
        Some(_) => Standing::Unsound,
    }
}

fn case(way: Way, count: usize, unit: &'static str) -> Case {
    let name = format!("{} {way}, {}", grouped(count), unit.trim_end_matches(" each"));
    Case::new(name, unit, count, Vec::new())
}

/// 1000000 as 1,000,000.
fn grouped(count: usize) -> String {
    match count / 1000 {
        0 => count.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), count % 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_by_thousands() {
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(grouped(20_050), "20,050");
        assert_eq!(grouped(7), "7");
    }
}

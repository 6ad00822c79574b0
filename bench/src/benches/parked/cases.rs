//! The cases: the memory and then the time of each way to wait.

use std::error::Error;

use super::child::{self, Measured, Way};
use crate::benches::{Made, Options};
use crate::rounds::{Case, Standing, Subject, Told};

/// How many wait at a time.
const COUNT: usize = 1_000_000;
const QUICK_COUNT: usize = 100_000;

pub fn cases(options: &Options) -> Result<Made, Box<dyn Error>> {
    let count = if options.quick { QUICK_COUNT } else { COUNT };
    let mut cases = Vec::new();
    for way in Way::ALL {
        let memory = case(way, count, "bytes each", |measured| Told::Value {
            wall: measured.bytes,
            // Memory takes no CPU time.
            cpu: Some(0.0),
        });
        let time = case(way, count, "ns each", |measured| Told::Value {
            wall: measured.ns,
            cpu: Some(measured.cpu_ns),
        });
        cases.extend([memory, time]);
    }
    Ok(cases.into())
}

fn case(way: Way, count: usize, unit: &'static str, told: fn(Measured) -> Told) -> Case {
    let subjects = way.subjects().into_iter().map(|name| {
        let standing = if name == "gonex" { Standing::Ours } else { Standing::Rival };
        Subject::new(name, standing, move || Ok(told(child::start(way, name, count)?)))
    });
    Case {
        name: format!("{} {way}, {}", grouped(count), unit.trim_end_matches(" each")),
        unit,
        per_second: 1e9 / count as f64,
        subjects: subjects.collect(),
    }
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

//! Ours against the best rival that may be compared with.

use std::fmt;

use crate::rounds::{CaseResult, Standing, SubjectResult};
use crate::stats::{Interval, median, paired_ratio};

/// A ratio within this of 1 is noise.
const NOISE: f64 = 1.15;

/// CPU time above this ratio is worth a line in the summary.
const COSTLY: f64 = 1.5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Ahead,
    Level,
    Behind,
}

impl Verdict {
    pub fn of(ratio: Interval) -> Self {
        let contains_one = ratio.low <= 1.0 && 1.0 <= ratio.high;
        if contains_one || (NOISE.recip()..=NOISE).contains(&ratio.median) {
            Self::Level
        } else if ratio.median < 1.0 {
            Self::Ahead
        } else {
            Self::Behind
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ahead => "ahead",
            Self::Level => "level",
            Self::Behind => "behind",
        })
    }
}

/// A subject of ours beside a rival.
pub struct Against<'a> {
    pub rival: &'a SubjectResult,
    pub ratio: Interval,
}

/// Wall time against the fastest sound rival.
pub fn wall<'a>(case: &'a CaseResult, ours: &SubjectResult) -> Option<Against<'a>> {
    let rival = best(case, |subject| &subject.wall)?;
    Some(Against { rival, ratio: paired_ratio(&ours.wall, &rival.wall)? })
}

/// CPU time against the most frugal sound rival, which need not be the fastest.
pub fn cpu<'a>(case: &'a CaseResult, ours: &SubjectResult) -> Option<Against<'a>> {
    let rival = best(case, |subject| &subject.cpu)?;
    Some(Against { rival, ratio: paired_ratio(&ours.cpu, &rival.cpu)? })
}

fn best(case: &CaseResult, values: impl Fn(&SubjectResult) -> &Vec<f64>) -> Option<&SubjectResult> {
    let rivals = case.subjects.iter().filter(|subject| subject.standing == Standing::Rival);
    let known = rivals.filter(|subject| median(values(subject)) > 0.0);
    known.min_by(|a, b| median(values(a)).total_cmp(&median(values(b))))
}

/// A verdict from fewer rounds is a hint: its interval is wide, so it is level too easily.
const ENOUGH_ROUNDS: usize = 20;

/// All cells at a glance.
pub struct Summary {
    pub cells: usize,
    /// Cells with too few rounds for their verdict to stand.
    pub hints: usize,
    pub behind: Vec<String>,
    pub costly: Vec<String>,
    pub worst: Option<(f64, String)>,
    /// Cells with nothing of ours, or with no rival.
    pub alone: usize,
}

impl Summary {
    pub fn of(results: &[CaseResult]) -> Self {
        let mut summary = Self {
            cells: 0,
            hints: 0,
            behind: Vec::new(),
            costly: Vec::new(),
            worst: None,
            alone: 0,
        };
        for case in results {
            let ours = case.subjects.iter().filter(|s| s.standing == Standing::Ours);
            // With several of ours, the best speaks for the cell.
            let best = ours.min_by(|a, b| median(&a.wall).total_cmp(&median(&b.wall)));
            let Some((ours, against)) = best.and_then(|ours| Some((ours, wall(case, ours)?)))
            else {
                summary.alone += 1;
                continue;
            };
            summary.cells += 1;
            summary.hints += usize::from(case.rounds() < ENOUGH_ROUNDS);
            let line = line(&case.name, &against);
            if Verdict::of(against.ratio) == Verdict::Behind {
                summary.behind.push(line.clone());
            }
            if summary.worst.as_ref().is_none_or(|(ratio, _)| *ratio < against.ratio.median) {
                summary.worst = Some((against.ratio.median, line));
            }
            if let Some(cpu) = cpu(case, ours).filter(|cpu| cpu.ratio.median > COSTLY) {
                summary.costly.push(self::line(&case.name, &cpu));
            }
        }
        summary
    }
}

fn line(cell: &str, against: &Against<'_>) -> String {
    let Interval { low, median, high } = against.ratio;
    format!("{cell}: {median:.2} ({low:.2} – {high:.2}) of {}", against.rival.name)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let good = self.cells - self.behind.len();
        writeln!(f, "level or ahead in {good} of {} cells", self.cells)?;
        if self.hints > 0 {
            writeln!(
                f,
                "only a hint, with fewer than {ENOUGH_ROUNDS} rounds: {} cells",
                self.hints
            )?;
        }
        if self.alone > 0 {
            writeln!(f, "cells without ours or without a sound rival: {}", self.alone)?;
        }
        if let Some((_, worst)) = &self.worst {
            writeln!(f, "worst ratio: {worst}")?;
        }
        for (title, lines) in
            [("behind", &self.behind), ("CPU time above 1.5 of the most frugal", &self.costly)]
        {
            writeln!(f, "{title}: {}", if lines.is_empty() { "none" } else { "" })?;
            for line in lines {
                writeln!(f, "  {line}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(name: &str, standing: Standing, wall: f64, cpu: f64) -> SubjectResult {
        SubjectResult { name: name.into(), standing, wall: vec![wall; 9], cpu: vec![cpu; 9] }
    }

    fn verdict(low: f64, median: f64, high: f64) -> Verdict {
        Verdict::of(Interval { low, median, high })
    }

    #[test]
    fn noise_is_level_and_the_rest_is_not() {
        assert_eq!(verdict(0.5, 1.6, 1.7), Verdict::Level);
        assert_eq!(verdict(1.1, 1.14, 1.2), Verdict::Level);
        assert_eq!(verdict(1.1, 1.16, 1.2), Verdict::Behind);
        assert_eq!(verdict(0.8, 0.88, 0.9), Verdict::Level);
        assert_eq!(verdict(0.8, 0.85, 0.9), Verdict::Ahead);
    }

    #[test]
    fn an_unsound_rival_is_not_counted() {
        let case = CaseResult {
            name: "cell".into(),
            unit: "ns",
            subjects: vec![
                subject("ours", Standing::Ours, 20.0, 40.0),
                subject("unsound", Standing::Unsound, 1.0, 1.0),
                subject("fast", Standing::Rival, 10.0, 30.0),
                subject("frugal", Standing::Rival, 50.0, 20.0),
            ],
        };
        let against = wall(&case, &case.subjects[0]).unwrap();
        assert_eq!((against.rival.name.as_str(), against.ratio.median), ("fast", 2.0));
        let against = cpu(&case, &case.subjects[0]).unwrap();
        assert_eq!((against.rival.name.as_str(), against.ratio.median), ("frugal", 2.0));
        let summary = Summary::of(&[case]);
        assert_eq!((summary.cells, summary.alone, summary.hints), (1, 0, 1));
        assert_eq!(summary.behind, ["cell: 2.00 (2.00 – 2.00) of fast"]);
        assert_eq!(summary.costly, ["cell: 2.00 (2.00 – 2.00) of frugal"]);
    }
}

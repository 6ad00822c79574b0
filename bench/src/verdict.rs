//! Ours against the best rival that may be compared with.

use std::fmt;

use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::{Interval, median, paired_ratio};

/// A ratio within this of 1 is noise.
const NOISE: f64 = 1.15;

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

#[cfg(test)]
pub mod tests {
    use super::*;

    pub fn subject(name: &str, standing: Standing, wall: f64, cpu: f64) -> SubjectResult {
        SubjectResult { name: name.into(), standing, wall: vec![wall; 9], cpu: vec![cpu; 9] }
    }

    pub fn cell(subjects: Vec<SubjectResult>) -> CaseResult {
        CaseResult { name: "cell".into(), unit: "ns", subjects, bars: Vec::new() }
    }

    /// Ours takes twice what the fastest and what the most frugal sound rival takes.
    pub fn one_of_each() -> CaseResult {
        cell(vec![
            subject("ours", Standing::Ours, 20.0, 40.0),
            subject("unsound", Standing::Unsound, 1.0, 1.0),
            subject("beside", Standing::Beside, 1.0, 1.0),
            subject("fast", Standing::Rival, 10.0, 30.0),
            subject("frugal", Standing::Rival, 50.0, 20.0),
        ])
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
    fn only_sound_rivals_count() {
        let case = one_of_each();
        let against = wall(&case, &case.subjects[0]).unwrap();
        assert_eq!((against.rival.name.as_str(), against.ratio.median), ("fast", 2.0));
        let against = cpu(&case, &case.subjects[0]).unwrap();
        assert_eq!((against.rival.name.as_str(), against.ratio.median), ("frugal", 2.0));
    }

    #[test]
    fn who_has_no_sound_rival_has_no_verdict() {
        for standing in [Standing::Unsound, Standing::Beside] {
            let case = cell(vec![
                subject("ours", Standing::Ours, 20.0, 40.0),
                subject("other", standing, 10.0, 10.0),
            ]);
            assert!(wall(&case, &case.subjects[0]).is_none(), "{standing:?}");
            assert!(cpu(&case, &case.subjects[0]).is_none(), "{standing:?}");
        }
    }
}

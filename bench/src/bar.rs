//! What ours has to reach in a case, and whether it does.

use std::fmt;

use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::{Interval, paired_ratio};
use crate::summary::ENOUGH_ROUNDS;

/// What the best of ours has to reach in a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    /// At most so many times the wall time of a rival.
    Within { times: f64, rival: &'static str },
    /// Less wall time than a rival.
    Ahead { rival: &'static str },
    /// At least this share of what so many cores could save of one thread's wall time.
    Efficiency { share: f64, cores: usize, alone: &'static str },
}

/// A bar beside what was measured.
pub struct Result<'a> {
    case: &'a str,
    ours: &'a str,
    bar: Bar,
    measured: Interval,
    rounds: usize,
}

/// All bars of a run.
pub struct Results<'a>(Vec<Result<'a>>);

impl Bar {
    /// Whether the interval reaches the bar. Ours is ahead only where all of the interval is: what
    /// contains 1 is level.
    pub fn is_met(self, measured: Interval) -> bool {
        match self {
            Self::Within { times, .. } => measured.low <= times,
            Self::Ahead { .. } => measured.high < 1.0,
            Self::Efficiency { share, .. } => measured.high >= share,
        }
    }

    /// Whether the median alone would reach it too; where it does not, the interval is what decides.
    fn median_reaches(self, Interval { median, .. }: Interval) -> bool {
        self.is_met(Interval { low: median, median, high: median })
    }

    /// Who is compared with.
    const fn other(self) -> &'static str {
        match self {
            Self::Within { rival, .. } | Self::Ahead { rival } => rival,
            Self::Efficiency { alone, .. } => alone,
        }
    }

    fn measure(self, ours: &SubjectResult, other: &SubjectResult) -> Option<Interval> {
        let Self::Efficiency { cores, .. } = self else {
            return paired_ratio(&ours.wall, &other.wall);
        };
        let saved = paired_ratio(&other.wall, &ours.wall)?;
        let share = |times: f64| times / cores.max(1) as f64;
        Some(Interval {
            low: share(saved.low),
            median: share(saved.median),
            high: share(saved.high),
        })
    }
}

impl<'a> Results<'a> {
    /// Measures the best of ours in each case by the bars of the case. A bar whose rival was not
    /// measured is not there.
    pub fn of(results: &'a [CaseResult]) -> Self {
        let mut all = Vec::new();
        for case in results {
            let Some(ours) = case.best_of(Standing::Ours) else { continue };
            for &bar in &case.bars {
                let other = case.subjects.iter().find(|subject| subject.name == bar.other());
                let Some(measured) = other.and_then(|other| bar.measure(ours, other)) else {
                    continue;
                };
                let rounds = case.rounds();
                all.push(Result { case: &case.name, ours: &ours.name, bar, measured, rounds });
            }
        }
        Self(all)
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within { times, rival } => write!(f, "within {times} of {rival}"),
            Self::Ahead { rival } => write!(f, "ahead of {rival}"),
            Self::Efficiency { share, cores, alone } => {
                let percent = share * 100.0;
                write!(f, "efficiency on {cores} cores by {alone} at least {percent:.0} %")
            }
        }
    }
}

impl fmt::Display for Result<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, ours, bar, measured, rounds } = self;
        let Interval { low, median, high } = *measured;
        write!(f, "{case}: {ours} {bar}: ")?;
        if let Bar::Efficiency { .. } = bar {
            let [low, median, high] = [low, median, high].map(|share| share * 100.0);
            write!(f, "{median:.1} % ({low:.1} – {high:.1})")?;
        } else {
            write!(f, "{median:.2} ({low:.2} – {high:.2})")?;
        }
        f.write_str(match (bar.is_met(*measured), bar.median_reaches(*measured)) {
            (true, true) => ": met",
            (true, false) => ": met by its interval, not by its median",
            (false, true) => ": not met, level",
            (false, false) => ": not met",
        })?;
        if *rounds < ENOUGH_ROUNDS { f.write_str(", only a hint") } else { Ok(()) }
    }
}

/// Nothing for a bench without bars.
impl fmt::Display for Results<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(all) = self;
        if all.is_empty() {
            return Ok(());
        }
        let met = all.iter().filter(|result| result.bar.is_met(result.measured)).count();
        writeln!(f, "bars met: {met} of {}", all.len())?;
        all.iter().try_for_each(|result| writeln!(f, "  {result}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::{cell, subject};

    fn interval(low: f64, median: f64, high: f64) -> Interval {
        Interval { low, median, high }
    }

    #[test]
    fn a_bar_is_met_when_the_interval_reaches_it() {
        let within = Bar::Within { times: 1.1, rival: "r" };
        assert!(within.is_met(interval(1.1, 1.2, 1.3)));
        assert!(!within.is_met(interval(1.11, 1.2, 1.3)));
        let efficient = Bar::Efficiency { share: 0.95, cores: 2, alone: "one thread" };
        assert!(efficient.is_met(interval(0.9, 0.94, 0.95)));
        assert!(!efficient.is_met(interval(0.9, 0.92, 0.94)));
    }

    #[test]
    fn what_is_level_is_not_ahead() {
        let ahead = Bar::Ahead { rival: "r" };
        assert!(ahead.is_met(interval(0.7, 0.8, 0.99)));
        assert!(!ahead.is_met(interval(0.7, 0.8, 1.0)));
    }

    /// The best of ours takes 10, a rival 8, one thread 18.
    fn case(bars: Vec<Bar>) -> CaseResult {
        let subjects = vec![
            subject("slow", Standing::Ours, 30.0, 1.0),
            subject("ours", Standing::Ours, 10.0, 1.0),
            subject("rival", Standing::Rival, 8.0, 1.0),
            subject("one thread", Standing::Beside, 18.0, 1.0),
        ];
        CaseResult { bars, ..cell(subjects) }
    }

    #[test]
    fn every_bar_is_said_with_its_interval() {
        let bars = vec![
            Bar::Within { times: 1.25, rival: "rival" },
            Bar::Ahead { rival: "rival" },
            Bar::Ahead { rival: "nobody" },
            Bar::Efficiency { share: 0.95, cores: 2, alone: "one thread" },
        ];
        assert_eq!(
            Results::of(&[case(bars)]).to_string(),
            "bars met: 1 of 3\n  \
             cell: ours within 1.25 of rival: 1.25 (1.25 – 1.25): met, only a hint\n  \
             cell: ours ahead of rival: 1.25 (1.25 – 1.25): not met, only a hint\n  \
             cell: ours efficiency on 2 cores by one thread at least 95 %: 90.0 % (90.0 – 90.0): not \
             met, only a hint\n"
        );
    }

    #[test]
    fn what_the_interval_decides_is_said() {
        let mut case = case(vec![Bar::Within { times: 1.1, rival: "rival" }]);
        for subject in &mut case.subjects {
            subject.wall = vec![subject.wall[0]; 24];
        }
        // One of both in ten rounds each, and the rest far off: the interval holds both.
        case.subjects[1].wall = [vec![8.0; 10], vec![16.0; 14]].concat();
        let said = Results::of(std::slice::from_ref(&case)).to_string();
        assert!(said.ends_with("2.00 (1.00 – 2.00): met by its interval, not by its median\n"));
        case.bars = vec![Bar::Ahead { rival: "rival" }];
        case.subjects[1].wall = [vec![4.0; 14], vec![8.0; 10]].concat();
        let said = Results::of(std::slice::from_ref(&case)).to_string();
        assert!(said.ends_with("0.50 (0.50 – 1.00): not met, level\n"), "{said}");
    }

    #[test]
    fn a_bench_without_bars_says_nothing() {
        assert_eq!(Results::of(&[case(Vec::new())]).to_string(), "");
    }
}

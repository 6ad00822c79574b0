//! All cells at a glance.

use std::fmt;

use crate::rounds::CaseResult;
use crate::standing::Standing;
use crate::stats::Interval;
use crate::verdict::{self, Against, Verdict};

/// A verdict from fewer rounds is a hint: its interval is wide, so it is level too easily.
pub const ENOUGH_ROUNDS: usize = 20;

/// Wall or CPU time above this ratio is too much.
const FAR: f64 = 1.5;

/// So many cells in all have to be level or ahead.
const SHARE: (usize, usize) = (4, 5);

/// How the best of ours stands in each cell.
#[derive(Default)]
pub struct Summary {
    pub cells: usize,
    /// Cells with too few rounds for their verdict to stand.
    pub hints: usize,
    pub behind: Vec<String>,
    /// How many of those that are behind are so by more than the limit.
    pub far: usize,
    /// Cells whose CPU time is above the limit.
    pub costly: Vec<String>,
    pub worst: Option<(f64, String)>,
    /// Cells with nothing of ours, or with no sound rival.
    pub alone: usize,
    with_bar: bool,
}

impl Summary {
    pub fn of(results: &[CaseResult]) -> Self {
        let mut summary = Self::default();
        for case in results {
            // With several of ours, the best speaks for the cell.
            let best = case.best_of(Standing::Ours);
            let Some((ours, wall)) = best.and_then(|ours| Some((ours, verdict::wall(case, ours)?)))
            else {
                summary.alone += 1;
                continue;
            };
            summary.cells += 1;
            summary.hints += usize::from(case.rounds() < ENOUGH_ROUNDS);
            let line = line(&case.name, &wall);
            if Verdict::of(wall.ratio) == Verdict::Behind {
                summary.behind.push(line.clone());
                summary.far += usize::from(wall.ratio.median > FAR);
            }
            if summary.worst.as_ref().is_none_or(|(ratio, _)| *ratio < wall.ratio.median) {
                summary.worst = Some((wall.ratio.median, line));
            }
            if let Some(cpu) = verdict::cpu(case, ours).filter(|cpu| cpu.ratio.median > FAR) {
                summary.costly.push(self::line(&case.name, &cpu));
            }
        }
        summary
    }

    /// Also says whether the bar is met, for a bench that has to meet it.
    pub fn with_bar(self, with_bar: bool) -> Self {
        Self { with_bar, ..self }
    }

    fn good(&self) -> usize {
        self.cells - self.behind.len()
    }

    /// Whether ours stands as well as it has to in all cells together.
    pub fn meets_bar(&self) -> bool {
        let (share, of) = SHARE;
        self.cells > 0
            && self.good() * of >= self.cells * share
            && self.far == 0
            && self.costly.is_empty()
    }
}

fn line(cell: &str, against: &Against<'_>) -> String {
    let Interval { low, median, high } = against.ratio;
    format!("{cell}: {median:.2} ({low:.2} – {high:.2}) of {}", against.rival.name)
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cells, hints, alone, far, .. } = self;
        let costly = self.costly.len();
        writeln!(f, "level or ahead in {} of {cells} cells", self.good())?;
        writeln!(f, "behind by more than {FAR} in {far}, CPU time above {FAR} in {costly}")?;
        if self.with_bar {
            let (share, of) = SHARE;
            writeln!(
                f,
                "bar: level or ahead in at least {share} of {of} cells; none behind by more than \
                 {FAR}; CPU nowhere above {FAR}: {}",
                if self.meets_bar() { "met" } else { "not met" }
            )?;
        }
        if *hints > 0 {
            writeln!(f, "only a hint, with fewer than {ENOUGH_ROUNDS} rounds: {hints} cells")?;
        }
        if *alone > 0 {
            writeln!(f, "cells without ours or without a sound rival: {alone}")?;
        }
        if let Some((_, worst)) = &self.worst {
            writeln!(f, "worst ratio: {worst}")?;
        }
        for (title, lines) in [
            ("behind", &self.behind),
            (&format!("CPU time above {FAR} of the most frugal"), &self.costly),
        ] {
            writeln!(f, "{title}:{}", if lines.is_empty() { " none" } else { "" })?;
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
    use crate::verdict::tests::{cell, one_of_each, subject};

    /// A cell in which ours takes so much wall and CPU time for each 1 of the rival's.
    fn ratio(wall: f64, cpu: f64) -> CaseResult {
        cell(vec![
            subject("ours", Standing::Ours, wall, cpu),
            subject("rival", Standing::Rival, 1.0, 1.0),
        ])
    }

    fn summary(ratios: &[(f64, f64)]) -> Summary {
        let cells: Vec<CaseResult> = ratios.iter().map(|&(wall, cpu)| ratio(wall, cpu)).collect();
        Summary::of(&cells)
    }

    #[test]
    fn who_does_not_count_is_in_no_line() {
        let summary = Summary::of(&[one_of_each()]);
        assert_eq!((summary.cells, summary.alone, summary.hints), (1, 0, 1));
        assert_eq!(summary.behind, ["cell: 2.00 (2.00 – 2.00) of fast"]);
        assert_eq!(summary.costly, ["cell: 2.00 (2.00 – 2.00) of frugal"]);
    }

    #[test]
    fn a_cell_with_nobody_to_measure_by_is_alone() {
        let case = cell(vec![
            subject("ours", Standing::Ours, 20.0, 40.0),
            subject("beside", Standing::Beside, 1.0, 1.0),
        ]);
        let summary = Summary::of(&[case]);
        assert_eq!((summary.cells, summary.alone), (0, 1));
        assert!(!summary.meets_bar(), "nothing was shown");
    }

    #[test]
    fn the_bar_is_four_of_five_and_nobody_far_behind() {
        let good = (1.0, 1.0);
        assert!(summary(&[good; 5]).meets_bar());
        assert!(summary(&[good, good, good, good, (1.5, 1.5)]).meets_bar());
        let few = summary(&[good, good, good, (1.2, 1.0)]);
        assert_eq!((few.behind.len(), few.far, few.meets_bar()), (1, 0, false));
        let far = summary(&[good, good, good, good, (1.51, 1.0)]);
        assert_eq!((far.behind.len(), far.far, far.meets_bar()), (1, 1, false));
        let costly = summary(&[good, good, good, good, (1.0, 1.51)]);
        assert_eq!((costly.far, costly.costly.len(), costly.meets_bar()), (0, 1, false));
    }

    #[test]
    fn the_bar_is_said_in_one_line() {
        let bar = "bar: level or ahead in at least 4 of 5 cells; none behind by more than 1.5; CPU \
                   nowhere above 1.5: ";
        let said = |ratios: &[(f64, f64)]| summary(ratios).with_bar(true).to_string();
        assert!(said(&[(1.0, 1.0)]).contains(&format!("{bar}met\n")));
        let not_met = said(&[(1.0, 1.0), (3.0, 2.0)]);
        assert!(not_met.contains(&format!("{bar}not met\n")), "{not_met}");
        assert!(not_met.starts_with(
            "level or ahead in 1 of 2 cells\n\
             behind by more than 1.5 in 1, CPU time above 1.5 in 1\n"
        ));
        assert!(!summary(&[(1.0, 1.0)]).to_string().contains("bar:"), "not every bench has one");
    }
}

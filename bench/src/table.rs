//! The results as people read them, and as programs do.

use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::{Interval, median};
use crate::verdict::{self, Verdict};

pub fn print(case: &CaseResult) {
    println!("\n{} — {}, {} rounds", case.name, case.unit, case.rounds());
    let width = case.subjects.iter().map(|s| label(s).chars().count()).max().unwrap_or(0).max(7);
    let (subject, median_, spread, cpu) = ("subject", "median", "min – max", "CPU");
    println!("  {subject:<width$}  {median_:>9}  {spread:>21}  {cpu:>9}  ratio to the best rival");
    for subject in &case.subjects {
        let (low, high) = range(&subject.wall);
        println!(
            "  {:<width$}  {:>9}  {:>9} – {:>9}  {:>9}  {}",
            label(subject),
            short(median(&subject.wall)),
            short(low),
            short(high),
            short(median(&subject.cpu)),
            ratios(case, subject)
        );
    }
}

/// The name, marked where a rival is not counted.
pub fn label(subject: &SubjectResult) -> String {
    format!("{}{}", subject.name, subject.standing.note())
}

/// Ours against the best of the others; empty for the others.
fn ratios(case: &CaseResult, subject: &SubjectResult) -> String {
    if subject.standing != Standing::Ours {
        return String::new();
    }
    let Some(wall) = verdict::wall(case, subject) else { return String::new() };
    let Interval { low, median, high } = wall.ratio;
    let mut text = format!(
        "{median:.2}  ({low:.2} – {high:.2})  {}: {}",
        wall.rival.name,
        Verdict::of(wall.ratio)
    );
    if let Some(cpu) = verdict::cpu(case, subject) {
        let Interval { low, median, high } = cpu.ratio;
        text += &format!("; CPU {median:.2}  ({low:.2} – {high:.2})  {}", cpu.rival.name);
    }
    text
}

pub fn print_json(bench: &str, case: &CaseResult) -> serde_json::Result<()> {
    for subject in &case.subjects {
        let (min, max) = range(&subject.wall);
        let wall = verdict::wall(case, subject).filter(|_| subject.standing == Standing::Ours);
        let cpu = verdict::cpu(case, subject).filter(|_| subject.standing == Standing::Ours);
        let line = serde_json::json!({
            "bench": bench,
            "case": case.name,
            "subject": subject.name,
            "standing": subject.standing.name(),
            "ours": subject.standing == Standing::Ours,
            "sound": subject.standing != Standing::Unsound,
            "median": median(&subject.wall),
            "min": min,
            "max": max,
            "cpu": median(&subject.cpu),
            "unit": case.unit,
            "higher_is_better": false,
            "rounds": subject.wall.len(),
            "rival": wall.as_ref().map(|wall| &wall.rival.name),
            "ratio": wall.as_ref().map(|wall| wall.ratio.median),
            "ratio_low": wall.as_ref().map(|wall| wall.ratio.low),
            "ratio_high": wall.as_ref().map(|wall| wall.ratio.high),
            "verdict": wall.as_ref().map(|wall| Verdict::of(wall.ratio).to_string()),
            "cpu_rival": cpu.as_ref().map(|cpu| &cpu.rival.name),
            "cpu_ratio": cpu.as_ref().map(|cpu| cpu.ratio.median),
        });
        println!("{}", serde_json::to_string(&line)?);
    }
    Ok(())
}

pub fn range(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(0.0, f64::max);
    (low.min(high), high)
}

/// Three digits that count; a dash where nothing was measured.
pub fn short(value: f64) -> String {
    match value {
        0.0 => "–".to_owned(),
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

//! The results as people read them, and as programs do.

use crate::rounds::{CaseResult, SubjectResult};
use crate::stats::{Interval, median, paired_ratio};

pub fn print(case: &CaseResult) {
    println!("\n{} — {}, {} rounds", case.name, case.unit, case.rounds());
    let width = case.subjects.iter().map(|s| s.name.chars().count()).max().unwrap_or(0).max(7);
    let (subject, median_, spread, cpu) = ("subject", "median", "min – max", "CPU");
    println!("  {subject:<width$}  {median_:>9}  {spread:>21}  {cpu:>9}  ratio to the best rival");
    let rival = best_rival(case);
    for subject in &case.subjects {
        let (low, high) = range(&subject.wall);
        println!(
            "  {:<width$}  {:>9}  {:>9} – {:>9}  {:>9}  {}",
            subject.name,
            short(median(&subject.wall)),
            short(low),
            short(high),
            short(median(&subject.cpu)),
            verdict(subject, rival)
        );
    }
}

/// Ours against the best of the others; empty for the others.
fn verdict(subject: &SubjectResult, rival: Option<&SubjectResult>) -> String {
    let Some(rival) = rival.filter(|_| subject.ours) else { return String::new() };
    match paired_ratio(&subject.wall, &rival.wall) {
        None => String::new(),
        Some(Interval { low, median, high }) => {
            format!("{median:.2}  ({low:.2} – {high:.2})  {}", rival.name)
        }
    }
}

fn best_rival(case: &CaseResult) -> Option<&SubjectResult> {
    let rivals = case.subjects.iter().filter(|subject| !subject.ours);
    rivals.min_by(|a, b| median(&a.wall).total_cmp(&median(&b.wall)))
}

pub fn print_json(bench: &str, case: &CaseResult) -> serde_json::Result<()> {
    for subject in &case.subjects {
        let (min, max) = range(&subject.wall);
        let line = serde_json::json!({
            "bench": bench,
            "case": case.name,
            "subject": subject.name,
            "ours": subject.ours,
            "sound": true,
            "median": median(&subject.wall),
            "min": min,
            "max": max,
            "cpu": median(&subject.cpu),
            "unit": case.unit,
            "higher_is_better": false,
            "rounds": subject.wall.len(),
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

/// Three digits that count.
fn short(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

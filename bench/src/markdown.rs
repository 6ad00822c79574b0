//! The results as a document.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::bar;
use crate::benches::{Bench, Layout};
use crate::ratios;
use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::{Interval, median};
use crate::summary::Summary;
use crate::table::{range, short};
use crate::verdict::{self, Verdict};

/// Writes what the figures were taken on, the summary, a verdict for each case, and all medians.
pub fn write(
    file: &Path,
    bench: &Bench,
    facts: &[String],
    results: &[CaseResult],
    plot: Option<&Path>,
) -> Result<(), Box<dyn Error>> {
    let mut text = String::new();
    writeln!(text, "# gonex-bench {}\n\nWritten by the command below; do not edit.\n", bench.name)?;
    writeln!(text, "```text\n{}\n```\n", facts.join("\n"))?;
    let summary = Summary::of(results).with_bar(bench.has_bar);
    writeln!(text, "```text\n{summary}{}```\n", bar::Results::of(results))?;
    if let Some(name) = plot.and_then(Path::file_name) {
        writeln!(text, "![the same as bars]({})\n", name.to_string_lossy())?;
    }
    verdicts(&mut text, results)?;
    match bench.layout {
        Layout::Matrix => {
            values(&mut text, "Medians", results, |subject| &subject.wall)?;
            values(&mut text, "CPU time", results, |subject| &subject.cpu)?;
        }
        Layout::List => tables(&mut text, results)?,
        Layout::Ratios { to } => {
            ratios::tables(&mut text, results, to)?;
            tables(&mut text, results)?;
        }
    }
    fs::write(file, text.trim_end().to_owned() + "\n")?;
    Ok(())
}

fn verdicts(text: &mut String, results: &[CaseResult]) -> std::fmt::Result {
    writeln!(
        text,
        "## Against the best sound rival\n\n\
         Ratios below 1 are in our favour; in brackets the interval that holds the median of the \
         ratios, paired round by round, with 95 % confidence. CPU time is against the most frugal \
         rival, which need not be the fastest. Unsound rivals and other languages have no part in \
         this; they stand in the tables below it.\n\n\
         | case | ours | best rival | | ratio | verdict | CPU ratio | most frugal rival |\n\
         | --- | ---: | ---: | --- | --- | --- | --- | --- |"
    )?;
    for case in results {
        for ours in case.subjects.iter().filter(|s| s.standing == Standing::Ours) {
            let Some(wall) = verdict::wall(case, ours) else { continue };
            let cpu = verdict::cpu(case, ours);
            let (cpu_ratio, frugal) = cpu
                .map_or_else(Default::default, |cpu| (interval(cpu.ratio), cpu.rival.name.clone()));
            writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {cpu_ratio} | {frugal} |",
                case.name,
                short(median(&ours.wall)),
                short(median(&wall.rival.wall)),
                wall.rival.name,
                interval(wall.ratio),
                Verdict::of(wall.ratio),
            )?;
        }
    }
    writeln!(text)
}

fn interval(Interval { low, median, high }: Interval) -> String {
    format!("{median:.2} ({low:.2} – {high:.2})")
}

/// A column for each subject. The values of who does not count are marked.
fn values(
    text: &mut String,
    title: &str,
    results: &[CaseResult],
    of: impl Fn(&SubjectResult) -> &Vec<f64>,
) -> std::fmt::Result {
    let mut names: Vec<&str> = Vec::new();
    for subject in results.iter().flat_map(|case| &case.subjects) {
        if !names.contains(&subject.name.as_str()) {
            names.push(&subject.name);
        }
    }
    let unit = results.first().map_or("", |case| case.unit);
    writeln!(text, "## {title}, {unit}\n\n{}\n", legend(results))?;
    writeln!(text, "| case | {} |", names.join(" | "))?;
    writeln!(text, "| --- |{}", " ---: |".repeat(names.len()))?;
    for case in results {
        write!(text, "| {} |", case.name)?;
        for name in &names {
            match case.subjects.iter().find(|subject| subject.name == **name) {
                None => write!(text, " |")?,
                Some(subject) => {
                    let value = short(median(of(subject)));
                    let [open, close] = subject.standing.marks();
                    write!(text, " {open}{value}{close} |")?;
                }
            }
        }
        writeln!(text)?;
    }
    writeln!(text)
}

/// A table for each case, a row for each subject. The values of who does not count are marked.
fn tables(text: &mut String, results: &[CaseResult]) -> std::fmt::Result {
    writeln!(text, "## Case by case\n\n{}\n", legend(results))?;
    for case in results {
        writeln!(text, "### {}, {}\n", case.name, case.unit)?;
        writeln!(text, "| subject | median | min – max | CPU |\n| --- | ---: | ---: | ---: |")?;
        for subject in &case.subjects {
            let [open, close] = subject.standing.marks();
            let (low, high) = range(&subject.wall);
            writeln!(
                text,
                "| {} | {open}{}{close} | {} – {} | {open}{}{close} |",
                subject.name,
                short(median(&subject.wall)),
                short(low),
                short(high),
                short(median(&subject.cpu)),
            )?;
        }
        writeln!(text)?;
    }
    Ok(())
}

/// What the marks in these results mean.
fn legend(results: &[CaseResult]) -> String {
    let has = |standing: &Standing| {
        results.iter().flat_map(|case| &case.subjects).any(|s| s.standing == *standing)
    };
    let lines = Standing::ALL.into_iter().filter(has).filter_map(Standing::legend);
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::{cell, subject};

    #[test]
    fn who_does_not_count_is_marked_and_explained() {
        let results = [cell(vec![
            subject("ours", Standing::Ours, 4.0, 4.0),
            subject("sound", Standing::Rival, 3.0, 3.0),
            subject("unsound", Standing::Unsound, 2.0, 2.0),
            subject("Go", Standing::Beside, 1.0, 1.0),
        ])];
        let mut text = String::new();
        verdicts(&mut text, &results).unwrap();
        assert!(text.contains("| cell | 4.00 | 3.00 | sound | 1.33"), "{text}");
        let mut text = String::new();
        values(&mut text, "Medians", &results, |subject| &subject.wall).unwrap();
        assert!(text.contains("| cell | 4.00 | 3.00 | *2.00* | [1.00] |"), "{text}");
        assert!(text.contains("In italics: ") && text.contains("In square brackets: "), "{text}");
    }

    #[test]
    fn a_case_with_subjects_of_its_own_has_a_table_of_its_own() {
        let results = [cell(vec![
            subject("ours", Standing::Ours, 4.0, 5.0),
            subject("one thread", Standing::Beside, 1.0, 2.0),
        ])];
        let mut text = String::new();
        tables(&mut text, &results).unwrap();
        assert!(text.contains("### cell, ns\n\n| subject |"), "{text}");
        assert!(text.contains("\n| ours | 4.00 | 4.00 – 4.00 | 5.00 |\n"), "{text}");
        assert!(text.contains("\n| one thread | [1.00] | 1.00 – 1.00 | [2.00] |\n"), "{text}");
    }

    #[test]
    fn marks_that_do_not_occur_are_not_explained() {
        let results = [cell(vec![subject("ours", Standing::Ours, 4.0, 4.0)])];
        assert_eq!(legend(&results), "");
    }
}

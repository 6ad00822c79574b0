//! Cases that are named `{work}: {measure}`, as ratios to one subject: a table and a chart for each
//! measure.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::paired_ratio;

const WIDTH: u32 = 900;
const ROW: u32 = 30;
const LEGEND: u32 = 60;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The cases of one measure.
struct Group<'a> {
    measure: &'a str,
    /// The works, and what was measured of each.
    rows: Vec<(&'a str, &'a CaseResult)>,
}

fn groups(results: &[CaseResult]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for case in results {
        let Some((work, measure)) = case.name.split_once(": ") else { continue };
        let at = groups.iter().position(|group| group.measure == measure).unwrap_or_else(|| {
            groups.push(Group { measure, rows: Vec::new() });
            groups.len() - 1
        });
        groups[at].rows.push((work, case));
    }
    groups
}

/// The median of the ratios of a subject to another one of the case, round by round.
fn ratio(case: &CaseResult, subject: &SubjectResult, to: &str) -> Option<f64> {
    let other = case.subjects.iter().find(|subject| subject.name == to)?;
    Some(paired_ratio(&subject.wall, &other.wall)?.median)
}

/// Writes the tables.
pub fn tables(text: &mut String, results: &[CaseResult], to: &str) -> std::fmt::Result {
    writeln!(text, "## Ratios to {to}\n\nMedians over the seeds; below 1 is better.\n")?;
    for Group { measure, rows } in groups(results) {
        let Some((_, first)) = rows.first() else { continue };
        let names: Vec<&str> = first.subjects.iter().map(|subject| subject.name.as_str()).collect();
        writeln!(text, "### {measure}\n\n| work | {} |", names.join(" | "))?;
        writeln!(text, "| --- |{}", " ---: |".repeat(names.len()))?;
        for (work, case) in rows {
            write!(text, "| {work} |")?;
            for name in &names {
                // Not everybody need do all of the work.
                let subject = case.subjects.iter().find(|subject| subject.name == **name);
                let ratio = subject.and_then(|subject| ratio(case, subject, to));
                write!(
                    text,
                    " {} |",
                    ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
                )?;
            }
            writeln!(text)?;
        }
        writeln!(text)?;
    }
    Ok(())
}

/// Draws the charts: a row for each work, and a dot for each subject, on a logarithmic axis.
pub fn draw(
    file: &Path,
    bench: &str,
    results: &[CaseResult],
    to: &str,
) -> Result<(), Box<dyn Error>> {
    let groups = groups(results);
    let height = |group: &Group<'_>| ROW * u32::try_from(group.rows.len()).unwrap_or(1) + 70;
    let sum: u32 = groups.iter().map(height).sum();
    let root = SVGBackend::new(file, (WIDTH, sum + LEGEND)).into_drawing_area();
    root.fill(&WHITE)?;
    let (legend, mut rest) = root.split_vertically(LEGEND);
    draw_legend(&legend, bench, results, to)?;
    for group in &groups {
        let (area, below) = rest.split_vertically(height(group));
        draw_group(group, &area, to)?;
        rest = below;
    }
    root.present()?;
    Ok(())
}

fn draw_group(group: &Group<'_>, area: &Area<'_>, to: &str) -> Result<(), Box<dyn Error>> {
    let count = group.rows.len() as f64;
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{}, times that of {to}", group.measure), ("sans-serif", 14))
        .x_label_area_size(24)
        .y_label_area_size(120)
        .margin(8)
        .build_cartesian_2d((0.25..8.0_f64).log_scale(), 0.0..count)?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .y_labels(0)
        .x_labels(8)
        .x_label_formatter(&|value| format!("{value}"))
        .draw()?;
    chart.draw_series([PathElement::new([(1.0, 0.0), (1.0, count)], BLACK)])?;
    for (index, (work, case)) in group.rows.iter().enumerate() {
        let y = count - index as f64 - 0.5;
        // Ours last, so that nothing hides it.
        let ours = |subject: &&SubjectResult| subject.standing == Standing::Ours;
        let others = case.subjects.iter().filter(|subject| !ours(subject));
        for subject in others.chain(case.subjects.iter().filter(ours)) {
            let Some(ratio) = ratio(case, subject, to) else { continue };
            // What is farther off stands at the edge.
            let dot = (ratio.clamp(0.26, 7.8), y);
            let size = if ours(&subject) { 6 } else { 4 };
            chart.draw_series([Circle::new(dot, size, color(case, subject).filled())])?;
        }
        let (x, y) = chart.backend_coord(&(0.25, y));
        let (left, top) = area.get_base_pixel();
        let style = ("sans-serif", 13).into_text_style(area);
        let style = style.pos(Pos::new(HPos::Right, VPos::Center));
        area.draw_text(work, &style, (x - left - 8, y - top))?;
    }
    Ok(())
}

fn draw_legend(
    area: &Area<'_>,
    bench: &str,
    results: &[CaseResult],
    to: &str,
) -> Result<(), Box<dyn Error>> {
    let style = ("sans-serif", 16).into_text_style(area);
    let title = format!("gonex-bench {bench}: ratios to {to}, further left is better");
    area.draw_text(&title, &style, (12, 8))?;
    let Some(case) = results.first() else { return Ok(()) };
    let mut x = 12;
    for subject in &case.subjects {
        area.draw(&Circle::new((x + 5, 42), 5, color(case, subject).filled()))?;
        let style = ("sans-serif", 13).into_text_style(area);
        let style = style.pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(&subject.name, &style, (x + 14, 42))?;
        x += 30 + 7 * i32::try_from(subject.name.len())?;
    }
    Ok(())
}

fn color(case: &CaseResult, subject: &SubjectResult) -> RGBColor {
    const QUIET: [RGBColor; 8] = [
        RGBColor(60, 60, 60),
        RGBColor(235, 160, 80),
        RGBColor(150, 190, 150),
        RGBColor(215, 140, 140),
        RGBColor(180, 160, 205),
        RGBColor(200, 170, 120),
        RGBColor(120, 195, 205),
        RGBColor(190, 190, 190),
    ];
    if subject.standing == Standing::Ours {
        return RGBColor(0, 90, 200);
    }
    let others = case.subjects.iter().filter(|subject| subject.standing != Standing::Ours);
    let at = others.map(|other| &other.name).position(|name| *name == subject.name);
    QUIET[at.unwrap_or(0) % QUIET.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::tests::subject;

    #[test]
    fn measures_are_tables_and_works_are_rows() {
        let case = |name: &str, wall: f64| {
            let subjects = vec![
                subject("ours", Standing::Ours, wall, 0.0),
                subject("theirs", Standing::Rival, 2.0, 0.0),
            ];
            CaseResult { name: name.into(), unit: "ms", subjects, bars: Vec::new() }
        };
        let results = [case("one: p99", 1.0), case("one: p50", 2.0), case("two: p99", 5.0)];
        let mut text = String::new();
        tables(&mut text, &results, "theirs").unwrap();
        let rows: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with("| one") || line.starts_with("| two"))
            .collect();
        assert_eq!(
            rows,
            ["| one | 0.50 | 1.00 |", "| two | 2.50 | 1.00 |", "| one | 1.00 | 1.00 |"]
        );
    }
}

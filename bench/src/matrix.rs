//! The channels matrix as small multiples: a row for each shape, a column for each way of waiting,
//! in each chart a group of bars for each capacity, on a logarithmic axis.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::rounds::{CaseResult, SubjectResult};
use crate::standing::Standing;
use crate::stats::median;
use crate::table::short;

const WIDTH: u32 = 1200;
const ROW: u32 = 210;
const HEADER: u32 = 102;
const COLUMNS: usize = 3;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The charts of one shape, in the order of the ways of waiting.
struct Row<'a> {
    charts: Vec<Chart<'a>>,
}

/// The cells of one shape and one way of waiting, in the order of capacities.
struct Chart<'a> {
    title: String,
    groups: Vec<(&'a str, &'a CaseResult)>,
}

/// Draws cells that are named `{shape} {capacity} {mode}`.
pub fn draw(file: &Path, results: &[CaseResult]) -> Result<(), Box<dyn Error>> {
    let rows = rows(results);
    let height = HEADER + ROW * u32::try_from(rows.len())?;
    let root = SVGBackend::new(file, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let (header, body) = root.split_vertically(HEADER);
    legend(&header, results)?;
    for (row, area) in rows.iter().zip(body.split_evenly((rows.len(), 1))) {
        let range = range(row);
        for (chart, area) in row.charts.iter().zip(area.split_evenly((1, COLUMNS))) {
            draw_chart(chart, range.clone(), &area)?;
        }
    }
    root.present()?;
    Ok(())
}

fn rows(results: &[CaseResult]) -> Vec<Row<'_>> {
    let mut rows: Vec<(String, Row<'_>)> = Vec::new();
    for case in results {
        let mut words = case.name.rsplitn(3, ' ');
        let (Some(mode), Some(capacity), Some(shape)) = (words.next(), words.next(), words.next())
        else {
            continue;
        };
        let at = rows.iter().position(|(known, _)| known == shape).unwrap_or_else(|| {
            rows.push((shape.to_owned(), Row { charts: Vec::new() }));
            rows.len() - 1
        });
        let charts = &mut rows[at].1.charts;
        let title = format!("{shape}, {mode}");
        let at = charts.iter().position(|chart| chart.title == title).unwrap_or_else(|| {
            charts.push(Chart { title, groups: Vec::new() });
            charts.len() - 1
        });
        charts[at].groups.push((capacity, case));
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

/// One axis for a row, so that its columns can be compared.
fn range(row: &Row<'_>) -> std::ops::Range<f64> {
    let subjects = row.charts.iter().flat_map(|chart| &chart.groups);
    let values = subjects.flat_map(|(_, case)| &case.subjects).map(|s| median(&s.wall));
    let (mut low, mut high) = (f64::INFINITY, 1.0f64);
    for value in values.filter(|&value| value > 0.0) {
        (low, high) = (low.min(value), high.max(value));
    }
    low.min(high) / 1.6..high * 1.7
}

fn draw_chart(
    chart: &Chart<'_>,
    range: std::ops::Range<f64>,
    area: &Area<'_>,
) -> Result<(), Box<dyn Error>> {
    let most = chart.groups.iter().map(|(_, case)| case.subjects.len()).max().unwrap_or(1);
    let step = most as f64 + 2.0;
    let floor = range.start;
    let width = step * chart.groups.len() as f64;
    let mut context = ChartBuilder::on(area)
        .caption(&chart.title, ("sans-serif", 14))
        .x_label_area_size(18)
        .y_label_area_size(50)
        .margin(4)
        .build_cartesian_2d(0.0..width, range.log_scale())?;
    context
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(WHITE)
        .y_labels(5)
        .y_label_formatter(&|value| format!("{value:.0}"))
        .label_style(("sans-serif", 10))
        .draw()?;
    let (left, top) = area.get_base_pixel();
    for (index, (capacity, case)) in chart.groups.iter().enumerate() {
        let start = index as f64 * step + 1.2;
        for (place, subject) in case.subjects.iter().enumerate() {
            let value = median(&subject.wall);
            let left_edge = start + place as f64;
            let color = color(&subject.name);
            let (from, to, style) = match subject.standing {
                Standing::Ours | Standing::Rival => (left_edge, left_edge + 0.86, color.filled()),
                Standing::Unsound => (left_edge, left_edge + 0.86, color.stroke_width(1)),
                Standing::Beside => (left_edge + 0.3, left_edge + 0.56, color.filled()),
            };
            context.draw_series([Rectangle::new([(from, floor), (to, value)], style)])?;
            if subject.standing == Standing::Ours {
                let (x, y) = context.backend_coord(&((from + to) / 2.0, value));
                let style = text(area, 11, HPos::Center, VPos::Bottom).color(&color);
                area.draw_text(&short(value), &style, (x - left, y - top - 2))?;
            }
        }
        let middle = start + case.subjects.len() as f64 / 2.0;
        let (x, y) = context.backend_coord(&(middle, floor));
        let style = text(area, 11, HPos::Center, VPos::Top);
        area.draw_text(capacity, &style, (x - left, y - top + 4))?;
    }
    Ok(())
}

fn legend(area: &Area<'_>, results: &[CaseResult]) -> Result<(), Box<dyn Error>> {
    let titles = [
        "gonex-bench channels: ns for each message, logarithmic, shorter is better; in each chart \
         one group for each capacity",
        "not counted: hollow bars, which are unsound rivals, and thin bars, which are another \
         language with a scheduler of its own",
    ];
    for (title, y) in titles.into_iter().zip([8, 28]) {
        area.draw_text(title, &text(area, 15, HPos::Left, VPos::Top), (12, y))?;
    }
    let mut names: Vec<&str> = Vec::new();
    let subjects = results.iter().flat_map(|case| &case.subjects);
    for SubjectResult { name, .. } in subjects {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let (mut x, mut y) = (12, 54);
    for name in names {
        let room = 30 + 8 * i32::try_from(name.len())?;
        if x + room > WIDTH as i32 {
            (x, y) = (12, y + 20);
        }
        area.draw(&Rectangle::new([(x, y), (x + 12, y + 12)], color(name).filled()))?;
        area.draw_text(name, &text(area, 13, HPos::Left, VPos::Center), (x + 17, y + 6))?;
        x += room;
    }
    Ok(())
}

/// Ours in a colour that no rival comes near; the rivals told apart, and quiet.
fn color(name: &str) -> RGBColor {
    match name {
        "gonex" => RGBColor(0, 90, 200),
        "crossbeam-channel" => RGBColor(200, 170, 120),
        "flume" => RGBColor(150, 190, 150),
        "kanal" => RGBColor(215, 140, 140),
        "crossfire" => RGBColor(235, 160, 80),
        "crossfire spsc" | "crossfire mpsc" => RGBColor(245, 200, 150),
        "async-channel" => RGBColor(180, 160, 205),
        "tokio mpsc" => RGBColor(150, 150, 150),
        "std mpsc" => RGBColor(205, 205, 205),
        _ => RGBColor(120, 195, 205),
    }
}

fn text<'a>(area: &Area<'_>, size: u32, horizontal: HPos, vertical: VPos) -> TextStyle<'a> {
    ("sans-serif", size).into_text_style(area).pos(Pos::new(horizontal, vertical))
}

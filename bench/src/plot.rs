//! The medians as bars, with their spread as a line.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

use crate::rounds::CaseResult;
use crate::standing::Standing;
use crate::stats::median;
use crate::table::range;

const ROW: u32 = 26;
const WIDTH: u32 = 900;

pub fn draw(file: &Path, bench: &str, results: &[CaseResult]) -> Result<(), Box<dyn Error>> {
    let heights: Vec<u32> = results
        .iter()
        .map(|case| ROW * u32::try_from(case.subjects.len()).unwrap_or(1) + 90)
        .collect();
    let root = SVGBackend::new(file, (WIDTH, heights.iter().sum::<u32>() + 40)).into_drawing_area();
    root.fill(&WHITE)?;
    let titled =
        root.titled(&format!("gonex-bench {bench}: shorter is better"), ("sans-serif", 18))?;
    let breaks: Vec<i32> = heights
        .iter()
        .scan(0, |sum, &height| {
            *sum += i32::try_from(height).unwrap_or(0);
            Some(*sum)
        })
        .collect();
    let areas = titled.split_by_breakpoints::<i32, i32, _, _>(&[], &breaks[..breaks.len() - 1]);
    for (case, area) in results.iter().zip(&areas) {
        draw_case(case, area)?;
    }
    root.present()?;
    Ok(())
}

fn draw_case(
    case: &CaseResult,
    area: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
) -> Result<(), Box<dyn Error>> {
    let count = case.subjects.len();
    let most = case.subjects.iter().map(|subject| range(&subject.wall).1).fold(0.0, f64::max);
    let name = |row: f64| {
        let subject = case.subjects.get((count as f64 - row) as usize);
        subject.map_or_else(String::new, |subject| subject.name.clone())
    };
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{} ({})", case.name, case.unit), ("sans-serif", 14))
        .x_label_area_size(24)
        .y_label_area_size(230)
        .margin(8)
        .build_cartesian_2d(0.0..most * 1.05, 0.0..count as f64)?;
    chart.configure_mesh().disable_y_mesh().disable_y_axis().y_labels(0).draw()?;
    for (index, subject) in case.subjects.iter().enumerate() {
        let row = (count - index) as f64;
        let color = if subject.standing == Standing::Ours {
            RGBColor(0, 110, 160)
        } else {
            RGBColor(170, 170, 170)
        };
        let bar = [(0.0, row - 0.2), (median(&subject.wall), row - 0.8)];
        chart.draw_series([Rectangle::new(bar, color.filled())])?;
        let (low, high) = range(&subject.wall);
        chart.draw_series([PathElement::new([(low, row - 0.5), (high, row - 0.5)], BLACK)])?;
        let (x, y) = chart.backend_coord(&(0.0, row - 0.5));
        let (left, top) = area.get_base_pixel();
        let style = ("sans-serif", 13).into_text_style(area).pos(right_middle());
        area.draw_text(&name(row), &style, (x - left - 6, y - top))?;
    }
    Ok(())
}

fn right_middle() -> plotters::style::text_anchor::Pos {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    Pos::new(HPos::Right, VPos::Center)
}

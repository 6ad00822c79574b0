use std::io::{self, Write};

use super::chapter::Chapter;
use crate::engine::StoryReport;
use crate::output::escape::markup;
use crate::validator::cast::{Census, census};

/// How many people the chart has, at most.
const MOST_PEOPLE: usize = 14;
const ROW: usize = 22;
const LABELS: usize = 150;

/// Writes the chart of people over chapters; nothing if nobody is known by name.
pub(super) fn write_chart(
    story: &StoryReport,
    chapters: &[Chapter<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let Census { mut people, .. } = census(&story.files, &story.settings);
    people.truncate(MOST_PEOPLE);
    // Files in which nobody is named, such as notes, are no columns.
    let columns: Vec<&Chapter<'_>> = chapters
        .iter()
        .filter(|chapter| people.iter().any(|of| of.per_file[chapter.file] > 0))
        .collect();
    if people.is_empty() || columns.is_empty() {
        return Ok(());
    }
    // Few chapters may spread; many are scrolled through.
    let column_width = (520 / columns.len()).clamp(16, 30);
    let (width, height) = (LABELS + columns.len() * column_width + 8, (people.len() + 1) * ROW + 8);
    writeln!(out, "<h2>Who is named where</h2>\n<div class=\"scroll\">")?;
    writeln!(
        out,
        "<svg class=\"chart\" role=\"img\" aria-label=\"People over chapters\" width=\"{width}\" \
         height=\"{height}\" viewBox=\"0 0 {width} {height}\">"
    )?;
    for (index, person) in people.iter().enumerate() {
        let y = index * ROW + ROW / 2 + 4;
        let name = markup(&person.name);
        let label = shorten(&person.name);
        writeln!(
            out,
            "<text x=\"0\" y=\"{}\"><title>{name}</title>{}</text>",
            y + 4,
            markup(&label)
        )?;
        let end = LABELS + columns.len() * column_width;
        writeln!(out, "<line class=\"rail\" x1=\"{LABELS}\" y1=\"{y}\" x2=\"{end}\" y2=\"{y}\"/>")?;
        let most = person.per_file.iter().copied().max().unwrap_or(1).max(1);
        for (column, chapter) in columns.iter().enumerate() {
            let count = person.per_file[chapter.file];
            if count == 0 {
                continue;
            }
            // The area says how often: a person's most counts as full.
            let radius = 2.0 + 5.0 * f64::from(count).sqrt() / f64::from(most).sqrt();
            let x = LABELS + column * column_width + column_width / 2;
            let title = markup(&chapter.title);
            writeln!(
                out,
                "<circle class=\"cell\" cx=\"{x}\" cy=\"{y}\" r=\"{radius:.1}\">\
                 <title>{name}, {title}: {count}</title></circle>"
            )?;
        }
    }
    let y = people.len() * ROW + ROW / 2 + 8;
    for (column, _) in
        columns.iter().enumerate().filter(|(column, _)| (column + 1) % 5 == 0 || *column == 0)
    {
        let x = LABELS + column * column_width + column_width / 2;
        writeln!(out, "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>", column + 1)?;
    }
    writeln!(out, "</svg>\n</div>")?;
    writeln!(
        out,
        "<p class=\"count\">Each dot is a chapter that names the person; the larger, the more \
         often. Numbers count the chapters in which anyone is named.</p>"
    )
}

/// A name that fits beside the chart.
fn shorten(name: &str) -> String {
    const MOST: usize = 20;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let kept: String = name.chars().take(MOST - 1).collect();
    kept + "…"
}

use std::io::{self, Write};

use super::chapter::{Chapter, write_chapter};
use super::chart::write_chart;
use crate::engine::StoryReport;
use crate::output::escape::markup;
use crate::output::view::View;

const STYLE: &str = include_str!("page.css");

/// Writes the page.
pub(in crate::output) fn write(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let names: Vec<&str> = view.report.stories.iter().map(|story| &*story.name).collect();
    let title = match names[..] {
        [] => "story-lint".to_owned(),
        [one] => format!("story-lint: {one}"),
        _ => format!("story-lint: {} stories", names.len()),
    };
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>", markup(&title))?;
    writeln!(out, "<h1>{}</h1>", markup(&title))?;
    writeln!(out, "<p class=\"count\">{}</p>", markup(&view.summary().to_string()))?;
    write_problems(view, out)?;
    for (index, story) in view.report.stories.iter().enumerate() {
        write_story(story, index, names.len() > 1, out)?;
    }
    let version = env!("CARGO_PKG_VERSION");
    writeln!(out, "<footer>Written by story-lint {version}.</footer>\n</body>\n</html>")
}

fn write_problems(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    for problem in &view.report.problems {
        let (path, message) = (markup(&problem.path), markup(&problem.message));
        let severity = problem.severity;
        writeln!(out, "<aside class=\"{severity}\"><p><b>{path}</b>: {message}</p></aside>")?;
    }
    for failure in view.failures() {
        writeln!(out, "<aside class=\"error\"><p>{}</p></aside>", markup(&failure.text()))?;
    }
    Ok(())
}

fn write_story(
    story: &StoryReport,
    number: usize,
    has_title: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    if has_title {
        writeln!(out, "<h2>{}</h2>", markup(&story.name))?;
    }
    let chapters: Vec<Chapter<'_>> = Chapter::all(story, number);
    if chapters.is_empty() {
        return Ok(());
    }
    writeln!(out, "<nav aria-label=\"Chapters\">\n<ol>")?;
    for chapter in &chapters {
        let title = markup(&chapter.title);
        match chapter.findings.len() {
            0 => writeln!(out, "<li>{title}</li>")?,
            count => {
                let id = &chapter.id;
                let count = crate::output::text::count(count, "finding");
                writeln!(
                    out,
                    "<li><a href=\"#{id}\">{title}</a> <span class=\"count\">{count}</span></li>"
                )?;
            }
        }
    }
    writeln!(out, "</ol>\n</nav>")?;
    write_chart(story, &chapters, out)?;
    for chapter in chapters.iter().filter(|chapter| chapter.is_shown()) {
        write_chapter(story, chapter, number, out)?;
    }
    Ok(())
}

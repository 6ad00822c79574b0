use super::check::Dated;
use super::rules::ORDER;
use crate::calendar::{Calendar, Date};
use crate::finding::{Finding, Location, Report};
use crate::story::FileId;

/// A date that sets a scene.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) file: FileId,
    pub(super) of: &'a Dated,
    pub(super) date: Date,
    /// The letter or diary it stands in, or the last before it; each has its own order.
    pub(super) text: usize,
}

/// A date that lies further back is a memory.
const MOST_DAYS: u64 = 400;
/// A book that goes back more often is not told in order.
const MOST_STEPS: usize = 2;

/// Reports each scene that is dated before the one before it.
pub(super) fn report(scenes: &[Scene<'_>], calendar: &Calendar, report: &mut Report) {
    let mut steps = Vec::new();
    let mut last: Option<&Scene<'_>> = None;
    for scene in scenes {
        if let Some(before) = last
            && scene.date < before.date
            && scene.text == before.text
        {
            let days = calendar.days_between(scene.date, before.date);
            if days.is_none_or(|days| days > MOST_DAYS) {
                continue;
            }
            steps.push((before, scene));
        }
        last = Some(scene);
    }
    if steps.len() > MOST_STEPS {
        return;
    }
    for (before, scene) in steps {
        let (earlier, later) = (calendar.show(scene.date), calendar.show(before.date));
        let at = |scene: &Scene<'_>| Location { file: scene.file, span: scene.of.span };
        report.add(
            Finding::new(&ORDER, at(scene), format!("{earlier} comes after {later}"))
                .related(at(before), "the date before it stands here")
                .because(
                    "both are full dates in the narrator’s words, and no heading or phrase between \
                     them goes back in time",
                )
                .help(
                    "correct one of the two dates; if the scene lies in the past, say so in a \
                     heading or in its first words",
                ),
        );
    }
}

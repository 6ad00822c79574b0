use super::facts::Event;
use super::names::Names;
use super::rules::DEAD;
use crate::finding::{Finding, Location, Report};
use crate::story::FileId;

/// An event with its place in the order of the story.
#[derive(Clone, Copy)]
pub(super) struct Happened<'a> {
    pub(super) file: FileId,
    pub(super) of: &'a Event,
    /// Whether it is told of another time.
    pub(super) elsewhen: bool,
    /// The scene of the file.
    pub(super) scene: usize,
}

/// Reports each who speaks after death, in one scene only.
///
/// Who speaks in several scenes is alive after all, or the story is not told in order.
pub(super) fn report(
    names: &Names<'_>,
    deaths: &[Happened<'_>],
    speeches: &[Happened<'_>],
    report: &mut Report,
) {
    let place = |of: &Happened<'_>| (of.file, of.of.span);
    for (index, death) in deaths.iter().enumerate() {
        let is_told =
            deaths[..index].iter().any(|before| names.is_same(&before.of.who, &death.of.who));
        if death.elsewhen || is_told {
            continue;
        }
        let mut later = speeches.iter().filter(|speech| {
            // A scene is often told from its end.
            let is_later = (speech.file, speech.scene) > (death.file, death.scene)
                && place(speech) > place(death);
            is_later && !speech.elsewhen && names.is_same(&death.of.who, &speech.of.who)
        });
        let Some(first) = later.next() else { continue };
        let scene = (first.file, first.scene);
        if later.any(|speech| (speech.file, speech.scene) != scene) {
            continue;
        }
        let who = &first.of.who;
        let finding = Finding::new(
            &DEAD,
            Location { file: first.file, span: first.of.span },
            format!("{who} speaks here, and died before"),
        )
        .related(Location { file: death.file, span: death.of.span }, "the death stands here")
        .because(
            "the narrator tells of the death as a fact, and neither a heading nor the text before \
             goes back in time",
        )
        .help(
            "give the line to someone else; if the scene lies in the past, say so in a heading or \
             in its first words",
        );
        report.add(finding);
    }
}

use super::colour::{Colours, Part};
use super::facts::{Observed, Trait};
use super::names::Names;
use super::rules::{AGE, EYES, HAIR, SIDE};
use crate::finding::{Finding, Location, Report};
use crate::rule::Rule;
use crate::story::FileId;
use crate::validator::section::Order;

/// Something said of a person, with its place in the order of the story.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) file: FileId,
    pub(super) of: &'a Observed,
    /// Whether it is told of another time.
    pub(super) elsewhen: bool,
}

/// Gathers what is said of people in a file.
pub(super) fn said<'a>(
    file: FileId,
    observed: &'a [Observed],
    order: &Order<'_>,
    told_in_quotations: bool,
) -> Vec<Said<'a>> {
    let plain = observed.iter().filter(|of| told_in_quotations || !of.quoted);
    plain.map(|of| Said { file, of, elsewhen: order.is_elsewhen(of.block) }).collect()
}

/// Reports what contradicts something said before.
pub(super) fn report(names: &Names<'_>, said: &[Said<'_>], report: &mut Report) {
    for (index, later) in said.iter().enumerate() {
        // The first that it contradicts; one that repeats a contradiction is told once.
        let earlier = said[..index].iter().find(|earlier| {
            names.is_same(&earlier.of.who, &later.of.who) && clash(earlier, later).is_some()
        });
        let Some(earlier) = earlier else { continue };
        let is_told = said[..index].iter().any(|before| {
            before.of.what == later.of.what
                && names.is_same(&before.of.who, &later.of.who)
                && clash(earlier, before).is_some()
        });
        if let (Some(clash), false) = (clash(earlier, later), is_told) {
            report.add(finding(clash, earlier, later));
        }
    }
}

/// What two statements disagree about.
struct Clash {
    rule: &'static Rule,
    message: String,
    before: String,
    reason: String,
}

fn clash(earlier: &Said<'_>, later: &Said<'_>) -> Option<Clash> {
    let who = &later.of.who;
    match (earlier.of.what, later.of.what) {
        (Trait::Eyes(a), Trait::Eyes(b)) => colours(who, a, b, Part::Eyes),
        (Trait::Hair(a), Trait::Hair(b)) => colours(who, a, b, Part::Hair),
        (Trait::Age(a), Trait::Age(b)) => {
            let is_told = |of: &Said<'_>| !of.elsewhen && !of.of.spoken;
            (a > b && is_told(earlier) && is_told(later)).then(|| Clash {
                rule: &AGE,
                message: format!("{who} is {b} here, and was {a} before"),
                before: format!("{a} years old here"),
                reason: "nobody grows younger, and no heading or phrase between the two goes back \
                         in time"
                    .to_owned(),
            })
        }
        (Trait::Limb(a), Trait::Limb(b)) => {
            let is_other = a.part == b.part && a.harm == b.harm && a.is_left != b.is_left;
            let side = |is_left: bool| if is_left { "left" } else { "right" };
            is_other.then(|| Clash {
                rule: &SIDE,
                message: format!(
                    "the {} of {who} is at the {} {} here, and at the {} before",
                    b.harm,
                    side(b.is_left),
                    b.part,
                    side(a.is_left)
                ),
                before: format!("the {} {} here", side(a.is_left), a.part),
                reason: "such a mark stays where it is".to_owned(),
            })
        }
        _ => None,
    }
}

fn colours(who: &str, a: Colours, b: Colours, part: Part) -> Option<Clash> {
    let (rule, word) = match part {
        Part::Eyes => (&EYES, "eyes"),
        Part::Hair => (&HAIR, "hair"),
    };
    a.contradicts(b, part).then(|| Clash {
        rule,
        message: format!(
            "{who} has {} {word} here, and {} {word} before",
            b.name(part),
            a.name(part)
        ),
        before: format!("{} {word} here", a.name(part)),
        reason: format!(
            "the same {word} are not called both, and no sentence says that they changed"
        )
        .replace("hair are", "hair is")
        .replace("they changed", if part == Part::Hair { "it changed" } else { "they changed" }),
    })
}

fn finding(clash: Clash, earlier: &Said<'_>, later: &Said<'_>) -> Finding {
    let at = |said: &Said<'_>| Location { file: said.file, span: said.of.span };
    let help = match clash.rule.id {
        "CHAR012" => {
            "change one of the two; if the scene lies in the past, say so in a heading or in its \
             first words"
        }
        _ => {
            "change one of the two; if these are two people, name them apart where they share a name"
        }
    };
    let (a, b) = (&earlier.of.who, &later.of.who);
    let same =
        if a == b { String::new() } else { format!("; `{a}` and `{b}` are taken for one person") };
    Finding::new(clash.rule, at(later), clash.message)
        .related(at(earlier), clash.before)
        .because(format!("{}{same}", clash.reason))
        .help(help)
}

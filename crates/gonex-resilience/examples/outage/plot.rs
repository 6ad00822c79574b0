//! The timeline as a picture: what the server did, the breaker's state, and what became of the calls.

use std::fmt::Write;

use gonex_resilience::breaker::BreakerState;

use crate::drill::{CALLS, Report, Round, state_name};
use crate::server::Mode;

const LEFT: u32 = 130;
const COLUMN: u32 = 14;
const LANE: u32 = 22;
/// Where the bars of calls begin, and how high one call is.
const BARS: u32 = 104;
const CALL: u32 = 6;
/// So many requests have room: each call may be tried twice.
const MOST: u32 = CALLS * 2;

const ANSWERED: (&str, &str) = ("#2c7fb8", "answered");
const FAILED: (&str, &str) = ("#d95f0e", "failed; users get the page that was kept");
const STALLED: (&str, &str) = ("#fec44f", "stalled");
const TURNED_AWAY: (&str, &str) = ("#8856a7", "turned away by the bulkhead");
const REFUSED: (&str, &str) = ("#bdbdbd", "not called; users get it, too");

fn mode_color(mode: Mode) -> &'static str {
    match mode {
        Mode::Well => "#a1d99b",
        Mode::Fails => FAILED.0,
        Mode::Stalls => STALLED.0,
    }
}

fn state_color(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "#a1d99b",
        BreakerState::HalfOpen => "#ffffb3",
        _ => "#636363",
    }
}

/// An SVG document.
pub(crate) fn draw(report: &Report) -> String {
    let columns = report.rounds.len() as u32;
    let (width, below) = (LEFT + columns * COLUMN + 20, BARS + CALLS * CALL);
    let (server, height) = (below + 30 + MOST * CALL, below + 100 + MOST * CALL);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let title = "A service fails and stalls; its client gets by: a column for each round of calls";
    text(&mut svg, 12, 22, title);
    for (y, label) in [
        (54, "the server"),
        (54 + LANE + 4, "the breaker"),
        (below - 6, "what users get"),
        (server - 6, "what reaches it"),
    ] {
        text(&mut svg, 12, y, label);
    }
    for (index, round) in report.rounds.iter().enumerate() {
        let x = LEFT + index as u32 * COLUMN;
        let state =
            format!("server {}, breaker {}", round.mode.name(), state_name(state_of(round)));
        block(&mut svg, x, 38, COLUMN, LANE, mode_color(round.mode), &state);
        block(&mut svg, x, 42 + LANE, COLUMN, LANE, state_color(state_of(round)), &state);
        let gets =
            [(round.answered, ANSWERED), (round.fell_back, FAILED), (round.refused, REFUSED)];
        stack(&mut svg, x, below, &gets);
        let served = round.served;
        let reached = [
            (served.answered, ANSWERED),
            (served.failed, FAILED),
            (served.stalled, STALLED),
            (served.turned_away, TURNED_AWAY),
        ];
        stack(&mut svg, x, server, &reached);
    }
    legend(&mut svg, server + 24);
    svg += "</svg>\n";
    svg
}

/// The state that says most about a round: that it looked whether the server is back, if it did.
fn state_of(round: &Round) -> BreakerState {
    let came_to = |state| round.transitions.iter().any(|event| event.to == state);
    match [BreakerState::HalfOpen, BreakerState::Open].into_iter().find(|state| came_to(*state)) {
        Some(state) => state,
        None => round.transitions.last().map_or(round.before, |event| event.to),
    }
}

fn text(svg: &mut String, x: u32, y: u32, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\">{text}</text>");
}

fn block(svg: &mut String, x: u32, y: u32, width: u32, height: u32, color: &str, title: &str) {
    let width = width - 1;
    let _ = writeln!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\">\
         <title>{title}</title></rect>"
    );
}

/// Calls as a column that stands on `floor`.
fn stack(svg: &mut String, x: u32, floor: u32, parts: &[(u32, (&str, &str))]) {
    let mut top = floor;
    for &(calls, (color, what)) in parts.iter().filter(|(calls, _)| *calls > 0) {
        let height = calls.min(MOST) * CALL;
        top = top.saturating_sub(height);
        block(svg, x, top, COLUMN, height, color, &format!("{calls} {what}"));
    }
}

fn legend(svg: &mut String, y: u32) {
    let states = [BreakerState::Closed, BreakerState::HalfOpen, BreakerState::Open];
    let states = states.map(|state| (state_color(state), state_name(state)));
    let calls = [ANSWERED, FAILED, STALLED, TURNED_AWAY, REFUSED];
    for (row, entries) in [&states[..], &calls[..]].into_iter().enumerate() {
        let (mut x, y) = (12, y + row as u32 * 22);
        for (color, name) in entries {
            block(svg, x, y, 12, 12, color, name);
            text(svg, x + 16, y + 10, name);
            x += 40 + 6 * name.len() as u32;
        }
    }
}

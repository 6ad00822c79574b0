//! A service that fails, stalls and recovers on command, and a client that gets by: layers of tower on both
//! sides of a real port.
//!
//! ```text
//! cargo run -p gonex-resilience --example outage [-- [--by-hand] [FILE.svg]]
//! ```
//!
//! The server is axum's, behind a limiter and a bulkhead; the client is hyper's, behind a fallback, retries,
//! a breaker and a time-out. Each line of the timeline is a round of calls at once; with a file, the same is
//! drawn into it. `--by-hand` does not let time pass between rounds, but moves the breaker's clock.

mod client;
mod drill;
mod plot;
mod server;

use std::error::Error;
use std::path::PathBuf;

use drill::{DRILL, Pace};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (flags, files): (Vec<_>, Vec<_>) =
        std::env::args_os().skip(1).partition(|argument| argument == "--by-hand");
    let pace = if flags.is_empty() { Pace::Real(drill::ROUND) } else { Pace::by_hand() };
    let report = drill::run(&DRILL, pace).await?;
    print!("{report}");
    if let Some(file) = files.first().map(PathBuf::from) {
        std::fs::write(&file, plot::draw(&report))?;
        println!("drew {}", file.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gonex_resilience::breaker::BreakerState::{self, Closed, HalfOpen, Open};

    use super::*;
    use crate::drill::{CALLS, Report};
    use crate::server::{Mode, Served};

    /// Real sockets and time-outs; only the breaker's time is moved by hand, round by round.
    async fn by_hand() -> Report {
        let drill = drill::run(&DRILL, Pace::by_hand());
        let watched = tokio::time::timeout(Duration::from_secs(120), drill).await;
        watched.expect("it ends").unwrap()
    }

    /// The states that the breaker came to while the server was in a mode, of those that it was in one after
    /// the other.
    fn states(report: &Report, phase: usize) -> Vec<BreakerState> {
        let rounds = report.rounds.iter().filter(|round| round.phase == phase);
        rounds.flat_map(|round| round.transitions.iter().map(|event| event.to)).collect()
    }

    #[tokio::test]
    async fn the_breaker_goes_through_its_states_and_nobody_gets_an_error() {
        let report = by_hand().await;
        let modes: Vec<Mode> = DRILL.iter().map(|step| step.mode).collect();
        assert_eq!(modes, [Mode::Well, Mode::Fails, Mode::Well, Mode::Stalls, Mode::Well]);
        assert_eq!(states(&report, 0), []);
        for down in [1, 3] {
            let states = states(&report, down);
            assert_eq!(states[..3], [Open, HalfOpen, Open], "it looks, and finds it down still");
            let tried =
                states.chunks(2).all(|pair| pair[0] == Open && pair.get(1) != Some(&Closed));
            assert!(tried, "{states:?}");
        }
        for recovered in [2, 4] {
            assert_eq!(states(&report, recovered).last(), Some(&Closed));
            assert_eq!(
                states(&report, recovered).iter().filter(|state| **state == Closed).count(),
                1
            );
        }
        assert_eq!(report.failed, 0, "there is always something to show");
    }

    #[tokio::test]
    async fn what_is_down_is_hardly_called_and_what_is_up_answers_all() {
        let report = by_hand().await;
        for round in &report.rounds {
            let Served { answered, failed, stalled, turned_away } = round.served;
            let reached = answered + failed + stalled + turned_away;
            match (round.before, round.transitions.is_empty()) {
                (Open, true) => assert_eq!((reached, round.refused), (0, CALLS), "{round}"),
                (Closed, true) => assert_eq!((round.answered, reached), (CALLS, CALLS), "{round}"),
                _ => {}
            }
            assert_eq!(round.answered + round.refused + round.fell_back, CALLS, "{round}");
        }
        let stalled = report.rounds.iter().filter(|round| round.served.stalled > 0);
        let most = stalled.map(|round| round.served.turned_away).max();
        assert!(most > Some(0), "it holds no more than it has places for");
        assert_eq!(report.places, (server::PLACES, server::PLACES), "all of them are free again");
        let plot = plot::draw(&report);
        assert!(
            plot.starts_with("<svg") && plot.ends_with("</svg>\n") && plot.contains("half open")
        );
    }
}

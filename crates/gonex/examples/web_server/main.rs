//! A web server under load, in four forms: one request after the other; everything in async tasks, on one
//! event loop and on one for each core; and with gonex, where tasks wait and workers compute.
//!
//! Each request waits 5 ms, as for a database, and then computes for about 2 ms; one of ten only asks whether
//! the server is well. The load is given in cores that the computations alone would keep busy.
//!
//! ```text
//! cargo run --release -p gonex --example web_server
//! ```
//!
//! `docs/programs-performance.md` has the tables that it printed, and what they say.

#[path = "../measured/mod.rs"]
mod measured;

mod load;
mod server;

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, Instant};

use gonex::oneshot;
use load::{Load, Outcome};
use measured::{Child, Failure, Form, Table, Usage, cores, percent, span, told};
use server::{LOOKUP, serve, work};

/// How much a request computes: 2 ms or so.
const ROUNDS: u32 = 500_000;
/// How many different requests there are.
const IDS: u64 = 16;
/// How long each load is put on.
const SECONDS: f64 = 8.0;
/// The loads, in cores that computing keeps busy: one that requests one by one can bear, one that an event
/// loop can, one that needs more than a core, and more than two cores have.
const LOADS: [f64; 4] = [0.2, 0.8, 1.4, 2.0];
/// Under which of them latencies are compared: under a higher one they only say how long it lasted.
const BORNE: f64 = 0.8;

fn answers(rounds: u32) -> Arc<Vec<u64>> {
    Arc::new((0..IDS).map(|id| work(id, rounds)).collect())
}

/// How long one computation takes here, at best.
fn cost() -> Option<Duration> {
    let timed = |id| {
        let start = Instant::now();
        std::hint::black_box(work(std::hint::black_box(id), ROUNDS));
        start.elapsed()
    };
    (0..50).map(timed).min()
}

/// In the process of a server: serves until its input ends.
fn be_server(form: Form) -> Result<(), Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("listens {}", listener.local_addr()?);
    let (stop, stopped) = oneshot();
    let watch = move || {
        let ended = std::io::stdin().read_to_end(&mut Vec::new());
        drop(stop);
        ended
    };
    let mut watching = gonex::thread::spawn(watch);
    serve(form, ROUNDS, listener, stopped)?;
    watching.join().block()??;
    told(Usage::now());
    Ok(())
}

/// Puts a load on a server of its own.
fn measure(
    form: Form,
    of_cores: f64,
    load: Load,
    expected: &Arc<Vec<u64>>,
) -> Result<Measured, Failure> {
    let mut child = Child::start(&["serve", &form.to_string()])?;
    let server: SocketAddr = child.read("listens")?;
    let before = Usage::now().cpu;
    let outcome = load::put(server, load, expected)?;
    // This process does nothing else.
    let client = Usage::now().cpu.zip(before).map(|(now, before)| now.saturating_sub(before));
    Ok(Measured { form, of_cores, outcome, client, usage: child.finish()? })
}

/// What share of the machine a process had.
fn share(used: Option<Duration>, wall: Duration) -> Option<f64> {
    Some(used?.as_secs_f64() / (wall.as_secs_f64() * cores() as f64))
}

fn compare() -> Result<(), Failure> {
    let expected = answers(ROUNDS);
    let cost = cost().ok_or("nothing was timed")?;
    let cores = cores();
    println!(
        "{cores} cores, which the client shares; a request: {LOOKUP:?} of waiting, then {cost:.2?} of computing"
    );
    println!("{SECONDS} s for each line; latencies count from when a request was due\n");
    let mut table = Table::new([
        "load, form",
        "asked/s",
        "answered/s",
        "turned away",
        "CPU",
        "peak",
        "p50",
        "p99",
        "health p50",
        "health p99",
        "client",
        "sent late",
    ]);
    let mut all = Vec::new();
    for of_cores in LOADS {
        // One of ten computes nothing.
        let rate = of_cores / cost.as_secs_f64() / 0.9;
        let load = Load { rate, count: (rate * SECONDS) as u32 };
        for form in Form::ALL {
            let measured = measure(form, of_cores, load, &expected)?;
            table.add(measured.line(rate));
            all.push(measured);
        }
    }
    println!("{table}");
    print!("{}", beside_the_seeds(&all));
    Ok(())
}

/// One form under one load.
struct Measured {
    form: Form,
    of_cores: f64,
    outcome: Outcome,
    /// Of the server.
    usage: Usage,
    /// CPU time of the client.
    client: Option<Duration>,
}

impl Measured {
    fn answered(&self) -> f64 {
        f64::from(self.outcome.answered) / self.outcome.wall.as_secs_f64()
    }

    fn cpu(&self) -> Option<f64> {
        share(self.usage.cpu, self.outcome.wall)
    }

    fn line(&self, rate: f64) -> [String; 12] {
        let Self { form, of_cores, outcome, usage, client } = self;
        let megabytes = |bytes| format!("{:.0} MB", bytes as f64 / 1e6);
        [
            format!("{of_cores} cores, {form}"),
            format!("{rate:.0}"),
            format!("{:.0}", self.answered()),
            outcome.turned_away.to_string(),
            percent(self.cpu()),
            usage.peak_bytes.map_or("–".to_owned(), megabytes),
            span(outcome.work.p50),
            span(outcome.work.p99),
            span(outcome.health.p50),
            span(outcome.health.p99),
            percent(share(*client, outcome.wall)),
            span(outcome.sent_late),
        ]
    }
}

/// What the seeds hope for, beside what was measured: latencies under the load that all event loops bear, and
/// the rest under the highest one.
fn beside_the_seeds(all: &[Measured]) -> Table {
    let mut table = Table::new(["to an event loop", "seeds, workers", "event-loops", "gonex"]);
    let highest = LOADS[LOADS.len() - 1];
    let mut row = |name: &str, seeds: &str, load: f64, value: Comparison| {
        let of = |form| all.iter().find(|of| of.form == form && of.of_cores == load);
        let compared = |form| value(of(Form::EventLoop)?, of(form)?);
        let told = |form| compared(form).unwrap_or_else(|| "–".to_owned());
        let name = format!("{name} at {load} cores");
        table.add([name, seeds.to_owned(), told(Form::EventLoops), told(Form::Gonex)]);
    };
    row("requests/s", "4.00", highest, |base, other| {
        Some(format!("{:.2}", other.answered() / base.answered()))
    });
    row("CPU", "25 % → 95 %", highest, |base, other| {
        Some(format!("{} → {}", percent(base.cpu()), percent(other.cpu())))
    });
    row("peak of memory", "1.20", highest, |base, other| {
        let (base, other) = (base.usage.peak_bytes?, other.usage.peak_bytes?);
        Some(format!("{:.2}", other as f64 / base as f64))
    });
    row("median latency", "0.25", BORNE, |base, other| ratio(base, other, |of| of.work.p50));
    row("p99 of latency", "0.25", BORNE, |base, other| ratio(base, other, |of| of.work.p99));
    row("p99 of health", "–", BORNE, |base, other| ratio(base, other, |of| of.health.p99));
    table
}

/// Says what a form is to an event loop.
type Comparison = fn(&Measured, &Measured) -> Option<String>;

fn ratio(base: &Measured, other: &Measured, of: fn(&Outcome) -> Duration) -> Option<String> {
    let (base, other) = (of(&base.outcome).as_secs_f64(), of(&other.outcome).as_secs_f64());
    Some(format!("{:.2}", other / base))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(),
        ["serve", form] => be_server(form.parse()?),
        _ => Err("this takes no arguments; it starts itself as `serve FORM`".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Little to compute, and requests as fast as they can be sent.
    const SHORT: u32 = 1_000;

    fn under_load(form: Form, expected: &Arc<Vec<u64>>) -> Result<Outcome, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let server = listener.local_addr()?;
        let (stop, stopped) = oneshot();
        let mut serving = gonex::thread::spawn(move || serve(form, SHORT, listener, stopped));
        let outcome = load::put(server, Load { rate: 1e6, count: 40 }, expected);
        drop(stop);
        serving.join().block()??;
        outcome
    }

    #[test]
    fn all_forms_answer_alike() {
        for form in Form::ALL {
            let outcome = under_load(form, &answers(SHORT)).unwrap();
            assert_eq!((outcome.answered, outcome.turned_away), (40, 0), "{form}: {outcome:?}");
            assert!(outcome.work.p50 >= LOOKUP, "{form} has answered before it could: {outcome:?}");
            assert_eq!(form.to_string().parse(), Ok(form));
        }
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        let error = under_load(Form::Gonex, &answers(SHORT + 1)).unwrap_err();
        assert!(error.to_string().contains("the server said"), "{error}");
    }

    #[test]
    fn one_request_after_the_other_takes_at_least_their_sum() {
        let outcome = under_load(Form::Sequential, &answers(SHORT)).unwrap();
        assert!(outcome.wall >= LOOKUP * 36, "{outcome:?}");
    }

    #[test]
    fn the_table_says_what_is_not_known() {
        let mut table = Table::new(["a", "bb"]);
        table.add([span(Duration::from_micros(1_500)), percent(None)]);
        assert_eq!(table.to_string(), "| a      | bb |\n| ------ | -: |\n| 1.5 ms |  – |\n");
        assert!(share(Some(LOOKUP), LOOKUP).is_some_and(|share| share <= 1.0));
    }
}

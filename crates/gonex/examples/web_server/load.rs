//! The load: requests that come when they come, whether or not the earlier ones were answered.
//!
//! A client that waits for an answer before it asks again leaves out just the requests that a stall would
//! have hit. So each has the moment at which it is due, drawn before, and its latency counts from there:
//! what is sent late was late for its user, too.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use gonex::Semaphore;
use gonex::profile::{Profiler, Recorder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::measured::Failure;

/// Whoever waits longer has gone away.
const PATIENCE: Duration = Duration::from_secs(30);
/// Each open request is a file to the system, which has a bound for them. What comes beyond this is turned
/// away, and counted.
const MOST_OPEN: usize = 400;
/// One request of so many asks only whether the server is well.
const HEALTH: u32 = 10;

/// How many requests there are, and how many a second on average.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) rate: f64,
    pub(crate) count: u32,
}

/// What came of a load.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answered: u32,
    /// Those that were not sent, since too many were open.
    pub(crate) turned_away: u32,
    /// From the first that was due to the last answer.
    pub(crate) wall: Duration,
    pub(crate) work: Latency,
    pub(crate) health: Latency,
    /// How late requests were sent, at the most in 99 of 100: the client's own share.
    pub(crate) sent_late: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Latency {
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// The times between requests of many users who do not know of one another.
struct Gaps {
    state: u64,
    mean: f64,
}

impl Iterator for Gaps {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.state = crate::server::work(self.state.wrapping_add(0x9e37_79b9_7f4a_7c15), 1);
        let drawn = (self.state >> 11) as f64 / (1_u64 << 53) as f64;
        Some(Duration::from_secs_f64(-(1.0 - drawn).ln() * self.mean))
    }
}

/// Puts a load on a server and checks each answer to `/work/7` to be `expected[7]`. The same load comes at
/// the same moments each time.
pub(crate) fn put(
    server: SocketAddr,
    load: Load,
    expected: &Arc<Vec<u64>>,
) -> Result<Outcome, Failure> {
    let client = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    client.block_on(run(server, load, expected))
}

async fn run(server: SocketAddr, load: Load, expected: &Arc<Vec<u64>>) -> Result<Outcome, Failure> {
    let profiler = Profiler::new();
    let (of_work, of_health) = (profiler.recorder("work"), profiler.recorder("health"));
    let sent = profiler.recorder("sent late");
    let open = Arc::new(Semaphore::new(MOST_OPEN));
    let answered = Arc::new(AtomicU32::new(0));
    let mut turned_away = 0;
    let mut asking = JoinSet::new();
    let start = Instant::now();
    let mut due = start;
    for (number, gap) in (0..load.count).zip(Gaps { state: 1, mean: load.rate.recip() }) {
        due += gap;
        tokio::time::sleep_until(due.into()).await;
        while let Some(ended) = asking.try_join_next() {
            ended??;
        }
        let Ok(permit) = open.try_acquire_owned(1) else {
            turned_away += 1;
            continue;
        };
        sent.record(due.elapsed());
        let (path, answer, recorder) = match number % HEALTH {
            0 => ("/health".to_owned(), "well".to_owned(), of_health.clone()),
            _ => {
                let id = number as usize % expected.len();
                (format!("/work/{id}"), expected[id].to_string(), of_work.clone())
            }
        };
        let answered = answered.clone();
        asking.spawn(async move {
            let _open = permit;
            asked(server, &path, &answer, due, &recorder).await?;
            answered.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = asking.join_next().await {
        ended??;
    }
    let wall = start.elapsed();
    let report = profiler.report();
    let latency = |name| {
        let of = |found: &gonex::profile::Measurement| Latency { p50: found.p50, p99: found.p99 };
        report.total(name).map(of).unwrap_or_default()
    };
    Ok(Outcome {
        answered: answered.load(Ordering::Relaxed),
        turned_away,
        wall,
        work: latency("work"),
        health: latency("health"),
        sent_late: latency("sent late").p99,
    })
}

/// Asks once, on a connection of its own, and holds the answer against what it has to be.
async fn asked(
    server: SocketAddr,
    path: &str,
    answer: &str,
    due: Instant,
    recorder: &Recorder,
) -> Result<(), Failure> {
    let got = tokio::time::timeout(PATIENCE, fetch(server, path)).await??;
    recorder.record(due.elapsed());
    match got == answer {
        true => Ok(()),
        false => Err(format!("{path} is {answer:?}, and the server said {got:?}").into()),
    }
}

async fn fetch(server: SocketAddr, path: &str) -> Result<String, Failure> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    match response.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.to_owned()),
        _ => Err(format!("{path}: {response}").into()),
    }
}

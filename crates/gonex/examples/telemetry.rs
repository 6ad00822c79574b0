//! What a program waits for, as metrics in the form that Prometheus reads, and as spans of `tracing`;
//! and what its long-lived parts say of themselves.
//!
//! ```text
//! cargo run -p gonex --example telemetry --features metrics,tracing
//! ```

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gonex::component::{Component, Lifecycle, Metrics, Registry, Snapshot};
use gonex::rt::Manual;
use gonex::{Address, Instant, Op, Receiver, channel, rt, telemetry};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::format::FmtSpan;

const HOUR: Duration = Duration::from_secs(3600);

/// A part that counts pages, on a thread of its own.
struct Counter {
    address: Address<String>,
    ended: gonex::WatchReceiver<bool>,
    pages: Arc<AtomicU64>,
}

impl Counter {
    fn start(threads: usize) -> Result<Arc<Self>, Box<dyn Error>> {
        let (address, mailbox) = Address::new(threads);
        let (end, ended) = gonex::watch(false);
        let pages = Arc::new(AtomicU64::new(0));
        let count = {
            let pages = pages.clone();
            move |mailbox: Receiver<String>| {
                for _page in &mailbox {
                    pages.fetch_add(1, Ordering::Relaxed);
                }
                end.send_replace(true);
            }
        };
        rt::spawn_thread("counter".to_owned(), move || count(mailbox))?;
        Ok(Arc::new(Self { address, ended, pages }))
    }
}

impl Component for Counter {
    fn name(&self) -> &str {
        "pages"
    }

    fn kind(&self) -> &str {
        "counter"
    }

    fn stop(self: Arc<Self>, _deadline: Instant) -> Op<Lifecycle> {
        self.address.close();
        let mut ended = self.ended.clone();
        Lifecycle::of(async move {
            ended.wait_until(|ended| *ended).await.map_err(|error| error.to_string().into())
        })
    }

    fn is_running(&self) -> bool {
        self.address.is_alive()
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot::map().with("queued", self.address.queued())
    }

    fn metrics(&self) -> Metrics {
        Metrics::new().with_count("pages", self.pages.load(Ordering::Relaxed))
    }
}

/// Receives what is sent after an hour.
fn wait_for_a_page(clock: &Manual) -> Result<String, Box<dyn Error>> {
    let (tx, rx) = channel(1);
    let sender = rt::spawn_thread("sender".to_owned(), move || {
        rt::sleep(HOUR).block();
        drop(tx.send("call me Ishmael".to_owned()).block());
    })?;
    while clock.timers() == 0 {
        std::thread::yield_now();
    }
    clock.advance(HOUR);
    let page = rx.recv().block()?;
    sender.join();
    Ok(page)
}

/// What metrics say in the end, what the parts say, and how they ended.
fn run(clock: &Manual) -> Result<(String, Snapshot, bool), Box<dyn Error>> {
    let recorder = PrometheusBuilder::new().install_recorder()?;
    let spans = tracing_subscriber::fmt().with_span_events(FmtSpan::CLOSE).without_time();
    spans.with_max_level(LevelFilter::TRACE).with_writer(std::io::stderr).init();
    telemetry::set_metrics(true)?;
    telemetry::set_tracing(true)?;

    let (registry, counter) = (Registry::new(), Counter::start(1)?);
    let _registration = registry.register(counter.clone())?;
    for _ in 0..3 {
        counter.address.send(wait_for_a_page(clock)?).block()?;
    }
    gonex::go(|| ()).join().block()?;
    let deadline = rt::now() + HOUR;
    let report = registry.shutdown_all(deadline).block();
    eprint!("{report}");
    telemetry::set_metrics(false)?;
    telemetry::set_tracing(false)?;
    let said =
        Snapshot::map().with("running", counter.is_running()).with("metrics", counter.metrics());
    Ok((recorder.render(), said, report.is_clean()))
}

/// Time goes by hand, so that hours are over soon.
fn run_by_hand() -> Result<(String, Snapshot, bool), Box<dyn Error>> {
    let clock = Arc::new(Manual::new());
    rt::enter(clock.clone(), || run(&clock))
}

fn main() -> Result<(), Box<dyn Error>> {
    let (metrics, counter, clean) = run_by_hand()?;
    print!("{metrics}");
    println!("{counter:?}");
    if clean { Ok(()) } else { Err("the counter did not end".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_counted_and_the_counter_has_counted() {
        let (metrics, counter, clean) = run_by_hand().unwrap();
        let waits = r#"gonex_operation_waits_total{operation="sleep",on="",outcome="done"} 3"#;
        assert!(metrics.contains(waits), "{metrics}");
        let tasks = r#"gonex_tasks_ended_total{kind="closure",outcome="done"} 1"#;
        assert!(metrics.contains(tasks), "{metrics}");
        assert!(metrics.contains(r#"gonex_operations_waiting{operation="sleep",on=""} 0"#));
        assert!(clean);
        let pages = counter.get("metrics").and_then(|metrics| metrics.get("pages"));
        assert_eq!(pages, Some(&Snapshot::UInt(3)));
    }
}

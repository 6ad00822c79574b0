//! A recorder and a subscriber that write down what they are told.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Waker};
use std::time::Duration;

use gonex_core::rt;
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata,
    SharedString, Unit,
};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};

/// The numbers by metric: of a counter or gauge the sum, of a histogram all.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

impl Book {
    pub(crate) fn lines(&self) -> Vec<String> {
        let book = self.0.lock().unwrap();
        let line = |(name, values): (&String, &Vec<f64>)| {
            let values: Vec<String> = values.iter().map(f64::to_string).collect();
            format!("{name} {}", values.join(" "))
        };
        book.iter().map(line).collect()
    }
}

/// One metric in the book.
struct Entry(Book, String);

impl Entry {
    fn add(&self, value: f64) {
        let mut book = self.0.0.lock().unwrap();
        book.entry(self.1.clone()).or_insert_with(|| vec![0.0])[0] += value;
    }
}

impl CounterFn for Entry {
    fn increment(&self, value: u64) {
        self.add(value as f64);
    }

    fn absolute(&self, _: u64) {
        unreachable!("counters are counted")
    }
}

impl GaugeFn for Entry {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, _: f64) {
        unreachable!("gauges are counted")
    }
}

impl HistogramFn for Entry {
    fn record(&self, value: f64) {
        self.0.0.lock().unwrap().entry(self.1.clone()).or_default().push(value);
    }
}

pub(crate) struct Recorder(pub(crate) Book);

impl Recorder {
    fn entry(&self, key: &Key) -> Arc<Entry> {
        let labels: Vec<String> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        Arc::new(Entry(self.0.clone(), format!("{}{{{}}}", key.name(), labels.join(","))))
    }
}

/// What no recorder here has a use for.
macro_rules! undescribed {
    () => {
        fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
        fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    };
}

impl metrics::Recorder for Recorder {
    undescribed!();

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.entry(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.entry(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.entry(key))
    }
}

/// Panics at everything.
pub(crate) struct Hostile;

impl metrics::Recorder for Hostile {
    undescribed!();

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("no counters")
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("no gauges")
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("no histograms")
    }
}

/// Waits, with an operation of gonex, at everything.
#[derive(Default)]
pub(crate) struct Waits(AtomicUsize);

impl Waits {
    pub(crate) fn calls(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn wait(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
        let mut nap = pin!(rt::sleep(Duration::from_secs(3600)));
        assert!(nap.as_mut().poll(&mut TaskContext::from_waker(Waker::noop())).is_pending());
    }
}

impl metrics::Recorder for Waits {
    undescribed!();

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        self.wait();
        Counter::noop()
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        self.wait();
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        self.wait();
        Histogram::noop()
    }
}

/// The spans that have ended, in the order in which they began.
#[derive(Clone, Default)]
pub(crate) struct Spans(Arc<Mutex<Vec<String>>>);

thread_local! {
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

impl Spans {
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// How many spans this thread is in.
    pub(crate) fn inside() -> usize {
        INSIDE.get()
    }

    fn write(&self, id: &Id, write: impl FnOnce(&mut String)) {
        write(&mut self.0.lock().unwrap()[id.into_u64() as usize - 1]);
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {field}={value}").unwrap();
    }
}

impl Subscriber for Spans {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut said = format!("{} {}", span.metadata().target(), span.metadata().name());
        span.record(&mut Fields(&mut said));
        let mut all = self.0.lock().unwrap();
        all.push(said);
        Id::from_u64(all.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        self.write(id, |said| values.record(&mut Fields(said)));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {
        INSIDE.set(INSIDE.get() + 1);
    }

    fn exit(&self, _: &Id) {
        INSIDE.set(INSIDE.get() - 1);
    }
}

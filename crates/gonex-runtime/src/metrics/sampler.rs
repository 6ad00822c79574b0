use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use gonex_core::primitive::lock_std;
use gonex_core::rt::{self, Thread};

/// What was sampled; empty where the system does not tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Samples {
    /// Of each core, its busy share at each sample.
    pub(super) cores: Vec<Vec<f64>>,
    /// Resident bytes, per sample.
    pub(super) memory: Vec<u64>,
    /// Share of all time spent idle for a disk.
    pub(super) io_wait: Option<f64>,
}

impl Samples {
    /// Adds the busy share of each core to what is known of that core.
    fn add_cores(&mut self, busy: Vec<f64>) {
        self.cores.resize_with(busy.len(), Vec::new);
        for (core, share) in self.cores.iter_mut().zip(busy) {
            core.push(share);
        }
    }
}

/// A thread that looks at the machine now and then, until it is finished or dropped.
pub(super) struct Sampler {
    stop: Arc<AtomicBool>,
    /// `None` once ended, or if the system has no thread for it; then nothing is sampled.
    thread: Option<Thread>,
    samples: Arc<Mutex<Samples>>,
}

/// More would only make the output longer.
const MOST_SAMPLES: usize = 10_000;

impl Sampler {
    pub(super) fn start(interval: Duration) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let samples = Arc::new(Mutex::new(Samples::default()));
        let (theirs, output) = (stop.clone(), samples.clone());
        let body = move || {
            let sampled = sample_until(&theirs, interval);
            *lock_std(&output) = sampled;
        };
        // What it samples is the machine's, at the machine's time, whatever seam is around.
        let start = || rt::spawn_thread("gonex-sampler".to_owned(), body).ok();
        let thread = rt::enter_shared(start);
        Self { stop, thread, samples }
    }

    pub(super) fn finish(mut self) -> Samples {
        self.end();
        std::mem::take(&mut lock_std(&self.samples))
    }

    fn end(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.unpark();
            thread.join();
        }
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.end();
    }
}

/// Samples at once, at each interval, and at the end, so that a short run has two.
fn sample_until(stop: &AtomicBool, interval: Duration) -> Samples {
    let mut samples = Samples::default();
    let Some(first) = CoreTimes::read() else { return samples };
    let mut last = first.clone();
    samples.memory.extend(resident_bytes());
    loop {
        let stopping = stop.load(Ordering::Acquire);
        if !stopping {
            thread::park_timeout(interval);
        }
        if let Some(now) = CoreTimes::read() {
            if let Some(busy) = now.busy_since(&last) {
                samples.add_cores(busy);
                last = now;
            }
            samples.memory.extend(resident_bytes());
        }
        if stopping || samples.memory.len() >= MOST_SAMPLES {
            break;
        }
    }
    samples.io_wait = last.io_wait_since(&first);
    samples
}

/// Ticks of each core since the machine started, from `/proc/stat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CoreTimes(Vec<Ticks>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    total: u64,
    idle: u64,
    io_wait: u64,
}

impl CoreTimes {
    pub(crate) fn read() -> Option<Self> {
        Self::parse(&std::fs::read_to_string("/proc/stat").ok()?)
    }

    /// Lines are `cpuN user nice system idle iowait irq …` (proc(5)).
    fn parse(stat: &str) -> Option<Self> {
        let cores = stat.lines().filter(|line| {
            line.strip_prefix("cpu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        });
        let ticks = cores.map(|line| {
            let fields: Option<Vec<u64>> =
                line.split_whitespace().skip(1).take(8).map(|field| field.parse().ok()).collect();
            let fields = fields?;
            let (&idle, &io_wait) = (fields.get(3)?, fields.get(4)?);
            Some(Ticks { total: fields.iter().sum(), idle: idle + io_wait, io_wait })
        });
        ticks.collect::<Option<Vec<_>>>().filter(|cores| !cores.is_empty()).map(Self)
    }

    /// The busy share of each core; `None` where no tick has passed, or a core came or went.
    pub(crate) fn busy_since(&self, before: &Self) -> Option<Vec<f64>> {
        if self.0.len() != before.0.len() {
            return None;
        }
        let share = |(now, then): (&Ticks, &Ticks)| {
            let total = now.total.checked_sub(then.total).filter(|&total| total > 0)?;
            let idle = now.idle.saturating_sub(then.idle).min(total);
            Some(1.0 - idle as f64 / total as f64)
        };
        self.0.iter().zip(&before.0).map(share).collect()
    }

    fn io_wait_since(&self, before: &Self) -> Option<f64> {
        let sum = |times: &Self, of: fn(&Ticks) -> u64| times.0.iter().map(of).sum::<u64>();
        let total = sum(self, |t| t.total).checked_sub(sum(before, |t| t.total))?;
        let waited = sum(self, |t| t.io_wait).saturating_sub(sum(before, |t| t.io_wait));
        (total > 0).then(|| waited as f64 / total as f64)
    }
}

/// The resident memory of this process, from `/proc/self/status`, which says its unit.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_from_differences() {
        let before =
            "cpu  9 9 9 9\ncpu0 100 0 50 800 50 0 0 0 0 0\ncpu1 0 0 0 1000 0 0 0 0\nintr 1";
        let after = "cpu  9 9 9 9\ncpu0 160 0 60 820 60 0 0 0 0 0\ncpu1 0 0 0 1100 0 0 0 0\nintr 1";
        let (before, after) = (CoreTimes::parse(before).unwrap(), CoreTimes::parse(after).unwrap());
        assert_eq!(after.busy_since(&before).unwrap(), [0.7, 0.0]);
        assert_eq!(after.io_wait_since(&before), Some(0.05));
        assert_eq!(before.busy_since(&before), None);
    }

    #[test]
    fn each_core_keeps_its_own_samples() {
        let stat = |first: u32, second: u32| {
            let text = format!(
                "cpu 1 1 1 1 1\ncpu0 {first} 0 0 {} 0\ncpu1 {second} 0 0 {} 0\nintr 1",
                1000 - first,
                1000 - second
            );
            CoreTimes::parse(&text).unwrap()
        };
        let later = |ticks: u32, idle: u32, busy: u32| {
            CoreTimes::parse(&format!("cpu0 {busy} 0 0 {idle} 0\ncpu1 {ticks} 0 0 0 0")).unwrap()
        };
        let start = stat(0, 0);
        let mut samples = Samples::default();
        for now in [later(2000, 1500, 500), later(3000, 1000, 1000), later(4000, 1000, 2000)] {
            samples.add_cores(now.busy_since(&start).unwrap());
        }
        assert_eq!(samples.cores.len(), 2, "a row for each core, however many samples there are");
        assert_eq!(samples.cores[0], [0.5, 1.0, 1.0]);
        assert_eq!(samples.cores[1], [1.0, 1.0, 1.0]);
    }

    #[test]
    fn what_cannot_be_read_is_no_sample() {
        assert_eq!(CoreTimes::parse(""), None);
        assert_eq!(CoreTimes::parse("cpu0 1 2 x 4 5"), None);
        assert_eq!(CoreTimes::parse("cpu0 1 2"), None);
    }

    #[test]
    fn a_finished_sampler_leaves_no_thread() {
        let samples = Sampler::start(Duration::from_secs(3600)).finish();
        if cfg!(target_os = "linux") {
            assert!(samples.memory.iter().all(|&bytes| bytes > 0));
            assert!(!samples.memory.is_empty());
        }
    }
}

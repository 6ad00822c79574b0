use std::time::Duration;

/// How a pool spent a stretch of time.
///
/// Ratios are fractions of one, not percent. Where nothing ran, they are 0.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct RunMetrics {
    /// From the start of the stretch to its end.
    pub wall: Duration,
    /// Worker threads.
    pub workers: usize,
    /// Tasks that ended with a result.
    pub tasks_completed: u64,
    /// Tasks that panicked or were cancelled.
    pub tasks_failed: u64,
    /// Tasks that ended, a second of `wall`.
    pub tasks_per_second: f64,
    /// Mean time from a task's start to its end.
    pub mean_task_time: Duration,
    /// Mean time from submission to start.
    pub mean_queue_wait: Duration,
    /// The longest such time.
    pub max_queue_wait: Duration,
    /// What one worker would have taken, estimated as the sum of all task times. It is too high
    /// where tasks slow each other down, by memory bandwidth, locks or more workers than cores.
    pub sequential_estimate: Duration,
    /// `sequential_estimate` divided by `wall`.
    pub speedup: f64,
    /// `speedup` divided by `workers`.
    pub parallel_efficiency: f64,
    /// The speed-up that unlimited workers could reach by Amdahl's law, with the serial share
    /// measured as Karp and Flatt do ("Measuring parallel processor performance", CACM 33(5),
    /// 1990). `None` for one worker, which shows no serial share; infinite where none was seen.
    pub scalability: Option<f64>,
    /// Mean busy time of the workers divided by that of the busiest: 1 is even.
    pub load_balance: f64,
    /// Each worker, in order.
    pub per_worker: Vec<WorkerMetrics>,
    /// For each core of the machine, the share of time it was busy, by all programs, one value
    /// per sample. Empty where the system does not tell or sampling was off.
    pub cpu_samples: Vec<Vec<f64>>,
    /// Resident memory of this process in bytes, one value per sample; may be empty as above.
    pub memory_samples: Vec<u64>,
    /// The share of all cores' time in which they idled waiting for a disk; `None` as above.
    pub io_wait: Option<f64>,
}

/// How one worker spent a stretch of time.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WorkerMetrics {
    /// The thread's name.
    pub name: String,
    /// Tasks it ended.
    pub tasks: u64,
    /// Time it spent in tasks.
    pub busy: Duration,
    /// `busy` as a share of the stretch.
    pub utilisation: f64,
    /// Tasks it ended, a second of the stretch.
    pub throughput: f64,
}

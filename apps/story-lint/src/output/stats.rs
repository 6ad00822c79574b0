use std::fmt::{self, Write};
use std::time::Duration;

use gonex::RunMetrics;

use crate::engine::Stats;

/// What a run cost, as a table for people.
///
/// ```
/// use story_lint::engine::Stats;
/// use story_lint::output::stats_table;
/// assert!(stats_table(&Stats::default()).contains("files"));
/// ```
#[must_use]
pub fn stats_table(stats: &Stats) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_table(stats, &mut text);
    text
}

fn write_table(stats: &Stats, out: &mut String) -> fmt::Result {
    let total: Duration = stats.phases.iter().map(|(_, time)| *time).sum();
    writeln!(out, "Time")?;
    for (phase, time) in &stats.phases {
        row(out, phase.as_str(), &seconds(*time))?;
    }
    row(out, "total", &seconds(total))?;
    writeln!(out, "Input")?;
    row(out, "files", &stats.files.to_string())?;
    let megabytes = stats.bytes as f64 / 1e6;
    row(out, "size", &format!("{megabytes:.2} MB"))?;
    if !total.is_zero() {
        row(out, "throughput", &format!("{:.1} MB/s", megabytes / total.as_secs_f64()))?;
    }
    write_parallel(&stats.parallel, out)
}

fn write_parallel(run: &RunMetrics, out: &mut String) -> fmt::Result {
    if run.workers == 0 {
        return Ok(());
    }
    writeln!(out, "Parallel phases")?;
    row(out, "wall time", &seconds(run.wall))?;
    row(out, "workers", &run.workers.to_string())?;
    let sequential =
        format!("{} (estimate: the sum of all task times)", seconds(run.sequential_estimate));
    row(out, "one worker alone", &sequential)?;
    row(out, "speed-up", &format!("{:.2}", run.speedup))?;
    row(out, "efficiency", &percent(run.parallel_efficiency))?;
    let scalability = match run.scalability {
        None => "not known from one worker".to_owned(),
        Some(limit) if limit.is_infinite() => "no limit seen (Amdahl)".to_owned(),
        Some(limit) => format!("speed-up of {limit:.1} at most (Amdahl)"),
    };
    row(out, "scalability", &scalability)?;
    row(out, "load balance", &percent(run.load_balance))?;
    let failed = match run.tasks_failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    row(out, "tasks", &format!("{}{failed}, {:.0}/s", run.tasks_completed, run.tasks_per_second))?;
    row(out, "mean task time", &seconds(run.mean_task_time))?;
    let wait =
        format!("{} mean, {} at most", seconds(run.mean_queue_wait), seconds(run.max_queue_wait));
    row(out, "queue wait", &wait)?;
    write_samples(run, out)?;
    let width = run.per_worker.iter().map(|worker| worker.name.chars().count()).max().unwrap_or(0);
    let width = width.max("worker".len());
    writeln!(
        out,
        "  {:width$}  {:>7}  {:>9}  {:>5}  {:>9}",
        "worker", "tasks", "busy", "used", "tasks/s"
    )?;
    for worker in &run.per_worker {
        writeln!(
            out,
            "  {:width$}  {:>7}  {:>9}  {:>5}  {:>9.0}",
            worker.name,
            worker.tasks,
            seconds(worker.busy),
            percent(worker.utilisation),
            worker.throughput
        )?;
    }
    Ok(())
}

fn write_samples(run: &RunMetrics, out: &mut String) -> fmt::Result {
    // Eight to a row: machines have many.
    for (row_index, cores) in run.cpu_samples.chunks(8).enumerate() {
        let busy = cores.iter().map(|samples| match samples.len() {
            0 => "   ?".to_owned(),
            count => format!("{:4.0}", samples.iter().sum::<f64>() / count as f64 * 100.0),
        });
        let first = row_index * 8;
        let name = match cores.len() {
            1 => format!("core {first}"),
            count => format!("cores {first} to {}", first + count - 1),
        };
        row(out, &name, &format!("{} % busy", busy.collect::<String>().trim_start()))?;
    }
    if let Some(peak) = run.memory_samples.iter().max() {
        row(out, "memory", &format!("{:.1} MB at most", *peak as f64 / 1e6))?;
    }
    match run.io_wait {
        Some(share) => row(out, "waiting for disks", &percent(share)),
        None => Ok(()),
    }
}

fn row(out: &mut String, name: &str, value: &str) -> fmt::Result {
    writeln!(out, "  {name:<18}{value}")
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn seconds(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 1e-3 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use gonex::WorkerMetrics;

    use super::*;
    use crate::engine::Phase;

    #[test]
    fn the_table_says_how_the_workers_fared() {
        let mut run = RunMetrics::default();
        run.workers = 2;
        run.wall = Duration::from_millis(100);
        run.sequential_estimate = Duration::from_millis(180);
        run.speedup = 1.8;
        run.parallel_efficiency = 0.9;
        run.scalability = Some(f64::INFINITY);
        run.load_balance = 0.95;
        run.tasks_completed = 301;
        run.tasks_failed = 2;
        run.tasks_per_second = 3030.0;
        run.cpu_samples = vec![Vec::new(); 9];
        run.cpu_samples[0] = vec![0.5, 1.0];
        run.cpu_samples[8] = vec![1.0];
        run.memory_samples = vec![1_000_000, 2_500_000];
        run.io_wait = Some(0.01);
        for name in ["worker-0", "worker-1"] {
            let mut worker = WorkerMetrics::default();
            worker.name = name.to_owned();
            worker.tasks = 150;
            worker.busy = Duration::from_micros(90_500);
            worker.utilisation = 0.905;
            run.per_worker.push(worker);
        }
        let stats = Stats {
            phases: vec![
                (Phase::Discover, Duration::from_micros(900)),
                (Phase::Read, Duration::from_millis(1999)),
            ],
            files: 301,
            bytes: 4_000_000,
            parallel: run,
        };
        let table = stats_table(&stats);
        for (name, value) in [
            ("discover", "900 µs"),
            ("total", "2.00 s"),
            ("throughput", "2.0 MB/s"),
            ("one worker alone", "180.0 ms (estimate: the sum of all task times)"),
            ("speed-up", "1.80"),
            ("efficiency", "90 %"),
            ("scalability", "no limit seen (Amdahl)"),
            ("load balance", "95 %"),
            ("tasks", "301, 2 failed, 3030/s"),
            ("cores 0 to 7", "75   ?   ?   ?   ?   ?   ?   ? % busy"),
            ("core 8", "100 % busy"),
            ("memory", "2.5 MB at most"),
            ("waiting for disks", "1 %"),
        ] {
            let line = format!("\n  {name:<18}{value}\n");
            assert!(table.contains(&line), "{line}{table}");
        }
        assert_eq!(table.lines().filter(|line| line.starts_with("  worker-")).count(), 2);
    }
}

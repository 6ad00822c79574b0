//! What is recorded is what is reported, as a table and for programs.

use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use gonex_runtime::balance::WorkerId;
use gonex_runtime::profile::Profiler;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Histograms keep two digits.
#[track_caller]
fn assert_near(time: Duration, expected: Duration) {
    let off = time.abs_diff(expected).as_secs_f64() / expected.as_secs_f64();
    assert!(off < 0.011, "{time:?} is not near {expected:?}");
}

#[test]
fn percentiles_are_those_of_what_was_recorded() {
    let profiler = Profiler::new();
    (1..=1_000).for_each(|n| profiler.record("work", millis(n)));
    let report = profiler.report();
    let work = report.total("work").unwrap();
    assert_eq!((work.count, work.worker), (1_000, None));
    for (time, expected) in [
        (work.min, 1),
        (work.p50, 500),
        (work.p90, 900),
        (work.p99, 990),
        (work.p999, 999),
        (work.max, 1_000),
    ] {
        assert_near(time, millis(expected));
    }
    assert_near(work.mean, Duration::from_micros(500_500));
    assert_near(work.deviation, Duration::from_micros(288_675));
}

#[test]
fn workers_are_apart_and_together() {
    let profiler = Profiler::new();
    thread::scope(|scope| {
        for number in 1..=4 {
            let recorder = profiler.recorder_of("work", WorkerId::new(number));
            scope.spawn(move || (0..100).for_each(|_| recorder.record(millis(number))));
        }
    });
    profiler.record("work", millis(100));
    let report = profiler.report();
    assert_eq!(report.total("work").unwrap().count, 401);
    for number in 1..=4 {
        let worker = report.of_worker("work", WorkerId::new(number)).unwrap();
        assert_eq!(worker.count, 100);
        assert_near(worker.p50, millis(number));
    }
    assert_eq!(report.measurements.len(), 5);
}

#[test]
fn what_panics_is_recorded_as_well() {
    let profiler = Profiler::new();
    let timed = profiler.clone();
    let panicked = thread::spawn(move || timed.time("work", || panic!("the work was not done")));
    panicked.join().unwrap_err();
    assert_eq!(profiler.report().total("work").unwrap().count, 1);
}

#[test]
fn names_without_number_do_not_fill_the_memory() {
    let profiler = Profiler::bounded(NonZeroUsize::new(3).unwrap());
    (0..1_000).for_each(|n| profiler.record(&format!("work {n}"), millis(1)));
    let report = profiler.report();
    assert_eq!(report.measurements.len(), 4);
    assert_eq!(report.total("(other)").unwrap().count, 997);
    assert_eq!(report.total("work 2").unwrap().count, 1);
}

#[test]
fn workers_that_come_and_go_leave_room_for_the_names() {
    let profiler = Profiler::bounded(NonZeroUsize::new(2).unwrap());
    for number in 1..=100 {
        profiler.recorder_of("parse", WorkerId::new(number)).record(millis(1));
    }
    profiler.record("load", millis(1));
    let report = profiler.report();
    assert_eq!(report.total("parse").unwrap().count, 100, "of all of them");
    assert_eq!(report.of_worker("parse", WorkerId::new(2)).unwrap().count, 1);
    assert_eq!(report.of_worker("parse", WorkerId::new(3)), None);
    assert_eq!(report.total("(other)").unwrap().count, 1, "for another name there is no room");
    profiler.reset();
    profiler.record("load", millis(1));
    assert_eq!(profiler.report().total("load").unwrap().count, 1, "after a reset there is");
}

#[test]
fn times_at_the_limits_are_kept_within_them() {
    let profiler = Profiler::new();
    profiler.record("work", Duration::ZERO);
    profiler.record("work", Duration::MAX);
    let report = profiler.report();
    let work = report.total("work").unwrap();
    assert_eq!(work.min, Duration::from_nanos(1));
    assert_near(work.max, Duration::from_secs(24 * 3_600));
}

#[test]
fn recorders_go_on_after_a_reset() {
    let profiler = Profiler::new();
    let recorder = profiler.recorder("work");
    recorder.record(millis(1));
    profiler.record("gone", millis(1));
    profiler.reset();
    assert!(profiler.report().measurements.is_empty());
    recorder.record(millis(2));
    assert_eq!(profiler.report().total("work").unwrap().count, 1);
}

#[test]
fn the_table_is_for_people() {
    let profiler = Profiler::new();
    profiler.recorder_of("parse", WorkerId::new(7)).record(Duration::from_micros(1_500));
    profiler.record("wait", Duration::from_nanos(42));
    let table = profiler.report().to_string();
    let lines: Vec<Vec<&str>> =
        table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["count", "mean", "min", "p50", "p90", "p99", "p99.9", "max"]);
    assert_eq!(lines[1][..4], ["parse", "1", "1.50", "ms"]);
    assert_eq!(lines[2][..3], ["worker", "7", "1"]);
    assert_eq!(lines[3][..4], ["wait", "1", "42", "ns"]);
    let widths: Vec<usize> = table.lines().map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|&width| width == widths[0]), "{table}");
}

#[test]
fn programs_get_nanoseconds() {
    let profiler = Profiler::new();
    profiler.recorder_of("parse", WorkerId::new(7)).record(Duration::from_nanos(100));
    let json = serde_json::to_value(profiler.report()).unwrap();
    let rows = json["measurements"].as_array().unwrap();
    assert_eq!((rows[0]["name"].as_str(), rows[0]["worker"].is_null()), (Some("parse"), true));
    assert_eq!((rows[1]["worker"].as_u64(), rows[1]["p99_ns"].as_u64()), (Some(7), Some(100)));
}

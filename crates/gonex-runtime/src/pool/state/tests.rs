//! The state by itself: events in, actions out. What whole pools do is tested with simulated workers, in
//! `gonex-testkit`.

use std::time::Duration;

use gonex_core::{Instant, Stop};
use gonex_resilience::breaker::{BreakerConfig, HalfOpen};
use gonex_task::TaskError;

use super::{Action, Actions, How, Meta, Payload, Ran, Settings, State};
use crate::balance::{Balancer, Checked, Choice, TaskView, WorkerId, WorkerView};
use crate::pool::events::What;

/// A task that is its number; a worker is reached by its own. Those from 1,000 on have been stopped.
#[derive(Debug, PartialEq, Eq)]
struct Task(u32);

impl Payload for Task {
    type Sent = u32;
    type Kept = u32;
    type Worker = u64;

    fn split(self) -> (u32, u32) {
        (self.0, self.0)
    }

    fn called(kept: &u32) -> String {
        format!("task {kept}")
    }

    fn stopped(&self) -> Option<Stop> {
        (self.0 >= 1000).then(|| Stop::Cancelled("a test".into()))
    }
}

/// A state, and what it has said.
struct Bench {
    state: State<Task>,
    now: Instant,
    out: Actions<Task>,
}

fn bench(workers: usize, change: impl FnOnce(&mut Settings), balancer: Option<Checked>) -> Bench {
    let now = gonex_core::rt::now();
    let mut settings =
        Settings { min: workers, max: workers, initial: workers, ..Settings::default() };
    change(&mut settings);
    let mut bench = Bench { state: State::new(settings, balancer, now), now, out: Actions::new() };
    bench.state.begin(now, &mut bench.out);
    bench
}

impl Bench {
    /// What is to be done, in short: `+1` start, `!1` stop, `x1` kill, `1<7` assign, `7:lost`.
    fn said(&mut self) -> Vec<String> {
        let actions = std::mem::take(&mut self.out);
        let ends = |error: &TaskError| match error {
            TaskError::Lost { .. } => "lost",
            TaskError::Timeout => "timeout",
            TaskError::Cancelled(_) => "cancelled",
            _ => "refused",
        };
        let short = |action: Action<Task>| match action {
            Action::Start { worker, .. } => Some(format!("+{}", worker.get())),
            Action::Stop { worker } => Some(format!("!{worker}")),
            Action::Kill { worker } => Some(format!("x{worker}")),
            Action::Assign { worker, sent, .. } => Some(format!("{worker}<{sent}")),
            Action::End { kept, error } | Action::Cancel { kept, error } => {
                Some(format!("{kept}:{}", ends(&error)))
            }
            Action::Drop { payload, error } => Some(format!("{}:{}", payload.0, ends(&error))),
            Action::Forget { .. }
            | Action::Tell(_)
            | Action::AskPolicy(_)
            | Action::AskHealth
            | Action::Wake => None,
        };
        actions.into_iter().filter_map(short).collect()
    }

    fn ready(&mut self, worker: u64) {
        let id = WorkerId::new(worker);
        self.state.attach(id, worker, self.now, &mut self.out);
        self.state.ready(id, self.now, &mut self.out);
    }

    fn submit(&mut self, n: u32) {
        let taken = self.state.submit(Task(n), Meta::default(), self.now, &mut self.out);
        assert!(taken.is_ok());
    }

    /// A task has ended; what writes its result, if anybody is to.
    fn ended(&mut self, worker: u64, no: u64) -> Option<u32> {
        self.ended_so(worker, no, How::Completed)
    }

    fn ended_so(&mut self, worker: u64, no: u64, how: How) -> Option<u32> {
        let ran = Ran { no, began: self.now, how };
        let ended = self.state.ended(WorkerId::new(worker), ran, self.now, &mut self.out);
        ended.map(|(kept, _)| kept)
    }

    /// Lets time pass, and does what is due.
    fn pass(&mut self, time: Duration) {
        self.now += time;
        self.state.tick(self.now, &mut self.out);
    }
}

#[test]
fn a_task_goes_to_who_is_free_and_the_rest_waits_in_order() {
    let mut bench = bench(2, |_| (), None);
    assert_eq!(bench.said(), ["+1", "+2"]);
    (1..=4).for_each(|n| bench.submit(n));
    assert!(bench.said().is_empty(), "nobody is there yet");
    bench.ready(1);
    bench.ready(2);
    assert_eq!(bench.said(), ["1<1", "2<2"]);
    assert_eq!(bench.ended(2, 2), Some(2));
    assert_eq!(bench.said(), ["2<3"]);
    assert_eq!(bench.ended(2, 2), None, "it has ended once");
    assert_eq!(bench.state.stats().late, 1);
    assert!(bench.state.stats().adds_up());
}

#[test]
fn a_closed_pool_ends_when_all_is_done_and_takes_nothing() {
    let mut bench = bench(2, |_| (), None);
    bench.ready(1);
    bench.ready(2);
    bench.submit(1);
    bench.said();
    bench.state.close(bench.now, &mut bench.out);
    let refused = bench.state.submit(Task(2), Meta::default(), bench.now, &mut bench.out);
    assert!(refused.is_err() && bench.said().is_empty());
    bench.ended(2, 1);
    assert_eq!(bench.said(), ["!2", "!1"]);
    for worker in [1, 2] {
        assert!(!bench.state.has_ended());
        bench.state.gone(WorkerId::new(worker), None, bench.now, &mut bench.out);
    }
    assert!(bench.state.has_ended());
}

#[test]
fn what_is_given_up_ends_now_and_what_it_says_later_is_late() {
    let mut bench = bench(1, |settings| settings.hung_after = Some(Duration::from_secs(1)), None);
    bench.ready(1);
    bench.submit(1);
    bench.submit(2);
    bench.said();
    assert_eq!(bench.state.alarm(), Some(bench.now + Duration::from_secs(1)));
    bench.now += Duration::from_secs(1);
    bench.state.tick(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["x1", "1:lost", "+2"]);
    bench.ready(2);
    assert_eq!(bench.said(), ["2<2"]);
    assert_eq!(bench.ended(1, 1), None);
    assert_eq!(bench.state.stats().abandoned_now, 1);
    bench.state.gone(WorkerId::new(1), None, bench.now, &mut bench.out);
    assert_eq!(bench.state.stats().abandoned_now, 0);
}

/// Gives everything to the first.
#[derive(Debug)]
struct First;

impl Balancer for First {
    fn name(&self) -> &str {
        "first"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        if workers.is_empty() { Choice::SHARED } else { Choice::worker(0).costing(5) }
    }
}

#[test]
fn the_queue_of_a_worker_that_dies_is_that_of_all() {
    let mut bench = bench(2, |settings| settings.own_queue = 2, Some(Checked::new(First)));
    bench.ready(1);
    bench.ready(2);
    bench.said();
    (1..=4).for_each(|n| bench.submit(n));
    // One runs and two wait there; then there is no room, and the next is first.
    assert_eq!(bench.said(), ["1<1", "2<4"]);
    bench.state.gone(WorkerId::new(1), Some("by chance".to_owned()), bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["1:lost", "+3"]);
    bench.ended(2, 4);
    assert_eq!(bench.said(), ["2<2"]);
    bench.ready(3);
    assert_eq!(bench.said(), ["3<3"]);
}

#[test]
fn who_is_not_needed_goes_when_it_has_ended_what_it_runs() {
    let mut bench = bench(2, |settings| settings.min = 1, None);
    bench.ready(1);
    bench.ready(2);
    bench.submit(1);
    bench.submit(2);
    bench.said();
    bench.state.scale_to(1, "a test", bench.now, &mut bench.out);
    assert!(bench.said().is_empty(), "both run something");
    // Whoever was free last got the first.
    assert_eq!(bench.ended(2, 1), Some(1));
    assert_eq!(bench.said(), ["!2"]);
    assert_eq!(bench.state.worker_count(), 1);
}

#[test]
fn what_waits_for_all_goes_before_what_comes_later() {
    let mut bench = bench(1, |settings| settings.own_queue = 1, Some(Checked::new(First)));
    bench.ready(1);
    // One runs, one waits for the worker, and there is no room there for the third.
    (1..=3).for_each(|n| bench.submit(n));
    bench.said();
    let mut order = Vec::new();
    for (no, next) in (1..).zip([4, 5, 6, 7]) {
        bench.ended(1, no);
        // The balancer would fill the worker's own queue again and again.
        bench.submit(next);
        order.extend(bench.said());
    }
    assert_eq!(order, ["1<2", "1<3", "1<4", "1<5"]);
}

#[test]
fn a_worker_that_never_says_that_it_is_gone_is_left_behind() {
    let mut bench = bench(2, |_| (), None);
    bench.ready(1);
    bench.ready(2);
    bench.said();
    let deadline = bench.now + Duration::from_secs(1);
    bench.state.close_by(deadline, bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["!2", "!1"]);
    bench.state.gone(WorkerId::new(1), None, bench.now, &mut bench.out);
    // The other hangs in what it does at its end.
    bench.now += Duration::from_secs(60);
    while bench.state.alarm().is_some_and(|at| at <= bench.now) {
        bench.state.tick(bench.now, &mut bench.out);
        bench.now += Duration::from_secs(60);
    }
    assert!(bench.state.has_ended());
    assert_eq!(bench.state.stats().abandoned_now, 1);
    bench.state.gone(WorkerId::new(2), None, bench.now, &mut bench.out);
    assert_eq!(bench.state.stats().abandoned_now, 0);
}

#[test]
fn workers_that_are_gone_leave_nothing_in_the_list_of_the_free() {
    let mut bench = bench(2, |_| (), None);
    bench.ready(1);
    bench.ready(2);
    for id in 1..1000 {
        bench.state.gone(
            WorkerId::new(id),
            Some("by chance".to_owned()),
            bench.now,
            &mut bench.out,
        );
        bench.now += Duration::from_secs(3600);
        bench.state.tick(bench.now, &mut bench.out);
        bench.ready(id + 2);
    }
    assert_eq!(bench.state.worker_count(), 2);
    assert_eq!(bench.state.free.len(), 2);
}

#[test]
fn a_start_that_hangs_has_its_limit_though_it_was_told_to_go() {
    let limit = Duration::from_secs(3);
    let mut bench = bench(2, |settings| settings.min = 1, None);
    bench.state.settings.start_timeout = Some(limit);
    bench.ready(1);
    bench.state.attach(WorkerId::new(2), 2, bench.now, &mut bench.out);
    bench.said();
    bench.state.scale_to(1, "a test", bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["!2"]);
    bench.now += limit;
    bench.state.tick(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["x2"]);
    assert_eq!(bench.state.stats().abandoned_now, 1, "it cannot be ended");
    assert_eq!(bench.state.alarm(), None);
}

#[test]
fn an_end_that_hangs_is_given_up_like_a_task() {
    let limit = Duration::from_secs(3);
    let mut bench = bench(1, |settings| settings.hung_after = Some(limit), None);
    bench.ready(1);
    bench.said();
    let reason = Some("a test".to_owned());
    bench.state.judge(WorkerId::new(1), reason, bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["!1"], "another takes its place when it is gone");
    assert_eq!(bench.state.alarm(), Some(bench.now + limit));
    bench.now += limit;
    bench.state.tick(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["x1"]);
    bench.now += Duration::from_secs(1);
    bench.state.tick(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["+2"], "after the restart delay");
}

#[test]
fn what_nobody_wants_leaves_the_queue_once_it_is_much_of_it() {
    let mut bench = bench(1, |settings| settings.own_queue = 2, Some(Checked::new(First)));
    bench.ready(1);
    // One runs, two wait for the worker, the others for all.
    [1, 2, 1003].into_iter().chain(4..20).for_each(|n| bench.submit(n));
    bench.submit(1020);
    bench.said();
    assert_eq!(bench.state.queued(), 19);
    bench.state.asked_to_stop(bench.now, &mut bench.out);
    bench.state.asked_to_stop(bench.now, &mut bench.out);
    assert_eq!((bench.said(), bench.state.queued()), (vec![], 19), "two of nineteen are few");
    bench.state.asked_to_stop(bench.now, &mut bench.out);
    let mut ended = bench.said();
    ended.sort();
    assert_eq!(
        (ended, bench.state.queued()),
        (vec!["1003:cancelled".to_owned(), "1020:cancelled".to_owned()], 17)
    );
    assert_eq!(bench.state.stats().cancelled, 2);
    assert!(bench.state.stats().adds_up());
    bench.ended(1, 1);
    bench.ended(1, 2);
    assert_eq!(bench.said(), ["1<2", "1<4"]);
}

#[test]
fn a_full_queue_is_swept_on_suspicion_now_and_then() {
    let mut bench = bench(1, |_| (), None);
    (0..4).for_each(|n| bench.submit(n));
    assert!(!bench.state.make_room(bench.now, &mut bench.out), "all are wanted");
    bench.submit(1000);
    assert!(!bench.state.make_room(bench.now, &mut bench.out), "it was swept just now");
    bench.now += Duration::from_millis(2);
    assert!(bench.state.make_room(bench.now, &mut bench.out));
    assert_eq!(bench.said(), ["+1", "1000:cancelled"]);
}

#[test]
fn a_letter_that_leaves_early_leaves_nothing_with_its_worker() {
    let mut bench = bench(1, |_| (), None);
    bench.ready(1);
    bench.submit(1);
    let only = Meta { only: Some(WorkerId::new(1)), ..Meta::default() };
    let deadline = bench.now + Duration::from_secs(1);
    let late = Meta { deadline: Some(deadline), ..only };
    for (task, meta) in [(1000, only), (2, late)] {
        assert!(bench.state.submit(Task(task), meta, bench.now, &mut bench.out).is_ok());
    }
    bench.state.sweep(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["+1", "1<1", "1000:cancelled"]);
    bench.now = deadline;
    bench.state.tick(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["2:timeout"]);
    bench.ended(1, 1);
    assert!(bench.state.workers[0].is_idle());
}

/// Breakers that open at two failures in a row, for ten seconds, and close when one task succeeds.
fn breaker(settings: &mut Settings) {
    settings.breaker = Some(BreakerConfig {
        break_duration: BREAK,
        half_open: HalfOpen::KOfN { successes: 1, calls: 1 },
        ..BreakerConfig::consecutive(2)
    });
}

const BREAK: Duration = Duration::from_secs(10);
const MOMENT: Duration = Duration::from_nanos(1);

#[test]
fn a_worker_on_which_too_many_fail_is_given_nothing_until_its_break_is_over() {
    let mut bench = bench(2, breaker, None);
    bench.ready(1);
    bench.ready(2);
    bench.said();
    for no in [1, 2] {
        bench.submit(no as u32);
        assert_eq!(bench.said(), [format!("2<{no}")], "whoever was free last");
        bench.ended_so(2, no, How::Panicked);
    }
    let told = |out: &Actions<Task>, wanted: fn(&What) -> bool| {
        out.iter().any(|action| matches!(action, Action::Tell(what) if wanted(what)))
    };
    assert!(told(
        &bench.out,
        |what| matches!(what, What::OutOfRotation { rest, .. } if *rest == BREAK)
    ));
    assert_eq!(bench.state.alarm(), Some(bench.now + BREAK));
    (3..=5).for_each(|n| bench.submit(n));
    assert_eq!(bench.said(), ["1<3"], "the other has it all");
    bench.pass(BREAK - MOMENT);
    assert!(bench.said().is_empty());
    bench.pass(MOMENT);
    assert_eq!(bench.said(), ["2<4"], "one, to see");
    bench.ended_so(2, 4, How::Panicked);
    assert!(bench.said().is_empty(), "it fails still");
    bench.pass(BREAK);
    assert_eq!(bench.said(), ["2<5"]);
    bench.ended(2, 5);
    assert!(told(&bench.out, |what| matches!(what, What::BackInRotation { .. })));
    bench.submit(6);
    assert_eq!(bench.said(), ["2<6"]);
    assert!(bench.state.stats().adds_up());
}

#[test]
fn a_worker_with_many_slots_has_one_task_to_see_and_those_from_before_say_nothing() {
    let settings = |settings: &mut Settings| {
        breaker(settings);
        settings.abilities.slots = std::num::NonZeroU32::new(3).unwrap();
    };
    let mut bench = bench(1, settings, None);
    bench.ready(1);
    (1..=5).for_each(|n| bench.submit(n));
    assert_eq!(bench.said()[1..], ["1<1", "1<2", "1<3"]);
    bench.ended_so(1, 1, How::Panicked);
    bench.ended_so(1, 2, How::Lost);
    assert_eq!(bench.said(), ["1<4"], "after the first failure");
    bench.pass(BREAK);
    assert!(bench.said().is_empty(), "it is not idle yet");
    bench.ended(1, 3);
    assert!(bench.said().is_empty());
    bench.ended(1, 4);
    assert_eq!(bench.said(), ["1<5"], "it began after the break");
    bench.submit(6);
    assert!(bench.said().is_empty(), "only one");
    bench.ended_so(1, 5, How::Cancelled);
    assert_eq!(bench.said(), ["1<6"], "what was called off says nothing, so another is to see");
    bench.ended(1, 6);
    (7..=9).for_each(|n| bench.submit(n));
    assert_eq!(bench.said(), ["1<7", "1<8", "1<9"]);
}

#[test]
fn a_time_out_is_a_failure_and_counts_once() {
    let settings = |settings: &mut Settings| {
        breaker(settings);
        settings.task_timeout = Some(Duration::from_secs(1));
    };
    let mut bench = bench(1, settings, None);
    bench.ready(1);
    bench.said();
    for no in [1, 2] {
        bench.submit(no as u32);
        bench.pass(Duration::from_secs(1));
        assert_eq!(bench.said(), [format!("1<{no}"), format!("{no}:timeout")]);
        assert_eq!(bench.state.status(bench.now)[0].reasons.is_empty(), no == 1);
        assert_eq!(bench.ended_so(1, no, How::Panicked), None, "it was over before");
    }
    bench.submit(3);
    assert!(bench.said().is_empty());
}

#[test]
fn who_is_out_gives_its_queue_to_all_and_takes_part_again_when_the_pool_is_closed() {
    let settings = |settings: &mut Settings| {
        breaker(settings);
        settings.own_queue = 2;
    };
    let mut bench = bench(2, settings, Some(Checked::new(First)));
    bench.ready(1);
    bench.ready(2);
    bench.said();
    (1..=5).for_each(|n| bench.submit(n));
    assert_eq!(bench.said(), ["1<1", "2<4"], "two wait for the first, and one for the second");
    bench.ended_so(1, 1, How::Panicked);
    assert_eq!(bench.said(), ["1<2"]);
    bench.ended_so(1, 2, How::Panicked);
    assert!(bench.said().is_empty(), "the second runs something");
    bench.ended(2, 4);
    assert_eq!(bench.said(), ["2<5"]);
    bench.submit(6);
    bench.submit(7);
    assert!(bench.said().is_empty());
    bench.state.close(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["1<3"], "whoever closes waits for no break");
}

#[test]
fn where_no_more_may_be_given_up_the_time_of_tasks_goes_on() {
    let settings = |settings: &mut Settings| {
        settings.abilities.has_heartbeats = true;
        settings.heartbeat_timeout = Some(Duration::from_secs(1));
        settings.task_timeout = Some(Duration::from_secs(5));
        settings.max_abandoned = 1;
    };
    let mut bench = bench(2, settings, None);
    bench.ready(1);
    bench.ready(2);
    bench.submit(1);
    bench.submit(2);
    assert_eq!(bench.said()[2..], ["2<1", "1<2"]);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.said(), ["x1", "2:lost", "+3"], "the second silent one stays");
    assert_eq!(bench.state.alarm(), Some(bench.now + Duration::from_secs(4)));
    bench.pass(Duration::from_secs(4));
    assert_eq!(bench.said(), ["1:timeout"]);
    assert_eq!(bench.state.alarm(), None, "there is nothing to do over and over");
}

#[test]
fn the_last_worker_stays_for_what_waits() {
    let settings = |settings: &mut Settings| {
        settings.min = 0;
        settings.idle_timeout = Some(Duration::from_secs(1));
    };
    let mut bench = bench(2, settings, None);
    bench.ready(1);
    bench.ready(2);
    bench.state.pause(&mut bench.out);
    bench.submit(1);
    bench.said();
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.said(), ["!1"], "one is enough");
    bench.pass(Duration::from_secs(60));
    assert!(bench.said().is_empty());
    assert_eq!(bench.state.scale_to(0, "a test", bench.now, &mut bench.out), 1);
    bench.state.resume(bench.now, &mut bench.out);
    assert_eq!(bench.said(), ["2<1"]);
    bench.ended(2, 1);
    bench.pass(Duration::from_secs(1));
    assert_eq!(bench.said(), ["!2"], "there is nothing left for it");
}

#[test]
fn the_last_worker_goes_when_what_waits_is_discarded() {
    let settings = |settings: &mut Settings| {
        settings.min = 0;
        settings.idle_timeout = Some(Duration::from_secs(1));
    };
    let mut bench = bench(1, settings, None);
    bench.ready(1);
    bench.state.pause(&mut bench.out);
    bench.submit(1);
    bench.pass(Duration::from_secs(2));
    bench.said();
    bench.state.discard(bench.now, &mut bench.out);
    assert_eq!(bench.state.alarm(), Some(bench.now), "it was idle for long enough");
    bench.pass(Duration::ZERO);
    assert_eq!(bench.said(), ["1:lost", "!1"]);
}

#[test]
fn a_pool_that_is_scaled_to_none_keeps_one_for_what_waits() {
    let mut bench = bench(2, |settings| settings.min = 0, None);
    bench.submit(1);
    assert_eq!(bench.state.scale_to(0, "a test", bench.now, &mut bench.out), 1);
    bench.said();
    bench.ready(2);
    assert_eq!(bench.said(), ["2<1"]);
    bench.ended(2, 1);
    assert_eq!(bench.state.scale_to(0, "a test", bench.now, &mut bench.out), 0);
    assert_eq!(bench.said(), ["!2"]);
}

#[test]
fn in_a_closed_pool_nothing_gives_way() {
    let mut bench = bench(1, |settings| settings.drops_oldest = true, None);
    bench.submit(1);
    bench.submit(2);
    assert!(bench.state.drop_oldest(&mut bench.out));
    assert_eq!(bench.said(), ["+1", "1:refused"]);
    bench.state.close(bench.now, &mut bench.out);
    assert!(!bench.state.drop_oldest(&mut bench.out), "nothing comes in its place");
    bench.ready(1);
    assert_eq!(bench.said(), ["1<2"]);
}

#[test]
fn what_is_given_up_at_the_end_is_called_by_its_name() {
    let mut bench = bench(1, |_| (), None);
    bench.ready(1);
    bench.submit(7);
    bench.state.close_by(bench.now, bench.now, &mut bench.out);
    let told = bench.out.iter().find_map(|action| match action {
        Action::Tell(What::Abandoned { task, .. }) => Some(task.clone()),
        _ => None,
    });
    assert_eq!(told.as_deref(), Some("task 7"));
    assert_eq!(bench.said()[2..], ["7:cancelled", "x1"]);
}

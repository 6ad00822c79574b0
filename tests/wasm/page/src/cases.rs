use std::future::Future;
use std::pin::Pin;

use crate::{channel, context, task, time};

/// One test.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> Pin<Box<dyn Future<Output = ()>>>,
    /// What its panic says, for a case that has to panic. It ends the module, so it comes last.
    pub(crate) panics: Option<&'static str>,
}

/// Writes down cases by the path of the async function that each one is; the last one has
/// to panic, and behind it stands what it says.
macro_rules! cases {
    ($($module:ident::$name:ident),*; $last:ident::$end:ident panics $message:literal) => {
        &[
            $(case!($module::$name, None),)*
            case!($last::$end, Some($message)),
        ]
    };
}

macro_rules! case {
    ($module:ident::$name:ident, $panics:expr) => {
        Case {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: || Box::pin($module::$name()),
            panics: $panics,
        }
    };
}

/// All tests, in the order in which they run.
pub(crate) const CASES: &[Case] = cases![
    context::a_cancel_reaches_another_task,
    context::a_cancel_from_a_timer_of_the_page_reaches_a_task,
    time::a_sleep_lasts_as_long_as_it_says,
    time::the_clock_is_that_of_the_page,
    time::sleeps_end_in_the_order_of_their_times,
    time::a_context_times_out,
    time::a_time_out_stops_a_longer_sleep,
    time::a_yield_lets_others_run,
    channel::values_go_from_task_to_task_in_order,
    channel::a_rendezvous_waits_for_the_other_side,
    channel::a_send_that_times_out_gives_the_value_back,
    channel::a_select_takes_what_comes_before_its_time_out,
    channel::a_select_times_out,
    channel::a_select_sends_or_leaves_the_value,
    task::a_future_runs_on_the_event_loop,
    task::a_closure_is_refused_and_says_why,
    task::a_local_task_holds_what_cannot_leave_the_page,
    task::a_group_collects_in_order_within_its_limit,
    task::a_group_that_goes_cancels_its_tasks,
    task::many_tasks_are_waited_for_together,
    task::a_runtime_that_has_gone_takes_no_more;
    time::blocking_says_what_to_do_instead panics "use `.await` instead"
];

use std::future::Future;
use std::pin::Pin;

use crate::context;

/// One test.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: fn() -> Pin<Box<dyn Future<Output = ()>>>,
    /// What its panic says, for a case that has to panic. It ends the module, so it comes last.
    pub(crate) panics: Option<&'static str>,
}

/// Writes down cases by the path of the async function that each one is.
macro_rules! cases {
    ($($module:ident::$name:ident),* $(,)?) => {
        &[$(Case {
            name: concat!(stringify!($module), "::", stringify!($name)),
            run: || Box::pin($module::$name()),
            panics: None,
        }),*]
    };
}

/// All tests, in the order in which they run.
pub(crate) const CASES: &[Case] = cases![
    context::a_cancel_reaches_another_task,
    context::a_cancel_from_a_timer_of_the_page_reaches_a_task,
];

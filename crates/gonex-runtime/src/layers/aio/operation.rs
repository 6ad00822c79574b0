use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use gonex_core::op::{Name, Subject};
use gonex_core::rt::{self, Policy, Polled};
use gonex_core::{Kind, Limited, Op, Stop};
use pin_project_lite::pin_project;

/// Makes an operation of a future, so that it takes limits, and can be blocked on.
///
/// # Cancel safety
/// The operation owns the future. Dropping it, or reaching one of its limits, drops the future with it,
/// where it has come to. Where the ambient context stops first, it unwinds to the border of the task;
/// under explicit limits it yields `Err`.
///
/// # Panics
/// Polling it does with what the future panics with.
///
/// ```
/// use gonex_core::{Context, Stop};
/// use gonex_runtime::aio;
///
/// assert_eq!(aio::operation(async { 7 }).block(), 7);
///
/// let (context, canceller) = Context::current().with_cancel();
/// canceller.cancel("enough");
/// let never = aio::operation(std::future::pending::<()>()).within(&context).block();
/// assert!(matches!(never, Err(Stop::Cancelled(_))));
/// ```
#[track_caller]
pub fn operation<F: Future>(future: F) -> Op<Awaited<F>> {
    Op::new(Awaited { future, place: Location::caller() })
}

/// Gives a future a time limit, counted from this call.
///
/// # Cancel safety
/// As [`operation`](operation()).
///
/// # Errors
/// The operation yields [`Stop::Timeout`] when the time has passed, and [`Stop::Cancelled`] when the
/// ambient context stops before; what the future yields at that time goes first.
///
/// ```
/// use std::time::Duration;
/// use gonex_core::Stop;
/// use gonex_runtime::aio;
///
/// aio::block_on(async {
///     assert_eq!(aio::timeout(Duration::from_secs(60), async { 7 }).await, Ok(7));
///     let never = std::future::pending::<()>();
///     assert_eq!(aio::timeout(Duration::ZERO, never).await, Err(Stop::Timeout));
/// });
/// ```
#[track_caller]
pub fn timeout<F: Future>(limit: Duration, future: F) -> Op<Limited<Awaited<F>>> {
    operation(future).timeout(limit)
}

pin_project! {
    /// The kind of [`operation`](operation()).
    ///
    /// ```
    /// use std::future::Ready;
    /// use gonex_core::Op;
    /// use gonex_runtime::aio::{self, Awaited};
    ///
    /// let ready: Op<Awaited<Ready<i32>>> = aio::operation(std::future::ready(7));
    /// assert_eq!(ready.block(), 7);
    /// ```
    #[derive(Debug)]
    pub struct Awaited<F> {
        #[pin]
        future: F,
        // Where the operation was made.
        place: &'static Location<'static>,
    }
}

impl<F: Future> Kind for Awaited<F> {
    type Output = F::Output;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let this = self.project();
        // Also where a thread blocks on it: it may be one of many in the future around.
        let polled = Polled::new(Name::Kind("a future"), Some(this.place));
        rt::with_policy(Policy::Forbidden(polled), || this.future.poll(cx))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> F::Output {
        stop.unwind()
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("await").of("a future").made_at(self.place)
    }
}

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use gonex_core::Context;

use super::PortableTask;
use super::calling::{Calling, Progress};
use super::codec::{Codec, CodecError};
use super::definition::Definition;
use super::one::One;
use super::value::{Portable, StartFn};
use super::wire::MAX_KEY;
use crate::batch::Member;
use crate::handle::{Completer, Handle, Priority, Spec, pair};
use crate::place::{Place, hand_in};
use crate::work::{EndableFuture, IntoTask, TaskFuture};
use crate::{PanicHook, TaskError};

/// A function under [`#[task]`](crate::task) with its arguments: work that any [`Place`] can run, in this
/// process or elsewhere.
///
/// `name::call(args)` makes one. It does nothing until it is handed in, and is no future: `go(call).await`
/// waits for the result. Its task is called as its function is, unless the options say otherwise.
///
/// What the function returns comes back as it is, an error of its own included.
///
/// ```
/// use gonex_task::place::{Inline, PlaceExt};
/// use gonex_task::task;
///
/// #[task(crate = gonex_task)]
/// fn word_count(text: &str) -> usize {
///     text.split_whitespace().count()
/// }
///
/// assert_eq!(word_count("call me Ishmael"), 3, "an ordinary function");
/// let call = word_count::call("call me Ishmael".to_owned());
/// assert_eq!(Inline.go(call).join().block(), Ok(3));
/// ```
#[must_use = "a call does nothing until it is handed in, as by `go(call)`"]
pub struct Call<T> {
    definition: &'static Definition,
    bound: Box<dyn Bound<T>>,
    key: Option<Box<[u8]>>,
    read: fn(Codec, &[u8]) -> Result<T, CodecError>,
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.definition.name();
        f.debug_struct("Call").field("name", &name).field("key", &self.key).finish_non_exhaustive()
    }
}

/// A function with its arguments.
trait Bound<T>: Send {
    fn write(&self, codec: Codec) -> Result<Vec<u8>, CodecError>;

    fn run(self: Box<Self>) -> T;

    fn start(self: Box<Self>) -> Pin<Box<dyn Future<Output = T> + Send>>;
}

struct Function<A, T> {
    arguments: A,
    run: fn(A) -> T,
}

impl<A: Portable, T: Portable> Bound<T> for Function<A, T> {
    fn write(&self, codec: Codec) -> Result<Vec<u8>, CodecError> {
        codec.write_value(&self.arguments)
    }

    fn run(self: Box<Self>) -> T {
        (self.run)(self.arguments)
    }

    fn start(self: Box<Self>) -> Pin<Box<dyn Future<Output = T> + Send>> {
        Box::pin(async move { self.run() })
    }
}

struct AsyncFunction<A, T> {
    arguments: A,
    start: StartFn<A, T>,
}

impl<A: Portable, T: Portable> Bound<T> for AsyncFunction<A, T> {
    fn write(&self, codec: Codec) -> Result<Vec<u8>, CodecError> {
        codec.write_value(&self.arguments)
    }

    fn run(self: Box<Self>) -> T {
        unreachable!("an async function is started")
    }

    fn start(self: Box<Self>) -> Pin<Box<dyn Future<Output = T> + Send>> {
        (self.start)(self.arguments)
    }
}

impl<T: Portable> Call<T> {
    /// What the macro writes.
    #[doc(hidden)]
    pub fn of_function<A: Portable>(
        definition: &'static Definition,
        arguments: A,
        run: fn(A) -> T,
    ) -> Self {
        Self::new(definition, Box::new(Function { arguments, run }))
    }

    /// What the macro writes for an async function.
    #[doc(hidden)]
    pub fn of_async_function<A: Portable>(
        definition: &'static Definition,
        arguments: A,
        start: StartFn<A, T>,
    ) -> Self {
        Self::new(definition, Box::new(AsyncFunction { arguments, start }))
    }

    fn new(definition: &'static Definition, bound: Box<dyn Bound<T>>) -> Self {
        Self { definition, bound, key: None, read: Codec::read_value }
    }

    /// Says what this call has in common with others: places that can will run calls of one key at the same
    /// worker. At most 1,024 bytes; of a longer key, the first of them count.
    ///
    /// ```
    /// # use gonex_task::task;
    /// # #[task(crate = gonex_task)]
    /// # fn word_count(text: String) -> usize { text.len() }
    /// let call = word_count::call("call me Ishmael".to_owned()).key("chapter 1");
    /// assert!(format!("{call:?}").contains("key"));
    /// ```
    pub fn key(mut self, key: impl AsRef<[u8]>) -> Self {
        let key = key.as_ref();
        self.key = Some(key[..key.len().min(MAX_KEY)].into());
        self
    }

    /// The function that it calls.
    #[must_use]
    pub fn definition(&self) -> &'static Definition {
        self.definition
    }

    /// Hands it in at a place: another way to write `place.go(call)`.
    ///
    /// # Panics
    /// If the place does, as it says.
    ///
    /// ```
    /// # use gonex_task::task;
    /// use gonex_task::Inline;
    ///
    /// #[task(crate = gonex_task)]
    /// fn double(n: u32) -> u32 {
    ///     2 * n
    /// }
    ///
    /// assert_eq!(double::call(21).on(&Inline).join().block(), Ok(42));
    /// ```
    #[track_caller]
    pub fn on(self, place: &impl Place) -> Handle<T> {
        self.start(Spec::new(Context::current()), place)
    }

    /// What is known of its task: called as the function, if not otherwise, and with the function's time
    /// limit.
    fn spec(&self, mut spec: Spec) -> Spec {
        spec.name.get_or_insert_with(|| self.definition.name().into());
        if let Some(timeout) = self.definition.timeout() {
            spec.parent = spec.parent.with_timeout(timeout);
        }
        spec
    }

    fn hand_in(self, completer: Completer<T>, priority: Priority, place: &impl Place) {
        let (completer, hook) = (completer.followed("call"), place.hook());
        let progress = Progress::new();
        let call = Box::new(CallTask { call: self, completer, priority, hook, progress });
        hand_in(place, PortableTask::new(call).into_task());
    }
}

/// Marks portable calls for [`IntoTask`].
#[derive(Debug)]
pub enum CallMarker {}

impl<T: Portable> IntoTask<CallMarker> for Call<T> {
    type Output = T;

    fn start(self, spec: Spec, place: &impl Place) -> Handle<T> {
        let spec = self.spec(spec);
        let priority = spec.priority;
        let (completer, handle) = pair(spec);
        self.hand_in(completer, priority, place);
        handle
    }

    fn start_with(self, completer: Completer<T>, priority: Priority, place: &impl Place) {
        let origin = completer.spec().origin;
        let one = Arc::new(One::new(completer, self.definition));
        self.hand_in(Completer::to_many(one, Member::new(0).from(origin)), priority, place);
    }

    fn start_detached(self, spec: Spec, place: &impl Place) {
        let spec = self.spec(spec);
        let priority = spec.priority;
        self.hand_in(Completer::to_nobody(spec), priority, place);
    }
}

/// A call that was handed in.
struct CallTask<T: 'static> {
    call: Call<T>,
    completer: Completer<T>,
    priority: Priority,
    /// What is done about panics, where the place that runs it does not say.
    hook: PanicHook,
    progress: Progress,
}

impl<T: Portable> Calling for CallTask<T> {
    fn definition(&self) -> &'static Definition {
        self.call.definition
    }

    fn spec(&self) -> Spec {
        Spec { priority: self.priority, ..self.completer.spec() }
    }

    fn called(&self) -> String {
        self.completer.called()
    }

    fn key(&self) -> Option<&[u8]> {
        self.call.key.as_deref()
    }

    fn progress(&self) -> &Progress {
        &self.progress
    }

    fn progress_mut(&mut self) -> &mut Progress {
        &mut self.progress
    }

    fn write_arguments(&self, codec: Codec) -> Result<Result<Vec<u8>, CodecError>, TaskError> {
        self.completer.inside(self.hook, || self.call.bound.write(codec))
    }

    fn run(self: Box<Self>, hook: PanicHook, ended: &dyn Fn(bool)) {
        let Self { call, completer, .. } = *self;
        completer.run(hook, || call.bound.run(), ended);
    }

    fn into_future(self: Box<Self>) -> Pin<Box<dyn EndableFuture + Send>> {
        let Self { call, completer, hook, .. } = *self;
        Box::pin(TaskFuture::new(call.bound.start(), completer, hook))
    }

    fn finish(self: Box<Self>, codec: Codec, result: &[u8]) {
        let Self { call, completer, hook, .. } = *self;
        let Call { bound, read, .. } = call;
        completer.drop_inside(bound);
        let result = completer
            .inside(hook, || read(codec, result))
            .and_then(|result| result.map_err(|error| TaskError::unreadable(error.to_string())));
        completer.complete(result);
    }

    fn end(self: Box<Self>, error: TaskError) {
        let Self { call, completer, progress, .. } = *self;
        completer.drop_inside(call);
        completer.complete(Err(match error {
            // So says the last attempt of itself; an earlier one has begun.
            TaskError::Refused { .. } | TaskError::Lost { started: false }
                if progress.attempts() > 0 =>
            {
                TaskError::lost(true)
            }
            error => error,
        }));
    }

    fn into_inner(self: Box<Self>) -> Box<dyn Calling> {
        self
    }
}

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use gonex_core::op::Subject;
use gonex_core::{Kind, Limited, Stop};
use pin_project_lite::pin_project;

use super::once::Cell;
use super::{Once, Source};
use crate::semaphore::core::Place;
use crate::wait::Key;

/// The wait for the right to make a value, and that right. Its owner calls [`leave`](Self::leave).
#[derive(Debug, Default)]
pub(crate) struct Initializing {
    key: Option<Key>,
    /// Whether this one makes the value now.
    makes: bool,
}

impl Initializing {
    /// Goes on until the value is there, making it with `source` if it is this one's turn.
    pub(crate) fn poll<T, S: Source, E>(
        &mut self,
        cell: &Cell<T>,
        source: Pin<&mut S>,
        result: impl FnOnce(S::Output) -> Result<T, E>,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), E>> {
        if cell.get().is_some() && !self.makes {
            self.leave(cell);
            return Poll::Ready(Ok(()));
        }
        if !self.makes {
            match cell.turn().poll_acquire(1, Place::Back, &mut self.key, cx.waker()) {
                Poll::Pending => return Poll::Pending,
                // The right is taken away for ever when the value is there.
                Poll::Ready(Err(_)) => return Poll::Ready(Ok(())),
                Poll::Ready(Ok(())) => self.makes = true,
            }
        }
        let Poll::Ready(made) = source.poll_source(cx) else { return Poll::Pending };
        match result(made) {
            Ok(value) => {
                self.makes = false;
                cell.fill(value);
                Poll::Ready(Ok(()))
            }
            Err(error) => {
                self.leave(cell);
                Poll::Ready(Err(error))
            }
        }
    }

    /// Waits no longer, and lets the next one try if it was this one's turn.
    pub(crate) fn leave<T>(&mut self, cell: &Cell<T>) {
        if let Some(key) = self.key.take() {
            cell.turn().leave(key);
        }
        if std::mem::take(&mut self.makes) {
            cell.turn().release(1);
        }
    }
}

macro_rules! initializing {
    ($(#[$doc:meta])* $name:ident, $show:literal) => {
        pin_project! {
            $(#[$doc])*
            #[must_use = "an initialization does nothing until it is awaited or blocked on"]
            pub struct $name<'a, T, S> {
                once: &'a Once<T>,
                state: Initializing,
                #[pin]
                source: S,
            }

            impl<T, S> PinnedDrop for $name<'_, T, S> {
                fn drop(this: Pin<&mut Self>) {
                    let this = this.project();
                    this.state.leave(this.once.cell());
                }
            }
        }

        impl<'a, T, S> $name<'a, T, S> {
            pub(super) fn new(once: &'a Once<T>, source: S) -> Self {
                Self { once, state: Initializing::default(), source }
            }
        }

        impl<T, S> fmt::Debug for $name<'_, T, S> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($show).field("state", &self.state).finish_non_exhaustive()
            }
        }
    };
}

initializing! {
    /// The kind of [`Once::get_or_try_init`] and its async form.
    TryInit, "TryInit"
}

initializing! {
    /// The kind of [`Once::get_or_init`] and its async form.
    Init, "Init"
}

impl<'a, T, E, S: Source<Output = Result<T, E>>> Kind for TryInit<'a, T, S> {
    type Output = Result<&'a T, E>;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<Self::Output> {
        self.once.get().map(Ok)
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let done = this.state.poll(this.once.cell(), this.source, |made| made, cx);
        done.map_ok(|()| this.once.get().expect("the value is there now"))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> Self::Output {
        self.once.get().map_or_else(|| stop.unwind(), Ok)
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<Self::Output, Stop> {
        self.once.get().map(Ok).ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("initialize").of("once")
    }
}

impl<'a, T, S: Source<Output = T>> Kind for Init<'a, T, S> {
    type Output = &'a T;
    type Limited = Limited<Self>;

    const STOP_UNWINDS: bool = true;

    fn attempt(&mut self) -> Option<&'a T> {
        self.once.get()
    }

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<&'a T> {
        let this = self.project();
        let made = Ok::<T, Infallible>;
        let done = this.state.poll(this.once.cell(), this.source, made, cx);
        done.map(|_| this.once.get().expect("the value is there now"))
    }

    fn stop(self: Pin<&mut Self>, stop: Stop) -> &'a T {
        self.once.get().unwrap_or_else(|| stop.unwind())
    }

    fn withdraw(self: Pin<&mut Self>, stop: Stop) -> Result<&'a T, Stop> {
        self.once.get().ok_or(stop)
    }

    fn limited(self) -> Limited<Self> {
        Limited::new(self)
    }

    fn subject(&self) -> Subject {
        Subject::new("initialize").of("once")
    }
}

use std::task::{RawWakerVTable, Waker};

use super::Context;
use crate::Stop;

/// A context that somebody waits in, and the place of the waker there; both go when dropped.
///
/// It takes two words, and nothing is allocated for it but room in the context, which is kept.
#[derive(Debug)]
pub(crate) struct Observed {
    context: Context,
    key: u32,
}

const NOWHERE: u32 = u32::MAX;

impl Observed {
    pub(crate) fn new(context: Context) -> Self {
        Self { context, key: NOWHERE }
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Sees to it that `waker`, and no other, is told when the context is cancelled; deadlines are
    /// for the caller to watch.
    pub(crate) fn tell(&mut self, waker: &Waker) {
        let Some(node) = self.context.node() else { return };
        let known = (self.key != NOWHERE).then_some(self.key as usize);
        let key = node.register(known, waker.clone()).and_then(|key| u32::try_from(key).ok());
        // Room for 2^32 wakers is more than memory; a stopped context tells nobody any more.
        self.key = key.unwrap_or(NOWHERE);
    }

    /// Why the context has been cancelled; a deadline that has passed does not show.
    pub(crate) fn cancelled(&self) -> Option<Stop> {
        self.context.cancellation().map(Stop::Cancelled)
    }
}

impl Drop for Observed {
    fn drop(&mut self) {
        if let Some(node) = self.context.node()
            && self.key != NOWHERE
        {
            node.forget(self.key as usize);
        }
    }
}

/// What tells one waker from another, without keeping it: for those who have given a clone away and
/// want to know whether the next poll brings the same one.
///
/// It means something only as long as that clone lives.
#[derive(Debug, Default)]
pub(crate) struct Seen(Option<(usize, &'static RawWakerVTable)>);

impl Seen {
    /// Whether this is the waker seen last; it is from now on.
    pub(crate) fn again(&mut self, waker: &Waker) -> bool {
        let this = Some((waker.data().addr(), waker.vtable()));
        let again = match (self.0, this) {
            (Some((data, table)), Some((now, now_table))) => {
                data == now && std::ptr::eq(table, now_table)
            }
            _ => false,
        };
        self.0 = this;
        again
    }

    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }
}

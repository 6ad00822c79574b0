use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{NotTaken, Place};
use crate::PanicHook;
use crate::work::Task;

/// What points to a place is one.
macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<P: Place + ?Sized> Place for $pointer {
            fn name(&self) -> &str {
                (**self).name()
            }

            fn parallelism(&self) -> NonZeroUsize {
                (**self).parallelism()
            }

            fn submit(&self, task: Task) -> Result<(), NotTaken> {
                (**self).submit(task)
            }

            fn hook(&self) -> PanicHook {
                (**self).hook()
            }
        }
    )+};
}

forward!(&P, Arc<P>, Box<P>);

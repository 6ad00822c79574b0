use std::fmt;
use std::ops::{Deref, DerefMut};

use super::held::Held;
use super::pool::BufferPool;

/// Makes a buffer that gives itself back to the pool that it knows.
macro_rules! buffer {
    ($(#[$doc:meta])* $name:ident $(<$life:lifetime>)?, $pool:ty) => {
        $(#[$doc])*
        #[must_use = "a buffer that is dropped goes back at once"]
        pub struct $name $(<$life>)? {
            /// There until it is dropped.
            held: Option<Held>,
            pool: $pool,
        }

        impl $(<$life>)? $name $(<$life>)? {
            #[inline]
            pub(super) fn new(held: Held, pool: $pool) -> Self {
                Self { held: Some(held), pool }
            }

            /// Keeps the bytes, which then do not go back to the pool.
            #[must_use]
            pub fn into_vec(mut self) -> Vec<u8> {
                // What goes back has no capacity, and so is of no class.
                std::mem::take(&mut *self)
            }
        }

        impl $(<$life>)? Drop for $name $(<$life>)? {
            #[inline]
            fn drop(&mut self) {
                if let Some(held) = self.held.take() {
                    self.pool.give_back(held);
                }
            }
        }

        impl $(<$life>)? Deref for $name $(<$life>)? {
            type Target = Vec<u8>;

            #[inline]
            fn deref(&self) -> &Vec<u8> {
                self.held.as_ref().expect("it is there until it is dropped").bytes()
            }
        }

        impl $(<$life>)? DerefMut for $name $(<$life>)? {
            #[inline]
            fn deref_mut(&mut self) -> &mut Vec<u8> {
                self.held.as_mut().expect("it is there until it is dropped").bytes_mut()
            }
        }

        impl $(<$life>)? AsRef<[u8]> for $name $(<$life>)? {
            fn as_ref(&self) -> &[u8] {
                self
            }
        }

        impl $(<$life>)? fmt::Debug for $name $(<$life>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("len", &self.len())
                    .field("capacity", &self.capacity())
                    .finish_non_exhaustive()
            }
        }
    };
}

buffer! {
    /// A buffer that goes back to its pool when it is dropped, on whichever thread that is. It comes from
    /// [`BufferPool::take`].
    ///
    /// It is a vector of bytes. One that grows out of its class goes back to the class that it then has, if
    /// there is one.
    Buffer<'a>, &'a BufferPool
}

buffer! {
    /// A [`Buffer`] that holds on to its pool. It comes from [`BufferPool::take_owned`].
    OwnedBuffer, BufferPool
}

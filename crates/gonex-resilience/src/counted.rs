//! What policies count, and how it is read, named and set to 0: written once for all of them.

use gonex_core::primitive::atomic::{AtomicU64, Ordering};

/// A number that only grows until it is reset. It is told apart from others only when read, so it orders
/// nothing.
#[derive(Debug)]
pub(crate) struct Counter(AtomicU64);

// Not derived: loom's atomics have no default.
impl Default for Counter {
    fn default() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl Counter {
    #[inline]
    pub(crate) fn add(&self, more: u64) {
        // Nanoseconds wrap after 584 years, added up.
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Makes the numbers that users see and the counters behind. `times` are counted in nanoseconds and seen as
/// lengths of time; `rates` are not counted, but filled in by who knows them.
macro_rules! counted {
    (
        $(#[$meta:meta])*
        pub struct $metrics:ident of $counters:ident {
            $($(#[$doc:meta])* $count:ident,)*
        }
        $(times { $($(#[$time_doc:meta])* $time:ident,)* })?
        $(rates { $($(#[$rate_doc:meta])* $rate:ident,)* })?
    ) => {
        $(#[$meta])*
        #[cfg_attr(feature = "serde", derive(serde::Serialize))]
        #[non_exhaustive]
        pub struct $metrics {
            $($(#[$doc])* pub $count: u64,)*
            $($($(#[$time_doc])* pub $time: ::std::time::Duration,)*)?
            $($($(#[$rate_doc])* pub $rate: Option<f64>,)*)?
        }

        /// The counters behind.
        #[derive(Debug, Default)]
        pub(super) struct $counters {
            $(pub(super) $count: $crate::counted::Counter,)*
            $($(pub(super) $time: $crate::counted::Counter,)*)?
        }

        impl $counters {
            pub(super) fn read(&self) -> $metrics {
                $metrics {
                    $($count: self.$count.read(),)*
                    $($($time: ::std::time::Duration::from_nanos(self.$time.read()),)*)?
                    $($($rate: None,)*)?
                }
            }

            pub(super) fn reset(&self) {
                $(self.$count.reset();)*
                $($(self.$time.reset();)*)?
            }
        }

        impl $metrics {
            /// The same, for the registry of components.
            pub(super) fn named(&self) -> ::gonex_core::component::Metrics {
                let named = ::gonex_core::component::Metrics::new();
                $(let named = named.with_count(stringify!($count), self.$count);)*
                $($(
                    let seconds = self.$time.as_secs_f64();
                    let named = named.with_gauge(concat!(stringify!($time), "_seconds"), seconds);
                )*)?
                $($(
                    let named = match self.$rate {
                        Some(rate) => named.with_gauge(stringify!($rate), rate),
                        None => named,
                    };
                )*)?
                named
            }
        }
    };
}

pub(crate) use counted;

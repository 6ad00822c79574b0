use std::fmt;
use std::sync::Arc;

use gonex_core::Op;

use super::core::{Core, MAX};
use super::{Acquire, SemaphorePermit, TryAcquireError};
use crate::constant::constant;
use crate::simulation::tried;

/// A number of permits, of which each holder takes some: a limit on what goes on at once.
///
/// Whoever waits is served strictly in line: an acquire of many permits is not starved by those of
/// few that come after it. The number can be [changed](Self::resize) at any time.
///
/// ```
/// use std::time::Duration;
/// use gonex_sync::{AcquireError, Semaphore};
///
/// static CONNECTIONS: Semaphore = Semaphore::new(2);
///
/// let first = CONNECTIONS.acquire(1).block().unwrap();
/// let _second = CONNECTIONS.acquire(1).block().unwrap();
/// let third = CONNECTIONS.acquire(1).timeout(Duration::ZERO).block();
/// assert_eq!(third.unwrap_err(), AcquireError::Timeout);
/// drop(first);
/// assert!(CONNECTIONS.try_acquire(1).is_ok());
/// ```
pub struct Semaphore {
    core: Core,
}

impl Semaphore {
    /// The most permits a semaphore can have.
    pub const MAX_PERMITS: usize = MAX;

    constant! {
        /// Makes a semaphore with so many permits, all of them free.
        ///
        /// # Panics
        /// With more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        pub const fn new(permits: usize) -> Self {
            Self { core: Core::new(permits) }
        }
    }

    pub(super) fn core(&self) -> &Core {
        &self.core
    }

    /// Acquires permits, waiting in line until so many are free.
    ///
    /// Even no permits at all are waited for in turn.
    ///
    /// # Cancel safety
    /// Dropped before it is done, it leaves the line; permits that had been handed to it go to the
    /// next.
    ///
    /// # Errors
    /// [`AcquireError`](crate::AcquireError): at once when more are asked for than the semaphore has
    /// in all; when it is closed; and when a limit or the ambient context stops the operation.
    ///
    /// ```
    /// use gonex_sync::{AcquireError, Semaphore};
    ///
    /// let semaphore = Semaphore::new(3);
    /// assert_eq!(semaphore.acquire(2).block().unwrap().permits(), 2);
    /// let error = semaphore.acquire(4).block().unwrap_err();
    /// assert_eq!(error, AcquireError::TooMany { wanted: 4, capacity: 3 });
    /// ```
    #[track_caller]
    pub fn acquire(&self, permits: usize) -> Op<Acquire<&Self>> {
        Op::new(Acquire::new(self, permits))
    }

    /// Acquires permits that hold the semaphore themselves: see [`acquire`](Self::acquire).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.acquire_owned(1).block().unwrap();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available(), 1);
    /// ```
    #[track_caller]
    pub fn acquire_owned(self: &Arc<Self>, permits: usize) -> Op<Acquire<Arc<Self>>> {
        Op::new(Acquire::new(self.clone(), permits))
    }

    /// Acquires permits if so many are free and nobody waits.
    ///
    /// # Errors
    /// Says whether that may change.
    ///
    /// ```
    /// use gonex_sync::{Semaphore, TryAcquireError};
    ///
    /// let semaphore = Semaphore::new(1);
    /// let permit = semaphore.try_acquire(1).unwrap();
    /// assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::Busy);
    /// # drop(permit);
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_acquire(&self, permits: usize) -> Result<SemaphorePermit<&Self>, TryAcquireError> {
        tried("try to acquire from", "semaphore", || {
            self.try_take(permits)?;
            Ok(SemaphorePermit::new(self, permits))
        })
    }

    /// Acquires permits that hold the semaphore themselves: see [`try_acquire`](Self::try_acquire).
    ///
    /// # Errors
    /// Says whether that may change.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use gonex_sync::Semaphore;
    ///
    /// let semaphore = Arc::new(Semaphore::new(1));
    /// let permit = semaphore.try_acquire_owned(1).unwrap();
    /// assert_eq!((permit.permits(), semaphore.available()), (1, 0));
    /// ```
    #[cfg_attr(gonex_sim, track_caller)]
    pub fn try_acquire_owned(
        self: &Arc<Self>,
        permits: usize,
    ) -> Result<SemaphorePermit<Arc<Self>>, TryAcquireError> {
        tried("try to acquire from", "semaphore", || {
            self.try_take(permits)?;
            Ok(SemaphorePermit::new(self.clone(), permits))
        })
    }

    fn try_take(&self, permits: usize) -> Result<(), TryAcquireError> {
        let taken = self.core.try_acquire(permits);
        taken.map_err(|not_now| TryAcquireError::not_now(not_now, permits))
    }

    /// Changes the number of permits.
    ///
    /// It may become smaller than what is out. Then nobody gets in until enough came back. Whoever
    /// waits for more than there will be gets [`AcquireError::TooMany`](crate::AcquireError).
    ///
    /// # Panics
    /// With more than [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// ```
    /// use gonex_sync::{Semaphore, TryAcquireError};
    ///
    /// let semaphore = Semaphore::new(3);
    /// let mut permit = semaphore.try_acquire(3).unwrap();
    /// semaphore.resize(1);
    /// drop(permit.split(2));
    /// assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::Busy);
    /// drop(permit);
    /// assert!(semaphore.try_acquire(1).is_ok());
    /// ```
    #[track_caller]
    pub fn resize(&self, permits: usize) {
        assert!(
            permits <= MAX,
            "a semaphore cannot have {permits} permits: {MAX} (`Semaphore::MAX_PERMITS`) is the most"
        );
        self.core.resize(permits);
    }

    /// Closes the semaphore: whoever waits or comes gets an error. Permits that are out stay valid.
    ///
    /// Says whether it was open; closing twice does no harm.
    ///
    /// ```
    /// use gonex_sync::{AcquireError, Semaphore};
    ///
    /// let semaphore = Semaphore::new(1);
    /// assert!(semaphore.close());
    /// assert!(!semaphore.close());
    /// assert_eq!(semaphore.acquire(1).block().unwrap_err(), AcquireError::Closed);
    /// ```
    pub fn close(&self) -> bool {
        self.core.close()
    }

    /// Whether the semaphore is closed.
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(1);
    /// assert!(!semaphore.is_closed());
    /// semaphore.close();
    /// assert!(semaphore.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.core.is_closed()
    }

    /// The number of free permits, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Semaphore::new(3).available(), 3);
    /// ```
    #[must_use]
    pub fn available(&self) -> usize {
        self.core.available()
    }

    /// The number of permits in all: free, out, or to come back.
    ///
    /// ```
    /// let semaphore = gonex_sync::Semaphore::new(3);
    /// semaphore.resize(5);
    /// assert_eq!(semaphore.capacity(), 5);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.core.capacity()
    }

    /// The number of operations in line, which may have changed when it is returned.
    ///
    /// ```
    /// assert_eq!(gonex_sync::Semaphore::new(3).waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.core.waiting()
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available", &self.available())
            .field("capacity", &self.capacity())
            .field("waiting", &self.waiting())
            .field("closed", &self.is_closed())
            .finish()
    }
}

//! What the workers are: the ways to start a pool.

use std::future::Future;
use std::io;
use std::num::NonZeroU32;

use super::builder::PoolBuilder;
use crate::pool::Pool;
use crate::pool::kind::{AsyncTasks, Snapshots, Start, WorkerKind, WorkerThreads};
use crate::runtime::Runtime;

/// What the workers are.
impl PoolBuilder {
    /// Starts the pool: threads that share a handler.
    ///
    /// # Errors
    /// What the system says when it has no more threads; those already started are ended. Settings that
    /// make no sense are [`InvalidInput`](io::ErrorKind::InvalidInput), all of them named.
    pub fn build<J, R>(
        self,
        handler: impl Fn(J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        let handler = move |(): &mut (), job| handler(job);
        let seats = self.seats();
        let init = self.supplied(|_| Ok(()));
        self.start(WorkerThreads::new(init, handler, None, seats), None)
    }

    /// Starts the pool: threads that have a state each, made by `init` on the thread that it is for, and
    /// dropped there. A worker that takes the place of another begins anew; see
    /// [`build_restoring`](Self::build_restoring).
    ///
    /// A worker whose `init` fails or panics has died, and is replaced as such.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let init = |start: &gonex_runtime::pool::kind::Start| Ok(format!("{}:", start.name));
    /// let greet = |name: &mut String, word: &'static str| format!("{name} {word}");
    /// let pool = Pool::builder().name("greeter").workers(1.try_into()?).build_stateful(init, greet)?;
    /// assert_eq!(pool.submit("hello").block()?.join().block()?, "greeter-0: hello");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_stateful<J, R, S>(
        self,
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
        handler: impl Fn(&mut S, J) -> R + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        S: 'static,
    {
        let seats = self.seats();
        let init = self.supplied(init);
        self.start(WorkerThreads::new(init, handler, None, seats), None)
    }

    /// Starts the pool: threads with a state that outlives them.
    ///
    /// When a worker goes, `take` writes down what there is to keep of its state, and when another takes
    /// its place, `restore` puts that into the new one. Of a worker that is given up nothing can be
    /// taken: what counts is the snapshot before, of which there is one after every `every` jobs, if that
    /// is not 0. A snapshot that panics leaves the one before.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().workers(1.try_into()?).recycle_after(1).build_restoring(
    ///     |_| Ok(0),
    ///     |sum: &mut u32, n: u32| { *sum += n; *sum },
    ///     |sum| *sum,
    ///     |sum, kept| *sum = kept,
    ///     0,
    /// )?;
    /// assert_eq!(pool.submit(3).block()?.join().block(), Ok(3));
    /// assert_eq!(pool.submit(4).block()?.join().block(), Ok(7), "by another worker");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_restoring<J, R, S, N>(
        self,
        init: impl Fn(&Start) -> Result<S, String> + Send + Sync + 'static,
        handler: impl Fn(&mut S, J) -> R + Send + Sync + 'static,
        take: impl Fn(&S) -> N + Send + Sync + 'static,
        restore: impl Fn(&mut S, N) + Send + Sync + 'static,
        every: u64,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        S: 'static,
        N: Send + 'static,
    {
        let seats = self.seats();
        let init = self.supplied(init);
        let snapshots = Snapshots::new(take, restore, (every > 0).then_some(every));
        self.start(WorkerThreads::new(init, handler, Some(snapshots), seats), None)
    }

    /// Starts the pool: a handler that is an async function, with `in_flight` jobs at once for each
    /// worker, polled by the runtime of the moment.
    ///
    /// A job whose time is over, and those of a worker that is given up, are dropped where they wait.
    ///
    /// ```
    /// use std::num::NonZeroU32;
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let eight = NonZeroU32::new(8).unwrap();
    /// let pool = Pool::builder().workers(1.try_into()?).build_async(eight, async |n: u32| n + 1)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_async<J, R, Fut>(
        self,
        in_flight: NonZeroU32,
        handler: impl Fn(J) -> Fut + Send + Sync + 'static,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
        Fut: Future<Output = R> + Send + 'static,
    {
        self.start(AsyncTasks::new(handler, in_flight, Runtime::current()), None)
    }

    /// Starts the pool with workers of another [kind](crate::pool::kind).
    ///
    /// # Errors
    /// As [`build`](Self::build), and what the kind says when it cannot start the first workers.
    pub fn build_of<J, R>(self, kind: impl WorkerKind<J, R>) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        self.start(kind, None)
    }
}

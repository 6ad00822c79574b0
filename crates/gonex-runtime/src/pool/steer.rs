//! How a pool is steered while it works: pauses, and how many workers there are.

use gonex_core::Instant;

use super::pool::{Pool, step};
use super::state::State;

impl<J: Send + 'static, R: Send + 'static> Pool<J, R> {
    /// Begins no more jobs until [`resume`](Self::resume); those that run go on, and more are taken as
    /// long as the queue has room. Dropping the pool, or shutting it down, resumes it.
    pub fn pause(&self) {
        step("pause");
        self.shared.change(|state, _, out| state.pause(out));
    }

    /// Begins jobs again.
    pub fn resume(&self) {
        step("resume");
        self.shared.change(State::resume);
    }

    /// Has so many workers more, within the [bounds](crate::PoolBuilder::scale); yields how many there should
    /// be now.
    pub fn scale_up(&self, by: usize) -> usize {
        self.scale_by(|target| target.saturating_add(by), "asked for")
    }

    /// Has so many workers fewer, within the bounds; yields how many there should be now. Those that
    /// run something end it first.
    pub fn scale_down(&self, by: usize) -> usize {
        self.scale_by(|target| target.saturating_sub(by), "asked for")
    }

    /// Has so many workers, within the bounds; yields how many there should be now.
    ///
    /// ```
    /// use gonex_runtime::Pool;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let pool = Pool::builder().scale(1..=3).scaling_off().build(|n: u32| n)?;
    /// assert_eq!((pool.scale_to(9), pool.scale_down(1)), (3, 2));
    /// # Ok(())
    /// # }
    /// ```
    pub fn scale_to(&self, workers: usize) -> usize {
        self.scale_by(|_| workers, "asked for")
    }

    fn scale_by(&self, wanted: impl FnOnce(usize) -> usize, why: &str) -> usize {
        step("scale");
        self.shared.change(|state, now, out| {
            let wanted = wanted(state.target());
            state.scale_to(wanted, why, now, out)
        })
    }

    /// Changes the bounds for the number of workers, and that with them; yields how many there should be
    /// now.
    ///
    /// # Panics
    /// With bounds of which the second is 0 or less than the first.
    pub fn resize(&self, workers: std::ops::RangeInclusive<usize>) -> usize {
        let (min, max) = workers.into_inner();
        assert!(
            max >= 1 && min <= max,
            "a pool cannot have {min} to {max} workers; there must be at least one, and no fewer at most \
             than at least"
        );
        self.shared.change(|state, now, out| state.resize((min, max), now, out))
    }

    /// Replaces the workers that are not well, and those that have died and were not replaced; yields
    /// how many.
    pub fn restart_unhealthy(&self) -> usize {
        step("restart the workers of");
        self.shared.change(State::restart_unhealthy)
    }

    /// Does what is due because time has passed, and says when more is; for pools whose kind of worker
    /// [is tended by hand](super::kind::Abilities::is_tended_by_hand). Others do it themselves.
    pub fn tend(&self) -> Option<Instant> {
        self.shared.tend()
    }
}

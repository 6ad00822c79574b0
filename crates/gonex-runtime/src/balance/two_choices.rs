use gonex_core::Instant;
use gonex_sync::distribute::KeyHash;

use super::balancer::Balancer;
use super::choice::Choice;
use super::task::TaskView;
use super::worker::WorkerView;

/// Of two workers drawn by lot, the one with fewer tasks that have not ended.
///
/// That is nearly as even as to look at all of them (Mitzenmacher, "The power of two choices in
/// randomized load balancing", 2001), and takes as long with a thousand workers as with two.
///
/// ```
/// use gonex_runtime::balance::{Balancer, TaskView, TwoChoices, WorkerId, WorkerView};
///
/// let mut workers = [1, 2].map(|number| WorkerView::new(WorkerId::new(number)));
/// workers[0].running = 1;
/// let (mut balancer, now) = (TwoChoices::seeded(7), gonex_core::rt::now());
/// assert_eq!(balancer.choose(&TaskView::default(), &workers, now).index(), Some(1));
/// ```
#[derive(Clone, Debug, Default)]
pub struct TwoChoices {
    seed: u64,
    drawn: u64,
}

impl TwoChoices {
    /// Makes one whose lots come from seed 0.
    #[must_use]
    pub const fn new() -> Self {
        Self::seeded(0)
    }

    /// Makes one whose lots come from a seed.
    #[must_use]
    pub const fn seeded(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// Two different indices below `count`, of which there are two.
    fn draw(&mut self, count: usize) -> [usize; 2] {
        self.drawn = self.drawn.wrapping_add(1);
        let lot = KeyHash::of(&(self.seed, self.drawn)).get();
        let below = |half: u64, bound: usize| ((half * bound as u64) >> 32) as usize;
        let one = below(lot >> 32, count);
        // Of the others, of which there is one less.
        let other = below(lot & u64::from(u32::MAX), count - 1);
        [one, if other < one { other } else { other + 1 }]
    }
}

impl Balancer for TwoChoices {
    fn name(&self) -> &str {
        "two-choices"
    }

    fn choose(&mut self, _: &TaskView, workers: &[WorkerView], _: Instant) -> Choice {
        match workers.len() {
            0 => Choice::SHARED,
            1 => Choice::worker(0),
            count => {
                let [one, other] = self.draw(count);
                let is_better = workers[other].outstanding() < workers[one].outstanding();
                Choice::worker(if is_better { other } else { one })
            }
        }
    }
}

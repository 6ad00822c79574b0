//! Whose turn it is next.
//!
//! Even seeds choose among those who can go on, each as likely as any other. That spreads over all that
//! can happen, and finds what one or two switches at any of many places show. Odd seeds follow Burckhardt,
//! Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding
//! bugs" (ASPLOS 2010): each thread has a priority, the highest goes on until it waits, and at a few
//! places it falls behind all others. That finds what takes one thread to come far while another stands.

use crate::dice::Dice;

#[derive(Debug)]
pub(super) enum Choice {
    Uniform(Dice),
    ByPriority(ByPriority),
}

#[derive(Debug)]
pub(super) struct ByPriority {
    dice: Dice,
    /// Of each thread, drawn when it starts; the highest goes first.
    priorities: Vec<i64>,
    /// The decisions at which whoever has the turn falls behind.
    changes: Vec<u64>,
    /// The next priority behind all others.
    behind: i64,
    decisions: u64,
    /// Who had the last turns, and how many of them in a row.
    streak: (usize, u32),
}

/// So many changes of priority at most.
const MOST_CHANGES: usize = 4;
/// After so many turns in a row a thread falls behind: it may be in a loop that waits for another.
const LONGEST_STREAK: u32 = 64;

impl Choice {
    pub(super) fn new(seed: u64) -> Self {
        let dice = Dice::new(seed, 1);
        if seed.is_multiple_of(2) {
            return Self::Uniform(dice);
        }
        // How long the run will be is not known; lengths are drawn from 8 to 1,024.
        let length = 8_usize << dice.below(8);
        let count = 1 + dice.below(MOST_CHANGES);
        let changes = (0..count).map(|_| dice.below(length) as u64).collect();
        let (priorities, behind) = (Vec::new(), -1);
        let streak = (0, 0);
        Self::ByPriority(ByPriority { dice, priorities, changes, behind, decisions: 0, streak })
    }

    /// Chooses one of `ready`, which is not empty. `last` had the turn before.
    pub(super) fn next(&mut self, ready: &[usize], last: usize) -> usize {
        match self {
            Self::Uniform(dice) => ready[dice.below(ready.len())],
            Self::ByPriority(by_priority) => by_priority.next(ready, last),
        }
    }
}

impl ByPriority {
    fn next(&mut self, ready: &[usize], last: usize) -> usize {
        let known = ready.iter().copied().max().unwrap_or(last).max(last);
        while self.priorities.len() <= known {
            // Positive, and so before all who have fallen behind.
            self.priorities.push((self.dice.throw() >> 1) as i64);
        }
        if self.changes.contains(&self.decisions) || self.streak == (last, LONGEST_STREAK) {
            self.priorities[last] = self.behind;
            self.behind -= 1;
        }
        self.decisions += 1;
        let first = ready.iter().copied().max_by_key(|&thread| self.priorities[thread]);
        let first = first.unwrap_or(last);
        self.streak = if self.streak.0 == first { (first, self.streak.1 + 1) } else { (first, 0) };
        first
    }
}

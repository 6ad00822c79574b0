use std::collections::VecDeque;

use gonex_core::primitive::{Mutex, lock};

use super::SlidingWindowConfig;
use super::meter::{Meter, Verdict};
use crate::InvalidConfig;
use crate::moment::nanos;

/// A sliding window: no stretch of time as long as the window sees more than so many requests.
///
/// A request at one moment counts up to, and no longer at, the moment that is a window later. Entries
/// that have left are dropped when the window is next looked at, so each request costs a constant time,
/// taken over many. Memory is bounded by the settings.
///
/// ```
/// use gonex_resilience::limit::{Meter, Sliding, SlidingWindowConfig, Verdict};
///
/// let config = SlidingWindowConfig { precision: None, ..SlidingWindowConfig::per_second(2) };
/// let meter = Sliding::new(config, 0)?;
/// assert_eq!(meter.take(1, 5), Verdict::Taken);
/// assert_eq!(meter.take(1, 7), Verdict::Taken);
/// assert_eq!(meter.take(1, 9), Verdict::NotYet { at: 1_000_000_005 });
/// # Ok::<(), gonex_resilience::InvalidConfig>(())
/// ```
#[derive(Debug)]
pub struct Sliding {
    /// No user code runs under it.
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    config: SlidingWindowConfig,
    /// The latest moment told: time goes on from there.
    latest: u64,
    /// In the order of time.
    entries: VecDeque<Entry>,
    /// What the entries count together.
    used: u64,
}

/// Requests of one part of the window.
#[derive(Clone, Copy, Debug)]
struct Entry {
    part: u64,
    /// When the last of them came.
    last: u64,
    count: u32,
}

impl State {
    /// Moves on to a moment, or to the latest one known.
    fn pass(&mut self, now: u64) -> u64 {
        self.latest = self.latest.max(now);
        let window = nanos(self.config.window_size);
        while let Some(first) = self.entries.front()
            && first.last.saturating_add(window) <= self.latest
        {
            self.used -= u64::from(first.count);
            self.entries.pop_front();
        }
        self.latest
    }

    fn free(&self) -> u64 {
        u64::from(self.config.max_requests).saturating_sub(self.used)
    }

    fn add(&mut self, count: u32) {
        if count == 0 {
            return;
        }
        let (last, part) = (self.latest, self.latest / self.config.part());
        self.used += u64::from(count);
        match self.entries.back_mut() {
            Some(entry) if entry.part == part => {
                entry.last = last;
                entry.count += count;
            }
            _ => self.entries.push_back(Entry { part, last, count }),
        }
    }

    /// When so many are free, which are no more than the most.
    fn free_at(&self, tokens: u64) -> u64 {
        let mut free = self.free();
        let mut over = self.used.saturating_sub(self.config.max_requests.into());
        if tokens <= free {
            return self.latest;
        }
        for entry in &self.entries {
            let count = u64::from(entry.count);
            // After a shrink, what is too much leaves first.
            free += count - over.min(count);
            over -= over.min(count);
            if tokens <= free {
                return entry.last.saturating_add(nanos(self.config.window_size));
            }
        }
        u64::MAX
    }
}

impl Meter for Sliding {
    type Config = SlidingWindowConfig;

    fn new(config: SlidingWindowConfig, now: u64) -> Result<Self, InvalidConfig> {
        config.validate()?;
        let state = State { config, latest: now, entries: VecDeque::new(), used: 0 };
        Ok(Self { state: Mutex::new(state) })
    }

    fn take(&self, tokens: u32, now: u64) -> Verdict {
        let mut state = lock(&self.state);
        state.pass(now);
        let most = state.config.max_requests;
        if tokens > most {
            return Verdict::Never { most };
        }
        if u64::from(tokens) > state.free() {
            return Verdict::NotYet { at: state.free_at(tokens.into()) };
        }
        state.add(tokens);
        Verdict::Taken
    }

    fn ready_at(&self, tokens: u64, now: u64) -> u64 {
        let mut state = lock(&self.state);
        let now = state.pass(now);
        let most = u64::from(state.config.max_requests);
        let Some(others) = tokens.checked_sub(1) else { return now };
        // So many windows see no more than the most each; what is left over has to come before.
        let (windows, rest) = (others / most, others % most + 1);
        let length = nanos(state.config.window_size);
        state.free_at(rest).saturating_add(windows.saturating_mul(length))
    }

    fn available(&self, now: u64) -> u32 {
        let mut state = lock(&self.state);
        state.pass(now);
        // No more than the most, which is a `u32`.
        state.free() as u32
    }

    fn most(&self) -> u32 {
        lock(&self.state).config.max_requests
    }

    fn reset(&self, now: u64) {
        let mut state = lock(&self.state);
        state.pass(now);
        state.entries.clear();
        state.used = 0;
    }

    fn config(&self) -> SlidingWindowConfig {
        lock(&self.state).config
    }

    fn reconfigure(&self, config: SlidingWindowConfig, now: u64) -> Result<(), InvalidConfig> {
        config.validate()?;
        let mut state = lock(&self.state);
        // By the old window: what has left it does not come back with a longer one.
        state.pass(now);
        state.config = config;
        let part = config.part();
        let mut merged: VecDeque<Entry> = VecDeque::new();
        for entry in std::mem::take(&mut state.entries) {
            let entry = Entry { part: entry.last / part, ..entry };
            match merged.back_mut() {
                Some(back) if back.part == entry.part => {
                    back.last = entry.last;
                    back.count += entry.count;
                }
                _ => merged.push_back(entry),
            }
        }
        state.entries = merged;
        Ok(())
    }

    fn is_at_rest(&self, now: u64) -> bool {
        let mut state = lock(&self.state);
        state.pass(now);
        state.used == 0
    }
}

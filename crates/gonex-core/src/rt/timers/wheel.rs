//! A hierarchical timing wheel (Varghese and Lauck, "Hashed and hierarchical timing wheels", SOSP
//! 1987) that fires in the exact order of time.
//!
//! Time is counted in nanoseconds from the wheel's origin, and in *ticks* of 2^20 of them. A timer
//! whose tick has come is in `near`, which is sorted. A later one is in a slot: in which level is
//! told by the highest group of six bits in which its tick differs from `current`. So setting one
//! and calling it off take constant time however many there are, and each moves at most once for
//! each level before it fires.
//!
//! # Invariants
//! - A timer in slot `s` of level `l` has the same tick as `current` above the bits of level `l`, and
//!   there `s` is later than `current`'s. So the lowest level in use holds the next timers, the first
//!   slot first.
//! - A bit of `occupied` is set exactly while the slot has timers.

use std::collections::BTreeMap;
use std::task::Waker;
use std::time::Duration;

use slab::Slab;

use super::TimerKey;
use crate::Instant;

const TICK_BITS: u32 = 20;
const SLOT_BITS: u32 = 6;
const SLOTS: usize = 1 << SLOT_BITS;
/// Enough for all 64 bits of a time: 20 + 8 × 6 is more.
const LEVELS: usize = 8;
/// So many timers of the next slot are looked through for the earliest; else its driver is woken at
/// the slot's beginning, and looks again.
const LOOKED_THROUGH: usize = 8;
/// An empty wheel that has room for more than this gives it back.
const KEPT: usize = 1 << 10;

/// Wakers in the order of their time: what a timer driver keeps.
#[derive(Debug)]
pub(in crate::rt) struct Wheel {
    origin: Instant,
    /// The tick up to which slots have been emptied.
    current: u64,
    /// All timers; the lists of the slots go through it.
    timers: Slab<Entry>,
    /// The first timer of each slot, once any was needed.
    slots: Vec<[u32; SLOTS]>,
    occupied: [u64; LEVELS],
    near: BTreeMap<(u64, u64), u32>,
    made: u64,
    /// Kept for its memory.
    due: Vec<(u64, u64, u32)>,
}

#[derive(Debug)]
struct Entry {
    at: u64,
    number: u64,
    waker: Waker,
    next: u32,
    before: u32,
    place: Place,
}

// Stated in the documentation of `rt::timer`.
#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Entry>() == 48);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Near,
    Slot { level: u8, slot: u8 },
}

const NONE: u32 = u32::MAX;

impl Wheel {
    /// Makes an empty wheel; times before `origin` are taken for it.
    pub(in crate::rt) fn new(origin: Instant) -> Self {
        Self {
            origin,
            current: 0,
            timers: Slab::new(),
            slots: Vec::new(),
            occupied: [0; LEVELS],
            near: BTreeMap::new(),
            made: 0,
            due: Vec::new(),
        }
    }

    /// Adds a waker; the key removes it.
    pub(in crate::rt) fn insert(&mut self, at: Instant, waker: Waker) -> TimerKey {
        let at = self.nanos(at);
        let number = self.made;
        self.made += 1;
        let entry = Entry { at, number, waker, next: NONE, before: NONE, place: Place::Near };
        let index = u32::try_from(self.timers.insert(entry)).ok().filter(|&index| index != NONE);
        let index = index.expect("memory ends before 2^32 timers are set");
        self.put(index);
        TimerKey { number, index }
    }

    /// Removes a waker, if it has not fired.
    pub(in crate::rt) fn remove(&mut self, key: TimerKey) -> Option<Waker> {
        let entry = self.timers.get(key.index as usize).filter(|e| e.number == key.number)?;
        match entry.place {
            Place::Near => {
                self.near.remove(&(entry.at, entry.number));
            }
            Place::Slot { level, slot } => {
                let (next, before) = (entry.next, entry.before);
                self.unlink(level, slot, next, before);
            }
        }
        let waker = self.timers.remove(key.index as usize).waker;
        self.give_back_room();
        Some(waker)
    }

    /// No waker is due before this time: that of the earliest, or a little earlier.
    pub(in crate::rt) fn next(&self) -> Option<Instant> {
        let nanos = match self.near.first_key_value() {
            Some((&(at, _), _)) => at,
            None => {
                let (level, slot) = self.first_slot()?;
                self.earliest_of(level, slot)
                    .unwrap_or_else(|| self.start_of(level, slot) << TICK_BITS)
            }
        };
        Some(self.origin + Duration::from_nanos(nanos))
    }

    /// Takes out the wakers due at `now`, in order.
    pub(in crate::rt) fn take_due(&mut self, now: Instant, wakers: &mut Vec<Waker>) {
        let now = self.nanos(now);
        let mut due = std::mem::take(&mut self.due);
        while let Some(first) = self.near.first_entry().filter(|first| first.key().0 <= now) {
            let ((at, number), index) = first.remove_entry();
            due.push((at, number, index));
        }
        self.turn(now, &mut due);
        due.sort_unstable();
        wakers.extend(due.drain(..).map(|(.., index)| self.timers.remove(index as usize).waker));
        self.due = due;
        self.give_back_room();
    }

    pub(in crate::rt) fn len(&self) -> usize {
        self.timers.len()
    }

    /// Empties the slots that begin up to `now`: what is due to `due`, the rest to where it belongs.
    fn turn(&mut self, now: u64, due: &mut Vec<(u64, u64, u32)>) {
        let tick = now >> TICK_BITS;
        while let Some((level, slot)) = self.first_slot() {
            let start = self.start_of(level, slot);
            if start > tick {
                break;
            }
            self.current = start;
            self.occupied[level] &= !(1 << slot);
            let mut index = std::mem::replace(&mut self.slots[level][slot], NONE);
            while index != NONE {
                let entry = &self.timers[index as usize];
                let next = entry.next;
                if entry.at <= now {
                    due.push((entry.at, entry.number, index));
                } else {
                    self.put(index);
                }
                index = next;
            }
        }
        self.current = self.current.max(tick);
    }

    /// Puts a timer that is nowhere where its time belongs.
    fn put(&mut self, index: u32) {
        let current = self.current;
        let entry = &mut self.timers[index as usize];
        let tick = entry.at >> TICK_BITS;
        if tick <= current {
            entry.place = Place::Near;
            self.near.insert((entry.at, entry.number), index);
            return;
        }
        let level = (63 - (tick ^ current).leading_zeros()) / SLOT_BITS;
        let slot = (tick >> (level * SLOT_BITS)) as usize % SLOTS;
        let level = level as usize;
        if self.slots.is_empty() {
            self.slots = vec![[NONE; SLOTS]; LEVELS];
        }
        let head = std::mem::replace(&mut self.slots[level][slot], index);
        // There are 8 levels of 64 slots.
        entry.place = Place::Slot { level: level as u8, slot: slot as u8 };
        entry.next = head;
        entry.before = NONE;
        if head != NONE {
            self.timers[head as usize].before = index;
        }
        self.occupied[level] |= 1 << slot;
    }

    /// Takes a timer with these neighbours out of its slot's list.
    fn unlink(&mut self, level: u8, slot: u8, next: u32, before: u32) {
        let (level, slot) = (usize::from(level), usize::from(slot));
        match before {
            NONE => self.slots[level][slot] = next,
            before => self.timers[before as usize].next = next,
        }
        if next != NONE {
            self.timers[next as usize].before = before;
        }
        if self.slots[level][slot] == NONE {
            self.occupied[level] &= !(1 << slot);
        }
    }

    fn first_slot(&self) -> Option<(usize, usize)> {
        let level = self.occupied.iter().position(|&slots| slots != 0)?;
        Some((level, self.occupied[level].trailing_zeros() as usize))
    }

    /// The tick at which a slot begins.
    fn start_of(&self, level: usize, slot: usize) -> u64 {
        let shift = level as u32 * SLOT_BITS;
        let above = self.current >> (shift + SLOT_BITS) << (shift + SLOT_BITS);
        above | (slot as u64) << shift
    }

    /// The earliest time in a slot, if the slot has few timers.
    fn earliest_of(&self, level: usize, slot: usize) -> Option<u64> {
        let mut index = self.slots[level][slot];
        let mut earliest = u64::MAX;
        for _ in 0..LOOKED_THROUGH {
            let entry = &self.timers[index as usize];
            earliest = earliest.min(entry.at);
            index = entry.next;
            if index == NONE {
                return Some(earliest);
            }
        }
        None
    }

    fn give_back_room(&mut self) {
        if self.timers.is_empty() && self.timers.capacity() > KEPT {
            self.timers = Slab::new();
            self.due = Vec::new();
        }
    }

    /// A time as the wheel counts it; 584 years are the end of it.
    fn nanos(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.origin);
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

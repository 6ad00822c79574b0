//! State that several tasks share: one value, or values by key, with one writer at a time and news
//! for who wants to know.
//!
//! [`Shared`] and [`SharedMap`] are made of what is there already: a [`Mutex`](crate::Mutex) puts
//! writers in line, [`watch`](crate::watch()) carries the latest value of the one, and
//! [`broadcast`](crate::broadcast()) each change of the other. Which to take: a lock for what only few
//! lines of code use; these for what many read, some change, and others wait for.
//!
//! # How it works
//! Values stand behind an [`Arc`](std::sync::Arc). Who reads takes a share of it, and looks at it under
//! no lock: a value that somebody looks at does not change, it is replaced. Who writes stands in line
//! first. A function that makes a new value of the old one runs there, at the head of the line and
//! under no other lock, while readers go on; so no change comes between what it saw and what it made.
//! If it panics, or is given up, the old value stays.
//!
//! A function that changes the same value again, and waits for that, waits for itself.

mod map;
mod map_state;
mod map_update;
mod map_write;
mod turn;
mod update;
mod value;
mod work;
mod write;

pub use map::SharedMap;
pub use map_state::Change;
pub use map_update::UpdateEntry;
pub use map_write::{RemoveEntry, WriteEntry, WriteEntryLimited};
pub use update::Update;
pub use value::Shared;
pub use work::{FromFn, FromFutureFn, Work};
pub use write::{Write, WriteLimited};

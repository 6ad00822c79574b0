//! Standing in the lines of several channels at once.
//!
//! A receiver of a buffer lines up under the lock of its channel alone. Values come in without the
//! lock, and whoever brings one calls the receiver, which then tries for itself: nobody has to claim
//! it, so it matters to nobody when the other arms line up.
//!
//! All others may be served only with a claim. They line up while the locks of all of them are held,
//! and until the ticket is open: so of two selects that could serve one another the second finds the
//! first with an open ticket.

use std::task::Waker;

use smallvec::SmallVec;

use super::arm::{Arm, Enlisted};
use super::order::Order;
use super::ticket::{Seat, Ticket};
use crate::guarded::Guard;
use crate::primitive::Arc;
use crate::wait::Calls;

/// An arm that can stand in line only under the locks of all like it.
struct Need {
    /// Where its lock stands in the order of locks.
    rank: usize,
    arm: usize,
    /// Which of the locks that are held is its own.
    guard: usize,
}

/// Has the arms stand in line, tries each once more, and has them claimed if none happens; or says
/// which does.
pub(super) fn line_up<'a>(
    arms: &mut [&mut (dyn Arm<'a> + '_)],
    order: &Order,
    ticket: &mut Option<Arc<Ticket>>,
    waker: &Waker,
) -> Option<usize> {
    if let Some(ticket) = ticket {
        ticket.tell(waker);
    }
    let ticket: &Arc<Ticket> = ticket.get_or_insert_with(|| Ticket::take(waker));
    let mut needs: SmallVec<[Need; 8]> = SmallVec::new();
    let mut sorted = true;
    let mut last = 0;
    for (index, arm) in arms.iter_mut().enumerate() {
        match arm.enlist(ticket, index) {
            Enlisted::Done => {}
            Enlisted::Happens => return Some(index),
            Enlisted::Needs(rank) => {
                sorted &= last <= rank;
                last = rank;
                needs.push(Need { rank, arm: index, guard: 0 });
            }
        }
    }
    if needs.is_empty() {
        ticket.open();
    } else {
        // Mostly they are, since channels that are made one after the other lie in memory that way.
        if !sorted {
            needs.sort_by_key(|need| need.rank);
        }
        if let Some(happens) = line_up_together(arms, order, ticket, &mut needs) {
            return Some(happens);
        }
    }
    let claimed = ticket.claimed()?;
    arms[claimed].collect();
    Some(claimed)
}

/// The same for those that need one another's locks, by rank.
#[inline(never)]
fn line_up_together<'a>(
    arms: &mut [&mut (dyn Arm<'a> + '_)],
    order: &Order,
    ticket: &Arc<Ticket>,
    needs: &mut [Need],
) -> Option<usize> {
    let mut held: SmallVec<[Guard<'a>; 8]> = SmallVec::new();
    let mut possible = false;
    let mut last = None;
    for need in &mut *needs {
        // A channel may be in several arms.
        if last.replace(need.rank) != Some(need.rank) {
            let Some(guard) = arms[need.arm].lock() else { continue };
            held.push(guard);
        }
        need.guard = held.len() - 1;
        possible |= arms[need.arm].looks_possible(&mut held[need.guard]);
    }
    let mut calls = Calls::default();
    let guards = &mut held[..];
    let mut happens = None;
    if possible {
        happens = order.find(arms.len(), |arm| {
            let need = needs.iter().find(|need| need.arm == arm)?;
            arms[arm].attempt_held(&mut guards[need.guard], &mut calls).then_some(arm)
        });
    }
    if happens.is_none() {
        happens = needs.iter().find_map(|need| {
            let seat = Seat { ticket: ticket.clone(), arm: need.arm };
            let guard = &mut guards[need.guard];
            arms[need.arm].line_up(guard, &mut calls, seat).then_some(need.arm)
        });
    }
    if happens.is_none() {
        ticket.open();
    }
    drop(held);
    calls.wake();
    happens
}

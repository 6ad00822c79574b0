//! What a simulator is told of that is no operation.

use gonex_core::op::Subject;
use gonex_core::rt;

/// Says that something is done at once that others can see: what, and with which kind of thing. The
/// place is that of the caller. Nothing without `--cfg gonex_sim`.
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub(crate) fn step(what: &'static str, with: &'static str) {
    rt::step(|| Subject::new(what).of(with));
}

/// Does something at once that others can see, says so before, and says afterwards that it is done: for
/// what yields a guard, whose end is told to nobody.
#[inline(always)]
#[cfg_attr(gonex_sim, track_caller)]
pub(crate) fn tried<T>(what: &'static str, with: &'static str, attempt: impl FnOnce() -> T) -> T {
    step(what, with);
    let tried = attempt();
    rt::pause();
    tried
}

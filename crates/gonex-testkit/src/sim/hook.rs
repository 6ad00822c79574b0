use std::panic::{self, PanicHookInfo};
use std::sync::Once;

use super::world::{World, message};

/// Installs a panic hook that notes panics of simulated threads for the report of their run, and leaves
/// all others to the hook that it finds. It stays.
pub(super) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !note(info) {
                before(info);
            }
        }));
    });
}

fn note(info: &PanicHookInfo<'_>) -> bool {
    let Some((world, number)) = World::of_this_thread() else { return false };
    let place = info.location().map(ToString::to_string);
    world.note_panic(number, message(info.payload()), place);
    true
}

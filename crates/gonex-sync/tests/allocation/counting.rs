//! An allocator that counts what each thread takes.
#![expect(unsafe_code, reason = "an allocator that counts is an allocator")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, with a count.
struct Counting;

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

fn note() {
    TAKEN.set(TAKEN.get() + 1);
}

// SAFETY: every call goes to the system's allocator unchanged; the count is a thread-local without
// a destructor, so touching it allocates nothing, at any time in a thread's life.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: `memory` came from the system's allocator, with this layout.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note();
        // SAFETY: as above, and the caller promises what is asked of `size`.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread takes memory in a closure.
pub(crate) fn allocations(body: impl FnOnce()) -> usize {
    let before = TAKEN.get();
    body();
    TAKEN.get() - before
}

#[test]
fn the_count_works() {
    assert_eq!(allocations(|| drop(std::hint::black_box(Box::new(7)))), 1);
    let grows = || {
        let mut bytes = vec![0_u8];
        bytes.reserve_exact(100);
        std::hint::black_box(bytes);
    };
    assert_eq!(allocations(grows), 2);
    assert_eq!(allocations(|| ()), 0);
}

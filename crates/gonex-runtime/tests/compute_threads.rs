//! How many workers compute: one process, one pool, so this is a test by itself.

use std::num::NonZeroUsize;

use gonex_runtime::{Runtime, compute, go};
use gonex_task::{PanicHook, TaskError};

#[test]
fn the_first_computation_settles_it_by_its_runtime() {
    let of = |threads| {
        let threads = NonZeroUsize::new(threads).unwrap();
        Runtime::builder().threads(threads).panic_hook(PanicHook::Quiet).build().unwrap()
    };
    let (three, five) = (of(3), of(5));
    assert_eq!(five.enter(compute::num_workers), 5, "to ask settles nothing");
    assert_eq!(three.enter(|| go(compute::num_workers)).join().block(), Ok(3));

    let workers = three.enter(|| compute::install(compute::num_workers));
    assert_eq!(workers, 3);
    assert_eq!(five.enter(compute::num_workers), 3, "it is settled");
    assert_eq!(five.enter(|| compute::install(compute::num_workers)), 3);
    assert_eq!(compute::num_workers(), 3, "also for who is in no runtime");

    // A panic is treated as in the runtime it was started in, which knows the place.
    let ended = three.enter(|| compute::background(|| panic!("no sum"))).join().block();
    match ended {
        Err::<(), _>(TaskError::Panicked(panic)) => {
            assert_eq!(panic.message, "no sum");
            assert_eq!(panic.place.unwrap().file, file!());
        }
        other => panic!("{other:?}"),
    }
}

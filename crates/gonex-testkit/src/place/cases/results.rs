use gonex_task::PlaceExt;

use super::super::making::Making;

pub(super) fn results(making: &Making) {
    let place = making.place();
    assert_eq!(place.go(|| 6 * 7).join().block(), Ok(42), "of a closure");
    assert_eq!(place.go(async { "seven" }).join().block(), Ok("seven"), "of a future");
    let numbers = (0..100_u32).collect::<Vec<_>>();
    let squares: Vec<_> = numbers.iter().map(|n| n * n).collect();
    let closures = numbers.iter().map(|&n| move || n * n);
    assert_eq!(place.go_all(closures).block(), Ok(squares.clone()), "of many closures, in order");
    let futures = numbers.iter().map(|&n| async move { n * n });
    assert_eq!(place.go_all(futures).block(), Ok(squares), "of many futures, in order");
    let both = place.go_all((|| 1_u8, async { "two".to_owned() })).block();
    assert_eq!(both, Ok((1, "two".to_owned())), "of a tuple");
}

/// An error of a task's own.
#[derive(Debug, PartialEq, Eq)]
struct OutOfPaper {
    tray: u8,
}

pub(super) fn typed_errors(making: &Making) {
    let place = making.place();
    let failed = || Err::<u8, _>(OutOfPaper { tray: 2 });
    assert_eq!(place.go(failed).join().block(), Ok(failed()), "of a closure");
    assert_eq!(place.go(async move { failed() }).join().block(), Ok(failed()), "of a future");
}

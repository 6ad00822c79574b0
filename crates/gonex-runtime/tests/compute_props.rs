//! Computing in parallel yields what computing in sequence does.
#![cfg(not(gonex_loom))]

use std::panic::{self, AssertUnwindSafe};

use gonex_core::Context;
use gonex_runtime::compute;
use proptest::collection::vec;
use proptest::prelude::*;

/// A number and where it was, to see whether equal ones keep their order.
fn numbered(numbers: &[u8]) -> Vec<(u8, usize)> {
    numbers.iter().map(|n| n % 16).zip(0..).collect()
}

/// Long lists too, which are cut into many pieces.
fn lists() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..4), vec(any::<u8>(), 0..5_000)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The reduction is associative and not commutative: order counts, and so does the initial value.
    #[test]
    fn map_reduce_is_a_fold(items in lists(), initial in "[a-z]{0,3}") {
        let map = |n: &u8| format!("{n},");
        let sequential = items.iter().map(map).fold(initial.clone(), |a, b| a + &b);
        let parallel = compute::map_reduce(&items, map, |a, b| a + &b, initial.clone());
        prop_assert_eq!(&parallel, &sequential);
        let context = Context::background();
        let stoppable = compute::try_map_reduce(&context, &items, map, |a, b| a + &b, initial);
        prop_assert_eq!(stoppable, Ok(sequential));
    }

    #[test]
    fn parallel_is_a_map(items in lists(), size in 1..100_usize) {
        let f = |n: &u8| u32::from(*n) * 3;
        let sequential: Vec<u32> = items.iter().map(f).collect();
        prop_assert_eq!(&compute::parallel(&items, f), &sequential);
        let context = Context::background();
        prop_assert_eq!(compute::try_parallel(&context, &items, f), Ok(sequential));

        let sum = |chunk: &[u8]| chunk.iter().map(f).sum::<u32>();
        let sums: Vec<u32> = items.chunks(size).map(sum).collect();
        prop_assert_eq!(&compute::chunks(&items, size, sum), &sums);
        prop_assert_eq!(compute::try_chunks(&context, &items, size, sum), Ok(sums));

        let mut marked = items.clone();
        compute::chunks_mut(&mut marked, size, |number, chunk| chunk.fill(number as u8));
        let numbers: Vec<u8> = (0..items.len()).map(|index| (index / size) as u8).collect();
        prop_assert_eq!(marked, numbers);
    }

    #[test]
    fn filter_is_a_filter(items in lists(), limit in any::<u8>()) {
        let sequential: Vec<u8> = items.iter().copied().filter(|n| *n < limit).collect();
        prop_assert_eq!(&compute::filter(items.clone(), |n| *n < limit), &sequential);
        let context = Context::background();
        let stoppable = compute::try_filter(&context, items, |n| *n < limit);
        prop_assert_eq!(stoppable, Ok(sequential));
    }

    #[test]
    fn sorts_are_sorts(items in lists()) {
        let mut stable = numbered(&items);
        stable.sort_by_key(|item| item.0);
        let mut sorted = numbered(&items);
        compute::sort_by_key(&mut sorted, |item| item.0);
        prop_assert_eq!(&sorted, &stable);
        let mut sorted = numbered(&items);
        compute::sort_by(&mut sorted, |a, b| a.0.cmp(&b.0));
        prop_assert_eq!(&sorted, &stable);
        let mut sorted = numbered(&items);
        compute::sort_by_cached_key(&mut sorted, |item| item.0);
        prop_assert_eq!(&sorted, &stable);

        let mut whole = items.clone();
        whole.sort_unstable();
        let mut sorted = items.clone();
        compute::sort(&mut sorted);
        prop_assert_eq!(&sorted, &whole);
        let mut sorted = items.clone();
        compute::sort_unstable(&mut sorted);
        prop_assert_eq!(&sorted, &whole);
        let mut sorted = items.clone();
        compute::sort_unstable_by(&mut sorted, Ord::cmp);
        prop_assert_eq!(&sorted, &whole);
        let mut sorted = items;
        compute::sort_unstable_by_key(&mut sorted, |n| *n);
        prop_assert_eq!(&sorted, &whole);
    }

    /// Whichever items throw, one of them is what the caller sees, and the workers go on.
    #[test]
    fn a_panic_is_that_of_an_item(items in lists(), bad in any::<u8>()) {
        let throw = |n: &u8| if *n == bad { panic::resume_unwind(Box::new(*n)) } else { *n };
        let ran = panic::catch_unwind(AssertUnwindSafe(|| {
            compute::map_reduce(&items, throw, u8::max, 0)
        }));
        match ran {
            Ok(most) => {
                prop_assert!(!items.contains(&bad));
                prop_assert_eq!(most, items.iter().copied().max().unwrap_or(0));
            }
            Err(payload) => {
                prop_assert!(items.contains(&bad));
                prop_assert_eq!(payload.downcast_ref::<u8>(), Some(&bad));
            }
        }
    }
}

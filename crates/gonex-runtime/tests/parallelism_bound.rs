//! Pools of options that differ stay, and there are not any number of them.
#![cfg(not(gonex_loom))]

use gonex_runtime::{ParallelError, ParallelismConfig, go_parallel};

#[test]
fn a_seventeenth_pool_is_refused() {
    let of = |bytes| ParallelismConfig::new().thread_count(1_usize).memory_pool_size(bytes);
    for bytes in 1..=16 {
        assert_eq!(go_parallel(|| 7).options(of(bytes)).block(), Ok(7));
    }
    let Err(ParallelError::Config(refused)) = go_parallel(|| 7).options(of(17)).block() else {
        panic!("sixteen are enough")
    };
    assert!(refused.names("memory_pool_size"), "{refused}");
    assert!(refused.to_string().contains("16 other sets"), "{refused}");
    assert_eq!(go_parallel(|| 7).options(of(9)).block(), Ok(7), "the others work as before");
    assert_eq!(go_parallel(|| 7).block(), Ok(7));
}

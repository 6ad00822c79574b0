//! Every interleaving of those who come to a load shedder and go. Run with
//! `RUSTFLAGS="--cfg gonex_loom" cargo test --release -p gonex-resilience --test loom_shed loom_`.
#![cfg(gonex_loom)]

use std::sync::Arc;

use gonex_core::rt::{self, Manual};
use gonex_resilience::LoadShedder;
use gonex_resilience::shed::{Priority, ShedConfig};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

#[test]
fn loom_a_place_is_for_one_at_a_time_and_is_free_in_the_end() {
    loom::model(|| {
        rt::enter(Arc::new(Manual::new()), || {
            let config = ShedConfig { max_running: Some(1), ..ShedConfig::default() };
            let shedder = LoadShedder::new(config).unwrap();
            let inside = Arc::new(AtomicUsize::new(0));
            let threads = [Priority::Low, Priority::Critical].map(|priority| {
                let (shedder, inside) = (shedder.clone(), inside.clone());
                thread::spawn(move || match shedder.try_acquire(priority) {
                    Ok(permit) => {
                        assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                        inside.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                        1
                    }
                    Err(_) => 0,
                })
            });
            let let_in: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            assert!(let_in >= 1, "one of them came first");
            assert_eq!((shedder.running(), shedder.metrics().admitted.total()), (0, let_in));
            assert!(shedder.try_acquire(Priority::Low).is_ok());
        });
    });
}

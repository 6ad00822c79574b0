use std::future::Future;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::ways::{Way, drive};

/// Parties that run at the same time.
pub(crate) struct World {
    runtime: tokio::runtime::Runtime,
    started: usize,
    ended: mpsc::Sender<bool>,
    ends: mpsc::Receiver<bool>,
}

/// Says that a party has ended, and whether well.
struct Ending {
    well: bool,
    ended: mpsc::Sender<bool>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        // Nobody listens any more when another party has failed.
        self.ended.send(self.well).ok();
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_time()
            .build()
            .expect("the system has two threads for the tasks");
        let (ended, ends) = mpsc::channel();
        Self { runtime, started: 0, ended, ends }
    }

    /// Starts a party.
    pub(crate) fn go<T>(&mut self, way: Way, party: impl Future<Output = T> + Send + 'static) {
        let ending = Ending { well: false, ended: self.ended.clone() };
        self.started += 1;
        let party = async move {
            // All of it, and not its field alone.
            let mut ending = ending;
            party.await;
            ending.well = true;
        };
        match way {
            Way::Thread => drop(thread::spawn(move || drive(party))),
            Way::Task => drop(self.runtime.spawn(party)),
        }
    }

    /// Waits for all parties; one that does not end in two minutes fails the test.
    #[track_caller]
    pub(crate) fn finish(self) {
        for ended in 0..self.started {
            match self.ends.recv_timeout(Duration::from_secs(120)) {
                Ok(true) => {}
                Ok(false) => {
                    self.runtime.shutdown_background();
                    panic!("a party has failed");
                }
                Err(_) => {
                    self.runtime.shutdown_background();
                    panic!("{} parties wait for ever", self.started - ended);
                }
            }
        }
    }
}

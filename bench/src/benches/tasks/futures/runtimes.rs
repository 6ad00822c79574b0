//! Everybody's runtimes, one of each kind for all cases, as programs have one.

use std::error::Error;
use std::sync::Arc;

use gonex::Runtime;
use tokio::runtime::{Builder, Runtime as Tokio};

use super::executor::Smol;
use crate::benches::tasks::cores;

pub struct Runtimes {
    /// With a tokio of its own, for what is started from outside.
    pub gonex: Runtime,
    /// For what is started from within: by ours, which takes the tokio it finds itself on, and by
    /// tokio.
    pub tokio: Arc<Tokio>,
    pub smol: Smol,
}

impl Runtimes {
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let tokio = Builder::new_multi_thread().worker_threads(cores()).enable_all().build()?;
        Ok(Self { gonex: Runtime::new()?, tokio: Arc::new(tokio), smol: Smol::start()? })
    }
}

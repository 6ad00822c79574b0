//! How a pool is started, once it is known what it is to be.

use std::io;
use std::time::Duration;

use gonex_core::rt;

use super::builder::PoolBuilder;
use crate::pool::Pool;
use crate::pool::kind::WorkerKind;
use crate::pool::profile::Profile;
use crate::pool::scaling::{Reactive, ScalingPolicy};
use crate::pool::shared::{AtFull, Caller, Parts, Shared};
use crate::pool::state::State;
use crate::topology::Pinning;

impl PoolBuilder {
    /// Starts a pool of any kind, if the settings make sense.
    pub(super) fn start<J, R>(
        mut self,
        kind: impl WorkerKind<J, R>,
        caller: Option<Box<Caller<J, R>>>,
    ) -> io::Result<Pool<J, R>>
    where
        J: Send + 'static,
        R: Send + 'static,
    {
        self.check()?;
        self.hook.install();
        let nodes: Vec<_> = self.seats().into_iter().map(|seat| seat.node).collect();
        let settings = &mut self.settings;
        settings.abilities = kind.abilities();
        settings.nodes = nodes;
        settings.drops_oldest = self.at_full == AtFull::DropOldest;
        // To be asked for their memory, too.
        if settings.memory_limit.is_some() && settings.abilities.tells_memory {
            settings.check_interval.get_or_insert(Duration::from_secs(1));
        }
        let is_range = settings.min < settings.max;
        let policy = match self.policy {
            _ if !is_range || !self.scales_by_itself => None,
            None => Some(Box::new(Reactive::new()) as Box<dyn ScalingPolicy>),
            policy => policy,
        };
        settings.scaling_interval = policy.is_some().then_some(self.interval);
        let (name, at_first) = (settings.name.clone(), settings.initial);
        let profile = self.profiler.map(|(profiler, kinds)| Profile::new(profiler, &name, kinds));
        let called = settings.abilities.called;
        let mut state = State::new(self.settings, self.balancer, rt::now());
        if self.supply.is_some() && called != "thread" {
            state.note(format!(
                "threads can have buffers of their own, and a worker here is a {called}"
            ));
        }
        if self.pinning != Pinning::None && called != "thread" {
            state.note(format!(
                "threads can be kept on processors, and a worker here is a {called}"
            ));
        }
        let shared = Shared::new(Parts {
            state,
            kind: Box::new(kind),
            capacity: self.capacity,
            name,
            hook: self.hook,
            at_full: self.at_full,
            caller,
            policy,
            check: self.check,
            profile,
        });
        let pool = Pool { shared };
        pool.shared.change(State::begin);
        match pool.shared.locked(|locked| locked.start_error.take()) {
            Some(error) if at_first > 0 => Err(error),
            _ => Ok(pool),
        }
    }
}

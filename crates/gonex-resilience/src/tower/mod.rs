//! Policies as layers for services of [tower](https://docs.rs/tower), with the feature `tower`.
//!
//! [`CircuitBreaker`](crate::CircuitBreaker), [`Limiter`](crate::Limiter), [`Bulkhead`](crate::Bulkhead),
//! [`Timeout`](crate::Timeout), [`Retry`](crate::Retry), [`Hedge`](crate::Hedge),
//! [`Fallback`](crate::Fallback), [`AdaptiveLimit`](crate::AdaptiveLimit) and [`Chaos`](crate::Chaos) are
//! layers themselves: hand a clone to `ServiceBuilder::layer`. A [`LoadShedder`](crate::LoadShedder) is one
//! with a [priority](crate::LoadShedder::with_priority) or [by request](crate::LoadShedder::by), and a
//! [`Policy`](crate::Policy) by [`into_layer`](crate::Policy::into_layer). Services and their clones share
//! the policy's state.
//!
//! ```
//! use std::future::{Ready, ready};
//! use std::task::{Context, Poll};
//! use gonex_resilience::CircuitBreaker;
//! use gonex_resilience::breaker::BreakerConfig;
//! use tower_layer::Layer;
//! use tower_service::Service;
//!
//! /// Fails always.
//! #[derive(Clone)]
//! struct Down;
//!
//! impl Service<u8> for Down {
//!     type Response = u8;
//!     type Error = &'static str;
//!     type Future = Ready<Result<u8, &'static str>>;
//!
//!     fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
//!         Poll::Ready(Ok(()))
//!     }
//!     fn call(&mut self, _: u8) -> Self::Future {
//!         ready(Err("down"))
//!     }
//! }
//!
//! let breaker = CircuitBreaker::new(BreakerConfig::consecutive(1))?;
//! let mut service = breaker.layer(Down);
//! assert!(service.call(7).block().is_err());
//! assert!(breaker.is_open());
//! # Ok::<(), gonex_resilience::InvalidConfig>(())
//! ```
//!
//! # Readiness
//! A service is ready when the one inside is, and the very instance that said so takes the request; its
//! clone stays behind. Places and tokens are taken by the call and not by readiness, so none is held by
//! who is ready and never calls. A limiter or a bulkhead has the call wait.

mod guard;
mod hedge;
mod policy;
mod retry;
mod shed;
mod start;
mod work;
mod wrap;

pub use guard::GuardService;
pub use hedge::HedgeService;
pub use policy::{PolicyLayer, PolicyService, RequestWork};
pub use retry::RetryService;
pub use shed::{ShedBy, ShedService};
pub use start::Calls;
pub use work::{ServiceAttempt, ServiceWork};
pub use wrap::{FallbackService, TimeoutService};

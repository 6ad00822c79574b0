//! Several policies around one call, the outermost named first.
//!
//! What a policy counts depends on what it stands around. Of a call that always fails, with three
//! attempts, a breaker that opens after two failures, and a limiter with room for all:
//!
//! | order, from outside | calls made | breaker lets in, refuses | tokens taken | why |
//! | --- | --- | --- | --- | --- |
//! | fallback, retry, breaker, limiter | 2 | 2, 1 | 2 | each attempt is one call for the breaker, and what it refuses takes no token |
//! | fallback, retry, limiter, breaker | 2 | 2, 1 | 3 | a call that the breaker refuses has taken its token |
//! | fallback, breaker, retry, limiter | 3 | 1, 0 | 3 | all attempts together are one call for the breaker, which opens after two such calls |
//! | fallback, breaker, limiter, retry | 3 | 1, 0 | 1 | and they have one token together, which is not taken once the breaker is open |
//! | fallback, limiter, breaker, retry | 3 | 1, 0 | 1 | the same, but what the breaker refuses has taken its token |
//! | fallback, limiter, retry, breaker | 2 | 2, 1 | 1 | a token for all attempts, each of which is one call for the breaker; a denial is made up for |
//! | limiter, fallback, retry, breaker | 2 | 2, 1 | 1 | the same, but a denial is what the caller gets |
//! | retry, fallback, breaker, limiter | 1 | 1, 0 | 1 | the fallback succeeds at the first attempt, so there is no other |
//! | retry, breaker, fallback, limiter | 1 | 1, 0 | 1 | the breaker sees what the fallback made of it: it never opens |
//!
//! | retry, shedder, adaptive limit | 3 | | | each attempt is let in for itself, and counts for itself |
//! | shedder, adaptive limit, retry | 3 | | | all attempts together have one place, also between them |
//! | hedge, adaptive limit | 2 | | | each attempt takes a place, so a full service is not asked twice |
//!
//! The first is what is mostly wanted: `Policy::new().fallback(..).retry(..).breaker(..).limiter(..)`, with
//! a time-out for each attempt inside of all. A denial of a limiter is an error for what stands around it:
//! a breaker outside counts it as a failure unless its [`classify`](crate::CircuitBreaker::classify) says
//! otherwise.
//!
//! The other orders say nothing new: what stands outside a retry sees one call of it, what stands outside a
//! fallback sees no failure, and between two that let calls in or refuse them, who is asked first has
//! counted what the other refuses.

mod call;
mod chain;
mod config;
mod described;
mod layers;
mod policy;
mod work;

pub use call::PolicyCall;
pub use chain::{Chain, Identity, Layer};
pub use config::{Configured, PolicyConfig};
pub use layers::{BulkheadLayer, FallbackLayer, LimiterLayer, OptionalLimiter, PacerLayer};
pub use policy::Policy;
pub use work::{
    FallbackWork, GuardWork, Guards, HedgeWork, Paced, RetryWork, SharedWork, TimeoutWork,
};

//! Runs validators over stories on a gonex pool, and gathers what they say.

mod collect;
mod job;
mod report;
mod run;

pub use report::{
    Phase, Problem, Progress, RunReport, Stats, Step, StoryReport, ValidatorOutcome,
    ValidatorStatus,
};
pub use run::{EngineError, EngineOptions, run};

//! Runs validators over stories on a gonex pool, and gathers what they say.

mod report;

pub use report::{
    Phase, Problem, Progress, RunReport, Stats, Step, StoryReport, ValidatorOutcome,
    ValidatorStatus,
};

//! How results are shown, and where they go.

mod concise;
mod escape;
mod excerpt;
mod format;
mod full;
mod github;
mod gitlab;
mod html;
mod json;
mod junit;
mod progress;
mod sarif;
mod stats;
mod target;
mod text;
mod uri;
mod view;

pub use format::Format;
pub use progress::Bar;
pub use stats::stats_table;
pub use target::{OutputError, Target, print};
pub(crate) use text::{printable, style};
pub use view::{Summary, View};

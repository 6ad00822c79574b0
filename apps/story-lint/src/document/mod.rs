//! A file's Markdown as what validators look at: front matter, blocks of prose, headings, links
//! and comments.

mod front_matter;
mod html;
mod parse;
mod slug;
mod types;

pub use parse::parse;
pub use slug::{Slugger, slug};
pub use types::{
    Block, BlockKind, Comment, Document, FrontMatter, Inline, Link, Run, Style, Target,
};

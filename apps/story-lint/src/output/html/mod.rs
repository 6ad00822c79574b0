//! One HTML page that needs nothing else: the chapters with the findings in them, and a chart of
//! who is named where.

mod chapter;
mod chart;
mod page;

pub(super) use page::write;

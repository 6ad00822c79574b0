//! What a task is in gonex.

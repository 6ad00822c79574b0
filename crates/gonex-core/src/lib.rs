//! The ground floor of gonex.

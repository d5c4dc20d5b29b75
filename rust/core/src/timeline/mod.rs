//! Timelines: the times at which resources are busy.

pub(crate) mod unary;

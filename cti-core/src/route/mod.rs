//! Routing: numbers that a station may dial, and the trunk that a call takes.

pub mod destination;
pub mod dial_plan;
pub(crate) mod dialogue;
pub mod feature_code;
pub mod outside_number;
pub mod target;
pub mod trunk_group;

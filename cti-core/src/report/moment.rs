//! Timestamps of the log of events and of the records.
//!
//! Never: reads a clock.

/// A moment: milliseconds since 1970-01-01 00:00 UTC.
pub type Moment = u64;

//! From line events to CSTA events.
//!
//! Takes events and `now`, gives actions. Never reads a clock, never blocks; only `store/sqlite.rs` does I/O.

pub mod channel;
pub mod csta;
pub mod ids;
pub mod store;

pub use tipring_driver::time;

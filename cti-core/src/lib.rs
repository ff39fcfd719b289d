//! From line events to CSTA events.
//!
//! Takes events and `now`, gives actions. Never reads a clock, never blocks; only `store/sqlite.rs` does I/O.
//!
//! | part | what it holds |
//! |---|---|
//! | [`channel`] | one atomic word a channel; where the media thread and the core meet |
//! | [`csta`] | the vocabulary: devices, connections, services, events, failures; who monitors what |
//! | [`call`] | devices, calls and connections, and what happens to them |
//! | [`model`] | one table of connections: the steps, services and deadlines of calls with any number of parties |
//! | [`ivr`], [`acd`], [`route`] | menus; queues and agents; what can be dialled, and by which trunk |
//! | [`library`] | how recordings are numbered and named |
//! | [`store`] | what is kept and looked up |
//! | [`core`] | the owner of all |
//! | [`config`], [`limits`], [`timers`] | what a site is made of; bounds; what is waited for |
//!
//! Start with `examples/one_call.rs`: one call from ring to hang-up, without hardware.

pub mod acd;
pub mod agent;
pub mod call;
pub mod channel;
pub mod config;
pub mod core;
pub mod flow;
pub mod ivr;
pub mod library;
pub mod limits;
pub mod model;
pub mod report;
pub mod route;
pub mod store;
pub mod timers;

#[cfg(test)]
mod testing;

pub use self::config::Config;
pub use self::core::{Action, Core};
pub use tipring_csta_types as csta;
pub use tipring_csta_types::id as ids;
pub use tipring_driver::time;

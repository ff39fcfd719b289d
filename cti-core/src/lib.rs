//! From line events to CSTA events.
//!
//! Takes events and `now`, gives actions. Never reads a clock, never blocks; only `store/sqlite.rs` does I/O.
//!
//! | part | holds |
//! |---|---|
//! | [`channel`] | one atomic word a channel; the place where the media thread and the core meet |
//! | [`csta`] | the vocabulary: devices, connections, services, events, failures |
//! | [`device`] | the devices of a site and the state of their lines |
//! | [`model`] | the call model: one table of connections, and the services as steps |
//! | [`call`] | the particulars of calls: names, data, record |
//! | `pending` | services and recordings that have begun and not finished |
//! | `switching` | line events and requests, each a transaction: judge, steps, and all that follows from the changes |
//! | [`acd`], [`agent`] | distribution as a pure decision; agents as one machine |
//! | [`flow`], [`route`] | call flows (IVR); what can be dialled, and by which trunk |
//! | [`monitor`], [`sound`] | monitors and the calls they follow; the sound of each channel |
//! | [`report`] | figures by one fold; Erlang's formulas |
//! | [`library`], [`store`] | names of recordings; records that are kept, customers that are looked up |
//! | [`core`], [`action`] | the switching function, and what it has done outside |
//! | [`config`], [`limits`], [`timers`] | a site as data; bounds; moments that are waited for |
//!
//! Start with `examples/one_call.rs`: one call from ring to hang-up, without hardware.

pub mod acd;
pub mod action;
pub mod agent;
pub mod call;
pub mod channel;
pub mod config;
pub mod core;
pub mod device;
pub mod flow;
pub mod library;
pub mod limits;
pub mod model;
pub mod monitor;
mod pending;
pub mod report;
pub mod route;
pub mod sound;
pub mod store;
mod switching;
pub mod timers;

#[cfg(test)]
mod testing;

pub use self::config::Config;
pub use self::core::{Action, Core};
pub use tipring_csta_types as csta;
pub use tipring_csta_types::id as ids;
pub use tipring_driver::time;

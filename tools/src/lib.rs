//! Connects cards, core and clients. Never decides anything about a call.
//!
//! | place | what it holds |
//! |---|---|
//! | [`cli`] | arguments and help |
//! | [`cmd`] | one file a subcommand |
//! | [`run`] | the parts put together: threads in production, lock-step in simulation |
//! | [`day`] | a day of a call centre in virtual time, without sound |
//! | [`dip`] | data sources of flows |
//! | [`recording`] | recordings as files: their place, forms, checksums |
//! | [`report`] | reports from the log of events |
//! | [`users`] | users, their hashes and grants |
//! | [`clock`] | the only reading of the system's clock |
//!
//! The library is there for `tests`; its interface is no promise.

pub mod caller_audio;
pub mod cli;
pub mod clock;
pub mod cmd;
pub mod config;
pub mod day;
pub mod dip;
pub mod failure;
pub mod log;
pub mod password;
pub mod recording;
pub mod report;
pub mod run;
pub mod users;

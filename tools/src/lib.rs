//! Connects cards, core and clients. Never decides anything about a call.

pub mod cmd;

//! Caller ID (CLIP, CNAM) on an analogue line: sending and receiving.
//!
//! Sources: GR-30-CORE and SR-3004 (Bell 202, message formats), EN 300 659-1 and -3 (V.23), YD/T 1277.1-2003 (China),
//! NTT technical reference (Japan).

pub mod alert;
mod bank;
pub mod message;
mod ntt;
mod sender;

pub use bank::{Bank, FLOOR_DBM0};
pub use message::{Format, Stamp};
pub use sender::{Sender, Settings};

//! Caller ID (CLIP, CNAM) on an analogue line: sending and receiving.
//!
//! | file | holds |
//! |---|---|
//! | `alert` | dual-tone alerting signal (DT-AS, CAS) ahead of a message |
//! | `bank` | receivers of many lines: FSK octets to messages |
//! | `message` | messages of GR-30 and EN 300 659-3 (SDMF, MDMF), composed and parsed |
//! | `ntt` | the frame of NTT number display |
//! | `sender` | channel seizure, marks and octets of a message sent |
//!
//! The FSK demodulator is in [`fsk`](crate::dsp::fsk).
//!
//! Sources: GR-30-CORE and SR-3004 (Bell 202, message formats), EN 300 659-1 and -3 (V.23), YD/T 1277.1-2003 (China),
//! NTT technical reference (Japan).

pub mod alert;
mod bank;
pub mod message;
mod ntt;
mod sender;

pub use bank::Bank;
pub use message::{Format, Stamp};
pub use sender::{Sender, Settings};

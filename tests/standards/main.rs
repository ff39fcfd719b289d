//! The signal processing against the standards: one file a standard.
//!
//! Signals are made here, from the standards' figures and in double precision, by nothing that the driver uses.

mod caller_id;
mod countries;
mod e180_tones;
mod enhanced;
mod erle;
mod erle_least;
mod field_lines;
mod g160_noise;
mod g168_echo;
mod g169_level;
mod press;
mod q24_dtmf;
mod signal;
mod speech;
mod t30_tones;
mod talk_off;

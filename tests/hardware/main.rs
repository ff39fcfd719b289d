//! The driver against the simulated TDM400P: two readings of the same data sheets.
//!
//! Directly in one process, where every millisecond is a function call, and through the vfio-user socket, where the wall
//! clock runs.

mod bring_up;
mod countries;
mod direct;
mod echo;
mod faults;
mod hostile;
mod interrupt;
mod several;
#[path = "../standards/signal.rs"]
#[expect(dead_code, reason = "the standards' tests use all of it")]
mod signal;
mod socket;
mod sound;
#[path = "../standards/speech.rs"]
mod speech;
mod trouble;
mod wires;

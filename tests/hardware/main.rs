//! The driver against the simulated TDM400P: two readings of the same data sheets.
//!
//! Directly in one process, where every millisecond is a function call, and through the vfio-user socket, where the
//! wall clock runs.

mod allocation;
mod bring_up;
#[path = "../../driver/src/engine/counting.rs"]
mod counting;
mod countries;
mod echo;
mod endurance;
mod faults;
mod hall;
mod hostile;
mod interrupt;
mod rig;
mod several;
#[path = "../standards/signal.rs"]
#[expect(dead_code, reason = "the standards' tests use all of it")]
mod signal;
mod socket;
mod sound;
#[path = "../standards/speech.rs"]
mod speech;
mod stalls;
mod supervision;
mod trouble;
mod wires;

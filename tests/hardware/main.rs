//! The driver against the simulated TDM400P: two readings of the same data sheets.
//!
//! Directly in one process, where every millisecond is a function call, and through the vfio-user socket, where the wall
//! clock runs.

mod bring_up;
mod direct;
mod faults;
mod hostile;
mod interrupt;
mod several;
mod socket;
mod sound;
mod trouble;
mod wires;

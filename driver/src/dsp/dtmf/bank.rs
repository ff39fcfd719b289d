//! Receives keys on many channels at once.

use crate::dsp::{Lanes, Samples};
use crate::line::Digit;
use crate::time::Ticks;

/// What a receiver heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A key has been recognised; it still sounds.
    Begun(Digit),
    /// The key has ended; it sounded for so long.
    Ended(Digit, Ticks),
}

/// Receivers side by side: one a lane.
#[derive(Debug, Clone)]
pub struct Bank {
    lanes: usize,
}

impl Bank {
    /// A bank of `lanes` receivers.
    pub fn new(lanes: usize) -> Bank {
        Bank { lanes }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is back.
    /// Calls `report` for what was heard, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, Event)) {
        let _ = (frames, lanes, report);
    }

    /// Forgets what a lane has heard.
    pub fn reset(&mut self, lane: usize) {
        let _ = (lane, self.lanes);
    }
}

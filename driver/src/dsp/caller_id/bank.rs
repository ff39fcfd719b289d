//! Receives the caller's identity on many channels at once.

use crate::dsp::{Lanes, Samples};
use crate::line::CallerId;

/// Receivers side by side: one a lane. Both modems are understood always.
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
    /// Calls `report` for every message that came whole, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, CallerId)) {
        let _ = (frames, lanes, report);
    }

    /// Forgets what a lane has heard.
    pub fn reset(&mut self, lane: usize) {
        let _ = (lane, self.lanes);
    }
}

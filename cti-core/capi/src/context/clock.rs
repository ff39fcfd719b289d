//! The virtual clock: engine, files and simulated cards, stepped in the caller's thread.
//!
//! Never: reads the wall clock.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tipring_driver::engine::Engine;
use tipring_driver::media::file_io::FileService;

use super::Context;
use super::cards::Times;
use super::threads::Sink;
use crate::failure::{Outcome, fail};
use crate::leases;
use crate::traces::Traces;

/// The parts of a millisecond.
pub(super) struct Clock {
    pub(super) engine: Engine<Sink>,
    pub(super) files: FileService,
    pub(super) times: Times,
    pub(super) traces: Arc<Traces>,
}

impl Clock {
    /// Lets one millisecond go by.
    pub(super) fn step(&mut self) {
        self.times.step();
        self.engine.step_once(1);
        self.files.step();
        self.traces.step();
    }
}

impl Context {
    /// Lets time pass on the virtual clock.
    ///
    /// # Errors
    /// `E_STATE` with another clock, or from the handler.
    pub fn advance(&self, ms: u32) -> Outcome<()> {
        let Some(clock) = &self.clock else {
            fail!(E_STATE, "The context follows the wall clock");
        };
        if self.is_handler() || leases::is_inside() {
            fail!(E_STATE, "Time cannot pass within a function that the context calls");
        }
        let mut clock = clock.lock();
        for _ in 0..ms {
            if self.closing.load(Ordering::Relaxed) {
                fail!(E_CLOSED, "The context is being closed");
            }
            clock.step();
            self.report_files(&mut clock.files);
            self.report_troubles();
            self.pump(&mut self.lock());
        }
        Ok(())
    }
}

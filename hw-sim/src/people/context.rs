//! The part that all people of a world share: the clock, the log of events, and the check of the speech paths.

use super::path_check::PathCheck;
use super::truth::{TruthLog, TruthWriter, What};
use super::voice::{PHRASE_MAX, Said};

/// Clock, log and speech paths of a world.
#[derive(Debug)]
pub(super) struct Context {
    writer: TruthWriter,
    /// Check of the speech paths.
    pub(super) path_check: PathCheck,
}

impl Context {
    /// A world at its first millisecond. `longest` phrase, in samples.
    pub(super) fn new(longest: usize) -> (Context, TruthLog) {
        let (writer, log) = TruthWriter::new();
        (Context { writer, path_check: PathCheck::new(longest.min(PHRASE_MAX)) }, log)
    }

    /// Milliseconds since the world began.
    pub(super) fn now(&self) -> u64 {
        self.writer.now()
    }

    /// Reports an event of this moment.
    pub(super) fn emit(&mut self, what: What) {
        self.writer.emit(what);
    }

    /// An empty buffer for a phrase, reused from an earlier one if possible.
    pub(super) fn buffer(&mut self) -> Vec<i16> {
        self.path_check.buffer()
    }

    /// A phrase has been spoken: it is reported, and looked for in all receivers.
    pub(super) fn said(&mut self, said: Said) {
        self.writer.emit(What::Spoken {
            phrase: said.phrase,
            from_ms: said.from_ms,
            samples: said.samples.len() as u64,
            complete: said.complete,
        });
        self.path_check.said(said, self.writer.now());
    }

    /// A millisecond is over.
    pub(super) fn tick(&mut self) {
        if let Some(said) = self.path_check.next_due(self.writer.now()) {
            self.path_check.judge(&said, &mut self.writer);
            self.path_check.give_back(said);
        }
        self.writer.tick();
    }
}

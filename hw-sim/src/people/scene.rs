//! What all people of a world share: the clock, the telling of truth, and the witness of what is said and heard.

use super::mouth::Said;
use super::truth::{Teller, TruthLog, What};
use super::voice::PHRASE_MAX;
use super::witness::Witness;

/// Where people act.
#[derive(Debug)]
pub struct Scene {
    teller: Teller,
    /// Who heard what.
    pub(super) witness: Witness,
}

impl Scene {
    /// A scene at its first millisecond. `longest` phrase, in samples.
    pub(super) fn new(longest: usize) -> (Scene, TruthLog) {
        let (teller, log) = Teller::new();
        (Scene { teller, witness: Witness::new(longest.min(PHRASE_MAX)) }, log)
    }

    /// Milliseconds since the world began.
    pub fn now(&self) -> u64 {
        self.teller.now()
    }

    /// Tells what happened just now.
    pub fn tell(&mut self, what: What) {
        self.teller.tell(what);
    }

    /// An empty buffer for what will be said, from an earlier phrase if possible.
    pub(super) fn paper(&mut self) -> Vec<i16> {
        self.witness.paper()
    }

    /// A phrase has been said: it is told, and the witness listens for it.
    pub(super) fn said(&mut self, said: Said) {
        self.teller.tell(What::Spoken {
            phrase: said.phrase,
            from_ms: said.from_ms,
            samples: said.samples.len() as u64,
            complete: said.complete,
        });
        self.witness.said(said, self.teller.now());
    }

    /// A millisecond is over.
    pub(super) fn tick(&mut self) {
        if let Some(said) = self.witness.next_due(self.teller.now()) {
            self.witness.judge(&said, &mut self.teller);
            self.witness.give_back(said);
        }
        self.teller.tick();
    }
}

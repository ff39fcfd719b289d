//! The talker: a person's side of a conversation, one phrase after the other.

use rand_chacha::ChaCha8Rng;

use super::context::Context;
use super::voice::{PhraseId, Phrases, Said, Speaker, Utterance};
use crate::network::Sound;
use crate::network::signal::SILENCE;
use crate::scenario::Span;

/// The pause between two phrases of one speaker, in ms.
const BREATH_MS: Span = Span(150, 450);

/// A person who talks in a conversation.
#[derive(Debug)]
pub(super) struct Talker {
    phrases: Phrases,
    speaker: Speaker,
    turn: u16,
    breath_ms: u32,
    silent_ms: u32,
    saying: Option<(Utterance, Said)>,
}

impl Talker {
    /// The talker for `speaker`, beginning with the first phrase.
    pub(super) fn new(phrases: Phrases, speaker: Speaker) -> Talker {
        Talker { phrases, speaker, turn: 0, breath_ms: 0, silent_ms: 0, saying: None }
    }

    /// Begins a conversation as `speaker`, the first word coming after `pause_ms`.
    pub(super) fn begin(&mut self, speaker: Speaker, pause_ms: u32) {
        self.speaker = speaker;
        self.turn = 0;
        self.breath_ms = pause_ms;
        self.silent_ms = 0;
    }

    /// Number of phrases begun.
    pub(super) fn turns(&self) -> u16 {
        self.turn
    }

    /// Length of the present silence, in ms.
    pub(super) fn silent_ms(&self) -> u32 {
        self.silent_ms
    }

    /// Returns true while a phrase is being spoken.
    pub(super) fn is_speaking(&self) -> bool {
        self.saying.is_some()
    }

    /// The next millisecond. In silence, a new phrase is begun if `more` is wanted.
    pub(super) fn next_ms(&mut self, more: bool, rng: &mut ChaCha8Rng, context: &mut Context) -> Sound {
        if let Some((utterance, said)) = &mut self.saying {
            match utterance.next_ms() {
                Some(sound) => {
                    self.silent_ms = 0;
                    said.samples.extend(sound);
                    return sound;
                }
                None => {
                    self.breath_ms = BREATH_MS.pick(rng);
                    self.finish(true, context);
                }
            }
        }
        self.silent_ms = self.silent_ms.saturating_add(1);
        if self.breath_ms > 0 {
            self.breath_ms -= 1;
        } else if more {
            self.turn += 1;
            let phrase = PhraseId { speaker: self.speaker, turn: self.turn };
            let samples = context.buffer();
            let mut said = Said { phrase, from_ms: context.now(), samples, complete: false };
            let mut utterance = self.phrases.speak(phrase);
            let first = utterance.next_ms();
            if let Some(sound) = first {
                said.samples.extend(sound);
            }
            self.saying = Some((utterance, said));
            return first.unwrap_or(SILENCE);
        }
        SILENCE
    }

    /// Falls silent, in the middle of a phrase if need be.
    pub(super) fn stop(&mut self, context: &mut Context) {
        self.finish(false, context);
    }

    fn finish(&mut self, complete: bool, context: &mut Context) {
        if let Some((_, said)) = self.saying.take() {
            context.said(Said { complete, ..said });
        }
    }
}

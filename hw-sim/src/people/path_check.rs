//! The check of the speech paths: all phrases spoken are looked for in the sound of all receivers.
//!
//! Never: knows connections. A phrase found in the sound of a receiver was heard there; that is all.

use std::collections::VecDeque;
use std::ops::Range;

use super::listen::{Loudness, find, measure, similarity};
use super::truth::{Listener, TruthWriter, What};
use super::voice::{Said, Speaker};
use crate::network::Sound;
use crate::network::signal::SAMPLES_PER_MS;

/// The longest delay looked for, in ms.
const DELAY_MAX_MS: u64 = 400;
/// The longest delay looked for, in samples.
const LONGEST_DELAY: usize = DELAY_MAX_MS as usize * SAMPLES_PER_MS;
/// The shortest phrase that is looked for, in ms. Of those cut off within 100 ms one in a hundred is found in another
/// voice by chance.
const SHORTEST_MS: usize = 400;
/// Least time that a receiver is off hook during a phrase for it to count as heard there, in ms.
const LISTENED_MS: u64 = 1000;
/// Signal-to-noise ratio from which a phrase with the delay of the last one needs no search, in dB.
const CLEAR_DB: f32 = 20.0;

/// Least correlation of the loudness of sound and phrase for which a search is worth its time.
const ALIKE: f32 = 0.4;

/// Least similarity of the loudest block of a phrase to what was heard at the last delay, for which all of it
/// is measured there: [`CLEAR_DB`] leave more, even with all the noise in this block.
const PROBABLE: f32 = 0.5;

/// Number of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReceiverId(usize);

/// Recent sound of one receiver, from off hook to on hook.
#[derive(Debug)]
struct Receiver {
    listener: Listener,
    from_ms: u64,
    /// Time of going on hook, if that has happened.
    until_ms: Option<u64>,
    /// A ring of samples; the place of a sample is its number since the world began, modulo the length.
    samples: Vec<i16>,
    /// The sum of the squares of each millisecond, in the same order.
    energies: Vec<f32>,
    /// The delay at which the last phrase arrived, in samples.
    delay: Option<i64>,
}

/// The check of the speech paths of a world.
#[derive(Debug)]
pub(super) struct PathCheck {
    receivers: Vec<Receiver>,
    length: usize,
    longest_ms: u64,
    /// Phrases spoken, each with the time at which it can be judged.
    said: VecDeque<(u64, Said)>,
    buffers: Vec<Vec<i16>>,
    heard: Vec<i16>,
}

impl PathCheck {
    /// A check for phrases of up to `longest` samples.
    pub(super) fn new(longest: usize) -> PathCheck {
        let longest_ms = (longest / SAMPLES_PER_MS) as u64;
        let length = (longest + (2 * DELAY_MAX_MS as usize + 200) * SAMPLES_PER_MS).next_power_of_two();
        PathCheck {
            receivers: Vec::new(),
            length,
            longest_ms,
            said: VecDeque::new(),
            buffers: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// A receiver goes off hook.
    pub(super) fn open(&mut self, listener: Listener, now: u64) -> ReceiverId {
        let is_free =
            |receiver: &Receiver| receiver.until_ms.is_some_and(|ms| ms + self.longest_ms + 2 * DELAY_MAX_MS < now);
        let fresh =
            |samples, energies| Receiver { listener, from_ms: now, until_ms: None, samples, energies, delay: None };
        match self.receivers.iter().position(is_free) {
            Some(i) => {
                let Receiver { samples, energies, .. } = &mut self.receivers[i];
                self.receivers[i] = fresh(std::mem::take(samples), std::mem::take(energies));
                ReceiverId(i)
            }
            None => {
                self.receivers.push(fresh(vec![0; self.length], vec![0.0; self.length / SAMPLES_PER_MS]));
                ReceiverId(self.receivers.len() - 1)
            }
        }
    }

    /// Sound of a receiver in the millisecond `now`.
    pub(super) fn hear(&mut self, receiver: ReceiverId, sound: &Sound, now: u64) {
        let at = (now as usize * SAMPLES_PER_MS) & (self.length - 1);
        let receiver = &mut self.receivers[receiver.0];
        receiver.samples[at..at + SAMPLES_PER_MS].copy_from_slice(sound);
        receiver.energies[at / SAMPLES_PER_MS] = sound.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
    }

    /// A receiver goes on hook.
    pub(super) fn close(&mut self, receiver: ReceiverId, now: u64) {
        self.receivers[receiver.0].until_ms = Some(now);
    }

    /// Returns true while a phrase is still to be judged.
    pub(super) fn is_busy(&self) -> bool {
        !self.said.is_empty()
    }

    pub(super) fn buffer(&mut self) -> Vec<i16> {
        self.buffers.pop().unwrap_or_default()
    }

    pub(super) fn give_back(&mut self, said: Said) {
        let mut buffer = said.samples;
        buffer.clear();
        self.buffers.push(buffer);
    }

    pub(super) fn said(&mut self, said: Said, now: u64) {
        self.said.push_back((now + DELAY_MAX_MS + 10, said));
    }

    pub(super) fn next_due(&mut self, now: u64) -> Option<Said> {
        let (due, _) = self.said.front()?;
        if *due > now {
            return None;
        }
        self.said.pop_front().map(|(_, said)| said)
    }

    /// Looks for a phrase in all receivers and reports where it was found. One that was cut off within 400 ms is not
    /// looked for.
    pub(super) fn judge(&mut self, said: &Said, writer: &mut TruthWriter) {
        if said.samples.len() < SHORTEST_MS * SAMPLES_PER_MS {
            return;
        }
        let now = writer.now();
        let end_ms = said.from_ms + (said.samples.len() / SAMPLES_PER_MS) as u64;
        let loudness = Loudness::of(&said.samples);
        let mut was_heard = false;
        for receiver in &mut self.receivers {
            if receiver.belongs_to(said.phrase.speaker) {
                continue;
            }
            let from_ms = receiver.from_ms.max(said.from_ms);
            let until_ms = receiver.until_ms.unwrap_or(now).min(end_ms + DELAY_MAX_MS);
            if until_ms < from_ms + LISTENED_MS.min(said.samples.len() as u64 / 16) {
                continue;
            }
            let heard_length = (until_ms - said.from_ms) as usize * SAMPLES_PER_MS;
            // The part of the phrase that can have arrived while the person listened.
            let compared = |delay: i64| {
                let first = (from_ms - said.from_ms) as i64 * SAMPLES_PER_MS as i64 - delay;
                let last = (heard_length as i64 - delay).clamp(0, said.samples.len() as i64);
                first.clamp(0, last) as usize..last as usize
            };
            let is_probable = receiver.delay.is_some_and(|delay| {
                let Some(block) = loudness.loudest(compared(delay)) else { return true };
                let from = said.from_ms as usize * SAMPLES_PER_MS + block.start + delay as usize;
                similarity(&said.samples[block], receiver.sound_from(from)) >= PROBABLE
            });
            let is_alike = || {
                let silence = std::iter::repeat_n(0.0, (from_ms - said.from_ms) as usize);
                let heard = Loudness::of_energies(silence.chain(receiver.energies(from_ms..until_ms)));
                loudness.agrees(&heard, LONGEST_DELAY) >= ALIKE
            };
            if !is_probable && !is_alike() {
                continue;
            }
            // All sound from the phrase's first sample on; silence before the receiver was off hook.
            self.heard.clear();
            self.heard.resize((from_ms - said.from_ms) as usize * SAMPLES_PER_MS, 0);
            self.heard
                .extend(receiver.sound_from(from_ms as usize * SAMPLES_PER_MS).take(heard_length - self.heard.len()));
            let measured = |delay: i64| {
                let part = compared(delay);
                (part.clone(), measure(&said.samples[part.clone()], &self.heard, delay + part.start as i64))
            };
            let clear =
                receiver.delay.filter(|_| is_probable).map(measured).filter(|(_, found)| found.snr_db >= CLEAR_DB);
            let found = match (clear, receiver.delay) {
                (Some(found), Some(delay)) => Some((delay, found)),
                _ if is_probable && !is_alike() => None,
                _ => find(&said.samples, &self.heard, 0, LONGEST_DELAY as i64).map(|delay| (delay, measured(delay))),
            };
            if let Some((delay, (part, found))) = found {
                was_heard = true;
                receiver.delay = Some(delay);
                writer.emit(What::Heard {
                    phrase: said.phrase,
                    by: receiver.listener,
                    delay_samples: delay as u32,
                    from_sample: part.start as u64,
                    samples: part.len() as u64,
                    complete: said.complete && part.len() == said.samples.len(),
                    gain: found.gain,
                    snr_db: found.snr_db,
                });
            }
        }
        if !was_heard {
            writer.emit(What::Unheard { phrase: said.phrase });
        }
    }
}

impl Receiver {
    /// Sound from the sample `from` of the world on, as far as the ring goes.
    fn sound_from(&self, from: usize) -> impl Iterator<Item = i16> + '_ {
        let at = from & (self.samples.len() - 1);
        self.samples[at..].iter().chain(&self.samples[..at]).copied()
    }

    /// The sums of the squares of each of these milliseconds of the world.
    fn energies(&self, span: Range<u64>) -> impl Iterator<Item = f32> + '_ {
        let at = span.start as usize & (self.energies.len() - 1);
        let count = span.end.saturating_sub(span.start) as usize;
        self.energies[at..].iter().chain(&self.energies[..at]).copied().take(count)
    }

    fn belongs_to(&self, speaker: Speaker) -> bool {
        match (self.listener, speaker) {
            (Listener::Call(heard), Speaker::Remote { call }) => heard == call,
            (Listener::Station(heard), Speaker::Agent { station, .. }) => heard == station,
            (Listener::Call(_), Speaker::Agent { .. }) | (Listener::Station(_), Speaker::Remote { .. }) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::listen::through_a_law;
    use crate::people::voice::{PhraseId, phrase};

    #[test]
    fn the_shortest_phrase_is_in_no_other_voice() {
        let spoken = |call, turn| phrase(7, PhraseId { speaker: Speaker::Remote { call }, turn });
        for call in 0..150 {
            let source = &spoken(call, 1)[..SHORTEST_MS * SAMPLES_PER_MS];
            for other in 1..6 {
                let mut heard = through_a_law(&spoken(call + other, 2));
                heard.truncate(source.len() + LONGEST_DELAY);
                assert_eq!(find(source, &heard, 0, LONGEST_DELAY as i64), None, "calls {call} and {}", call + other);
            }
        }
    }
}

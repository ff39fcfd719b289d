//! The check of the speech paths: all phrases spoken are looked for in the sound of all receivers.
//!
//! Never: knows connections. A phrase found in the sound of a receiver was heard there; that is all.

use std::collections::VecDeque;

use super::listen::{Loudness, find, measure};
use super::truth::{Listener, TruthWriter, What};
use super::voice::{Said, Speaker};
use crate::network::Sound;
use crate::network::signal::SAMPLES_PER_MS;

/// The longest delay looked for, in ms.
const DELAY_MAX_MS: u64 = 400;
/// Least time that a receiver is off hook during a phrase for it to count as heard there, in ms.
const LISTENED_MS: u64 = 1000;
/// Signal-to-noise ratio from which a phrase with the delay of the last one needs no search, in dB.
const CLEAR_DB: f32 = 20.0;

/// Least correlation of the loudness of sound and phrase for which a search is worth its time.
const ALIKE: f32 = 0.4;

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
        let receiver = Receiver { listener, from_ms: now, until_ms: None, samples: Vec::new(), delay: None };
        match self.receivers.iter().position(is_free) {
            Some(i) => {
                let samples = std::mem::take(&mut self.receivers[i].samples);
                self.receivers[i] = Receiver { samples, ..receiver };
                ReceiverId(i)
            }
            None => {
                self.receivers.push(Receiver { samples: vec![0; self.length], ..receiver });
                ReceiverId(self.receivers.len() - 1)
            }
        }
    }

    /// Sound of a receiver in the millisecond `now`.
    pub(super) fn hear(&mut self, receiver: ReceiverId, sound: &Sound, now: u64) {
        let at = (now as usize * SAMPLES_PER_MS) & (self.length - 1);
        self.receivers[receiver.0].samples[at..at + SAMPLES_PER_MS].copy_from_slice(sound);
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

    /// Looks for a phrase in all receivers and reports where it was found.
    pub(super) fn judge(&mut self, said: &Said, writer: &mut TruthWriter) {
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
            // All sound from the phrase's first sample on; silence before the receiver was off hook.
            self.heard.clear();
            self.heard.resize((from_ms - said.from_ms) as usize * SAMPLES_PER_MS, 0);
            let mask = self.length - 1;
            for ms in from_ms..until_ms {
                let at = (ms as usize * SAMPLES_PER_MS) & mask;
                self.heard.extend_from_slice(&receiver.samples[at..at + SAMPLES_PER_MS]);
            }
            // The part of the phrase that can have arrived while the person listened.
            let compared = |delay: i64| {
                let first = (from_ms - said.from_ms) as i64 * SAMPLES_PER_MS as i64 - delay;
                let last = (self.heard.len() as i64 - delay).clamp(0, said.samples.len() as i64);
                first.clamp(0, last) as usize..last as usize
            };
            let measured = |delay: i64| {
                let part = compared(delay);
                (part.clone(), measure(&said.samples[part.clone()], &self.heard, delay + part.start as i64))
            };
            let clear = receiver.delay.map(measured).filter(|(_, found)| found.snr_db >= CLEAR_DB);
            let found = match (clear, receiver.delay) {
                (Some(found), Some(delay)) => Some((delay, found)),
                _ => {
                    let longest = DELAY_MAX_MS as usize * SAMPLES_PER_MS;
                    if loudness.agrees(&Loudness::of(&self.heard), longest) < ALIKE {
                        continue;
                    }
                    find(&said.samples, &self.heard, 0, longest as i64).map(|delay| (delay, measured(delay)))
                }
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
    fn belongs_to(&self, speaker: Speaker) -> bool {
        match (self.listener, speaker) {
            (Listener::Call(heard), Speaker::Remote { call }) => heard == call,
            (Listener::Station(heard), Speaker::Agent { station, .. }) => heard == station,
            (Listener::Call(_), Speaker::Agent { .. }) | (Listener::Station(_), Speaker::Remote { .. }) => false,
        }
    }
}

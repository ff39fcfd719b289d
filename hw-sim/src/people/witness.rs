//! The witness: knows what everybody said, hears what everybody hears, and tells how it arrived.
//!
//! Nobody says who is connected with whom. A phrase found in what someone heard was heard by that person; that is all.

use std::collections::VecDeque;

use super::listen::{find, loudness_agrees, measure};
use super::mouth::Said;
use super::truth::{Listener, Teller, What};
use super::voice::Speaker;
use crate::network::Sound;
use crate::network::signal::SAMPLES_PER_MS;

/// The longest delay looked for, in ms.
const DELAY_MAX_MS: u64 = 400;
/// Someone must have listened for so long while a phrase was said to have heard it, in ms.
const LISTENED_MS: u64 = 1000;
/// A phrase that arrives at least so well where the last one did needs no search, in dB.
const CLEAR_DB: f32 = 20.0;

/// Nothing is searched for where the loudness goes up and down otherwise than in the phrase.
const ALIKE: f32 = 0.4;

/// Which ear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarId(usize);

/// What one person heard of late, from lifting to hanging up.
#[derive(Debug)]
struct Ear {
    listener: Listener,
    from_ms: u64,
    /// When the person hung up, if that has happened.
    until_ms: Option<u64>,
    /// A ring of samples; the place of a sample is its number since the world began, modulo the length.
    samples: Vec<i16>,
    /// The delay at which the last phrase arrived, in samples.
    delay: Option<i64>,
}

/// The witness of a world.
#[derive(Debug)]
pub struct Witness {
    ears: Vec<Ear>,
    length: usize,
    longest_ms: u64,
    /// What was said, and when it can be judged.
    said: VecDeque<(u64, Said)>,
    papers: Vec<Vec<i16>>,
    heard: Vec<i16>,
}

impl Witness {
    /// A witness who remembers phrases of `longest` samples.
    pub(super) fn new(longest: usize) -> Witness {
        let longest_ms = (longest / SAMPLES_PER_MS) as u64;
        let length = (longest + (2 * DELAY_MAX_MS as usize + 200) * SAMPLES_PER_MS).next_power_of_two();
        Witness { ears: Vec::new(), length, longest_ms, said: VecDeque::new(), papers: Vec::new(), heard: Vec::new() }
    }

    /// Someone begins to listen.
    pub(super) fn open(&mut self, listener: Listener, now: u64) -> EarId {
        let forgotten = |ear: &Ear| ear.until_ms.is_some_and(|ms| ms + self.longest_ms + 2 * DELAY_MAX_MS < now);
        let ear = Ear { listener, from_ms: now, until_ms: None, samples: Vec::new(), delay: None };
        match self.ears.iter().position(forgotten) {
            Some(i) => {
                let samples = std::mem::take(&mut self.ears[i].samples);
                self.ears[i] = Ear { samples, ..ear };
                EarId(i)
            }
            None => {
                self.ears.push(Ear { samples: vec![0; self.length], ..ear });
                EarId(self.ears.len() - 1)
            }
        }
    }

    /// What an ear hears in the millisecond `now`.
    pub(super) fn hear(&mut self, ear: EarId, sound: &Sound, now: u64) {
        let at = (now as usize * SAMPLES_PER_MS) & (self.length - 1);
        self.ears[ear.0].samples[at..at + SAMPLES_PER_MS].copy_from_slice(sound);
    }

    /// Someone hangs up.
    pub(super) fn close(&mut self, ear: EarId, now: u64) {
        self.ears[ear.0].until_ms = Some(now);
    }

    /// Whether something that was said is still to be judged.
    pub(super) fn is_busy(&self) -> bool {
        !self.said.is_empty()
    }

    pub(super) fn paper(&mut self) -> Vec<i16> {
        self.papers.pop().unwrap_or_default()
    }

    pub(super) fn give_back(&mut self, said: Said) {
        let mut paper = said.samples;
        paper.clear();
        self.papers.push(paper);
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

    /// Looks for a phrase in everybody's ears and tells where it was found.
    pub(super) fn judge(&mut self, said: &Said, teller: &mut Teller) {
        let now = teller.now();
        let end_ms = said.from_ms + (said.samples.len() / SAMPLES_PER_MS) as u64;
        let mut anyone = false;
        for ear in &mut self.ears {
            if ear.belongs_to(said.phrase.speaker) {
                continue;
            }
            let from_ms = ear.from_ms.max(said.from_ms);
            let until_ms = ear.until_ms.unwrap_or(now).min(end_ms + DELAY_MAX_MS);
            if until_ms < from_ms + LISTENED_MS.min(said.samples.len() as u64 / 16) {
                continue;
            }
            // Everything from the phrase's first sample on; silence where nobody listened.
            self.heard.clear();
            self.heard.resize((from_ms - said.from_ms) as usize * SAMPLES_PER_MS, 0);
            let mask = self.length - 1;
            for ms in from_ms..until_ms {
                let at = (ms as usize * SAMPLES_PER_MS) & mask;
                self.heard.extend_from_slice(&ear.samples[at..at + SAMPLES_PER_MS]);
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
            let clear = ear.delay.map(measured).filter(|(_, found)| found.snr_db >= CLEAR_DB);
            let found = match (clear, ear.delay) {
                (Some(found), Some(delay)) => Some((delay, found)),
                _ => {
                    let longest = DELAY_MAX_MS as usize * SAMPLES_PER_MS;
                    if loudness_agrees(&said.samples, &self.heard, longest) < ALIKE {
                        continue;
                    }
                    find(&said.samples, &self.heard, 0, longest as i64).map(|delay| (delay, measured(delay)))
                }
            };
            if let Some((delay, (part, found))) = found {
                anyone = true;
                ear.delay = Some(delay);
                teller.tell(What::Heard {
                    phrase: said.phrase,
                    by: ear.listener,
                    delay_samples: delay as u32,
                    from_sample: part.start as u64,
                    samples: part.len() as u64,
                    complete: said.complete && part.len() == said.samples.len(),
                    gain: found.gain,
                    snr_db: found.snr_db,
                });
            }
        }
        if !anyone {
            teller.tell(What::Unheard { phrase: said.phrase });
        }
    }
}

impl Ear {
    fn belongs_to(&self, speaker: Speaker) -> bool {
        match (self.listener, speaker) {
            (Listener::Call(heard), Speaker::Remote { call }) => heard == call,
            (Listener::Station(heard), Speaker::Agent { station, .. }) => heard == station,
            (Listener::Call(_), Speaker::Agent { .. }) | (Listener::Station(_), Speaker::Remote { .. }) => false,
        }
    }
}

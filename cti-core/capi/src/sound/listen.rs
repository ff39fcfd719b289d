//! Conditions on the sound of a party: silence, sound, tones, in blocks of 20 ms on the way to a sink.
//!
//! Never: changes the sound.

use tipring_driver::ids::TaskId;
use tipring_driver::media::file_io::SoundSink;

use super::block::{BLOCK, BLOCK_MS, power, power_of};
use super::signal::{Search, Signal};
use super::{SoundReport, SoundReports};
use crate::abi::number;

/// The level from which on a block holds sound, in dBm0: above the noise of a bad line (G.712: -65 dBm0p; loops to
/// -50), below quiet speech.
const SOUND_DBM0: f64 = -42.0;
/// Pauses within sound, between syllables: up to this many ms.
const PAUSE_MS: u32 = 200;

/// A condition on the sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SoundCondition {
    /// Silence of this many ms after a sound.
    Silence(u32),
    /// No sound from the start for this many ms.
    NoSound(u32),
    /// Sound for this many ms.
    Sound(u32),
    /// A tone.
    Tone(Signal),
}

impl SoundCondition {
    const fn reason(self) -> u32 {
        match self {
            SoundCondition::Silence(_) => number::REASON_SILENCE,
            SoundCondition::NoSound(_) => number::REASON_NO_SOUND,
            SoundCondition::Sound(_) => number::REASON_SOUND,
            SoundCondition::Tone(_) => number::REASON_TONE,
        }
    }
}

/// Listens to the left side on its way to a sink.
pub struct Ears {
    sink: Box<dyn SoundSink>,
    /// Anything was heard since the start.
    heard: bool,
    met: bool,
    silent_ms: u32,
    sound_ms: u32,
    /// Before these times none of the conditions can be true, and the list need not be read.
    least: Least,
    searches: Vec<(u32, Search)>,
    /// Each with its place in the program's list.
    conditions: Vec<(u32, SoundCondition)>,
    task: TaskId,
    notices: SoundReports,
    filled: usize,
    block: [i16; BLOCK],
}

/// The shortest time of each kind among the conditions, in ms.
#[derive(Debug, Clone, Copy)]
struct Least {
    silent: u32,
    sound: u32,
}

impl Least {
    fn of(conditions: &[(u32, SoundCondition)]) -> Least {
        let mut least = Least { silent: u32::MAX, sound: u32::MAX };
        for (_, condition) in conditions {
            match *condition {
                SoundCondition::Silence(ms) | SoundCondition::NoSound(ms) => least.silent = least.silent.min(ms),
                SoundCondition::Sound(ms) => least.sound = least.sound.min(ms),
                SoundCondition::Tone(_) => {}
            }
        }
        least
    }
}

impl Ears {
    /// Ears for a task, before its sink. The first condition that comes true is noticed.
    pub fn new(
        sink: Box<dyn SoundSink>,
        task: TaskId,
        notices: SoundReports,
        conditions: Vec<(u32, SoundCondition)>,
    ) -> Ears {
        let searches = conditions.iter().filter_map(|(place, condition)| match condition {
            SoundCondition::Tone(signal) => Some((*place, Search::new(*signal))),
            _ => None,
        });
        Ears {
            sink,
            heard: false,
            met: false,
            silent_ms: 0,
            sound_ms: 0,
            least: Least::of(&conditions),
            searches: searches.collect(),
            conditions,
            task,
            notices,
            filled: 0,
            block: [0; BLOCK],
        }
    }

    fn hear(&mut self, mut samples: &[i16]) {
        while !self.met && !samples.is_empty() {
            if self.filled == 0
                && let Some((block, later)) = samples.split_first_chunk()
            {
                self.hear_block(block);
                samples = later;
                continue;
            }
            let (now, later) = samples.split_at(samples.len().min(BLOCK - self.filled));
            self.block[self.filled..self.filled + now.len()].copy_from_slice(now);
            self.filled += now.len();
            samples = later;
            if self.filled == BLOCK {
                self.filled = 0;
                self.hear_block(&{ self.block });
            }
        }
    }

    fn hear_block(&mut self, block: &[i16; BLOCK]) {
        let power = power(block);
        if power >= power_of(SOUND_DBM0) {
            // A pause within sound counts with it.
            self.sound_ms += BLOCK_MS + if self.sound_ms > 0 { self.silent_ms } else { 0 };
            (self.heard, self.silent_ms) = (true, 0);
        } else {
            self.silent_ms += BLOCK_MS;
            if self.silent_ms > PAUSE_MS {
                self.sound_ms = 0;
            }
        }
        let tone = self.searches.iter_mut().find_map(|(place, search)| search.step(block, power).then_some(*place));
        if tone.is_none() && self.silent_ms < self.least.silent && self.sound_ms < self.least.sound {
            return;
        }
        let true_now = |(place, condition): &&(u32, SoundCondition)| match *condition {
            SoundCondition::Silence(ms) => self.heard && self.silent_ms >= ms,
            SoundCondition::NoSound(ms) => !self.heard && self.silent_ms >= ms,
            SoundCondition::Sound(ms) => self.sound_ms >= ms,
            SoundCondition::Tone(_) => tone == Some(*place),
        };
        if let Some((place, condition)) = self.conditions.iter().find(true_now) {
            self.met = true;
            self.notices.push(SoundReport::Met { task: self.task, reason: condition.reason(), place: *place });
        }
    }
}

impl SoundSink for Ears {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        self.hear(left);
        self.sink.write(left, right)
    }

    fn checkpoint(&mut self) -> Result<(), String> {
        self.sink.checkpoint()
    }

    fn finish(&mut self) -> Result<(), String> {
        self.sink.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sound::sink::Nowhere;

    /// The reason met, with its time in ms, on sounds of these lengths, the first of them silence.
    fn met(conditions: &[SoundCondition], lengths_ms: &[u32]) -> Option<(u32, u32)> {
        let notices = SoundReports::default();
        let conditions = (0..).zip(conditions.iter().copied()).collect();
        let mut ears = Ears::new(Box::new(Nowhere), TaskId(1), notices.clone(), conditions);
        let mut at_ms = 0;
        for (index, length) in lengths_ms.iter().enumerate() {
            for _ in 0..*length {
                let said = if index % 2 == 0 { [0; 8] } else { [3000, 3000, -3000, -3000, 3000, 3000, -3000, -3000] };
                ears.write(&said, &[0; 8]).expect("nowhere takes everything");
                at_ms += 1;
                if let [SoundReport::Met { reason, .. }] = notices.take()[..] {
                    return Some((reason, at_ms));
                }
            }
        }
        None
    }

    #[test]
    fn silence_counts_after_a_sound_and_no_sound_before_the_first() {
        let both = [SoundCondition::Silence(500), SoundCondition::NoSound(2000)];
        assert_eq!(met(&both, &[3000]), Some((number::REASON_NO_SOUND, 2000)));
        assert_eq!(met(&both, &[1000, 300, 1000]), Some((number::REASON_SILENCE, 1800)));
        assert_eq!(met(&both, &[1000, 300, 400, 300, 400, 300]), None);
    }

    #[test]
    fn sound_goes_on_over_the_pauses_of_speech_and_not_over_longer_ones() {
        let sound = [SoundCondition::Sound(600)];
        assert_eq!(met(&sound, &[100, 300, 100, 300]), Some((number::REASON_SOUND, 700)));
        assert_eq!(met(&sound, &[100, 300, 400, 300, 400, 300]), None);
    }
}

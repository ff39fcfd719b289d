//! Phrases as a voice speaks them: synthesised, each like no other, and made again whenever a judge needs one.
//!
//! A glottal pulse with pitch, tilt and a little noise excites four formants that move from syllable to syllable;
//! syllables swell and fade, and there are pauses for breath. Nothing in it is a word, but it has the levels, the
//! spectrum and the rhythm of speech, which is what codecs, detectors and echo cancellers react to.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::network::Sound;
use crate::network::signal::{SAMPLES_PER_MS, to_sample};
use crate::scenario::{PHRASE_MS, Span, Stream, stream};

/// A speaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// The party at the far end of the exchange, in the call of this number.
    Remote {
        /// The call.
        call: u32,
    },
    /// The agent at a station, at one lifting of the handset (or, with a headset, one conversation).
    Agent {
        /// The station's socket.
        station: u8,
        /// Number of the occasion, from 1.
        occasion: u32,
    },
}

/// A phrase: written `c7.1` for the first of call 7, `s2.5.1` for the first of the fifth occasion at station 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhraseId {
    /// The speaker.
    pub speaker: Speaker,
    /// Number among the speaker's phrases, from 1.
    pub turn: u16,
}

impl fmt::Display for PhraseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.speaker {
            Speaker::Remote { call } => write!(f, "c{call}.{}", self.turn),
            Speaker::Agent { station, occasion } => write!(f, "s{station}.{occasion}.{}", self.turn),
        }
    }
}

/// Text that names no phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidPhraseId {
    /// The text.
    pub text: String,
}

impl fmt::Display for InvalidPhraseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} names no phrase: c7.1 or s2.5.1 would", self.text)
    }
}

impl std::error::Error for InvalidPhraseId {}

impl FromStr for PhraseId {
    type Err = InvalidPhraseId;

    fn from_str(text: &str) -> Result<PhraseId, InvalidPhraseId> {
        let parse = || -> Option<PhraseId> {
            let mut parts = text.get(1..)?.split('.');
            let speaker = match text.get(..1)? {
                "c" => Speaker::Remote { call: parts.next()?.parse().ok()? },
                "s" => Speaker::Agent { station: parts.next()?.parse().ok()?, occasion: parts.next()?.parse().ok()? },
                _ => return None,
            };
            let turn = parts.next()?.parse().ok()?;
            parts.next().is_none().then_some(PhraseId { speaker, turn })
        };
        parse().ok_or_else(|| InvalidPhraseId { text: text.into() })
    }
}

impl Serialize for PhraseId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PhraseId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<PhraseId, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A phrase that was spoken, or as much of it as was.
#[derive(Debug)]
pub struct Said {
    /// The phrase.
    pub phrase: PhraseId,
    /// Its beginning, in ms of the world.
    pub from_ms: u64,
    /// Its samples as far as they were spoken.
    pub samples: Vec<i16>,
    /// True if it was spoken to its end.
    pub complete: bool,
}

/// Source of phrases: each person has a synthesised voice, unless a recording is given for the callers.
#[derive(Debug, Clone)]
pub struct Phrases {
    seed: u64,
    length_ms: Span,
    caller_audio: Option<Arc<[i16]>>,
}

/// The longest phrase: what is given for callers to say is cut there. In samples; 50 s.
pub const PHRASE_MAX: usize = 400_000;

impl Phrases {
    /// Phrases of this seed. `caller_audio`, 8 kHz, is what callers say instead, whole milliseconds of it, at most 50
    /// s.
    pub fn new(seed: u64, caller_audio: Option<Vec<i16>>) -> Phrases {
        let caller_audio = caller_audio.filter(|audio| audio.len() >= SAMPLES_PER_MS).map(|mut audio| {
            audio.truncate(PHRASE_MAX);
            audio.truncate(audio.len() / SAMPLES_PER_MS * SAMPLES_PER_MS);
            Arc::from(audio)
        });
        Phrases { seed, length_ms: PHRASE_MS, caller_audio }
    }

    /// Phrases, each synthesised one as long as wanted, in ms: within [`PHRASE_MS`], or shorter.
    pub fn with_length(self, length_ms: Span) -> Phrases {
        Phrases { length_ms, ..self }
    }

    /// A phrase, to be spoken.
    pub fn speak(&self, id: PhraseId) -> Utterance {
        match (&self.caller_audio, id.speaker) {
            (Some(audio), Speaker::Remote { .. }) => Utterance::Given { audio: Arc::clone(audio), at: 0 },
            (Some(_), Speaker::Agent { .. }) | (None, _) => {
                Utterance::Voice(Box::new(Voice::new(self.seed, self.length_ms, id)))
            }
        }
    }

    /// A phrase, all of it.
    pub fn samples(&self, id: PhraseId) -> Vec<i16> {
        let mut utterance = self.speak(id);
        std::iter::from_fn(|| utterance.next_ms()).flatten().collect()
    }
}

/// The samples of a synthesised phrase, all of them.
pub fn phrase(seed: u64, id: PhraseId) -> Vec<i16> {
    Phrases::new(seed, None).samples(id)
}

/// A phrase being spoken.
#[derive(Debug, Clone)]
pub enum Utterance {
    /// By a synthesised voice.
    Voice(Box<Voice>),
    /// From what was given.
    Given {
        /// The recording given.
        audio: Arc<[i16]>,
        /// Position in it, in samples.
        at: usize,
    },
}

impl Utterance {
    /// The next millisecond, until the phrase is over.
    pub fn next_ms(&mut self) -> Option<Sound> {
        match self {
            Utterance::Voice(voice) => voice.next_ms(),
            Utterance::Given { audio, at } => {
                let sound = audio.get(*at..*at + SAMPLES_PER_MS)?.try_into().ok()?;
                *at += SAMPLES_PER_MS;
                Some(sound)
            }
        }
    }
}

/// Formants of some vowels in hertz: a, o, e, i, u, ü, schwa; the fourth formant hardly moves.
const VOWELS: [[f32; 4]; 7] = [
    [780.0, 1240.0, 2600.0, 3400.0],
    [520.0, 900.0, 2500.0, 3350.0],
    [470.0, 1350.0, 2450.0, 3400.0],
    [300.0, 2250.0, 2950.0, 3500.0],
    [330.0, 720.0, 2350.0, 3300.0],
    [310.0, 1850.0, 2300.0, 3350.0],
    [560.0, 1480.0, 2500.0, 3400.0],
];
/// Bandwidths in hertz, and how strong each formant is beside the first.
const BANDWIDTHS: [f32; 4] = [70.0, 90.0, 130.0, 180.0];
const STRENGTHS: [f32; 4] = [1.0, -0.55, 0.25, -0.12];
/// Makes the active level of a phrase about -20 dBm0.
const LOUDNESS: f32 = 15_000.0;
/// Least time in which the last syllable of a phrase comes to its end, in ms.
const LAST_SYLLABLE_MS: u32 = 500;

/// A part of a syllable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A consonant: noise.
    Onset,
    /// A vowel.
    Nucleus,
    /// Nothing: between syllables, or for breath.
    Rest,
}

/// A synthesised voice speaking one phrase.
#[derive(Debug, Clone)]
pub struct Voice {
    rng: ChaCha8Rng,
    /// The pitch this speaker speaks at, in hertz, and the length of the vocal tract beside the average.
    pitch: f32,
    tract: f32,
    wanted_ms: u32,
    longest_ms: u32,
    spoken_ms: u32,
    part: Part,
    part_left: u32,
    part_length: u32,
    syllables_to_pause: u32,
    stress: f32,
    /// The pitch of this syllable at its beginning and its end, as a factor: four tones, more or less.
    glide: (f32, f32),
    /// Resonators: 2r·cos θ now and its change a millisecond, r², input gain; the last two outputs.
    turn: [f32; 4],
    turn_step: [f32; 4],
    decay: [f32; 4],
    gain: [f32; 4],
    one: [f32; 4],
    two: [f32; 4],
    /// The phase of the glottal pulse in turns, and its smoothed form.
    phase: f32,
    pulse: f32,
    /// The sum of the resonators a sample ago: lips radiate changes of pressure, not pressure.
    pressure: f32,
    level: f32,
    /// A factor on the pitch, new with each pulse: no voice is a machine.
    jitter: f32,
    noise: u32,
}

impl Voice {
    fn new(seed: u64, length_ms: Span, id: PhraseId) -> Voice {
        let (who, occasion) = match id.speaker {
            Speaker::Remote { call } => (0xff, call),
            Speaker::Agent { station, occasion } => (u64::from(station), occasion),
        };
        let index = who << 48 | u64::from(occasion) << 16;
        // The speaker is the same person in every phrase of a call.
        let mut person = stream(seed, Stream::Phrase, index);
        let high_voice = person.random_range(0..2) == 1;
        let pitch = if high_voice { person.random_range(165.0..230.0) } else { person.random_range(90.0..140.0) };
        let tract = if high_voice { person.random_range(1.02..1.12) } else { person.random_range(0.92..1.02) };
        let mut rng = stream(seed, Stream::Phrase, index | u64::from(id.turn));
        let Span(shortest_ms, longest_ms) = length_ms;
        let wanted_ms = rng.random_range(shortest_ms..=(longest_ms - LAST_SYLLABLE_MS).max(shortest_ms));
        let radius = BANDWIDTHS.map(|bandwidth| (-std::f32::consts::PI * bandwidth / 8000.0).exp());
        let mut voice = Voice {
            pitch,
            tract,
            wanted_ms,
            longest_ms,
            spoken_ms: 0,
            part: Part::Rest,
            part_left: 0,
            part_length: 0,
            syllables_to_pause: rng.random_range(4..9),
            stress: 1.0,
            glide: (1.0, 1.0),
            turn: [0.0; 4],
            turn_step: [0.0; 4],
            decay: radius.map(|r| r * r),
            gain: std::array::from_fn(|i| STRENGTHS[i] * (1.0 - radius[i] * radius[i])),
            one: [0.0; 4],
            two: [0.0; 4],
            phase: 0.0,
            pulse: 0.0,
            pressure: 0.0,
            level: 0.0,
            jitter: 1.0,
            noise: rng.random_range(1..u32::MAX),
            rng,
        };
        voice.turn = voice.target();
        voice
    }

    /// Target of the resonators for some vowel.
    fn target(&mut self) -> [f32; 4] {
        let vowel = VOWELS[self.rng.random_range(0..VOWELS.len())];
        let off = self.rng.random_range(0.95..1.05);
        std::array::from_fn(|i| {
            let hertz = (vowel[i] * self.tract * off).min(3700.0);
            2.0 * self.decay[i].sqrt() * (std::f32::consts::TAU * hertz / 8000.0).cos()
        })
    }

    fn next_part(&mut self) {
        let (part, length) = match self.part {
            Part::Rest => {
                self.stress = self.rng.random_range(0.7..1.25);
                self.glide = (self.rng.random_range(0.9..1.15), self.rng.random_range(0.85..1.1));
                let target = self.target();
                let consonant = self.rng.random_range(30..70);
                // The tract reaches the vowel a third of the way into it.
                let way = (consonant + 40) as f32;
                self.turn_step = std::array::from_fn(|i| (target[i] - self.turn[i]) / way);
                (Part::Onset, consonant)
            }
            Part::Onset => (Part::Nucleus, self.rng.random_range(110..220)),
            Part::Nucleus => {
                self.syllables_to_pause = self.syllables_to_pause.saturating_sub(1);
                if self.syllables_to_pause == 0 {
                    self.syllables_to_pause = self.rng.random_range(4..9);
                    (Part::Rest, self.rng.random_range(140..280))
                } else {
                    (Part::Rest, self.rng.random_range(15..50))
                }
            }
        };
        self.part = part;
        self.part_left = length;
        self.part_length = length;
    }

    /// The next millisecond, until the phrase is over.
    fn next_ms(&mut self) -> Option<Sound> {
        if self.part_left == 0 {
            if self.part == Part::Nucleus && self.spoken_ms >= self.wanted_ms || self.spoken_ms >= self.longest_ms {
                return None;
            }
            self.next_part();
        }
        let elapsed = self.part_length - self.part_left;
        self.part_left -= 1;
        self.spoken_ms += 1;
        let moving = match self.part {
            Part::Onset => true,
            Part::Nucleus => elapsed < 40,
            Part::Rest => false,
        };
        if moving {
            for (turn, step) in self.turn.iter_mut().zip(self.turn_step) {
                *turn += step;
            }
        }
        let through = elapsed as f32 / self.part_length as f32;
        let (voiced, noisy, wanted) = match self.part {
            Part::Onset => (0.15, 0.5, 0.45 * self.stress),
            Part::Nucleus => (1.0, 0.03, self.stress * (1.0 - 0.6 * through * through)),
            Part::Rest => (0.2, 0.0, 0.0),
        };
        let pitch = self.pitch * (self.glide.0 + (self.glide.1 - self.glide.0) * through);
        let advance = pitch / 8000.0;
        // Few pulses a second are weaker together than many.
        let strike = voiced * (120.0 / pitch).sqrt();
        Some(std::array::from_fn(|_| {
            self.level += (wanted - self.level) * 0.006;
            self.phase += advance * self.jitter;
            self.noise ^= self.noise << 13;
            self.noise ^= self.noise >> 17;
            self.noise ^= self.noise << 5;
            let random = self.noise as i32 as f32 / 2_147_483_648.0;
            let mut excitation = noisy * random;
            if self.phase >= 1.0 {
                self.phase -= 1.0;
                self.jitter = 1.0 + 0.02 * random;
                excitation += strike * 8.0;
            }
            self.pulse += (excitation - self.pulse) * 0.5;
            let mut sum = 0.0;
            for i in 0..4 {
                let out = self.gain[i] * self.pulse + self.turn[i] * self.one[i] - self.decay[i] * self.two[i];
                self.two[i] = self.one[i];
                self.one[i] = out;
                sum += out;
            }
            let radiated = sum - 0.85 * self.pressure;
            self.pressure = sum;
            to_sample(radiated * self.level * LOUDNESS)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::country::CHINA;
    use crate::network::signal::tone_receiver::{Sounding, ToneReceiver};
    use crate::network::signal::{dtmf, level_dbm0, mean_square};

    fn ids() -> impl Iterator<Item = PhraseId> {
        (1..30).flat_map(|n| {
            [
                PhraseId { speaker: Speaker::Remote { call: n }, turn: 1 },
                PhraseId { speaker: Speaker::Agent { station: 2, occasion: n }, turn: (n % 5) as u16 + 1 },
            ]
        })
    }

    #[test]
    fn phrases_are_long_enough_and_as_loud_as_speech() {
        for id in ids() {
            let samples = phrase(7, id);
            assert!((41_600..=PHRASE_MAX).contains(&samples.len()), "{id}: {} samples", samples.len());
            let level = level_dbm0(mean_square(&samples));
            assert!((-24.0..-17.0).contains(&level), "{id}: {level:.1} dBm0");
            let peak = samples.iter().map(|s| s.unsigned_abs()).max().unwrap();
            assert!(peak < 26_000, "{id}: peak {peak}");
        }
    }

    #[test]
    fn a_phrase_is_the_same_again_and_like_no_other() {
        let id = PhraseId { speaker: Speaker::Remote { call: 3 }, turn: 2 };
        assert_eq!(phrase(1, id), phrase(1, id));
        assert_ne!(phrase(1, id), phrase(2, id));
        assert_ne!(phrase(1, id), phrase(1, PhraseId { turn: 1, ..id }));
    }

    #[test]
    fn a_voice_sounds_like_one_and_presses_no_keys() {
        for id in ids() {
            let samples = phrase(3, id);
            let mut tone_receiver = ToneReceiver::new(&CHINA);
            let mut keys = dtmf::Receiver::new();
            let (mut voice, mut blocks, mut longest_pause) = (0, 0, 0);
            for ms in samples.as_chunks::<8>().0 {
                assert_eq!(keys.hear(ms), None, "{id}");
                if tone_receiver.hear(ms) {
                    blocks += 1;
                    voice += u32::from(tone_receiver.sounding().0 == Sounding::Voice);
                    longest_pause =
                        longest_pause.max(tone_receiver.since_voice_ms().min(10_000) * u32::from(blocks > 5));
                    assert_eq!(tone_receiver.signal(), None, "{id}");
                }
            }
            assert!(voice * 10 > blocks * 7, "{id}: voice in {voice} of {blocks} blocks");
            assert!(longest_pause <= 500, "{id}: silent for {longest_pause} ms");
        }
    }

    #[test]
    fn names_are_read_as_written() {
        for id in ids() {
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert!("x1.2".parse::<PhraseId>().is_err());
        assert!("c1".parse::<PhraseId>().is_err());
        assert!("s1.2.3.4".parse::<PhraseId>().is_err());
    }
}

//! Automatic level control (G.169): speech to -20 dBm0, slowly; hold in pauses and tones.
//!
//! The level is that of speech while it is active, measured as the speech voltmeter does it but forgetting what is long
//! past. The gain follows it only while there is speech, a few decibels a second up and faster down, and at most 15 dB
//! either way. In a pause the gain is held for a moment, so that it does not pump between words, and then goes back to
//! where it raises no noise; it is there again before the next word. A machine's tones and data pass as they came, and
//! the gain learned stays what it was. Whatever was raised too far is held below -3 dBm0 by a limiter, which takes the
//! gain down at once and lets it up slowly: no peak is clipped.
//!
//! The classification of each hop (speech, pause, machine) comes from outside. No sample is delayed.
//!
//! Never: allocates, turns up noise, echoes or tones, or knows the other party.
//!
//! Sources: ITU-T G.169 (what level control may do), P.56 method B (active speech level: constants of the voltmeter).

use super::level;
use super::spectrum::{HOP, Hop};
use crate::time::SAMPLES_PER_TICK;

/// The level aimed at, in dBm0.
pub(crate) const TARGET_DBM0: f64 = -20.0;
/// The most that a gain may be, either way, in dB.
pub(crate) const RANGE_DB: f64 = 15.0;
/// Fastest change of the gain, in dB a second of speech.
pub(crate) const UP_DB_A_SECOND: f64 = 3.0;
/// Fastest fall of the gain.
pub(crate) const DOWN_DB_A_SECOND: f64 = 10.0;
/// No peak is higher than that of a sine of this level, in dBm0.
pub(crate) const PEAK_DBM0: f64 = -3.0;

/// Return of the gain in a pause, in dB a second.
const BACK_DB_A_SECOND: f64 = 20.0;
/// For this many hops after speech the gain is held: 304 ms, more than the pause between two words.
const HOLD: u32 = 19;
/// For this many hops after speech the voltmeter goes on: as long as its own hang-over.
const MEASURED: u32 = 13;
/// The gain stays if it is no further off, in dB.
const CLOSE_DB: f64 = 0.5;
/// Speech, in samples, before the gain moves: a quarter of a second.
const ENOUGH: f64 = 2000.0;
/// Smoothing of the level, per hop of speech: the last four seconds count most.
const KEPT: f64 = 1.0 - 1.0 / 250.0;
const HOPS_A_SECOND: f64 = 8000.0 / HOP as f64;
/// The limiter's: the highest sample, how long it stays down (10 ms, a pitch period) and how fast it comes back (60
/// ms).
const PEAK: f32 = level::peak(PEAK_DBM0) as f32;
const STAY: u32 = 80;
const COME_BACK: f32 = 1.0 / 480.0;

/// Classification of a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sound {
    /// Speech.
    Speech,
    /// No speech yet; it begins within a hop.
    SpeechNext,
    /// No speech: noise, an echo, or silence.
    Pause,
    /// Tones or data.
    TonesOrData,
}

/// Level control of one signal.
#[derive(Debug, Clone, Default)]
pub(crate) struct LevelControl {
    meter: ActiveLevel,
    /// Gain of speech, in dB.
    gain_db: f64,
    /// Gain of the last sample, in dB and as a factor, before the limiter.
    now_db: f64,
    now: f32,
    /// Hops since speech.
    since: u32,
    limiter: Limiter,
    is_running: bool,
}

impl LevelControl {
    /// Takes the next hop. `spare_db` is how far noise may be raised in a pause, in dB: what noise reduction has taken
    /// away of it.
    pub(crate) fn step(&mut self, hop: &mut Hop, sound: Sound, spare_db: f64) {
        if !self.is_running {
            (self.is_running, self.now, self.since) = (true, 1.0, HOLD);
        }
        self.since = if sound == Sound::Speech { 0 } else { self.since.saturating_add(1) };
        if sound != Sound::TonesOrData && self.since < MEASURED {
            self.meter.fade();
            self.meter.step(hop);
        }
        if sound == Sound::Speech {
            self.follow();
        }
        let db = match sound {
            Sound::TonesOrData => 0.0,
            Sound::Speech | Sound::SpeechNext => self.gain_db,
            Sound::Pause if self.since < HOLD => self.gain_db,
            Sound::Pause => self.gain_db.min(spare_db.max(0.0)).max(self.now_db - BACK_DB_A_SECOND / HOPS_A_SECOND),
        };
        self.apply(hop, db, sound == Sound::TonesOrData);
    }

    /// The gain for speech, in dB.
    #[cfg(test)]
    fn gain_db(&self) -> f64 {
        self.gain_db
    }

    /// Moves the gain a little towards what the level asks for.
    fn follow(&mut self) {
        if self.meter.samples() < ENOUGH {
            return;
        }
        let Some(dbm0) = self.meter.dbm0() else { return };
        let off = (TARGET_DBM0 - dbm0).clamp(-RANGE_DB, RANGE_DB) - self.gain_db;
        if off.abs() > CLOSE_DB {
            self.gain_db += off.clamp(-DOWN_DB_A_SECOND / HOPS_A_SECOND, UP_DB_A_SECOND / HOPS_A_SECOND);
        }
    }

    /// Multiplies a hop, from the gain of before to that of now along a straight line.
    fn apply(&mut self, hop: &mut Hop, db: f64, is_machine: bool) {
        let from = self.now;
        if db != self.now_db {
            (self.now_db, self.now) = (db, level::ratio(db) as f32);
        }
        let step = (self.now - from) / HOP as f32;
        for (n, sample) in hop.iter_mut().enumerate() {
            *sample *= if step == 0.0 { self.now } else { from + step * (n + 1) as f32 };
        }
        if is_machine {
            self.limiter = Limiter::default();
        } else {
            hop.iter_mut().for_each(|sample| *sample = self.limiter.step(*sample));
        }
    }
}

/// Keeps peaks down.
#[derive(Debug, Clone)]
struct Limiter {
    gain: f32,
    stay: u32,
}

impl Default for Limiter {
    fn default() -> Limiter {
        Limiter { gain: 1.0, stay: 0 }
    }
}

impl Limiter {
    #[inline]
    fn step(&mut self, sample: f32) -> f32 {
        let height = sample.abs();
        if height * self.gain > PEAK {
            (self.gain, self.stay) = (PEAK / height, STAY);
        } else if self.stay > 0 {
            self.stay -= 1;
        } else {
            self.gain += (1.0 - self.gain) * COME_BACK;
        }
        // Where the gain has just risen, it may be a hair too high.
        (sample * self.gain).clamp(-PEAK, PEAK)
    }
}

/// The thresholds of the voltmeter: amplitudes of 1 (-90 dBov) to 16384, 6 dB apart.
const THRESHOLDS: usize = 15;
/// Distance of the threshold below the level: 15.9 dB.
const MARGIN_DB: f64 = 15.9;
/// The time constant of the envelope, twice: 30 ms.
const ENVELOPE: f32 = 1.0 / 240.0;
/// The hang-over: 200 ms.
const HANG_OVER_TICKS: u16 = 200;

/// A speech voltmeter: the level of speech while it is active. P.56, method B, but that activity is looked at every
/// millisecond.
#[derive(Debug, Clone, Default)]
pub struct ActiveLevel {
    envelope: [f32; 2],
    /// The sum of all squares, and of how many samples.
    squares: f64,
    samples: f64,
    /// Samples for which the envelope was above each threshold, hang-over included; and what is left of that.
    active: [f64; THRESHOLDS],
    hang_over: [u16; THRESHOLDS],
}

impl ActiveLevel {
    /// Takes samples, whole milliseconds of them.
    pub fn step(&mut self, samples: &[f32]) {
        for tick in samples.as_chunks::<SAMPLES_PER_TICK>().0 {
            let mut squares = 0.0;
            for sample in tick {
                squares += sample * sample;
                self.envelope[0] += (sample.abs() - self.envelope[0]) * ENVELOPE;
                self.envelope[1] += (self.envelope[0] - self.envelope[1]) * ENVELOPE;
            }
            self.squares += f64::from(squares);
            self.samples += SAMPLES_PER_TICK as f64;
            for (index, (active, hang_over)) in self.active.iter_mut().zip(&mut self.hang_over).enumerate() {
                if self.envelope[1] >= (1_u32 << index) as f32 {
                    *hang_over = HANG_OVER_TICKS;
                } else if *hang_over > 0 {
                    *hang_over -= 1;
                } else {
                    continue;
                }
                *active += SAMPLES_PER_TICK as f64;
            }
        }
    }

    /// Lets what was measured so far count a little less.
    fn fade(&mut self) {
        self.squares *= KEPT;
        self.samples *= KEPT;
        self.active.iter_mut().for_each(|active| *active *= KEPT);
    }

    /// Samples measured, those faded counted less.
    pub(crate) fn samples(&self) -> f64 {
        self.samples
    }

    /// The level while active, in dBm0; none if nothing was above the lowest threshold.
    pub fn dbm0(&self) -> Option<f64> {
        const REFERENCE: f64 = level::PEAK_0_DBM0 * level::PEAK_0_DBM0 / 2.0;
        let mut before: Option<(f64, f64)> = None;
        for (index, active) in self.active.iter().enumerate() {
            if *active < 1.0 {
                break;
            }
            let level_db = level::decibels(self.squares / active);
            let above = level_db - level::decibels((1_u64 << (2 * index)) as f64) - MARGIN_DB;
            if above <= 0.0 {
                // Between this threshold and the one before, the level lies right.
                let between = before.map(|(level, over)| level + (level_db - level) * over / (over - above));
                return between.map(|db| db - level::decibels(REFERENCE));
            }
            before = Some((level_db, above));
        }
        before.map(|(db, _)| db - level::decibels(REFERENCE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone that swells four times a second, as syllables do, on top at this level.
    fn syllables(dbm0: f64, seconds: usize) -> Vec<Hop> {
        let samples: Vec<f32> = (0..seconds * 8000)
            .map(|n| {
                let at = n as f64 / 8000.0;
                let swell = 0.5 - 0.5 * (core::f64::consts::TAU * 4.0 * at).cos();
                (level::peak(dbm0) * swell * (core::f64::consts::TAU * 300.0 * at).sin()) as f32
            })
            .collect();
        samples.as_chunks().0.to_vec()
    }

    #[test]
    fn the_meter_shows_the_level_of_what_is_active_and_not_of_the_pauses() {
        let talk = syllables(-17.0, 10);
        let power = |hops: &[Hop]| -> f64 {
            hops.as_flattened().iter().map(|sample| f64::from(sample * sample)).sum::<f64>()
                / hops.as_flattened().len() as f64
        };
        let mut meter = ActiveLevel::default();
        talk.iter().for_each(|hop| meter.step(hop));
        let alone = meter.dbm0().expect("there was speech");
        assert!((alone - level::dbm0(power(&talk))).abs() < 0.3, "{alone:.1}");
        let mut meter = ActiveLevel::default();
        for second in talk.chunks(62) {
            second.iter().for_each(|hop| meter.step(hop));
            meter.step(&[1.0; 8 * 1000]);
        }
        let with_pauses = meter.dbm0().expect("there was speech");
        // The hang-over of 200 ms counts as active.
        assert!((alone - 1.5..=alone).contains(&with_pauses), "{with_pauses:.1}, alone {alone:.1}");
        assert_eq!(ActiveLevel::default().dbm0(), None);
    }

    #[test]
    fn the_gain_moves_only_while_somebody_speaks_and_no_faster_than_it_may() {
        let mut control = LevelControl::default();
        let talk = syllables(-35.0, 20);
        for hop in &talk {
            let before = control.gain_db();
            control.step(&mut hop.clone(), Sound::Speech, 0.0);
            let moved = (control.gain_db() - before) * HOPS_A_SECOND;
            assert!((-0.001..=UP_DB_A_SECOND + 0.001).contains(&moved), "{moved} dB a second");
        }
        let learned = control.gain_db();
        assert!(learned > 14.0, "{learned:.1} dB");
        for sound in [Sound::Pause, Sound::TonesOrData] {
            talk.iter().for_each(|hop| control.step(&mut hop.clone(), sound, 0.0));
            assert_eq!(control.gain_db(), learned, "{sound:?}");
        }
        let mut least = 0.0_f64;
        for hop in syllables(-5.0, 20) {
            let before = control.gain_db();
            control.step(&mut hop.clone(), Sound::Speech, 0.0);
            least = least.min((control.gain_db() - before) * HOPS_A_SECOND);
        }
        assert!((-DOWN_DB_A_SECOND - 0.001..-5.0).contains(&least), "{least} dB a second");
    }

    #[test]
    fn machines_pass_bit_for_bit_and_pauses_come_back_to_what_is_spare() {
        let mut control = LevelControl::default();
        syllables(-35.0, 20).iter_mut().for_each(|hop| control.step(hop, Sound::Speech, 0.0));
        let tone = syllables(0.0, 1);
        control.step(&mut tone[0].clone(), Sound::TonesOrData, 0.0);
        for hop in &tone {
            let mut out = *hop;
            control.step(&mut out, Sound::TonesOrData, 0.0);
            assert_eq!(out, *hop);
        }
        control.step(&mut [0.0; HOP], Sound::Speech, 4.0);
        let mut gains = Vec::new();
        for _ in 0..100 {
            let mut hop = [100.0; HOP];
            control.step(&mut hop, Sound::Pause, 4.0);
            gains.push(20.0 * f64::from(hop[HOP - 1] / 100.0).log10());
        }
        assert!(gains[..17].iter().all(|db| (db - control.gain_db()).abs() < 0.01), "held between words");
        assert!(gains.windows(2).all(|pair| pair[1] - pair[0] > -0.35), "slowly down");
        assert!((gains[99] - 4.0).abs() < 0.01, "to what is spare: {:.1} dB", gains[99]);
    }

    #[test]
    fn no_peak_gets_over_the_limit_and_a_loud_tone_keeps_its_shape() {
        let mut limiter = Limiter::default();
        let tone = |n: usize| 30_000.0 * (core::f64::consts::TAU * 200.0 * n as f64 / 8000.0).sin() as f32;
        let out: Vec<f32> = (0..8000).map(|n| limiter.step(tone(n))).collect();
        assert!(out.iter().all(|sample| sample.abs() <= PEAK));
        // After the first quarter period it is the same tone, only lower.
        let gain = PEAK / 30_000.0;
        assert!((200..8000).all(|n| (out[n] - gain * tone(n)).abs() < 0.02 * PEAK), "a clipped tone would not be");
    }
}

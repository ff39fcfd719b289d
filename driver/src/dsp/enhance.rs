//! Enhancement of recordings for listening: noise reduction (G.160) and level control (G.169) on both sides.
//!
//! The output is late by 176 ms, the same for both sides whatever is enabled: this much must be heard before
//! it is known whether a sound is a tone, and gains can be there before the word they are for. [`Enhancer`] leaves as
//! much out at the beginning and gives them at the end: what comes out is as long as what went in, and sample n of it
//! is sample n.
//!
//! For each side, hop by hop (16 ms): a spectrum; is it a tone (`tonal`), is it above the noise; noise reduction
//! (`noise_reduction`); and, ten hops later, level control ([`agc`]). A side that is 20 dB
//! below the other within the time an echo takes is taken for an echo, and not turned up. Data on one side is data on
//! both.
//!
//! Never: allocates after it was made, or changes tones and data.

use super::agc::{LevelControl, Sound};
use super::noise_reduction::{NoiseFloor, NoiseReduction, Reduce};
use super::spectrum::{FRAME, HOP, Hop};
use super::{Lanes, SILENCE, Samples, agc, dtmf, level, tonal};
use crate::time::SAMPLES_PER_TICK;

/// Enhancement of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Enhancement {
    /// Steady noise is taken down.
    pub noise_reduction: bool,
    /// Speech is brought to -20 dBm0.
    pub level_control: bool,
}

impl Enhancement {
    /// Everything there is.
    pub const ALL: Enhancement = Enhancement { noise_reduction: true, level_control: true };
    /// Nothing.
    pub const NONE: Enhancement = Enhancement { noise_reduction: false, level_control: false };
}

/// Sink of the samples of both sides, as many of the one as of the other.
pub type Write<'a, E> = dyn FnMut(&[i16], &[i16]) -> Result<(), E> + 'a;

/// Samples by which what comes out is late: 176 ms.
#[cfg(test)]
pub(crate) const DELAY: usize = (LATER + 1) * HOP;

/// Hops between noise reduction and level control: those of the shortest tone, one for how it may lie in them, one to
/// bring the gain to where it leaves the tone alone.
const LATER: usize = tonal::RUN + 2;
/// A key is known this many hops after its first, at most; with one for the gain.
const KEY_HOPS: usize = 5;
/// Speech is above the noise by this ratio of powers, 5 dB, and louder than this.
const SPEECH_OVER: f32 = 3.2;
const SPEECH_MIN: f32 = hop_power(-50.0);
/// The other side is louder by this ratio, 20 dB, and louder than this, no longer ago than an echo takes: 128 ms.
const ECHO_BELOW: f32 = 100.0;
const FAR_MIN: f32 = hop_power(-45.0);
const ECHO_HOPS: usize = 8;
/// Smoothing of the noise reduction's attenuation, per hop.
const SPARE_PACE: f64 = 0.05;

/// The sum of the squares of a hop of this level.
const fn hop_power(dbm0: f64) -> f32 {
    let peak = level::peak(dbm0);
    (peak * peak / 2.0 * HOP as f64) as f32
}

/// Both sides of one recording.
pub struct Enhancer {
    sides: [Side; 2],
    keys: Option<dtmf::Bank>,
    /// Samples of the hop that is being gathered.
    gathered: usize,
    /// The hop has a gap in its sound.
    gap: bool,
    /// The call carries data, on whichever side.
    data: bool,
    /// Samples of each side taken, and given.
    taken: u64,
    given: u64,
    out: [[i16; HOP]; 2],
}

impl Enhancer {
    /// For a new recording.
    pub fn new(enhancement: Enhancement) -> Enhancer {
        let Enhancement { noise_reduction, level_control } = enhancement;
        let side = || Side::new(noise_reduction, level_control);
        Enhancer {
            sides: [side(), side()],
            keys: level_control.then(|| dtmf::Bank::new(2)),
            gathered: 0,
            gap: false,
            data: false,
            taken: 0,
            given: 0,
            out: [[0; HOP]; 2],
        }
    }

    /// Takes a tick of both sides; `write` gets what is ready.
    ///
    /// # Errors
    /// The error of `write`; samples given to it are not given again.
    pub fn step<E>(&mut self, sound: &[Samples; 2], write: &mut Write<'_, E>) -> Result<(), E> {
        self.taken += SAMPLES_PER_TICK as u64;
        self.gather(sound, write)
    }

    /// Takes ticks that are missing. Nothing is learned of them, and silence stands in their place.
    pub(crate) fn step_gap<E>(&mut self, ticks: u32, write: &mut Write<'_, E>) -> Result<(), E> {
        (0..ticks).try_for_each(|_| {
            self.gap = true;
            self.step(&[SILENCE; 2], write)
        })
    }

    /// Gives what is still to come: in all, as much as was taken.
    ///
    /// # Errors
    /// The error of `write`; samples given to it are not given again.
    pub fn finish<E>(&mut self, write: &mut Write<'_, E>) -> Result<(), E> {
        while self.given < self.taken {
            self.gap = true;
            self.gather(&[SILENCE; 2], write)?;
        }
        Ok(())
    }

    fn gather<E>(&mut self, sound: &[Samples; 2], write: &mut Write<'_, E>) -> Result<(), E> {
        for (side, samples) in self.sides.iter_mut().zip(sound) {
            for (place, sample) in side.newest[self.gathered..].iter_mut().zip(samples) {
                *place = f32::from(*sample);
            }
        }
        if let Some(keys) = &mut self.keys {
            let sides = &mut self.sides;
            keys.step(sound, &Lanes::first(2), &mut |lane, event| sides[lane].on_key(event));
        }
        self.gathered += SAMPLES_PER_TICK;
        if self.gathered < HOP {
            return Ok(());
        }
        self.gathered = 0;
        let ready = self.hop();
        let left = self.taken - self.given;
        if !ready || left == 0 {
            return Ok(());
        }
        let count = left.min(HOP as u64) as usize;
        self.given += count as u64;
        write(&self.out[0][..count], &self.out[1][..count])
    }

    /// Processes a complete hop; returns true if a hop of output is ready.
    fn hop(&mut self) -> bool {
        let gap = core::mem::take(&mut self.gap);
        let [left, right] = &mut self.sides;
        let powers = [left.heard(), right.heard()];
        left.analyse(gap, self.data, powers[1]);
        right.analyse(gap, self.data, powers[0]);
        // Data on the one side is data on the other; both must be silent to end it.
        self.data |= left.found.data || right.found.data;
        if left.judge.is_silent() && right.judge.is_silent() {
            self.data = false;
            left.judge.end_data();
            right.judge.end_data();
        }
        let (out_left, out_right) = self.out.split_at_mut(1);
        left.give(&mut out_left[0]) & right.give(&mut out_right[0])
    }
}

/// A hop on its way.
#[derive(Debug, Clone, Copy)]
struct Later {
    samples: Hop,
    speech: bool,
    machine: bool,
}

/// One side.
struct Side {
    /// The newest hop, and the one before.
    newest: Hop,
    before: Hop,
    /// The powers of the last hops, the newest last.
    powers: [f32; ECHO_HOPS],
    judge: tonal::Judge,
    found: tonal::Found,
    floor: NoiseFloor,
    reduction: Option<NoiseReduction>,
    /// Limit for raising noise again, in dB.
    spare_db: f64,
    control: Option<LevelControl>,
    /// Hops between noise reduction and level control, the newest last.
    later: arrayvec::ArrayVec<Later, { LATER + 1 }>,
    /// A key sounds; a tone has sounded until the last hop.
    key: bool,
    tone: bool,
    /// There was a hop before this one.
    has_begun: bool,
}

impl Side {
    fn new(noise_reduction: bool, level_control: bool) -> Side {
        Side {
            newest: [0.0; HOP],
            before: [0.0; HOP],
            powers: [0.0; ECHO_HOPS],
            judge: tonal::Judge::default(),
            found: tonal::Found { pure: false, tone_frames: 0, data: false },
            floor: NoiseFloor::default(),
            reduction: noise_reduction.then(NoiseReduction::default),
            spare_db: 0.0,
            control: level_control.then(LevelControl::default),
            later: arrayvec::ArrayVec::new(),
            key: false,
            tone: false,
            has_begun: false,
        }
    }

    fn on_key(&mut self, event: dtmf::Event) {
        match event {
            dtmf::Event::Begun(_) => {
                self.key = true;
                self.mark(KEY_HOPS);
            }
            dtmf::Event::Ended(..) => {
                self.key = false;
                self.mark(1);
                self.tone = true;
            }
        }
    }

    /// The last hops are a machine's.
    fn mark(&mut self, hops: usize) {
        self.later.iter_mut().rev().take(hops).for_each(|later| later.machine = true);
    }

    /// Notes the power of the newest hop; gives the highest within the time of an echo.
    fn heard(&mut self) -> f32 {
        self.powers.rotate_left(1);
        self.powers[ECHO_HOPS - 1] = self.newest.as_chunks::<8>().0.iter().map(power).sum();
        self.powers.iter().copied().fold(0.0, f32::max)
    }

    /// Looks at the frame that ends with the newest hop, and takes the noise of the hop before down.
    fn analyse(&mut self, gap: bool, data: bool, far: f32) {
        // The first frame is half empty.
        let is_first = !core::mem::replace(&mut self.has_begun, true);
        let gap = gap || is_first;
        let mut over = 0.0;
        let mut samples = [0.0; HOP];
        let (judge, found) = (&mut self.judge, &mut self.found);
        Reduce {
            hops: [&self.before, &self.newest],
            floor: &mut self.floor,
            reduction: self.reduction.as_mut(),
            passes: &mut |power| {
                *found = judge.step(power);
                gap || found.pure || found.data || data
            },
            out: &mut samples,
            over: &mut over,
        }
        .go();
        let own = self.powers[ECHO_HOPS - 2].max(self.powers[ECHO_HOPS - 1]);
        let is_echo = far > FAR_MIN && far > ECHO_BELOW * own;
        let speech = self.floor.is_known() && over > SPEECH_OVER && own > SPEECH_MIN && !is_echo && !gap;
        if !speech && !self.found.pure && !gap {
            self.follow_spare(&samples);
        }
        // What a tone leaves in the frame after it is its own, too.
        let after = core::mem::replace(&mut self.tone, self.found.tone_frames > 0);
        let machine = self.key || self.tone || after || self.found.data || data;
        if !is_first {
            self.later.push(Later { samples, speech, machine });
        }
        if self.found.tone_frames > 1 {
            self.mark(LATER);
        }
        self.before = self.newest;
    }

    /// Attenuation of a hop of noise by the noise reduction.
    fn follow_spare(&mut self, samples: &Hop) {
        let came: f32 = self.powers[ECHO_HOPS - 2];
        let left: f32 = samples.as_chunks::<8>().0.iter().map(power).sum();
        if self.reduction.is_some() && came > hop_power(-75.0) {
            let db = level::decibels(f64::from(came / left.max(1.0))).clamp(0.0, agc::RANGE_DB);
            self.spare_db += SPARE_PACE * (db - self.spare_db);
        }
    }

    /// Gives the oldest hop, at its level.
    fn give(&mut self, out: &mut [i16; HOP]) -> bool {
        if !self.later.is_full() {
            return false;
        }
        let Later { mut samples, speech, machine } = self.later.remove(0);
        if let Some(control) = &mut self.control {
            let next = self.later.iter().take(2).any(|later| later.speech);
            let sound = match (machine, speech, next) {
                (true, _, _) => Sound::TonesOrData,
                (false, true, _) => Sound::Speech,
                (false, false, true) => Sound::SpeechNext,
                (false, false, false) => Sound::Pause,
            };
            control.step(&mut samples, sound, self.spare_db);
        }
        for (out, sample) in out.iter_mut().zip(&samples) {
            *out = level::to_sample(f64::from(*sample));
        }
        true
    }
}

fn power(samples: &[f32; 8]) -> f32 {
    let [a, b, c, d, e, f, g, h] = samples.map(|sample| sample * sample);
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

const _: () = assert!(FRAME == 2 * HOP && HOP.is_multiple_of(SAMPLES_PER_TICK) && KEY_HOPS <= LATER);

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;

    fn run(enhancement: Enhancement, left: &[i16], right: &[i16]) -> (Vec<i16>, Vec<i16>) {
        let mut enhancer = Enhancer::new(enhancement);
        let (mut out_left, mut out_right) = (Vec::new(), Vec::new());
        let mut write = |left: &[i16], right: &[i16]| -> Result<(), Infallible> {
            out_left.extend_from_slice(left);
            out_right.extend_from_slice(right);
            Ok(())
        };
        for (left, right) in left.as_chunks().0.iter().zip(right.as_chunks().0) {
            let Ok(()) = enhancer.step(&[*left, *right], &mut write);
        }
        let Ok(()) = enhancer.finish(&mut write);
        (out_left, out_right)
    }

    fn noise(seed: u32, length: usize) -> Vec<i16> {
        let mut state = seed;
        let one = |_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 16) as i16) / 8
        };
        (0..length).map(one).collect()
    }

    #[test]
    fn what_comes_out_is_as_long_as_what_went_in_and_in_its_place() {
        for ticks in [0, 1, 15, 16, 17, 175, 176, 177, 1000] {
            let (left, right) = (noise(1, 8 * ticks), noise(2, 8 * ticks));
            assert_eq!(run(Enhancement::NONE, &left, &right), (left.clone(), right.clone()), "{ticks} ms");
            let (out_left, out_right) = run(Enhancement::ALL, &left, &right);
            assert_eq!((out_left.len(), out_right.len()), (left.len(), right.len()), "{ticks} ms");
        }
    }

    #[test]
    fn a_gap_is_silence_as_long_as_it_was() {
        let sound = noise(3, 8000);
        let mut enhancer = Enhancer::new(Enhancement::ALL);
        let mut out = Vec::new();
        let mut write = |left: &[i16], _: &[i16]| -> Result<(), Infallible> {
            out.extend_from_slice(left);
            Ok(())
        };
        for _ in 0..2 {
            for tick in sound.as_chunks().0 {
                let Ok(()) = enhancer.step(&[*tick, *tick], &mut write);
            }
            let Ok(()) = enhancer.step_gap(1003, &mut write);
        }
        let Ok(()) = enhancer.finish(&mut write);
        assert_eq!(out.len(), 2 * (8000 + 8 * 1003));
        // A hop at either end may hold a little of both.
        assert!(out[8000 + HOP..16_024 - HOP].iter().all(|sample| *sample == 0));
        assert!(out[16_024..16_152].iter().any(|sample| *sample != 0));
    }

    #[test]
    fn one_side_does_not_change_with_the_other_but_for_echo_and_data() {
        let (soft, other) = (noise(4, 40_000), noise(5, 40_000));
        assert_eq!(
            run(Enhancement::ALL, &soft, &other).0,
            run(Enhancement::ALL, &other, &soft).1,
            "left and right are alike"
        );
    }
}

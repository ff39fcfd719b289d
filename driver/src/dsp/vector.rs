//! Eight-lane arithmetic of the banks: channels side by side.
//!
//! [`Wide`] is an array with lane-wise arithmetic, written so that the compiler makes vector instructions of it; no
//! lane ever looks at another, so each gives what it would give alone. [`run`] takes the widest instructions that the
//! processor has. They round like the narrow ones (nothing is fused), so the results don't depend on the machine.

#![allow(unsafe_code)]

pub(super) mod adapt;
pub(super) mod fir;
mod transpose;

pub(super) use self::transpose::transpose;

use core::ops::{Add, AddAssign, Div, Mul, Sub};

use super::{Lanes, SILENCE, Samples};
use crate::time::SAMPLES_PER_TICK;

/// Channels in a `Wide`.
pub(super) const WIDTH: usize = 8;

/// One number of each of eight channels.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(32))]
pub(super) struct Wide(pub [f32; WIDTH]);

impl Wide {
    /// Nothing in every lane.
    pub(super) const ZERO: Wide = Wide([0.0; WIDTH]);

    /// Lanes in which this is above `other`.
    #[inline(always)]
    pub(super) fn above(self, other: Wide) -> Mask {
        let mut mask = [0; WIDTH];
        for (mask, (own, other)) in mask.iter_mut().zip(self.0.iter().zip(&other.0)) {
            *mask = if own > other { u32::MAX } else { 0 };
        }
        Mask(mask)
    }

    /// One number in every lane.
    #[inline(always)]
    pub(super) const fn all(value: f32) -> Wide {
        Wide([value; WIDTH])
    }

    /// One through this. No lane may be zero.
    #[inline(always)]
    pub(super) fn inverse(self) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane = 1.0 / *lane;
        }
        Wide(lanes)
    }

    /// The greater of the two.
    #[inline(always)]
    pub(super) fn max(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane = if *lane > *other { *lane } else { *other };
        }
        Wide(lanes)
    }

    /// The lesser of the two.
    #[inline(always)]
    pub(super) fn min(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane = if *lane < *other { *lane } else { *other };
        }
        Wide(lanes)
    }

    /// The square root of each.
    #[inline(always)]
    pub(super) fn sqrt(self) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane = lane.sqrt();
        }
        Wide(lanes)
    }

    /// The sum of the lanes' squares.
    #[inline(always)]
    pub(super) fn power(self) -> f32 {
        let [a, b, c, d, e, f, g, h] = (self * self).0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }

    /// A tick of samples, one in each lane.
    #[inline(always)]
    pub(super) fn from_samples(samples: &Samples) -> Wide {
        let mut lanes = Wide::ZERO;
        for (lane, sample) in lanes.0.iter_mut().zip(samples) {
            *lane = f32::from(*sample);
        }
        lanes
    }

    /// Whole numbers, rounded to the 24 bits that there is room for.
    #[inline(always)]
    pub(super) fn from_whole(numbers: &[i32; WIDTH]) -> Wide {
        let mut lanes = Wide::ZERO;
        for (lane, number) in lanes.0.iter_mut().zip(numbers) {
            *lane = *number as f32;
        }
        lanes
    }

    /// Rounds to the nearest 16-bit samples, halves to even ones, and stops at the ends of their range.
    #[inline(always)]
    pub(super) fn to_samples(self) -> Samples {
        self.max(Wide::all(f32::from(i16::MIN))).min(Wide::all(f32::from(i16::MAX))).whole_samples()
    }

    /// Rounds to the nearest 16-bit samples, halves to even ones. Every lane must be in their range.
    #[inline(always)]
    pub(super) fn whole_samples(self) -> Samples {
        // Beside one and a half times 2²³ there is room for no fraction, and the low bits hold a whole number as such.
        const WHOLE: f32 = 12_582_912.0;
        let mut samples = SILENCE;
        for (sample, lane) in samples.iter_mut().zip(&self.0) {
            *sample = (lane + WHOLE).to_bits() as i16;
        }
        samples
    }

    /// The absolute value of each.
    #[inline(always)]
    pub(super) fn abs(self) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane = lane.abs();
        }
        Wide(lanes)
    }

    /// The largest power of two that is no more than each magnitude; 0 for 0.
    #[inline(always)]
    pub(super) fn power_of_two_below(self) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            // The exponent alone.
            *lane = f32::from_bits(lane.to_bits() & 0x7f80_0000);
        }
        Wide(lanes)
    }

    /// Zero for what is too small to be heard, before it becomes so small that processors grow slow over it.
    #[inline(always)]
    pub(super) fn settle(self) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane = if lane.abs() < 1e-12 { 0.0 } else { *lane };
        }
        Wide(lanes)
    }
}

/// A yes or no of each of eight channels: all bits, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(32))]
pub(super) struct Mask(pub [u32; WIDTH]);

impl Mask {
    /// Yes in every lane.
    pub(super) const ALL: Mask = Mask([u32::MAX; WIDTH]);
    /// No in every lane.
    pub(super) const NONE: Mask = Mask([0; WIDTH]);

    /// Lane by lane, one or the other.
    #[inline(always)]
    pub(super) fn choose(self, yes: Wide, no: Wide) -> Wide {
        let mut lanes = no.0;
        for (lane, (mask, yes)) in lanes.iter_mut().zip(self.0.iter().zip(&yes.0)) {
            // The sign is what the processor's own choice looks at.
            *lane = if (*mask as i32) < 0 { *yes } else { *lane };
        }
        Wide(lanes)
    }

    /// Lanes in both masks.
    #[inline(always)]
    pub(super) fn and(self, other: Mask) -> Mask {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane &= other;
        }
        Mask(lanes)
    }

    /// Lanes in either mask.
    #[inline(always)]
    pub(super) fn or(self, other: Mask) -> Mask {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane |= other;
        }
        Mask(lanes)
    }

    /// Lanes in one mask alone.
    #[inline(always)]
    pub(super) fn unlike(self, other: Mask) -> Mask {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane ^= other;
        }
        Mask(lanes)
    }

    /// Lanes in this mask and not in `other`.
    #[inline(always)]
    pub(super) fn without(self, other: Mask) -> Mask {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane &= !other;
        }
        Mask(lanes)
    }

    /// Returns true if any lane is set.
    #[inline(always)]
    pub(super) fn any(&self) -> bool {
        self.0 != Mask::NONE.0
    }

    /// Returns true if the lane is set.
    #[inline(always)]
    pub(super) fn is_set(&self, lane: usize) -> bool {
        self.0[lane] != 0
    }
}

impl Add for Wide {
    type Output = Wide;
    #[inline(always)]
    fn add(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane += *other;
        }
        Wide(lanes)
    }
}

impl AddAssign for Wide {
    #[inline(always)]
    fn add_assign(&mut self, other: Wide) {
        *self = *self + other;
    }
}

impl Sub for Wide {
    type Output = Wide;
    #[inline(always)]
    fn sub(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane -= *other;
        }
        Wide(lanes)
    }
}

impl Mul for Wide {
    type Output = Wide;
    #[inline(always)]
    fn mul(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane *= *other;
        }
        Wide(lanes)
    }
}

impl Div for Wide {
    type Output = Wide;
    #[inline(always)]
    fn div(self, other: Wide) -> Wide {
        let mut lanes = self.0;
        for (lane, other) in lanes.iter_mut().zip(&other.0) {
            *lane /= *other;
        }
        Wide(lanes)
    }
}

impl Mul<f32> for Wide {
    type Output = Wide;
    #[inline(always)]
    fn mul(self, factor: f32) -> Wide {
        let mut lanes = self.0;
        for lane in &mut lanes {
            *lane *= factor;
        }
        Wide(lanes)
    }
}

/// Lanes of eight that were worked on before and are no longer, a bit each.
#[inline(always)]
pub(super) fn left(before: u8, active: u8) -> impl Iterator<Item = usize> {
    let mut left = before & !active;
    core::iter::from_fn(move || {
        let lane = left.trailing_zeros() as usize;
        left &= left.wrapping_sub(1);
        (lane < WIDTH).then_some(lane)
    })
}

/// A tick of eight channels, sample by sample.
pub(super) type WideTick = [Wide; SAMPLES_PER_TICK];

/// A tick of samples in one register: what reads the tick next would wait for eight samples stored one by one.
#[inline(always)]
pub(super) fn at_once(samples: Samples) -> Samples {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{__m128i, _mm_set_epi16};
        let [a, b, c, d, e, f, g, h] = samples;
        // SAFETY: the instructions are part of every x86-64.
        let register = unsafe { _mm_set_epi16(h, g, f, e, d, c, b, a) };
        // SAFETY: both are 16 bytes, of which every combination is a value.
        unsafe { core::mem::transmute::<__m128i, Samples>(register) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    samples
}

/// Lays the ticks of eight channels side by side. Lanes that are not in `lanes`, or have no frame, are silent.
#[inline(always)]
pub(super) fn gather(frames: &[Samples], first: usize, lanes: &Lanes) -> WideTick {
    let active = lanes.eight(first);
    let frames = frames.get(first..).unwrap_or_default();
    let mut few = [SILENCE; WIDTH];
    let eight = match frames.first_chunk::<WIDTH>() {
        Some(eight) if active == u8::MAX => eight,
        Some(_) | None => {
            for (lane, (place, frame)) in few.iter_mut().zip(frames).enumerate() {
                if active >> lane & 1 == 1 {
                    *place = *frame;
                }
            }
            &few
        }
    };
    let mut tick = [Wide::ZERO; SAMPLES_PER_TICK];
    for (wide, samples) in tick.iter_mut().zip(beside(eight)) {
        for (place, sample) in wide.0.iter_mut().zip(samples) {
            *place = f32::from(sample);
        }
    }
    tick
}

/// Eight frames into eight samples of each of them. Left to itself, the compiler picks up sample by sample.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn beside(frames: &[Samples; WIDTH]) -> [[i16; WIDTH]; SAMPLES_PER_TICK] {
    use core::arch::x86_64::{
        __m128i, _mm_unpackhi_epi16 as ones_high, _mm_unpackhi_epi32 as pairs_high, _mm_unpackhi_epi64 as fours_high,
        _mm_unpacklo_epi16 as ones, _mm_unpacklo_epi32 as pairs, _mm_unpacklo_epi64 as fours,
    };
    // SAFETY: both are 128 bytes, of which every combination is a value.
    let [a, b, c, d, e, f, g, h] = unsafe { core::mem::transmute::<[Samples; WIDTH], [__m128i; WIDTH]>(*frames) };
    // SAFETY: these instructions are part of every x86-64.
    let columns = unsafe {
        let (ab, ba) = (ones(a, b), ones_high(a, b));
        let (cd, dc) = (ones(c, d), ones_high(c, d));
        let (ef, fe) = (ones(e, f), ones_high(e, f));
        let (gh, hg) = (ones(g, h), ones_high(g, h));
        let (abcd0, abcd2) = (pairs(ab, cd), pairs_high(ab, cd));
        let (abcd4, abcd6) = (pairs(ba, dc), pairs_high(ba, dc));
        let (efgh0, efgh2) = (pairs(ef, gh), pairs_high(ef, gh));
        let (efgh4, efgh6) = (pairs(fe, hg), pairs_high(fe, hg));
        [
            fours(abcd0, efgh0),
            fours_high(abcd0, efgh0),
            fours(abcd2, efgh2),
            fours_high(abcd2, efgh2),
            fours(abcd4, efgh4),
            fours_high(abcd4, efgh4),
            fours(abcd6, efgh6),
            fours_high(abcd6, efgh6),
        ]
    };
    // SAFETY: as above.
    unsafe { core::mem::transmute::<[__m128i; SAMPLES_PER_TICK], [[i16; WIDTH]; SAMPLES_PER_TICK]>(columns) }
}

/// Eight frames into eight samples of each of them.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn beside(frames: &[Samples; WIDTH]) -> [[i16; WIDTH]; SAMPLES_PER_TICK] {
    core::array::from_fn(|n| core::array::from_fn(|lane| frames[lane][n]))
}

/// Work to be done by the widest instructions at hand. `run` must be `#[inline(always)]`, or it is compiled for the
/// narrowest.
pub(super) trait Work {
    /// Runs the work with the chosen instructions.
    fn run(self);
}

/// Does the work.
#[inline]
pub(super) fn run(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has just been found to have these instructions.
        return unsafe { run_avx2(work) };
    }
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn run_avx2(work: impl Work) {
    work.run();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_stand_side_by_side() {
        let frames: Vec<Samples> = (0..19).map(|lane| core::array::from_fn(|n| (100 * lane + n) as i16)).collect();
        let mut lanes = Lanes::first(19);
        lanes.remove(10);
        for first in [0, 8, 16, 24] {
            let tick = gather(&frames, first, &lanes);
            for (n, wide) in tick.iter().enumerate() {
                for (lane, value) in wide.0.iter().enumerate() {
                    let there = first + lane < 19 && first + lane != 10;
                    let wanted = if there { (100 * (first + lane) + n) as f32 } else { 0.0 };
                    assert_eq!(*value, wanted, "sample {n} of lane {}", first + lane);
                }
            }
        }
    }

    #[test]
    fn powers_of_two_are_those_below() {
        let powers = Wide([0.0, 1.0, -1.5, 15.9, 16.0, -31.9, 4095.0, -32_768.0]).power_of_two_below();
        assert_eq!(powers.0, [0.0, 1.0, 1.0, 8.0, 16.0, 16.0, 2048.0, 32_768.0]);
    }

    #[test]
    fn samples_are_rounded_and_stop_at_the_ends() {
        let values = Wide([0.4, 0.6, -0.6, -1.5, 2.5, 32_767.4, 1e9, -1e9]);
        assert_eq!(values.to_samples(), [0, 1, -1, -2, 2, 32_767, i16::MAX, i16::MIN]);
        for value in i16::MIN..=i16::MAX {
            assert_eq!(Wide::all(f32::from(value)).to_samples(), [value; WIDTH]);
        }
    }

    #[test]
    fn the_widest_instructions_give_what_the_others_give() {
        struct Sums<'a>(&'a mut Wide);
        impl Work for Sums<'_> {
            #[inline(always)]
            fn run(self) {
                let mut sum = Wide([0.1, 0.2, 0.3, 0.5, 0.7, 1.1, 1.3, 1.7]);
                for n in 1..1000 {
                    sum = sum * 1.000_1 + sum * sum * (1.0 / n as f32) - Wide([0.01; WIDTH]);
                }
                *self.0 = sum.settle();
            }
        }
        let (mut wide, mut narrow) = (Wide::ZERO, Wide::ZERO);
        run(Sums(&mut wide));
        Sums(&mut narrow).run();
        assert_eq!(wide.0.map(f32::to_bits), narrow.0.map(f32::to_bits));
    }
}

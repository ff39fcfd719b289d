//! Measures of a pair of tones, on eight lanes side by side: each without what the other leaves in it, its power, its
//! frequency by the phase gained in 8 ms, its drift, and how much of a hop it fills.
//!
//! Never: decides.

use core::f64::consts::TAU;

use super::correlator::{HOP_MS, TONES, tone_hz};
use super::{HIGH_HZ, HOP, LOW_HZ};
use crate::dsp::level;
use crate::dsp::vector::Wide;
use crate::time::SAMPLE_RATE_HZ;

/// Hops over which the phase is compared.
pub(super) const LAG: usize = 2;
/// Hops before the last that are looked at when a pair is first seen: a window of three, and the one before it.
pub(super) const LOOKED_BACK: usize = 2 + LAG;

/// The drift, as a part of the frequency, for each radian by which more is gained in [`LAG`] hops than a hop before.
pub(super) static DRIFTS: [f32; TONES] = {
    let mut drifts = [0.0; TONES];
    let mut tone = 0;
    while tone < TONES {
        let hz = tone_hz(tone) as f64;
        drifts[tone] = (1.0 / (TAU * hz * LAG as f64 * HOP_MS as f64 / 1000.0)) as f32;
        tone += 1;
    }
    drifts
};

/// Two things of a pair: of the low tone, and of the high one.
pub(super) type Pair<T> = [T; 2];

/// In each lane, the one of four things that stands at the place.
#[inline(always)]
pub(super) fn chosen(place: Wide, of: impl Fn(usize) -> Wide) -> Wide {
    let mut all = of(0);
    for index in 1..4 {
        all = place.above(Wide::all(index as f32 - 0.5)).choose(of(index), all);
    }
    all
}

/// Leakage between the tones of a pair.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leak {
    /// Leakage of a tone of amplitude 1 into the result of another in one hop.
    pub(super) part: Wide,
    /// Gain that makes up for the part of each tone that goes with the leakage.
    pub(super) own: Wide,
}

impl Leak {
    #[inline(always)]
    pub(super) fn of([row, column]: Pair<Wide>) -> Leak {
        let part = chosen(row, |row| chosen(column, |column| Wide::all(LEAKS[row][column])));
        Leak { part, own: Wide::all(1.0) / (Wide::all(1.0) - part * part) }
    }
}

/// By row and column.
static LEAKS: [[f32; 4]; 4] = {
    let mut leaks = [[0.0; 4]; 4];
    let mut row = 0;
    while row < 4 {
        let mut column = 0;
        while column < 4 {
            let apart = (HIGH_HZ[column] - LOW_HZ[row]) as f64 / SAMPLE_RATE_HZ as f64;
            leaks[row][column] =
                (level::sine(apart * HOP as f64 / 2.0) / (HOP as f64 * level::sine(apart / 2.0))) as f32;
            column += 1;
        }
        row += 1;
    }
    leaks
};

/// A complex number in each lane.
#[derive(Debug, Clone, Copy)]
pub(super) struct Complex {
    pub(super) re: Wide,
    pub(super) im: Wide,
}

impl Complex {
    pub(super) const ZERO: Complex = Complex { re: Wide::ZERO, im: Wide::ZERO };

    #[inline(always)]
    pub(super) fn of([re, im]: [Wide; 2]) -> Complex {
        Complex { re, im }
    }

    /// In each lane, the one of four that stands at the place.
    #[inline(always)]
    pub(super) fn chosen(place: Wide, of: impl Fn(usize) -> Complex) -> Complex {
        Complex { re: chosen(place, |index| of(index).re), im: chosen(place, |index| of(index).im) }
    }

    #[inline(always)]
    pub(super) fn power(self) -> Wide {
        self.re * self.re + self.im * self.im
    }

    #[inline(always)]
    pub(super) fn times(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }

    #[inline(always)]
    pub(super) fn scaled(self, factor: Wide) -> Complex {
        Complex { re: self.re * factor, im: self.im * factor }
    }

    /// This less so much of `other`.
    #[inline(always)]
    pub(super) fn less(self, other: Complex, part: Wide) -> Complex {
        Complex { re: self.re - part * other.re, im: self.im - part * other.im }
    }

    /// This times the conjugate of `other`.
    #[inline(always)]
    pub(super) fn against(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re + self.im * other.im, im: self.im * other.re - self.re * other.im }
    }
}

/// One tone of a pair, summed over the windows in which the pair was likely.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tone {
    pub(super) power: Wide,
    /// Windows against those [`LAG`] hops earlier: its angle is the frequency.
    pub(super) turned: Complex,
    /// The last of them, and each against the one before: its angle is the drift.
    pub(super) gained: Complex,
    pub(super) curve: Complex,
}

impl Tone {
    pub(super) const NONE: Tone =
        Tone { power: Wide::ZERO, turned: Complex::ZERO, gained: Complex::ZERO, curve: Complex::ZERO };

    /// The cosine of the phase gained in [`LAG`] hops.
    #[inline(always)]
    pub(super) fn cosine(&self) -> Wide {
        let length = self.turned.power().sqrt();
        length.above(Wide::ZERO).choose(self.turned.re / length, Wide::ZERO)
    }

    /// By how many radians more it gains from hop to hop; few.
    #[inline(always)]
    pub(super) fn curvature(&self) -> Wide {
        self.curve.re.above(Wide::ZERO).choose(self.curve.im / self.curve.re, Wide::ZERO)
    }

    /// The power that the tone has, allowing for what a window loses of one that is off its nominal frequency, by its
    /// [`cosine`](Self::cosine).
    #[inline(always)]
    pub(super) fn true_power(&self, cosine: Wide) -> Wide {
        // With weights 1, 2, 1 the phase gained from the middle to either side decides; it is half of that in the lag.
        let half = (Wide::all(0.5) + cosine * 0.5).max(Wide::ZERO).sqrt();
        let loss = Wide::all(0.5) + half * 0.5;
        self.power / (loss * loss)
    }
}

/// A smaller share of a hop counts as none.
pub(super) const SHARE_MIN: f32 = 0.25;

/// A pair in a hop filled by it: one over the amplitude of each tone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Full(pub(super) Pair<Wide>);

impl Full {
    /// The average of this many windows that have these powers together.
    #[inline(always)]
    pub(super) fn of(windows: Wide, powers: Pair<Wide>) -> Full {
        // A window holds four times the amplitude of a hop.
        Full(powers.map(|power| (windows / power).sqrt() * 4.0))
    }

    /// Share of a hop that the pair fills, by its weaker tone.
    #[inline(always)]
    pub(super) fn part(&self, [low, high]: &Pair<Wide>) -> Wide {
        let part = (*low * self.0[0]).min(*high * self.0[1]).min(Wide::all(1.0));
        Wide::all(SHARE_MIN).above(part).choose(Wide::ZERO, part)
    }
}

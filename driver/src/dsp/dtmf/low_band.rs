//! Power below a pair of tones: the fundamental and the low harmonics of a voice or an instrument, which speak
//! against a key, or hum of the mains, an offset and dial tone, which do not.
//!
//! Never: looks at a tone of the keys.

use super::{HOP, RAW_HOPS};
use crate::dsp::level;
use crate::dsp::vector::{Mask, Wide};

/// Share of the power below the tones, hum and offset aside, that must lie in [`DIAL_BINS`] for dial tone.
const DIAL: f32 = 0.85;
/// 312.5 to 500 Hz: at least nine tenths of any dial tone, which are 350 and 440, 400, 413, 425, 438 and 450 Hz, fall
/// there.
const DIAL_BINS: core::ops::RangeInclusive<usize> = 5..=8;
/// Samples in which it is looked for: a sixty-fourth of a second, so a bin is 62.5 Hz.
const SAMPLES: usize = RAW_HOPS * HOP;
/// Bins that are taken: 0 to 562.5 Hz.
const BINS: usize = 10;
/// The last bin that a tone of 683 Hz, 2 % below the lowest of the keys, leaves less than a thousandth in.
const LAST_CLEAR: usize = 8;

/// Part of the energy below a key that hum, an offset and dial tone keep after it at the least: a window of the
/// spectrum holds eight tenths of a turn of hum at 50 Hz.
const GONE: f32 = 0.5;

/// The bins that hum of the mains at 50 and 60 Hz and an offset fall into. They reach into the next, which counts only
/// if it holds more than the last of these.
const HUM_BINS: usize = 2;

/// Samples to either side of the middle one.
const HALF: usize = SAMPLES / 2;

/// The bins of a Fourier transform of [`SAMPLES`] under a window of Hann, by the distance from the middle sample: what
/// the two samples there are multiplied by.
struct Wave {
    cosines: [f32; BINS],
    sines: [f32; BINS],
    /// The square of the window.
    hann: f32,
}

static WAVES: [Wave; HALF] = {
    let mut waves = [const { Wave { cosines: [0.0; BINS], sines: [0.0; BINS], hann: 0.0 } }; HALF];
    let mut n = 0;
    while n < HALF {
        let turns = (HALF + n) as f64 / SAMPLES as f64;
        let hann = 0.5 - 0.5 * level::cosine(turns);
        let mut bin = 0;
        while bin < BINS {
            let turns = turns * bin as f64;
            waves[n].cosines[bin] = (hann * level::cosine(turns)) as f32;
            waves[n].sines[bin] = (hann * level::sine(turns)) as f32;
            bin += 1;
        }
        waves[n].hann = (hann * hann) as f32;
        n += 1;
    }
    waves
};

/// The spectrum below the tones in the last hops of eight lanes.
#[derive(Clone, Copy)]
pub(super) struct LowBand {
    /// Power of each bin.
    powers: [Wide; BINS],
    /// The energy of everything under the same window, and without a window.
    weighed: Wide,
    energy: Wide,
    /// Lanes on which dial tone may be.
    dial: Mask,
}

impl LowBand {
    /// Takes the sound as it came, by hop number, up to this hop.
    #[inline(always)]
    pub(super) fn of(raw: &[Wide; SAMPLES], hop: usize, dial: Mask) -> LowBand {
        // The buffer goes round; the window leaves nothing of the oldest sample.
        let oldest = (hop + 1) % RAW_HOPS * HOP;
        let at = |n: usize| raw[(oldest + n) % SAMPLES];
        let (first, middle) = (at(0), at(HALF));
        let (mut weighed, mut energy) = (middle * middle, first * first + middle * middle);
        let mut cosines = [Wide::ZERO; BINS];
        for (sum, cosine) in cosines.iter_mut().zip(&WAVES[0].cosines) {
            *sum = middle * *cosine;
        }
        // Folded about the middle: the sums see only cosines, the differences only sines. One after the other: the
        // results of each stay in registers.
        for (n, wave) in WAVES.iter().enumerate().skip(1) {
            let (later, earlier) = (at(HALF + n), at(HALF - n));
            let squares = later * later + earlier * earlier;
            weighed += squares * wave.hann;
            energy += squares;
            let both = later + earlier;
            for (sum, cosine) in cosines.iter_mut().zip(&wave.cosines) {
                *sum += both * *cosine;
            }
        }
        let mut sines = [Wide::ZERO; BINS];
        for (n, wave) in WAVES.iter().enumerate().skip(1) {
            let apart = at(HALF + n) - at(HALF - n);
            for (sum, sine) in sines.iter_mut().zip(&wave.sines).skip(1) {
                *sum += apart * *sine;
            }
        }
        let mut powers = [Wide::ZERO; BINS];
        for (power, (re, im)) in powers.iter_mut().zip(cosines.iter().zip(&sines)) {
            *power = *re * *re + *im * *im;
        }
        LowBand { powers, weighed, energy, dial }
    }

    /// The power of the bins up to one, less hum and offset; nothing if what is left is dial tone and may be.
    #[inline(always)]
    fn counted(&self, last: usize) -> Wide {
        let (mut dial, mut counted, mut before) = (Wide::ZERO, Wide::ZERO, Wide::ZERO);
        for (bin, &power) in self.powers.iter().enumerate().take(last + 1) {
            if bin == HUM_BINS {
                counted += before.above(power).choose(Wide::ZERO, power);
            } else if bin > HUM_BINS {
                counted += power;
            }
            if DIAL_BINS.contains(&bin) {
                dial += power;
            }
            before = power;
        }
        self.dial.and(dial.above(counted * DIAL)).choose(Wide::ZERO, counted)
    }

    /// Share of the power below the tones that speaks against a key: all but hum, offset and, where it may be, dial
    /// tone. These go on after a key: where less is left than [`GONE`] of the `energy` below that the key's windows had
    /// each, it has ended with the sound above it, as a voice does, and all of it counts.
    #[inline(always)]
    pub(super) fn share_below(&self, energy: Wide) -> Wide {
        let mut all = Wide::ZERO;
        for power in &self.powers {
            all += *power;
        }
        let share = self.counted(BINS - 1) / all.max(Wide::all(f32::MIN_POSITIVE));
        (energy * GONE).above(self.energy).choose(Wide::all(1.0), share)
    }

    /// Share of all power in the last hops that lies below the tones and speaks against a key.
    #[inline(always)]
    pub(super) fn share(&self) -> Wide {
        // The bins are a half of the spectrum: by Parseval, all of it holds the energy times the samples.
        let all = self.weighed * (SAMPLES / 2) as f32;
        self.counted(LAST_CLEAR) / all.max(Wide::all(f32::MIN_POSITIVE))
    }
}

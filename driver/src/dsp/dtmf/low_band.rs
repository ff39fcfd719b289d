//! Power below a pair of tones, against talk-off: the fundamental and the low harmonics of a voice or an instrument,
//! which speak against a key, or hum of the mains, an offset and dial tone, which do not.
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

/// Half of them.
const HALF: usize = SAMPLES / 2;
/// Bins of even number, or of odd number.
const SOME: usize = BINS / 2;

/// The window of Hann.
static HANN: [f32; SAMPLES] = {
    let mut hann = [0.0; SAMPLES];
    let mut n = 0;
    while n < SAMPLES {
        hann[n] = (0.5 - 0.5 * level::cosine(n as f64 / SAMPLES as f64)) as f32;
        n += 1;
    }
    hann
};

/// Cosine and sine of some bins at one sample.
type Waves = [[f32; 2]; SOME];

/// The bins of even number and those of odd number, at the first quarter of the samples and the one after it.
static WAVES: [[Waves; HALF / 2 + 1]; 2] = {
    let mut waves = [[[[0.0; 2]; SOME]; HALF / 2 + 1]; 2];
    let mut bin = 0;
    while bin < BINS {
        let mut n = 0;
        while n <= HALF / 2 {
            let turns = (bin * n) as f64 / SAMPLES as f64;
            waves[bin % 2][n][bin / 2] = [level::cosine(turns) as f32, level::sine(turns) as f32];
            n += 1;
        }
        bin += 1;
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
    /// Takes the sound as it came, by hop number, up to this hop, and the energy of it.
    #[inline(always)]
    pub(super) fn of(raw: &[Wide; SAMPLES], energy: Wide, hop: usize, dial: Mask) -> LowBand {
        let oldest = (hop + 1) % RAW_HOPS * HOP;
        let at = |n: usize| raw[(oldest + n) % SAMPLES] * HANN[n];
        // Half the samples on, a bin of even number is where it was, and one of odd number is reversed.
        let mut halves = [[Wide::ZERO; HALF]; 2];
        let [even, odd] = &mut halves;
        let mut weighed = Wide::ZERO;
        for (n, (even, odd)) in even.iter_mut().zip(odd).enumerate() {
            let (earlier, later) = (at(n), at(HALF + n));
            weighed += earlier * earlier + later * later;
            (*even, *odd) = (earlier + later, earlier - later);
        }
        let [even, odd] = &halves;
        let (even, odd) = (some_powers::<0>(even), some_powers::<1>(odd));
        let mut powers = [Wide::ZERO; BINS];
        for (pair, both) in powers.as_chunks_mut().0.iter_mut().zip(even.into_iter().zip(odd)) {
            *pair = [both.0, both.1];
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

/// The powers of the bins of even or of odd number.
#[inline(always)]
fn some_powers<const ODD: usize>(samples: &[Wide; HALF]) -> [Wide; SOME] {
    let middle = samples[HALF / 2];
    let mut sums = [[Wide::ZERO; 2]; SOME];
    for ([re, im], [cosine, sine]) in sums.iter_mut().zip(&WAVES[ODD][HALF / 2]) {
        (*re, *im) = (samples[0] + middle * *cosine, middle * *sine);
    }
    for n in 1..HALF / 2 {
        // Folded about the middle: cosines see only the sums and sines the differences, or the other way round.
        let (earlier, later) = (samples[n], samples[HALF - n]);
        let folded = [earlier + later, earlier - later];
        for ([re, im], [cosine, sine]) in sums.iter_mut().zip(&WAVES[ODD][n]) {
            *re += folded[ODD] * *cosine;
            *im += folded[1 - ODD] * *sine;
        }
    }
    let mut powers = [Wide::ZERO; SOME];
    for (power, [re, im]) in powers.iter_mut().zip(sums) {
        *power = re * re + im * im;
    }
    powers
}

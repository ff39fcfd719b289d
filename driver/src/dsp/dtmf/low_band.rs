//! Power below a pair of tones: the fundamental and the low harmonics of a voice or an instrument, which speak
//! against a key, or hum of the mains, an offset and dial tone, which do not.
//!
//! Never: looks at a tone of the keys.

use super::{HOP, RAW_HOPS};
use crate::dsp::level;
use crate::dsp::vector::{WIDTH, Wide};

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

/// Numbers that a sample is multiplied by: the cosine of each bin under the window of Hann, the sines, the window, and
/// one.
const FACTORS: usize = 2 * BINS + 2;
const SINES: usize = BINS;
const WINDOW: usize = 2 * BINS;
const ONE: usize = WINDOW + 1;

/// [`FACTORS`] side by side.
type Factors = [Wide; FACTORS.div_ceil(WIDTH)];

/// The bins of a Fourier transform of [`SAMPLES`] under a window of Hann.
static WAVES: [Factors; SAMPLES] = {
    let mut waves = [[Wide::ZERO; FACTORS.div_ceil(WIDTH)]; SAMPLES];
    let mut n = 0;
    while n < SAMPLES {
        let turns = n as f64 / SAMPLES as f64;
        let hann = 0.5 - 0.5 * level::cosine(turns);
        let mut factors = [0.0; FACTORS];
        let mut bin = 0;
        while bin < BINS {
            let turns = turns * bin as f64;
            factors[bin] = (hann * level::cosine(turns)) as f32;
            factors[SINES + bin] = (hann * level::sine(turns)) as f32;
            bin += 1;
        }
        factors[WINDOW] = hann as f32;
        factors[ONE] = 1.0;
        let mut index = 0;
        while index < FACTORS {
            waves[n][index / WIDTH].0[index % WIDTH] = factors[index];
            index += 1;
        }
        n += 1;
    }
    waves
};

/// The spectrum below the tones in the last hops of one lane. Its bins lie side by side: at any time one lane of eight
/// asks.
pub(super) struct LowBand {
    /// Power of each bin.
    powers: [f32; BINS],
    /// The energy of everything under the same window, and without a window.
    weighed: f32,
    energy: f32,
    /// Dial tone may be there.
    dial: bool,
}

impl LowBand {
    /// Takes the sound of a lane as it came, by hop number, up to this hop.
    #[inline(always)]
    pub(super) fn of(raw: &[Wide; RAW_HOPS * HOP], hop: usize, lane: usize, dial: bool) -> LowBand {
        let (newer, older) = raw.split_at((hop + 1) % RAW_HOPS * HOP);
        let (early, late) = WAVES.split_at(older.len());
        let (mut sums, mut squares) = ([Wide::ZERO; FACTORS.div_ceil(WIDTH)], Wide::ZERO);
        for (samples, waves) in [(older, early), (newer, late)] {
            for (sample, factors) in samples.iter().zip(waves) {
                let parts = factors.map(|factors| factors * sample.0[lane]);
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += part;
                }
                let [.., last] = parts;
                squares += last * last;
            }
        }
        let sum = |index: usize| sums[index / WIDTH].0[index % WIDTH];
        let powers = core::array::from_fn(|bin| {
            let (re, im) = (sum(bin), sum(SINES + bin));
            re * re + im * im
        });
        LowBand { powers, weighed: squares.0[WINDOW % WIDTH], energy: squares.0[ONE % WIDTH], dial }
    }

    /// The power of the bins up to one, less hum and offset; nothing if what is left is dial tone and may be.
    fn counted(&self, last: usize) -> f32 {
        let (mut dial, mut counted, mut before) = (0.0, 0.0, 0.0);
        for (bin, &power) in self.powers.iter().enumerate().take(last + 1) {
            let is_hum = bin < HUM_BINS || bin == HUM_BINS && power < before;
            counted += if is_hum { 0.0 } else { power };
            dial += if DIAL_BINS.contains(&bin) { power } else { 0.0 };
            before = power;
        }
        if self.dial && dial > DIAL * counted { 0.0 } else { counted }
    }

    /// Share of the power below the tones that speaks against a key: all but hum, offset and, where it may be, dial
    /// tone. These go on after a key: where less is left than [`GONE`] of the `energy` below that the key's windows had
    /// each, it has ended with the sound above it, as a voice does, and all of it counts.
    pub(super) fn share_below(&self, energy: f32) -> f32 {
        if self.energy < GONE * energy {
            return 1.0;
        }
        let all: f32 = self.powers.iter().sum();
        self.counted(BINS - 1) / all.max(f32::MIN_POSITIVE)
    }

    /// Share of all power in the last hops that lies below the tones and speaks against a key.
    pub(super) fn share(&self) -> f32 {
        // The bins are a half of the spectrum: by Parseval, all of it holds the energy times the samples.
        let all = self.weighed * (SAMPLES / 2) as f32;
        self.counted(LAST_CLEAR) / all.max(f32::MIN_POSITIVE)
    }
}

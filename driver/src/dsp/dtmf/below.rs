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

/// The bins of a Fourier transform of [`SAMPLES`] under a window of Hann.
static WAVES: [[[f32; 2]; SAMPLES]; BINS] = {
    let mut waves = [[[0.0; 2]; SAMPLES]; BINS];
    let mut bin = 0;
    while bin < BINS {
        let mut n = 0;
        while n < SAMPLES {
            let turns = n as f64 / SAMPLES as f64;
            let hann = 0.5 - 0.5 * level::cosine(turns);
            let turns = turns * bin as f64;
            waves[bin][n] = [(hann * level::cosine(turns)) as f32, (hann * level::sine(turns)) as f32];
            n += 1;
        }
        bin += 1;
    }
    waves
};

/// The spectrum below the tones in the last hops of eight lanes.
pub(super) struct Below {
    /// Power of each bin.
    powers: [Wide; BINS],
    /// The energy of everything under the same window, and without a window.
    weighed: Wide,
    energy: Wide,
    /// Where dial tone may be.
    dial: Mask,
}

impl Below {
    /// Takes the sound as it came, by hop number, up to this hop.
    #[inline(always)]
    pub(super) fn of(raw: &[Wide; RAW_HOPS * HOP], hop: usize, dial: Mask) -> Below {
        let mut below = Below { powers: [Wide::ZERO; BINS], weighed: Wide::ZERO, energy: Wide::ZERO, dial };
        let (newer, older) = raw.split_at((hop + 1) % RAW_HOPS * HOP);
        for (bin, waves) in WAVES.iter().enumerate() {
            let (mut re, mut im) = (Wide::ZERO, Wide::ZERO);
            for (sample, [cosine, sine]) in older.iter().chain(newer).zip(waves) {
                re += *sample * *cosine;
                im += *sample * *sine;
            }
            below.powers[bin] = re * re + im * im;
        }
        for (sample, [hann, _]) in older.iter().chain(newer).zip(&WAVES[0]) {
            below.energy += *sample * *sample;
            let weighed = *sample * *hann;
            below.weighed += weighed * weighed;
        }
        below
    }

    /// The power of the bins up to one, less hum and offset; nothing where what is left is dial tone and may be.
    fn counted(&self, lane: usize, last: usize) -> f32 {
        let (mut dial, mut counted, mut before) = (0.0, 0.0, 0.0);
        for (bin, power) in self.powers.iter().map(|power| power.0[lane]).enumerate().take(last + 1) {
            let is_hum = bin < HUM_BINS || bin == HUM_BINS && power < before;
            counted += if is_hum { 0.0 } else { power };
            dial += if DIAL_BINS.contains(&bin) { power } else { 0.0 };
            before = power;
        }
        if self.dial.is_set(lane) && dial > DIAL * counted { 0.0 } else { counted }
    }

    /// Share of the power below the tones that speaks against a key: all but hum, offset and, where it may be, dial
    /// tone. These go on after a key: where less is left than [`GONE`] of the `energy` below that the key's windows had
    /// each, it has ended with the sound above it, as a voice does, and all of it counts.
    pub(super) fn share_below(&self, lane: usize, energy: f32) -> f32 {
        if self.energy.0[lane] < GONE * energy {
            return 1.0;
        }
        let all: f32 = self.powers.iter().map(|power| power.0[lane]).sum();
        self.counted(lane, BINS - 1) / all.max(f32::MIN_POSITIVE)
    }

    /// Share of all power in the last hops that lies below the tones and speaks against a key.
    pub(super) fn share(&self, lane: usize) -> f32 {
        // The bins are a half of the spectrum: by Parseval, all of it holds the energy times the samples.
        let all = self.weighed.0[lane] * (SAMPLES / 2) as f32;
        self.counted(lane, LAST_CLEAR) / all.max(f32::MIN_POSITIVE)
    }
}

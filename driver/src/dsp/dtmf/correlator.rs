//! Goertzel correlators of a DTMF receiver: the eight tones in a hop of 4 ms.
//!
//! A hop is folded about its middle, so that a tone costs one multiplication a sample, and its results are brought to a
//! common phase reference.
//!
//! Never: lets a lane look at another.

use super::filter::{GAIN, amplitude};
use super::{HIGH_HZ, HOP, LOW_HZ};
use crate::dsp::level;
use crate::dsp::vector::Wide;
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

pub(super) const TICKS_PER_HOP: usize = HOP / SAMPLES_PER_TICK;
/// The length of a hop, in milliseconds.
pub(super) const HOP_MS: f32 = TICKS_PER_HOP as f32;
/// The two groups together: low 0 to 3, high 4 to 7.
pub(super) const TONES: usize = 8;
/// Hops that are kept: a key is looked for backwards from where it was first seen.
pub(super) const KEPT: usize = 8;
/// After this many hops every frequency is back at its phase: they are whole numbers of hertz.
pub(super) const PHASES: usize = SAMPLE_RATE_HZ as usize / HOP;

/// The frequency of a tone, in hertz.
pub(super) const fn tone_hz(tone: usize) -> u32 {
    if tone < 4 { LOW_HZ[tone] } else { HIGH_HZ[tone - 4] }
}

/// Real and imaginary part of each tone in a hop.
pub(super) type Phasors = [[Wide; 2]; TONES];

/// Cosine and sine of the four tones of a group, repeated for every lane of the vector.
type Four = [[Wide; 2]; 4];

/// The tones of either group at half a sample, one and a half, … from the middle of a hop, levelled for the filter.
static WAVES: [[Four; HOP / 2]; 2] = {
    let mut waves = [[[[Wide::ZERO; 2]; 4]; HOP / 2]; 2];
    let mut tone = 0;
    while tone < TONES {
        let scale = 1.0 / amplitude(tone_hz(tone));
        let mut n = 0;
        while n < HOP / 2 {
            let turns = tone_hz(tone) as f64 / SAMPLE_RATE_HZ as f64 * (n as f64 + 0.5);
            let (cosine, sine) = ((scale * level::cosine(turns)) as f32, (scale * level::sine(turns)) as f32);
            waves[tone / 4][n][tone % 4] = [Wide::all(cosine), Wide::all(sine)];
            n += 1;
        }
        tone += 1;
    }
    waves
};

/// The power that a tone of a hop has at the most, beside the energy there: by the inequality of Cauchy and Schwarz the
/// samples times the energy, levelled as [`WAVES`] are. A window has four times as much beside its own. (As the sound
/// has real samples only, it is half of that: what is left covers what two tones leave in each other, and rounding.)
pub(super) const POWER_MAX: f32 = {
    let mut most = 0.0;
    let mut tone = 0;
    while tone < TONES {
        let scale = 1.0 / (amplitude(tone_hz(tone)) * GAIN as f64);
        if scale * scale > most {
            most = scale * scale;
        }
        tone += 1;
    }
    (most * HOP as f64) as f32
};

/// The phase that each tone has gained since hop 0: cosine and sine. Results are turned back by it.
pub(super) static TURNS: [[[f32; 2]; TONES]; PHASES] = {
    let mut turns = [[[0.0; 2]; TONES]; PHASES];
    let mut hop = 0;
    while hop < PHASES {
        let mut tone = 0;
        while tone < TONES {
            let angle = (tone_hz(tone) as usize * hop % PHASES) as f64 / PHASES as f64;
            turns[hop][tone] = [level::cosine(angle) as f32, level::sine(angle) as f32];
            tone += 1;
        }
        hop += 1;
    }
    turns
};

/// The energy of a hop.
#[inline(always)]
pub(super) fn energy(stored: &[Wide; HOP]) -> Wide {
    let (earlier, later) = stored.split_at(HOP / 2);
    let mut energy = Wide::ZERO;
    for (earlier, later) in earlier.iter().rev().zip(later) {
        energy += *later * *later + *earlier * *earlier;
    }
    energy * (GAIN * GAIN)
}

/// The tones of a hop.
#[inline(always)]
pub(super) fn correlate(stored: &[Wide; HOP], hop: usize, phasors: &mut Phasors) {
    let (earlier, later) = stored.split_at(HOP / 2);
    let turns = &TURNS[hop % PHASES];
    for (half, waves) in WAVES.iter().enumerate() {
        // Four tones at a time: their sums stay in registers.
        let mut four: Four = [[Wide::ZERO; 2]; 4];
        for (waves, (earlier, later)) in waves.iter().zip(earlier.iter().rev().zip(later)) {
            // Folded about the middle: the sums see only cosines, the differences only sines.
            let (sum, difference) = (*later + *earlier, *later - *earlier);
            for ([re, im], [cosine, sine]) in four.iter_mut().zip(waves) {
                *re += sum * *cosine;
                *im += difference * *sine;
            }
        }
        for (tone, [re, im]) in four.into_iter().enumerate() {
            // What was summed is the conjugate of the rotating phasor's reference: (re - i im) turned back by hop ×
            // frequency.
            let [cosine, sine] = turns[4 * half + tone];
            phasors[4 * half + tone] = [re * cosine - im * sine, Wide::ZERO - (im * cosine + re * sine)];
        }
    }
}

//! Noise reduction (G.160): spectral subtraction with a floor against musical noise.
//!
//! The noise is learned frequency by frequency from where nothing else is: a frequency holds noise alone as long as it
//! is not well above the least it has been in the last one or two seconds (minima controlled recursive averaging). What
//! stands above the noise passes, what does not is taken down to a floor and no further, so that no musical noise
//! rises. The part above it is estimated from this frame and, for the most part, from the one before
//! (decision-directed), which keeps the gains from fluttering.
//!
//! Tones and data pass as they are, and nothing is learned from them. Sound comes out a hop (16 ms) later than it goes
//! in.
//!
//! Never: allocates, raises anything, or learns noise from speech that pauses now and then.
//!
//! Sources: Ephraim and Malah 1984 (decision-directed estimate); Cohen and Berdugo 2002 (noise from minima); Martin
//! 2001 (bias of a minimum); ITU-T G.160 appendix II (what is asked of it).

use super::level;
use super::spectrum::{BINS, Bins, HOP, Hop, NOISE_GAIN, Spectrum};
use super::vector::{self, Work};

/// Floor of the gains: steady noise alone comes out 11 to 12 dB lower, babble 9 dB (G.160 TNLR, measured).
const FLOOR: f32 = level::ratio(-12.0) as f32;
/// Smoothing of the power for the minimum search.
const SMOOTH: f32 = 0.7;
/// Frames in which the least is looked for: a second. It counts for the next second, too.
const WINDOW: u32 = 128;
/// Frames before anything is known of the noise: a quarter of a second.
const FIRST: u32 = 16;
/// The mean of a noise over its least within one to two windows, so smoothed. Measured.
const BIAS: f32 = 2.2;
/// So far above the mean there is more than noise: 3.6 dB.
const ABOVE: f32 = 2.3;
/// Smoothing of the noise estimate and of the speech presence, per frame.
const NOISE_KEPT: f32 = 0.9;
const PRESENCE_KEPT: f32 = 0.2;
/// The weight of the frame before in how much stands above the noise.
const BEFORE: f32 = 0.9;
/// The noise of rounding to whole samples: there is never less.
const ROUNDING: f32 = NOISE_GAIN / 12.0;
/// Frequencies of a voice on the telephone: 190 to 3600 Hz.
const VOICE: core::ops::Range<usize> = 6..116;

/// Noise estimate of one signal.
#[derive(Debug, Clone)]
pub(crate) struct NoiseFloor {
    /// The power at each frequency, smoothed over its neighbours and over time.
    smooth: Bins,
    /// The least of it: in this window, and in the last.
    least: [Bins; 2],
    frames: u32,
    /// Speech presence probability, 0 to 1.
    presence: Bins,
    noise: Bins,
}

impl Default for NoiseFloor {
    fn default() -> NoiseFloor {
        NoiseFloor {
            smooth: [0.0; BINS],
            least: [[f32::MAX; BINS]; 2],
            frames: 0,
            presence: [0.0; BINS],
            noise: [ROUNDING; BINS],
        }
    }
}

impl NoiseFloor {
    /// Learns from the power at each frequency of the next frame.
    #[inline(always)]
    pub(crate) fn step(&mut self, power: &Bins) {
        let kept = if self.frames == 0 { 0.0 } else { SMOOTH };
        // The first and the last have one neighbour twice.
        let mut row = [power[1]; BINS + 2];
        row[1..=BINS].copy_from_slice(power);
        row[BINS + 1] = power[BINS - 2];
        for k in 0..BINS {
            let here = 0.5 * row[k + 1] + 0.25 * (row[k] + row[k + 2]);
            self.smooth[k] = kept * self.smooth[k] + (1.0 - kept) * here;
            self.least[0][k] = self.least[0][k].min(self.smooth[k]);
        }
        self.frames += 1;
        if self.frames <= FIRST {
            if self.frames == FIRST {
                for (noise, least) in self.noise.iter_mut().zip(&self.least[0]) {
                    *noise = (BIAS * least).max(ROUNDING);
                }
            }
            return;
        }
        for (k, power) in power.iter().enumerate() {
            let least = self.least[0][k].min(self.least[1][k]).max(ROUNDING / BIAS);
            let more = if self.smooth[k] > ABOVE * BIAS * least { 1.0 - PRESENCE_KEPT } else { 0.0 };
            self.presence[k] = PRESENCE_KEPT * self.presence[k] + more;
            let kept = NOISE_KEPT + (1.0 - NOISE_KEPT) * self.presence[k];
            self.noise[k] = (kept * self.noise[k] + (1.0 - kept) * power).max(ROUNDING);
        }
        if self.frames.is_multiple_of(WINDOW) {
            self.least[1] = self.least[0];
            self.least[0] = [f32::MAX; BINS];
        }
    }

    /// Returns true once there is an estimate.
    pub(crate) fn is_known(&self) -> bool {
        self.frames >= FIRST
    }

    /// The power of a frame in the band of a voice, over that of the noise. 1 is noise alone.
    #[inline(always)]
    pub(crate) fn voice_over_noise(&self, power: &Bins) -> f32 {
        let sum = |bins: &Bins| bins[VOICE].as_chunks::<10>().0.iter().map(|few| few.iter().sum::<f32>()).sum::<f32>();
        sum(power) / sum(&self.noise)
    }
}

/// Noise reduction of one signal.
#[derive(Debug, Clone)]
pub(crate) struct NoiseReduction {
    /// Part of the previous frame's power above the noise.
    before: Bins,
    /// The second half of the frame before, weighted.
    left: Hop,
}

impl Default for NoiseReduction {
    fn default() -> NoiseReduction {
        NoiseReduction { before: [0.0; BINS], left: [0.0; HOP] }
    }
}

impl NoiseReduction {
    /// Takes the next frame, its power and the noise; returns the hop that is complete: the first half of the frame. A
    /// frame that is to `pass` comes out as it is.
    #[inline(always)]
    pub(crate) fn step(&mut self, spectrum: &mut Spectrum, power: &Bins, floor: &NoiseFloor, pass: bool) -> Hop {
        if pass {
            self.before = *power;
        } else {
            let mut gains = [0.0; BINS];
            for k in 0..BINS {
                let through = 1.0 / floor.noise[k];
                let now = (power[k] * through - 1.0).max(0.0);
                let over = BEFORE * self.before[k] * through + (1.0 - BEFORE) * now;
                let wiener = over / (1.0 + over);
                // To the power of 3/4: between Wiener's gain and that of power subtraction, which takes less of soft
                // speech.
                gains[k] = (wiener.sqrt() * wiener.sqrt().sqrt()).max(FLOOR);
                self.before[k] = gains[k] * gains[k] * power[k];
            }
            spectrum.scale(&gains);
        }
        let [mut hop, left] = spectrum.sound();
        for (sample, left) in hop.iter_mut().zip(&self.left) {
            *sample += left;
        }
        self.left = left;
        hop
    }
}

/// A frame of one signal, with what is known of its noise: by the widest instructions at hand.
pub(crate) struct Reduce<'a> {
    /// The hop before, and the newest.
    pub hops: [&'a Hop; 2],
    /// Power to estimate and decide by; a frame that passes is not learned from.
    pub floor: &'a mut NoiseFloor,
    /// The reduction; none leaves the sound alone.
    pub reduction: Option<&'a mut NoiseReduction>,
    /// Returns true for a frame that passes as it is.
    pub passes: &'a mut dyn FnMut(&Bins) -> bool,
    /// The complete hop.
    pub out: &'a mut Hop,
    /// Signal-to-noise ratio of the voice band, as a ratio of powers.
    pub over: &'a mut f32,
}

impl Work for Reduce<'_> {
    #[inline(always)]
    fn run(self) {
        let mut spectrum = Spectrum::of(self.hops[0], self.hops[1]);
        let power = spectrum.power();
        let pass = (self.passes)(&power);
        if !pass {
            self.floor.step(&power);
        }
        *self.over = self.floor.voice_over_noise(&power);
        *self.out = match self.reduction {
            Some(reduction) => reduction.step(&mut spectrum, &power, self.floor, pass || !self.floor.is_known()),
            None => *self.hops[0],
        };
    }
}

impl Reduce<'_> {
    /// Runs the work with the chosen instructions.
    pub(crate) fn go(self) {
        vector::run(self);
    }
}

//! Short-time Fourier transform (256 points, half overlap) and its inverse by overlap-add, for noise reduction and tone
//! detection.
//!
//! A frame is 256 samples (32 ms), weighted by half a sine, and begins 128 samples after the one before. The inverse is
//! weighted the same way and added up, which gives back the input if no bin was changed: the two weights together are
//! sine² + cosine².
//!
//! The transform is our own, of this one length: it needs no memory and no plan, its loops become vector instructions,
//! and it rounds the same on every machine, which those of libraries do not (they fuse where the processor can). It is
//! Stockham's, radix 4, of the 128 pairs of neighbouring samples taken as complex numbers.
//!
//! Never: allocates, or knows what the sound is.

use super::level;

/// Samples of a frame: 32 ms.
pub(crate) const FRAME: usize = 256;
/// Samples from one frame to the next: 16 ms.
pub(crate) const HOP: usize = FRAME / 2;
/// Frequencies of a spectrum: 0 to 4000 Hz.
pub(crate) const BINS: usize = FRAME / 2 + 1;
/// Hertz from one frequency to the next.
pub(crate) const BIN_HZ: f32 = 8000.0 / FRAME as f32;
/// Gain of a frame on the mean square of noise in one bin: the sum of the squared weights.
pub(crate) const NOISE_GAIN: f32 = HOP as f32;

/// A number for each frequency.
pub(crate) type Bins = [f32; BINS];
/// The samples of a hop.
pub(crate) type Hop = [f32; HOP];

const HALF: usize = FRAME / 2;

/// The weights of a frame.
static WINDOW: [f32; FRAME] = {
    let mut window = [0.0; FRAME];
    let mut n = 0;
    while n < FRAME {
        window[n] = level::sine((n as f64 + 0.5) / (2 * FRAME) as f64) as f32;
        n += 1;
    }
    window
};

/// Cosine and sine of all whole parts of a turn.
static TURNS: ([f32; FRAME], [f32; FRAME]) = {
    let mut turns = ([0.0; FRAME], [0.0; FRAME]);
    let mut n = 0;
    while n < FRAME {
        turns.0[n] = level::cosine(n as f64 / FRAME as f64) as f32;
        turns.1[n] = level::sine(n as f64 / FRAME as f64) as f32;
        n += 1;
    }
    turns
};

/// A complex number for each frequency.
#[derive(Debug, Clone)]
pub(crate) struct Spectrum {
    /// The real parts.
    pub re: Bins,
    /// The imaginary parts.
    pub im: Bins,
}

/// Complex numbers, real parts and imaginary parts.
type Complex = ([f32; HALF], [f32; HALF]);

impl Spectrum {
    /// Of the frame that two hops are.
    #[inline(always)]
    pub(crate) fn of(earlier: &Hop, later: &Hop) -> Spectrum {
        let mut pairs: Complex = ([0.0; HALF], [0.0; HALF]);
        for (hop, samples) in [earlier, later].into_iter().enumerate() {
            for n in 0..HOP / 2 {
                let at = hop * HOP + 2 * n;
                pairs.0[at / 2] = samples[2 * n] * WINDOW[at];
                pairs.1[at / 2] = samples[2 * n + 1] * WINDOW[at + 1];
            }
        }
        let (re, im) = transform(pairs);
        let mut spectrum = Spectrum { re: [0.0; BINS], im: [0.0; BINS] };
        for k in 0..BINS {
            // The even samples' spectrum, and the odd ones' turned by half a sample's phase.
            let (near, far) = (k % HALF, (HALF - k) % HALF);
            let even = (0.5 * (re[near] + re[far]), 0.5 * (im[near] - im[far]));
            let odd = (0.5 * (im[near] + im[far]), 0.5 * (re[far] - re[near]));
            let (cosine, sine) = (TURNS.0[k], -TURNS.1[k]);
            spectrum.re[k] = even.0 + odd.0 * cosine - odd.1 * sine;
            spectrum.im[k] = even.1 + odd.0 * sine + odd.1 * cosine;
        }
        spectrum
    }

    /// The squared amplitude at each frequency.
    #[inline(always)]
    pub(crate) fn power(&self) -> Bins {
        let mut power = [0.0; BINS];
        for (power, (re, im)) in power.iter_mut().zip(self.re.iter().zip(&self.im)) {
            *power = re * re + im * im;
        }
        power
    }

    /// Multiplies each frequency.
    #[inline(always)]
    pub(crate) fn scale(&mut self, gains: &Bins) {
        for ((re, im), gain) in self.re.iter_mut().zip(&mut self.im).zip(gains) {
            *re *= gain;
            *im *= gain;
        }
    }

    /// The two weighted hops of its frame: the first is to be added to what the frame before has left over.
    #[inline(always)]
    pub(crate) fn sound(&self) -> [Hop; 2] {
        // Real and imaginary parts change places, which makes the transform its own inverse.
        let mut pairs: Complex = ([0.0; HALF], [0.0; HALF]);
        for k in 0..HALF {
            let far = HALF - k;
            let even = (self.re[k] + self.re[far], self.im[k] - self.im[far]);
            let difference = (self.re[k] - self.re[far], self.im[k] + self.im[far]);
            let (cosine, sine) = (TURNS.0[k], TURNS.1[k]);
            let odd = (difference.0 * cosine - difference.1 * sine, difference.0 * sine + difference.1 * cosine);
            pairs.0[k] = even.1 + odd.0;
            pairs.1[k] = even.0 - odd.1;
        }
        let (odd, even) = transform(pairs);
        let mut hops = [[0.0; HOP]; 2];
        let scale = 1.0 / FRAME as f32;
        for (hop, samples) in hops.iter_mut().enumerate() {
            for n in 0..HOP / 2 {
                let at = hop * HOP + 2 * n;
                samples[2 * n] = even[at / 2] * WINDOW[at] * scale;
                samples[2 * n + 1] = odd[at / 2] * WINDOW[at + 1] * scale;
            }
        }
        hops
    }
}

/// The discrete Fourier transform of 128 complex numbers.
#[inline(always)]
fn transform(numbers: Complex) -> Complex {
    let numbers = fourth::<32, 1>(&numbers);
    let numbers = fourth::<8, 4>(&numbers);
    let (re, im) = fourth::<2, 16>(&numbers);
    let mut out: Complex = ([0.0; HALF], [0.0; HALF]);
    for q in 0..HALF / 2 {
        let other = q + HALF / 2;
        (out.0[q], out.1[q]) = (re[q] + re[other], im[q] + im[other]);
        (out.0[other], out.1[other]) = (re[q] - re[other], im[q] - im[other]);
    }
    out
}

/// One stage: transforms of 4 M numbers, S of them side by side, become four times as many of M.
#[inline(always)]
fn fourth<const M: usize, const S: usize>((re, im): &Complex) -> Complex {
    let mut out: Complex = ([0.0; HALF], [0.0; HALF]);
    for p in 0..M {
        let turn = |times: usize| {
            let part = times * p * FRAME / (4 * M) % FRAME;
            (TURNS.0[part], -TURNS.1[part])
        };
        let (one, two, three) = (turn(1), turn(2), turn(3));
        let from = |part: usize| S * (p + part * M);
        for q in 0..S {
            let number = |part: usize| (re[from(part) + q], im[from(part) + q]);
            let (a, b, c, d) = (number(0), number(1), number(2), number(3));
            let (ac, a_c) = ((a.0 + c.0, a.1 + c.1), (a.0 - c.0, a.1 - c.1));
            let (bd, b_d) = ((b.0 + d.0, b.1 + d.1), (b.0 - d.0, b.1 - d.1));
            let mut put = |part: usize, value: (f32, f32), turn: (f32, f32)| {
                out.0[S * (4 * p + part) + q] = value.0 * turn.0 - value.1 * turn.1;
                out.1[S * (4 * p + part) + q] = value.0 * turn.1 + value.1 * turn.0;
            };
            put(0, (ac.0 + bd.0, ac.1 + bd.1), (1.0, 0.0));
            put(1, (a_c.0 + b_d.1, a_c.1 - b_d.0), one);
            put(2, (ac.0 - bd.0, ac.1 - bd.1), two);
            put(3, (a_c.0 - b_d.1, a_c.1 + b_d.0), three);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32) -> Hop {
        let mut state = seed;
        core::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 17) as f32 - 16_384.0
        })
    }

    #[test]
    fn a_spectrum_is_the_sum_that_defines_it() {
        let (earlier, later) = (noise(1), noise(2));
        let spectrum = Spectrum::of(&earlier, &later);
        for k in 0..BINS {
            let (mut re, mut im) = (0.0, 0.0);
            for (n, sample) in earlier.iter().chain(&later).enumerate() {
                let weighted = f64::from(sample * WINDOW[n]);
                let angle = core::f64::consts::TAU * (n * k % FRAME) as f64 / FRAME as f64;
                re += weighted * angle.cos();
                im -= weighted * angle.sin();
            }
            // The largest are near a million.
            let off = (f64::from(spectrum.re[k]) - re).abs().max((f64::from(spectrum.im[k]) - im).abs());
            assert!(off < 0.5, "frequency {k} is {off} off");
        }
    }

    #[test]
    fn what_is_not_changed_comes_back() {
        let hops: Vec<Hop> = (1..20).map(noise).collect();
        let mut left = [0.0; HOP];
        for (index, pair) in hops.windows(2).enumerate() {
            let [first, second] = Spectrum::of(&pair[0], &pair[1]).sound();
            for n in 0..HOP {
                let off = (first[n] + left[n] - pair[0][n]).abs();
                assert!(index == 0 || off < 0.05, "sample {n} of hop {index} is {off} off");
            }
            left = second;
        }
    }
}

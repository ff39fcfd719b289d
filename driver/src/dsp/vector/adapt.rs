//! A step of a filter's taps in whole numbers: to every tap is added what eight coefficients make of the eight samples
//! beside it.
//!
//! Coefficients are rounded to 16 bits with a scale of their own, 80 dB below the step that they make. Sums of products
//! are whole numbers below 2³¹, and each tap is rounded as often as by any other set of instructions: all give the same
//! taps to the last bit. Samples are kept in [pairs](Pair), as the instructions take them that multiply two and add.
//!
//! A chunk of 16 taps is four such instructions with AVX-512, and eight with AVX2.
//!
//! Never: allocates, or lets a tap leave its range.

use super::{WIDTH, Wide};

/// A sample and the one after it.
pub(crate) type Pair = [i16; 2];

/// The largest tap, in units of 2⁻¹⁵.
pub(crate) const TAP_MAX: f32 = 32_767.0;

/// Taps are stepped in chunks of this many.
pub(crate) const CHUNK: usize = 16;

/// The sum of the coefficients' magnitudes after rounding: each is one of 16 bits, and a sum of products is below 2³¹.
const SUM: f32 = 32_767.0;
/// A smaller sum of their magnitudes changes no tap.
const SUM_MIN: f32 = 1e-12;

/// Pairs from the first sample of a tap to the last.
const SPAN: usize = WIDTH - 1;

/// Coefficients as whole numbers, and the value of 1.
#[derive(Debug, Clone, Copy)]
struct Rounded {
    pairs: [Pair; WIDTH / 2],
    unit: f32,
}

/// Adds to tap `n` the sum over `k` of `coefficients[k] * samples[n + k]`, holds it within ±[`TAP_MAX`], and rounds it
/// to 16 bits beside that. `pairs` are those of the samples, six more than there are taps.
///
/// # Panics
///
/// If the two kinds of taps differ in number, that is no multiple of [`CHUNK`], or there are too few pairs.
#[inline]
pub(crate) fn adapt(taps: &mut [f32], rounded: &mut [i16], pairs: &[Pair], coefficients: Wide) {
    assert!(taps.len() == rounded.len() && taps.len().is_multiple_of(CHUNK), "chunks of taps, exact and rounded");
    assert!(pairs.len() + 1 >= taps.len() + SPAN, "samples beside every tap");
    let Some(coefficients) = Rounded::new(coefficients) else { return };
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("avx512vnni") && has!("avx512f") {
            // SAFETY: the processor has just been found to have these instructions, and the lengths are as they must
            // be.
            return unsafe { vnni::adapt(taps, rounded, pairs, &coefficients) };
        }
        if has!("avx2") {
            // SAFETY: as above.
            return unsafe { avx2::adapt(taps, rounded, pairs, &coefficients) };
        }
    }
    scalar(taps, rounded, pairs, &coefficients);
}

impl Rounded {
    /// None if they would change no tap.
    #[inline(always)]
    fn new(coefficients: Wide) -> Option<Rounded> {
        let [a, b, c, d, e, f, g, h] = coefficients.abs().0;
        let sum = ((a + e) + (c + g)) + ((b + f) + (d + h));
        let whole = (sum > SUM_MIN && sum.is_finite()).then(|| (coefficients * (SUM / sum)).whole_samples())?;
        let [a, b, c, d, e, f, g, h] = whole;
        Some(Rounded { pairs: [[a, b], [c, d], [e, f], [g, h]], unit: sum / SUM })
    }
}

/// In plain arithmetic.
fn scalar(taps: &mut [f32], rounded: &mut [i16], pairs: &[Pair], coefficients: &Rounded) {
    let windows = pairs.array_windows::<SPAN>();
    for ((tap, rounded), window) in taps.iter_mut().zip(rounded).zip(windows) {
        let mut sum = 0;
        for (pair, coefficients) in window.iter().step_by(2).zip(&coefficients.pairs) {
            sum += i32::from(pair[0]) * i32::from(coefficients[0]) + i32::from(pair[1]) * i32::from(coefficients[1]);
        }
        let next = *tap + sum as f32 * coefficients.unit;
        let held = if next > -TAP_MAX { next } else { -TAP_MAX };
        *tap = if held < TAP_MAX { held } else { TAP_MAX };
        *rounded = tap.round_ties_even() as i16;
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use core::arch::x86_64::{
        __m256, __m256i, _mm_packs_epi32, _mm_storeu_si128, _mm256_add_epi32, _mm256_add_ps, _mm256_castsi256_si128,
        _mm256_cvtepi32_ps, _mm256_cvtps_epi32, _mm256_extracti128_si256, _mm256_loadu_ps, _mm256_loadu_si256,
        _mm256_madd_epi16, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps,
        _mm256_storeu_ps,
    };

    use super::{Pair, Rounded, TAP_MAX, WIDTH, word};

    /// # Safety
    ///
    /// There are as many rounded taps as taps, a multiple of eight, and six pairs more.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn adapt(taps: &mut [f32], rounded: &mut [i16], pairs: &[Pair], coefficients: &Rounded) {
        let words = coefficients.pairs.map(|pair| _mm256_set1_epi32(word(pair)));
        let unit = _mm256_set1_ps(coefficients.unit);
        for at in (0..taps.len()).step_by(WIDTH) {
            // SAFETY: eight taps from `at` on are within the taps, and 14 pairs within the pairs.
            unsafe {
                let mut products = [_mm256_set1_epi32(0); WIDTH / 2];
                for (n, (product, word)) in products.iter_mut().zip(words).enumerate() {
                    *product = _mm256_madd_epi16(load(pairs.as_ptr().add(at + 2 * n)), word);
                }
                let [a, b, c, d] = products;
                let sum = _mm256_add_epi32(_mm256_add_epi32(a, b), _mm256_add_epi32(c, d));
                let tap = taps.as_mut_ptr().add(at);
                let next = _mm256_add_ps(_mm256_loadu_ps(tap), _mm256_mul_ps(_mm256_cvtepi32_ps(sum), unit));
                let next = held(next);
                _mm256_storeu_ps(tap, next);
                let whole = _mm256_cvtps_epi32(next);
                let packed = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256::<1>(whole));
                _mm_storeu_si128(rounded.as_mut_ptr().add(at).cast(), packed);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn held(taps: __m256) -> __m256 {
        _mm256_min_ps(_mm256_max_ps(taps, _mm256_set1_ps(-TAP_MAX)), _mm256_set1_ps(TAP_MAX))
    }

    /// # Safety
    ///
    /// Eight pairs can be read from there.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(from: *const Pair) -> __m256i {
        // SAFETY: as the caller promises; the instruction asks for no alignment.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
}

/// A multiplication, the addition of two products, and the addition to a sum in one instruction, at 16 taps.
#[cfg(target_arch = "x86_64")]
mod vnni {
    use core::arch::x86_64::{
        _mm256_storeu_si256, _mm512_add_ps, _mm512_cvtepi32_epi16, _mm512_cvtepi32_ps, _mm512_cvtps_epi32,
        _mm512_dpwssd_epi32, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_max_ps, _mm512_min_ps, _mm512_mul_ps,
        _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512, _mm512_storeu_ps,
    };

    use super::{CHUNK, Pair, Rounded, TAP_MAX, word};

    /// # Safety
    ///
    /// There are as many rounded taps as taps, a multiple of [`CHUNK`], and six pairs more.
    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) unsafe fn adapt(taps: &mut [f32], rounded: &mut [i16], pairs: &[Pair], coefficients: &Rounded) {
        let words = coefficients.pairs.map(|pair| _mm512_set1_epi32(word(pair)));
        let unit = _mm512_set1_ps(coefficients.unit);
        for at in (0..taps.len()).step_by(CHUNK) {
            // SAFETY: 16 taps from `at` on are within the taps, and 22 pairs within the pairs.
            unsafe {
                let mut sum = _mm512_setzero_si512();
                for (n, word) in words.into_iter().enumerate() {
                    sum = _mm512_dpwssd_epi32(sum, _mm512_loadu_si512(pairs.as_ptr().add(at + 2 * n).cast()), word);
                }
                let tap = taps.as_mut_ptr().add(at);
                let next = _mm512_add_ps(_mm512_loadu_ps(tap), _mm512_mul_ps(_mm512_cvtepi32_ps(sum), unit));
                let next = _mm512_min_ps(_mm512_max_ps(next, _mm512_set1_ps(-TAP_MAX)), _mm512_set1_ps(TAP_MAX));
                _mm512_storeu_ps(tap, next);
                let whole = _mm512_cvtepi32_epi16(_mm512_cvtps_epi32(next));
                _mm256_storeu_si256(rounded.as_mut_ptr().add(at).cast(), whole);
            }
        }
    }
}

/// A pair as the instructions take it: the first in the low half.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn word([first, second]: Pair) -> i32 {
    i32::from(second) << 16 | i32::from(first as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(seed: u32) -> impl FnMut() -> i16 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        }
    }

    fn pairs(samples: &[i16]) -> Vec<Pair> {
        samples.array_windows().copied().collect()
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_taps() {
        let mut next = numbers(1);
        for count in [16, 32, 128, 144] {
            for scale in [0.0, 1e-13, 1e-4, 0.01, 3.0, 1e9] {
                let samples: Vec<i16> = (0..count + SPAN).map(|_| next()).collect();
                let taps: Vec<f32> = (0..count).map(|_| f32::from(next()) * 0.7).collect();
                let coefficients = Wide(core::array::from_fn(|_| f32::from(next()) / 32_768.0)) * scale;
                let pairs = pairs(&samples);
                let (mut own, mut own_rounded) = (taps.clone(), vec![0; count]);
                adapt(&mut own, &mut own_rounded, &pairs, coefficients);
                let Some(whole) = Rounded::new(coefficients) else {
                    assert_eq!(own, taps);
                    continue;
                };
                let (mut plain, mut plain_rounded) = (taps.clone(), vec![0; count]);
                scalar(&mut plain, &mut plain_rounded, &pairs, &whole);
                assert_eq!((&own, &own_rounded), (&plain, &plain_rounded), "{count} taps, {scale}");
                #[cfg(target_arch = "x86_64")]
                if std::arch::is_x86_feature_detected!("avx2") {
                    let (mut other, mut other_rounded) = (taps.clone(), vec![0; count]);
                    // SAFETY: the processor has just been found to have these instructions, and the lengths are as
                    // they must be.
                    unsafe { avx2::adapt(&mut other, &mut other_rounded, &pairs, &whole) };
                    assert_eq!((other, other_rounded), (plain, plain_rounded), "{count} taps, {scale}");
                }
            }
        }
    }

    #[test]
    fn a_tap_gets_what_the_coefficients_make_of_the_samples_beside_it() {
        let mut next = numbers(2);
        let samples: Vec<i16> = (0..32 + SPAN).map(|_| next() / 8).collect();
        let coefficients = Wide([0.1, -0.2, 0.3, 0.02, -0.03, 0.05, 0.07, -0.11]);
        let (mut taps, mut rounded) = (vec![0.0; 32], vec![0; 32]);
        adapt(&mut taps, &mut rounded, &pairs(&samples), coefficients);
        for ((tap, rounded), samples) in taps.iter().zip(rounded).zip(samples.array_windows::<WIDTH>()) {
            let wanted: f32 = samples.iter().zip(coefficients.0).map(|(sample, own)| f32::from(*sample) * own).sum();
            assert!((tap - wanted).abs() < 0.5 && (tap - f32::from(rounded)).abs() <= 0.5, "{tap} beside {wanted}");
        }
    }

    #[test]
    fn the_loudest_samples_and_equal_coefficients_stay_in_range() {
        for sample in [i16::MIN, i16::MAX] {
            let (mut taps, mut rounded) = (vec![0.0; 16], vec![0; 16]);
            adapt(&mut taps, &mut rounded, &pairs(&[sample; 16 + SPAN]), Wide::all(0.125));
            let sign = f32::from(sample.signum());
            assert!(taps.iter().all(|tap| (tap - sign * TAP_MAX).abs() < 20.0), "{taps:?}");
        }
    }
}

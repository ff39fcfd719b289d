//! Finite impulse response filters of 16-bit samples and taps: one or more over one signal, eight samples of each at
//! once.
//!
//! Sums are of whole numbers modulo 2³², so the order of the additions does not matter: every set of instructions gives
//! the same sums to the last bit.
//!
//! Never: rounds, or allocates.

use super::WIDTH;

/// Eight neighbouring samples of the output of a filter, as sums of products.
pub(crate) type Output = [i32; WIDTH];

/// A tap of one: taps are in units of 2⁻¹⁵ (Q15).
pub(crate) const ONE: f32 = 32_768.0;

/// Taps that the widest instructions take at once. Filters of a multiple of it are fastest.
pub(crate) const CHUNK: usize = 32;

/// Filters `signal`, the oldest sample first, by sets of taps of the same length, the tap of the oldest sample first.
/// Sample `n` of an output is the sum over all taps `k` of `signal[n + k] * taps[k]`, modulo 2³².
///
/// # Panics
///
/// If the filters differ in length, or the signal does not hold seven samples more than a filter has taps.
#[inline]
pub(crate) fn filter<const N: usize>(signal: &[i16], taps: [&[i16]; N]) -> [Output; N] {
    let count = taps.first().map_or(0, |taps| taps.len());
    assert!(taps.iter().all(|taps| taps.len() == count), "filters of the same length");
    assert!(signal.len() >= count + WIDTH - 1, "a signal as long as the filters");
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if count.is_multiple_of(CHUNK) && has!("avx512vnni") && has!("avx2") {
            // SAFETY: the processor has just been found to have these instructions, and the lengths are as they must
            // be.
            return unsafe { vnni::filter(signal, taps) };
        }
        if has!("avx2") {
            // SAFETY: as above.
            return unsafe { avx2::filter(signal, taps) };
        }
    }
    scalar(signal, taps, 0)
}

/// The sums of the taps from the one at `from`, in plain arithmetic.
#[inline]
fn scalar<const N: usize>(signal: &[i16], taps: [&[i16]; N], from: usize) -> [Output; N] {
    let mut outputs = [[0_i32; WIDTH]; N];
    for (output, taps) in outputs.iter_mut().zip(taps) {
        for (tap, window) in taps[from..].iter().zip(signal[from..].array_windows::<WIDTH>()) {
            for (sum, sample) in output.iter_mut().zip(window) {
                *sum = sum.wrapping_add(i32::from(*sample) * i32::from(*tap));
            }
        }
    }
    outputs
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use core::arch::x86_64::{
        __m256i, _mm256_add_epi32, _mm256_hadd_epi32, _mm256_loadu_si256, _mm256_madd_epi16, _mm256_permute2x128_si256,
        _mm256_setzero_si256, _mm256_storeu_si256,
    };

    use super::{Output, WIDTH, scalar};

    /// Taps in a register.
    const CHUNK: usize = 16;
    /// Samples of an output that are summed in one pass: the sums of two filters stay in registers.
    const PASS: usize = 4;

    /// # Safety
    ///
    /// The signal holds seven samples more than each of the filters has taps, and these are as many in all.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn filter<const N: usize>(signal: &[i16], taps: [&[i16]; N]) -> [Output; N] {
        let count = taps.first().map_or(0, |taps| taps.len());
        let whole = count / CHUNK * CHUNK;
        let mut sums = [[_mm256_setzero_si256(); WIDTH]; N];
        for pass in [0, PASS] {
            let mut own = [[_mm256_setzero_si256(); PASS]; N];
            for at in (0..whole).step_by(CHUNK) {
                // SAFETY: a chunk from `at` on is within the taps, and with seven samples more within the signal.
                let (taps, windows) = unsafe {
                    let taps = taps.map(|taps| load(taps.as_ptr().add(at)));
                    let signal = signal.as_ptr().add(at + pass);
                    (taps, [load(signal), load(signal.add(1)), load(signal.add(2)), load(signal.add(3))])
                };
                for (sums, taps) in own.iter_mut().zip(taps) {
                    for (sum, window) in sums.iter_mut().zip(windows) {
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(window, taps));
                    }
                }
            }
            for (sums, own) in sums.iter_mut().zip(own) {
                sums[pass..pass + PASS].copy_from_slice(&own);
            }
        }
        let mut outputs = sums.map(|sums| across(&sums));
        if whole < count {
            let rest = scalar(signal, taps, whole);
            for (sum, rest) in outputs.as_flattened_mut().iter_mut().zip(rest.as_flattened()) {
                *sum = sum.wrapping_add(*rest);
            }
        }
        outputs
    }

    /// # Safety
    ///
    /// Sixteen samples can be read from there.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn load(from: *const i16) -> __m256i {
        // SAFETY: as the caller promises; the instruction asks for no alignment.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }

    /// The sum of the lanes of each.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn across(sums: &[__m256i; WIDTH]) -> [i32; WIDTH] {
        let [a, b, c, d, e, f, g, h] = *sums;
        let low = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        let high = _mm256_hadd_epi32(_mm256_hadd_epi32(e, f), _mm256_hadd_epi32(g, h));
        let sums = _mm256_add_epi32(
            _mm256_permute2x128_si256::<0x20>(low, high),
            _mm256_permute2x128_si256::<0x31>(low, high),
        );
        let mut lanes = [0; WIDTH];
        // SAFETY: eight numbers of 32 bits are written, for which there is room.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), sums) };
        lanes
    }
}

/// A multiplication, the addition of two products, and the addition to a sum in one instruction, at 32 taps.
#[cfg(target_arch = "x86_64")]
mod vnni {
    use core::arch::x86_64::{
        __m512i, _mm256_storeu_si256, _mm512_add_epi32, _mm512_castsi512_si256, _mm512_dpwssd_epi32,
        _mm512_loadu_si512, _mm512_setzero_si512, _mm512_shuffle_i32x4, _mm512_unpackhi_epi32, _mm512_unpackhi_epi64,
        _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
    };

    use super::{CHUNK, Output, WIDTH};

    /// # Safety
    ///
    /// The signal holds seven samples more than each of the filters has taps; these are as many in all, and a multiple
    /// of [`CHUNK`].
    #[target_feature(enable = "avx512f,avx512vnni,avx2")]
    pub(super) unsafe fn filter<const N: usize>(signal: &[i16], taps: [&[i16]; N]) -> [Output; N] {
        let count = taps.first().map_or(0, |taps| taps.len());
        let mut sums = [[_mm512_setzero_si512(); WIDTH]; N];
        for at in (0..count).step_by(CHUNK) {
            for n in 0..WIDTH {
                // SAFETY: a chunk from `at` on is within the taps, and with seven samples more within the signal.
                let window = unsafe { load(signal.as_ptr().add(at + n)) };
                for (sums, taps) in sums.iter_mut().zip(taps) {
                    // SAFETY: as above.
                    let taps = unsafe { load(taps.as_ptr().add(at)) };
                    sums[n] = _mm512_dpwssd_epi32(sums[n], window, taps);
                }
            }
        }
        // A closure would not be inlined, and the sums would go through memory.
        let mut outputs = [[0; WIDTH]; N];
        for (output, sums) in outputs.iter_mut().zip(&sums) {
            *output = across(sums);
        }
        outputs
    }

    /// The sum of the lanes of each: columns are added as they are brought together.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vnni,avx2")]
    fn across(sums: &[__m512i; WIDTH]) -> Output {
        let [a, b, c, d, e, f, g, h] = *sums;
        let low = fours(twos(a, b), twos(c, d));
        let high = fours(twos(e, f), twos(g, h));
        // Blocks of four lanes: first of the same filter's sums, then of their halves.
        let halves = _mm512_add_epi32(
            _mm512_shuffle_i32x4::<0b10_00_10_00>(low, high),
            _mm512_shuffle_i32x4::<0b11_01_11_01>(low, high),
        );
        let sums = _mm512_add_epi32(
            _mm512_shuffle_i32x4::<0b10_00_10_00>(halves, halves),
            _mm512_shuffle_i32x4::<0b11_01_11_01>(halves, halves),
        );
        let mut lanes = [0; WIDTH];
        // SAFETY: eight numbers of 32 bits are written, for which there is room.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), _mm512_castsi512_si256(sums)) };
        lanes
    }

    /// Sums of two neighbours, of `a` and `b` in turn.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn twos(a: __m512i, b: __m512i) -> __m512i {
        _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b))
    }

    /// The sums of four, of pairs of lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn fours(a: __m512i, b: __m512i) -> __m512i {
        _mm512_add_epi32(_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b))
    }

    /// # Safety
    ///
    /// 32 samples can be read from there.
    #[inline]
    #[target_feature(enable = "avx512f")]
    unsafe fn load(from: *const i16) -> __m512i {
        // SAFETY: as the caller promises; the instruction asks for no alignment.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_of_instructions_gives_the_same_sums() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as i16
        };
        for taps in [0, 8, 16, 24, 32, 128, 136, 1024] {
            let signal: Vec<i16> = (0..taps + WIDTH - 1).map(|_| next()).collect();
            let filters: [Vec<i16>; 2] = [(); 2].map(|()| (0..taps).map(|_| next()).collect());
            let [first, second] = &filters;
            let wanted = scalar(&signal, [first, second], 0);
            assert_eq!(filter(&signal, [first, second]), wanted, "{taps} taps");
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has just been found to have these instructions, and the lengths are as they
                // must be.
                assert_eq!(unsafe { avx2::filter(&signal, [first, second]) }, wanted, "{taps} taps");
            }
        }
        // The one pair of products whose sum leaves the range of 32 bits.
        let (signal, loud) = ([i16::MIN; 39], [i16::MIN; 32]);
        assert_eq!(filter(&signal, [&loud, &loud]), scalar(&signal, [&loud, &loud], 0));
    }
}

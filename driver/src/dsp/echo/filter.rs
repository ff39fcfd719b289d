//! The taps of an echo path's filter, and the far-end history that they see.
//!
//! Filtering is in whole numbers: 16-bit samples and taps of 16 bits (Q15). A step of adaptation is a sum of products
//! of whole numbers too; it is added to taps in floating point, which are rounded again. Rounding adds noise 80 dB
//! below the far end over 128 taps, where A-law's is 36 dB below the echo. Taps are held within ±1: a passive hybrid
//! has no gain.
//!
//! Never: allocates after it was made.

use super::affine_projection::MARGIN;
use super::proportionate::Proportions;
use crate::dsp::Samples;
use crate::dsp::vector::Wide;
use crate::dsp::vector::adapt::{self, Pair};
use crate::dsp::vector::fir::{self, ONE};
use crate::time::SAMPLES_PER_TICK;

/// Ticks by which the history grows before it is moved back to the start of its buffer.
const ROOM: usize = 32 * SAMPLES_PER_TICK;

/// A filter, last tap first, in units of 2⁻¹⁵.
#[derive(Debug, Clone)]
pub(super) struct Taps {
    exact: Vec<f32>,
    rounded: Vec<i16>,
}

impl Taps {
    /// A filter of `taps` that knows no path.
    pub(super) fn new(taps: usize) -> Taps {
        Taps { exact: vec![0.0; taps], rounded: vec![0; taps] }
    }

    /// The taps as they are adapted.
    #[inline(always)]
    pub(super) fn exact(&self) -> &[f32] {
        &self.exact
    }

    /// Forgets the path.
    pub(super) fn clear(&mut self) {
        self.exact.fill(0.0);
        self.rounded.fill(0);
    }

    /// Takes the taps of `other`.
    pub(super) fn copy_from(&mut self, other: &Taps) {
        self.exact.copy_from_slice(&other.exact);
        self.rounded.copy_from_slice(&other.rounded);
    }

    /// Moves this part of the way to the taps of `other`.
    pub(super) fn mix(&mut self, other: &Taps, part: f32) {
        for ((tap, rounded), other) in self.exact.iter_mut().zip(&mut self.rounded).zip(&other.exact) {
            *tap += part * (other - *tap);
            [*rounded, ..] = Wide::all(*tap).to_samples();
        }
    }

    /// Adds a step: to every tap what the eight coefficients, weighed by its block, make of the samples that it sees.
    #[inline(always)]
    pub(super) fn adapt(&mut self, seen: &[Pair], proportions: &Proportions, coefficients: Wide) {
        let mut from = self.exact.len();
        let (mut rest, mut rest_rounded) = (&mut self.exact[..], &mut self.rounded[..]);
        for share in proportions.blocks() {
            let (block, block_rounded);
            from = from.saturating_sub(proportions.size());
            (rest, block) = rest.split_at_mut(from);
            (rest_rounded, block_rounded) = rest_rounded.split_at_mut(from);
            adapt::adapt(block, block_rounded, &seen[from..], coefficients * (*share * ONE));
        }
    }
}

/// Far end's samples, oldest first.
#[derive(Debug, Clone)]
pub(super) struct History {
    taps: usize,
    /// The last `MARGIN + taps` samples up to `end` are in use.
    exact: Vec<f32>,
    samples: Vec<i16>,
    /// Each sample with the next, but for the last.
    pairs: Vec<Pair>,
    end: usize,
}

impl History {
    /// Silence, for a filter of `taps`.
    pub(super) fn new(taps: usize) -> History {
        let length = MARGIN + taps + ROOM;
        History {
            taps,
            exact: vec![0.0; length],
            samples: vec![0; length],
            pairs: vec![[0; 2]; length],
            end: MARGIN + taps,
        }
    }

    /// Forgets what was sent.
    pub(super) fn clear(&mut self) {
        self.exact.fill(0.0);
        self.samples.fill(0);
        self.pairs.fill([0; 2]);
    }

    /// Takes a tick.
    #[inline(always)]
    pub(super) fn push(&mut self, tick: &Samples) {
        let History { taps, exact, samples, pairs, end } = self;
        if *end == exact.len() {
            exact.copy_within(*end - MARGIN - *taps.., 0);
            samples.copy_within(*end - MARGIN - *taps.., 0);
            pairs.copy_within(*end - MARGIN - *taps.., 0);
            *end = MARGIN + *taps;
        }
        exact[*end..*end + SAMPLES_PER_TICK].copy_from_slice(&Wide::from_samples(tick).0);
        samples[*end..*end + SAMPLES_PER_TICK].copy_from_slice(tick);
        let [a, b, c, d, e, f, g, h] = *tick;
        let before = samples[*end - 1];
        let grown: [Pair; SAMPLES_PER_TICK] = [[before, a], [a, b], [b, c], [c, d], [d, e], [e, f], [f, g], [g, h]];
        pairs[*end - 1..*end - 1 + SAMPLES_PER_TICK].copy_from_slice(&grown);
        *end += SAMPLES_PER_TICK;
    }

    /// Samples under the filter for the first sample of the tick up to the last, in pairs.
    #[inline(always)]
    pub(super) fn seen(&self) -> &[Pair] {
        &self.pairs[self.end - self.taps - (SAMPLES_PER_TICK - 1)..self.end - 1]
    }

    /// The samples of the filter after the tick, and [`MARGIN`] before them.
    #[inline(always)]
    pub(super) fn with_margin(&self) -> &[f32] {
        &self.exact[self.end - self.taps - MARGIN..self.end]
    }

    /// The echo that a filter makes of it in this tick.
    #[inline(always)]
    pub(super) fn echo(&self, filter: &Taps) -> Wide {
        let signal = &self.samples[self.end - self.taps - (SAMPLES_PER_TICK - 1)..self.end];
        Wide::from_whole(&fir::filter(signal, [&filter.rounded])[0]) * (1.0 / ONE)
    }

    /// The echoes that two filters make of it in this tick.
    #[inline(always)]
    pub(super) fn echoes(&self, filters: [&Taps; 2]) -> [Wide; 2] {
        let signal = &self.samples[self.end - self.taps - (SAMPLES_PER_TICK - 1)..self.end];
        let sums = fir::filter(signal, [&filters[0].rounded, &filters[1].rounded]);
        let mut echoes = [Wide::ZERO; 2];
        for (echo, sums) in echoes.iter_mut().zip(&sums) {
            *echo = Wide::from_whole(sums) * (1.0 / ONE);
        }
        echoes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::vector::adapt::TAP_MAX;

    #[test]
    fn an_echo_is_what_the_taps_make_of_the_history() {
        let taps = 48;
        let mut filters = [Taps::new(taps), Taps::new(taps)];
        // A step of one coefficient puts what is seen into the filter: here one tap, of a quarter, three samples late.
        let mut seen = vec![[0, 0]; taps + SAMPLES_PER_TICK - 2];
        (seen[taps - 1 - 4], seen[taps - 1 - 3]) = ([0, 1000], [1000, 0]);
        filters[1].adapt(&seen, &Proportions::new(taps), Wide([0.000_25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
        let mut history = History::new(taps);
        let sent: Vec<i16> = (0..800).map(|n: i32| (n * n % 1999 - 999) as i16 * 4).collect();
        for (tick, samples) in sent.as_chunks().0.iter().enumerate() {
            history.push(samples);
            let [none, echo] = history.echoes([&filters[0], &filters[1]]);
            assert_eq!(none, Wide::ZERO);
            for (n, echo) in echo.0.iter().enumerate() {
                let late = (tick * SAMPLES_PER_TICK + n).checked_sub(3).map_or(0, |at| sent[at]);
                assert_eq!(*echo, f32::from(late) / 4.0, "sample {n} of tick {tick}");
            }
        }
        history.clear();
        assert_eq!(history.echoes([&filters[0], &filters[1]])[1], Wide::ZERO);
    }

    #[test]
    fn taps_stay_within_one_and_the_rounded_ones_beside_them() {
        let taps = 32;
        let mut filter = Taps::new(taps);
        let seen: Vec<Pair> =
            (0..(taps + SAMPLES_PER_TICK - 2) as i16).map(|n| [(n - 20) * 11, (n - 19) * 11]).collect();
        filter.adapt(&seen, &Proportions::new(taps), Wide::all(0.005));
        let mut other = Taps::new(taps);
        other.mix(&filter, 0.5);
        for filter in [&filter, &other] {
            for (exact, rounded) in filter.exact.iter().zip(&filter.rounded) {
                assert!(exact.abs() <= TAP_MAX && (exact - f32::from(*rounded)).abs() <= 0.5);
            }
        }
        assert!(filter.exact.contains(&TAP_MAX));
    }
}

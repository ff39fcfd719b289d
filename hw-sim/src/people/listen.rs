//! Comparison of received sound with its source: alignment, amplification, and noise.
//!
//! A codec adds noise about 37 dB below the speech. A sample lost or doubled shifts everything behind it, and another
//! voice mixed in is noise as loud as the signal: both leave a few decibels at most.

use std::ops::Range;

use crate::network::signal::{SAMPLES_PER_MS, mean_square, to_sample};

/// Match of a source in received sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Beginning of the source in the heard, in samples. Negative if its beginning is missing.
    pub offset: i64,
    /// The amplification; 1 is none.
    pub gain: f32,
    /// Signal to noise, in decibels: the source as amplified, against what else was heard while it lasted.
    pub snr_db: f32,
}

/// Least similarity, from 0 to 1, of a piece that counts as the source.
const SIMILAR: f32 = 0.65;
/// Samples of a piece that is searched for: 0.6 s, which is long enough for no other voice to be similar by chance.
const PIECE: usize = 4800;
/// Number of pieces of the source that are tried, evenly spread.
const PIECES: usize = 6;
/// The coarse search takes every such sample of the smoothed sound.
const STRIDE: usize = 8;
/// Least similarity of the smoothed sound at which a place is worth the fine search. A voice under another one as loud
/// is found with it at every part of a stride; two voices seldom come so far.
const COARSELY_SIMILAR: f32 = 0.4;
/// Similarity at which no other place and no other piece is tried: a codec leaves more.
const CERTAIN: f32 = 0.99;
/// The best this measure can say, in dB: for a source that arrived as it was.
const PERFECT_DB: f32 = 120.0;

/// Finds `source` in `heard` and measures it over its whole length; what is missing of it counts as silence heard.
///
/// Nothing if no piece of it can be found.
pub fn snr_db(source: &[i16], heard: &[i16]) -> Option<Match> {
    let last = heard.len() as i64;
    let offset = find(source, heard, -(source.len() as i64), last)?;
    Some(measure(source, heard, offset))
}

/// Beginning of `source` in `heard`, between `earliest` and `latest` (samples, both possible), if it is there.
pub fn find(source: &[i16], heard: &[i16], earliest: i64, latest: i64) -> Option<i64> {
    let piece_length = PIECE.min(source.len());
    if piece_length < 4 * STRIDE {
        return None;
    }
    let coarse_heard = smoothed(heard);
    let room = source.len() - piece_length;
    let mut best: Option<(f32, i64)> = None;
    for n in 0..PIECES {
        let at = room * n / PIECES.max(1);
        let piece = &source[at..at + piece_length];
        // Nothing can be found of a piece that is silent: -45 dBm0.
        if mean_square(piece) < 91.0 * 91.0 {
            continue;
        }
        let from = (earliest + at as i64).clamp(0, heard.len() as i64) as usize;
        let to = (latest + at as i64 + 1).clamp(0, heard.len() as i64) as usize;
        let Some((similarity, position)) = find_piece(piece, heard, &coarse_heard, from, to) else { continue };
        if best.is_none_or(|(best, _)| similarity > best) {
            best = Some((similarity, position as i64 - at as i64));
        }
        if similarity > CERTAIN {
            break;
        }
    }
    best.filter(|&(similarity, _)| similarity >= SIMILAR).map(|(_, offset)| offset)
}

/// The place of the piece between `from` and `to`, and how similar it is there.
fn find_piece(piece: &[i16], heard: &[i16], coarse: &[f32], from: usize, to: usize) -> Option<(f32, usize)> {
    let to = to.min(heard.len().saturating_sub(piece.len()) + 1);
    if from >= to {
        return None;
    }
    let coarse_piece = smoothed(piece);
    let coarse_energy = dot(&coarse_piece, &coarse_piece);
    let places = from / STRIDE..to.div_ceil(STRIDE).min((coarse.len() + 1).saturating_sub(coarse_piece.len()));
    let coarse_energies = energies(coarse.get(places.start..)?, coarse_piece.len());
    // Smoothing leaves 500 Hz, a period of 16 samples: the best coarse places are within a stride of the true one.
    let mut nearest: [(f32, usize); 8] = [(0.0, usize::MAX); 8];
    for (place, energy) in places.zip(coarse_energies) {
        let score =
            cosine(dot(&coarse_piece, &coarse[place..place + coarse_piece.len()]), coarse_energy, energy as f32);
        if score > nearest[7].0 {
            nearest[7] = (score, place);
            nearest.sort_by(|a, b| b.0.total_cmp(&a.0));
        }
    }
    let mut best: Option<(f32, usize)> = None;
    let piece: Vec<f32> = piece.iter().map(|&s| f32::from(s)).collect();
    let energy = dot(&piece, &piece);
    for (_, place) in nearest.into_iter().filter(|&(score, place)| place != usize::MAX && score >= COARSELY_SIMILAR) {
        let near = place * STRIDE;
        let first = near.saturating_sub(STRIDE);
        let last = (near + STRIDE + piece.len()).min(heard.len());
        let around: Vec<f32> = heard[first..last].iter().map(|&s| f32::from(s)).collect();
        for ((start, window), heard_energy) in
            (first..).zip(around.windows(piece.len())).zip(energies(&around, piece.len()))
        {
            let score = cosine(dot(&piece, window), energy, heard_energy as f32);
            if best.is_none_or(|(best, _)| score > best) {
                best = Some((score, start));
            }
        }
        if best.is_some_and(|(best, _)| best > CERTAIN) {
            break;
        }
    }
    best
}

/// Loudness of a sound over time: a quick look at it before a search.
#[derive(Debug)]
pub(super) struct Loudness(Vec<f32>);

impl Loudness {
    /// Loudness of samples: the root mean square of each block.
    pub(super) fn of(samples: &[i16]) -> Loudness {
        Loudness(samples.chunks_exact(LOUDNESS_BLOCK).map(|block| mean_square(block).sqrt()).collect())
    }

    /// Loudness from the sums of the squares of each millisecond.
    pub(super) fn of_energies(each_ms: impl Iterator<Item = f32>) -> Loudness {
        let energies: Vec<f32> = each_ms.collect();
        let blocks = energies.chunks_exact(LOUDNESS_BLOCK / SAMPLES_PER_MS);
        Loudness(blocks.map(|block| (block.iter().sum::<f32>() / LOUDNESS_BLOCK as f32).sqrt()).collect())
    }

    /// The samples of the loudest block that lies within `part` whole, if one does.
    pub(super) fn loudest(&self, part: Range<usize>) -> Option<Range<usize>> {
        let blocks = part.start.div_ceil(LOUDNESS_BLOCK)..(part.end / LOUDNESS_BLOCK).min(self.0.len());
        let block = blocks.max_by(|&a, &b| self.0[a].total_cmp(&self.0[b]))?;
        Some(block * LOUDNESS_BLOCK..(block + 1) * LOUDNESS_BLOCK)
    }

    /// Correlation, from -1 to 1, with the loudness of what was heard, later by up to `latest` samples. Two different
    /// voices are below 0.4.
    pub(super) fn agrees(&self, heard: &Loudness, latest: usize) -> f32 {
        (0..=latest / LOUDNESS_BLOCK)
            .filter_map(|late| heard.0.get(late..).map(|heard| correlation(&self.0, heard)))
            .fold(-1.0, f32::max)
    }
}

/// Samples over which loudness is taken: 20 ms.
const LOUDNESS_BLOCK: usize = 160;

/// The correlation of what two series have in common length.
fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len());
    let (a, b) = (&a[..count], &b[..count]);
    let mean = |x: &[f32]| x.iter().sum::<f32>() / count.max(1) as f32;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    if aa <= 0.0 || bb <= 0.0 { 0.0 } else { ab / (aa * bb).sqrt() }
}

/// Means of [`STRIDE`] samples.
fn smoothed(samples: &[i16]) -> Vec<f32> {
    samples.chunks_exact(STRIDE).map(|c| c.iter().map(|&s| f32::from(s)).sum::<f32>() / STRIDE as f32).collect()
}

/// The energy of each window of `length` values, from the first on.
fn energies(values: &[f32], length: usize) -> impl Iterator<Item = f64> + '_ {
    let square = |&value: &f32| f64::from(value) * f64::from(value);
    let mut energy: f64 = values.iter().take(length).map(square).sum();
    let next = values.iter().skip(length).zip(values).map(move |(comes, goes)| (square(comes), square(goes)));
    std::iter::once(energy).chain(next.map(move |(comes, goes)| {
        energy += comes - goes;
        energy
    }))
}

/// The sum of the products of two pieces of equal length.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    // Sixteen sums side by side, for the sake of vector units.
    let (a, b) = (a.as_chunks::<16>(), b.as_chunks::<16>());
    let mut sums = [0f32; 16];
    for (a, b) in a.0.iter().zip(b.0) {
        for i in 0..16 {
            sums[i] += a[i] * b[i];
        }
    }
    sums.iter().sum::<f32>() + a.1.iter().zip(b.1).map(|(a, b)| a * b).sum::<f32>()
}

/// Similarity, from -1 to 1, of a piece to the beginning of what was heard.
pub(super) fn similarity(piece: &[i16], heard: impl Iterator<Item = i16>) -> f32 {
    let pairs = piece.iter().zip(heard).map(|(&s, h)| (f32::from(s), f32::from(h)));
    let (product, one, other) =
        pairs.fold((0.0, 0.0, 0.0), |(product, one, other), (s, h)| (product + s * h, one + s * s, other + h * h));
    cosine(product, one, other)
}

/// The cosine of the angle between two pieces, from the sum of their products and the energy of each; a turned polarity
/// is not similar.
fn cosine(product: f32, one: f32, other: f32) -> f32 {
    if one <= 0.0 || other <= 0.0 { 0.0 } else { product / (one * other).sqrt() }
}

/// Amplification and noise of `source` heard `offset` samples after the beginning of `heard`.
pub fn measure(source: &[i16], heard: &[i16], offset: i64) -> Match {
    // The samples that meet, as slices: sums over them are quick.
    let first = (-offset).clamp(0, source.len() as i64) as usize;
    let start = (offset + first as i64).clamp(0, heard.len() as i64) as usize;
    let count = (source.len() - first).min(heard.len() - start);
    let (met, others) = (&source[first..first + count], [&source[..first], &source[first + count..]]);
    let heard = &heard[start..start + count];
    let (mut ss, mut sh) = (others.iter().map(|part| products(part, part)).sum::<f64>(), 0.0);
    ss += products(met, met);
    sh += products(met, heard);
    if ss <= 0.0 || sh <= 0.0 {
        return Match { offset, gain: 0.0, snr_db: -PERFECT_DB };
    }
    let gain = sh / ss;
    let signal = gain * gain * ss;
    // What is missing of the source counts as silence heard.
    let missing: f64 = others.iter().map(|part| gain * gain * products(part, part)).sum();
    let noise = missing + difference(met, heard, gain as f32);
    let snr = 10.0 * (signal / noise.max(signal * 1e-12)).log10();
    Match { offset, gain: gain as f32, snr_db: snr.min(f64::from(PERFECT_DB)) as f32 }
}

/// The samples that are summed in single precision before they go into a sum in double precision.
const BATCH: usize = 256;

/// The sum of the products of two equally long pieces.
fn products(a: &[i16], b: &[i16]) -> f64 {
    let batches = a.chunks(BATCH).zip(b.chunks(BATCH));
    batches.map(|(a, b)| f64::from(lanes(a, b, |a, b| a * b))).sum()
}

/// The sum of the squares of `heard - gain·source`.
fn difference(source: &[i16], heard: &[i16], gain: f32) -> f64 {
    let batches = source.chunks(BATCH).zip(heard.chunks(BATCH));
    let square = |s: f32, h: f32| (h - gain * s) * (h - gain * s);
    batches.map(|(s, h)| f64::from(lanes(s, h, square))).sum()
}

/// The sum of `term` over two equally long pieces, eight sums side by side for the sake of vector units.
fn lanes(a: &[i16], b: &[i16], term: impl Fn(f32, f32) -> f32) -> f32 {
    let (a_eights, a_rest) = a.as_chunks::<8>();
    let (b_eights, b_rest) = b.as_chunks::<8>();
    let mut sums = [0f32; 8];
    for (a, b) in a_eights.iter().zip(b_eights) {
        for i in 0..8 {
            sums[i] += term(f32::from(a[i]), f32::from(b[i]));
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(&a, &b)| term(f32::from(a), f32::from(b))).sum();
    sums.iter().sum::<f32>() + rest
}

/// A-law (G.711) there and back, as a codec does it: for telling what a perfect path would leave.
pub fn through_a_law(samples: &[i16]) -> Vec<i16> {
    samples.iter().map(|&s| a_law_nearest(s)).collect()
}

/// The value an A-law decoder gives for the octet that stands for `sample`.
fn a_law_nearest(sample: i16) -> i16 {
    // Magnitude in the 12 bits of the law's own unit, which is 8 of a 16-bit sample.
    let negative = sample < 0;
    let magnitude = if negative { !sample } else { sample };
    let units = i32::from(magnitude) >> 3;
    let segment = (32 - (units >> 5).leading_zeros()) as i32;
    let shift = (segment - 1).max(0);
    let step = units >> (shift + 1) << (shift + 1);
    let middle = (step + (1 << shift)) << 3;
    let value = to_sample(middle as f32);
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::voice::{PhraseId, Speaker, phrase};

    fn spoken(call: u32) -> Vec<i16> {
        phrase(11, PhraseId { speaker: Speaker::Remote { call }, turn: 1 })
    }

    fn line(source: &[i16], before: usize) -> Vec<i16> {
        let mut heard = vec![0; before];
        heard.extend(through_a_law(source));
        heard.extend([0; 5000]);
        heard
    }

    #[test]
    fn a_law_values() {
        for (sample, value) in [(0, 8), (-1, -8), (32767, 32256), (-32768, -32256), (5504, 5504), (848, 848)] {
            assert_eq!(a_law_nearest(sample), value, "{sample}");
        }
    }

    #[test]
    fn a_copy_through_a_law_is_37_db() {
        for call in 1..6 {
            let source = spoken(call);
            let found = snr_db(&source, &line(&source, 12_345)).expect("found");
            assert_eq!(found.offset, 12_345);
            assert!((found.gain - 1.0).abs() < 0.01, "{found:?}");
            assert!((35.0..41.0).contains(&found.snr_db), "{found:?}");
        }
    }

    #[test]
    fn an_exact_copy_is_perfect_at_any_gain() {
        let source = spoken(1);
        assert!(snr_db(&source, &source).expect("found").snr_db > 100.0);
        let softer: Vec<i16> = source.iter().map(|s| s / 2).collect();
        let found = snr_db(&source, &softer).expect("found");
        assert!((found.gain - 0.5).abs() < 0.01 && found.snr_db > 45.0, "{found:?}");
    }

    #[test]
    fn a_voice_under_another_one_as_loud_is_found_at_every_part_of_a_stride() {
        for (call, late) in (1..17).zip(0..STRIDE * 2) {
            let source = spoken(call);
            let mut heard = line(&source, 800 + late);
            for (h, other) in heard.iter_mut().skip(300).zip(spoken(call + 20)) {
                *h = h.saturating_add(other);
            }
            assert_eq!(find(&source, &heard, 0, 3200), Some(800 + late as i64), "call {call}, {late} samples late");
        }
    }

    #[test]
    fn lost_and_doubled_samples_show() {
        let source = spoken(2);
        for place in [9_000, 20_000, 30_000] {
            let mut lost = line(&source, 800);
            lost.drain(place..place + 8);
            let found = snr_db(&source, &lost).expect("found");
            assert!(found.snr_db < 15.0, "8 samples lost at {place}: {found:?}");
            let mut doubled = line(&source, 800);
            let again: Vec<i16> = doubled[place..place + 8].to_vec();
            doubled.splice(place..place, again);
            let found = snr_db(&source, &doubled).expect("found");
            assert!(found.snr_db < 15.0, "8 samples doubled at {place}: {found:?}");
        }
    }

    #[test]
    fn another_voice_shows() {
        let source = spoken(3);
        let mut heard = line(&source, 800);
        for (h, other) in heard.iter_mut().skip(500).zip(spoken(4)) {
            *h = h.saturating_add(other);
        }
        let found = snr_db(&source, &heard).expect("found");
        assert!(found.snr_db < 6.0, "{found:?}");
    }

    #[test]
    fn loudness_tells_phrases_apart() {
        for call in 1..40 {
            let loudness = Loudness::of(&spoken(call));
            let other = loudness.agrees(&Loudness::of(&line(&spoken(call + 1), 800)), 3200);
            assert!(other < 0.4, "call {call}: {other}");
            let same = loudness.agrees(&Loudness::of(&line(&spoken(call), 1234)), 3200);
            assert!(same > 0.9, "call {call}: {same}");
        }
    }

    #[test]
    fn loudness_of_the_energies_is_that_of_the_samples() {
        let samples = spoken(7);
        let square = |ms: &[i16; SAMPLES_PER_MS]| ms.iter().map(|&s| f32::from(s) * f32::from(s)).sum();
        let energies = Loudness::of_energies(samples.as_chunks().0.iter().map(square));
        let loudness = Loudness::of(&samples);
        assert_eq!(energies.0.len(), loudness.0.len());
        for (a, b) in energies.0.iter().zip(&loudness.0) {
            assert!((a - b).abs() <= b * 1e-4, "{a} and {b}");
        }
        let loudest = loudness.loudest(1_000..20_001).expect("a block");
        assert!(loudest.start >= 1_000 && loudest.end <= 20_001);
        let level = mean_square(&samples[loudest]);
        assert!(samples[1_000..20_000].as_chunks::<LOUDNESS_BLOCK>().0.iter().all(|b| mean_square(b) <= level * 1.5));
        assert_eq!(loudness.loudest(10..300), None, "no whole block");
    }

    #[test]
    fn another_phrase_is_not_found() {
        for call in 5..15 {
            assert_eq!(snr_db(&spoken(call), &line(&spoken(call + 1), 800)), None, "call {call}");
        }
        assert_eq!(snr_db(&spoken(5), &[0; 50_000]), None);
        assert_eq!(snr_db(&[], &spoken(6)), None);
    }
}

//! Measurement of a recorded tone: frequencies, level, swell, cadence, and the confidence in each.
//!
//! Sound and silence are parted at half the power of the bursts, so that neither grows at the other's cost; the first
//! and
//! the last are left out, for the recording may have cut them. Frequencies are the peaks of the mean spectrum within
//! bursts.
//!
//! Never: says more than the recording holds.

use realfft::RealFftPlanner;
use tipring_driver::dsp::level;

use crate::config::ToneMeaning;

/// Samples in a millisecond.
const MS: usize = 8;
/// Power is averaged over this many ms: longer than a swell of 17 Hz.
const SMOOTH_MS: usize = 60;
/// A sound or silence shorter than this, in ms, is a click or a swell's dip.
const CLICK_MS: usize = 30;
/// Left out at each end of a burst, in ms.
const EDGE_MS: usize = 30;
/// Below this level there is no tone, in dBm0.
const FLOOR_DBM0: f64 = -50.0;
/// A tone without a break lasts at least this long, in ms.
const STEADY_MS: usize = 2000;
/// Peaks this much weaker than the strongest, in dB, belong to the tone no more.
const WEAKEST_DB: f64 = 20.0;
/// The band of a telephone, in hertz.
const BAND_HZ: (f64, f64) = (200.0, 3600.0);
/// Two frequencies nearer than this are one that swells, in hertz.
const BEAT_HZ: f64 = 40.0;

/// A measured tone.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// Frequencies in hertz, each with its level in dBm0 while it sounds.
    pub parts: Vec<(f64, f64)>,
    /// Frequency of the swell, in hertz, if there is one.
    pub swell_hz: Option<f64>,
    /// Sound, silence, … in ms; empty for a tone without a break.
    pub cadence_ms: Vec<u32>,
    /// Largest deviation of a span from its mean, in ms.
    pub spread_ms: u32,
    /// Whole cycles that were heard; of a tone without a break, its seconds.
    pub cycles: f64,
    /// Power of the frequencies over that of all else while they sound, in dB.
    pub over_rest_db: f64,
}

/// Confidence in a measured tone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// Two whole cycles and more, well above the rest.
    High,
    /// A part is missing.
    Fair,
    /// The cadence was heard once, or much else with it.
    Low,
}

impl Learnt {
    /// Confidence by the number of cycles, their spread and the rest of the sound.
    pub fn sure(&self) -> Sure {
        let steady = self.cadence_ms.is_empty();
        let enough = self.cycles >= if steady { 3.0 } else { 2.0 };
        let even = self.spread_ms <= 40;
        match (enough, even, self.over_rest_db) {
            (true, true, 10.0..) => Sure::High,
            (false, _, ..6.0) | (_, false, ..6.0) => Sure::Low,
            _ if self.cycles < 1.0 => Sure::Low,
            _ => Sure::Fair,
        }
    }

    /// The likeliest meaning by the cadence (E.180): steady is dial tone, a long silence ringback, an even beat busy,
    /// a fast one
    /// congestion.
    pub fn meaning(&self) -> ToneMeaning {
        let longest_silence = self.cadence_ms.iter().skip(1).step_by(2).max().copied().unwrap_or(0);
        match self.cadence_ms[..] {
            [] => ToneMeaning::Dial,
            _ if longest_silence >= 1500 => ToneMeaning::Ringback,
            [sound, silence] if sound + silence >= 620 && sound < 1600 => ToneMeaning::Busy,
            [_, _] => ToneMeaning::Congestion,
            _ if longest_silence >= 700 => ToneMeaning::Dial,
            _ => ToneMeaning::Congestion,
        }
    }
}

/// Measures the tone of a recording.
///
/// # Errors
/// There is none, or too little of it: a sentence with the remedy.
pub fn learn(samples: &[i16]) -> Result<Learnt, String> {
    let power: Vec<f64> = samples.chunks_exact(MS).map(mean_square).collect();
    let smooth = smoothed(&power);
    let mut sorted = smooth.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| sorted.get((part * sorted.len() as f64) as usize).copied().unwrap_or(0.0);
    let loudest = at(0.95);
    if level::dbm0(loudest) < FLOOR_DBM0 {
        return Err(format!("there is no tone in it: nothing is louder than {FLOOR_DBM0} dBm0"));
    }
    let bursts: Vec<f64> = sorted.iter().copied().filter(|power| *power > loudest / 4.0).collect();
    let burst = bursts[bursts.len() / 2];
    let quiet = Some(at(0.05)).filter(|quiet| *quiet < burst / 4.0).unwrap_or(0.0);
    let spans = spans(&smooth, f64::midpoint(burst, quiet));
    let (parts, swell_hz, over_rest_db) = frequencies(samples, &spans)?;
    let Cadence { spans: cadence_ms, spread_ms, cycles } = cadence(&spans)?;
    Ok(Learnt { parts, swell_hz, cadence_ms, spread_ms, cycles, over_rest_db })
}

fn mean_square(samples: &[i16]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64
}

/// The mean over [`SMOOTH_MS`] around each millisecond.
fn smoothed(power: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0];
    for power in power {
        sums.push(sums[sums.len() - 1] + power);
    }
    let half = SMOOTH_MS / 2;
    let mean = |at: usize| {
        let (from, to) = (at.saturating_sub(half), (at + half).min(power.len()));
        (sums[to] - sums[from]) / (to - from) as f64
    };
    (0..power.len()).map(mean).collect()
}

/// A sound or a silence.
#[derive(Debug, Clone, Copy)]
struct Stretch {
    sounds: bool,
    from_ms: usize,
    ms: usize,
}

/// Sound and silence in turn; what is shorter than a click belongs to what is around it.
fn spans(smooth: &[f64], threshold: f64) -> Vec<Stretch> {
    let mut spans: Vec<Stretch> = Vec::new();
    for (at, power) in smooth.iter().enumerate() {
        let sounds = *power > threshold;
        match spans.last_mut() {
            Some(last) if last.sounds == sounds => last.ms += 1,
            _ => spans.push(Stretch { sounds, from_ms: at, ms: 1 }),
        }
    }
    let mut merged: Vec<Stretch> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if last.sounds == span.sounds || span.ms < CLICK_MS => last.ms += span.ms,
            _ => merged.push(span),
        }
    }
    merged
}

struct Cadence {
    spans: Vec<u32>,
    spread_ms: u32,
    cycles: f64,
}

/// The shortest cycle that all whole spans follow.
fn cadence(spans: &[Stretch]) -> Result<Cadence, String> {
    let longest = spans.iter().filter(|span| span.sounds).map(|span| span.ms).max().unwrap_or(0);
    let bursts = spans.iter().filter(|span| span.sounds).count();
    if bursts == 1 {
        return if longest >= STEADY_MS {
            Ok(Cadence { spans: Vec::new(), spread_ms: 0, cycles: longest as f64 / 1000.0 })
        } else {
            Err(format!(
                "there is one burst of {longest} ms in it; record at least two whole cycles, or 3 s of a steady tone"
            ))
        };
    }
    // The first and the last may have been cut.
    let whole = &spans[1..spans.len() - 1];
    for period in [2, 4, 6, 8] {
        let alike = |(a, b): (&Stretch, &Stretch)| a.ms.abs_diff(b.ms) <= (a.ms.max(b.ms) / 8).max(40);
        let repeats = whole.len() > period && whole.iter().zip(&whole[period..]).all(alike);
        if !(repeats || period == 2 && whole.len() == 2) {
            continue;
        }
        let of = |place: usize| whole.iter().skip(place).step_by(period).map(|span| span.ms);
        let mean = |place: usize| of(place).sum::<usize>() / of(place).count();
        let spread = (0..period).filter_map(|place| of(place).map(|ms| ms.abs_diff(mean(place))).max()).max();
        // It begins with the sound after the longest silence.
        let longest = (0..period).filter(|place| !whole[*place].sounds).max_by_key(|place| mean(*place)).unwrap_or(0);
        let rounded = |ms: usize| (ms as u32 + 5) / 10 * 10;
        return Ok(Cadence {
            spans: (1..=period).map(|step| rounded(mean((longest + step) % period))).collect(),
            spread_ms: spread.unwrap_or(0) as u32,
            cycles: whole.len() as f64 / period as f64,
        });
    }
    Err(format!(
        "its {bursts} bursts follow no cycle; record the tone alone, without speech or keys, at least two whole cycles of it"
    ))
}

/// Frequencies with their levels, the swell, and the power over the rest.
type Heard = (Vec<(f64, f64)>, Option<f64>, f64);

fn frequencies(samples: &[i16], spans: &[Stretch]) -> Result<Heard, String> {
    let bursts = spans.iter().filter(|span| span.sounds && span.ms > 2 * EDGE_MS + 32);
    let bursts: Vec<&[i16]> =
        bursts.map(|span| &samples[(span.from_ms + EDGE_MS) * MS..(span.from_ms + span.ms - EDGE_MS) * MS]).collect();
    let longest = bursts.iter().map(|burst| burst.len()).max().unwrap_or(0);
    let Some(size) = [8192, 4096, 2048, 1024, 512, 256].into_iter().find(|size| *size <= longest) else {
        return Err("its bursts are too short to measure a frequency".into());
    };
    // Zeros after each window draw the peaks finely enough for a parabola.
    let padded = 4 * size;
    let fft = RealFftPlanner::<f64>::new().plan_fft_forward(padded);
    let window: Vec<f64> =
        (0..size).map(|n| (std::f64::consts::PI * (n as f64 + 0.5) / size as f64).sin().powi(2)).collect();
    let mut spectrum = vec![0.0; padded / 2 + 1];
    let (mut windows, mut total) = (0.0, 0.0);
    let mut output = fft.make_output_vec();
    for piece in bursts.iter().flat_map(|burst| burst.windows(size).step_by(size / 2)) {
        let mut input = fft.make_input_vec();
        for ((place, sample), weight) in input.iter_mut().zip(piece).zip(&window) {
            *place = f64::from(*sample) * weight;
        }
        fft.process(&mut input, &mut output).map_err(|error| error.to_string())?;
        spectrum.iter_mut().zip(&output).for_each(|(sum, bin)| *sum += bin.norm_sqr());
        total += mean_square(piece);
        windows += 1.0;
    }
    // A sine of amplitude A has a peak of (A × the sum of the window / 2)², and a power of A² / 2.
    let scale = 2.0 / (window.iter().sum::<f64>().powi(2) * windows);
    let hz_per_bin = 8000.0 / padded as f64;
    let mut peaks = peaks(&spectrum, hz_per_bin);
    peaks.iter_mut().for_each(|(_, power)| *power *= scale);
    let tones = peaks.iter().map(|(_, power)| power).sum::<f64>();
    let rest = (total / windows - tones).max(tones / 1e5);
    let over_rest_db = 10.0 * (tones / rest).log10();
    if over_rest_db < 0.0 {
        return Err("it is no tone: more of its power lies beside single frequencies than in them".into());
    }
    let all = level::dbm0(tones);
    let (parts, swell) = match peaks[..] {
        // A swell has one frequency on each side of its own, alike and weaker.
        [(low, a), (middle, carrier), (high, b)]
            if ((middle - low) - (high - middle)).abs() < 4.0 && a.max(b) < carrier && (a / b).log10().abs() < 0.4 =>
        {
            (vec![(middle, all)], Some((high - low) / 2.0))
        }
        [(low, _), (high, _)] if high - low < BEAT_HZ => {
            (vec![(f64::midpoint(low, high), all)], Some((high - low) / 2.0))
        }
        _ => (peaks.iter().map(|(hz, power)| (*hz, level::dbm0(*power))).collect(), None),
    };
    Ok((parts, swell, over_rest_db))
}

/// Peaks of a spectrum in the band, lowest first: four at most, none much weaker than the strongest.
fn peaks(spectrum: &[f64], hz_per_bin: f64) -> Vec<(f64, f64)> {
    let bins = (BAND_HZ.0 / hz_per_bin) as usize..=(BAND_HZ.1 / hz_per_bin) as usize;
    let strongest = spectrum[bins.clone()].iter().copied().fold(0.0, f64::max);
    let weakest = strongest / 10_f64.powf(WEAKEST_DB / 10.0);
    let mut found: Vec<(f64, f64)> = Vec::new();
    for bin in bins {
        let around = &spectrum[bin - 5..=bin + 5];
        let here = spectrum[bin];
        if here < weakest || around.iter().any(|other| *other > here) {
            continue;
        }
        let [before, at, after] = [spectrum[bin - 1], here, spectrum[bin + 1]].map(f64::ln);
        let off = (before - after) / (2.0 * (before - 2.0 * at + after));
        found.push(((bin as f64 + off) * hz_per_bin, here));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(4);
    found.sort_by(|a, b| a.0.total_cmp(&b.0));
    found
}

#[cfg(test)]
#[path = "learn_tests.rs"]
mod tests;

//! Tones as data, and the generator that sounds them: frequencies, levels, cadence.
//!
//! A [`ToneSpec`] is a list of segments, each a [`SegmentSignal`] for this many milliseconds, gone through once and
//! then from a given place again and again. It says everything the tone tables of the administrations say (E.180
//! Supplement 2): single tones, two or more together, one modulated by another, frequencies in turn.
//!
//! The oscillators are phase accumulators of 32 bits over a table of one sine, so a frequency is exact to 2 µHz, the
//! phase never drifts, and a segment that comes back goes on where it stopped.

use super::{SILENCE, Samples, level};
use crate::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

/// One frequency at one level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// In hertz, above 0 and below 4000.
    pub hz: f64,
    /// In dBm0.
    pub dbm0: f64,
}

/// Signal of a segment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SegmentSignal {
    /// Nothing.
    Silence,
    /// One or more frequencies together, at most four.
    Sum(&'static [Component]),
    /// One frequency whose amplitude follows another: `425*25` of the tone tables, at full depth.
    Modulated {
        /// The carrier; its level is that of the peaks.
        carrier: Component,
        /// Modulation frequency, in hertz.
        by_hz: f64,
    },
}

/// Frequencies that can sound together: the American howler has four.
pub(crate) const COMPONENTS_MAX: usize = 4;

/// A signal and how long it sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Segment {
    /// The signal.
    pub signal: SegmentSignal,
    /// For how long, in milliseconds; [`FOREVER`] ends the list.
    pub ms: u32,
}

/// The length of a segment that does not end.
pub const FOREVER: u32 = u32::MAX;

/// A tone: what an exchange means by a sound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToneSpec {
    /// The segments in order; at least one.
    pub segments: &'static [Segment],
    /// After the last segment it goes on from this one; past the end means silence for ever.
    pub again_from: usize,
}

impl ToneSpec {
    /// A tone that repeats its segments from the first.
    pub const fn repeated(segments: &'static [Segment]) -> ToneSpec {
        ToneSpec { segments, again_from: 0 }
    }

    /// A tone that sounds its segments once.
    pub(crate) const fn once(segments: &'static [Segment]) -> ToneSpec {
        ToneSpec { segments, again_from: usize::MAX }
    }
}

/// Bits of the phase that choose a place in the table.
const TABLE_BITS: u32 = 10;

/// One turn of a sine, and its first value again for interpolation.
static SINE: [f32; (1 << TABLE_BITS) + 1] = {
    let mut table = [0.0; (1 << TABLE_BITS) + 1];
    let mut index = 0;
    while index < table.len() {
        table[index] = level::sine(index as f64 / (1 << TABLE_BITS) as f64) as f32;
        index += 1;
    }
    table
};

/// One frequency, sample by sample.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Oscillator {
    phase: u32,
    step: u32,
    peak: f32,
}

impl Oscillator {
    /// An oscillator of `hz` at `dbm0` that begins at a rising zero.
    pub(crate) const fn new(hz: f64, dbm0: f64) -> Oscillator {
        Oscillator { phase: 0, step: phase_step(hz), peak: level::peak(dbm0) as f32 }
    }

    /// Changes the frequency without a jump in phase.
    pub(crate) fn set_step(&mut self, step: u32) {
        self.step = step;
    }

    /// The next sample, not rounded.
    #[inline]
    pub(crate) fn next_sample(&mut self) -> f32 {
        let index = (self.phase >> (32 - TABLE_BITS)) as usize;
        let fraction = (self.phase << TABLE_BITS) as f32 / (u32::MAX as f32 + 1.0);
        let value = SINE[index] + (SINE[index + 1] - SINE[index]) * fraction;
        self.phase = self.phase.wrapping_add(self.step);
        value * self.peak
    }
}

/// Phase increment of a frequency per sample, in 32 bits.
pub(crate) const fn phase_step(hz: f64) -> u32 {
    (hz / SAMPLE_RATE_HZ as f64 * 4_294_967_296.0 + 0.5) as u32
}

/// Sounds a [`ToneSpec`], a tick at a time, for as long as it is asked.
#[derive(Debug, Clone)]
pub struct Generator {
    spec: ToneSpec,
    segment: usize,
    left_samples: u64,
    oscillators: [Oscillator; COMPONENTS_MAX],
    swell: Option<Oscillator>,
}

impl Generator {
    /// A generator at the beginning of a tone.
    pub fn new(spec: &ToneSpec) -> Generator {
        let mut generator = Generator {
            spec: *spec,
            segment: 0,
            left_samples: 0,
            oscillators: [Oscillator::default(); COMPONENTS_MAX],
            swell: None,
        };
        generator.begin(0);
        generator
    }

    /// The next tick of the tone.
    #[expect(clippy::should_implement_trait, reason = "it never ends, so it is no iterator")]
    pub fn next(&mut self) -> Samples {
        let mut samples = SILENCE;
        let mut at = 0;
        while at < SAMPLES_PER_TICK {
            if self.left_samples == 0 {
                let next = self.segment + 1;
                self.begin(if next < self.spec.segments.len() { next } else { self.spec.again_from });
            }
            let count = self.left_samples.min((SAMPLES_PER_TICK - at) as u64);
            for sample in &mut samples[at..at + count as usize] {
                *sample = self.sample();
            }
            at += count as usize;
            if self.left_samples != u64::MAX {
                self.left_samples -= count;
            }
        }
        samples
    }

    fn sample(&mut self) -> i16 {
        let mut sum: f32 = self.oscillators.iter_mut().map(Oscillator::next_sample).sum();
        if let Some(swell) = &mut self.swell {
            // Between silence and the full peak.
            sum *= 0.5 + 0.5 * swell.next_sample();
        }
        level::to_sample(f64::from(sum))
    }

    fn begin(&mut self, segment: usize) {
        self.segment = segment;
        let Some(Segment { signal, ms }) = self.spec.segments.get(segment).copied() else {
            self.left_samples = u64::MAX;
            self.sound(&[], None);
            return;
        };
        self.left_samples = match ms {
            FOREVER => u64::MAX,
            // A segment of no length would never give way to the next.
            ms => u64::from(ms.max(1)) * SAMPLES_PER_TICK as u64,
        };
        match signal {
            SegmentSignal::Silence => self.sound(&[], None),
            SegmentSignal::Sum(components) => self.sound(components, None),
            SegmentSignal::Modulated { carrier, by_hz } => self.sound(&[carrier], Some(by_hz)),
        }
    }

    /// Sets the oscillators, keeping the phase of one that only pauses.
    fn sound(&mut self, components: &[Component], by_hz: Option<f64>) {
        for (index, oscillator) in self.oscillators.iter_mut().enumerate() {
            let phase = oscillator.phase;
            *oscillator = match components.get(index) {
                Some(component) => Oscillator { phase, ..Oscillator::new(component.hz, component.dbm0) },
                None => Oscillator { phase, ..Oscillator::default() },
            };
        }
        self.swell = by_hz.map(|hz| Oscillator { phase: 0, step: phase_step(hz), peak: 1.0 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONE: [Component; 1] = [Component { hz: 450.0, dbm0: -10.0 }];
    const BUSY: ToneSpec = ToneSpec::repeated(&[
        Segment { signal: SegmentSignal::Sum(&TONE), ms: 350 },
        Segment { signal: SegmentSignal::Silence, ms: 350 },
    ]);

    fn sound(spec: &ToneSpec, ms: usize) -> Vec<i16> {
        let mut generator = Generator::new(spec);
        (0..ms).flat_map(|_| generator.next()).collect()
    }

    #[test]
    fn a_tone_has_its_level() {
        let samples = sound(&BUSY, 350);
        let square = samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64;
        assert!((level::dbm0(square) + 10.0).abs() < 0.05);
    }

    #[test]
    fn a_tone_has_its_frequency() {
        let samples = sound(&BUSY, 200);
        let rises = samples.windows(2).filter(|pair| pair[0] < 0 && pair[1] >= 0).count();
        assert!((89..=90).contains(&rises), "{rises} rising zeros in 200 ms of 450 Hz");
    }

    #[test]
    fn a_cadence_repeats_to_the_sample() {
        let samples = sound(&BUSY, 2100);
        for (ms, chunk) in samples.chunks(8).enumerate() {
            let silent = chunk.iter().all(|sample| *sample == 0);
            assert_eq!(silent, ms % 700 >= 350, "at {ms} ms");
        }
    }

    #[test]
    fn a_tone_of_one_go_is_followed_by_silence() {
        let samples = sound(&ToneSpec::once(&[Segment { signal: SegmentSignal::Sum(&TONE), ms: 100 }]), 300);
        assert!(samples[..800].iter().any(|sample| *sample != 0));
        assert!(samples[800..].iter().all(|sample| *sample == 0));
    }

    #[test]
    fn a_modulated_tone_swells_at_its_rate() {
        const SIGNAL: SegmentSignal =
            SegmentSignal::Modulated { carrier: Component { hz: 400.0, dbm0: -10.0 }, by_hz: 25.0 };
        let samples = sound(&ToneSpec::repeated(&[Segment { signal: SIGNAL, ms: FOREVER }]), 40);
        let peak = |range: core::ops::Range<usize>| samples[range].iter().map(|sample| sample.abs()).max().unwrap_or(0);
        assert!(peak(60..100) > 6500, "loud at a quarter turn");
        assert!(peak(230..250) < 400, "quiet at three quarters");
    }

    #[test]
    fn too_loud_a_sum_stops_at_the_ends() {
        const LOUD: [Component; 2] = [Component { hz: 350.0, dbm0: 3.0 }, Component { hz: 440.0, dbm0: 3.0 }];
        let samples = sound(&ToneSpec::repeated(&[Segment { signal: SegmentSignal::Sum(&LOUD), ms: FOREVER }]), 100);
        assert!(samples.contains(&i16::MAX));
    }
}

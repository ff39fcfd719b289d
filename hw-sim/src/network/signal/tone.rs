//! Call-progress tones: one to four frequencies, switched by a cadence.

use super::{Oscillator, PEAK_0_DBM0, amplitude, to_sample};
use crate::network::Sound;

/// The most frequencies a tone has (the howler of North America has four).
pub const FREQUENCIES_MAX: usize = 4;

/// A call-progress tone as a standard describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ToneSpec {
    /// The frequencies sounding together, in hertz; 1 to [`FREQUENCIES_MAX`].
    pub hertz: &'static [f32],
    /// The level of each frequency, in dBm0.
    pub dbm0: f32,
    /// Milliseconds on, off, on, off, … and from the beginning again; empty for a continuous tone.
    pub cadence: &'static [u16],
    /// The frequency with which the tone swells and fades, wholly, in hertz; 0 if it does not.
    pub modulation_hertz: f32,
}

impl ToneSpec {
    /// A continuous tone.
    pub const fn steady(hertz: &'static [f32], dbm0: f32) -> ToneSpec {
        ToneSpec::switched(hertz, dbm0, &[])
    }

    /// A tone switched on, off, on, off, … (ms).
    pub const fn switched(hertz: &'static [f32], dbm0: f32, cadence: &'static [u16]) -> ToneSpec {
        ToneSpec { hertz, dbm0, cadence, modulation_hertz: 0.0 }
    }
}

/// A tone being made.
#[derive(Debug, Clone)]
pub struct Tone {
    spec: ToneSpec,
    parts: [Oscillator; FREQUENCIES_MAX],
    modulation: Oscillator,
    peak: f32,
    /// Part of the cadence, and its milliseconds that are over.
    part: usize,
    elapsed: u16,
}

impl Tone {
    /// The tone from the beginning of its cadence.
    pub fn new(spec: ToneSpec) -> Tone {
        let parts = std::array::from_fn(|i| Oscillator::new(spec.hertz.get(i).copied().unwrap_or(0.0)));
        let modulation = Oscillator::new(spec.modulation_hertz);
        Tone { spec, parts, modulation, peak: PEAK_0_DBM0 * amplitude(spec.dbm0), part: 0, elapsed: 0 }
    }

    /// The next millisecond.
    pub fn next_ms(&mut self) -> Sound {
        let on = self.part.is_multiple_of(2);
        if let Some(&length) = self.spec.cadence.get(self.part) {
            self.elapsed += 1;
            if self.elapsed >= length {
                self.elapsed = 0;
                self.part = (self.part + 1) % self.spec.cadence.len();
            }
        }
        if !on {
            return super::SILENCE;
        }
        let count = self.spec.hertz.len().min(FREQUENCIES_MAX);
        let parts = &mut self.parts[..count];
        if self.spec.modulation_hertz > 0.0 {
            return std::array::from_fn(|_| {
                let swell = self.peak * (0.5 + 0.5 * self.modulation.sample());
                to_sample(swell * parts.iter_mut().map(Oscillator::sample).sum::<f32>())
            });
        }
        std::array::from_fn(|_| to_sample(self.peak * parts.iter_mut().map(Oscillator::sample).sum::<f32>()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::signal::{SILENCE, level_dbm0, mean_square, power_at};

    #[test]
    fn busy_tone_is_switched_every_350_ms() {
        let mut tone = Tone::new(ToneSpec::switched(&[450.0], -10.0, &[350, 350]));
        for period in 0..3 {
            let on: Vec<i16> = (0..350).flat_map(|_| tone.next_ms()).collect();
            assert!((level_dbm0(power_at(450.0, &on)) + 10.0).abs() < 0.2, "period {period}");
            for _ in 0..350 {
                assert_eq!(tone.next_ms(), SILENCE);
            }
        }
    }

    #[test]
    fn two_frequencies_have_twice_the_power() {
        let mut tone = Tone::new(ToneSpec::steady(&[350.0, 440.0], -13.0));
        let sound: Vec<i16> = (0..1000).flat_map(|_| tone.next_ms()).collect();
        assert!((level_dbm0(mean_square(&sound)) + 10.0).abs() < 0.2);
    }
}

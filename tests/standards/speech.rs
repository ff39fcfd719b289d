//! Speech for talk-off tests: no words, but the spectra and rhythms that make receivers stumble.
//!
//! A pulse train with wandering pitch, or noise, through four formants; syllables of 80 to 400 ms; now and then a vowel
//! sung on one note for a second, which is the hardest for a receiver of tone pairs. About -15 dBm0 while speaking,
//! whatever the formants.

use std::f64::consts::{PI, TAU};

use crate::signal::{Random, peak};

#[derive(Debug, Clone, Copy, Default)]
struct Resonance {
    b: f64,
    c: f64,
    y1: f64,
    y2: f64,
}

impl Resonance {
    fn tune(&mut self, hz: f64, width_hz: f64) {
        let radius = (-PI * width_hz / 8000.0).exp();
        self.b = 2.0 * radius * (TAU * hz / 8000.0).cos();
        self.c = -radius * radius;
    }

    fn step(&mut self, x: f64) -> f64 {
        let y = (1.0 - self.b - self.c) * x + self.b * self.y1 + self.c * self.y2;
        self.y2 = self.y1;
        self.y1 = y;
        y
    }
}

/// A voice that goes on for ever.
#[derive(Debug, Clone)]
pub struct Speech {
    random: Random,
    formants: [Resonance; 4],
    targets: [f64; 4],
    now: [f64; 4],
    pitch_hz: f64,
    glide: f64,
    phase: f64,
    voiced: bool,
    left: usize,
    length: usize,
    loudness: f64,
    level: f64,
    /// The mean square of the formants' sound, over about 30 ms.
    power: f64,
}

/// The level of the loudest syllables, in dBm0; the average of them is some 4 dB below.
const LOUDEST_DBM0: f64 = -10.5;

impl Speech {
    pub fn new(seed: u64) -> Speech {
        let mut random = Random::new(seed);
        let pitch_hz = random.between(80.0, 260.0);
        Speech {
            random,
            formants: [Resonance::default(); 4],
            targets: [500.0, 1500.0, 2500.0, 3300.0],
            now: [500.0, 1500.0, 2500.0, 3300.0],
            pitch_hz,
            glide: 0.0,
            phase: 0.0,
            voiced: true,
            left: 0,
            length: 1,
            loudness: 0.0,
            level: 0.0,
            power: 1.0,
        }
    }

    fn syllable(&mut self) {
        let random = &mut self.random;
        let kind = random.unit();
        self.voiced = kind < 0.75;
        let sung = kind < 0.06;
        self.length = if sung { 4000 + random.below(8000) } else { 640 + random.below(2560) };
        self.left = self.length;
        self.glide = if sung { 0.0 } else { random.between(-0.3, 0.3) / self.length as f64 };
        self.pitch_hz = (self.pitch_hz * random.between(0.8, 1.25)).clamp(75.0, 400.0);
        self.loudness = if random.unit() < 0.12 { 0.0 } else { random.between(0.3, 1.0) };
        self.targets = [
            random.between(250.0, 950.0),
            random.between(700.0, 2400.0),
            random.between(1700.0, 3000.0),
            random.between(2900.0, 3700.0),
        ];
    }

    pub fn next(&mut self) -> i16 {
        if self.left == 0 {
            self.syllable();
        }
        self.left -= 1;
        // Formants and loudness move within about 20 ms.
        if self.left.is_multiple_of(8) {
            for (index, formant) in self.formants.iter_mut().enumerate() {
                self.now[index] += 0.05 * (self.targets[index] - self.now[index]);
                formant.tune(self.now[index], [60.0, 90.0, 130.0, 180.0][index]);
            }
            let edge = (self.left.min(self.length - self.left) as f64 / 240.0).min(1.0);
            self.level += 0.1 * (self.loudness * edge - self.level);
        }
        self.pitch_hz *= 1.0 + self.glide;
        let source = if self.voiced {
            self.phase += self.pitch_hz * (1.0 + 0.004 * (self.random.unit() - 0.5)) / 8000.0;
            if self.phase >= 1.0 {
                self.phase -= 1.0;
                12.0
            } else {
                0.02 * (self.random.unit() - 0.5)
            }
        } else {
            2.0 * (self.random.unit() - 0.5)
        };
        let [first, second, third, fourth] = &mut self.formants;
        let voice =
            first.step(source) + 0.6 * second.step(source) + 0.4 * third.step(source) + 0.3 * fourth.step(source);
        self.power += (voice * voice - self.power) / 240.0;
        let mean = peak(LOUDEST_DBM0) / 2_f64.sqrt();
        (self.level * mean * voice / (self.power + 0.01).sqrt()).clamp(-32_000.0, 32_000.0) as i16
    }
}

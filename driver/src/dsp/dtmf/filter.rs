//! High-pass filter of a DTMF receiver: takes out dial tone and the fundamentals of voices.
//!
//! Never: lets a lane look at another.

use crate::dsp::level;
use crate::dsp::vector::Wide;
use crate::time::SAMPLE_RATE_HZ;

/// The filter: elliptic, order 4, 0.5 dB of ripple above 670 Hz, 35 dB down below 460 Hz; two sections, each
/// `1 + b1 z⁻¹ + z⁻²` over `1 + a1 z⁻¹ + a2 z⁻²`. Settles in 2 ms.
const SECTIONS: [Section; 2] = [
    Section { b1: -1.974_453, a1: -1.018_12, a2: 0.379_545 },
    Section { b1: -1.882_612, a1: -1.646_416, a2: 0.888_34 },
];

/// Factor for a gain of one of all sections together.
pub(super) const GAIN: f32 = 0.518_497_4;

#[derive(Clone, Copy)]
struct Section {
    b1: f32,
    a1: f32,
    a2: f32,
}

/// The amplitude at a nominal frequency that the filter makes of one, before [`GAIN`].
pub(super) const fn amplitude(hz: u32) -> f64 {
    let turns = hz as f64 / SAMPLE_RATE_HZ as f64;
    let (c1, s1) = (level::cosine(turns), level::sine(turns));
    let (c2, s2) = (level::cosine(2.0 * turns), level::sine(2.0 * turns));
    let mut square = 1.0;
    let mut index = 0;
    while index < SECTIONS.len() {
        let Section { b1, a1, a2 } = SECTIONS[index];
        let (over_re, over_im) = (1.0 + b1 as f64 * c1 + c2, b1 as f64 * s1 + s2);
        let (under_re, under_im) = (1.0 + a1 as f64 * c1 + a2 as f64 * c2, a1 as f64 * s1 + a2 as f64 * s2);
        square *= (over_re * over_re + over_im * over_im) / (under_re * under_re + under_im * under_im);
        index += 1;
    }
    square_root(square)
}

const fn square_root(square: f64) -> f64 {
    let mut root = 1.0;
    let mut round = 0;
    while round < 30 {
        root = (root + square / root) / 2.0;
        round += 1;
    }
    root
}

/// The filter of eight lanes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter([[Wide; 2]; SECTIONS.len()]);

impl Filter {
    /// After silence.
    pub(super) const REST: Filter = Filter([[Wide::ZERO; 2]; SECTIONS.len()]);

    /// Forgets what a lane has heard.
    pub(super) fn reset(&mut self, lane: usize) {
        for memory in self.0.as_flattened_mut() {
            memory.0[lane] = 0.0;
        }
    }

    /// Takes one sample.
    #[inline(always)]
    pub(super) fn step(&mut self, sample: Wide) -> Wide {
        let Filter([first, second]) = self;
        section(&SECTIONS[1], second, section(&SECTIONS[0], first, sample))
    }

    /// Without what is too small to be heard: once a tick.
    #[inline(always)]
    pub(super) fn settle(mut self) -> Filter {
        for memory in self.0.as_flattened_mut() {
            *memory = memory.settle();
        }
        self
    }
}

/// One sample through one section, transposed direct form.
#[inline(always)]
fn section(section: &Section, memory: &mut [Wide; 2], sample: Wide) -> Wide {
    let out = sample + memory[0];
    memory[0] = sample * section.b1 + memory[1] - out * section.a1;
    memory[1] = sample - out * section.a2;
    out
}

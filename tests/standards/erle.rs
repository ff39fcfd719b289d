//! Echo return loss enhancement (ERLE) of the linear canceller, on pairs of voices over echo paths.
//!
//! The power of the echo over the power of what is left of it. What the canceller lets through of the near end is no
//! echo: it is found by giving the same canceller the near end alone, and taken off. Paths lose 6 to 15 dB; everything
//! goes through A-law, whose noise sets a limit near 36 dB.
//!
//! Never: says how much is enough; that is in `erle_least`, and in the bench.

use std::ops::Range;

use tipring_driver::dsp::echo::Canceller;

use crate::signal::{Random, through_a_law};
use crate::speech::Speech;

const SECOND: usize = 8000;
/// The far end speaks all the time, the near end in the middle.
const LENGTH: usize = 16 * SECOND;
const NEAR: Range<usize> = 6 * SECOND..12 * SECOND;
/// Parts of a conversation that are judged on their own.
pub const STRETCHES: [(&str, Range<usize>); 4] = [
    ("first second", 0..SECOND),
    ("then alone", SECOND..NEAR.start),
    ("both speak", NEAR),
    ("alone again", NEAR.end..LENGTH),
];

/// One conversation.
pub struct Case {
    far: Vec<i16>,
    /// From the line: the echo and the near end.
    line: Vec<i16>,
    /// The near end, as it would come alone.
    near: Vec<i16>,
    echo: Vec<f64>,
}

impl Case {
    pub fn new(seed: u64, taps: usize) -> Case {
        let path = path(seed, taps);
        let mut voice = Speech::new(2 * seed);
        let far: Vec<i16> = (0..LENGTH).map(|_| through_a_law(f64::from(voice.next()))).collect();
        let mut voice = Speech::new(2 * seed + 1);
        let near: Vec<f64> = (0..LENGTH).map(|_| f64::from(voice.next())).collect();
        let near = near.iter().enumerate().map(|(n, sample)| if NEAR.contains(&n) { *sample } else { 0.0 });
        let near: Vec<f64> = near.collect();
        let echo: Vec<f64> = (0..LENGTH)
            .map(|n| path.iter().take(n + 1).enumerate().map(|(k, tap)| tap * f64::from(far[n - k])).sum())
            .collect();
        let line = echo.iter().zip(&near).map(|(echo, near)| through_a_law(echo + near)).collect();
        let near = near.into_iter().map(through_a_law).collect();
        Case { far, line, near, echo }
    }

    /// Decibels of echo taken away in each stretch, by a canceller that is made anew for each run.
    pub fn enhancement(&self, mut cancel: impl FnMut(&[i16], &[i16]) -> Vec<i16>) -> [f64; 4] {
        let out = cancel(&self.far, &self.line);
        let alone = cancel(&vec![0; LENGTH], &self.near);
        STRETCHES.map(|(_, stretch)| {
            let echo: f64 = self.echo[stretch.clone()].iter().map(|sample| sample * sample).sum();
            let left: f64 = stretch.map(|n| (f64::from(out[n]) - f64::from(alone[n])).powi(2)).sum();
            10.0 * (echo / left.max(1.0)).log10()
        })
    }
}

/// A path of 6 to 15 dB of loss: a hybrid up to a quarter of the canceller's length late, and a second one 12 dB softer
/// behind it.
fn path(seed: u64, taps: usize) -> Vec<f64> {
    let mut random = Random::new(seed ^ 0x5eed);
    let length = taps as f64;
    let mut path = vec![0.0; taps - 16];
    let first = random.below(taps / 4);
    for (at, gain) in [(first, 1.0), (first + taps / 16 + random.below(taps / 4), 0.25)] {
        let decay = length * random.between(0.03, 0.12);
        let (turn, phase) = (random.between(0.2, 1.6), random.between(0.0, std::f64::consts::TAU));
        for (n, tap) in path[at..].iter_mut().enumerate() {
            let n = n as f64;
            *tap += gain * (-n / decay).exp() * ((turn * n + phase).cos() + 0.2 * random.gauss());
        }
    }
    let power: f64 = path.iter().map(|tap| tap * tap).sum();
    let gain = 10_f64.powf(-random.between(6.0, 15.0) / 20.0) / power.sqrt();
    path.iter_mut().for_each(|tap| *tap *= gain);
    path
}

/// The linear canceller.
pub fn ours(taps: usize) -> impl FnMut(&[i16], &[i16]) -> Vec<i16> {
    move |far, near| {
        let mut canceller = Canceller::new(taps);
        let ticks = far.as_chunks().0.iter().zip(near.as_chunks().0);
        ticks.flat_map(|(far, near)| canceller.step(far, near)).collect()
    }
}

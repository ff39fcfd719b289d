//! Echo return loss enhancement, ours beside speexdsp's: speech from the far end, alone and while the near end speaks.
//!
//! Echo return loss enhancement: the power of the echo over the power of what is left of it. What the canceller lets
//! through of the near end is no echo: it is found by giving the same canceller the near end alone, and taken off.
//! (Ours lets it through bit for bit; speexdsp takes out direct current.) Paths lose 6 to 15 dB; everything goes
//! through A-law, whose noise sets a limit near 36 dB. Constants of ours were chosen on other pairs: voices of seeds
//! below 100, and pairs 301 to 424. speexdsp works on frames of 20 ms, as its manual asks for, and without
//! its preprocessor: the linear cancellers are compared.

use tipring_driver::dsp::echo::Canceller;

#[cfg(feature = "peers")]
use crate::peers::SpeexEcho;
use crate::signal::Random;
use crate::signals::through_a_law;
use crate::speech::Speech;

const SECOND: usize = 8000;
/// The far end speaks all the time, the near end in the middle.
const LENGTH: usize = 16 * SECOND;
const NEAR: std::ops::Range<usize> = 6 * SECOND..12 * SECOND;
/// Pairs of voices, each with a path of its own: held out, none of them was looked at when a constant was chosen.
const PAIRS: std::ops::RangeInclusive<u64> = 701..=712;

/// One conversation.
struct Case {
    far: Vec<i16>,
    /// From the line: the echo and the near end.
    line: Vec<i16>,
    /// The near end, as it would come alone.
    near: Vec<i16>,
    echo: Vec<f64>,
}

impl Case {
    fn new(seed: u64, taps: usize) -> Case {
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

    /// Decibels of echo taken away in a stretch, by a canceller that is made anew for each run.
    fn enhancement(
        &self,
        stretches: &[std::ops::Range<usize>],
        mut cancel: impl FnMut(&[i16], &[i16]) -> Vec<i16>,
    ) -> Vec<f64> {
        let out = cancel(&self.far, &self.line);
        let alone = cancel(&vec![0; LENGTH], &self.near);
        let one = |stretch: &std::ops::Range<usize>| {
            let echo: f64 = self.echo[stretch.clone()].iter().map(|sample| sample * sample).sum();
            let left: f64 = stretch.clone().map(|n| (f64::from(out[n]) - f64::from(alone[n])).powi(2)).sum();
            10.0 * (echo / left.max(1.0)).log10()
        };
        stretches.iter().map(one).collect()
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

fn ours(taps: usize) -> impl FnMut(&[i16], &[i16]) -> Vec<i16> {
    move |far, near| {
        let mut canceller = Canceller::new(taps);
        let ticks = far.as_chunks().0.iter().zip(near.as_chunks().0);
        ticks.flat_map(|(far, near)| canceller.step(far, near)).collect()
    }
}

/// Prints the table.
pub fn run() {
    println!("\n{:40}{:>12}{:>12}{:>12}", "echo taken away, dB, mean (least)", "tipring", "speexdsp", "");
    let stretches = [
        ("first second", 0..SECOND),
        ("then alone", SECOND..NEAR.start),
        ("both speak", NEAR),
        ("alone again", NEAR.end..LENGTH),
    ];
    for taps in [128, 1024] {
        let cases: Vec<Case> = PAIRS.map(|seed| Case::new(seed, taps)).collect();
        let ranges: Vec<_> = stretches.iter().map(|(_, range)| range.clone()).collect();
        let own: Vec<Vec<f64>> = cases.iter().map(|case| case.enhancement(&ranges, ours(taps))).collect();
        #[cfg(feature = "peers")]
        let other: Vec<Vec<f64>> = cases
            .iter()
            .map(|case| case.enhancement(&ranges, |far, near| SpeexEcho::new(taps).run(far, near)))
            .collect();
        #[cfg(not(feature = "peers"))]
        let other: Vec<Vec<f64>> = Vec::new();
        for (index, (name, _)) in stretches.iter().enumerate() {
            let (own, other) = (summary(&own, index), summary(&other, index));
            let verdict = match (own, other) {
                (Some(own), Some(other)) if own.0 < other.0 => "missed",
                _ => "",
            };
            println!("{:40}{:>12}{:>12}{verdict:>12}", format!("{taps} taps, {name}"), shown(own), shown(other));
        }
    }
}

/// Mean and least of one stretch.
fn summary(cases: &[Vec<f64>], index: usize) -> Option<(f64, f64)> {
    let own = || cases.iter().map(|case| case[index]);
    (!cases.is_empty()).then(|| (own().sum::<f64>() / cases.len() as f64, own().fold(f64::INFINITY, f64::min)))
}

fn shown(summary: Option<(f64, f64)>) -> String {
    summary.map_or("-".to_owned(), |(mean, least)| format!("{mean:.1} ({least:.1})"))
}

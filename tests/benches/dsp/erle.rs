//! Echo return loss enhancement, ours beside speexdsp's: speech from the far end, alone and while the near end speaks.
//!
//! The measure is that of `tests/standards/erle.rs`. The near end is no echo: ours lets it through bit for bit,
//! speexdsp takes out direct current. Constants of ours were chosen on other pairs: voices of seeds below 100, and
//! pairs 301 to 424 and 3001 to 3700. speexdsp works on frames of 20 ms, as its manual asks for, and without its
//! preprocessor: the linear cancellers are compared.

use crate::pairs::{Case, STRETCHES, ours};
#[cfg(feature = "peers")]
use crate::peers::SpeexEcho;

/// Pairs of voices, each with a path of its own: held out, no constant was chosen by them.
const PAIRS: std::ops::RangeInclusive<u64> = 701..=800;

/// Prints the table.
pub fn run() {
    println!("\n{:40}{:>12}{:>12}{:>12}", "echo taken away, dB, mean (least)", "tipring", "speexdsp", "");
    for taps in [128, 1024] {
        let cases: Vec<Case> = PAIRS.map(|seed| Case::new(seed, taps)).collect();
        let own: Vec<[f64; 4]> = cases.iter().map(|case| case.enhancement(ours(taps))).collect();
        #[cfg(feature = "peers")]
        let other: Vec<[f64; 4]> =
            cases.iter().map(|case| case.enhancement(|far, near| SpeexEcho::new(taps).run(far, near))).collect();
        #[cfg(not(feature = "peers"))]
        let other: Vec<[f64; 4]> = Vec::new();
        for (index, (name, _)) in STRETCHES.iter().enumerate() {
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
fn summary(cases: &[[f64; 4]], index: usize) -> Option<(f64, f64)> {
    let own = || cases.iter().map(|case| case[index]);
    (!cases.is_empty()).then(|| (own().sum::<f64>() / cases.len() as f64, own().fold(f64::INFINITY, f64::min)))
}

fn shown(summary: Option<(f64, f64)>) -> String {
    summary.map_or("-".to_owned(), |(mean, least)| format!("{mean:.1} ({least:.1})"))
}

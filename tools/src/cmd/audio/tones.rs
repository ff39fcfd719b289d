//! `tipring audio tones`: the countries' tones as a table, and a site's own measured from recordings.
//!
//! Never: changes a configuration. It prints the lines to be put there.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use tipring_driver::country::{Country, table};
use tipring_driver::dsp::Lanes;
use tipring_driver::dsp::progress::{Bank, Event};
use tipring_driver::signal::ToneKind;
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::learn::{Learnt, Sure, learn};
use super::{AudioError, input, of_tone, ticks};
use crate::config::{SiteCountry, ToneConfig, ToneMeaning, tones::country_with};

#[derive(Debug, Args)]
pub struct TonesArgs {
    /// Recordings of one tone each, two whole cycles or more: WAV of any usual kind; - for standard input
    #[arg(long, num_args = 1.., value_name = "FILE")]
    learn: Vec<PathBuf>,
    /// Meaning of the tone; by its cadence if left out
    #[arg(long, value_enum, requires = "learn")]
    meaning: Option<ToneMeaning>,
    /// Country of the site
    #[arg(long, value_name = "CODE", default_value_t = SiteCountry::default())]
    country: SiteCountry,
}

/// Does what the arguments ask.
pub fn run(args: &TonesArgs) -> Result<(), AudioError> {
    let text = if args.learn.is_empty() {
        table()
    } else {
        let measured = args.learn.iter().map(|path| measure(path, args.meaning, args.country.0));
        measured.collect::<Result<Vec<_>, _>>()?.join("\n")
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(AudioError::Write(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The lines for the tone of a recording; of several channels, the first with a tone.
fn measure(path: &Path, meaning: Option<ToneMeaning>, country: &'static Country) -> Result<String, AudioError> {
    let channels = input::channels(path, None)?;
    let mut refused = None;
    for samples in &channels {
        match learn(samples) {
            Ok(learnt) => return Ok(entry(path, &learnt, meaning, country, samples)),
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    Err(AudioError::NoTone(path.to_owned(), refused.unwrap_or_default()))
}

/// A comment that says what was measured, and the entry of the configuration.
fn entry(
    path: &Path,
    learnt: &Learnt,
    meaning: Option<ToneMeaning>,
    country: &'static Country,
    samples: &[i16],
) -> String {
    let tone = ToneConfig {
        meaning: meaning.unwrap_or_else(|| learnt.meaning()),
        hz: learnt.parts.iter().map(|(hz, _)| hz.round()).collect(),
        cadence_ms: learnt.cadence_ms.clone(),
    };
    let parts: Vec<_> = learnt.parts.iter().map(|(hz, dbm0)| format!("{hz:.1} Hz at {dbm0:.1} dBm0")).collect();
    let mut text = format!("# {}: {}", path.display(), parts.join(" and "));
    if let Some(hz) = learnt.swell_hz {
        let _ = write!(text, ", swelling by {hz:.0} Hz");
    }
    let _ = match learnt.cadence_ms[..] {
        [] => write!(text, ", without a break for {:.1} s", learnt.cycles),
        _ => write!(text, ", {:.1} cycles within {} ms", learnt.cycles, learnt.spread_ms),
    };
    let _ = writeln!(text, ", {:.0} dB over the rest", learnt.over_rest_db);
    let sure = match learnt.sure() {
        Sure::High => "high",
        Sure::Fair => "fair: a longer or cleaner recording makes it surer",
        Sure::Low => "low: record at least two whole cycles of the tone alone",
    };
    let _ = writeln!(text, "# confidence: {sure}");
    let theirs = match recognised(country, samples) {
        None => "no tone in it".to_owned(),
        Some((tone, _)) => of_tone(tone).to_owned(),
    };
    let _ = writeln!(text, "# the profile {} alone hears {theirs}", country.code);
    let with_it = tone
        .check(country)
        .map_err(|(_, why)| why)
        .and_then(|()| country_with(country, std::slice::from_ref(&tone)).map_err(|(_, why)| why));
    let _ = match with_it.map(|country| recognised(country, samples)) {
        Ok(Some((heard, seconds))) => {
            writeln!(text, "# with this entry it hears {} after {seconds:.1} s", of_tone(heard))
        }
        Ok(None) => writeln!(text, "# this entry does not recognise the recording: it is too short, or too noisy"),
        Err(why) => writeln!(text, "# this entry will not do as it is: {why}"),
    };
    if meaning.is_none() {
        text.push_str("# the meaning is a guess by the cadence; see that it is right\n");
    }
    let _ = writeln!(text, "[[tone]]\nmeaning = \"{}\"\nhz = {:?}", tone.meaning.word(), tone.hz);
    if !tone.cadence_ms.is_empty() {
        let _ = writeln!(text, "cadence_ms = {:?}", tone.cadence_ms);
    }
    text
}

/// The first tone that a country's detector recognises, and after how many seconds.
fn recognised(country: &Country, samples: &[i16]) -> Option<(ToneKind, f64)> {
    let mut bank = Bank::new(1, &country.detection);
    let mut found = None;
    for (index, tick) in ticks(samples).enumerate() {
        bank.step(&[tick], &Lanes::first(1), &mut |_, event| {
            if let Event::Recognised(tone) = event {
                found = found.or(Some((tone, (index * tick.len()) as f64 / f64::from(SAMPLE_RATE_HZ))));
            }
        });
    }
    found
}

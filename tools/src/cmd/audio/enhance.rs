//! `tipring audio enhance`: what recordings for listening would be like, tried on a file.
//!
//! The same [`Enhancer`] that the file thread gives its recordings.
//!
//! Never: changes a sample itself, or touches the recording it was given.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use tipring_driver::dsp::agc::ActiveLevel;
use tipring_driver::dsp::enhance::{Enhancement, Enhancer};
use tipring_driver::dsp::{SILENCE, level};
use tipring_driver::time::{SAMPLE_RATE_HZ, SAMPLES_PER_TICK};

use super::{AudioError, input};

#[derive(Debug, Args)]
pub struct EnhanceArgs {
    /// Leave voices as loud as they are
    #[arg(long)]
    no_level_control: bool,
    /// Leave noise as it is
    #[arg(long)]
    no_noise_reduction: bool,
    /// Print one JSON object instead of sentences
    #[arg(long)]
    json: bool,
    /// The recording: WAV of any usual kind, one or two channels
    file: PathBuf,
    /// File for the result, WAV with 16 bits; a file that is there is replaced
    out: PathBuf,
}

/// Does what the arguments ask.
pub fn run(args: &EnhanceArgs) -> Result<(), AudioError> {
    let same = |path: &Path| path.canonicalize().ok();
    if same(&args.file).is_some_and(|file| same(&args.out) == Some(file)) {
        return Err(AudioError::Itself(args.file.clone()));
    }
    let channels = read(&args.file)?;
    let enhancement = Enhancement { noise_reduction: !args.no_noise_reduction, level_control: !args.no_level_control };
    let better = enhanced(enhancement, &channels);
    write(&args.out, &better).map_err(AudioError::Write)?;
    let names: &[&'static str] = if channels.len() == 2 { &["left", "right"] } else { &["only"] };
    let report = Report {
        samples: channels[0].len(),
        channels: names
            .iter()
            .zip(channels.iter().zip(&better))
            .map(|(channel, (before, after))| Channel { channel, before: Levels::of(before), after: Levels::of(after) })
            .collect(),
    };
    if args.json {
        println!("{}", serde_json::json!(report));
    } else {
        print!("{report}");
    }
    Ok(())
}

/// Levels of a recording before and after enhancement.
#[derive(Debug, Serialize)]
struct Report {
    samples: usize,
    channels: Vec<Channel>,
}

#[derive(Debug, Serialize)]
struct Channel {
    channel: &'static str,
    before: Levels,
    after: Levels,
}

/// Levels of a channel, in dBm0; none if it has no such part.
#[derive(Debug, Serialize)]
struct Levels {
    /// Speech while it is active, after P.56.
    speech_dbm0: Option<f64>,
    /// The quietest tenth, in pieces of 0.1 s.
    quiet_dbm0: Option<f64>,
    /// The level of a sine whose peak is that of the highest sample.
    peak_dbm0: Option<f64>,
}

impl Levels {
    fn of(samples: &[i16]) -> Levels {
        let tenths = |dbm0: f64| dbm0.is_finite().then_some((10.0 * dbm0).round() / 10.0);
        let mut meter = ActiveLevel::default();
        samples.as_chunks::<SAMPLES_PER_TICK>().0.iter().for_each(|tick| meter.step(&tick.map(f32::from)));
        let mut pieces: Vec<f64> = samples.chunks_exact(SAMPLE_RATE_HZ as usize / 10).map(mean_square).collect();
        pieces.sort_by(f64::total_cmp);
        let highest = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
        Levels {
            speech_dbm0: meter.dbm0().and_then(tenths),
            quiet_dbm0: pieces.get(pieces.len() / 10).and_then(|square| tenths(level::dbm0(*square))),
            peak_dbm0: tenths(level::dbm0(f64::from(highest).powi(2) / 2.0)),
        }
    }
}

fn mean_square(samples: &[i16]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum::<f64>() / samples.len() as f64
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:28}{:>10}{:>10}", "dBm0", "before", "after")?;
        let shown = |level: Option<f64>| level.map_or("-".to_owned(), |dbm0| format!("{dbm0:.1}"));
        for Channel { channel, before, after } in &self.channels {
            for (what, before, after) in [
                ("speech while active", before.speech_dbm0, after.speech_dbm0),
                ("the quietest tenth", before.quiet_dbm0, after.quiet_dbm0),
                ("highest peak", before.peak_dbm0, after.peak_dbm0),
            ] {
                writeln!(f, "{:28}{:>10}{:>10}", format!("{channel}: {what}"), shown(before), shown(after))?;
            }
        }
        Ok(())
    }
}

/// The channels of a recording: one or two.
fn read(path: &Path) -> Result<Vec<Vec<i16>>, AudioError> {
    let channels = input::channels(path, None)?;
    match channels.len() {
        1..=2 => Ok(channels),
        count => Err(AudioError::Channels(path.to_owned(), count)),
    }
}

/// Enhances all channels; count and places of the samples stay the same. A mono recording is enhanced with silence on
/// the other side.
fn enhanced(enhancement: Enhancement, channels: &[Vec<i16>]) -> Vec<Vec<i16>> {
    let mut enhancer = Enhancer::new(enhancement);
    let mut out = vec![Vec::new(); channels.len()];
    let mut write = |left: &[i16], right: &[i16]| -> Result<(), Infallible> {
        out.iter_mut().zip([left, right]).for_each(|(out, side)| out.extend_from_slice(side));
        Ok(())
    };
    let length = channels[0].len();
    for from in (0..length).step_by(SAMPLES_PER_TICK) {
        let mut tick = [SILENCE; 2];
        for (side, channel) in tick.iter_mut().zip(channels) {
            let samples = &channel[from..(from + SAMPLES_PER_TICK).min(length)];
            side[..samples.len()].copy_from_slice(samples);
        }
        let Ok(()) = enhancer.step(&tick, &mut write);
    }
    let Ok(()) = enhancer.finish(&mut write);
    out.iter_mut().for_each(|channel| channel.truncate(length));
    out
}

fn write(path: &Path, channels: &[Vec<i16>]) -> io::Result<()> {
    let spec = hound::WavSpec {
        channels: channels.len() as u16,
        sample_rate: SAMPLE_RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let failed = |error| match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other.to_string()),
    };
    let mut writer = hound::WavWriter::create(path, spec).map_err(failed)?;
    for n in 0..channels[0].len() {
        for channel in channels {
            writer.write_sample(channel[n]).map_err(failed)?;
        }
    }
    writer.finalize().map_err(failed)
}

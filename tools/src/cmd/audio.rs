//! `tipring audio`: recordings through the detectors, as a line's sound goes through them, and from one coding into
//! another.
//!
//! `decode` prints one JSON object a line for each detection. `sample` is the index of the sample with which it was
//! complete: what a live line would have reported at that moment.

mod enhance;
mod input;
mod learn;
#[cfg(test)]
mod tests;
mod tones;

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use serde_json::json;
use tipring_driver::card::Law;
use tipring_driver::country::{COUNTRIES, Country};
use tipring_driver::dsp::g726::{self, Packing, Rate};
use tipring_driver::dsp::progress::sit;
use tipring_driver::dsp::{Lanes, SILENCE, Samples, caller_id, dtmf, g711, progress};
use tipring_driver::line::{AbsenceReason, CallerId};
use tipring_driver::media::ToneKind;
use tipring_driver::signal::SpecialInformationTone;
use tipring_driver::time::SAMPLES_PER_TICK;

use crate::sound_file::SoundError;

/// Work with recordings.
#[derive(Debug, Args)]
pub struct AudioArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Find keys, callers' identities or tones in a recording
    ///
    /// Prints one JSON object a line for each detection. "sample" counts from the beginning of the file, 8000 a second;
    /// with more than one channel, "channel" counts from 1.
    Decode(DecodeArgs),
    /// Show the countries' tones, or measure tones from recordings for a site's own
    ///
    /// Without --learn: the table of all profiles. With it: what is heard in each recording, as lines for the site's
    /// configuration.
    Tones(tones::TonesArgs),
    /// Write a recording in another coding, without a header, at 8000 Hz, one channel
    Encode(EncodeArgs),
    /// Take the noise of a recording down and bring its voices to a like level, as recordings for listening have it
    ///
    /// Says how loud speech, noise and the highest peak of each channel were and are. Tones, fax and modems stay as
    /// they are.
    Enhance(enhance::EnhanceArgs),
}

#[derive(Debug, Args)]
struct EncodeArgs {
    /// Output format; the codes of G.726 fill octets from the low bits up (RFC 3551)
    #[arg(long, value_enum)]
    to: Format,
    /// Sample format of a raw file, at 8000 Hz, one channel; a WAV file's is in its header
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The recording: WAV of any usual kind, or raw samples; - for standard input
    file: PathBuf,
    /// File for the result; a file that is there is replaced; - for standard output
    out: PathBuf,
}

#[derive(Debug, Args)]
struct DecodeArgs {
    /// Signals to detect
    #[arg(long, value_enum)]
    kind: Kind,
    /// Sample format of a raw file, at 8000 Hz, one channel; a WAV file's is in its header
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Country of the tones: its two letters
    #[arg(long, default_value = "CN")]
    country: String,
    /// The recording: WAV of any usual kind, or raw samples; - for standard input
    file: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    /// Keys of a telephone
    Dtmf,
    /// Number and name of a caller, sent by an exchange
    CallerId,
    /// Dial tone, ringback, busy, congestion, special information tones
    Tones,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// 16-bit linear, little-endian
    S16,
    /// A-law
    Alaw,
    /// Mu-law
    Ulaw,
    /// G.726 at 16 kbit/s, packed as in RFC 3551
    #[value(name = "g726-16")]
    G726At16,
    /// G.726 at 24 kbit/s
    #[value(name = "g726-24")]
    G726At24,
    /// G.726 at 32 kbit/s
    #[value(name = "g726-32")]
    G726At32,
    /// G.726 at 40 kbit/s
    #[value(name = "g726-40")]
    G726At40,
}

/// Reason for which a recording could not be decoded.
#[derive(Debug)]
pub enum AudioError {
    /// The file could not be read.
    Read(PathBuf, io::Error),
    /// A file that is or should be a WAV file is of no use.
    Wav(PathBuf, SoundError),
    /// The sample format of a raw file is missing.
    NoFormat(PathBuf),
    /// A raw 16-bit file with half a sample at its end.
    HalfSample(PathBuf),
    /// No profile of this country.
    NoCountry(String),
    /// A WAV file with more channels than a recording has.
    Channels(PathBuf, usize),
    /// No tone in a recording.
    NoTone(PathBuf, String),
    /// The result would replace what it is made from.
    Itself(PathBuf),
    /// The result could not be written.
    Write(io::Error),
}

impl fmt::Display for AudioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AudioError::Read(path, error) => write!(f, "{}: {error}", path.display()),
            AudioError::Wav(path, error) => write!(f, "{}: {error}", path.display()),
            AudioError::NoFormat(path) => write!(
                f,
                "{} is not a WAV file; say how its samples are written: --format s16, alaw, ulaw or g726-16 to g726-40",
                path.display()
            ),
            AudioError::HalfSample(path) => write!(
                f,
                "{} has an odd number of octets, so it is not 16-bit samples; is it A-law (--format alaw)?",
                path.display()
            ),
            AudioError::NoCountry(code) => {
                let known: Vec<&str> = COUNTRIES.iter().map(|country| country.code).collect();
                write!(f, "There is no tone table for country {code}; there are {}", known.join(", "))
            }
            AudioError::Channels(path, count) => write!(
                f,
                "{} has {count} channels; a recording has one or two: take the others out first",
                path.display()
            ),
            AudioError::NoTone(path, why) => write!(f, "{}: {why}", path.display()),
            AudioError::Itself(path) => write!(
                f,
                "{} would be replaced by what is made from it, and what was recorded would be lost; give the result another name",
                path.display()
            ),
            AudioError::Write(error) => write!(f, "Could not write the result: {error}"),
        }
    }
}

impl std::error::Error for AudioError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            AudioError::Read(_, error) | AudioError::Write(error) => Some(error),
            AudioError::Wav(_, error) => Some(error),
            AudioError::NoFormat(_)
            | AudioError::HalfSample(_)
            | AudioError::NoCountry(_)
            | AudioError::Channels(..)
            | AudioError::NoTone(..)
            | AudioError::Itself(_) => None,
        }
    }
}

/// Does what the arguments ask.
pub fn run(args: &AudioArgs) -> Result<(), AudioError> {
    match &args.action {
        Action::Decode(args) => run_decode(args),
        Action::Tones(args) => tones::run(args),
        Action::Encode(args) => run_encode(args),
        Action::Enhance(args) => enhance::run(args),
    }
}

fn run_encode(args: &EncodeArgs) -> Result<(), AudioError> {
    let octets = written(&input::mono(&args.file, args.format)?, args.to);
    let write = if args.out == Path::new("-") {
        io::stdout().lock().write_all(&octets)
    } else {
        std::fs::write(&args.out, octets)
    };
    write.map_err(AudioError::Write)
}

fn run_decode(args: &DecodeArgs) -> Result<(), AudioError> {
    let country = Country::of(&args.country).ok_or_else(|| AudioError::NoCountry(args.country.clone()))?;
    let channels = input::channels(&args.file, args.format)?;
    let mut out = BufWriter::new(io::stdout().lock());
    decode(&channels, args.kind, country, &mut out).and_then(|()| out.flush()).or_else(|error| match error.kind() {
        // Whoever reads has heard enough.
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(AudioError::Write(error)),
    })
}

/// Samples as they stand in a raw file.
fn written(samples: &[i16], format: Format) -> Vec<u8> {
    let companded = |law| samples.iter().map(|sample| g711::encode(law, *sample)).collect();
    match format {
        Format::S16 => samples.iter().flat_map(|sample| sample.to_le_bytes()).collect(),
        Format::Alaw => companded(Law::A),
        Format::Ulaw => companded(Law::Mu),
        Format::G726At16 => to_g726(samples, Rate::Kbit16),
        Format::G726At24 => to_g726(samples, Rate::Kbit24),
        Format::G726At32 => to_g726(samples, Rate::Kbit32),
        Format::G726At40 => to_g726(samples, Rate::Kbit40),
    }
}

/// The last tick is filled up with silence.
fn to_g726(samples: &[i16], rate: Rate) -> Vec<u8> {
    let mut encoder = g726::Encoder::new(rate);
    let mut octets = Vec::new();
    for chunk in samples.chunks(SAMPLES_PER_TICK) {
        let mut tick = SILENCE;
        tick[..chunk.len()].copy_from_slice(chunk);
        octets.extend_from_slice(&rate.pack(&encoder.step(&tick), Packing::LowFirst)[..rate.bits()]);
    }
    octets
}

/// Silence fed to the detectors after the recording, in ticks: the last key may need it.
const TAIL_TICKS: usize = 64;

/// Prints the detections of all channels in their order; with more than one channel, each says of which it is, from 1.
fn decode(channels: &[Vec<i16>], kind: Kind, country: &Country, out: &mut impl Write) -> io::Result<()> {
    let mut found = Vec::new();
    for (index, samples) in channels.iter().enumerate() {
        detect(samples, kind, country, &mut |sample, mut detection| {
            if channels.len() > 1 {
                detection["channel"] = (index + 1).into();
            }
            found.push((sample, detection));
        });
    }
    found.sort_by_key(|(sample, _)| *sample);
    found.into_iter().try_for_each(|(_, detection)| writeln!(out, "{detection}"))
}

/// Detections of one channel, each with the sample that completed it.
fn detect(samples: &[i16], kind: Kind, country: &Country, report: &mut dyn FnMut(usize, serde_json::Value)) {
    let lane = Lanes::first(1);
    let mut keys = dtmf::Bank::new(1);
    let mut callers = caller_id::Bank::new(1);
    let mut tones = progress::Bank::new(1, &country.detection);
    let mut sits = sit::Bank::new(1);
    let mut found = Vec::new();
    for (index, tick) in ticks(samples).enumerate() {
        let frames = [tick];
        match kind {
            Kind::Dtmf => keys.step(&frames, &lane, &mut |_, event| match event {
                dtmf::Event::Begun(digit) => found.push(json!({ "digit": digit.as_char() })),
                dtmf::Event::Ended(..) => {}
            }),
            Kind::CallerId => callers.step(&frames, &lane, &mut |_, caller| found.push(of_caller(&caller))),
            Kind::Tones => {
                tones.step(&frames, &lane, &mut |_, event| match event {
                    progress::Event::Recognised(tone) => found.push(json!({ "tone": of_tone(tone) })),
                    progress::Event::Begun | progress::Event::Ended(_) => {}
                });
                sits.step(&frames, &lane, &mut |_, sit| {
                    found.push(json!({ "tone": "special information", "meaning": of_sit(sit) }));
                });
            }
        }
        for mut detection in found.drain(..) {
            let last = ((index + 1) * SAMPLES_PER_TICK - 1).min(samples.len().saturating_sub(1));
            detection["sample"] = last.into();
            report(last, detection);
        }
    }
}

/// The samples a tick at a time, then silence.
fn ticks(samples: &[i16]) -> impl Iterator<Item = Samples> {
    let (whole, rest) = samples.as_chunks::<SAMPLES_PER_TICK>();
    let mut last = SILENCE;
    last[..rest.len()].copy_from_slice(rest);
    whole.iter().copied().chain([last]).chain(std::iter::repeat_n(SILENCE, TAIL_TICKS))
}

fn of_caller(caller: &CallerId) -> serde_json::Value {
    let mut value = json!({ "number": caller.number.as_str(), "name": caller.name.as_str() });
    match caller.absence {
        Some(AbsenceReason::Private) => value["absence"] = "private".into(),
        Some(AbsenceReason::Unavailable) => value["absence"] = "unavailable".into(),
        None => {}
    }
    value
}

fn of_sit(sit: SpecialInformationTone) -> &'static str {
    match sit {
        SpecialInformationTone::Announcement => "announcement",
        SpecialInformationTone::Intercept => "intercept",
        SpecialInformationTone::VacantCode => "vacant code",
        SpecialInformationTone::Reorder => "reorder",
        SpecialInformationTone::NoCircuit => "no circuit",
    }
}

fn of_tone(tone: ToneKind) -> &'static str {
    match tone {
        ToneKind::Dial => "dial",
        ToneKind::Ringback => "ringback",
        ToneKind::Busy => "busy",
        ToneKind::Congestion => "congestion",
        ToneKind::Zip => "zip",
        ToneKind::Confirmation => "confirmation",
    }
}

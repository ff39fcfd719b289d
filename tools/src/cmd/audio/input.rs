//! Samples of a recording at the line's rate, from a WAV file of any usual kind or from raw samples.
//!
//! Never: brings a level to another.

use std::io::{self, Read};
use std::path::Path;

use tipring_driver::card::Law;
use tipring_driver::dsp::g711;
use tipring_driver::dsp::g726::{self, Packing, Rate};

use super::{AudioError, Format};
use crate::sound_file::SoundFile;

/// All samples of a file by channel. A file that calls itself WAV, by its name or its first octets, is read as one,
/// from
/// standard input, too.
pub fn channels(path: &Path, format: Option<Format>) -> Result<Vec<Vec<i16>>, AudioError> {
    let octets = octets(path)?;
    if calls_itself_wav(path, &octets) { Ok(sound(path, &octets)?.samples()) } else { raw(path, &octets, format) }
}

/// All samples of a file, its channels mixed into one.
pub fn mono(path: &Path, format: Option<Format>) -> Result<Vec<i16>, AudioError> {
    let octets = octets(path)?;
    let mut channels = if calls_itself_wav(path, &octets) {
        sound(path, &octets)?.mono().samples()
    } else {
        raw(path, &octets, format)?
    };
    Ok(channels.swap_remove(0))
}

fn octets(path: &Path) -> Result<Vec<u8>, AudioError> {
    let mut octets = Vec::new();
    let read = if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut octets).map(drop)
    } else {
        std::fs::read(path).map(|read| octets = read)
    };
    read.map(|()| octets).map_err(|error| AudioError::Read(path.to_owned(), error))
}

fn calls_itself_wav(path: &Path, octets: &[u8]) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav")) || SoundFile::is_wav(octets)
}

fn sound(path: &Path, octets: &[u8]) -> Result<SoundFile, AudioError> {
    let sound = SoundFile::read(octets).and_then(SoundFile::at_line_rate);
    sound.map_err(|error| AudioError::Wav(path.to_owned(), error))
}

fn raw(path: &Path, octets: &[u8], format: Option<Format>) -> Result<Vec<Vec<i16>>, AudioError> {
    let companded = |law| octets.iter().map(|octet| g711::decode(law, *octet)).collect();
    let samples = match format {
        Some(Format::S16) => match octets.as_chunks::<2>() {
            (pairs, []) => pairs.iter().copied().map(i16::from_le_bytes).collect(),
            _ => return Err(AudioError::HalfSample(path.to_owned())),
        },
        Some(Format::Alaw) => companded(Law::A),
        Some(Format::Ulaw) => companded(Law::Mu),
        Some(Format::G726At16) => from_g726(octets, Rate::Kbit16),
        Some(Format::G726At24) => from_g726(octets, Rate::Kbit24),
        Some(Format::G726At32) => from_g726(octets, Rate::Kbit32),
        Some(Format::G726At40) => from_g726(octets, Rate::Kbit40),
        None => return Err(AudioError::NoFormat(path.to_owned())),
    };
    Ok(vec![samples])
}

/// A file that ends within a tick is filled up with codes of 0.
pub fn from_g726(octets: &[u8], rate: Rate) -> Vec<i16> {
    let mut decoder = g726::Decoder::new(rate);
    octets.chunks(rate.bits()).flat_map(|tick| decoder.step(&rate.unpack(tick, Packing::LowFirst))).collect()
}

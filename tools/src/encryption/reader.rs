//! A recording as a WAV file to be read at any place, whether it is encrypted or not.
//!
//! Never: gives out a sample that is not the one that was written; holds more than a chunk in memory.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use tipring_driver::time::SAMPLE_RATE_HZ;

use super::Unreadable;
use super::format::{BITS, CHANNELS, FileKey, HEADER, Header, Kind, MAGIC, TAG};
use super::key_ring::KeyRing;
use super::keys::KeyId;

/// The remedy for damage.
const REMEDY: &str = "--despite-damage of `tipring recording export` gives out the rest";

/// The treatment of parts that are not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Damage {
    /// The recording is refused, with the place.
    #[default]
    Refused,
    /// Silence stands in their place, and a recording that was cut off ends there.
    Silence,
}

/// A recording that is open to be read as a WAV file.
pub enum SoundFile {
    /// In the clear.
    Plain(BufReader<File>),
    /// Encrypted.
    Encrypted(Box<Decrypted>),
}

/// Opens a recording.
///
/// # Errors
/// It is not there, its key is not, or it is not what was written.
pub fn open(path: &Path, keys: &KeyRing, damage: Damage) -> Result<SoundFile, Unreadable> {
    let file = File::open(path)?;
    Ok(match header_of(&file)? {
        None => SoundFile::Plain(BufReader::new(file)),
        Some(header) => SoundFile::Encrypted(Box::new(Decrypted::new((file, path), keys.file_key(header)?, damage)?)),
    })
}

/// The id of the key that a file needs; none for one in the clear.
///
/// # Errors
/// The file cannot be read, or its header was changed.
pub fn key_of(path: &Path) -> Result<Option<KeyId>, Unreadable> {
    Ok(header_of(&File::open(path)?)?.map(|header| header.key()))
}

/// The header of an encrypted file; none for one in the clear.
pub(super) fn header_of(file: &File) -> Result<Option<Header>, Unreadable> {
    let mut octets = [0; HEADER];
    let mut there = 0;
    while there < HEADER {
        match file.read_at(&mut octets[there..], there as u64)? {
            0 => break,
            count => there += count,
        }
    }
    match there {
        HEADER if octets.starts_with(&MAGIC) => Header::read(octets).map(Some),
        _ if there > 0 && octets[..there.min(MAGIC.len())] == MAGIC[..there.min(MAGIC.len())] => {
            Err(Unreadable::Refused("it ends within its header".into()))
        }
        _ => Ok(None),
    }
}

/// The end of an encrypted file.
pub(super) struct End {
    /// Whole chunks.
    pub(super) full: u64,
    /// The last chunk, if it is there and authentic: its kind, and its octets of sound.
    pub(super) last: Option<(Kind, u64)>,
}

/// Looks for the last chunk.
pub(super) fn end_of(file: &File, key: &FileKey) -> io::Result<End> {
    let header = key.header();
    let (full, rest) = header.chunks(file.metadata()?.len());
    let mut last = None;
    if rest >= TAG as u64 {
        let mut sealed = vec![0; rest as usize];
        file.read_exact_at(&mut sealed, header.place(full))?;
        let is = |kind: &Kind| key.open(*kind, full, &mut sealed.clone());
        last = [Kind::Last, Kind::CutOff].into_iter().find(is).map(|kind| (kind, rest - TAG as u64));
    }
    Ok(End { full, last })
}

/// An encrypted recording that is open to be read.
pub struct Decrypted {
    file: File,
    path: PathBuf,
    key: FileKey,
    damage: Damage,
    end: End,
    /// The header of the WAV file.
    wav: Vec<u8>,
    /// Octets of sound.
    octets: u64,
    /// The place in the WAV file.
    at: u64,
    /// The chunk that was read last, and its number.
    chunk: Option<(u64, Vec<u8>)>,
}

impl Decrypted {
    fn new((file, path): (File, &Path), key: FileKey, damage: Damage) -> Result<Decrypted, Unreadable> {
        let end = end_of(&file, &key)?;
        let header = key.header();
        if end.last.is_none() && damage == Damage::Refused {
            let seconds = header.seconds(end.full);
            let text = format!("it was cut off, or its end was changed, {seconds:.1} s after its beginning; {REMEDY}");
            return Err(Unreadable::Refused(text));
        }
        let octets = end.full * header.chunk() + end.last.map_or(0, |(_, octets)| octets);
        let wav = wav_header(octets)?;
        Ok(Decrypted { file, path: path.to_owned(), key, damage, end, wav, octets, at: 0, chunk: None })
    }

    /// True if the file was cut off: it was repaired, or still has to be.
    pub fn is_cut_off(&self) -> bool {
        !matches!(self.end.last, Some((Kind::Last, _)))
    }

    /// Has a chunk in memory.
    fn load(&mut self, number: u64) -> io::Result<&[u8]> {
        let (kind, octets) = match self.end.last {
            Some((kind, octets)) if number == self.end.full => (kind, octets),
            _ => (Kind::More, self.key.header().chunk()),
        };
        if self.chunk.as_ref().is_none_or(|(loaded, _)| *loaded != number) {
            let mut chunk = self.chunk.take().map_or_else(Vec::new, |(_, chunk)| chunk);
            chunk.resize(octets as usize + TAG, 0);
            self.file.read_exact_at(&mut chunk, self.key.header().place(number))?;
            if !self.key.open(kind, number, &mut chunk) {
                if self.damage == Damage::Refused {
                    let (from, to) = (self.key.header().seconds(number), self.key.header().seconds(number + 1));
                    let text = format!(
                        "The recording {} is damaged: its sound from {from:.2} s to {to:.2} s is not what was written; \
                         {REMEDY}",
                        self.path.display()
                    );
                    return Err(io::Error::new(io::ErrorKind::InvalidData, text));
                }
                chunk.resize(octets as usize, 0);
            }
            self.chunk = Some((number, chunk));
        }
        Ok(self.chunk.as_ref().map_or(&[], |(_, chunk)| chunk))
    }
}

/// The header of a WAV file with a count of octets of sound, as the plain recordings have it.
fn wav_header(octets: u64) -> Result<Vec<u8>, Unreadable> {
    let spec = hound::WavSpec {
        channels: CHANNELS.into(),
        sample_rate: SAMPLE_RATE_HZ,
        bits_per_sample: BITS,
        sample_format: hound::SampleFormat::Int,
    };
    let mut header = Vec::new();
    let written = hound::WavWriter::new(Cursor::new(&mut header), spec).and_then(hound::WavWriter::finalize);
    written.map_err(|error| Unreadable::Refused(error.to_string()))?;
    let octets = u32::try_from(octets).unwrap_or(u32::MAX);
    let end = header.len();
    header[end - 4..].copy_from_slice(&octets.to_le_bytes());
    header[4..8].copy_from_slice(&octets.saturating_add(end as u32 - 8).to_le_bytes());
    Ok(header)
}

impl Read for Decrypted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let head = self.wav.len() as u64;
        let piece = if self.at < head {
            &self.wav[self.at as usize..]
        } else if self.at - head >= self.octets {
            &[]
        } else {
            let (at, chunk) = (self.at - head, self.key.header().chunk());
            &self.load(at / chunk)?[(at % chunk) as usize..]
        };
        let count = piece.len().min(into.len());
        into[..count].copy_from_slice(&piece[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Decrypted {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = self.wav.len() as u64 + self.octets;
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl Read for SoundFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            SoundFile::Plain(file) => file.read(into),
            SoundFile::Encrypted(file) => file.read(into),
        }
    }
}

impl Seek for SoundFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            SoundFile::Plain(file) => file.seek(to),
            SoundFile::Encrypted(file) => file.seek(to),
        }
    }
}

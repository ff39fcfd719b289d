//! WAV files: prompts to read, recordings to write, and recordings that were cut off to repair.
//!
//! PCM goes through `hound`; G.711 and the repair are ours, by a walk over the chunks. Everything is 8 kHz: a file at
//! another rate is refused with a sentence, because resampling belongs to whoever makes the prompts.
//! Layout of the file: RIFF WAVE, little-endian, every chunk padded to an even length.
//!
//! Never: called from the media thread.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::card::Law;
use crate::dsp::g711;
use crate::time::SAMPLE_RATE_HZ;

/// Format tag of linear samples.
const TAG_PCM: u16 = 0x0001;
/// Format tag of A-law.
const TAG_ALAW: u16 = 0x0006;
/// Format tag of mu-law.
const TAG_MULAW: u16 = 0x0007;
/// Format tag of a format that is named by a longer field.
const TAG_EXTENSIBLE: u16 = 0xfffe;
/// The `fmt ` chunk: at most this many octets of it are looked at.
const FORMAT_OCTETS: usize = 16;
/// How many chunks may stand before the sound.
const CHUNKS_MAX: usize = 64;

/// Why a WAV file could not be used.
#[derive(Debug)]
pub enum WavError {
    /// The operating system refused.
    Io(io::Error),
    /// It is not a WAV file, or it is a broken one.
    NotWav(&'static str),
    /// It is a WAV file of a kind that is not played.
    Unsupported {
        /// Format tag.
        tag: u16,
        /// Channels.
        channels: u16,
        /// Samples a second.
        rate_hz: u32,
        /// Bits of a sample.
        bits: u16,
    },
}

impl fmt::Display for WavError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WavError::Io(error) => write!(f, "{error}"),
            WavError::NotWav(why) => write!(f, "this is not a usable WAV file: {why}"),
            WavError::Unsupported { tag, channels, rate_hz, bits } => write!(
                f,
                "this WAV file has {channels} channel(s) at {rate_hz} Hz with {bits} bits (format {tag:#06x}); \
                 wanted is one channel at 8000 Hz as 16-bit PCM, A-law or mu-law"
            ),
        }
    }
}

impl std::error::Error for WavError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            WavError::Io(error) => Some(error),
            WavError::NotWav(_) | WavError::Unsupported { .. } => None,
        }
    }
}

impl From<io::Error> for WavError {
    fn from(error: io::Error) -> WavError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => WavError::NotWav("it ends too early"),
            _ => WavError::Io(error),
        }
    }
}

impl From<hound::Error> for WavError {
    fn from(error: hound::Error) -> WavError {
        match error {
            hound::Error::IoError(error) => error.into(),
            hound::Error::FormatError(why) => WavError::NotWav(why),
            hound::Error::TooWide => WavError::NotWav("a sample has too many bits"),
            hound::Error::UnfinishedSample => WavError::NotWav("the last sample lacks a channel"),
            hound::Error::Unsupported => WavError::NotWav("its format is not supported"),
            hound::Error::InvalidSampleFormat => WavError::NotWav("its samples are not whole numbers"),
        }
    }
}

/// What the chunks say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Layout {
    tag: u16,
    channels: u16,
    rate_hz: u32,
    block_align: u16,
    bits: u16,
    /// Where the sound begins, in octets from the start of the file.
    data_at: u64,
    /// How long the sound is, as the header says; it may not be true.
    data_length: u32,
}

impl Layout {
    /// Walks over the chunks up to the sound.
    fn read(file: &mut (impl Read + Seek)) -> Result<Layout, WavError> {
        let mut riff = [0; 12];
        file.seek(SeekFrom::Start(0))?;
        file.read_exact(&mut riff)?;
        if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
            return Err(WavError::NotWav("it does not begin with RIFF and WAVE"));
        }
        let mut at = riff.len() as u64;
        let mut format = None;
        for _ in 0..CHUNKS_MAX {
            let mut chunk = [0; 8];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut chunk)?;
            let length = u32::from_le_bytes([chunk[4], chunk[5], chunk[6], chunk[7]]);
            at += chunk.len() as u64;
            match &chunk[..4] {
                b"fmt " => {
                    let mut fields = [0; FORMAT_OCTETS];
                    file.read_exact(&mut fields)?;
                    format = Some(fields);
                }
                b"data" => {
                    let fields = format.ok_or(WavError::NotWav("its sound comes before its format"))?;
                    let word = |at: usize| u16::from_le_bytes([fields[at], fields[at + 1]]);
                    return Ok(Layout {
                        tag: word(0),
                        channels: word(2),
                        rate_hz: u32::from_le_bytes([fields[4], fields[5], fields[6], fields[7]]),
                        block_align: word(12),
                        bits: word(14),
                        data_at: at,
                        data_length: length,
                    });
                }
                _ => {}
            }
            at += u64::from(length) + u64::from(length % 2);
        }
        Err(WavError::NotWav("it has too many chunks before its sound"))
    }

    fn unsupported(&self) -> WavError {
        WavError::Unsupported { tag: self.tag, channels: self.channels, rate_hz: self.rate_hz, bits: self.bits }
    }
}

/// A prompt being read: one channel at 8 kHz.
pub struct PromptReader {
    sound: Sound,
}

enum Sound {
    Linear(Box<hound::WavReader<BufReader<File>>>),
    Companded { file: BufReader<File>, law: Law, from: u64, left: u64, length: u64 },
}

impl PromptReader {
    /// Opens a prompt at its beginning.
    pub fn open(path: &Path) -> Result<PromptReader, WavError> {
        let mut file = BufReader::new(File::open(path)?);
        let layout = Layout::read(&mut file)?;
        if layout.channels != 1 || layout.rate_hz != SAMPLE_RATE_HZ {
            return Err(layout.unsupported());
        }
        let sound = match (layout.tag, layout.bits) {
            (TAG_PCM | TAG_EXTENSIBLE, 16) => {
                file.seek(SeekFrom::Start(0))?;
                let reader = hound::WavReader::new(file)?;
                if reader.spec().sample_format != hound::SampleFormat::Int {
                    return Err(layout.unsupported());
                }
                Sound::Linear(Box::new(reader))
            }
            (TAG_ALAW, 8) => Sound::companded(file, Law::A, layout)?,
            (TAG_MULAW, 8) => Sound::companded(file, Law::Mu, layout)?,
            _ => return Err(layout.unsupported()),
        };
        Ok(PromptReader { sound })
    }

    /// Reads the next samples. Fewer than asked for means that the end was reached.
    pub fn read(&mut self, samples: &mut [i16]) -> Result<usize, WavError> {
        match &mut self.sound {
            Sound::Linear(reader) => {
                let mut read = 0;
                for (place, sample) in samples.iter_mut().zip(reader.samples::<i16>()) {
                    *place = sample?;
                    read += 1;
                }
                Ok(read)
            }
            Sound::Companded { file, law, left, .. } => {
                let mut read = 0;
                let mut octet = [0];
                while read < samples.len() && *left > 0 {
                    // A file shorter than its header says simply ends there.
                    if file.read(&mut octet)? == 0 {
                        *left = 0;
                        break;
                    }
                    samples[read] = g711::decode(*law, octet[0]);
                    read += 1;
                    *left -= 1;
                }
                Ok(read)
            }
        }
    }

    /// Goes back to the beginning.
    pub fn rewind(&mut self) -> Result<(), WavError> {
        match &mut self.sound {
            Sound::Linear(reader) => reader.seek(0)?,
            Sound::Companded { file, from, left, length, .. } => {
                file.seek(SeekFrom::Start(*from))?;
                *left = *length;
            }
        }
        Ok(())
    }
}

impl Sound {
    fn companded(mut file: BufReader<File>, law: Law, layout: Layout) -> Result<Sound, WavError> {
        file.seek(SeekFrom::Start(layout.data_at))?;
        let length = u64::from(layout.data_length);
        Ok(Sound::Companded { file, law, from: layout.data_at, left: length, length })
    }
}

/// A recording being written: 16-bit PCM, two channels at 8 kHz.
pub struct RecordingWriter {
    writer: hound::WavWriter<BufWriter<File>>,
    file: File,
    samples: u64,
}

impl RecordingWriter {
    /// Makes a new file. One that exists is not overwritten.
    pub fn create(path: &Path) -> Result<RecordingWriter, WavError> {
        let file = OpenOptions::new().write(true).read(true).create_new(true).open(path)?;
        let handle = file.try_clone()?;
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: SAMPLE_RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let writer = hound::WavWriter::new(BufWriter::with_capacity(64 * 1024, file), spec)?;
        Ok(RecordingWriter { writer, file: handle, samples: 0 })
    }

    /// Appends samples of both sides, as many of the one as of the other.
    pub fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), WavError> {
        for (left, right) in left.iter().zip(right) {
            self.writer.write_sample(*left)?;
            self.writer.write_sample(*right)?;
            self.samples += 1;
        }
        Ok(())
    }

    /// Writes out what was gathered and puts the true length into the header: what is there now can be played.
    pub fn checkpoint(&mut self) -> Result<(), WavError> {
        Ok(self.writer.flush()?)
    }

    /// Samples of each side so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Finishes the file and waits until it is on the disk. Returns the samples of each side.
    pub fn finish(self) -> Result<u64, WavError> {
        self.writer.finalize()?;
        self.file.sync_all()?;
        Ok(self.samples)
    }
}

/// What a repair found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The header told the truth already.
    WasWhole,
    /// The header now says what is there.
    Repaired {
        /// Samples of each channel.
        samples: u64,
    },
}

/// Makes a recording playable that was cut off by a crash or a power loss: recomputes the lengths in its header from
/// the length of the file, and drops a last sample that is not whole.
pub fn repair(path: &Path) -> Result<Repair, WavError> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    let layout = Layout::read(&mut BufReader::new(&mut file))?;
    if layout.block_align == 0 {
        return Err(WavError::NotWav("its samples have no length"));
    }
    let there = file.metadata()?.len() - layout.data_at;
    if u64::from(layout.data_length) <= there {
        // More may follow after the sound: other chunks, which are none of our business.
        let riff_length = read_u32(&mut file, 4)?;
        if u64::from(riff_length) + 8 == file.metadata()?.len() {
            return Ok(Repair::WasWhole);
        }
    }
    let samples = there / u64::from(layout.block_align);
    let length = u32::try_from(samples * u64::from(layout.block_align))
        .map_err(|_| WavError::NotWav("it is longer than a WAV file can be"))?;
    file.set_len(layout.data_at + u64::from(length))?;
    write_u32(&mut file, 4, (layout.data_at as u32 - 8).saturating_add(length))?;
    write_u32(&mut file, layout.data_at - 4, length)?;
    file.sync_all()?;
    Ok(Repair::Repaired { samples })
}

fn read_u32(file: &mut File, at: u64) -> io::Result<u32> {
    let mut word = [0; 4];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut word)?;
    Ok(u32::from_le_bytes(word))
}

fn write_u32(file: &mut File, at: u64, value: u32) -> io::Result<()> {
    file.seek(SeekFrom::Start(at))?;
    file.write_all(&value.to_le_bytes())
}

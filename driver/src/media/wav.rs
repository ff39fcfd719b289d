//! WAV files: prompts to read, recordings to write, and recordings that were cut off to repair.
//!
//! Recordings are written through `hound`. Prompts and repair are ours, by a walk over the chunks: prompts come as
//! G.711, too, and from editors that put odd chunks of their own before the sound. Everything is 8 kHz: a file at
//! another rate is refused with a sentence, because resampling belongs to those who fill the folder of prompts. Layout
//! of the file: RIFF WAVE, little-endian, every chunk padded to an even length.
//!
//! Never: runs on the media thread.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::card::Law;
use crate::dsp::g711;
use crate::time::SAMPLE_RATE_HZ;

/// Format tag of linear samples.
pub const TAG_PCM: u16 = 0x0001;
/// Format tag of A-law.
pub const TAG_ALAW: u16 = 0x0006;
/// Format tag of mu-law.
pub const TAG_MULAW: u16 = 0x0007;
/// Format tag of samples in floating point.
pub const TAG_FLOAT: u16 = 0x0003;
/// Format tag of a format that is named by a longer field.
const TAG_EXTENSIBLE: u16 = 0xfffe;
/// The `fmt ` chunk: this many octets of it are always there.
const FORMAT_OCTETS: usize = 16;
/// Offset of the true tag in an extensible `fmt ` chunk.
const EXTENSION_TAG_AT: usize = 24;
/// Most chunks before the data chunk.
const CHUNKS_MAX: usize = 64;

/// Reason for which a WAV file cannot be used.
#[derive(Debug)]
#[non_exhaustive]
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

/// Format and place of the sound, from the chunks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Format tag (RFC 2361); of an extensible format, the tag it stands for.
    pub tag: u16,
    /// Channels, interleaved.
    pub channels: u16,
    /// Samples of each channel a second.
    pub rate_hz: u32,
    /// Octets of a sample of all channels.
    pub block_align: u16,
    /// Bits of a sample.
    pub bits: u16,
    /// Start of the sound, in octets from the start of the file.
    pub data_at: u64,
    /// Length of the sound by the header, in octets. The file may be shorter; a file made for a pipe says 0 or
    /// `u32::MAX`.
    pub data_length: u32,
}

impl Layout {
    /// Walks over the chunks up to the sound.
    ///
    /// # Errors
    /// It is no WAV file, or one without sound.
    pub fn read(file: &mut (impl Read + Seek)) -> Result<Layout, WavError> {
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
                    let mut fields = [0; EXTENSION_TAG_AT + 2];
                    let there = (length as usize).min(fields.len());
                    if there < FORMAT_OCTETS {
                        return Err(WavError::NotWav("its format is too short"));
                    }
                    file.read_exact(&mut fields[..there])?;
                    format = Some(fields);
                }
                b"data" => {
                    let fields = format.ok_or(WavError::NotWav("its sound comes before its format"))?;
                    let word = |at: usize| u16::from_le_bytes([fields[at], fields[at + 1]]);
                    return Ok(Layout {
                        tag: if word(0) == TAG_EXTENSIBLE { word(EXTENSION_TAG_AT) } else { word(0) },
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

    /// Length of the sound in a file of `file_length` octets: by the header, unless that says more than is there, or
    /// 0 or
    /// `u32::MAX` as programs write that could not go back.
    pub fn sound_length(&self, file_length: u64) -> u64 {
        let there = file_length.saturating_sub(self.data_at);
        match self.data_length {
            0 | u32::MAX => there,
            length => u64::from(length).min(there),
        }
    }

    fn unsupported(&self) -> WavError {
        WavError::Unsupported { tag: self.tag, channels: self.channels, rate_hz: self.rate_hz, bits: self.bits }
    }
}

/// A prompt being read: one channel at 8 kHz.
#[derive(Debug)]
pub struct PromptReader {
    file: BufReader<File>,
    coding: Coding,
    /// Beginning of the sound, in octets from the start of the file.
    from: u64,
    /// Octets of sound in all, and those still to be read.
    length: u64,
    left: u64,
}

#[derive(Debug, Clone, Copy)]
enum Coding {
    Linear,
    Companded(Law),
}

impl PromptReader {
    /// Opens a prompt at its beginning.
    ///
    /// # Errors
    /// [`WavError::Io`] if the file cannot be opened or read, [`WavError::NotWav`] as for [`Layout::read`], and
    /// [`WavError::Unsupported`] unless it is one channel at 8 kHz as 16-bit PCM, A-law or mu-law.
    pub fn open(path: &Path) -> Result<PromptReader, WavError> {
        let mut file = BufReader::new(File::open(path)?);
        let layout = Layout::read(&mut file)?;
        let coding = match (layout.tag, layout.bits) {
            (TAG_PCM, 16) => Coding::Linear,
            (TAG_ALAW, 8) => Coding::Companded(Law::A),
            (TAG_MULAW, 8) => Coding::Companded(Law::Mu),
            _ => return Err(layout.unsupported()),
        };
        if layout.channels != 1 || layout.rate_hz != SAMPLE_RATE_HZ {
            return Err(layout.unsupported());
        }
        let length = layout.sound_length(file.get_ref().metadata()?.len());
        let mut reader = PromptReader { file, coding, from: layout.data_at, length, left: length };
        reader.rewind()?;
        Ok(reader)
    }

    /// Reads the next samples. Fewer than asked for means that the end was reached. A file that is shorter than its
    /// header says simply ends there.
    ///
    /// # Errors
    /// [`WavError::Io`] if the file cannot be read.
    pub fn read(&mut self, samples: &mut [i16]) -> Result<usize, WavError> {
        for (read, place) in samples.iter_mut().enumerate() {
            let sample = match self.coding {
                Coding::Linear => self.octets()?.map(i16::from_le_bytes),
                Coding::Companded(law) => self.octets()?.map(|[octet]| g711::decode(law, octet)),
            };
            let Some(sample) = sample else { return Ok(read) };
            *place = sample;
        }
        Ok(samples.len())
    }

    /// Leaves samples out; beyond the end nothing is left to be read.
    ///
    /// # Errors
    /// [`WavError::Io`] if the system cannot move to the place in the file.
    pub fn skip(&mut self, samples: u64) -> Result<(), WavError> {
        let octets = match self.coding {
            Coding::Linear => samples.saturating_mul(2),
            Coding::Companded(_) => samples,
        };
        let octets = octets.min(self.left);
        self.file.seek_relative(octets as i64)?;
        self.left -= octets;
        Ok(())
    }

    /// Goes back to the beginning.
    pub(crate) fn rewind(&mut self) -> Result<(), WavError> {
        self.file.seek(SeekFrom::Start(self.from))?;
        self.left = self.length;
        Ok(())
    }

    /// The octets of the next sample; none at the end.
    fn octets<const N: usize>(&mut self) -> Result<Option<[u8; N]>, WavError> {
        if self.left < N as u64 {
            return Ok(None);
        }
        self.left -= N as u64;
        let mut octets = [0; N];
        match self.file.read_exact(&mut octets) {
            Ok(()) => Ok(Some(octets)),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                self.left = 0;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Tracks of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tracks {
    /// Two: the left side and the right.
    #[default]
    Each,
    /// One: the left side alone.
    Left,
    /// One: the sum of both sides, limited to what a sample can hold.
    Sum,
}

impl Tracks {
    /// Number of channels in the file.
    pub const fn count(self) -> u16 {
        match self {
            Tracks::Each => 2,
            Tracks::Left | Tracks::Sum => 1,
        }
    }
}

/// A recording being written: 16-bit PCM at 8 kHz.
pub struct RecordingWriter {
    /// None once it is finished.
    writer: Option<hound::WavWriter<BufWriter<File>>>,
    file: File,
    tracks: Tracks,
    samples: u64,
}

impl RecordingWriter {
    /// Makes a new file. One that exists is not overwritten.
    ///
    /// # Errors
    /// [`WavError::Io`] if the file exists, cannot be made, or cannot take its header.
    pub fn create(path: &Path, tracks: Tracks) -> Result<RecordingWriter, WavError> {
        let file = OpenOptions::new().write(true).read(true).create_new(true).open(path)?;
        let handle = file.try_clone()?;
        let spec = hound::WavSpec {
            channels: tracks.count(),
            sample_rate: SAMPLE_RATE_HZ,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let writer = hound::WavWriter::new(BufWriter::with_capacity(64 * 1024, file), spec)?;
        Ok(RecordingWriter { writer: Some(writer), file: handle, tracks, samples: 0 })
    }

    /// Appends samples of both sides, as many of the one as of the other.
    ///
    /// # Errors
    /// [`WavError::Io`] if the file cannot take the samples, as on a full disk.
    pub fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), WavError> {
        let Some(writer) = &mut self.writer else { return Ok(()) };
        for (left, right) in left.iter().zip(right) {
            match self.tracks {
                Tracks::Each => {
                    writer.write_sample(*left)?;
                    writer.write_sample(*right)?;
                }
                Tracks::Left => writer.write_sample(*left)?,
                Tracks::Sum => writer.write_sample(left.saturating_add(*right))?,
            }
            self.samples += 1;
        }
        Ok(())
    }

    /// Writes out what was gathered and puts the true length into the header: what is there now can be played.
    pub(crate) fn checkpoint(&mut self) -> Result<(), WavError> {
        self.writer.as_mut().map_or(Ok(()), |writer| Ok(writer.flush()?))
    }

    /// Finishes the file and waits until it is on the disk; nothing is written after that. Returns the samples of each
    /// side.
    ///
    /// # Errors
    /// [`WavError::Io`] if the last samples or the lengths in the header cannot be written, or the sync fails.
    pub fn finish(&mut self) -> Result<u64, WavError> {
        if let Some(writer) = self.writer.take() {
            writer.finalize()?;
        }
        self.file.sync_all()?;
        Ok(self.samples)
    }
}

/// Result of a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The header was right already.
    WasWhole {
        /// Samples of each channel.
        samples: u64,
    },
    /// The header now says what is there.
    Repaired {
        /// Samples of each channel.
        samples: u64,
    },
}

impl Repair {
    /// Samples of each channel that are there.
    pub fn samples(self) -> u64 {
        match self {
            Repair::WasWhole { samples } | Repair::Repaired { samples } => samples,
        }
    }
}

/// Makes a recording playable that was cut off by a crash or a power loss: recomputes the lengths in its header from
/// the length of the file, and drops a last sample that is not whole.
///
/// # Errors
/// [`WavError::Io`] if the file cannot be opened, read or written; [`WavError::NotWav`] as for [`Layout::read`], if its
/// samples have no length, or if it is longer than a WAV file can be.
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
            return Ok(Repair::WasWhole { samples: u64::from(layout.data_length) / u64::from(layout.block_align) });
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A file of its own for one test, gone at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str, octets: &[u8]) -> Scratch {
            let path = std::env::temp_dir().join(format!("tipring-wav-{name}-{}.wav", std::process::id()));
            let _ = std::fs::remove_file(&path);
            if !octets.is_empty() {
                std::fs::write(&path, octets).unwrap();
            }
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn header(tag: u16, channels: u16, rate_hz: u32, bits: u16, sound: &[u8]) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt \x12\0\0\0".to_vec();
        for field in [tag, channels] {
            file.extend(field.to_le_bytes());
        }
        let block = channels * bits / 8;
        file.extend(rate_hz.to_le_bytes());
        file.extend((rate_hz * u32::from(block)).to_le_bytes());
        for field in [block, bits, 0] {
            file.extend(field.to_le_bytes());
        }
        file.extend(b"data");
        file.extend((sound.len() as u32).to_le_bytes());
        file.extend(sound);
        let length = file.len() as u32 - 8;
        file[4..8].copy_from_slice(&length.to_le_bytes());
        file
    }

    fn all(reader: &mut PromptReader) -> Vec<i16> {
        let mut samples = vec![0; 1000];
        let read = reader.read(&mut samples).unwrap();
        samples.truncate(read);
        samples
    }

    #[test]
    fn prompts_of_all_three_kinds_are_read_and_read_again() {
        let linear: Vec<u8> = [100i16, -200, 300].iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let cases = [
            ("pcm", header(TAG_PCM, 1, 8000, 16, &linear), vec![100, -200, 300]),
            ("alaw", header(TAG_ALAW, 1, 8000, 8, &[0xd5, 0x55]), vec![8, -8]),
            ("mulaw", header(TAG_MULAW, 1, 8000, 8, &[0xff, 0x00]), vec![0, -32124]),
        ];
        for (name, octets, expected) in cases {
            let file = Scratch::new(name, &octets);
            let mut reader = PromptReader::open(&file.0).unwrap();
            assert_eq!(all(&mut reader), expected, "{name}");
            assert_eq!(all(&mut reader), [], "{name}");
            reader.rewind().unwrap();
            assert_eq!(all(&mut reader), expected, "{name}");
            reader.rewind().unwrap();
            reader.skip(1).unwrap();
            assert_eq!(all(&mut reader), expected[1..], "{name}");
            reader.skip(1_000_000).unwrap();
            assert_eq!(all(&mut reader), [], "{name}");
        }
    }

    #[test]
    fn what_cannot_be_played_is_refused_with_a_reason() {
        let cases: [(&str, Vec<u8>, &str); 6] = [
            ("text", b"Dear integrator, this is no sound at all.".to_vec(), "does not begin with RIFF"),
            ("short", b"RIFF".to_vec(), "ends too early"),
            ("stereo", header(TAG_PCM, 2, 8000, 16, &[0; 8]), "2 channel(s) at 8000 Hz"),
            ("fast", header(TAG_PCM, 1, 44_100, 16, &[0; 8]), "1 channel(s) at 44100 Hz"),
            ("float", header(3, 1, 8000, 32, &[0; 8]), "format 0x0003"),
            ("endless", b"RIFF\0\0\0\0WAVE".repeat(200), "ends too early"),
        ];
        for (name, octets, reason) in cases {
            let file = Scratch::new(name, &octets);
            let error = PromptReader::open(&file.0).expect_err(name).to_string();
            assert!(error.contains(reason), "{name}: {error}");
        }
    }

    #[test]
    fn a_prompt_shorter_than_its_header_says_ends_where_it_ends() {
        let mut octets = header(TAG_ALAW, 1, 8000, 8, &[0xd5; 100]);
        octets.truncate(octets.len() - 40);
        let file = Scratch::new("cut-prompt", &octets);
        assert_eq!(all(&mut PromptReader::open(&file.0).unwrap()).len(), 60);
    }

    #[test]
    fn a_recording_cut_off_after_a_checkpoint_is_playable_and_repair_finds_the_rest() {
        let file = Scratch::new("cut-recording", &[]);
        let mut writer = RecordingWriter::create(&file.0, Tracks::Each).unwrap();
        writer.write(&[1; 800], &[2; 800]).unwrap();
        writer.checkpoint().unwrap();
        assert_eq!(hound::WavReader::open(&file.0).unwrap().duration(), 800);
        // What was written later reached the disk, its length in the header did not; half a sample is at the end.
        let mut octets = std::fs::read(&file.0).unwrap();
        octets.extend([1, 0, 2, 0, 1, 0, 2, 0, 1]);
        std::fs::write(&file.0, &octets).unwrap();
        assert_eq!(repair(&file.0).unwrap(), Repair::Repaired { samples: 802 });
        assert_eq!(hound::WavReader::open(&file.0).unwrap().duration(), 802);
        assert_eq!(repair(&file.0).unwrap(), Repair::WasWhole { samples: 802 });
        // The writer would put its own length back.
        std::mem::forget(writer);
    }

    #[test]
    fn a_recording_never_replaces_a_file() {
        let file = Scratch::new("existing", b"precious");
        assert!(matches!(RecordingWriter::create(&file.0, Tracks::Each), Err(WavError::Io(_))));
        assert_eq!(std::fs::read(&file.0).unwrap(), b"precious");
    }
}

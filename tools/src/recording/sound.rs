//! The sound of a recording as it leaves its place: one side or both, as 16-bit PCM or A-law, with or without the
//! header of a WAV file.
//!
//! Never: holds a whole recording in memory.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use tipring_driver::card::Law;
use tipring_driver::dsp::g711;
use tipring_driver::time::SAMPLE_RATE_HZ;

use crate::encryption::Unreadable;
use crate::encryption::key_ring::KeyRing;
use crate::encryption::reader::{self, Damage, SoundFile};
use crate::failure::Failure;

/// The parties that are heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Side {
    /// Both: the outside party on the left, all that it hears on the right
    #[default]
    Both,
    /// The outside party alone
    Caller,
    /// All that the outside party hears: agents, announcements, music
    Agent,
}

/// The coding of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Coding {
    /// 16-bit linear, little-endian, as it was recorded
    #[default]
    Pcm,
    /// A-law (ITU-T G.711): half the size
    Alaw,
}

/// The form in which a recording is given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SoundForm {
    /// The parties.
    pub side: Side,
    /// The coding.
    pub coding: Coding,
    /// Samples alone, without the header of a WAV file.
    pub raw: bool,
}

impl Side {
    const fn name(self) -> &'static str {
        match self {
            Side::Both => "both sides",
            Side::Caller => "the caller's side",
            Side::Agent => "the agent's side",
        }
    }

    const fn channels(self) -> u16 {
        if matches!(self, Side::Both) { 2 } else { 1 }
    }
}

impl Coding {
    const fn octets(self) -> u16 {
        match self {
            Coding::Pcm => 2,
            Coding::Alaw => 1,
        }
    }

    /// Format tag of a WAV file (RFC 2361).
    const fn tag(self) -> u16 {
        match self {
            Coding::Pcm => 1,
            Coding::Alaw => 6,
        }
    }
}

impl SoundForm {
    /// The form in which recordings stand in their place.
    pub const WHOLE: SoundForm = SoundForm { side: Side::Both, coding: Coding::Pcm, raw: false };

    /// Returns the form in words, for the audit record.
    pub fn name(self) -> String {
        let coding = match (self.coding, self.raw) {
            (Coding::Pcm, false) => "WAV",
            (Coding::Alaw, false) => "A-law WAV",
            (Coding::Pcm, true) => "16-bit samples",
            (Coding::Alaw, true) => "A-law samples",
        };
        format!("{} as {coding}", self.side.name())
    }
}

/// A recording that is open to be read.
pub struct Recorded {
    reader: hound::WavReader<SoundFile>,
}

impl Recorded {
    /// Opens a recording, with the keys of its site.
    ///
    /// # Errors
    /// There is no file, its key is not there, it is not what was written, or not a recording of two sides at 8000 Hz:
    /// a sentence.
    pub fn open(path: &Path, keys: &KeyRing, damage: Damage) -> Result<Recorded, Failure> {
        let cannot = |why: &dyn Display| format!("The recording {} cannot be read: {why}", path.display());
        let file = reader::open(path, keys, damage).map_err(|error| match error {
            Unreadable::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                format!("The recording {} is not there; is --recordings FOLDER the right place?", path.display())
            }
            error => cannot(&error),
        })?;
        let reader = hound::WavReader::new(file).map_err(|error| cannot(&error))?;
        let spec = reader.spec();
        if (spec.channels, spec.sample_rate, spec.bits_per_sample) != (2, SAMPLE_RATE_HZ, 16) {
            return Err(format!(
                "{} is no recording of a call: it has {} channels at {} Hz with {} bits, not 2 at 8000 Hz with 16",
                path.display(),
                spec.channels,
                spec.sample_rate,
                spec.bits_per_sample
            )
            .into());
        }
        Ok(Recorded { reader })
    }

    /// Samples of each side.
    pub fn samples(&self) -> u32 {
        self.reader.duration()
    }

    /// Peaks of both sides in equal parts of the recording, the caller's and the agent's, from 0 to 255 of full scale.
    ///
    /// # Errors
    /// The file ends before its header says so, or cannot be read.
    pub fn peaks(self, parts: u32) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let length = self.samples().div_ceil(parts.max(1)).max(1);
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut at = 0;
        self.each(|caller, agent| {
            if at % length == 0 {
                left.push(0);
                right.push(0);
            }
            at += 1;
            for (peaks, sample) in [(&mut left, caller), (&mut right, agent)] {
                let peak = (sample.unsigned_abs() >> 7).min(255) as u8;
                if let Some(last) = peaks.last_mut() {
                    *last = peak.max(*last);
                }
            }
            Ok(())
        })?;
        Ok((left, right))
    }

    /// Samples of both sides from a place on, as many as there are up to `count`: A-law octets, the caller's and the
    /// agent's.
    ///
    /// # Errors
    /// The file ends before its header says so, or cannot be read.
    pub fn part(mut self, from: u32, count: u32) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let from = from.min(self.samples());
        let count = count.min(self.samples() - from);
        self.reader.seek(from)?;
        let (mut left, mut right) = (Vec::with_capacity(count as usize), Vec::with_capacity(count as usize));
        for (at, sample) in self.reader.samples::<i16>().take(2 * count as usize).enumerate() {
            let octet = g711::encode(Law::A, sample?);
            if at % 2 == 0 { left.push(octet) } else { right.push(octet) }
        }
        Ok((left, right))
    }

    /// Passes the samples of both sides, caller and agent, one after another.
    ///
    /// # Errors
    /// The file ends before its header says so, or cannot be read.
    pub fn each(mut self, mut f: impl FnMut(i16, i16) -> io::Result<()>) -> Result<(), Failure> {
        let count = self.samples();
        let mut samples = self.reader.samples::<i16>();
        for _ in 0..count {
            let mut next = || samples.next().unwrap_or(Err(hound::Error::UnfinishedSample));
            let (left, right) = (next()?, next()?);
            f(left, right)?;
        }
        Ok(())
    }

    /// Writes the recording in a form.
    ///
    /// # Errors
    /// The file cannot be read to its end, or the output takes no more.
    pub fn write(self, form: SoundForm, out: &mut (impl Write + ?Sized)) -> Result<(), Failure> {
        if !form.raw {
            out.write_all(&header(form, self.samples()))?;
        }
        let mut octets = Vec::with_capacity(4);
        self.each(|left, right| {
            octets.clear();
            let sides: &[i16] = match form.side {
                Side::Both => &[left, right],
                Side::Caller => &[left],
                Side::Agent => &[right],
            };
            for &sample in sides {
                match form.coding {
                    Coding::Pcm => octets.extend(sample.to_le_bytes()),
                    Coding::Alaw => octets.push(g711::encode(Law::A, sample)),
                }
            }
            out.write_all(&octets)
        })?;
        Ok(out.flush()?)
    }
}

/// The header of a WAV file, by the count of samples of each side: `fmt`, for A-law also `fact`, and `data`.
fn header(form: SoundForm, samples: u32) -> Vec<u8> {
    let (channels, width) = (form.side.channels(), form.coding.octets());
    let block = channels * width;
    let data = samples.saturating_mul(u32::from(block));
    let mut chunks = Vec::new();
    let mut chunk = |name: &[u8; 4], body: &[u8]| {
        chunks.extend_from_slice(name);
        chunks.extend((body.len() as u32).to_le_bytes());
        chunks.extend_from_slice(body);
    };
    let mut format = Vec::new();
    format.extend(form.coding.tag().to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(SAMPLE_RATE_HZ.to_le_bytes());
    format.extend((SAMPLE_RATE_HZ * u32::from(block)).to_le_bytes());
    format.extend(block.to_le_bytes());
    format.extend((width * 8).to_le_bytes());
    if form.coding != Coding::Pcm {
        // No extension of the format follows.
        format.extend([0, 0]);
    }
    chunk(b"fmt ", &format);
    if form.coding != Coding::Pcm {
        chunk(b"fact", &samples.to_le_bytes());
    }
    let mut header = b"RIFF".to_vec();
    header.extend((4 + chunks.len() as u32 + 8).saturating_add(data).to_le_bytes());
    header.extend_from_slice(b"WAVE");
    header.append(&mut chunks);
    header.extend_from_slice(b"data");
    header.extend(data.to_le_bytes());
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_driver::media::wav::{PromptReader, RecordingWriter, Tracks};

    /// A file that goes away with the test.
    struct Temporary(std::path::PathBuf);

    impl Temporary {
        fn new(name: &str) -> Temporary {
            Temporary(std::env::temp_dir().join(format!("tipring-sound-{}-{name}.wav", std::process::id())))
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    fn recorded(name: &str) -> Temporary {
        let file = Temporary::new(name);
        let mut writer = RecordingWriter::create(&file.0, Tracks::Each).unwrap();
        writer.write(&[1000, 2000, 3000], &[-1000, -2000, -3000]).unwrap();
        writer.finish().unwrap();
        file
    }

    fn opened(file: &Temporary) -> Result<Recorded, Failure> {
        Recorded::open(&file.0, &KeyRing::default(), Damage::Refused)
    }

    fn written(file: &Temporary, form: SoundForm) -> Vec<u8> {
        let mut out = Vec::new();
        opened(file).unwrap().write(form, &mut out).unwrap();
        out
    }

    #[test]
    fn a_recording_leaves_as_it_is_or_as_one_side_of_it() {
        let file = recorded("sides");
        let samples = |octets: Vec<u8>| -> Vec<i16> {
            octets.as_chunks::<2>().0.iter().copied().map(i16::from_le_bytes).collect()
        };
        let raw = |side| samples(written(&file, SoundForm { side, raw: true, ..SoundForm::WHOLE }));
        assert_eq!(raw(Side::Both), [1000, -1000, 2000, -2000, 3000, -3000]);
        assert_eq!((raw(Side::Caller), raw(Side::Agent)), (vec![1000, 2000, 3000], vec![-1000, -2000, -3000]));
        let whole = written(&file, SoundForm::WHOLE);
        let reader = hound::WavReader::new(whole.as_slice()).unwrap();
        assert_eq!((reader.spec().channels, reader.duration()), (2, 3));
    }

    #[test]
    fn a_part_has_both_sides_from_its_place_on_and_ends_with_the_recording() {
        let file = recorded("part");
        let part = |from, count| opened(&file).unwrap().part(from, count).unwrap();
        let law = |samples: &[i16]| samples.iter().map(|&sample| g711::encode(Law::A, sample)).collect::<Vec<u8>>();
        assert_eq!(part(1, 1), (law(&[2000]), law(&[-2000])));
        assert_eq!(part(1, 16_000), (law(&[2000, 3000]), law(&[-2000, -3000])));
        assert_eq!(part(7, 10), (vec![], vec![]));
        let peaks = opened(&file).unwrap().peaks(2).unwrap();
        assert_eq!(peaks, (vec![15, 23], vec![15, 23]));
    }

    #[test]
    fn an_a_law_file_of_one_side_is_read_back_by_the_reader_of_prompts() {
        let file = recorded("alaw");
        let copy = Temporary::new("copy");
        let form = SoundForm { side: Side::Agent, coding: Coding::Alaw, raw: false };
        std::fs::write(&copy.0, written(&file, form)).unwrap();
        let mut samples = [0; 8];
        let count = PromptReader::open(&copy.0).unwrap().read(&mut samples).unwrap();
        assert_eq!(count, 3);
        let decoded = [-1000, -2000, -3000].map(|sample| g711::decode(Law::A, g711::encode(Law::A, sample)));
        assert_eq!(samples[..3], decoded);
    }

    #[test]
    fn a_file_that_is_missing_or_none_of_a_call_is_refused_with_a_sentence() {
        let file = Temporary::new("none");
        let refused = || opened(&file).err().unwrap().to_string();
        assert!(refused().contains("is not there"), "{}", refused());
        std::fs::write(&file.0, "no sound").unwrap();
        assert!(refused().contains("cannot be read"), "{}", refused());
        std::fs::remove_file(&file.0).unwrap();
        let mut writer = RecordingWriter::create(&file.0, Tracks::Left).unwrap();
        writer.write(&[1], &[1]).unwrap();
        writer.finish().unwrap();
        assert!(refused().contains("1 channels at 8000 Hz"), "{}", refused());
    }
}

//! Sound from WAV files of any usual kind: 8 to 96 kHz, up to eight channels, whole numbers of 8 to 32 bits, floating
//! point,
//! A-law, mu-law; cut off or made for a pipe. Brought to the line's rate by `rubato`.
//!
//! Never: runs while a call waits for a sound.

use std::fmt;
use std::io::Cursor;

use rubato::audioadapter::Adapter;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler};
use tipring_driver::card::Law;
use tipring_driver::dsp::g711;
use tipring_driver::media::wav::{Layout, TAG_ALAW, TAG_FLOAT, TAG_MULAW, TAG_PCM, WavError};
use tipring_driver::time::SAMPLE_RATE_HZ;

/// Rates that are read, in hertz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 8000..=96_000;
/// The most channels of a file.
const CHANNELS_MAX: u16 = 8;
/// The command that makes any sound one that is read.
const REMEDY: &str =
    "bring it to 8000 Hz, one channel, 16 bits, as `ffmpeg -i IN -ac 1 -ar 8000 -c:a pcm_s16le OUT.wav` does";

/// Sound of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct SoundFile {
    /// Samples of each channel a second.
    pub rate_hz: u32,
    /// The samples by channel, all as long; full scale is 1.
    pub channels: Vec<Vec<f64>>,
}

/// Reason for which a file is no sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoundError(String);

impl fmt::Display for SoundError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SoundError {}

/// Encoding of a sample.
#[derive(Debug, Clone, Copy)]
enum Encoding {
    /// Whole numbers of this many octets; those of one octet have no sign.
    Whole(usize),
    /// Floating point of four octets.
    Single,
    /// Floating point of eight octets.
    Double,
    /// G.711.
    Companded(Law),
}

impl Encoding {
    fn of(layout: &Layout) -> Option<Encoding> {
        // Fewer bits than the octets hold are the uppermost of them.
        let octets = usize::from(layout.block_align / layout.channels.max(1));
        match (layout.tag, octets) {
            (TAG_PCM, 1..=4) if usize::from(layout.bits.div_ceil(8)) <= octets => Some(Encoding::Whole(octets)),
            (TAG_FLOAT, 4) => Some(Encoding::Single),
            (TAG_FLOAT, 8) => Some(Encoding::Double),
            (TAG_ALAW, 1) => Some(Encoding::Companded(Law::A)),
            (TAG_MULAW, 1) => Some(Encoding::Companded(Law::Mu)),
            _ => None,
        }
    }

    const fn octets(self) -> usize {
        match self {
            Encoding::Whole(octets) => octets,
            Encoding::Single => 4,
            Encoding::Double => 8,
            Encoding::Companded(_) => 1,
        }
    }

    /// A sample of exactly [`Self::octets`]; what is no number is silence.
    fn decode(self, octets: &[u8]) -> f64 {
        let sample = match (self, octets) {
            (Encoding::Companded(law), &[octet]) => f64::from(g711::decode(law, octet)) / 32_768.0,
            (Encoding::Whole(1), &[octet]) => (f64::from(octet) - 128.0) / 128.0,
            (Encoding::Single, &[a, b, c, d]) => f64::from(f32::from_le_bytes([a, b, c, d])),
            (Encoding::Double, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
            (Encoding::Whole(_), octets) => {
                let mut word = [0; 4];
                word[4 - octets.len().min(4)..].copy_from_slice(octets);
                f64::from(i32::from_le_bytes(word)) / 2_147_483_648.0
            }
            _ => 0.0,
        };
        if sample.is_finite() { sample } else { 0.0 }
    }
}

impl SoundFile {
    /// Returns true for the first octets of a WAV file.
    pub fn is_wav(octets: &[u8]) -> bool {
        octets.starts_with(b"RIFF") || octets.starts_with(b"RF64")
    }

    /// Reads a WAV file. One that was cut off ends where it ends.
    ///
    /// # Errors
    /// It is of another kind, or of no use: a sentence with the remedy.
    pub fn read(octets: &[u8]) -> Result<SoundFile, SoundError> {
        if let Some(kind) = other_kind(octets) {
            return Err(SoundError(format!("this is {kind}; {REMEDY}")));
        }
        let layout = Layout::read(&mut Cursor::new(octets)).map_err(|error| match error {
            WavError::NotWav(why) => SoundError(format!("this is not a usable WAV file: {why}")),
            error => SoundError(error.to_string()),
        })?;
        let described = || {
            let Layout { channels, rate_hz, bits, tag, .. } = layout;
            format!("this WAV file has {channels} channel(s) at {rate_hz} Hz with {bits} bits ({})", coding_name(tag))
        };
        let refused = |wanted: &str| SoundError(format!("{}; {wanted}: {REMEDY}", described()));
        if !(1..=CHANNELS_MAX).contains(&layout.channels) {
            return Err(refused("one to eight channels are read"));
        }
        if !RATES_HZ.contains(&layout.rate_hz) {
            return Err(refused("rates of 8000 to 96000 Hz are read"));
        }
        let encoding = Encoding::of(&layout)
            .ok_or_else(|| refused("whole numbers of 8 to 32 bits, floating point, A-law and mu-law are read"))?;
        let from = layout.data_at as usize;
        let sound = &octets[from..from + layout.sound_length(octets.len() as u64) as usize];
        let count = usize::from(layout.channels);
        let frames = sound.len() / (count * encoding.octets());
        if frames == 0 {
            return Err(SoundError("this WAV file holds no sound: its data chunk is empty or cut off".into()));
        }
        let mut channels = vec![Vec::with_capacity(frames); count];
        for frame in sound.chunks_exact(count * encoding.octets()) {
            for (channel, sample) in channels.iter_mut().zip(frame.chunks_exact(encoding.octets())) {
                channel.push(encoding.decode(sample));
            }
        }
        Ok(SoundFile { rate_hz: layout.rate_hz, channels })
    }

    /// All channels in one, at the same loudness.
    #[must_use]
    pub fn mono(self) -> SoundFile {
        let count = self.channels.len() as f64;
        let frames = self.channels.first().map_or(0, Vec::len);
        let mixed = (0..frames).map(|at| self.channels.iter().map(|channel| channel[at]).sum::<f64>() / count);
        SoundFile { channels: vec![mixed.collect()], ..self }
    }

    /// Converts to the rate of a telephone line.
    ///
    /// # Errors
    /// The rate has no usable ratio to 8000 Hz.
    pub fn at_line_rate(self) -> Result<SoundFile, SoundError> {
        if self.rate_hz == SAMPLE_RATE_HZ {
            return Ok(self);
        }
        let channels = self.channels.iter().map(|channel| resample(channel, self.rate_hz)).collect::<Result<_, _>>()?;
        Ok(SoundFile { rate_hz: SAMPLE_RATE_HZ, channels })
    }

    /// The channels as 16-bit samples, limited to what those hold.
    pub fn samples(&self) -> Vec<Vec<i16>> {
        let sample = |sample: &f64| (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16;
        self.channels.iter().map(|channel| channel.iter().map(sample).collect()).collect()
    }
}

/// A kind of sound file that is none of ours, by its first octets.
fn other_kind(octets: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 9] = [
        (b"OggS", "an Ogg file"),
        (b"ID3", "an MP3 file"),
        (b"\xff\xfb", "an MP3 file"),
        (b"fLaC", "a FLAC file"),
        (b".snd", "an AU file"),
        (b"FORM", "an AIFF file"),
        (b"caff", "a CAF file"),
        (b"#!AMR", "an AMR file"),
        (b"RF64", "a WAV file of more than 4 GiB"),
    ];
    KINDS.iter().find_map(|(start, name)| octets.starts_with(start).then_some(*name))
}

/// The name of a format tag (RFC 2361).
fn coding_name(tag: u16) -> String {
    let name = match tag {
        TAG_PCM => "linear",
        0x0002 => "Microsoft ADPCM",
        TAG_FLOAT => "floating point",
        TAG_ALAW => "A-law",
        TAG_MULAW => "mu-law",
        0x0010 | 0x0017 => "OKI ADPCM",
        0x0011 => "IMA ADPCM",
        0x0031 => "GSM 06.10",
        0x0040 | 0x0045 | 0x0064 => "G.726",
        0x0050 | 0x0055 => "MPEG",
        _ => return format!("format {tag:#06x}"),
    };
    name.to_owned()
}

fn resample(channel: &[f64], rate_hz: u32) -> Result<Vec<f64>, SoundError> {
    let failed = |error: &dyn fmt::Display| {
        SoundError(format!("its rate of {rate_hz} Hz cannot be brought to {SAMPLE_RATE_HZ} Hz ({error})"))
    };
    let mut resampler = Fft::<f64>::new(rate_hz as usize, SAMPLE_RATE_HZ as usize, 1024, 1, FixedSync::Both)
        .map_err(|error| failed(&error))?;
    let input = InterleavedSlice::new(channel, 1, channel.len()).map_err(|error| failed(&error))?;
    let output = resampler.process_all(&input, channel.len(), None).map_err(|error| failed(&error))?;
    Ok((0..output.frames()).filter_map(|frame| output.read_sample(0, frame)).collect())
}

#[cfg(test)]
#[path = "sound_file/tests.rs"]
mod tests;

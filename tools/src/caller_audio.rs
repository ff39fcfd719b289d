//! Speech from a file, a caller's or a prompt's: any WAV that [`SoundFile`] reads, to 8 kHz mono at the level of a
//! line.
//!
//! Never: plays anything.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::sound_file::SoundFile;

/// The peak of loud speech on a line, at the scale of G.711: a sine of 0 dBm0 has 22827.
const PEAK: f64 = 16000.0;
/// The shortest sound worth speaking.
const SHORTEST_S: f64 = 0.1;
/// The longest sound taken: an hour.
const LONGEST_S: f64 = 3600.0;

/// Reason for which a file cannot be spoken into a line.
#[derive(Debug)]
pub struct CallerAudioError {
    path: PathBuf,
    why: String,
}

impl fmt::Display for CallerAudioError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} cannot be spoken into a line: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for CallerAudioError {}

/// Reads a WAV file as speech: mono, 8 kHz, brought to the level of loud speech on a line.
pub fn load(path: &Path) -> Result<Vec<i16>, CallerAudioError> {
    let fail = |why: String| CallerAudioError { path: path.to_owned(), why };
    let octets = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => fail("there is no such file".into()),
        _ => fail(error.to_string()),
    })?;
    let sound = SoundFile::read(&octets).map_err(|error| fail(error.to_string()))?;
    let seconds = sound.channels[0].len() as f64 / f64::from(sound.rate_hz);
    if !(SHORTEST_S..=LONGEST_S).contains(&seconds) {
        return Err(fail(format!("it lasts {seconds:.1} s; between {SHORTEST_S} s and {LONGEST_S} s are wanted")));
    }
    let sound = sound.mono().at_line_rate().map_err(|error| fail(error.to_string()))?;
    let resampled = &sound.channels[0];
    let peak = resampled.iter().fold(0.0f64, |peak, sample| peak.max(sample.abs()));
    if peak == 0.0 {
        return Err(fail("it is silent".into()));
    }
    let gain = (PEAK / peak).min(32767.0);
    Ok(resampled.iter().map(|sample| (sample * gain).round() as i16).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_wav(path: &Path, rate: u32, channels: u16, hz: f64) {
        let spec = hound::WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(path, spec).unwrap();
        for n in 0..rate {
            let sample = (f64::sin(f64::from(n) * hz * std::f64::consts::TAU / f64::from(rate)) * 8000.0) as i16;
            for _ in 0..channels {
                writer.write_sample(sample).unwrap();
            }
        }
        writer.finalize().unwrap();
    }

    #[test]
    fn a_stereo_file_at_44100_hz_becomes_one_second_of_the_same_tone_at_8000_hz() {
        let dir = std::env::temp_dir().join(format!("tipring-caller-audio-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let path = dir.join("tone.wav");
        write_wav(&path, 44100, 2, 1000.0);
        let sound = load(&path).unwrap();
        assert!((7990..=8010).contains(&sound.len()), "{} samples", sound.len());
        let crossings = sound[1000..7000].windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
        assert!((1490..=1510).contains(&crossings), "{crossings} zero crossings in 0.75 s of 1 kHz");
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_file_that_is_not_a_wav_is_refused_with_a_sentence() {
        let path = std::env::temp_dir().join(format!("tipring-not-a-wav-{}", std::process::id()));
        std::fs::write(&path, b"this is text").unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("not a usable WAV file"), "{error}");
        std::fs::remove_file(path).unwrap();
        assert!(load(Path::new("/nonexistent.wav")).unwrap_err().to_string().contains("no such file"));
    }
}

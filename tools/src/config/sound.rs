//! Echo control, and the purpose and treatment of recordings.
//!
//! Never: touches sound.

use serde::Deserialize;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::media::RecordingKind;
use tipring_driver::media::tick::MediaSettings;

/// Echo control of all lines.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoundConfig {
    /// Tail of the echo canceller, in ms: 4 to 128, or 0 for no echo control.
    #[serde(default = "usual_echo_tail_ms")]
    pub echo_tail_ms: u32,
}

impl Default for SoundConfig {
    fn default() -> SoundConfig {
        SoundConfig { echo_tail_ms: usual_echo_tail_ms() }
    }
}

fn usual_echo_tail_ms() -> u32 {
    MediaSettings::default().echo_tail_ms
}

/// Purpose and treatment of recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingConfig {
    /// Where the sound is taken.
    #[serde(default)]
    pub tap: Tap,
    /// Level control (G.169); on by default for recordings to listen to.
    #[serde(default)]
    pub level_control: Option<bool>,
    /// Noise reduction (G.160); on by default for recordings to listen to.
    #[serde(default)]
    pub noise_reduction: Option<bool>,
}

/// Where the sound of recordings is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Tap {
    /// Before anything that could take a word away: to prove what was said
    #[default]
    Evidence,
    /// As the other party heard it: to be listened to
    Listening,
}

impl RecordingConfig {
    /// Of this tap, with what is usual for it.
    pub fn of(tap: Tap) -> RecordingConfig {
        RecordingConfig { tap, ..RecordingConfig::default() }
    }

    /// The same in the driver's words.
    pub fn kind(&self) -> Result<RecordingKind, String> {
        let RecordingConfig { tap, level_control, noise_reduction } = *self;
        match tap {
            Tap::Listening => Ok(RecordingKind::Listening(Enhancement {
                noise_reduction: noise_reduction.unwrap_or(true),
                level_control: level_control.unwrap_or(true),
            })),
            Tap::Evidence => {
                let wanted = [("level_control", level_control), ("noise_reduction", noise_reduction)];
                match wanted.into_iter().find(|(_, wanted)| *wanted == Some(true)) {
                    None => Ok(RecordingKind::Evidence),
                    Some((name, _)) => Err(format!(
                        "{name} would change what recordings are to prove; leave it out, or record for listening: tap = \"listening\""
                    )),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SiteConfig, TEMPLATE};
    use super::*;

    #[test]
    fn recordings_are_evidence_unless_they_are_for_listening() {
        let kind = |text: &str| {
            SiteConfig::parse(&TEMPLATE.replacen("tap = \"evidence\"", text, 1)).map(|site| site.recording.kind())
        };
        let listening = |noise_reduction, level_control| {
            Ok(RecordingKind::Listening(Enhancement { noise_reduction, level_control }))
        };
        for (text, wanted) in [
            ("", Ok(RecordingKind::Evidence)),
            ("level_control = false", Ok(RecordingKind::Evidence)),
            ("tap = \"listening\"", listening(true, true)),
            ("tap = \"listening\"\nnoise_reduction = false", listening(false, true)),
            ("tap = \"listening\"\nlevel_control = false", listening(true, false)),
        ] {
            assert_eq!(kind(text).unwrap(), wanted, "{text}");
        }
        for (text, why) in [
            ("tap = \"evidence\"\nlevel_control = true", "level_control would change"),
            ("noise_reduction = true", "noise_reduction would change"),
            ("tap = \"both\"", "`evidence` or `listening`"),
            ("tap = \"listening\"\nagc = true", "agc"),
            ("tap = \"listening\"\nlevel_control = 3", "level_control"),
        ] {
            let complaint = kind(text).expect_err(text).to_string();
            assert!(complaint.contains(why), "{text}: {complaint}");
        }
    }
}

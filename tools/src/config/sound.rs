//! Echo control, music on hold, and the purpose and treatment of recordings.
//!
//! Never: touches sound.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tipring_core::recording::rules::RecordingRules;
use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::media::MediaSettings;
use tipring_driver::media::RecordingKind;
use tipring_driver::time::Ticks;

use super::names::{Agent, Device};
use crate::recording::disk_space::Room;
use crate::recording::retention::Retention;

/// Echo control of all lines, and music on hold.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SoundConfig {
    /// Tail of the echo canceller, in ms: 4 to 128, or 0 for no echo control.
    #[serde(default = "usual_echo_tail_ms")]
    pub echo_tail_ms: u32,
    /// The name of the prompt that is repeated for a party on hold; silence if left out. The core has it played: an
    /// engine in another process need not know it.
    #[serde(default, skip_serializing)]
    pub hold_music: Option<String>,
}

impl Default for SoundConfig {
    fn default() -> SoundConfig {
        SoundConfig { echo_tail_ms: usual_echo_tail_ms(), hold_music: None }
    }
}

fn usual_echo_tail_ms() -> u32 {
    MediaSettings::default().echo_tail_ms
}

/// Purpose and treatment of recordings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordingConfig {
    /// Point at which the sound is taken.
    #[serde(default)]
    pub tap: Tap,
    /// Level control (G.169); on by default for recordings to listen to.
    #[serde(default)]
    pub level_control: Option<bool>,
    /// Noise reduction (G.160); on by default for recordings to listen to.
    #[serde(default)]
    pub noise_reduction: Option<bool>,
    /// Queues whose calls are recorded; with `agents` left out too, all calls.
    #[serde(default)]
    pub queues: Vec<Device>,
    /// Agents whose calls are recorded.
    #[serde(default)]
    pub agents: Vec<Agent>,
    /// Calls recorded of each hundred of those, drawn by the call's identifier.
    #[serde(default = "every_call")]
    pub percent: u8,
    /// Queues whose calls are recorded on demand alone.
    #[serde(default)]
    pub on_demand: Vec<Device>,
    /// The longest pause of a recording in s; then it goes on, with an alarm.
    #[serde(default = "usual_pause_limit_s")]
    pub pause_limit_s: u64,
    /// Days after which a recording is removed; kept for ever if left out.
    #[serde(default)]
    pub keep_days: Option<u32>,
    /// Days by queue, in place of `keep_days`.
    #[serde(default)]
    pub queues_keep_days: BTreeMap<Device, u32>,
    /// The file of the keys by which recordings and messages are encrypted; in the clear if left out.
    #[serde(default)]
    pub keys: Option<PathBuf>,
    /// The file of scoring forms that the console offers.
    #[serde(default)]
    pub forms: Option<PathBuf>,
    /// Free space of the disk below which the log warns, in MB; 0 never warns.
    #[serde(default = "usual_least_free_mb")]
    pub least_free_mb: u64,
    /// Free space of the disk below which no recording begins, in MB; 0 begins them always.
    #[serde(default = "usual_stop_free_mb")]
    pub stop_free_mb: u64,
}

const fn every_call() -> u8 {
    100
}

/// The limit of the core's rules.
fn usual_pause_limit_s() -> u64 {
    RecordingRules::default().pause_limit.as_ms() / 1000
}

/// Longest limit of a pause in s: nothing that is said on one card takes an hour.
const PAUSE_LIMIT_MAX_S: u64 = 3600;

/// A day of 8 lines at work without a pause is some 22 GB; one GB leaves an hour for it.
const fn usual_least_free_mb() -> u64 {
    1024
}

/// Room for the database, the log, and recordings under way to come to their ends.
const fn usual_stop_free_mb() -> u64 {
    128
}

impl Default for RecordingConfig {
    fn default() -> RecordingConfig {
        RecordingConfig {
            tap: Tap::default(),
            level_control: None,
            noise_reduction: None,
            queues: Vec::new(),
            agents: Vec::new(),
            percent: every_call(),
            on_demand: Vec::new(),
            pause_limit_s: usual_pause_limit_s(),
            keep_days: None,
            queues_keep_days: BTreeMap::new(),
            keys: None,
            forms: None,
            least_free_mb: usual_least_free_mb(),
            stop_free_mb: usual_stop_free_mb(),
        }
    }
}

/// Point at which the sound of recordings is taken.
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

    /// The rules by which calls are recorded.
    pub fn rules(&self) -> RecordingRules {
        RecordingRules {
            queues: self.queues.iter().map(|queue| queue.0).collect(),
            agents: self.agents.iter().map(|agent| agent.0).collect(),
            percent: self.percent,
            on_demand: self.on_demand.iter().map(|queue| queue.0).collect(),
            pause_limit: Ticks::from_secs(self.pause_limit_s),
        }
    }

    /// The days that recordings are kept.
    pub fn retention(&self) -> Retention {
        let queues = self.queues_keep_days.iter().map(|(queue, days)| (queue.0.to_string(), *days)).collect();
        Retention { days: self.keep_days, queues }
    }

    /// The room that recordings need.
    pub fn room(&self) -> Room {
        Room::new(self.least_free_mb, self.stop_free_mb)
    }

    /// Checks what is kept for how long, and the two limits of free space. The fault comes with its key.
    pub fn check(&self) -> Result<(), (&'static str, String)> {
        if self.percent > 100 {
            return Err(("percent", format!("percent is 0 to 100, not {}", self.percent)));
        }
        if !(1..=PAUSE_LIMIT_MAX_S).contains(&self.pause_limit_s) {
            let text = format!("pause_limit_s is 1 to {PAUSE_LIMIT_MAX_S}, not {}", self.pause_limit_s);
            return Err(("pause_limit_s", text));
        }
        if let Some(queue) = self.on_demand.iter().find(|queue| self.queues.contains(queue)) {
            let text =
                format!("on_demand: {} is among the queues that are recorded as well: leave it out of one", queue.0);
            return Err(("on_demand", text));
        }
        if self.keep_days == Some(0) {
            return Err((
                "keep_days",
                "keep_days = 0 would remove each recording at once; leave it out to keep them".into(),
            ));
        }
        if let Some((queue, _)) = self.queues_keep_days.iter().find(|(_, days)| **days == 0) {
            let text = format!("queues_keep_days: 0 for {} would remove each recording at once", queue.0);
            return Err(("queues_keep_days", text));
        }
        if self.least_free_mb > 0 && self.stop_free_mb > self.least_free_mb {
            let text = format!(
                "stop_free_mb ({}) is above least_free_mb ({}): recordings would end without a warning",
                self.stop_free_mb, self.least_free_mb
            );
            return Err(("stop_free_mb", text));
        }
        Ok(())
    }

    /// The kind of recording in the driver's words.
    pub fn kind(&self) -> Result<RecordingKind, String> {
        let RecordingConfig { tap, level_control, noise_reduction, .. } = *self;
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

    #[test]
    fn the_calls_that_are_recorded_and_for_how_long_and_the_room_they_need_are_checked() {
        let with = |text: &str| SiteConfig::parse(&TEMPLATE.replacen("tap = \"evidence\"", text, 1));
        let site = with("keep_days = 90\nqueues_keep_days = { 5000 = 365 }\nleast_free_mb = 4096").unwrap();
        let retention = site.recording.retention();
        assert_eq!((retention.days, retention.queues.get("5000")), (Some(90), Some(&365)));
        let rules = with("queues = [\"5000\"]\nagents = [\"7001\"]\npercent = 20").unwrap().recording.rules();
        assert_eq!((rules.queues.len(), rules.agents.len(), rules.percent), (1, 1, 20));
        let rules = with("on_demand = [\"5000\"]\npause_limit_s = 90").unwrap().recording.rules();
        assert_eq!((rules.on_demand.len(), rules.pause_limit), (1, Ticks::from_secs(90)));
        assert_eq!(with("").unwrap().recording.rules(), RecordingRules::default(), "every call");
        assert_eq!(with("").unwrap().recording.retention().days, None, "kept for ever");
        for (text, why) in [
            ("queues = [\"5009\"]", "no queue 5009"),
            ("agents = [\"7009\"]", "no agent 7009"),
            ("percent = 101", "0 to 100"),
            ("on_demand = [\"5009\"]", "no queue 5009"),
            ("queues = [\"5000\"]\non_demand = [\"5000\"]", "leave it out of one"),
            ("pause_limit_s = 0", "1 to 3600, not 0"),
            ("pause_limit_s = 3601", "1 to 3600, not 3601"),
            ("keep_days = 0", "would remove each recording at once"),
            ("queues_keep_days = { 5000 = 0 }", "0 for 5000"),
            ("queues_keep_days = { 5009 = 30 }", "no queue 5009"),
            ("least_free_mb = 100\nstop_free_mb = 200", "without a warning"),
            ("keep_days = -3", "keep_days"),
        ] {
            let refused = with(text).expect_err(text).to_string();
            assert!(refused.contains(why) && refused.contains("line "), "{text}: {refused}");
        }
    }
}

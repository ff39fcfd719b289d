//! Mailboxes: where callers leave messages, and whose lamp is lit for them.
//!
//! Never: passes a mailbox that keeps a caller for ever.

use std::ops::RangeInclusive;

use serde::Deserialize;
use tipring_core::csta::DeviceId;
use tipring_core::flow::book::Mailbox;
use tipring_driver::time::Ticks;

use super::Device;

/// Range of the longest message, in s.
const LONGEST_S: RangeInclusive<u32> = 5..=1800;
/// Range of the silence that ends a message, in s.
const SILENCE_S: RangeInclusive<u32> = 2..=60;

/// A mailbox, as configured by `[[mailbox]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxConfig {
    /// The name by which flows lead to it.
    pub name: Device,
    /// The prompt before the tone, by its name in the folder of prompts; none for the tone alone.
    #[serde(default)]
    pub greeting: Option<String>,
    /// The station or agent whose message lamp is lit while there are new messages.
    #[serde(default)]
    pub owner: Option<Device>,
    /// The longest message, in s: 5 to 1800.
    #[serde(default = "three_minutes")]
    pub longest_s: u32,
    /// The silence that ends a message, in s: 2 to 60.
    #[serde(default = "five")]
    pub silence_s: u32,
}

fn three_minutes() -> u32 {
    180
}

fn five() -> u32 {
    5
}

impl MailboxConfig {
    /// The faults of the mailbox: the key of the table, and a sentence with the remedy. `has_owner` says whether an
    /// owner is a station or an agent.
    pub(super) fn faults(&self, has_owner: impl Fn(&DeviceId) -> bool) -> Vec<(&'static str, String)> {
        let mut faults = Vec::new();
        let name = self.name.0;
        for (key, value, range) in [("longest_s", self.longest_s, LONGEST_S), ("silence_s", self.silence_s, SILENCE_S)]
        {
            if !range.contains(&value) {
                let text = format!("the mailbox {name}: {key} is {} to {}, not {value}", range.start(), range.end());
                faults.push((key, text));
            }
        }
        if let Some(owner) = self.owner.filter(|owner| !has_owner(&owner.0)) {
            let text = format!(
                "the mailbox {name}: there is no station or agent {}; name one there is, or leave owner out",
                owner.0
            );
            faults.push(("owner", text));
        }
        faults
    }

    /// The mailbox in the core's terms.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox {
            greeting: self.greeting.clone(),
            owner: self.owner.map(|owner| owner.0),
            longest: Ticks::from_secs(self.longest_s.into()),
            silence: Ticks::from_secs(self.silence_s.into()),
        }
    }
}

//! The fingerprint of a site: whether two processes mean the same cards, lines and folder.
//!
//! It is the hash of what the engine reads, written as JSON by the names of the configuration file. What is left out
//! there does not count, so that an option which a newer build has does not part it from an engine that goes on.
//!
//! Never: depends on how a type is declared or printed.

use serde::Serialize;
use serde_json::Value;
use tipring_driver::shared::Shape;

use crate::config::{BoardConfig, SiteConfig, SoundConfig, StationConfig, ToneConfig, TrunkConfig};

/// The parts of a configuration that the engine reads.
#[derive(Serialize)]
struct Parts<'a> {
    country: String,
    tone: &'a [ToneConfig],
    board: &'a [BoardConfig],
    sound: &'a SoundConfig,
    recordings: String,
    keys: Option<String>,
    trunk: &'a [TrunkConfig],
    station: &'a [StationConfig],
}

/// The hash of the parts of a configuration that the engine reads. Where two processes differ in it, they would drive
/// other lines, or write recordings elsewhere or by other keys.
pub fn fingerprint(site: &SiteConfig) -> u64 {
    let parts = Parts {
        country: site.country.to_string(),
        tone: &site.tones,
        board: &site.boards,
        sound: &site.sound,
        recordings: site.store.recordings.display().to_string(),
        keys: site.recording.keys.as_ref().map(|file| file.display().to_string()),
        trunk: &site.trunks,
        station: &site.stations,
    };
    let parts = serde_json::to_value(parts).expect("names are text");
    Shape::EMPTY.with(given(parts).to_string().as_bytes()).0
}

/// A value without the members that are null.
fn given(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| !member.is_null());
            let mut members: Vec<_> = members.map(|(name, member)| (name, given(member))).collect();
            members.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(members.into_iter().collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(given).collect()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::TEMPLATE;

    /// The fingerprint of the printed configuration, as engines that go on have it. Another one ends their calls with
    /// the upgrade: it changes with the configuration that is printed, and with nothing else.
    const PRINTED: u64 = 0x231d_f8e3_6868_461c;

    fn of(text: &str) -> u64 {
        fingerprint(&SiteConfig::parse(text).expect("a site"))
    }

    /// The printed configuration with one text in place of another.
    fn with(from: &str, to: &str) -> u64 {
        assert!(TEMPLATE.contains(from), "{from}");
        of(&TEMPLATE.replacen(from, to, 1))
    }

    #[test]
    fn the_printed_configuration_has_the_fingerprint_that_engines_know() {
        assert_eq!(of(TEMPLATE), PRINTED, "{:#x}", of(TEMPLATE));
    }

    #[test]
    fn other_lines_cards_and_folders_part_two_processes_and_nothing_else_does() {
        let trunk = "[[trunk]]\n";
        assert_ne!(with("recordings = \"", "recordings = \"other-"), PRINTED);
        assert_ne!(with("# keys = \"rec", "keys = \"rec"), PRINTED);
        assert_ne!(with("transmit_ahead_ms = 4", "transmit_ahead_ms = 5"), PRINTED);
        assert_ne!(with(trunk, "[[trunk]]\nloop_break_ms = 350\n"), PRINTED);
        assert_ne!(with(trunk, "[[trunk]]\ncaller_id = \"v23\"\n"), PRINTED);
        let tone = "[[tone]]\nmeaning = \"busy\"\nhz = [425.0]\ncadence_ms = [300, 300]\n\n[[trunk]]\n";
        assert_ne!(with(trunk, tone), PRINTED);
        assert_ne!(with("echo_tail_ms = 16", "echo_tail_ms = 32"), PRINTED);
        assert_eq!(with("# greeting = ", "greeting = "), PRINTED, "callers hear it from the middleware");
        assert_eq!(with("# hold_music = ", "hold_music = "), PRINTED, "the core has it played");
    }

    #[test]
    fn the_order_of_names_and_what_is_left_out_do_not_count() {
        let read = |text| given(serde_json::from_str(text).expect("JSON")).to_string();
        assert_eq!(read(r#"{"a":1,"b":{"c":null,"d":[{"e":null}]}}"#), read(r#"{"b":{"d":[{}]},"a":1}"#));
    }
}

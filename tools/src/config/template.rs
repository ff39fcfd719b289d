//! The printed configuration has every key that there is, in force or in a comment.
//!
//! Never: runs in the program.

use super::{SiteConfig, TEMPLATE};

/// Tables of the configuration, as a file writes them.
const TABLES: &[&str] = &[
    "",
    "[server]",
    "[server.tls]",
    "[server.json]",
    "[server.json.tls]",
    "[server.metrics]",
    "[engine]",
    "[store]",
    "[[board]]",
    "[[trunk]]",
    "[[trunk_group]]",
    "[[station]]",
    "[ivr]",
    "[[queue]]",
    "[[queue]]\n[queue.announce]",
    "[[queue]]\n[queue.call_back]",
    "[[agent]]",
    "[[caller]]",
    "[[reason]]",
    "[[order_kind]]",
    "[[shift]]",
    "[[role]]",
    "[[group]]",
    "[keys]",
    "[dialling]",
    "[[dialling.route]]",
    "[sound]",
    "[times]",
    "[recording]",
    "[[source]]",
    "[[mailbox]]",
    "[[tone]]",
    "[calendar.office]",
    "[[calendar.office.hours]]",
    "[[calendar.office.holidays]]",
    "[[event_mode]]",
    "[[event_mode]]\n[[event_mode.queue]]",
    "[[event_mode]]\n[[event_mode.agent]]",
];

/// Names of before that are read still; the key of now stands in their place.
const OF_BEFORE: &[&str] = &["order_calendar"];

/// The keys of a table: those that the refusal of an unknown one names.
fn keys(table: &str) -> Vec<String> {
    let text = format!("{table}\nno_such_key = 1\n");
    let why = toml::from_str::<SiteConfig>(&text).expect_err("no such key").to_string();
    let known = why.split_once("unknown field `no_such_key`, ").unwrap_or_else(|| panic!("{table}: {why}")).1;
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_printed_configuration_has_every_key() {
    let mut missing = Vec::new();
    for table in TABLES {
        for key in keys(table).iter().filter(|key| !OF_BEFORE.contains(&key.as_str())) {
            let is_there = [format!("{key} = "), format!("[{key}]"), format!("[{key}."), format!(".{key}]")]
                .iter()
                .any(|written| TEMPLATE.contains(written.as_str()));
            if !is_there {
                missing.push(format!("{table} {key}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

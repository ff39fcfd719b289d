//! Days of a call centre with sound, on several cards of which some have faults, with clients of bad habits at the
//! streams, in virtual time: every call ends, those hear who should, events and snapshots agree, and so do the records.
//!
//! Never: judges a day itself; the program does.

use serde_json::Value;
use tipring_tests::run;
use tipring_tests::seed::with_seeds;

/// Runs a short day on four cards; gives its last line.
fn day(seed: u64) -> Value {
    let day = "sim day --json --lines 8 --agents 6 --hours 0.05 --talk 40 --seed";
    let output = run(day.split(' ').map(str::to_owned).chain([seed.to_string()]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let mut last: Value = serde_json::from_str(said.lines().last().expect("a last line")).expect("an object");
    last["summary"].take()
}

#[test]
fn a_short_day_with_sound_with_faults_of_cards_and_with_bad_clients_agrees_with_itself() {
    with_seeds("simulation", "a_short_day_with_sound", 1..2, |seed| {
        let summary = day(seed);
        let count = |path: &str| summary.pointer(path).and_then(Value::as_u64).unwrap_or_default();
        assert_eq!(summary["faults"], serde_json::json!([]), "{summary}");
        for (path, least) in [
            ("/answered", 5),
            ("/recordings", 5),
            ("/paths_checked", 50),
            ("/card_faults", 2),
            ("/snapshots", 200),
            ("/events", 100),
            ("/streams_broken", 1),
            ("/lies_refused", 50),
        ] {
            assert!(count(path) >= least, "{path} is less than {least}: {summary}");
        }
        for service in ["pickup", "consultation", "conference", "transfer", "supervision"] {
            assert!(count(&format!("/call_control/{service}/heard")) >= 2, "{service} is not shown: {summary}");
        }
    });
}

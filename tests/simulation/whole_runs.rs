//! Whole runs of the demo in virtual time: properties of every seed, and the stored summary of one.

use serde_json::Value;
use tipring_tests::seed::with_seeds;
use tipring_tests::{Folder, run, stored};

/// Runs the demo in virtual time; gives its last line.
pub fn demo(folder: &Folder, calls: u32, agents: u32, seed: u64) -> Value {
    let output = run([
        "demo".into(),
        "--json".into(),
        "--speed".into(),
        "max".into(),
        "--calls".into(),
        calls.to_string(),
        "--agents".into(),
        agents.to_string(),
        "--seed".into(),
        seed.to_string(),
        "--out".into(),
        folder.path("").display().to_string(),
    ]);
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "seed {seed}: {complained}");
    serde_json::from_str(said.lines().last().expect("a last line")).expect("the last line is an object")
}

#[test]
fn twenty_calls_of_seed_7_end_as_they_should() {
    let folder = Folder::new("seed-7");
    let summary = demo(&folder, 20, 2, 7);
    let number =
        |path: &str| summary.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path} in {summary}"));
    stored::compare("seed-7", &summary);
    assert_eq!(number("/screen_pops"), number("/calls/answered"));
    assert!(number("/audio/min_snr_db") >= 25.0, "{summary}");
    assert!(number("/audio/paths_checked") >= 4.0 * number("/calls/answered"), "{summary}");
    assert_eq!(number("/recordings"), number("/calls/answered"));
    assert!(number("/talk_seconds") >= number("/virtual_seconds"), "two lines talk half of the time: {summary}");
    for service in ["pickup", "consultation", "conference", "transfer", "supervision"] {
        assert!(number(&format!("/call_control/{service}/heard")) >= 2.0, "{service} is not shown: {summary}");
    }
}

#[test]
fn the_same_seed_gives_the_same_octets_and_another_seed_others() {
    let folders = [(3, "a"), (3, "b"), (4, "c")].map(|(seed, name)| {
        let folder = Folder::new(name);
        let summary = demo(&folder, 4, 2, seed);
        let events = std::fs::read(folder.path("events.jsonl")).unwrap();
        assert_eq!(summary["event_log_sha256"], tipring_tools::cmd::demo::sha256(&events).as_str());
        (events, std::fs::read(folder.path("truth.jsonl")).unwrap())
    });
    assert!(folders[0] == folders[1], "two runs of seed 3 differ");
    assert!(folders[0].0 != folders[2].0, "seeds 3 and 4 give the same");
}

#[test]
fn other_seeds_and_other_numbers_of_agents_go_well_too() {
    with_seeds("simulation", "other_seeds_and_other_numbers_of_agents_go_well_too", 100..106, |seed| {
        let folder = Folder::new("random");
        let agents = 1 + (seed % 3) as u32;
        let summary = demo(&folder, 6, agents, seed);
        assert_eq!(summary["cdrs"], 6, "{summary}");
    });
}

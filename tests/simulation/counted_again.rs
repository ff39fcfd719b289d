//! Results of a run, counted a second time by other means than the run's own: hash, pops, records, recordings.

use std::collections::BTreeSet;

use rusqlite::Connection;
use serde_json::Value;
use tipring_tests::Folder;

use crate::whole_runs::demo;

fn lines(folder: &Folder, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path(name)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
}

#[test]
fn calls_pops_records_and_recordings_are_as_many_as_the_summary_says() {
    let folder = Folder::new("counted");
    let summary = demo(&folder, 10, 2, 7);
    let octets = std::fs::read(folder.path("events.jsonl")).unwrap();
    assert_eq!(summary["event_log_sha256"], tipring_tools::cmd::demo::sha256(&octets).as_str());

    let truth = lines(&folder, "truth.jsonl");
    let offered = truth.iter().filter(|line| line["what"] == "call_started").count();
    assert_eq!(summary["calls"]["offered"], offered);

    let events = lines(&folder, "events.jsonl");
    let of = |frame: &str, call: &str| -> BTreeSet<i64> {
        events
            .iter()
            .filter(|line| line["event"] == frame && line["private"]["keyed"].is_string())
            // A consultation, which has the customer's data, comes from a telephone of the site.
            .filter(|line| line["callingDevice"]["deviceIDType"] != "deviceIdentifier")
            .filter_map(|line| line[call]["callID"].as_i64())
            .collect()
    };
    let popped = of("delivered", "connection");
    let answered = of("established", "establishedConnection");
    assert!(answered.is_subset(&popped), "answered {answered:?}, popped {popped:?}");
    assert_eq!(summary["screen_pops"], answered.len());
    assert_eq!(summary["calls"]["answered"], answered.len());

    let database = Connection::open(folder.path("tipring.db")).unwrap();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(summary["cdrs"], count("SELECT count(*) FROM call WHERE direction = 'inbound'"));
    assert_eq!(summary["calls"]["answered"], count("SELECT count(*) FROM call WHERE outcome = 'answered'"));
    let talk_ms = count("SELECT sum(talk_ms) FROM call WHERE direction = 'inbound'");
    assert!((summary["talk_seconds"].as_f64().unwrap() - talk_ms as f64 / 1000.0).abs() < 0.01);

    let mut select = database.prepare("SELECT file, samples FROM recording WHERE whole").unwrap();
    let recordings: Vec<(String, u32)> =
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    assert_eq!(summary["recordings"], recordings.len());
    for (file, samples) in recordings {
        let reader = hound::WavReader::open(folder.path("recordings").join(&file)).unwrap();
        assert_eq!((reader.spec().channels, reader.spec().sample_rate), (2, 8000), "{file}");
        assert_eq!(reader.duration(), samples, "{file}");
    }
}

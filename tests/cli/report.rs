//! Reports of a simulated day: recomputed by another program, by any interval, in every form.
//!
//! Never: compares a figure with one that the same program computed.

use std::path::Path;
use std::process::Command;

use tipring_tests::{Folder, run, tipring};

use super::complaint;

/// Two hours of a small site in a folder.
fn day(folder: &Path, seed: &str) {
    day_of(["12", "8", "2"], folder, seed);
}

/// A day of that number of lines, agents and hours in a folder.
fn day_of([lines, agents, hours]: [&str; 3], folder: &Path, seed: &str) {
    let out = folder.to_str().unwrap();
    let size = ["--lines", lines, "--agents", agents, "--hours", hours, "--seed", seed, "--no-audio", "--out", out];
    let output = run([&["sim", "day"], &size[..]].concat());
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "seed {seed}: {text} {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_figure_of_every_report_is_equal_when_another_program_computes_it_from_the_log() {
    let folder = Folder::new("recount");
    day(&folder.path(""), "1");
    recount(&folder);
}

/// `cargo test --release -p tipring-tests --test cli days_of_20_and_200 -- --ignored --nocapture`
#[test]
#[ignore = "some minutes: each of 200 agents' intervals, days and calls"]
fn every_figure_of_days_of_20_and_200_agents_is_equal_when_another_program_computes_it_from_the_log() {
    for size in [["24", "20", "8"], ["240", "200", "8"]] {
        let folder = Folder::new("recount-days");
        day_of(size, &folder.path(""), "1");
        recount(&folder);
    }
}

/// Recomputes each figure of each report of a day, in intervals and whole.
fn recount(folder: &Folder) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/recount.py");
    let database = folder.path("tipring.db");
    for interval in ["15m", "whole"] {
        match Command::new("python3").arg(&script).arg(tipring()).arg(&database).arg(interval).output() {
            Err(error) => return eprintln!("SKIPPED: the reports are not recomputed, python3 cannot be run: {error}"),
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
                assert!(text.contains(" 0 differ"), "{text}");
                eprintln!("{interval}: {}", text.trim_end());
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_log_and_another_one_another() {
    let log = |seed| {
        let folder = Folder::new("day");
        day(&folder.path(""), seed);
        let database = folder.path("tipring.db");
        run(["report", "log", "--db", database.to_str().unwrap()]).stdout
    };
    let (one, again, other) = (log("3"), log("3"), log("4"));
    assert!(one == again && one != other && !one.is_empty());
}

/// The row of the queue of a day under the assumptions of Erlang's formulas: 400 callers an hour, talks of 180 s.
fn erlang(size: &[&str]) -> serde_json::Value {
    let day =
        ["sim", "day", "--callers", "400", "--talk", "180", "--erlang", "--no-audio", "--interval", "whole", "--json"];
    let output = run([&day[..], size].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut rows = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rows.find(|row| row["kind"] == "queue").unwrap()
}

fn is_near(row: &serde_json::Value, column: &str, expected: f64, error: f64) {
    let got = row[column].as_f64().unwrap();
    assert!((got - expected).abs() <= error, "{column} is {got}, not {expected} within {error}");
}

/// A = 20 erlang. Erlang C, 24 agents: 0.808882 answered within 20 s, 13.4133 s on average. Erlang A, 20 agents,
/// patience of 120 s: 0.097711 abandoned, 0.706453 of the offered answered within 20 s.
#[test]
fn forty_hours_come_near_to_erlangs_formulas() {
    let size = ["--lines", "200", "--agents", "20", "--hours", "40", "--seed", "5", "--patience", "120"];
    let (patient, impatient) = std::thread::scope(|scope| {
        let impatient = scope.spawn(|| erlang(&size));
        (erlang(&["--lines", "200", "--agents", "24", "--hours", "40", "--seed", "5"]), impatient.join().unwrap())
    });
    is_near(&patient, "sl_strict", 0.808_882, 0.02);
    is_near(&patient, "asa", 13.4133, 2.5);
    is_near(&impatient, "abandon_rate", 0.097_711, 0.008);
    is_near(&impatient, "sl_strict", 0.706_453, 0.02);
}

/// `cargo test -p tipring-tests --test cli thousand_hours -- --ignored`
#[test]
#[ignore = "some minutes: a thousand hours twice"]
fn a_thousand_hours_come_nearer_to_erlangs_formulas() {
    let patient = erlang(&["--lines", "400", "--agents", "24", "--hours", "1000", "--seed", "1"]);
    is_near(&patient, "sl_strict", 0.808_882, 0.005);
    is_near(&patient, "asa", 13.4133, 0.7);
    let size = ["--lines", "200", "--agents", "20", "--hours", "1000", "--seed", "1", "--patience", "120"];
    let impatient = erlang(&size);
    is_near(&impatient, "abandon_rate", 0.097_711, 0.003);
    is_near(&impatient, "sl_strict", 0.706_453, 0.006);
}

#[test]
fn a_call_is_explained_by_the_agents_considered_and_the_reasons_of_those_passed_over() {
    let folder = Folder::new("why");
    day(&folder.path(""), "2");
    let database = folder.path("tipring.db");
    let text = String::from_utf8(run(["report", "why", "20", "--db", database.to_str().unwrap()]).stdout).unwrap();
    assert!(text.contains("queued") && text.contains("decided: "), "{text}");
    let refused = complaint(&["report", "why", "999999", "--db", database.to_str().unwrap()]);
    assert!(refused.contains("999999"), "{refused}");
}

#[test]
fn the_course_of_a_call_names_its_line_its_queue_and_its_telephone_with_their_times() {
    let folder = Folder::new("course");
    day(&folder.path(""), "2");
    let database = folder.path("tipring.db");
    let course = |call: &str, form: &[&str]| {
        run([&["report", "call", call, "--db", database.to_str().unwrap()], form].concat()).stdout
    };
    let whole = |call: &String| {
        let text = String::from_utf8(course(call, &[])).unwrap();
        let has = |part: &str| text.lines().any(|line| line.contains(&format!(" {part} ")));
        text.starts_with(&format!("Call {call} (UCID 0000")) && ["trunk", "queue", "station"].into_iter().all(has)
    };
    let call = (1..100).map(|call: u8| call.to_string()).find(whole).expect("a call that an agent has answered");
    let object: serde_json::Value = serde_json::from_slice(&course(&call, &["--json"])).unwrap();
    let ucid = object["calls"][0]["ucid"].as_str().unwrap();
    assert_eq!(course(ucid, &["--json"]), course(&call, &["--json"]));
    assert!(object["legs"].as_array().unwrap().iter().all(|leg| leg["ucid"] == ucid));
    let refused = complaint(&["report", "call", "999999", "--db", database.to_str().unwrap()]);
    assert!(refused.contains("999999"), "{refused}");
    let report = |words: &[&str]| {
        let output = run([&["report"], words, &["--db", database.to_str().unwrap()]].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // The records, as values with their moments in both forms, chosen by agent and outcome; and one agent's day.
    let rows = |text: &str| text.lines().filter(|line| !line.starts_with('#')).skip(1).count();
    let (all, some) =
        (report(&["calls", "--csv"]), report(&["calls", "--csv", "--agent", "7001", "--outcome", "answered"]));
    assert!(0 < rows(&some) && rows(&some) < rows(&all), "{some}");
    assert!(all.contains(",2026-01-05T") && report(&["calls", "--csv", "--epoch"]).contains(",17675"), "{all}");
    assert!(report(&["calls", "--day", "2026-01-04"]).contains("nothing in this span"));
    let day = report(&["agent", "7001", "--day", "2026-01-05"]);
    assert!(day.starts_with("Agent 7001: log-ins 1 ("), "{day}");
    for part in ["log-in", "state", "call"] {
        assert!(day.lines().any(|line| line.starts_with(part)), "no {part}: {day}");
    }
    let row = report(&["agents", "--agent", "7001", "--interval", "whole", "--json"]);
    assert_eq!(row.lines().count(), 2, "the head and one agent: {row}");
}

#[test]
fn a_report_without_a_log_or_over_no_time_is_refused_with_a_sentence() {
    assert!(complaint(&["report", "queues"]).contains("--site"));
    let none = complaint(&["report", "queues", "--db", "/nonexistent/tipring.db"]);
    assert!(none.contains("/nonexistent/tipring.db"), "{none}");
    assert!(complaint(&["report", "queues", "--db", "x", "--from", "someday"]).contains("2026-11-29"));
    assert!(complaint(&["report", "queues", "--db", "x", "--interval", "7m"]).contains("15m"));
}

#[test]
fn days_and_moments_are_by_the_sites_time_zone_whatever_that_of_the_machine_is() {
    let folder = Folder::new("clock");
    day(&folder.path(""), "1");
    let (database, site) = (folder.path("tipring.db"), folder.path("site.toml"));
    let printed = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    std::fs::write(&site, format!("time_zone = \"America/New_York\"\n{printed}")).unwrap();
    let shown = |words: &[&str], of: &str, place: &Path| {
        let command = &mut Command::new(tipring());
        let output = command.env("TZ", "Europe/Berlin").args(words).arg(of).arg(place).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let queues = ["report", "queues", "--interval", "day", "--from", "2026-01-01", "--to", "2026-02-01", "--csv"];
    let of_site = shown(&queues, "--site", &site);
    assert!(of_site.contains("2026-01-04T00:00:00-05:00,2026-01-05T00:00:00-05:00,queue,5000"), "{of_site}");
    let text = shown(&queues[..queues.len() - 1], "--site", &site);
    assert!(text.contains("\n2026-01-04 00:00") && text.contains("those of America/New_York"), "{text}");
    // The simulated day begins at midnight UTC: seven in the evening there.
    let first = ["report", "calls", "--from", "2026-01-04T19:00", "--to", "2026-01-04T20:00"];
    let (calls, none) = (shown(&first, "--site", &site), shown(&first, "--db", &database));
    assert!(calls.contains("\n2026-01-04 19:") && none.contains("nothing in this span"), "{calls} {none}");
    let why = shown(&["report", "why", "1"], "--site", &site);
    assert!(why.contains("2026-01-04 19:"), "{why}");
    // With the database alone the site's zone is not known.
    let of_database = shown(&queues, "--db", &database);
    assert!(of_database.contains("2026-01-05T00:00:00+01:00,2026-01-06T00:00:00+01:00,queue,5000"), "{of_database}");
}

//! Reports of a simulated day: recomputed by another program, by any interval, in every form.

use std::path::Path;
use std::process::Command;

use tipring_tests::{Folder, run, tipring};

use super::complaint;

/// A day in a folder. Returns what it printed.
fn day(folder: &Path, seed: &str) -> String {
    let out = folder.to_str().unwrap();
    let size = ["--lines", "12", "--agents", "8", "--hours", "2", "--seed", seed, "--no-audio", "--out", out];
    let output = run([&["sim", "day"], &size[..]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "seed {seed}: {text} {}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn every_figure_of_every_report_is_equal_when_another_program_computes_it_from_the_log() {
    let folder = Folder::new("recount");
    day(&folder.path(""), "1");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/recount.py");
    let database = folder.path("tipring.db");
    for interval in ["15m", "whole"] {
        match Command::new("python3").arg(&script).arg(tipring()).arg(&database).arg(interval).output() {
            Err(error) => return eprintln!("SKIPPED: the reports are not recomputed, python3 cannot be run: {error}"),
            Ok(output) => {
                let text = String::from_utf8_lossy(&output.stdout).into_owned();
                assert!(output.status.success(), "{text} {}", String::from_utf8_lossy(&output.stderr));
                assert!(text.contains(" 0 differ"), "{text}");
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
fn a_report_without_a_log_or_over_no_time_is_refused_with_a_sentence() {
    assert!(complaint(&["report", "queues"]).contains("--site"));
    let none = complaint(&["report", "queues", "--db", "/nonexistent/tipring.db"]);
    assert!(none.contains("/nonexistent/tipring.db"), "{none}");
    assert!(complaint(&["report", "queues", "--db", "x", "--from", "yesterday"]).contains("2026-11-29"));
    assert!(complaint(&["report", "queues", "--db", "x", "--interval", "7m"]).contains("15m"));
}

#[test]
fn days_begin_at_midnight_by_the_sites_clock() {
    let folder = Folder::new("clock");
    day(&folder.path(""), "1");
    let database = folder.path("tipring.db");
    let queues = |from: &str, to: &str| {
        let output = Command::new(tipring())
            .env("TZ", "Europe/Berlin")
            .args(["report", "queues", "--csv", "--interval", "day", "--from", from, "--to", to, "--db"])
            .arg(&database)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let rows = queues("2026-01-01", "2026-02-01");
    assert!(rows.contains("2026-01-05T00:00:00+01:00,2026-01-06T00:00:00+01:00,queue,5000"), "{rows}");
}

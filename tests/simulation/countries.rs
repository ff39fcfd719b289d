//! A day in each country: its ringing, its tones, its way of telling who calls, judged by what really happened.

use std::path::Path;

use serde_json::Value;
use tipring_driver::country::COUNTRIES;
use tipring_tests::{Folder, run};

/// Runs the demo in a country; gives its last line.
fn day_in(country: &str, folder: &Path) -> Value {
    let out = folder.display().to_string();
    let arguments =
        ["demo", "--json", "--speed", "max", "--calls", "10", "--seed", "1", "--country", country, "--out", &out];
    let output = run(arguments);
    assert!(output.status.success(), "{country}: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(said.lines().last().expect("a last line")).expect("the last line is an object")
}

#[test]
fn a_day_goes_well_in_every_country_and_every_number_that_was_sent_arrives() {
    for country in COUNTRIES {
        let folder = Folder::new(country.code);
        let summary = day_in(country.code, &folder.path(""));
        let number = |path: &str| summary.pointer(path).and_then(Value::as_u64).expect("a number");
        assert!(number("/caller_ids_sent") >= 9, "{}: {summary}", country.code);
        assert_eq!(number("/caller_ids_correct"), number("/caller_ids_sent"), "{}: {summary}", country.code);
        assert!(number("/calls/answered") >= 8, "{}: {summary}", country.code);
    }
}

#[test]
fn a_country_that_there_is_no_profile_of_is_refused_with_those_there_are() {
    let output = run(["demo", "--country", "XX"]);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    for country in COUNTRIES {
        assert!(complaint.contains(country.code), "{complaint}");
    }
}

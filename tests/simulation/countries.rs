//! A day in each country: its ringing, its tones, its caller ID service, judged by the events as they happened.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tipring_driver::country::COUNTRIES;
use tipring_tests::{Folder, run, stored};

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
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(country) = COUNTRIES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let folder = Folder::new(country.code);
                    let summary = day_in(country.code, &folder.path(""));
                    assert_eq!(
                        summary["caller_ids_correct"], summary["caller_ids_sent"],
                        "{}: {summary}",
                        country.code
                    );
                    stored::compare(country.code, &summary);
                }
            });
        }
    });
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

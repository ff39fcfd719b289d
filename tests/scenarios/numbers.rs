//! The table of a call centre's numbers: every report, column and test that it names exists.
//!
//! Never: passes a number that is measured by nothing and does not say so.

use std::collections::BTreeSet;
use std::path::Path;

use tipring_tools::report::columns::Column;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests are in a folder of the repository")
}

/// The sources of all tests, in one text.
pub(crate) fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("target") => {}
            Some(name) if name.starts_with('.') => {}
            _ if path.is_dir() => sources(&path, text),
            Some(name) if name.ends_with(".rs") => *text += &std::fs::read_to_string(&path).unwrap_or_default(),
            _ => {}
        }
    }
}

#[test]
fn every_number_has_a_row_and_every_report_and_test_that_measures_one_exists() {
    let table = std::fs::read_to_string(root().join("tools/docs/numbers.md")).expect("the table of the numbers");
    let mut rust = String::new();
    sources(root(), &mut rust);
    let reports = include_str!("../../tools/src/cmd/report.rs");
    let mut numbers = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| N")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let number: u32 = cells[1][1..].parse().expect("the number of a row");
        assert!(numbers.insert(number), "N{number} has two rows");
        let measured = cells[3];
        let names: Vec<&str> = measured.split('`').skip(1).step_by(2).collect();
        assert!(measured.starts_with("not yet: ") || !names.is_empty(), "N{number} is measured by nothing");
        let mut is_entry = false;
        for (name, before) in names.iter().zip(measured.split('`').step_by(2)) {
            is_entry = before.contains("entries") || (is_entry && before.trim() == ",");
            match name.split_once(' ') {
                Some(("report", report)) => {
                    let variant = format!("    {}{}(", report[..1].to_uppercase(), &report[1..]);
                    assert!(reports.contains(&variant), "N{number}: there is no {name}");
                }
                Some(_) => assert_eq!(*name, "sim day", "N{number}"),
                None if is_entry => assert!(rust.contains(&format!("\"{name}\"")), "N{number}: no entry {name}"),
                None if before.contains("test") => {
                    assert!(rust.contains(&format!("fn {name}()")), "N{number}: there is no test {name}");
                }
                None => assert!(!Column::named(name).definition.is_empty(), "N{number}: there is no column {name}"),
            }
        }
    }
    assert_eq!(numbers, (1..=25).collect(), "a number has no row");
}

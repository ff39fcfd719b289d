//! The table of public complaints: every test that it names exists.
//!
//! Never: lists a complaint without a test.

use std::collections::BTreeSet;

use super::numbers::{root, sources};

#[test]
fn every_complaint_has_a_test_that_exists() {
    let table = std::fs::read_to_string(root().join("tools/docs/complaints.md")).expect("the table of complaints");
    let mut rust = String::new();
    sources(root(), &mut rust);
    let mut complaints = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 6, "{row}");
        assert!(complaints.insert(cells[2]), "two rows: {}", cells[2]);
        let tests: Vec<&str> = cells[4].split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test: {}", cells[2]);
        for test in tests {
            assert!(rust.contains(&format!("fn {test}(")), "there is no test {test}");
        }
    }
    assert!(complaints.len() >= 20, "{} complaints", complaints.len());
}

//! The porting guide beside the headers.
//!
//! Never: judges the prose.

use std::collections::BTreeSet;

use super::{capi, root};

fn guide() -> String {
    std::fs::read_to_string(root().join("tools/docs/porting.md")).expect("the guide is there")
}

/// Both headers.
pub fn headers() -> String {
    ["tipring.h", "tipring_sim.h"]
        .map(|name| std::fs::read_to_string(capi().join("include").join(name)).expect("the header is there"))
        .concat()
}

/// Words that begin with `prefix`, of letters, digits and underlines.
pub fn words<'a>(text: &'a str, prefix: &str) -> BTreeSet<&'a str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with(prefix) && word.len() > prefix.len())
        .collect()
}

#[test]
fn every_name_of_the_library_in_the_porting_guide_stands_in_a_header() {
    let headers = headers();
    let guide = guide();
    for prefix in ["tr_", "TR_"] {
        let (declared, used) = (words(&headers, prefix), words(&guide, prefix));
        let unknown: Vec<_> = used.difference(&declared).collect();
        assert!(unknown.is_empty() && used.len() > 20, "{unknown:?}");
    }
}

/// The functions of the three families, of which each has a row of its own: what replaces it, or why nothing does.
#[test]
fn each_function_of_the_other_families_stands_in_one_row_with_its_replacement_or_a_reason() {
    let guide = guide();
    let mut seen = BTreeSet::new();
    for line in guide.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [theirs, ours, remarks] = cells[..] else { panic!("{line}: three cells") };
        assert!(ours.contains("`tr_") || (ours == "none" && !remarks.is_empty()), "{line}");
        for name in theirs.split(", ") {
            assert!(seen.insert(name.to_owned()), "{name} stands in two rows");
        }
    }
    let listed = include_str!("porting.txt").lines().filter(|name| !name.is_empty());
    let missing: Vec<&str> = listed.filter(|name| !seen.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

//! The length of files: a file that grows beyond the limit of its folder holds a second idea, which takes a file and a
//! name of its own.
//!
//! The limit is [`GOAL`] lines. A folder with longer files has a row in [`LIMITS`] with its own limit, which comes down
//! with the longest of them.
//!
//! Never: judges how a file is divided.

use std::collections::BTreeMap;

use crate::sources::sources;

/// Folders whose Rust files are held, with all below them.
const HELD: &[&str] = &["cti-core", "driver", "hw-sim", "tests", "tools", "tsapi"];

/// The most lines of a file.
const GOAL: usize = 400;

/// Lines by which a limit above [`GOAL`] may be more than the longest file has.
const ROOM: usize = 20;

/// Folders and files with a limit of their own; the longest entry with which a path begins counts.
const LIMITS: &[(&str, usize)] = &[
    ("cti-core/capi/src", 480),
    ("driver/src", 700),
    ("hw-sim/src", 630),
    ("tests", 620),
    ("tools", 500),
    ("tsapi", 770),
];

/// The entry that holds for a file, and its limit.
fn limit<'l>(limits: &[(&'l str, usize)], file: &str) -> (&'l str, usize) {
    let entries = limits
        .iter()
        .filter(|(folder, _)| file.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    entries.max_by_key(|(folder, _)| folder.len()).copied().unwrap_or(("", GOAL))
}

/// The files above their limits, and the limits above what they hold, one line each.
fn offences(limits: &[(&str, usize)], files: &BTreeMap<String, usize>) -> Vec<String> {
    let mut found = Vec::new();
    let mut longest: BTreeMap<&str, usize> = BTreeMap::new();
    for (file, &lines) in files {
        let (entry, limit) = limit(limits, file);
        if lines > limit {
            found.push(format!("{file} has {lines} lines, {limit} are the most: which second idea is in it?"));
        }
        let longest = longest.entry(entry).or_default();
        *longest = lines.max(*longest);
    }
    for (entry, limit) in limits {
        let longest = longest.get(entry).copied().unwrap_or_default();
        if longest <= GOAL {
            found.push(format!("no file of {entry} has more than {GOAL} lines: its limit of {limit} can go"));
        } else if longest + ROOM < *limit {
            found.push(format!("the longest file of {entry} has {longest} lines: its limit of {limit} comes down"));
        }
    }
    found
}

#[test]
fn no_file_is_longer_than_the_limit_of_its_folder() {
    let all = HELD.iter().flat_map(|folder| sources(folder));
    let files = all.map(|(file, text)| (file, text.lines().count())).collect();
    let found = offences(LIMITS, &files);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_file_above_its_limit_is_found_and_so_is_a_limit_without_a_file_that_needs_it() {
    let of = |files: &[(&str, usize)]| {
        let files = files.iter().map(|(file, lines)| ((*file).to_owned(), *lines)).collect();
        offences(&[("a/src", 500), ("a/src/b.rs", 600)], &files)
    };
    assert!(of(&[("a/src/a.rs", 500), ("a/src/b.rs", 600), ("a/srcs/c.rs", GOAL)]).is_empty());
    let found = of(&[("a/src/a.rs", 501), ("a/src/b.rs", 601), ("a/srcs/c.rs", GOAL + 1)]);
    assert_eq!(found.len(), 3, "{found:?}");
    let found = of(&[("a/src/a.rs", GOAL), ("a/src/b.rs", 600 - ROOM - 1)]);
    assert!(found[0].ends_with("can go") && found[1].ends_with("comes down"), "{found:?}");
}

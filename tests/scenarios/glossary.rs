//! The glossaries of the crates: every place that a row names exists, and every library has one.
//!
//! Never: an opinion about the term.

use std::collections::BTreeMap;

use crate::sources::sources;

/// The crates with a glossary: folder and name.
const CRATES: &[(&str, &str)] = &[
    ("driver/src", "tipring_driver"),
    ("cti-core/csta/src", "tipring_csta_types"),
    ("cti-core/src", "tipring_core"),
    ("tsapi/src", "tipring_tsapi"),
    ("hw-sim/src", "tipring_hw_sim"),
    ("tools/src", "tipring"),
];

/// Names under which a crate shows another crate or a module of it.
const SHOWN: &[(&str, &str)] = &[
    ("tipring_core::csta", "tipring_csta_types"),
    ("tipring_core::ids", "tipring_csta_types::id"),
    ("tipring_core::time", "tipring_driver::time"),
];

/// The places that the glossary of a crate names: the second column of the table headed "term", in back quotes.
fn places(lib: &str) -> Vec<String> {
    let rows = lib.lines().map(|line| line.trim_start_matches("//!").trim());
    let rows = rows.skip_while(|line| !line.starts_with("| term |") && !line.starts_with("| standard term |"));
    let cells = rows.skip(2).take_while(|line| line.starts_with('|')).filter_map(|line| line.split('|').nth(2));
    let codes = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    cells.flat_map(codes).collect()
}

/// Returns true if a file declares a name or shows it: a type, a function, a constant, or a variant of a type.
fn declares(text: &str, name: &str) -> bool {
    let words = |line: &str| -> Vec<String> {
        line.split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")).any(|line| {
        let words = words(line);
        let keyword = ["struct", "enum", "trait", "type", "fn", "const", "static", "union"];
        words.windows(2).any(|pair| keyword.contains(&&*pair[0]) && pair[1] == name)
            || (line.starts_with("pub use ") && words.iter().any(|word| word == name))
            || (line.starts_with(name) && line[name.len()..].starts_with([' ', ',', '(', '{']))
    })
}

/// Returns true if a path from the root of a crate leads to a module or a name of it.
fn exists(path: &[&str], folder: &str, files: &BTreeMap<String, String>) -> bool {
    let modules = (0..=path.len()).rev().find(|&count| {
        let module = path[..count].join("/");
        count == 0 || [".rs", "/mod.rs"].iter().any(|end| files.contains_key(&format!("{folder}/{module}{end}")))
    });
    let (module, names) = path.split_at(modules.unwrap_or(0));
    let below = format!("{folder}/{}", module.join("/"));
    let below = below.trim_end_matches('/');
    let inside = |file: &str| {
        file == format!("{below}.rs") || file.strip_prefix(below).is_some_and(|rest| rest.starts_with('/'))
    };
    names.iter().all(|name| files.iter().any(|(file, text)| inside(file) && declares(text, name)))
}

/// The rows of a crate's glossary that lead nowhere.
fn offences(folder: &str, name: &str, crates: &BTreeMap<&str, (&str, BTreeMap<String, String>)>) -> Vec<String> {
    let lib = &crates[name].1[&format!("{folder}/lib.rs")];
    let places = places(lib);
    if places.is_empty() {
        return vec![format!("{folder}/lib.rs has no glossary")];
    }
    let is_lost = |place: &String| {
        let full = if crates.keys().any(|known| place.split("::").next() == Some(known)) {
            place.clone()
        } else {
            format!("{name}::{place}")
        };
        let shown = SHOWN.iter().find(|(from, _)| full == *from || full.starts_with(&format!("{from}::")));
        let full = shown.map_or(full.clone(), |(from, to)| full.replacen(from, to, 1));
        let path: Vec<&str> = full.trim_end_matches("()").split("::").collect();
        let (folder, files) = &crates[path[0]];
        !exists(&path[1..], folder, files)
    };
    places.iter().filter(|place| is_lost(place)).map(|place| format!("{folder}/lib.rs: {place} is not there")).collect()
}

fn crates() -> BTreeMap<&'static str, (&'static str, BTreeMap<String, String>)> {
    CRATES.iter().map(|&(folder, name)| (name, (folder, sources(folder)))).collect()
}

#[test]
fn every_place_that_a_glossary_names_exists() {
    let crates = crates();
    let found: Vec<String> = CRATES.iter().flat_map(|(folder, name)| offences(folder, name, &crates)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_row_whose_type_is_gone_is_found_and_so_is_a_missing_glossary() {
    let lib = "//! | term | here | source |\n//! |---|---|---|\n//! | a | [`room::Thing`], `Thing::new` | |\n\
               //! | b | [`room::Gone`] | |\n//! | c | `hall`, [`room`] | |\n//!\n//! `Nothing`\n";
    let room = "/// A Gone one.\npub struct Thing;\nimpl Thing { pub fn new() {} }\n";
    let files = |lib: &str| -> BTreeMap<String, String> {
        [("a/lib.rs", lib), ("a/room.rs", room)].map(|(file, text)| (file.to_owned(), text.to_owned())).into()
    };
    let found = offences("a", "a", &[("a", ("a", files(lib)))].into());
    assert_eq!(found, ["a/lib.rs: room::Gone is not there", "a/lib.rs: hall is not there"]);
    assert_eq!(offences("a", "a", &[("a", ("a", files("//! A.\n")))].into()), ["a/lib.rs has no glossary"]);
}

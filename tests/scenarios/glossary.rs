//! The maps of the sources: every place that a row of a crate's glossary names exists, and every library has one; the
//! table of files in a header has the modules that the file declares, and no other; paths in headers and in the README
//! exist.
//!
//! Never: judges the term.

use std::collections::BTreeMap;
use std::fs;

use crate::sources::{root, sources, test_modules};

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
const SHOWN: &[(&str, &str)] =
    &[("tipring_core::csta", "tipring_csta_types"), ("tipring_core::time", "tipring_driver::time")];

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

/// Folders whose headers are read.
const FOLDERS: &[&str] = &["cti-core", "driver", "hw-sim", "tests", "tools", "tsapi"];

/// Modules in the table of a crate that are another crate, shown under that name.
const SHOWN_CRATES: &[(&str, &str)] = &[("cti-core/src/lib.rs", "csta")];

/// Endings of the files whose paths are looked for.
const ENDINGS: &[&str] = &["c", "h", "hpp", "md", "mjs", "py", "rs", "sql", "svg", "toml", "txt"];

/// The header of a file: its lines of `//!`, without the mark.
fn header(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect()
}

/// The texts in back quotes of a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The modules in files of their own that a file declares, those for tests left out.
fn declared(text: &str) -> Vec<&str> {
    let (for_tests, _) = test_modules(text);
    let names = text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub").map_or(line, |rest| rest.trim_start_matches(|c| c != ' ').trim_start());
        line.strip_prefix("mod ")?.strip_suffix(';')
    });
    names.filter(|name| !for_tests.iter().any(|test| test == name)).collect()
}

/// The modules that the tables of files of a header name: the first columns of the tables in which one that the file
/// declares stands, the glossary apart.
fn listed<'a>(text: &'a str, declared: &[&str]) -> Vec<&'a str> {
    let header = header(text);
    let tables = header.split(|line| !line.starts_with('|')).filter(|rows| rows.len() > 2 && !rows[0].contains("term"));
    let columns = tables.map(|rows| {
        let cells = rows[2..].iter().filter_map(|row| row.split('|').nth(1));
        cells.flat_map(quoted).map(|name| name.trim_start_matches("mod@")).collect::<Vec<_>>()
    });
    columns.filter(|names| names.iter().any(|name| declared.contains(name))).flatten().collect()
}

/// The modules that a file's table leaves out, and those that it names although the file does not declare them.
fn offences_of_table(file: &str, text: &str) -> Vec<String> {
    let declared = declared(text);
    let listed = listed(text, &declared);
    if listed.is_empty() {
        return Vec::new();
    }
    let missing = declared.iter().filter(|name| !listed.contains(name));
    let missing = missing.map(|name| format!("{file}: {name} is not in the table of files"));
    let is_gone = |name: &&&str| !declared.contains(*name) && !SHOWN_CRATES.contains(&(file, **name));
    let gone = listed.iter().filter(is_gone).map(|name| format!("{file}: {name} is in the table of files, and gone"));
    missing.chain(gone).collect()
}

/// The paths of more than one part among the texts in back quotes, those in blocks of code left out.
fn paths<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut is_code = false;
    let text = lines.iter().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && !line.starts_with("```")
    });
    let is_path = |text: &&str| {
        let is_plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c)) && !text.starts_with('/');
        let is_built = text.starts_with("target/");
        let ends = text.ends_with('/') || text.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.contains(&end));
        is_plain && !is_built && ends && text.trim_end_matches('/').contains('/')
    };
    text.flat_map(|line| quoted(line)).filter(is_path).collect()
}

/// The paths that a page names and that are nowhere: from the root, from the folders around it, nor beside it.
fn lost_paths<'a>(file: &str, lines: &[&'a str]) -> Vec<&'a str> {
    let here = root().join(file);
    let folders: Vec<_> =
        [here.with_extension("")].into_iter().chain(here.ancestors().skip(1).map(Into::into)).collect();
    let above: Vec<_> = folders.iter().filter(|folder| folder.starts_with(root())).collect();
    let is_lost =
        |path: &&str| !above.iter().any(|folder| folder.join(path).exists() || folder.join("src").join(path).exists());
    paths(lines).into_iter().filter(is_lost).collect()
}

#[test]
fn every_table_of_files_has_the_modules_that_its_file_declares() {
    let files = FOLDERS.iter().flat_map(|folder| sources(folder));
    let found: Vec<String> = files.flat_map(|(file, text)| offences_of_table(&file, &text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_path_in_a_header_or_in_the_readme_exists() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    let mut found = lost_paths("README.md", &readme.lines().collect::<Vec<_>>()).join(" ");
    for (file, text) in FOLDERS.iter().flat_map(|folder| sources(folder)) {
        for path in lost_paths(&file, &header(&text)) {
            found += &format!("\n{file}: {path}");
        }
    }
    assert!(found.is_empty(), "paths that lead nowhere: {found}");
}

#[test]
fn a_module_that_a_table_leaves_out_is_found_and_so_is_one_that_is_gone() {
    let text = "//! Rooms.\n//!\n//! | file | holds |\n//! |---|---|\n//! | [`hall`], `cellar` | coats |\n\n\
                mod hall;\npub(crate) mod attic;\n#[cfg(test)]\nmod tests;\n";
    let expected = ["a.rs: attic is not in the table of files", "a.rs: cellar is in the table of files, and gone"];
    assert_eq!(offences_of_table("a.rs", text), expected);
    assert!(offences_of_table("a.rs", &text.replace("| file |", "| term |")).is_empty());
}

#[test]
fn a_path_that_leads_nowhere_is_found() {
    let lines = ["`tests/scenarios/glossary.rs`, `scenarios/gone.rs`, `a/b`, `site/`", "```", "`gone/too.rs`", "```"];
    assert_eq!(lost_paths("tests/scenarios/main.rs", &lines), ["scenarios/gone.rs"]);
}

//! The manual pages beside the headers.
//!
//! Never: judges the prose.

use std::collections::BTreeMap;

use super::porting::{headers, words};
use super::{capi, printed};

/// Name, type of the result and arguments of every function that a text declares, as `declares` reads it.
type Prototypes = BTreeMap<String, (String, Vec<String>)>;

fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace("* ", "*")
}

/// The functions of the headers: a declaration begins at the left edge and ends with a semicolon.
fn declared() -> Prototypes {
    let headers = headers();
    let mut found = Prototypes::new();
    for (at, line) in headers.match_indices('\n') {
        let rest = &headers[at + line.len()..];
        let Some((before, after)) = rest.split_once('(') else { break };
        let Some(name) = before.rsplit([' ', '*']).next().filter(|name| name.starts_with("tr_")) else { continue };
        if before.contains(['\n', '#', '/']) || before.starts_with("typedef") {
            continue;
        }
        let arguments = after.split_once(");").expect("a declaration ends").0;
        let result = plain(before.strip_suffix(name).expect("the name stands last"));
        found.insert(name.to_owned(), (result, arguments.split(',').map(plain).collect()));
    }
    found
}

fn pages() -> Vec<(String, String)> {
    let files = std::fs::read_dir(capi().join("man")).expect("the folder is there").flatten();
    files
        .map(|file| {
            let text = std::fs::read_to_string(file.path()).expect("a page can be read");
            (file.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

#[test]
fn each_function_of_the_headers_stands_with_its_arguments_on_one_manual_page() {
    let mut described = Prototypes::new();
    for (page, text) in pages() {
        let mut result = String::new();
        let synopsis = text.split(".Sh ").find(|section| section.starts_with("SYNOPSIS")).expect("a synopsis");
        for line in synopsis.lines() {
            if let Some(name) = line.strip_prefix(".Ft ") {
                result = plain(name.trim_matches('"'));
            } else if let Some(function) = line.strip_prefix(".Fn ") {
                let (name, arguments) = function.split_once(' ').expect("a function has arguments, or void");
                let arguments = arguments.trim_matches('"').split("\" \"").map(plain).collect();
                let before = described.insert(name.to_owned(), (result.clone(), arguments));
                assert!(before.is_none(), "{name} stands twice, once on {page}");
                assert!(text.contains(&format!(".Nm {name}")), "{name} is not among the names of {page}");
                let description = text.split_once(".Sh DESCRIPTION").expect("a description").1;
                assert!(description.contains(&format!(".Fn {name}")), "{page} does not say what {name} does");
            }
        }
    }
    assert_eq!(described, declared());
    assert!(described.len() > 50);
}

#[test]
fn a_manual_page_names_nothing_that_is_in_no_header() {
    let headers = headers();
    let known = words(&headers, "TR_");
    for (page, text) in pages() {
        // `.Dv TR_E_*` stands for all that begin so.
        let unknown: Vec<_> = words(&text, "TR_")
            .into_iter()
            .filter(|word| !known.iter().any(|name| name == word || word.ends_with('_') && name.starts_with(*word)))
            .filter(|word| !text.starts_with(&format!(".Dd November 29, 2026\n.Dt {word} 3")))
            .collect();
        assert!(unknown.is_empty(), "{page}: {unknown:?}");
    }
}

#[test]
fn the_manual_pages_are_set_without_a_warning() {
    let Ok(version) = std::process::Command::new("groff").arg("--version").output() else {
        eprintln!("groff is not installed: the pages were not set");
        return;
    };
    assert!(version.status.success());
    for (page, _) in pages() {
        let path = capi().join("man").join(&page);
        let set = std::process::Command::new("groff").args(["-mdoc", "-Tutf8", "-ww", "-z"]).arg(path).output();
        let set = set.expect("groff has just run");
        assert!(set.status.success() && printed(&set).is_empty(), "{page}: {}", printed(&set));
    }
}

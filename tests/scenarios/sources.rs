//! The sources of the workspace as the tests of the house read them: files, their modules, their lines at work.
//!
//! Never: judges what is read; `dependencies`, `imports` and `vocabulary` do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ stands in the workspace").to_owned()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The Rust files of a folder, by their paths below the root.
pub fn sources(folder: &str) -> BTreeMap<String, String> {
    let mut files = Vec::new();
    rust_files(&root().join(folder), &mut files);
    assert!(!files.is_empty(), "no source under {folder}: is this test looking in the right place?");
    files
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(root()).expect("found under the root").display().to_string();
            (name, fs::read_to_string(&path).expect("a source file is text"))
        })
        .collect()
}

/// The modules of a file that are compiled for tests only: those in files of their own by name, and the line at which
/// one inside the file begins.
pub fn test_modules(text: &str) -> (Vec<String>, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let mut names = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if !line.starts_with("#[cfg(test)]") && !line.starts_with("#[cfg(all(test") {
            continue;
        }
        match lines[at + 1..].iter().find(|line| !line.starts_with("#[")) {
            Some(line) if line.starts_with("mod ") && line.ends_with('{') => return (names, at),
            Some(line) => names.extend(
                line.trim_start_matches("pub ").strip_prefix("mod ").map(|name| name.trim_end_matches(';').to_owned()),
            ),
            None => {}
        }
    }
    (names, lines.len())
}

/// The lines of a package's files that are not for tests only, each with its place; comments left out.
pub fn lines_at_work(folder: &str) -> Vec<(String, String)> {
    let sources = sources(folder);
    let for_tests: Vec<String> = sources.values().flat_map(|text| test_modules(text).0).collect();
    let mut lines = Vec::new();
    for (file, text) in &sources {
        let is_for_tests = Path::new(file).iter().any(|part| {
            for_tests.iter().any(|name| part.to_str().is_some_and(|part| part.trim_end_matches(".rs") == name))
        });
        if is_for_tests || file.contains("/tests/") {
            continue;
        }
        for (number, line) in text.lines().take(test_modules(text).1).enumerate() {
            let line = line.trim_start();
            if !line.starts_with("//") {
                lines.push((format!("{file}:{}", number + 1), line.to_owned()));
            }
        }
    }
    lines
}

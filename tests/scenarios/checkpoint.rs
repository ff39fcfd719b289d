//! The shape of a checkpoint, read from the sources: the names and types of all fields that one has, and how they are
//! written. A build that reads another one's checkpoint must know them. The file in which a type stands is no part of
//! it.
//!
//! Never: judges what the core has to remember.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tipring_core::core::FORMAT;

use crate::sources::{root, sources, test_modules};

/// The shape as it was when the format was last counted on.
const STORED: &str = "cti-core/src/core/checkpoint.txt";
/// The folders with the types of which a checkpoint is made.
const FOLDERS: [&str; 3] = ["cti-core/csta/src", "cti-core/src", "driver/src"];
/// The file of the entries of the log, which have names of the core's too; they are read by one build alone.
const ENTRIES: &str = "cti-core/src/input.rs";
/// The type that is written.
const FIRST: &str = "Core";

/// The declarations of types by name; a name may have several.
fn declarations() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, text) in FOLDERS.iter().flat_map(|folder| sources(folder)) {
        if file.contains("/tests") || file.contains("/testing/") || file.ends_with(ENTRIES) {
            continue;
        }
        let lines: Vec<&str> = text.lines().take(test_modules(&text).1).collect();
        for at in 0..lines.len() {
            let made = || made_by_macro(&lines, at).filter(|_| !file.starts_with("driver"));
            if let Some((name, declaration)) = item(&lines, at).or_else(made) {
                found.entry(name).or_default().push(declaration);
            }
        }
    }
    found
}

fn is_plain(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && !line.starts_with("//")
}

fn name_of(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The struct, enum or alias that a line begins, if it can be written: its name, and its text with the attributes that
/// say how.
fn item(lines: &[&str], at: usize) -> Option<(String, String)> {
    let line = lines[at];
    let words: Vec<&str> = line.split_whitespace().collect();
    let key = words.iter().take(2).position(|word| ["struct", "enum", "type"].contains(word))?;
    let is_visible = |word: &str| word == "pub" || word.starts_with("pub(");
    if line.starts_with(' ') || !(key == 0 || is_visible(words[0])) {
        return None;
    }
    let name = name_of(words.get(key + 1)?);
    let mut text: Vec<&str> = Vec::new();
    let mut is_written = words[key] == "type";
    for above in lines[..at].iter().rev().take_while(|line| line.starts_with('#') || line.starts_with("///")) {
        is_written |= above.starts_with("#[derive(") && above.contains("Serialize");
        if above.starts_with("#[serde") {
            text.insert(0, above);
        }
    }
    if !is_written {
        return None;
    }
    for line in lines[at..].iter().copied().filter(|line| is_plain(line)) {
        text.push(line);
        if line == "}" || line.ends_with(';') || line.ends_with(" {}") {
            break;
        }
    }
    Some((name, text.join("\n")))
}

/// The type that a macro makes, called at a line: its name, and what the macro is given.
fn made_by_macro(lines: &[&str], at: usize) -> Option<(String, String)> {
    let called = lines[at].split_once('!').filter(|(name, _)| !name.is_empty() && name_of(name) == *name)?;
    let rest = called.1.trim_start();
    if !rest.starts_with(['(', '{']) || called.0 == "macro_rules" {
        return None;
    }
    let end = lines[at..].iter().position(|line| line.starts_with([')', '}']))?;
    let given: Vec<&str> = lines[at + 1..at + end].iter().copied().filter(|line| is_plain(line)).collect();
    let name = name_of(given.iter().map(|line| line.trim_start()).find(|line| !line.starts_with('#'))?);
    Some((name, [&[lines[at]], given.as_slice()].concat().join("\n")))
}

/// The lines of a declaration that are written: fields that are left out are not.
fn written(declaration: &str) -> String {
    let mut left_out = false;
    let kept = declaration.lines().filter(|line| {
        let plain = line.trim_start();
        if plain.starts_with('#') {
            left_out |= plain.starts_with("#[serde(skip");
            return plain.starts_with("#[serde")
                && !plain.starts_with("#[serde(skip)")
                && !plain.starts_with("#[serde(skip,");
        }
        !std::mem::take(&mut left_out)
    });
    kept.collect::<Vec<_>>().join("\n")
}

/// The shape of all that a checkpoint reaches.
fn shape() -> String {
    let all = declarations();
    let (mut open, mut reached) = (vec![FIRST.to_owned()], BTreeSet::new());
    let mut parts = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !reached.insert(name.clone()) {
            continue;
        }
        for declaration in all.get(&name).into_iter().flatten() {
            let text = written(declaration);
            let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
            open.extend(words.filter(|word| word.starts_with(char::is_uppercase)).map(str::to_owned));
            parts.insert(text);
        }
    }
    parts.into_iter().collect::<Vec<_>>().join("\n\n") + "\n"
}

#[test]
fn the_shape_of_a_checkpoint_is_that_of_its_format() {
    let path = root().join(STORED);
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let (format, before) = stored.split_once("\n\n").unwrap_or_default();
    let now = shape();
    for part in ["struct Core", "struct Detail", "enum EventCause", "struct Tick", "State {", "struct FlowBook"] {
        assert!(now.contains(part) || now.contains(&part.replace("enum ", "")), "{part} was not found");
    }
    assert!(!now.contains("Option<Option<"), "JSON has one null: an option in an option is not read back");
    let head = format!("format {FORMAT}");
    if format == head && before == now {
        return;
    }
    let same_format = !stored.is_empty() && format == head;
    if std::env::var_os("TIPRING_WRITE_SHAPE").is_some() && !same_format {
        fs::write(&path, format!("{head}\n\n{now}")).unwrap();
        return;
    }
    let differs = now.lines().zip(before.lines()).find(|(now, before)| now != before);
    panic!(
        "The shape of a checkpoint has changed, at first in {differs:?}. Count FORMAT on in \
         cti-core/src/core/checkpoint.rs. OLDEST_FORMAT may stay if each new field has #[serde(default)] with a value \
         that is right for calls in progress, and no field has gone or changed its type or meaning; else it becomes \
         FORMAT. Then: TIPRING_WRITE_SHAPE=1 cargo test -p tipring-tests --test scenarios checkpoint"
    );
}

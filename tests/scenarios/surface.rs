//! The public surface of the driver: the items that its sources declare or show as `pub`, held below a limit.
//!
//! An item is a line that begins with `pub`, its qualifiers, and the keyword of an item: fields of structures and
//! `pub(crate)` are none. `unreachable_pub`, a lint of the crate, keeps the count honest from below: an item without a
//! way out of the crate is not `pub`. A re-export of everything in a module would hide what it shows, and is refused.
//!
//! Never: runs the compiler.

use crate::sources::sources;

/// The folder whose items are counted.
const FOLDER: &str = "driver/src";

/// The most items: half of the 955 of the time when everything was public.
const ITEMS_MAX: usize = 477;

/// Keywords of items.
const ITEMS: &[&str] = &["fn", "struct", "enum", "trait", "type", "mod", "const", "static", "use", "macro", "union"];

/// Words between `pub` and the keyword.
const QUALIFIERS: &[&str] = &["unsafe", "const", "async", "extern", "\"C\""];

/// Returns true for a line that declares or shows a public item.
fn is_item(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("pub ") else { return false };
    let words: Vec<&str> = rest.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '"')).collect();
    let qualifiers = words.iter().take_while(|word| QUALIFIERS.contains(word)).count();
    words.get(qualifiers).is_some_and(|word| ITEMS.contains(word)) || words[..qualifiers].contains(&"const")
}

/// Returns true for a line that shows everything in a module.
fn is_glob(line: &str) -> bool {
    line.trim_start().starts_with("pub use ") && line.contains('*')
}

/// The lines of the files that fit, with their places.
fn lines_of(files: &[(String, String)], fits: impl Fn(&str) -> bool) -> Vec<String> {
    let lines = files.iter().flat_map(|(file, text)| text.lines().enumerate().map(move |line| (file, line)));
    lines.filter(|(_, (_, line))| fits(line)).map(|(file, (at, line))| format!("{file}:{} {line}", at + 1)).collect()
}

#[test]
fn the_driver_shows_less_than_half_of_what_it_once_did() {
    let files: Vec<(String, String)> = sources(FOLDER).into_iter().collect();
    let items = lines_of(&files, is_item);
    assert!(items.len() > 100, "only {} items were found: is the rule still right?", items.len());
    assert!(
        items.len() <= ITEMS_MAX,
        "{} public items in {FOLDER}, {ITEMS_MAX} are the most: close those that no other crate uses",
        items.len()
    );
    let globs = lines_of(&files, is_glob);
    assert!(globs.is_empty(), "name the items that are shown: {}", globs.join("\n"));
}

#[test]
fn items_are_told_from_fields_and_from_what_is_public_in_the_crate_alone() {
    for item in [
        "pub fn poll(&self) {",
        "    pub const fn new() -> Tick {",
        "pub const ZERO: Tick = Tick(0);",
        "pub unsafe trait Plain {",
        "pub unsafe extern \"C\" fn open() {",
        "pub static COUNTRIES: [u8; 2] = [0; 2];",
        "pub use self::card::{Card, Frame};",
        "pub mod card;",
        "pub struct Tick(pub u64);",
    ] {
        assert!(is_item(item), "{item}");
    }
    for other in [
        "    pub ticks: u64,",
        "    pub unsafe_words: u64,",
        "    pub constant: u64,",
        "    pub r#type: u8,",
        "pub(crate) fn poll(&self) {",
        "pub(super) struct Slot;",
        "fn pub_fn() {",
        "/// pub fn poll()",
    ] {
        assert!(!is_item(other), "{other}");
    }
    assert!(is_glob("pub use self::card::*;") && !is_glob("pub use self::card::Card;"));
}

#[test]
fn an_item_too_many_is_found_with_its_place() {
    let files = [("a.rs".to_owned(), "mod a;\n\npub mod b;\npub use b::*;\n".to_owned())];
    assert_eq!(lines_of(&files, is_item), ["a.rs:3 pub mod b;", "a.rs:4 pub use b::*;"]);
    assert_eq!(lines_of(&files, is_glob), ["a.rs:4 pub use b::*;"]);
}

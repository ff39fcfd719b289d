//! The words of comments, documentation and messages: comment lines within the width of the code, doc lines that open
//! with a noun or a verb, headers whose `Never:` opens with a verb, and phrases that are not used.
//!
//! Never: names of types and functions; those are for the compiler and for readers.

use std::fs;

use ra_ap_rustc_lexer::{FrontmatterAllowed, LiteralKind, TokenKind, tokenize};

use crate::sources::{root, sources};

/// Folders whose Rust files are held, with all below them.
const HELD: &[&str] = &["cti-core", "driver", "hw-sim", "tests", "tools", "tsapi"];

/// Pages that are held for their phrases; their lines may be of any width.
const PAGES: &[&str] = &["README.md", "CHANGELOG.md"];

/// This file, which has to write the phrases down.
const SELF: &str = "tests/scenarios/vocabulary.rs";

/// The widest line that may hold a comment, in characters.
const WIDTH: usize = 120;

/// Words that no line of documentation opens with.
const OPENINGS: &[&str] = &["What", "Who", "Whom", "Whose", "How", "Whether"];

/// Words with which no documentation begins: a noun or a verb says it.
const BEGINNINGS: &[&str] = &["Something", "The same", "Those", "When", "Where", "Which", "Why"];

/// The verbs with which the rule of a header opens: `Never: reads a clock.` A further verb takes its place here.
const VERBS: &str = "\
    accepts acknowledges acts adds allocates answers asks begins binds blocks brings builds carries changes checks \
    chooses clears closes compares computes connects contains counts decides delays depends detects dials differs \
    disturbs does drains draws drives drops encodes ends fails finds follows gives hands has hears holds judges keeps knows \
    leads leaves lets listens lists locks logs looks loses makes masks measures mends names needs opens outlives \
    overlaps passes pauses plays prints puts raises reaches reads records refuses removes repairs repeats replaces reports \
    resets resolves returns rings rounds runs says sees seizes sends serves shares shows sounds speaks starts stores \
    takes talks tells touches transfers tries uses verifies waits walks writes";

/// The mark of a header's rule.
const NEVER: &str = "Never:";

/// Phrases that are not used, in lower case, as words.
const PHRASES: &[&str] = &[
    "alarms that stand",
    "anybody",
    "apologise",
    "apologises",
    "call stands",
    "call that stands",
    "calls stand",
    "calls standing",
    "calls that stand",
    "dead man",
    "everybody",
    "foretold",
    "gone on with",
    "minds",
    "nobody",
    "rings a bell",
    "rings the bell",
    "sessions that stand",
    "so many",
    "somebody",
    "someone",
    "told",
    "who calls",
    "without a word",
];

/// A word of prose and the line it stands on.
type Word = (String, usize);

/// Adds the words of a text that begins on the given line.
fn add_words(words: &mut Vec<Word>, text: &str, line: usize) {
    for (number, text) in text.lines().enumerate() {
        let found = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.extend(found.map(|word| (word.to_lowercase(), line + number)));
    }
}

/// The phrases among words that stand together, one line of report each.
fn phrases(file: &str, words: &[Word]) -> Vec<String> {
    let mut found = Vec::new();
    for phrase in PHRASES {
        let phrase: Vec<&str> = phrase.split(' ').collect();
        for window in words.windows(phrase.len()) {
            if window.iter().map(|(word, _)| word).eq(&phrase) {
                found.push(format!("{file}:{}: the phrase \"{}\"", window[0].1, phrase.join(" ")));
            }
        }
    }
    found
}

/// The offences of a Rust file. Comment lines that follow one another are read as one text; each string is one of its
/// own.
fn offences(file: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    let mut comment: Vec<Word> = Vec::new();
    let (mut at, mut line) = (0, 1);
    for token in tokenize(text, FrontmatterAllowed::No) {
        let piece = &text[at..at + token.len as usize];
        match token.kind {
            TokenKind::LineComment { doc_style } => {
                if lines[line - 1].chars().count() > WIDTH {
                    found.push(format!("{file}:{line}: a comment line of more than {WIDTH} columns"));
                }
                let opening = piece.trim_start_matches(['/', '!']).split_whitespace().next().unwrap_or("");
                if doc_style.is_some() && OPENINGS.contains(&opening) {
                    found.push(format!("{file}:{line}: a doc line that opens with \"{opening}\""));
                }
                let continues = line > 1 && lines[line - 2].trim_start().starts_with("//");
                let prose = piece.trim_start_matches(['/', '!']).trim_start();
                let begins = |words: &&&str| {
                    prose.strip_prefix(**words).is_some_and(|rest| rest.starts_with([' ', ',', '.', ':']))
                };
                if let Some(words) = BEGINNINGS.iter().filter(|_| doc_style.is_some() && !continues).find(begins) {
                    found.push(format!("{file}:{line}: documentation that begins with \"{words}\""));
                }
                if let Some((_, rule)) = piece.strip_prefix("//!").and_then(|text| text.split_once(NEVER)) {
                    let verb = rule.trim_start().split(|c: char| !c.is_alphabetic()).next().unwrap_or("");
                    if !VERBS.split(' ').any(|known| known == verb) {
                        found.push(format!("{file}:{line}: \"{NEVER} {verb}\", where a verb of VERBS is to follow"));
                    }
                }
                add_words(&mut comment, piece, line);
            }
            TokenKind::BlockComment { .. } => {
                found.push(format!("{file}:{line}: a block comment, where line comments are used"));
            }
            TokenKind::Whitespace => {}
            kind => {
                found.append(&mut phrases(file, &std::mem::take(&mut comment)));
                if is_text(kind) {
                    let mut words = Vec::new();
                    add_words(&mut words, piece, line);
                    found.append(&mut phrases(file, &words));
                }
            }
        }
        line += piece.matches('\n').count();
        at += piece.len();
    }
    found.append(&mut phrases(file, &comment));
    found
}

/// Returns true if a token is a string.
fn is_text(kind: TokenKind) -> bool {
    let TokenKind::Literal { kind, .. } = kind else { return false };
    use LiteralKind::{ByteStr, CStr, RawByteStr, RawCStr, RawStr, Str};
    matches!(kind, Str { .. } | ByteStr { .. } | CStr { .. } | RawStr { .. } | RawByteStr { .. } | RawCStr { .. })
}

/// The offences of a page.
fn offences_of_page(file: &str, text: &str) -> Vec<String> {
    let mut words = Vec::new();
    add_words(&mut words, text, 1);
    phrases(file, &words)
}

#[test]
fn comments_documentation_and_messages_use_plain_words() {
    let mut found: Vec<String> = Vec::new();
    for folder in HELD {
        for (file, text) in sources(folder) {
            if file != SELF {
                found.append(&mut offences(&file, &text));
            }
        }
    }
    for page in PAGES {
        let text = fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"));
        found.append(&mut offences_of_page(page, &text));
    }
    assert!(found.is_empty(), "{} offences:\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_wide_comment_is_found_and_a_wide_line_of_code_is_not() {
    let wide = "x".repeat(WIDTH - 2);
    assert_eq!(
        offences("a.rs", &format!("fn a() {{}}\n// {wide}\n")),
        ["a.rs:2: a comment line of more than 120 columns"]
    );
    assert!(offences("a.rs", &format!("// {}\n", "ü".repeat(WIDTH - 3))).is_empty());
    assert!(offences("a.rs", &format!("const A: &str = \"{wide}\";\n")).is_empty());
}

#[test]
fn a_doc_line_that_opens_with_a_question_word_is_found() {
    let text = "//! How a line rings.\n\n/// Rings.\n/// Whether it rings\nfn a() {} // What for\n";
    let expected = ["a.rs:1: a doc line that opens with \"How\"", "a.rs:4: a doc line that opens with \"Whether\""];
    assert_eq!(offences("a.rs", text), expected);
}

#[test]
fn documentation_that_begins_without_a_noun_is_found() {
    let text =
        "/// Where it goes.\n/// When it goes.\nfn a() {}\n/// The same.\nfn b() {}\n/// The sameness.\nfn c() {}\n";
    let expected =
        ["a.rs:1: documentation that begins with \"Where\"", "a.rs:4: documentation that begins with \"The same\""];
    assert_eq!(offences("a.rs", text), expected);
}

#[test]
fn a_rule_that_opens_without_a_verb_is_found() {
    let text = "//! A line.\n//!\n//! Never: a socket.\n\n/// Never: a word.\nfn a() {}\n";
    assert_eq!(offences("a.rs", text), ["a.rs:3: \"Never: a\", where a verb of VERBS is to follow"]);
    assert!(offences("a.rs", "//! A line. Never: reads,\n//! or writes.\n").is_empty());
    assert_eq!(offences("a.rs", "//! Never:\n//! reads.\n").len(), 1);
}

#[test]
fn a_phrase_is_found_in_comments_over_line_ends_and_in_strings_but_not_in_names() {
    let text = "/// Not as it was so\n/// many times.\nfn told() { print(\"Nobody's line\"); } // a threshold\n";
    assert_eq!(offences("a.rs", text), ["a.rs:1: the phrase \"so many\"", "a.rs:3: the phrase \"nobody\""]);
    assert!(offences("a.rs", "// so\nfn a() {}\n// many\n").is_empty());
    assert_eq!(offences("a.rs", "//! The dead_man module, a dead-man's handle.\n").len(), 2);
    assert_eq!(offences_of_page("a.md", "Each\nis **told**.\n"), ["a.md:2: the phrase \"told\""]);
}

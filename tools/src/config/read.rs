//! TOML into types, all faults at once: after each fault the value is replaced by one that fits, and the reading begins
//! again. What is read so is good for further checks, and is not used if there was a fault.
//!
//! Never: knows what a site is made of, beyond what stands in for its values.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use super::fault::{Fault, Source, instead, line_at, nearest};

/// Rounds of reading: more faults than this are not looked for.
const ROUNDS_MAX: usize = 500;

/// First character of names that stand in for missing ones; such a name is no fault of its own.
pub const STAND_IN: char = '?';

/// Examples of values for keys that are missing. One stands in for the value in further checks; `?` is a name of its
/// own each time, and `#` a number.
const EXAMPLES: &[(&str, &str)] = &[
    ("after_s", "#"),
    ("agent", "[]"),
    ("board", "[]"),
    ("card", "\"pci:?\""),
    ("certificate", "\"?\""),
    ("closed", "\"?\""),
    ("code", "#"),
    ("database", "\"?\""),
    ("days", "[\"mon\"]"),
    ("device", "\"?\""),
    ("devices", "[]"),
    ("extension", "\"?\""),
    ("hash", "\"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$sYJ3n2JrTiJ7aWDXvJxmAQ\""),
    ("id", "\"?\""),
    ("ivr", "{ default = \"?\" }"),
    ("key", "\"?\""),
    ("kind", "\"handset\""),
    ("listen", "\"127.0.0.1:0\""),
    ("login", "\"?\""),
    ("lower", "#"),
    ("name", "\"?\""),
    ("numbers", "[\"1\"]"),
    ("port", "#"),
    ("queue", "[]"),
    ("queues", "[]"),
    ("recordings", "\"?\""),
    ("route", "\"?\""),
    ("server", "\"?\""),
    ("services", "[]"),
    ("store", "{ database = \"?\", recordings = \"?\" }"),
    ("switch", "\"?\""),
    ("to", "\"busy\""),
];

/// Stands in for the table `[server]`, of the same name as a key within it.
const SERVER: &str = "{ listen = \"127.0.0.1:0\", switch = \"?\", server = \"?\" }";

/// Numbers that stand in, each once, beyond those of any site.
const NUMBERS: [&str; 12] =
    ["65000", "65001", "65002", "65003", "65004", "65005", "65006", "65007", "65008", "65009", "65010", "65011"];

/// A step to a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

/// A text that has been read.
pub struct Reading<'a, T> {
    /// The value; none if it is beyond repair.
    pub value: Option<T>,
    /// The values by place.
    pub source: Source<'a>,
    /// The faults.
    pub faults: Vec<Fault>,
}

/// Reads a value from TOML.
pub fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Reading<'_, T> {
    let (mut root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let fault = |error: &toml::de::Error| Fault {
            line: error.span().and_then(|span| line_at(text, span.start)),
            ..Fault::new(format!("this is not TOML: {}; what follows is read once it is mended", error.message()))
        };
        let faults = errors.iter().take(1).map(fault).collect();
        return Reading { value: None, source: Source::new(text, root), faults };
    }
    let mut reader = Reader { text, faults: Vec::new(), taken_out: BTreeSet::new(), stand_ins: 0 };
    let mut value = None;
    for _ in 0..ROUNDS_MAX {
        match T::deserialize(Deserializer::from(root.clone())) {
            Ok(read) => {
                value = Some(read);
                break;
            }
            Err(error) => {
                if !reader.mend(&mut root, &error) {
                    break;
                }
            }
        }
    }
    let mut faults = reader.faults;
    faults.sort_by_key(|fault| fault.line);
    Reading { value, source: Source::new(text, root), faults }
}

struct Reader<'a> {
    text: &'a str,
    faults: Vec<Fault>,
    taken_out: BTreeSet<Vec<Step>>,
    stand_ins: usize,
}

impl<'a> Reader<'a> {
    /// Notes a fault and mends the value. Returns false if that cannot be done.
    fn mend(&mut self, root: &mut Spanned<DeTable<'a>>, error: &toml::de::Error) -> bool {
        let span = error.span().unwrap_or(0..self.text.len());
        let message = error.message();
        let mut names = message.split('`').skip(1).step_by(2);
        let first = names.next().unwrap_or_default();
        if message.starts_with("missing field") {
            let path = path_of(root, |it| it == Found::Value(&span)).unwrap_or_default();
            return self.add_missing(root, &path, &span, first);
        }
        if message.starts_with("unknown field") {
            let Some(path) = path_of(root, |it| it == Found::Key(&span)) else { return self.give_up(&span, message) };
            return self.mend_key(root, &path, &span, first, &names.collect::<Vec<_>>());
        }
        let exact = path_of(root, |it| it == Found::Value(&span)).filter(|path| !path.is_empty());
        let Some(path) = exact.or_else(|| path_of(root, |it| matches!(it, Found::Value(of) if within(&span, of))))
        else {
            return self.give_up(&span, message);
        };
        let Some(value) = value_at(root, &path) else { return self.give_up(&span, message) };
        self.add(&span, format!("{}: {}", key_name(&path), remedy(message, first, &names.collect::<Vec<_>>(), value)));
        // A number without its quotes is the commonest slip; read as text it is good for all other checks.
        if let (true, DeValue::Integer(number)) = (message.ends_with("expected a string"), value.get_ref()) {
            let text = number.as_str().to_owned();
            *value.get_mut() = DeValue::String(text.into());
            return true;
        }
        if let Some(Step::Index(_)) = path.last() {
            take_out(root, &path);
            return true;
        }
        self.taken_out.insert(path.clone());
        take_out(root, &path);
        true
    }

    fn add(&mut self, span: &Range<usize>, text: String) {
        self.faults.push(Fault { line: line_at(self.text, span.start), ..Fault::new(text) });
    }

    fn give_up(&mut self, span: &Range<usize>, message: &str) -> bool {
        self.add(span, message.to_owned());
        false
    }

    fn add_missing(&mut self, root: &mut Spanned<DeTable<'a>>, path: &[Step], span: &Range<usize>, key: &str) -> bool {
        let whole: Vec<Step> = path.iter().cloned().chain([Step::Key(key.to_owned())]).collect();
        let example = match EXAMPLES.iter().find(|(name, _)| *name == key) {
            Some(_) if path.is_empty() && key == "server" => SERVER,
            Some(&(_, example)) => example,
            None => return self.give_up(span, &format!("{}: {key} is missing; add it", table_name(path))),
        };
        if !self.taken_out.contains(&whole) {
            let text = match (path, key) {
                ([], "board" | "queue") => format!("there is no [[{key}]]; add one"),
                ([], _) => format!("there is no [{key}]; add it"),
                (path, key) => {
                    let example = example.replace('#', "0").replace('?', "…");
                    format!("{}: {key} is missing; add {key} = {example}", table_name(path))
                }
            };
            let span = if path.is_empty() { 0..0 } else { span.clone() };
            self.add(&span, text);
        }
        let small = matches!(key, "lower" | "code").then_some("1");
        let example = if example == "#" { small.or(NUMBERS.get(self.stand_ins).copied()) } else { Some(example) };
        self.stand_ins += 1;
        let Some(Ok(value)) = example.map(DeValue::parse) else { return false };
        let mut value = value.into_inner();
        number_names(&mut value, self.stand_ins);
        // Without a length of its own, so that it is not taken for its table.
        let beyond = self.text.len() + 1;
        let span = if path.is_empty() { beyond..beyond } else { span.start..span.start };
        let value = Spanned::new(span.clone(), value);
        let Some(table) = table_at(root, path) else { return false };
        table.insert(Spanned::new(span, key.to_owned().into()), value);
        true
    }

    /// A key that there is not: read as the nearest one, or left out.
    fn mend_key(
        &mut self,
        root: &mut Spanned<DeTable<'a>>,
        path: &[Step],
        span: &Range<usize>,
        key: &str,
        known: &[&str],
    ) -> bool {
        let known: Vec<&str> = known.iter().copied().filter(|name| *name != key).collect();
        let (_, table_path) = path.split_last().unwrap_or((&Step::Index(0), &[]));
        let of = if table_path.is_empty() { String::new() } else { format!("{}: ", table_name(table_path)) };
        self.add(span, format!("{of}there is no key {key} here; {}", instead(key, known.iter().copied())));
        let Some(table) = table_at(root, table_path) else { return false };
        let Some((_, value)) = table.remove_entry(key) else { return false };
        if let Some(near) = nearest(key, known).filter(|near| !table.contains_key(*near)) {
            table.insert(Spanned::new(span.clone(), near.to_owned().into()), value);
        }
        true
    }
}

/// The sentence for a value that is not what is wanted.
fn remedy(message: &str, first: &str, known: &[&str], value: &Spanned<DeValue<'_>>) -> String {
    let written = match value.get_ref() {
        DeValue::String(text) => format!("{:?}", text.as_ref()),
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(value) => value.to_string(),
        other => format!("this {}", other.type_str()),
    };
    if message.starts_with("unknown variant") {
        let expected = message.split_once("expected ").map_or("", |(_, expected)| expected).replacen("one of ", "", 1);
        return match nearest(first, known.iter().copied()) {
            Some(near) => format!("there is no `{first}`; did you mean `{near}`? There are {expected}"),
            None => format!("there is no `{first}`; write {expected}"),
        };
    }
    if !message.starts_with("invalid type") && !message.starts_with("invalid value") {
        return message.to_owned();
    }
    let wanted = match message.rsplit_once("expected ").map_or("", |(_, wanted)| wanted) {
        "a string" | "string" => "write text in quotes",
        "u8" => "write a whole number of 0 to 255, without quotes",
        "u16" => "write a whole number of 0 to 65535, without quotes",
        "u32" | "u64" | "usize" => "write a whole number from 0 on, without quotes",
        "a boolean" => "write true or false, without quotes",
        "a sequence" => "write a list in brackets: [ … ]",
        "a map" => "write a table in braces: { … }",
        "path string" => "write a path in quotes",
        other if other.starts_with("struct") => "write a table of keys and values",
        other => return format!("{written} does not fit; write {other}"),
    };
    format!("{written} does not fit; {wanted}")
}

/// Two places: the inner within the outer.
fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// A key or a value that is found by its place.
#[derive(PartialEq)]
enum Found<'s> {
    Key(&'s Range<usize>),
    Value(&'s Range<usize>),
}

/// The way to the innermost key or value that is the one looked for.
fn path_of(root: &Spanned<DeTable<'_>>, is: impl Fn(Found<'_>) -> bool) -> Option<Vec<Step>> {
    fn in_table(table: &DeTable<'_>, path: &mut Vec<Step>, is: &impl Fn(Found<'_>) -> bool) -> Option<Vec<Step>> {
        for (key, value) in table {
            path.push(Step::Key(key.get_ref().clone().into_owned()));
            let found = in_value(value, path, is).or_else(|| is(Found::Key(&key.span())).then(|| path.clone()));
            path.pop();
            if found.is_some() {
                return found;
            }
        }
        None
    }
    fn in_value(of: &Spanned<DeValue<'_>>, path: &mut Vec<Step>, is: &impl Fn(Found<'_>) -> bool) -> Option<Vec<Step>> {
        let inner = match of.get_ref() {
            DeValue::Table(inner) => in_table(inner, path, is),
            DeValue::Array(items) => items.iter().enumerate().find_map(|(at, item)| {
                path.push(Step::Index(at));
                let found = in_value(item, path, is);
                path.pop();
                found
            }),
            _ => None,
        };
        inner.or_else(|| is(Found::Value(&of.span())).then(|| path.clone()))
    }
    in_table(root.get_ref(), &mut Vec::new(), &is)
}

/// The value at the end of a way.
fn value_at<'r, 'a>(root: &'r mut Spanned<DeTable<'a>>, path: &[Step]) -> Option<&'r mut Spanned<DeValue<'a>>> {
    let (first, rest) = path.split_first()?;
    let Step::Key(first) = first else { return None };
    let mut value = root.get_mut().get_mut(first.as_str())?;
    for step in rest {
        value = match (value.get_mut(), step) {
            (DeValue::Table(table), Step::Key(key)) => table.get_mut(key.as_str())?,
            (DeValue::Array(items), Step::Index(at)) => items.get_mut(*at)?,
            _ => return None,
        };
    }
    Some(value)
}

/// The table at the end of a way; the root for none.
fn table_at<'r, 'a>(root: &'r mut Spanned<DeTable<'a>>, path: &[Step]) -> Option<&'r mut DeTable<'a>> {
    match path {
        [] => Some(root.get_mut()),
        path => match value_at(root, path)?.get_mut() {
            DeValue::Table(table) => Some(table),
            _ => None,
        },
    }
}

/// Takes a value out of its table or list.
fn take_out(root: &mut Spanned<DeTable<'_>>, path: &[Step]) {
    match path.split_last() {
        Some((Step::Key(key), table)) => {
            if let Some(table) = table_at(root, table) {
                table.remove(key.as_str());
            }
        }
        Some((Step::Index(at), list)) => {
            if let Some(DeValue::Array(items)) = value_at(root, list).map(Spanned::get_mut) {
                let kept: Vec<_> =
                    items.iter().enumerate().filter(|(ix, _)| ix != at).map(|(_, it)| it.clone()).collect();
                *items = kept.into_iter().collect();
            }
        }
        None => {}
    }
}

/// The name of a value as the file has it: `[[queue]] 2, alert_s`.
fn key_name(path: &[Step]) -> String {
    let mut name = String::new();
    for (at, step) in path.iter().enumerate() {
        match (step, path.get(at + 1)) {
            (Step::Key(key), Some(Step::Index(_))) if at == 0 => name = format!("[[{key}]]"),
            (Step::Index(ix), _) if at == 1 => name += &format!(" {}", ix + 1),
            (Step::Index(_), _) => {}
            (Step::Key(key), _) if at == 0 && path.len() > 1 => name = format!("[{key}]"),
            (Step::Key(key), _) if name.is_empty() => name.clone_from(key),
            (Step::Key(key), _) => name += &format!(", {key}"),
        }
    }
    name
}

/// The name of a table as the file has it: `[[queue]] 2`, `[server]`.
fn table_name(path: &[Step]) -> String {
    match path {
        [Step::Key(key)] => format!("[{key}]"),
        path => key_name(path),
    }
}

/// Gives the names of a value that stands in for another a number, so that no two are the same.
fn number_names(value: &mut DeValue<'_>, number: usize) {
    match value {
        DeValue::String(text) if text.contains(STAND_IN) => {
            *text = text.replace(STAND_IN, &format!("?{number}")).into()
        }
        DeValue::Table(table) => table.iter_mut().for_each(|(_, value)| number_names(value.get_mut(), number)),
        _ => {}
    }
}

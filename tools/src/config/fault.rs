//! Faults of a site's files, each with its file, its line and a remedy.
//!
//! Never: decides what a fault is.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Weight of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The site cannot be served with it.
    Error,
    /// The site can be served; calls or agents suffer from it.
    Warning,
    /// A step to take before the site is complete.
    Note,
}

/// A fault of a site's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Its weight.
    pub severity: Severity,
    /// The file; none for text that is of no file.
    pub file: Option<PathBuf>,
    /// The line, counted from 1, if it has one.
    pub line: Option<usize>,
    /// The fault and its remedy.
    pub text: String,
}

impl Fault {
    /// An error without a place.
    pub fn new(text: impl Into<String>) -> Fault {
        Fault { severity: Severity::Error, file: None, line: None, text: text.into() }
    }

    /// An error of a file.
    pub fn of(file: &Path, line: Option<usize>, text: impl Into<String>) -> Fault {
        Fault { file: Some(file.to_owned()), line, ..Fault::new(text) }
    }

    /// Puts the fault into this file, unless it has one.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Fault {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }

    /// Gives the fault another severity.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Fault {
        self.severity = severity;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), Some(line)) => write!(f, "{}:{line}: ", file.display())?,
            (Some(file), None) => write!(f, "{}: ", file.display())?,
            (None, Some(line)) => write!(f, "line {line}: ")?,
            (None, None) => {}
        }
        match self.severity {
            Severity::Error => {}
            Severity::Warning => f.write_str("warning: ")?,
            Severity::Note => f.write_str("note: ")?,
        }
        f.write_str(&self.text)
    }
}

/// Returns the faults as text, one on each line.
pub fn listed(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

/// The errors for which a configuration cannot be used.
#[derive(Debug)]
pub struct ConfigError(pub Vec<Fault>);

impl ConfigError {
    /// One error, a sentence without a place.
    pub fn new(text: impl Into<String>) -> ConfigError {
        ConfigError(vec![Fault::new(text)])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [one] => one.fmt(f),
            all => {
                f.write_str("The configuration cannot be used:")?;
                all.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for ConfigError {}

/// Place of a value: a table, which one of several of that name, and a key in it; no key is the table itself. Of
/// tables within a table the key has the place, as `route.0.prefix`.
pub type Place<'a> = (&'a str, Option<usize>, &'a str);

/// The text of a configuration, by which values are found again.
pub struct Source<'a> {
    text: &'a str,
    root: Spanned<DeTable<'a>>,
}

impl<'a> Source<'a> {
    /// The values of a text, with their places in it.
    pub fn new(text: &'a str, root: Spanned<DeTable<'a>>) -> Source<'a> {
        Source { text, root }
    }

    /// The line of a value; of its table, if the value is not there.
    pub fn line(&self, (table, index, key): Place<'_>) -> Option<usize> {
        let (_, table) = self.root.get_ref().iter().find(|(name, _)| name.get_ref() == table)?;
        let table = index.map_or(Some(table), |index| table.get_ref().get(index))?;
        let mut value: &Spanned<DeValue<'_>> = table;
        for key in key.split('.').filter(|key| !key.is_empty()) {
            let in_list = key.parse::<usize>().ok().and_then(|index| value.get_ref().get(index));
            match in_list.or_else(|| value.get_ref().get(key)) {
                Some(inner) => value = inner,
                None => break,
            }
        }
        line_at(self.text, value.span().start)
    }
}

/// The line of an offset, counted from 1.
pub fn line_at(text: &str, at: usize) -> Option<usize> {
    Some(1 + text.get(..at)?.matches('\n').count())
}

/// The faults of a site, as they are found.
pub struct Faults<'a> {
    source: &'a Source<'a>,
    found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    /// No fault so far.
    pub fn new(source: &'a Source<'a>) -> Faults<'a> {
        Faults { source, found: Vec::new() }
    }

    /// Adds an error at a place.
    pub fn add(&mut self, place: Place<'_>, text: impl Into<String>) {
        self.add_as(Severity::Error, place, text);
    }

    /// Adds a fault at a place.
    pub fn add_as(&mut self, severity: Severity, place: Place<'_>, text: impl Into<String>) {
        self.found.push(Fault { severity, file: None, line: self.source.line(place), text: text.into() });
    }

    /// The faults by line.
    pub fn sorted(mut self) -> Vec<Fault> {
        self.found.sort_by_key(|fault| fault.line);
        self.found
    }
}

/// The known name nearest to an unknown one, if it is near enough to be a slip: two changes, one in a short name.
pub fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = if unknown.chars().count() < 5 { 1 } else { 2 };
    let by_distance = known.into_iter().map(|name| (strsim::damerau_levenshtein(unknown, name), name));
    by_distance.filter(|&(distance, _)| distance <= most).min().map(|(_, name)| name)
}

/// Part of a sentence: the names to write instead of an unknown one, the nearest alone if there is one.
pub fn instead<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    match (nearest(unknown, known.iter().copied()), known.as_slice()) {
        (Some(near), _) => format!("did you mean {near}?"),
        (None, []) => "there are none".into(),
        (None, known) => format!("there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_its_name_and_another_word_is_not() {
        let known = ["billing", "faults", "5000", "5001"];
        for (unknown, near) in [("biling", Some("billing")), ("faluts", Some("faults")), ("5002", Some("5000"))] {
            assert_eq!(nearest(unknown, known), near);
        }
        assert_eq!(nearest("storm", known), None);
        assert_eq!(instead("storm", ["b", "a", "b"]), "there are a, b");
        assert_eq!(instead("storm", []), "there are none");
    }

    #[test]
    fn a_fault_reads_as_compilers_print_theirs() {
        let fault = Fault::of(Path::new("site.toml"), Some(7), "port 0 is used twice");
        assert_eq!(fault.to_string(), "site.toml:7: port 0 is used twice");
        assert_eq!(fault.weighing(Severity::Warning).to_string(), "site.toml:7: warning: port 0 is used twice");
    }
}

//! Hours of a site that is written anew: its night, and the holidays of a file.
//!
//! Never: reads the hours of a site that is there; those are its calendars.

use std::path::Path;

use chrono::{NaiveDate, NaiveTime};

use crate::config::fault::{Fault, listed};
use crate::failure::Failure;

/// Hours without service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    /// Its beginning.
    pub(super) from: NaiveTime,
    /// Its end.
    pub(super) to: NaiveTime,
}

impl std::str::FromStr for Night {
    type Err = String;
    fn from_str(text: &str) -> Result<Night, String> {
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let both = text.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        match both {
            Some((from, to)) if from != to => Ok(Night { from, to }),
            _ => Err(format!("the night is written 18:00-08:00, from its beginning to its end, not {text:?}")),
        }
    }
}

/// A holiday: first and last day, and its name.
pub(super) type Holiday = (NaiveDate, NaiveDate, String);

/// Reads a file of holidays.
///
/// # Errors
/// Every line that is none, with its number.
pub(super) fn read_holidays(path: &Path) -> Result<Vec<Holiday>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("The holidays {} cannot be read: {error}", path.display()))?;
    let mut holidays = Vec::new();
    let mut faults = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let mut words = line.split_whitespace().peekable();
        let day = |word: &str| NaiveDate::parse_from_str(word, "%Y-%m-%d").ok();
        let first = words.next().and_then(day);
        let last = words.peek().and_then(|word| day(word));
        if last.is_some() {
            words.next();
        }
        let fault = |text: String| Fault::of(path, Some(at + 1), text);
        match (first, last) {
            (Some(first), Some(last)) if last < first => {
                faults.push(fault(format!("{last} is before {first}; write the first day first")));
            }
            (Some(first), last) => {
                holidays.push((first, last.unwrap_or(first), words.collect::<Vec<_>>().join(" ")));
            }
            (None, _) => faults.push(fault(format!("{line:?} begins with no day; write 2026-10-01 2026-10-07 NAME"))),
        }
    }
    if faults.is_empty() { Ok(holidays) } else { Err(listed(&faults).into()) }
}

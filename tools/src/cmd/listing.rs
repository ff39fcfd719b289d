//! Options that lists and reports share: a span of time, conditions, and the form of the output.
//!
//! Never: decides a row, or the order of rows; each list has its own.

use std::io::Write;

use chrono::{DateTime, Local};
use clap::Args;
use serde::Serialize;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::Outcome;

use crate::failure::Failure;
use crate::report::span::{Day, parse_day, parse_moment};

/// Reads a number in any spelling, or a name of a device, with `*` only at its end.
pub(super) fn number(text: &str) -> Result<String, String> {
    let digits = text.strip_suffix('*').unwrap_or(text);
    let is_name = digits.bytes().all(|octet| octet.is_ascii_alphanumeric());
    if !digits.is_empty() && (is_name || NumberPlan::default().normal(digits).is_some()) {
        return Ok(text.to_owned());
    }
    Err(format!("a number is digits, with * at the end for any that follow, not {text:?}"))
}

/// Reads the outcome of a call.
pub(super) fn outcome(text: &str) -> Result<String, String> {
    let names: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.name()).collect();
    if names.contains(&text) { Ok(text.to_owned()) } else { Err(format!("an outcome is one of {}", names.join(", "))) }
}

/// An age in the largest unit of which there is at least one.
pub(super) fn age(seconds: i64) -> String {
    match seconds {
        86_400.. => format!("{} d", seconds / 86_400),
        3600.. => format!("{} h", seconds / 3600),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{} s", seconds.max(0)),
    }
}

/// A span of time.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Span {
    /// From this moment on, by this computer's clock: today, yesterday, 2026-11-29, 08:30 or 2026-11-29T08:30
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    from: Option<DateTime<Local>>,
    /// Before this moment
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    to: Option<DateTime<Local>>,
    /// One day, in place of both: today, yesterday or 2026-11-29
    #[arg(long, value_name = "DAY", value_parser = parse_day, conflicts_with_all = ["from", "to"])]
    day: Option<Day>,
}

impl Span {
    /// The first moment, if one is given.
    pub(super) fn from(&self) -> Option<DateTime<Local>> {
        self.day.map(|day| day.begin).or(self.from)
    }

    /// The first moment after the span, if one is given.
    pub(super) fn to(&self) -> Option<DateTime<Local>> {
        self.day.map(|day| day.end).or(self.to)
    }

    /// The same span, or this day if none is given.
    pub(super) fn or_day(&self, day: Day) -> Span {
        match self {
            Span { from: None, to: None, day: None } => Span { day: Some(day), ..Span::default() },
            given => given.clone(),
        }
    }
}

/// Options of a list.
#[derive(Debug, Args)]
pub(super) struct Listing {
    #[command(flatten)]
    span: Span,
    /// Comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    /// JSON lines
    #[arg(long)]
    pub(super) json: bool,
}

impl Listing {
    /// Returns the span in ms since 1970: its first moment, and the first after it.
    ///
    /// # Errors
    /// A sentence if it is empty.
    pub(super) fn span(&self) -> Result<(i64, i64), Failure> {
        let (from, to) = (self.span.from(), self.span.to());
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            return Err(format!("--to ({}) is not after --from ({})", to.to_rfc3339(), from.to_rfc3339()).into());
        }
        let ms = |moment: Option<DateTime<Local>>, usual| moment.map_or(usual, |moment| moment.timestamp_millis());
        Ok((ms(from, 0), ms(to, i64::MAX)))
    }

    /// Writes rows as values or JSON lines, if either is asked for. Returns true if it has.
    pub(super) fn write(&self, rows: &[impl Serialize], out: &mut impl Write) -> Result<bool, Failure> {
        if self.csv {
            let mut csv = csv::Writer::from_writer(out);
            rows.iter().try_for_each(|row| csv.serialize(row))?;
            csv.flush()?;
        } else if self.json {
            for row in rows {
                writeln!(out, "{}", serde_json::to_string(row)?)?;
            }
        }
        Ok(self.csv || self.json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::span::moment;

    fn listing(from: &str, to: &str) -> Listing {
        let [from, to] = [from, to].map(|text| Some(parse_moment(text).expect("a moment")));
        Listing { span: Span { from, to, day: None }, csv: false, json: false }
    }

    #[test]
    fn conditions_that_are_none_are_refused_with_the_form_that_is_wanted() {
        assert!(number("138[0-9]").unwrap_err().contains("digits"));
        assert!(number("*").is_err() && number("1*8").is_err());
        assert_eq!(number("138*"), Ok("138*".into()));
        assert!(outcome("lost").unwrap_err().contains("abandoned-queued"));
    }

    #[test]
    fn a_span_without_a_moment_in_it_is_refused_with_both_ends() {
        let refused = listing("2026-11-29", "2026-11-29").span().expect_err("empty").to_string();
        assert!(refused.starts_with("--to (2026-11-29T00:00:00"), "{refused}");
        let (from, to) = listing("2026-11-29", "2026-11-29T08:30").span().expect("a span");
        assert_eq!(to - from, 8 * 3_600_000 + 30 * 60_000);
        let span = Span { day: Some(parse_day("2026-11-29").expect("a day")), ..Span::default() };
        let (from, to) = Listing { span, csv: false, json: false }.span().expect("a span");
        assert_eq!((moment(from as u64), to - from), (parse_moment("2026-11-29").expect("a moment"), 24 * 3_600_000));
        assert_eq!(Listing { span: Span::default(), csv: false, json: false }.span().expect("all"), (0, i64::MAX));
    }
}

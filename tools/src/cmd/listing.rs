//! Options that lists and reports share: a span of time, conditions, and the form of the output.
//!
//! Never: decides a row, or the order of rows; each list has its own.

use std::io::Write;

use chrono::DateTime;
use chrono_tz::Tz;
use clap::Args;
use serde::Serialize;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::Outcome;

use crate::failure::Failure;
use crate::report::span::{Day, Typed};
use crate::site_clock::SiteClock;

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
    /// From this moment on, by the site's time_zone: today, yesterday, 2026-11-29, 08:30 or 2026-11-29T08:30
    #[arg(long, value_name = "TIME")]
    from: Option<Typed>,
    /// Before this moment
    #[arg(long, value_name = "TIME")]
    to: Option<Typed>,
    /// One day, in place of both: today, yesterday or 2026-11-29
    #[arg(long, value_name = "DAY", conflicts_with_all = ["from", "to"])]
    day: Option<Day>,
}

impl Span {
    /// The first moment, and the first after the span, by the site's clock; each if one is given.
    pub(super) fn bounds(&self, clock: SiteClock) -> (Option<DateTime<Tz>>, Option<DateTime<Tz>>) {
        match self.day.map(|day| day.bounds(clock)) {
            Some((begin, end)) => (Some(begin), Some(end)),
            None => (self.from.map(|from| from.on(clock)), self.to.map(|to| to.on(clock))),
        }
    }

    /// The span in ms since 1970; from the first moment of all on, and without an end, where none is given.
    pub(super) fn bounds_ms(&self, clock: SiteClock) -> (i64, i64) {
        let (from, to) = self.bounds(clock);
        let ms = |moment: Option<DateTime<Tz>>, usual| moment.map_or(usual, |moment| moment.timestamp_millis());
        (ms(from, 0), ms(to, i64::MAX))
    }

    /// The span, or this day if none is given.
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
    /// Comma-separated values; the form of an export that names none
    #[arg(long, conflicts_with = "json")]
    pub(super) csv: bool,
    /// JSON lines
    #[arg(long)]
    pub(super) json: bool,
}

impl Listing {
    /// Returns the span by the site's clock, in ms since 1970: its first moment, and the first after it.
    ///
    /// # Errors
    /// A sentence if it is empty.
    pub(super) fn span(&self, clock: SiteClock) -> Result<(i64, i64), Failure> {
        if let (Some(from), Some(to)) = self.span.bounds(clock)
            && to <= from
        {
            return Err(format!("--to ({}) is not after --from ({})", to.to_rfc3339(), from.to_rfc3339()).into());
        }
        Ok(self.span.bounds_ms(clock))
    }

    /// Writes rows as values or JSON lines, if either is asked for. Returns true if it has.
    pub(super) fn write(&self, rows: &[impl Serialize], out: &mut impl Write) -> Result<bool, Failure> {
        if self.csv || self.json {
            self.export(rows, out)?;
        }
        Ok(self.csv || self.json)
    }

    /// Writes rows as JSON lines if they are asked for, else as values.
    pub(super) fn export(&self, rows: &[impl Serialize], out: &mut impl Write) -> Result<(), Failure> {
        if self.json {
            return rows.iter().try_for_each(|row| Ok(writeln!(out, "{}", serde_json::to_string(row)?)?));
        }
        let mut csv = csv::Writer::from_writer(out);
        rows.iter().try_for_each(|row| csv.serialize(row))?;
        Ok(csv.flush()?)
    }

    /// True where a span is asked for.
    pub(super) const fn has_span(&self) -> bool {
        self.span.from.is_some() || self.span.to.is_some() || self.span.day.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: SiteClock = SiteClock::new(Tz::Asia__Shanghai);

    fn listing(from: &str, to: &str) -> Listing {
        let [from, to] = [from, to].map(|text| Some(text.parse().expect("a moment")));
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
        let refused = listing("2026-11-29", "2026-11-29").span(CLOCK).expect_err("empty").to_string();
        assert!(refused.starts_with("--to (2026-11-29T00:00:00+08:00"), "{refused}");
        let (from, to) = listing("2026-11-29", "2026-11-29T08:30").span(CLOCK).expect("a span");
        assert_eq!(to - from, 8 * 3_600_000 + 30 * 60_000);
        let span = Span { day: Some("2026-11-29".parse().expect("a day")), ..Span::default() };
        let (from, to) = Listing { span, csv: false, json: false }.span(CLOCK).expect("a span");
        assert_eq!((CLOCK.second(from), to - from), ("2026-11-29 00:00:00".into(), 24 * 3_600_000));
        assert_eq!(Listing { span: Span::default(), csv: false, json: false }.span(CLOCK).expect("all"), (0, i64::MAX));
    }
}

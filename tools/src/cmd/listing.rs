//! Options that lists share: a span of time, and the form of the output.
//!
//! Never: decides a row, or the order of rows; each list has its own.

use std::io::Write;

use chrono::{DateTime, Local};
use clap::Args;
use serde::Serialize;

use crate::failure::Failure;
use crate::report::span::parse_moment;

/// An age in the largest unit of which there is at least one.
pub(super) fn age(seconds: i64) -> String {
    match seconds {
        86_400.. => format!("{} d", seconds / 86_400),
        3600.. => format!("{} h", seconds / 3600),
        60.. => format!("{} min", seconds / 60),
        _ => format!("{} s", seconds.max(0)),
    }
}

/// Options of a list.
#[derive(Debug, Args)]
pub(super) struct Listing {
    /// From this moment on, by this computer's clock: 2026-11-29 or 2026-11-29T08:30
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    from: Option<DateTime<Local>>,
    /// Before this moment
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    to: Option<DateTime<Local>>,
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
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to <= from
        {
            return Err(format!("--to ({}) is not after --from ({})", to.to_rfc3339(), from.to_rfc3339()).into());
        }
        let ms = |moment: Option<DateTime<Local>>, usual| moment.map_or(usual, |moment| moment.timestamp_millis());
        Ok((ms(self.from, 0), ms(self.to, i64::MAX)))
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

    fn listing(from: &str, to: &str) -> Listing {
        let [from, to] = [from, to].map(|text| Some(parse_moment(text).expect("a moment")));
        Listing { from, to, csv: false, json: false }
    }

    #[test]
    fn a_span_without_a_moment_in_it_is_refused_with_both_ends() {
        let refused = listing("2026-11-29", "2026-11-29").span().expect_err("empty").to_string();
        assert!(refused.starts_with("--to (2026-11-29T00:00:00"), "{refused}");
        let (from, to) = listing("2026-11-29", "2026-11-29T08:30").span().expect("a span");
        assert_eq!(to - from, 8 * 3_600_000 + 30 * 60_000);
        assert_eq!(Listing { from: None, to: None, csv: false, json: false }.span().expect("all"), (0, i64::MAX));
    }
}

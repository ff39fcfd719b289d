//! `tipring report shifts`: for each shift, whether one principal and one deputy were signed in.
//!
//! Shifts of which no one was ever named are those of the site's configuration; with the database alone they are not
//! known.
//!
//! Never: shows a figure that is not of the log and the namings.

use std::collections::BTreeMap;
use std::io::Write;

use tipring_core::shift::{Naming, Shift, SignedIn};

use super::{Common, Opened};
use crate::failure::Failure;
use crate::report::table::Table;

/// Columns of the table for people.
const SHIFTS: &[&str] = &[
    "begin",
    "shift",
    "principal",
    "deputy",
    "named_by",
    "renamed",
    "principal_on",
    "deputy_on",
    "both_on",
    "unled",
    "one_of_each",
];
/// Time before the first shift of the report from which the log is read: those who were signed in then are known by it.
const BEFORE_MS: i64 = 24 * 3_600_000;

pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let Opened { store, site, clock } = common.source.open()?;
    let log = store.log_span()?;
    let ms = |moment: u64| i64::try_from(moment).unwrap_or(i64::MAX);
    // Shifts to come have no row.
    let (first, last) = log.map_or((0, 0), |(first, last)| (ms(first) - BEFORE_MS, ms(last) + 1));
    let (from, to) = common.span.bounds(clock);
    let from = from.map_or(first, |from| from.timestamp_millis());
    let to = to.map_or(last, |to| to.timestamp_millis().min(last));
    let mut shifts: BTreeMap<Shift, Vec<Naming>> = BTreeMap::new();
    if let Some(site) = site.as_ref().filter(|_| from < to) {
        shifts.extend(site.roster().between(from, to).into_iter().map(|shift| (shift, Vec::new())));
    }
    for naming in store.namings((from, to.max(from)))? {
        shifts.entry(naming.shift.clone()).or_default().push(naming);
    }
    let mut signed_in = SignedIn::default();
    let begin = shifts.keys().next().map_or(from, |shift| shift.begin_ms);
    store.each_entry((begin - BEFORE_MS).max(0) as u64, u64::MAX, |entry| signed_in.apply(entry))?;
    let mut table = Table::new(out, common.output(clock), "Shifts: one principal and one deputy, signed in", SHIFTS);
    // A shift from before the first entry was not under way yet when the site began.
    let known = |shift: &&Shift| log.is_some_and(|(first, _)| shift.end_ms > ms(first));
    for shift in shifts.keys().filter(known) {
        table.row(&signed_in.row(shift, &shifts[shift]))?;
    }
    table.finish().map(drop)
}

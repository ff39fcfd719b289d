//! `tipring report orders`: work orders by kind, from their steps alone.
//!
//! Never: the moment at which it is printed; what is open, late and old is so at the end of each interval.

use std::io::Write;

use tipring_core::work_order::{KindRow, Tally};

use super::Common;
use crate::failure::Failure;
use crate::report::span::moment;
use crate::report::table::Table;

/// Columns of the table for people.
pub(in crate::cmd) const ORDERS: &[&str] = &[
    "begin",
    "order_kind",
    "accepted",
    "repeats",
    "dispatch_in_time",
    "dispatch_late",
    "done",
    "answer_in_time",
    "answer_late",
    "tries",
    "try_late",
    "revisited",
    "revisit_late",
    "filed",
    "open",
    "open_late",
    "oldest_open",
    "to_revisit",
    "to_revisit_late",
];

pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let (store, _) = common.source.open()?;
    let orders = store.order_span()?.map(|(first, last)| (first.max(0) as u64, last.max(0) as u64 + 1));
    let log = store.log_span()?.map(|(first, last)| (first, last + 1));
    // Without orders there is no row, whatever the span.
    let (first, _) = orders.or(log).unwrap_or((0, 1));
    let end = orders.into_iter().chain(log).map(|(_, end)| end).max().unwrap_or(1);
    let from = common.from.unwrap_or_else(|| moment(first));
    let bounds = common.interval.bounds(from, common.to.unwrap_or_else(|| moment(end.max(first + 1))))?;
    let end_of = |index: usize| i64::try_from(bounds.interval(index).1).unwrap_or(i64::MAX);

    let mut table = Table::new(out, common.form(), "Work orders by kind; limits run from the call", ORDERS);
    let mut failed = Ok(());
    let mut write = |rows: Vec<KindRow>| {
        for row in rows {
            if failed.is_ok() {
                failed = table.row(&row);
            }
        }
    };
    let (mut index, mut tally) = (0, Tally::new(i64::try_from(bounds.interval(0).0).unwrap_or(i64::MAX), end_of(0)));
    store.each_order_step(end_of(bounds.count() - 1), |order, kind, step| {
        while step.at_ms >= tally.end_ms() && index + 1 < bounds.count() {
            write(tally.rows());
            index += 1;
            tally.roll(end_of(index));
        }
        tally.apply(order, kind, step);
    })?;
    write(tally.rows());
    for index in index + 1..bounds.count() {
        tally.roll(end_of(index));
        write(tally.rows());
    }
    failed?;
    table.finish().map(drop)
}

//! `tipring report orders`: work orders by kind, from their steps alone.
//!
//! Never: shows a figure that is not the tally's.

use std::io::Write;

use tipring_core::work_order::Tally;

use super::Common;
use super::steps::Walk;
use crate::failure::Failure;
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

/// The title of the report.
pub(in crate::cmd) const TITLE: &str = "Work orders by kind; limits run from the call";

pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let store = &opened.store;
    let table = Table::new(out, common.output(opened.clock), TITLE, ORDERS);
    let mut walk = Walk::new(common, &opened, store.order_span()?, table, Tally::new)?;
    store.each_order_step(walk.end_ms(), |order, kind, step| walk.at(step.at_ms).apply(order, kind, step))?;
    walk.finish()
}

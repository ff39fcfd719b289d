//! `tipring report abandoned` and `tipring report returns`: callers who hung up or were cut off before an answer, and
//! whether they were called back the same business day.
//!
//! Never: keeps a caller who has been reached on the list.

use std::io::Write;

use serde::Serialize;
use tipring_core::report::returns::LostCaller;

use super::{Common, Level, Opened, warn_of_gaps};
use crate::failure::Failure;
use crate::report::computation;
use crate::report::table::Table;

const ABANDONED: &[&str] = &["at", "times", "first", "caller", "customer", "queue", "wait", "left", "due"];
const RETURNS: &[&str] = &[
    "begin",
    "queue",
    "lost_callers",
    "returned",
    "returned_in_time",
    "returned_late",
    "returns_given_up",
    "return_mean",
    "return_longest",
    "to_return",
    "to_return_late",
    "oldest_to_return",
];

/// A row of the list for calling back: a caller, and the last time of those that are not settled.
#[derive(Debug, Serialize)]
struct AbandonedRow {
    at: u64,
    times: u64,
    first: u64,
    caller: String,
    customer: Option<String>,
    queue: String,
    wait: f64,
    left: &'static str,
    due: Option<u64>,
}

impl AbandonedRow {
    fn new(of: &LostCaller, customer: Option<String>) -> AbandonedRow {
        let LostCaller { last, first, times, due } = *of;
        let left = if last.is_cut_off { "cut off" } else { "hung up" };
        let (caller, queue, wait) = (last.caller.to_string(), last.queue.to_string(), last.wait as f64 / 1000.0);
        AbandonedRow { at: last.at, times, first, caller, customer, queue, wait, left, due }
    }
}

pub(super) fn list(common: &Common, out: impl Write) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let bounds = common.whole(&opened)?;
    let Opened { store, site, clock } = &opened;
    let from = bounds.interval(0).0;
    let ledger = computation::read(store, &Level::default().targets(site.as_ref()), bounds, |_| {})?;
    let mut table = Table::new(out, common.output(*clock), "Callers to be called back", ABANDONED);
    for lost in ledger.lost_callers(from) {
        let customer = store.customer_of(lost.last.caller.as_str())?.map(|customer| customer.name);
        table.row(&AbandonedRow::new(&lost, customer))?;
    }
    table.finish()?;
    warn_of_gaps(&ledger);
    Ok(())
}

/// Missed callers, by the business day of each.
pub(super) fn returns(common: &Common, out: impl Write) -> Result<(), Failure> {
    let opened = common.source.open()?;
    let mut table = Table::new(
        out,
        common.output(opened.clock),
        "Callers who hung up or were cut off, called back the same business day",
        RETURNS,
    );
    let mut failed = Ok(());
    let ledger = computation::read(
        &opened.store,
        &Level::default().targets(opened.site.as_ref()),
        common.bounds(&opened)?,
        |ledger| {
            for row in ledger.return_rows() {
                if failed.is_ok() {
                    failed = table.row(&row);
                }
            }
        },
    )?;
    failed?;
    table.finish()?;
    warn_of_gaps(&ledger);
    Ok(())
}

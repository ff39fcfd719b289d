//! `tipring report abandoned` and `tipring report returns`: callers who hung up before an answer, and whether they were
//! called back the same business day.
//!
//! Never: keeps a caller who has been reached on the list.

use std::io::Write;

use serde::Serialize;
use tipring_core::report::returns::Abandoned;

use super::{Common, warn_of_gaps};
use crate::failure::Failure;
use crate::report::fold;
use crate::report::table::Table;

const ABANDONED: &[&str] = &["at", "caller", "queue", "wait", "due"];
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

/// A row of the list for calling back.
#[derive(Debug, Serialize)]
struct AbandonedRow {
    at: u64,
    caller: String,
    queue: String,
    wait: f64,
    due: Option<u64>,
}

impl From<&Abandoned> for AbandonedRow {
    fn from(lost: &Abandoned) -> AbandonedRow {
        let (caller, queue) = (lost.caller.to_string(), lost.queue.to_string());
        AbandonedRow { at: lost.at, caller, queue, wait: lost.wait as f64 / 1000.0, due: lost.due }
    }
}

pub(super) fn list(common: &Common, out: impl Write) -> Result<(), Failure> {
    let (store, site) = common.source.open()?;
    let bounds = common.bounds(&store)?;
    let from = bounds.interval(0).0;
    let ledger = fold::read(&store, &common.targets(site.as_ref()), bounds, |_| {})?;
    let mut table = Table::new(out, common.form(), "Callers to be called back", ABANDONED);
    for lost in ledger.abandoned().filter(|lost| lost.at >= from) {
        table.row(&AbandonedRow::from(lost))?;
    }
    table.finish()?;
    warn_of_gaps(&ledger);
    Ok(())
}

/// Missed callers, by the business day of each.
pub(super) fn returns(common: &Common, out: impl Write) -> Result<(), Failure> {
    let (store, site) = common.source.open()?;
    let mut table = Table::new(out, common.form(), "Callers who hung up, called back the same business day", RETURNS);
    let mut failed = Ok(());
    let ledger = fold::read(&store, &common.targets(site.as_ref()), common.bounds(&store)?, |ledger| {
        for row in ledger.return_rows() {
            if failed.is_ok() {
                failed = table.row(&row);
            }
        }
    })?;
    failed?;
    table.finish()?;
    warn_of_gaps(&ledger);
    Ok(())
}

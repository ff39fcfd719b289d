//! `tipring report notices`: notices by the moment at which they were loaded.
//!
//! Never: depends on the moment at which it is printed.

use std::io::Write;

use tipring_core::notice::NoticeRow;

use super::{Common, Opened};
use crate::failure::Failure;
use crate::report::table::Table;

/// Columns of the table for people.
const NOTICES: &[&str] = &["begin", "loaded", "planned", "loaded_in_time", "loaded_late", "sudden", "ended_early"];

pub(super) fn print(common: &Common, out: impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = common.source.open()?;
    let notices = store.all_notices()?;
    let loaded = notices.iter().map(|notice| notice.loaded_ms.max(0).unsigned_abs());
    // Without notices there is no row, whatever the span.
    let (first, last) = (loaded.clone().min().unwrap_or(0), loaded.max().unwrap_or(0));
    let bounds = common.intervals_of(common.interval, clock, (first, last + 1))?;
    let mut table = Table::new(out, common.output(clock), "Notices by the moment at which they were loaded", NOTICES);
    for index in (0..bounds.count()).filter(|_| !notices.is_empty()) {
        let (begin, end) = bounds.interval(index);
        table.row(&NoticeRow::new(&notices, begin, end))?;
    }
    table.finish().map(drop)
}

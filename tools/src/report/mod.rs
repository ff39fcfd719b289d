//! Reports from the log of events: the same computation as the live figures, over any span.
//!
//! | file | holds |
//! |---|---|
//! | [`span`] | the span of a report and its intervals, by the site's clock |
//! | [`computation`] | the ledger computed from the log, one interval in memory |
//! | [`columns`] | what columns mean, and how they stand in a table |
//! | [`table`] | rows as a table, CSV or JSON lines, with the definition of each column |
//!
//! Never: computes a figure; figures come from the ledger.

pub mod columns;
pub mod computation;
pub mod span;
pub mod table;

//! Reports from the log of events: the same fold as the live figures, over any span.
//!
//! | file | holds |
//! |---|---|
//! | [`span`] | the span of a report and its intervals, by the site's clock |
//! | [`fold`] | the ledger rolled over the log, one interval in memory |
//! | [`columns`] | what columns mean, and how they stand in a table |
//! | [`table`] | rows as a table, CSV or JSON lines, with the definition of each column |
//!
//! Never: computes a figure; figures come from the ledger.

pub mod columns;
pub mod fold;
pub mod span;
pub mod table;

//! Figures from one append-only log of events: live and history by the same computation.
//!
//! ```text
//! changes ──► Entry (appended, never changed) ──► Ledger::apply ──► Figures by interval and key ──► rows (CSV, JSON)
//! ```
//!
//! A live view is the ledger of the running interval; a report over two years is the same ledger over other bounds.
//! Both can be computed anew from the log at any time, and are equal.
//!
//! | file | holds |
//! |---|---|
//! | [`event`] | the log's entries |
//! | [`moment`] | their time |
//! | [`bounds`] | the intervals |
//! | [`figures`] | counts and sums of one key in one interval; the service-level formulas |
//! | [`ledger`] | the computation; who waits now |
//! | [`returns`] | the list of abandoned callers, and whether they were called back the same day |
//! | [`rows`] | flat rows for output, with the definition of each column |
//! | [`erlang`] | Erlang B, C and A |
//!
//! Never: reads a clock or a time zone; interval bounds come from the edge, which knows both.

pub mod bounds;
pub mod erlang;
pub mod event;
pub mod figures;
pub mod ledger;
pub mod moment;
pub mod returns;
pub mod rows;

#[cfg(test)]
mod tests;

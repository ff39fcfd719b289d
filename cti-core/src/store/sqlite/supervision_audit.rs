//! Audit records of service observing.
//!
//! Never: changes or removes one.

use rusqlite::{Transaction, params};

use super::{SqliteStore, store_error};
use crate::store::{StoreError, SupervisionRecord};

/// An act of supervision as its row stands: see the file in `migrations/` for what the columns mean.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct SupervisionRow {
    pub at_ms: i64,
    pub user: String,
    pub act: String,
    pub supervisor: Option<String>,
    pub station: String,
    pub agent: Option<String>,
    pub call_id: Option<i32>,
    pub remark: String,
    pub failure: Option<i32>,
}

impl SqliteStore {
    /// All acts of supervision, oldest first, as their rows stand.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn supervision(&self) -> Result<Vec<SupervisionRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading acts of supervision", &error);
        let mut select = self
            .connection
            .prepare(
                "SELECT at_ms, user, act, supervisor, station, agent, call_id, remark, failure FROM supervision \
                 ORDER BY at_ms, id",
            )
            .map_err(fail)?;
        let rows = select.query_map([], |row| {
            Ok(SupervisionRow {
                at_ms: row.get(0)?,
                user: row.get(1)?,
                act: row.get(2)?,
                supervisor: row.get(3)?,
                station: row.get(4)?,
                agent: row.get(5)?,
                call_id: row.get(6)?,
                remark: row.get(7)?,
                failure: row.get(8)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

pub(super) fn keep(transaction: &Transaction<'_>, at_ms: i64, record: &SupervisionRecord) -> rusqlite::Result<()> {
    let supervisor = Some(record.supervisor.as_str()).filter(|text| !text.is_empty());
    transaction
        .prepare_cached(
            "INSERT INTO supervision (at_ms, user, act, supervisor, station, agent, call_id, remark, failure) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            at_ms,
            record.user,
            record.act.name(),
            supervisor,
            record.station.as_str(),
            record.agent.as_ref().map(|agent| agent.as_str()),
            Some(record.call.0).filter(|&call| call != 0),
            record.remark,
            record.failure.map(|failure| failure.number()),
        ])
        .map(drop)
}

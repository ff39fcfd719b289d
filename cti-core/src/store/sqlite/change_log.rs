//! The log of changed rows, for a replica of the store: triggers write the key of each row that is inserted, changed or
//! deleted, whoever does it. A reader takes the rows as they stand now (`changed_rows`); so a row that is carried over
//! twice does no harm, and one that has changed twice is carried over once.
//!
//! | table | holds |
//! |---|---|
//! | `change` | one row a change: a number that ascends, the table, the key |
//! | `replicated` | one row: a name of the store, made once, and one of its log, made with each new log |
//!
//! Without a replica there is no trigger, and no log. The last row of a log stays, so that numbers ascend.
//!
//! Never: changes a row of another table.

use rusqlite::{Connection, OptionalExtension};

use super::{SqliteStore, schema, store_error};
use crate::store::StoreError;
use crate::store::replicated::{TABLES, Table};

/// The tables of the log.
const LOG: &str = "\
CREATE TABLE IF NOT EXISTS replicated (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    store TEXT NOT NULL,       -- of this store, for its life
    log   TEXT NOT NULL        -- of this log
) STRICT;
CREATE TABLE change (
    id   INTEGER PRIMARY KEY,
    tab  TEXT NOT NULL,
    key  ANY NOT NULL,
    key2 ANY                   -- of a key of two columns
) STRICT;
INSERT INTO replicated (one, store, log) VALUES (1, lower(hex(randomblob(8))), lower(hex(randomblob(8))))
ON CONFLICT (one) DO UPDATE SET log = excluded.log;
";

/// The log, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeLog {
    /// Name of the store.
    pub store: String,
    /// Name of the log.
    pub log: String,
    /// Number of the first change in it; that after the last one if there is none.
    pub first: i64,
    /// Number of the last change; 0 if there was none yet.
    pub last: i64,
}

/// The triggers of a table: their names, and the statements that make them.
fn triggers(table: &Table) -> [(String, String); 3] {
    let (kept, key) = table.kept_in;
    let of = |row: &str| key.iter().map(|column| format!("{row}.{column}")).collect::<Vec<_>>();
    let columns = if key.len() == 1 { "tab, key" } else { "tab, key, key2" };
    let log = |row: &str, condition: &str| {
        format!("INSERT INTO change ({columns}) SELECT '{kept}', {}{condition};", of(row).join(", "))
    };
    // A row that has another key now has gone from the one that it had.
    let is_moved = of("OLD").iter().zip(of("NEW")).map(|(old, new)| format!("{old} IS NOT {new}")).collect::<Vec<_>>();
    let moved = format!(" WHERE {}", is_moved.join(" OR "));
    [
        ("INSERT", log("NEW", "")),
        ("UPDATE", format!("{} {}", log("OLD", &moved), log("NEW", ""))),
        ("DELETE", log("OLD", "")),
    ]
    .map(|(event, body)| {
        let name = format!("change_of_{kept}_{}", event.to_lowercase());
        let text = format!("CREATE TRIGGER {name} AFTER {event} ON {kept} BEGIN {body} END;");
        (name, text)
    })
}

fn has_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'change'")?
        .query_row([], |_| Ok(()))
        .optional()
        .map(|found| found.is_some())
}

/// Takes the log away, with its triggers. The next one has another name, by which a replica begins anew.
///
/// # Errors
/// The database takes no changes.
pub fn forget_change_log(connection: &Connection) -> rusqlite::Result<()> {
    if !has_log(connection)? {
        return Ok(());
    }
    let names = TABLES.iter().flat_map(triggers).map(|(name, _)| format!("DROP TRIGGER IF EXISTS {name};"));
    let all: String = names.collect();
    connection.execute_batch(&format!("BEGIN IMMEDIATE; {all} DROP TABLE change; COMMIT"))
}

impl SqliteStore {
    /// Number of the schema.
    pub const fn schema() -> i64 {
        schema::MIGRATIONS.len() as i64
    }

    /// Keeps a log of changed rows from now on, in this program and in every other one.
    ///
    /// # Errors
    /// The database takes no changes.
    pub fn keep_change_log(&mut self) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("beginning the log of changed rows", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        if !has_log(&transaction).map_err(fail)? {
            transaction.execute_batch(LOG).map_err(fail)?;
        }
        for (name, text) in TABLES.iter().flat_map(triggers) {
            let made: Option<String> = transaction
                .query_row(
                    "SELECT sql || ';' FROM sqlite_schema WHERE type = 'trigger' AND name = ?1",
                    [&name],
                    |row| row.get(0),
                )
                .optional()
                .map_err(fail)?;
            if made.as_ref() != Some(&text) {
                transaction.execute_batch(&format!("DROP TRIGGER IF EXISTS {name}; {text}")).map_err(fail)?;
            }
        }
        transaction.commit().map_err(fail)
    }

    /// Keeps no log of changed rows any more.
    ///
    /// # Errors
    /// The database takes no changes.
    pub fn end_change_log(&mut self) -> Result<(), StoreError> {
        forget_change_log(&self.connection).map_err(|error| store_error("ending the log of changed rows", &error))
    }

    /// The log; none if none is kept.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn change_log(&self) -> Result<Option<ChangeLog>, StoreError> {
        let read = || -> rusqlite::Result<Option<ChangeLog>> {
            if !has_log(&self.connection)? {
                return Ok(None);
            }
            let read = "SELECT store, log, (SELECT MIN(id) FROM change), (SELECT MAX(id) FROM change) FROM replicated";
            self.connection
                .prepare_cached(read)?
                .query_row([], |row| {
                    let last = row.get::<_, Option<i64>>(3)?.unwrap_or(0);
                    let first = row.get::<_, Option<i64>>(2)?.unwrap_or(last + 1);
                    Ok(ChangeLog { store: row.get(0)?, log: row.get(1)?, first, last })
                })
                .optional()
        };
        read().map_err(|error| store_error("reading the log of changed rows", &error))
    }

    /// Takes changes up to a number out of the log, the oldest first, at most `most`; the last of all stays.
    ///
    /// # Errors
    /// The database takes no changes.
    pub fn forget_changes(&mut self, up_to: i64, most: i64) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("shortening the log of changed rows", &error);
        if !has_log(&self.connection).map_err(fail)? {
            return Ok(());
        }
        let delete = "DELETE FROM change WHERE id <= MIN(?1, (SELECT MIN(id) FROM change) + ?2) \
            AND id < (SELECT MAX(id) FROM change)";
        let forget = || self.connection.prepare_cached(delete)?.execute([up_to, most]).map(drop);
        forget().map_err(fail)
    }
}

#[cfg(test)]
mod tests;

//! The rows that a replica of the store takes: those that have changed, by the log of changes; those of a whole table,
//! key by key; and the sums by which the two are compared.
//!
//! Never: writes to the database.

use std::collections::BTreeSet;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Row, Statement, params_from_iter};

use super::change_log::ChangeLog;
use super::{SqliteStore, store_error};
use crate::store::StoreError;
use crate::store::replicated::{Cell, Key, KeyPart, Kind, MODULUS, Rows, Sums, TABLES, Table};

/// Rows that have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Number of the last change that they contain.
    pub up_to: i64,
    /// The rows, by table.
    pub rows: Vec<Rows>,
}

/// Rows of a table that is copied from its beginning.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// The rows.
    pub rows: Rows,
    /// The last key; none at the end of the table.
    pub last: Option<Key>,
}

impl SqliteStore {
    /// The rows that have changed after the change `after`, as they stand, until `most` of them are found.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn changed_rows(&self, after: i64, most: usize) -> Result<Changed, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading changed rows", &error);
        self.reading(|| {
            let mut select = self
                .connection
                .prepare_cached("SELECT id, tab, key, key2 FROM change WHERE id > ?1 ORDER BY id LIMIT ?2")
                .map_err(fail)?;
            let mut changes = select.query([after, most as i64]).map_err(fail)?;
            let mut gathered = Gathered::new(&self.connection, most);
            let mut up_to = after;
            while let (false, Some(change)) = (gathered.is_full(), changes.next().map_err(fail)?) {
                up_to = change.get(0).map_err(fail)?;
                let kept: String = change.get(1).map_err(fail)?;
                // A table that this version does not carry over any more.
                let Some(table) = Table::kept_in(&kept) else { continue };
                gathered.add(table, key_of(change, 2, table.key.len()).map_err(fail)?).map_err(fail)?;
            }
            Ok(Changed { up_to, rows: gathered.rows })
        })
    }

    /// The rows of a table in the order of their keys from the one after `after` on, until `most` of them are found.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn rows_after(&self, table: &'static Table, after: Option<&Key>, most: usize) -> Result<Filled, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading rows", &error);
        let (kept, key) = table.kept_in;
        let key = key.join(", ");
        let places: Vec<String> = (1..=table.key.len()).map(|place| format!("?{place}")).collect();
        let after_it = after.map_or(String::new(), |_| format!("WHERE ({key}) > ({})", places.join(", ")));
        let select = format!("SELECT {key} FROM {kept} {after_it} ORDER BY {key} LIMIT {most}");
        self.reading(|| {
            let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
            let mut found = select.query(params_from_iter(after.into_iter().flat_map(values))).map_err(fail)?;
            let mut gathered = Gathered::new(&self.connection, most);
            let mut last = None;
            while let (false, Some(row)) = (gathered.is_full(), found.next().map_err(fail)?) {
                let key = key_of(row, 0, table.key.len()).map_err(fail)?;
                gathered.add(table, Key::clone(&key)).map_err(fail)?;
                last = Some(key);
            }
            let rows = gathered.rows.pop().unwrap_or(Rows { table, keys: Vec::new(), rows: Vec::new() });
            Ok(Filled { rows, last })
        })
    }

    /// The sums of all tables, and the log, at one moment.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn sums(&self) -> Result<(Option<ChangeLog>, Vec<Sums>), StoreError> {
        let fail = |error: rusqlite::Error| store_error("adding up rows", &error);
        self.reading(|| {
            let sums = TABLES.iter().map(|table| {
                let columns = table.columns.iter().map(|(name, kind)| {
                    let term = match kind {
                        Kind::Integer | Kind::Moment => format!("{name} % {MODULUS}"),
                        Kind::Real => format!("CAST({name} * 1000 AS INTEGER) % {MODULUS}"),
                        Kind::Text | Kind::Json => format!(
                            "LENGTH(CAST({name} AS BLOB)) + 3 * COALESCE(UNICODE({name}), 0) \
                             + 7 * COALESCE(UNICODE(SUBSTR({name}, -1)), 0)"
                        ),
                    };
                    format!(", COUNT({name}), COALESCE(SUM({term}), 0)")
                });
                let select = format!("SELECT COUNT(*) {} FROM {}", columns.collect::<String>(), table.name);
                self.connection.query_row(&select, [], |row| {
                    let columns = 0..table.columns.len();
                    let pair = |column| Ok((row.get(1 + 2 * column)?, row.get(2 + 2 * column)?));
                    Ok(Sums { rows: row.get(0)?, columns: columns.map(pair).collect::<rusqlite::Result<_>>()? })
                })
            });
            let sums = sums.collect::<rusqlite::Result<_>>().map_err(fail)?;
            Ok((self.change_log()?, sums))
        })
    }
}

/// The key in a row, from a column on.
fn key_of(row: &Row<'_>, from: usize, columns: usize) -> rusqlite::Result<Key> {
    let part = |column| match row.get_ref(column)? {
        ValueRef::Integer(number) => Ok(KeyPart::Integer(number)),
        ValueRef::Text(text) => Ok(KeyPart::Text(String::from_utf8_lossy(text).into_owned())),
        other => Err(rusqlite::Error::InvalidColumnType(column, "key".into(), other.data_type())),
    };
    (from..from + columns).map(part).collect::<rusqlite::Result<_>>().map(Key)
}

fn values(key: &Key) -> impl Iterator<Item = Value> + '_ {
    key.0.iter().map(|part| match part {
        KeyPart::Integer(number) => Value::Integer(*number),
        KeyPart::Text(text) => Value::Text(text.clone()),
    })
}

/// Rows, as they are gathered key by key.
struct Gathered<'c> {
    connection: &'c Connection,
    most: usize,
    rows: Vec<Rows>,
    /// The statements, in the order of `rows`.
    selects: Vec<Statement<'c>>,
    seen: BTreeSet<(&'static str, Key)>,
    count: usize,
}

impl<'c> Gathered<'c> {
    fn new(connection: &'c Connection, most: usize) -> Gathered<'c> {
        let (rows, selects) = (Vec::new(), Vec::new());
        Gathered { connection, most, rows, selects, seen: BTreeSet::new(), count: 0 }
    }

    fn is_full(&self) -> bool {
        self.count >= self.most
    }

    /// Reads the rows under a key, unless they are read.
    fn add(&mut self, table: &'static Table, key: Key) -> rusqlite::Result<()> {
        if !self.seen.insert((table.name, key.clone())) {
            return Ok(());
        }
        let at = match self.rows.iter().position(|rows| rows.table.name == table.name) {
            Some(at) => at,
            None => {
                let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
                let is_it = |(place, column): (usize, &&str)| format!("{column} = ?{}", place + 1);
                let is_it: Vec<String> = table.key.iter().enumerate().map(is_it).collect();
                let select = format!("SELECT {} FROM {} WHERE {}", columns.join(", "), table.name, is_it.join(" AND "));
                self.selects.push(self.connection.prepare(&select)?);
                self.rows.push(Rows { table, keys: Vec::new(), rows: Vec::new() });
                self.rows.len() - 1
            }
        };
        let mut found = self.selects[at].query(params_from_iter(values(&key)))?;
        while let Some(row) = found.next()? {
            let cells = (0..table.columns.len()).map(|column| row.get_ref(column).map(cell));
            self.rows[at].rows.push(cells.collect::<rusqlite::Result<_>>()?);
            self.count += 1;
        }
        self.count += 1;
        self.rows[at].keys.push(key);
        Ok(())
    }
}

/// A value; text that is not UTF-8, as some program beside this one may have written it, with replacement characters.
fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) | ValueRef::Blob(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
    }
}

#[cfg(test)]
mod tests;

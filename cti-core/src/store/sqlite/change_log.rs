//! The log of changed rows, for a replica of the store: triggers write the key of each row that is inserted, changed or
//! deleted, whoever does it. A reader takes the rows as they stand now; so a row that is carried over twice does no
//! harm, and one that has changed twice is carried over once.
//!
//! | table | holds |
//! |---|---|
//! | `change` | one row a change: a number that ascends, the table, the key |
//! | `replicated` | one row: a name of the store, made once, and one of its log, made with each new log |
//!
//! Without a replica there is no trigger, and no log. The last row of a log stays, so that numbers ascend.
//!
//! Never: changes a row of another table.

use std::collections::BTreeSet;

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, Statement, params_from_iter};

use super::{SqliteStore, schema, store_error};
use crate::store::StoreError;
use crate::store::replicated::{Cell, Key, KeyPart, Kind, MODULUS, Rows, Sums, TABLES, Table};

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
mod tests {
    use super::super::tests::{Folder, call, keep};
    use super::*;
    use crate::store::replicated::LEFT_OUT;

    fn names(store: &SqliteStore, select: &str) -> Vec<String> {
        let mut select = store.connection.prepare(select).unwrap();
        let names = select.query_map([], |row| row.get(0)).unwrap();
        names.collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn every_table_of_the_schema_is_carried_over_column_by_column_or_left_out_for_a_reason() {
        let folder = Folder::new("replicated-schema");
        let store = SqliteStore::open(&folder.database(), 0).unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
        let mut known: Vec<&str> = TABLES.iter().map(|table| table.kept_in.0).collect();
        known.extend(LEFT_OUT.iter().map(|(name, _)| name));
        known.sort_unstable();
        assert_eq!(names(&store, tables), known);
        for table in TABLES {
            let (kept, key) = table.kept_in;
            let columns = names(&store, &format!("SELECT name FROM pragma_table_info('{}')", table.name));
            let listed: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(columns, listed, "{}", table.name);
            let of_key =
                names(&store, &format!("SELECT name FROM pragma_table_info('{kept}') WHERE pk > 0 ORDER BY pk"));
            assert_eq!(of_key, key, "{kept}");
            // A row that another one replaces by a key of its own would go without a trigger.
            let unique = format!("SELECT name FROM pragma_index_list('{kept}') WHERE \"unique\" AND origin <> 'pk'");
            assert_eq!(names(&store, &unique), [""; 0], "{kept}");
            for column in table.key.iter().chain(table.primary).chain(table.indexes.iter().copied().flatten()) {
                assert!(table.kind(column).is_some(), "{}: {column}", table.name);
            }
            for (name, kind) in table.columns {
                let declared = names(
                    &store,
                    &format!("SELECT type FROM pragma_table_info('{}') WHERE name = '{name}'", table.name),
                );
                let fits = match declared[0].as_str() {
                    "INTEGER" => matches!(kind, Kind::Integer | Kind::Moment),
                    "TEXT" => matches!(kind, Kind::Text | Kind::Json),
                    "REAL" => *kind == Kind::Real,
                    // A column of a view.
                    _ => kept != table.name,
                };
                assert!(fits, "{}: {name} is {}", table.name, declared[0]);
                assert!(*kind != Kind::Moment || name.ends_with("_ms"), "{}: {name}", table.name);
            }
        }
    }

    #[test]
    fn without_a_replica_there_is_no_trigger_and_no_log() {
        let folder = Folder::new("replicated-none");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let made = "SELECT name FROM sqlite_schema WHERE type = 'trigger' OR name = 'change'";
        assert_eq!((names(&store, made).len(), store.change_log().unwrap()), (0, None));
        store.keep_change_log().unwrap();
        assert_eq!(names(&store, made).len(), 1 + 3 * TABLES.len());
        let first = store.change_log().unwrap().unwrap();
        store.keep_change_log().unwrap();
        assert_eq!(store.change_log().unwrap().as_ref(), Some(&first), "it goes on");
        store.end_change_log().unwrap();
        assert_eq!(names(&store, made).len(), 0);
        store.keep_change_log().unwrap();
        let second = store.change_log().unwrap().unwrap();
        assert!(first.store == second.store && first.log != second.log, "the store is the same, the log another");
    }

    #[test]
    fn rows_are_read_as_they_stand_and_each_once_however_often_they_have_changed() {
        let folder = Folder::new("replicated-rows");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        store.keep_change_log().unwrap();
        keep(&mut store, [call(1), call(2)]);
        let beside = Connection::open(folder.database()).unwrap();
        beside
            .execute_batch(
                "INSERT INTO customer_entry (name, account) VALUES ('Li Wei', '1'); \
                 INSERT INTO customer_number VALUES ('0571', 1, 0), ('0572', 1, 1); \
                 UPDATE customer_number SET number = '0573' WHERE number = '0572'; \
                 INSERT INTO recording_mark VALUES (7, 1, 'pause', 5, NULL, NULL, '', '1001', ''); \
                 INSERT OR REPLACE INTO recording_mark VALUES (7, 1, 'pause', 5, 9, NULL, '', '1001', ''); \
                 DELETE FROM customer_entry",
            )
            .unwrap();
        let changed = store.changed_rows(0, 1000).unwrap();
        assert_eq!(changed.up_to, store.change_log().unwrap().unwrap().last);
        let of = |name: &str| changed.rows.iter().find(|rows| rows.table.name == name).unwrap();
        assert_eq!((of("call").rows.len(), of("call").keys.len()), (2, 2));
        assert_eq!((of("customer_entry").rows.len(), of("customer_entry").keys.len()), (0, 1), "it has gone");
        let numbers = of("customer_number");
        assert_eq!((numbers.rows.len(), numbers.keys.len()), (2, 3), "0572 has gone");
        assert_eq!(of("recording_mark").keys, [Key(vec![KeyPart::Integer(7), KeyPart::Integer(1)])]);
        assert_eq!(of("recording_mark").rows[0][4], Cell::Integer(9));
        // In groups, to the same end.
        let (mut up_to, mut groups) = (0, 0);
        while up_to < changed.up_to {
            up_to = store.changed_rows(up_to, 2).unwrap().up_to;
            groups += 1;
        }
        assert!(groups > 2, "{groups}");
        // What is carried over leaves the log, but for the last.
        store.forget_changes(up_to, 1000).unwrap();
        let log = store.change_log().unwrap().unwrap();
        assert_eq!((log.first, log.last), (up_to, up_to));
        keep(&mut store, [call(3)]);
        assert_eq!(store.change_log().unwrap().unwrap().last, up_to + 1);
    }

    #[test]
    fn a_table_is_read_from_its_beginning_in_the_order_of_its_keys() {
        let folder = Folder::new("replicated-fill");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        keep(&mut store, (1..=5).map(call));
        store
            .connection
            .execute_batch(
                "INSERT INTO recording_mark SELECT value / 3, value % 3, '', 0, NULL, NULL, '', '', '' \
                 FROM json_each('[0, 1, 2, 3, 4, 5, 6]'); \
                 INSERT INTO customer_number SELECT value, 1, 0 FROM json_each('[\"a\", \"b\", \"c\"]')",
            )
            .unwrap();
        for (name, expected) in [("call", 5), ("recording_mark", 7), ("customer_number", 3), ("notice", 0)] {
            let table = Table::named(name).unwrap();
            let (mut after, mut rows) = (None, 0);
            loop {
                let Filled { rows: found, last } = store.rows_after(table, after.as_ref(), 3).unwrap();
                rows += found.rows.len();
                let Some(last) = last else { break };
                after = Some(last);
            }
            assert_eq!(rows, expected, "{name}");
            assert_eq!(
                store.sums().unwrap().1[TABLES.iter().position(|it| it == table).unwrap()].rows,
                expected as i64
            );
        }
    }
}

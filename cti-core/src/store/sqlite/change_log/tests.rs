//! The tables that are carried over against the schema; the log's beginning and end.
//!
//! Never: reads a row; `changed_rows` has tests of its own.

use super::super::tests::Folder;
use super::*;
use crate::store::replicated::{Kind, LEFT_OUT};

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
        let of_key = names(&store, &format!("SELECT name FROM pragma_table_info('{kept}') WHERE pk > 0 ORDER BY pk"));
        assert_eq!(of_key, key, "{kept}");
        // A row that another one replaces by a key of its own would go without a trigger.
        let unique = format!("SELECT name FROM pragma_index_list('{kept}') WHERE \"unique\" AND origin <> 'pk'");
        assert_eq!(names(&store, &unique), [""; 0], "{kept}");
        for column in table.key.iter().chain(table.primary).chain(table.indexes.iter().copied().flatten()) {
            assert!(table.kind(column).is_some(), "{}: {column}", table.name);
        }
        for (name, kind) in table.columns {
            let declared =
                names(&store, &format!("SELECT type FROM pragma_table_info('{}') WHERE name = '{name}'", table.name));
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

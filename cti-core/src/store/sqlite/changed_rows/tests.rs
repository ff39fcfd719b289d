//! Rows by the log of changes, rows of a whole table.
//!
//! Never: has a replica; what it makes of rows is tested with it.

use super::super::tests::{Folder, call, keep};
use super::*;

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
        assert_eq!(store.sums().unwrap().1[TABLES.iter().position(|it| it == table).unwrap()].rows, expected as i64);
    }
}

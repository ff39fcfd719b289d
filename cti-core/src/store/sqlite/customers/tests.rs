//! Customers as they are kept: the import of old, mergers, cards, and a file of many.

use super::super::schema::MIGRATIONS;
use super::super::tests::{Folder, call, keep};
use super::*;
use crate::csta::customer_card::CardPart;
use crate::person::Person;
use crate::store::{Outcome, Record};
use crate::work_order::{Kinds, OrderRequest, Urgency};

const DESK: &str = "li";

fn row(number: &str, name: &str, account: &str) -> CustomerChange {
    CustomerChange {
        numbers: vec![number.into()],
        name: Some(name.into()),
        account: Some(account.into()),
        ..CustomerChange::default()
    }
}

fn store(folder: &Folder) -> SqliteStore {
    SqliteStore::open(&folder.database(), 0).unwrap()
}

#[test]
fn an_import_twice_changes_nothing_and_a_corrected_row_changes_its_customer() {
    let folder = Folder::new("customer-import");
    let mut store = store(&folder);
    let rows = || [row("13800138000", "王芳", "A-1"), row("138 0013 8001", "王芳", "A-1"), row("5551234", "李明", "")];
    let imported = store.import_customers(rows(), DESK, 1).unwrap();
    assert_eq!(imported, Imported { added: 2, changed: 1, same: 0 }, "one account and name are one customer");
    assert_eq!(store.import_customers(rows(), DESK, 2).unwrap(), Imported { added: 0, changed: 0, same: 3 });
    let wang = store.customer_of("13800138001").unwrap().unwrap();
    assert_eq!((wang.numbers.len(), wang.id), (2, CustomerId(1)));
    store.import_customers([row("13800138000", "王小芳", "A-1")], DESK, 3).unwrap();
    assert_eq!(store.customer_of("13800138001").unwrap().unwrap().name, "王小芳");
    let changes = store.customer_changes(wang.id).unwrap();
    assert_eq!(changes.last().unwrap().what, "name: \"王芳\" to \"王小芳\"");
    assert_eq!((changes.last().unwrap().person.as_str(), changes.last().unwrap().at_ms), (DESK, 3));
}

#[test]
fn a_number_that_passes_on_leaves_what_is_known_of_its_old_customer() {
    let folder = Folder::new("customer-passes-on");
    let mut store = store(&folder);
    let address = Some("湖滨路 3 号".into());
    store.import_customers([CustomerChange { address, ..row("1", "王芳", "A-1") }], DESK, 1).unwrap();
    store.import_customers([row("1", "李明", "A-2")], DESK, 2).unwrap();
    let now = store.customer_of("1").unwrap().unwrap();
    assert_eq!((now.name.as_str(), now.address.as_str()), ("李明", ""));
    let old = store.find_customers("王", 10).unwrap();
    assert_eq!((old.len(), old[0].address.as_str(), old[0].numbers.len()), (1, "湖滨路 3 号", 0));
}

#[test]
fn two_entries_are_merged_and_a_number_that_is_taken_is_refused() {
    let folder = Folder::new("customer-merge");
    let mut store = store(&folder);
    let wang = store.change_customer(None, &row("1", "王芳", ""), DESK, 1).unwrap();
    let other = store.change_customer(None, &row("2", "王小芳", "A-1"), DESK, 1).unwrap();
    let taken = CustomerChange { numbers: vec!["2".into()], ..CustomerChange::default() };
    let refused = store.change_customer(Some(wang.id), &taken, DESK, 2).unwrap_err().to_string();
    assert!(refused.contains("2 is a number of customer C2; merge the two"), "{refused}");
    let merged = store.merge_customers(other.id, wang.id, "zhao", 3).unwrap();
    assert_eq!((merged.numbers.len(), merged.account.as_str()), (2, "A-1"));
    assert_eq!(store.customer_of("2").unwrap().unwrap(), merged);
    assert_eq!(store.customer_by_id(other.id).unwrap(), None);
    assert!(store.customer_changes(other.id).unwrap().iter().any(|row| row.what == "merged into C1"));
    for (from, into, why) in
        [(wang.id, wang.id, "one customer already"), (other.id, wang.id, "there is no customer C2")]
    {
        let refused = store.merge_customers(from, into, DESK, 4).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[test]
fn customers_are_found_by_the_begin_of_number_name_or_account() {
    let folder = Folder::new("customer-find");
    let mut store = store(&folder);
    store.import_customers([row("13800138000", "王芳", "SG-1"), row("5551234", "王明", "XY-2")], DESK, 1).unwrap();
    let found = |text: &str| store.find_customers(text, 10).unwrap().iter().map(|it| it.id.0).collect::<Vec<_>>();
    assert_eq!((found("王"), found("138-00"), found("XY"), found("王芳芳")), (vec![1, 2], vec![1], vec![2], vec![]));
    assert_eq!((found(""), found("%"), store.find_customers("王", 1).unwrap().len()), (vec![1, 2], vec![], 1));
}

#[test]
fn the_card_has_calls_orders_and_messages_of_all_numbers_of_a_customer() {
    let folder = Folder::new("customer-card");
    let mut store = store(&folder);
    let Record::Call(answered) = call(7) else { panic!("a call") };
    let missed = |number: i32, at| {
        let Record::Call(mut lost) = call(number) else { panic!("a call") };
        (lost.offered, lost.outcome) = (tipring_driver::time::Tick(at), Outcome::AbandonedQueued);
        Record::Call(lost)
    };
    keep(&mut store, [Record::Call(answered), missed(8, 90_000), missed(9, 95_000)]);
    let row = CustomerChange { vip: Some(true), ..row("13800138000", "王芳", "A-1") };
    let mut row = row;
    row.numbers.push("5551234".into());
    let wang = store.change_customer(None, &row, DESK, 1).unwrap();
    let by = Person { name: DESK.into(), is_supervisor: false };
    let order = OrderRequest {
        kind: "fault".into(),
        urgency: Urgency::Normal,
        number: "5551234".into(),
        name: String::new(),
        place: String::new(),
        text: "no current".into(),
        owner: None,
        call: 0,
        recording: None,
        called_ms: None,
    };
    store.accept_order(&Kinds::default(), order, false, &by, 100_000).unwrap();
    let card = store.customer_card(Some(&wang), "").unwrap();
    assert_eq!((card.customer.as_str(), card.vip), ("C1", true));
    assert_eq!((card.calls, card.missed, card.orders, card.messages), (3, 2, 1, 0));
    let parts: Vec<_> = card.lines.iter().map(|line| line.part).collect();
    assert_eq!(parts, [CardPart::Order, CardPart::Missed, CardPart::Missed, CardPart::Call], "{:?}", card.lines);
    assert!(card.lines[0].text.ends_with("fault, accepted: no current"), "{:?}", card.lines[0]);
    let stranger = store.customer_card(None, "13800138000").unwrap();
    assert_eq!((stranger.customer.as_str(), stranger.missed, stranger.orders), ("", 2, 0));
}

#[test]
fn customers_of_an_earlier_version_keep_their_numbers() {
    let folder = Folder::new("customer-earlier");
    let old = Connection::open(folder.database()).unwrap();
    for (number, migration) in MIGRATIONS.iter().enumerate().take(17) {
        old.execute_batch(migration).unwrap();
        old.pragma_update(None, "user_version", number as i64 + 1).unwrap();
    }
    old.execute_batch("INSERT INTO customer VALUES ('2', '王芳', 'A-1'), ('1', '王芳', 'A-1'), ('3', '李明', '')")
        .unwrap();
    drop(old);
    let store = store(&folder);
    let wang = store.customer_of("1").unwrap().unwrap();
    assert_eq!(
        (wang.name.as_str(), wang.account.as_str(), wang.numbers),
        ("王芳", "A-1", vec!["1".into(), "2".into()])
    );
    assert_eq!(store.customer_of("3").unwrap().unwrap().name, "李明");
}

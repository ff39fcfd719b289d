//! Changes, rows from outside and mergers of customers.

use super::*;

fn change(name: &str, account: &str) -> CustomerChange {
    CustomerChange { name: Some(name.into()), account: Some(account.into()), ..CustomerChange::default() }
}

fn customer(numbers: &[&str], name: &str, account: &str) -> Customer {
    let numbers = numbers.iter().map(|number| (*number).to_owned()).collect();
    Customer { id: CustomerId(1), numbers, name: name.into(), account: account.into(), ..Customer::default() }
}

#[test]
fn a_change_changes_what_it_names_and_says_so() {
    let mut wang = customer(&["13800138000"], "王芳", "A-1");
    let plan = NumberPlan::new("CN", "571").unwrap();
    let named = CustomerChange {
        numbers: vec!["0571-8765 4321".into(), "138 0013 8000".into()],
        address: Some(" 湖滨路 3 号 ".into()),
        vip: Some(true),
        ..CustomerChange::default()
    };
    let changes = wang.change(&named, &plan);
    let expected = ["address: \"\" to \"湖滨路 3 号\"", "vip: false to true", "number 87654321 added"];
    assert_eq!(changes.unwrap(), expected);
    assert_eq!((wang.name.as_str(), wang.numbers.len(), wang.vip), ("王芳", 2, true));
    assert_eq!(wang.change(&CustomerChange { vip: Some(true), ..CustomerChange::default() }, &plan).unwrap().len(), 0);
    let without = CustomerChange { without: vec!["+86 138 0013-8000".into()], ..CustomerChange::default() };
    assert_eq!(wang.change(&without, &plan).unwrap(), ["number 13800138000 removed"]);
}

#[test]
fn a_change_that_cannot_be_is_refused_whole() {
    let wang = customer(&["13800138000"], "王芳", "A-1");
    let text = |length| Some("字".repeat(length));
    for (refused, change) in [
        ("\"x1\" is no number", CustomerChange { numbers: vec!["x1".into()], ..change("李明", "A-2") }),
        ("name has at most 200", CustomerChange { name: text(201), ..CustomerChange::default() }),
        ("notes has at most 2000", CustomerChange { notes: text(2001), ..CustomerChange::default() }),
        ("there are mandarin,", CustomerChange { language: Some("latin".into()), ..change("李明", "A-2") }),
        (
            "at most 16 numbers",
            CustomerChange { numbers: (0..NUMBERS_MAX).map(|n| format!("57{n}")).collect(), ..change("李明", "A-2") },
        ),
        ("needs a number, a name", CustomerChange { without: wang.numbers.clone(), ..change("", "") }),
    ] {
        let mut tried = wang.clone();
        let why = tried.change(&change, &NumberPlan::default()).expect_err(refused).to_string();
        assert!(why.contains(refused), "{why}");
        assert_eq!(tried, wang);
    }
}

#[test]
fn a_merger_loses_nothing_that_either_knew() {
    let mut wang = Customer { notes: "a dog".into(), ..customer(&["1"], "王芳", "") };
    let other = Customer {
        vip: true,
        notes: "rings late".into(),
        region: "north".into(),
        ..customer(&["2", "1"], "王小芳", "A-1")
    };
    let changes = wang.absorb(other).unwrap();
    assert_eq!((wang.name.as_str(), wang.account.as_str(), wang.region.as_str()), ("王芳", "A-1", "north"));
    assert_eq!((wang.notes.as_str(), wang.vip, wang.numbers.len()), ("a dog\nrings late", true, 2));
    assert!(changes.contains(&"name: \"王芳\" kept, \"王小芳\" given up".to_owned()), "{changes:?}");
}

#[test]
fn a_number_that_has_passed_on_to_another_person_is_not_the_old_ones() {
    let wang = customer(&["1"], "王芳", "A-1");
    assert!(wang.is_meant_by(&change("王小芳", "A-1")), "a corrected name");
    assert!(wang.is_meant_by(&change("王芳", "A-2")), "a new account");
    assert!(wang.is_meant_by(&CustomerChange::default()));
    assert!(!wang.is_meant_by(&change("李明", "A-2")));
}

//! The file of customers from the command line: import and export, the card, changes, mergers, refusals.
//!
//! Never: needs a site that runs; `tests/scenarios` has those.

use std::fs::write;

use serde_json::Value;
use tipring_tests::{Folder, run};

use super::complaint;
use super::demonstration::demonstration;

/// The records of a demonstration of ten calls, and its database.
fn records(name: &str) -> (Folder, String) {
    let folder = demonstration(name);
    let database = folder.path("tipring.db").display().to_string();
    (folder, database)
}

fn text(database: &str, arguments: &[&str]) -> String {
    let arguments = [&["customer"], arguments, &["--db", database][..]].concat();
    let output = run(&arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn row(text: &str) -> Value {
    serde_json::from_str(text.lines().next().expect("a row")).unwrap()
}

#[test]
fn an_export_is_read_back_and_changes_nothing() {
    let (folder, database) = records("customer-export");
    let file = folder.path("customers.csv").display().to_string();
    let first = "number,name,account,vip,region,language\n138-0013-8000;0571 8765 4321,王芳,SG-1,yes,north,cantonese\n";
    write(&file, first).unwrap();
    assert!(text(&database, &["import", &file]).contains("1 added, 0 changed, 0 known"));
    let csv = text(&database, &["export", "--csv"]);
    assert_eq!(csv, text(&database, &["export"]), "the form where none is named");
    assert!(csv.starts_with("customer,number,name,account,address,language,vip,region,notes\n"), "{csv}");
    assert!(csv.contains("13800138000;057187654321,王芳,SG-1,,cantonese,yes,north,"), "{csv}");
    write(&file, &csv).unwrap();
    let rows = csv.lines().count() - 1;
    assert!(text(&database, &["import", &file]).contains(&format!("0 added, 0 changed, {rows} known")));
    // The three columns of earlier versions leave all else as it is.
    write(&file, "number,name,account\n13800138000,王小芳,SG-1\n").unwrap();
    text(&database, &["import", &file]);
    let shown = row(&text(&database, &["show", "138 0013 8000", "--json"]));
    assert_eq!((&shown["name"], &shown["region"], &shown["vip"]), (&"王小芳".into(), &"north".into(), &"yes".into()));
    assert_eq!(shown["changes"][0]["what"], "name: \"王芳\" to \"王小芳\"");
}

#[test]
fn a_callers_card_has_what_is_on_record_with_and_without_an_entry() {
    let (_folder, database) = records("customer-card");
    let calls = run(["report", "calls", "--json", "--db", &database]).stdout;
    let calls: Vec<Value> =
        String::from_utf8(calls).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let known = calls.iter().find(|call| call["outcome"] == "answered" && call["caller"] != "").expect("a call");
    let number = known["caller"].as_str().unwrap();
    let order = ["order", "new", "--kind", "fault", "--text", "no current", "--number", number, "--db", &database];
    assert!(run(order).status.success());
    let made = text(&database, &["set", number, "--name", "王芳", "--vip", "yes", "--as", "li"]);
    let id = made.split_whitespace().nth(1).unwrap().trim_end_matches(':');
    let shown = row(&text(&database, &["show", id, "--json"]));
    let card = &shown["card"];
    assert_eq!((&card["customer"], &card["vip"], &card["orders"]), (&id.into(), &true.into(), &1.into()));
    assert!(card["calls"].as_u64() >= Some(1) && card["missed"] == 0, "{card}");
    let page = text(&database, &["show", number]);
    for wanted in ["VIP", "no current", "answered with 70", "by li: ", "open orders 1"] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    assert!(text(&database, &["show", "999"]).contains("999 is in no customer's entry"));
}

#[test]
fn a_merger_by_two_numbers_leaves_one_customer_and_searches_find_it() {
    let (_folder, database) = records("customer-merge");
    for (number, name) in [("5550001", "赵一"), ("5550002", "赵二")] {
        text(&database, &["set", number, "--name", name]);
    }
    assert!(text(&database, &["merge", "5550002", "5550001"]).contains("5550001;5550002 赵一"));
    let found = text(&database, &["find", "赵", "--json"]);
    assert_eq!((found.lines().count(), row(&found)["number"].as_str()), (1, Some("5550001;5550002")));
    assert!(text(&database, &["find", "no such"]).contains("There is no such customer"));
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let (folder, database) = records("customer-refused");
    text(&database, &["set", "5550001", "--name", "赵一"]);
    text(&database, &["set", "5550002", "--name", "赵二"]);
    let file = folder.path("wrong.csv").display().to_string();
    write(&file, "number,name,account,vip\n5550003,赵三,1,perhaps\n").unwrap();
    let letters = folder.path("letters.csv").display().to_string();
    write(&letters, "number,name,account\n5550004,赵四,2\nabc,赵五,3\n").unwrap();
    for (arguments, why) in [
        (&["set", "5550001", "--add", "5550002"][..], "merge the two, or remove it there first"),
        (&["set", "5550001", "--vip", "perhaps"], "write yes or no"),
        (&["set", "5550001", "--language", "latin"], "cantonese"),
        (&["set", "C999", "--name", "x"], "there is no customer C999"),
        (&["show", "王芳"], "an identifier as C17 is wanted"),
        (&["merge", "5550001", "999"], "`tipring customer set 999 --name NAME` makes one"),
        (&["merge", "5550001", "5550001"], "a merger needs two"),
        (&["import", &file], "wrong.csv:2: vip is yes or no"),
        (&["import", &letters], "letters.csv:3: \"abc\" is no number"),
    ] {
        let arguments = [&["customer"], arguments, &["--db", &database][..]].concat();
        let refused = complaint(&arguments);
        assert!(refused.contains(why), "{arguments:?}: {refused}");
    }
    assert!(text(&database, &["find", "赵四"]).contains("There is no such"), "a file with a fault is not half read");
}

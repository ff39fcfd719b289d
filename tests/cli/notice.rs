//! Notices from the command line: loaded, listed, ended, counted by their report, and refusals.
//!
//! Never: plays a notice to a caller; the core's tests do.

use serde_json::Value;
use tipring_tests::{Folder, run};

use super::complaint;
use super::demonstration::demonstration;

fn text(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A site's file with a folder of one prompt, and a database.
fn site(name: &str) -> (Folder, String) {
    let folder = demonstration(name);
    std::fs::create_dir_all(folder.path("prompts")).unwrap();
    std::fs::write(folder.path("prompts/outage-north.wav"), "").unwrap();
    let template = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    let file = folder.path("site.toml");
    std::fs::write(&file, template.replace("# prompts = \"prompts\"", "prompts = \"prompts\"")).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

#[test]
fn a_notice_is_loaded_listed_and_ended_and_its_report_knows_the_seven_days() {
    let (_folder, file) = site("notice");
    let new = |more: &[&str]| {
        let base = ["notice", "new", "--text", "no current at the lake", "--prompt", "outage-north", "--site", &file];
        text(&[&base[..], more].concat())
    };
    assert!(!new(&["--region", "0571,north", "--from", "2099-01-01", "--to", "2099-01-02"]).contains("ahead"));
    assert!(!new(&["--to", "2099-01-01"]).contains("ahead"), "a sudden one");
    let list = |more: &[&str]| text(&[&["notice", "list", "--site", &file][..], more].concat());
    let rows = list(&["--json"]);
    let states: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |id: u64| states.iter().find(|row| row["notice"] == id).unwrap()["state"].clone();
    assert_eq!((of(1), of(2)), ("comes".into(), "holds".into()));
    assert!(list(&[]).contains("0571,north: no current at the lake (outage-north)"), "{}", list(&[]));
    assert!(text(&["notice", "end", "2", "--site", &file]).contains("notice 2: ended"));
    assert!(!list(&[]).contains("all callers") && list(&["--all"]).contains("ended"));
    let report = text(&["report", "notices", "--json", "--site", &file]);
    let row: Value = serde_json::from_str(report.lines().last().unwrap()).unwrap();
    for (column, count) in [("loaded", 2), ("planned", 1), ("loaded_in_time", 1), ("sudden", 1), ("ended_early", 1)] {
        assert_eq!(row[column], count, "{column} of {row}");
    }
}

#[test]
fn a_notice_that_cannot_be_heard_or_cannot_be_is_refused_with_what_to_do() {
    let (folder, file) = site("notice-refused");
    let new = ["notice", "new", "--site", &file, "--text", "x"];
    let database = folder.path("tipring.db").display().to_string();
    for (arguments, why) in [
        (&["--prompt", "outage-norh", "--to", "2099-01-01"][..], "did you mean outage-north?"),
        (&["--prompt", "outage-north", "--to", "2001-01-01"], "over before it begins"),
        (&["--prompt", "outage-north", "--from", "2001-01-01", "--to", "2001-01-02"], "over already"),
        (&["--prompt", "outage-north", "--to", "2099-01-01", "--region", "north,,south"], "an empty item"),
    ] {
        let refused = complaint(&[&new[..], arguments].concat());
        assert!(refused.contains(why), "{arguments:?}: {refused}");
    }
    assert!(complaint(&["notice", "end", "9", "--db", &database]).contains("there is no notice 9"));
    assert!(text(&["notice", "list", "--db", &database]).contains("No notice holds or will hold"));
}

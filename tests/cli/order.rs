//! Work orders from the command line: their whole way, repeats, refusals with what can be done, lists and exports.
//!
//! Never: needs a site that runs; `tests/scenarios` has those.

use serde_json::Value;
use tipring_tests::{Folder, run};

use super::complaint;
use super::demonstration::demonstration;

/// The records of a demonstration of ten calls, with a site's file beside them.
fn site(name: &str) -> (Folder, String) {
    let folder = demonstration(name);
    let file = folder.path("site.toml");
    std::fs::write(&file, run(["serve", "--print-config"]).stdout).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

fn text(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    text(arguments).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The number of the order that a line is about.
fn number(line: &str) -> String {
    line.split_whitespace().nth(1).unwrap().trim_end_matches(':').to_owned()
}

#[test]
fn an_order_of_a_call_goes_its_whole_way_with_each_step_on_record() {
    let (_folder, file) = site("order-way");
    let order = |arguments: &[&str]| text(&[&["order"], arguments, &["--site", &file, "--as", "zhao"][..]].concat());
    let calls = rows(&["report", "calls", "--json", "--site", &file]);
    let call = calls.iter().find(|call| !call["caller"].as_str().unwrap().is_empty()).unwrap();
    let id = call["call_id"].to_string();
    let new = ["new", "--kind", "fault", "--text", "no current", "--place", "3 Lake Road", "--call", &id];
    let made = number(&order(&[&new[..], &["--owner", "7001"]].concat()));
    assert!(order(&new).contains(&format!("order {made}: the customer's open fault order, linked to it (1 repeat)")));
    assert!(order(&["dispatch", &made, "--to", "crew 2"]).contains(": dispatched"));
    assert!(order(&["done", &made, "--remark", "a fuse"]).contains(": done"));
    assert!(text(&["order", "due", "--site", &file]).contains(&made), "its customer is to be called");
    let called = text(&["order", "call-back", "--queue", "5000", "--site", &file]);
    assert!(called.contains("1 customers are to be called by queue 5000"), "{called}");
    assert!(order(&["try", &made, "--remark", "is the light on", "--reason", "no answer"]).contains(": done"));
    assert!(order(&["revisit", &made, "--remark", "content"]).contains(": revisited"));
    assert!(order(&["file", &made]).contains(": filed"));

    let shown = &rows(&["order", "show", &made, "--site", &file, "--json"])[0];
    assert_eq!(
        (&shown["owner"], &shown["unit"], &shown["result"]),
        (&"7001".into(), &"crew 2".into(), &"a fuse".into())
    );
    assert_eq!((&shown["number"], &shown["call"]), (&call["caller"], &call["call_id"]));
    assert_eq!((&shown["recording"], &shown["since_ms"]), (&call["recording"], &call["offered_ms"]), "the call's");
    let steps: Vec<&str> =
        shown["steps"].as_array().unwrap().iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["accept", "repeat", "dispatch", "done", "try", "revisit", "file"]);
    assert!(shown["steps"].as_array().unwrap().iter().all(|step| step["person"] == "zhao"));
    let page = text(&["order", "show", &made, "--site", &file]);
    assert!(page.contains("dispatch by zhao to crew 2") && page.contains("3 Lake Road"), "{page}");
    assert!(page.contains("try by zhao: is the light on, in vain: no answer"), "{page}");

    assert!(text(&["order", "list", "--site", &file]).contains("There is no such order"), "it is filed");
    assert!(text(&["order", "list", "--all", "--site", &file]).contains("crew 2"));
    let csv = text(&["order", "export", "--csv", "--site", &file]);
    assert_eq!(csv, text(&["order", "export", "--site", &file]), "the form where none is named");
    assert!(csv.starts_with("order,kind,urgency,state,late,age_s,") && csv.contains(&made), "{csv}");
    assert_eq!(rows(&["order", "export", "--steps", "--json", "--site", &file]).len(), 7);
    assert!(order(&["reopen", &made, "--remark", "filed by mistake"]).contains(": accepted"));
}

#[test]
fn what_cannot_be_is_refused_with_what_can() {
    let (folder, file) = site("order-refused");
    let database = folder.path("tipring.db").display().to_string();
    let new = ["order", "new", "--kind", "complaint", "--text", "the bill", "--number", "5551234", "--db", &database];
    let made = number(&text(&new));
    let check: u32 = made[made.len() - 1..].parse().unwrap();
    let wrong = format!("{}{}", &made[..made.len() - 1], (check + 1) % 10);
    for (arguments, why) in [
        (&["file", &made][..], "is accepted; from there it can take repeat, dispatch, done, not file"),
        (&["done", &made, "--remark", " "], "done needs a remark"),
        (&["done", &wrong, "--remark", "x"], "is no number of a work order"),
        (&["done", "0794-5", "--remark", "x"], "there is no order 0794-5"),
        (&["new", "--kind", "flood", "--text", "x"], "there is no kind of order \"flood\"; there are fault, complaint"),
        (&["new", "--kind", "fault", "--text", " "], "needs a text"),
        (&["new", "--kind", "fault", "--text", "x", "--call", "999"], "There is no call 999"),
        (&["new", "--kind", "fault", "--text", "x", "--urgency", "soon"], "urgent"),
        (&["list", "--state", "open"], "accepted"),
        (&["show", &made, "--db", "/nonexistent.db"], "cannot be used with"),
    ] {
        let arguments = [&["order"], arguments, &["--site", &file][..]].concat();
        let refused = complaint(&arguments);
        assert!(refused.contains(why), "{arguments:?}: {refused}");
    }
    assert!(complaint(&["order", "list"]).contains("--site"));
    assert!(text(&["order", "list", "--site", &file, "--number", "5551234"]).contains("complaint"));
    assert_eq!(text(&["order", "list", "--site", &file, "--late", "--json"]), "");
}

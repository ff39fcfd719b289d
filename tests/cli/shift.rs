//! The people who lead shifts, from the command line: named, named anew, listed, reported, and what is refused.
//!
//! Never: needs a site that runs.

use serde_json::Value;
use tipring_core::store::sqlite::SqliteStore;
use tipring_tests::{Folder, run};

use super::complaint;

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The arguments of a naming by the supervisor.
fn lead<'a>(site: &[&'a str], arguments: &[&'a str]) -> Vec<&'a str> {
    [&["shift", "lead"], arguments, site, &["--as", "zhao"]].concat()
}

#[test]
fn a_principal_and_a_deputy_are_named_for_the_shift_that_runs_and_every_naming_stays_on_record() {
    let folder = Folder::new("shift");
    let file = folder.path("site.toml");
    let mut text = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    text += "\n[[shift]]\nname = \"早班\"\nfrom = \"00:00\"\nto = \"00:00\"\n";
    std::fs::write(&file, text).unwrap();
    drop(SqliteStore::open(&folder.path("tipring.db"), 0).unwrap());
    let site = ["--site", file.to_str().unwrap()];
    let named = run(lead(&site, &["早班", "--principal", "7001"]));
    let said = String::from_utf8(named.stdout).unwrap();
    assert!(said.starts_with("早班 of ") && said.ends_with("principal 7001, deputy not named\n"), "{said}");
    assert!(run(lead(&site, &["早班", "--deputy", "7002"])).status.success());
    let moved = String::from_utf8(run(lead(&site, &["早班", "--principal", "7002"])).stdout).unwrap();
    assert!(moved.ends_with("principal 7002, deputy not named\n"), "one is not both: {moved}");
    for (arguments, why) in [
        (&["晚班", "--deputy", "7002"][..], "There is no shift 晚班; there are 早班"),
        (&["早班", "--deputy", "7999"], "There is no agent 7999"),
        (&["早班", "--deputy", "7001", "--principal", "7001"], "cannot be principal and deputy"),
        (&["早班", "--deputy", "7001", "--date", "2020-01-01"], "the shift 早班 is over"),
    ] {
        let refused = complaint(&lead(&site, arguments));
        assert!(refused.contains(why), "{refused}");
    }
    let listed = rows(&[&["shift", "list", "--json"][..], &site].concat());
    let shown: Vec<_> = listed
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap().to_owned();
            (text("principal"), text("deputy"), text("named_by"))
        })
        .collect();
    let row = |principal: &str, deputy: &str| (principal.into(), deputy.into(), "zhao".into());
    assert_eq!(shown, [row("7001", ""), row("7001", "7002"), row("7002", "")]);
    let report = String::from_utf8(run([&["report", "shifts"][..], &site].concat()).stdout).unwrap();
    assert!(report.contains("nothing in this span") && report.contains("one_of_each: "), "{report}");
}

//! Recordings found, heard and exported by command, each listening and export on record before it is given out.
//!
//! Never: reads a recording that the program itself did not make.

use std::process::Output;

use serde_json::Value;
use tipring_tests::{Folder, run};

use super::complaint;
use super::demonstration::demonstration;

/// `tipring recording` on the database of a folder.
fn recording(folder: &Folder, arguments: &[&str]) -> Output {
    let database = folder.path("tipring.db").display().to_string();
    run([&["recording"], arguments, &["--db", &database]].concat())
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rows(folder: &Folder, arguments: &[&str]) -> Vec<Value> {
    let text = text(recording(folder, &[arguments, &["--json"]].concat()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn recordings_are_listed_by_condition_in_three_forms_and_an_empty_list_says_what_there_is() {
    let folder = demonstration("list");
    let all = rows(&folder, &["list"]);
    assert!(all.len() >= 2 && all.iter().all(|row| row["presence"] == "whole"), "{all:?}");
    let agent = all[0]["agent"].as_str().unwrap();
    let of_agent = rows(&folder, &["list", "--agent", agent]);
    assert_eq!(of_agent.len(), all.iter().filter(|row| row["agent"] == agent).count());
    let caller = all[0]["caller"].as_str().unwrap();
    assert!(rows(&folder, &["list", "--number", caller]).iter().all(|row| row["caller"] == caller));
    assert_eq!(rows(&folder, &["list", "--longer", "3600"]).len(), 0);
    let csv = text(recording(&folder, &["list", "--csv"]));
    assert_eq!((csv.lines().count(), csv.starts_with("recording,call,began,seconds")), (all.len() + 1, true), "{csv}");
    let empty = text(recording(&folder, &["list", "--from", "2000-01-01", "--to", "2000-01-02"]));
    assert!(empty.contains(&format!("there are {}", all.len())), "{empty}");
    let shown = text(recording(&folder, &["show", &all[0]["call"].to_string()]));
    assert!(shown.contains(caller) && shown.contains("(whole)"), "{shown}");
}

#[test]
fn every_listening_and_export_is_on_record_with_its_reason_and_a_copy_is_the_very_file() {
    let folder = demonstration("given");
    let all = rows(&folder, &["list"]);
    let (id, call) = (all[0]["recording"].to_string(), all[0]["call"].to_string());
    let out = folder.path("out.wav").display().to_string();
    let samples = recording(&folder, &["play", &id, "--raw", "--side", "agent", "--why", "monthly choice"]);
    assert!(samples.status.success());
    let seconds = all[0]["seconds"].as_f64().unwrap();
    assert_eq!(samples.stdout.len(), (seconds * 8000.0).round() as usize * 2);
    text(recording(&folder, &["export", &call, "--to", &out, "--why", "complaint 12", "--as", "Zhao"]));
    let place = folder.path("recordings").join(all[0]["file"].as_str().unwrap());
    assert!(std::fs::read(&out).unwrap() == std::fs::read(place).unwrap(), "a copy is the file itself");
    let document = recording(&folder, &["export", &id, "--vcon", "--to", "-", "--coding", "alaw", "--why", "court"]);
    let document: Value = serde_json::from_str(&text(document)).unwrap();
    assert_eq!(document["dialog"][0]["type"], "recording");
    let acts = rows(&folder, &["audit"]);
    let line = |act: &Value| format!("{} {} {}", act["act"], act["user"], act["reason"]).replace('"', "");
    let os_user = acts[0]["os_user"].as_str().unwrap();
    let wanted = [
        format!("play {os_user} monthly choice"),
        "export Zhao complaint 12".into(),
        format!("export {os_user} court"),
    ];
    assert_eq!(acts.iter().map(line).collect::<Vec<_>>(), wanted);
    assert!(acts.iter().all(|act| act["recording"] == all[0]["recording"]), "{acts:?}");
    assert!(text(recording(&folder, &["audit", &id])).contains("(as "), "both names are there");
}

#[test]
fn no_sound_is_given_out_without_reason_database_or_file() {
    let folder = demonstration("refused");
    let database = folder.path("tipring.db").display().to_string();
    let all = rows(&folder, &["list"]);
    let id = all[0]["recording"].to_string();
    let db = ["--db", &database];
    let wrong = |arguments: &[&str]| complaint(&[&["recording"], arguments, &db].concat());
    assert!(wrong(&["play", &id, "--raw"]).contains("--why"));
    assert!(wrong(&["play", &id, "--raw", "--why", " "]).contains("may not be empty"));
    assert!(wrong(&["play", "999999", "--raw", "--why", "x"]).contains("no recording of the call 999999"));
    assert!(wrong(&["show", "../etc/passwd"]).contains("is named by its call"));
    assert!(wrong(&["list", "--outcome", "lost"]).contains("abandoned-queued"));
    assert!(wrong(&["list", "--from", "2026-01-02", "--to", "2026-01-01"]).contains("is not after"));
    let taken = folder.path("taken.wav").display().to_string();
    std::fs::write(&taken, "mine").unwrap();
    assert!(wrong(&["export", &id, "--to", &taken, "--why", "x"]).contains("is there already"));
    let no_folder = format!("{}/", folder.path("not-there").display());
    assert!(wrong(&["export", &id, "--to", &no_folder, "--why", "x"]).contains("There is no folder"));
    let in_none = folder.path("not-there/copy.wav").display().to_string();
    assert!(wrong(&["export", &id, "--to", &in_none, "--why", "x"]).contains("there is no folder"));
    assert!(rows(&folder, &["audit"]).is_empty(), "nothing was given out");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    assert!(complaint(&["recording", "list", "--db", "/nowhere/x.db"]).contains("/nowhere/x.db"));

    // Another program holds the database for longer than is waited for: no sound, and no record of any.
    let held = rusqlite::Connection::open(&database).unwrap();
    held.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = recording(&folder, &["play", &id, "--raw", "--why", "x"]);
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("No sound is given out"));
    held.execute_batch("ROLLBACK").unwrap();

    std::fs::remove_file(folder.path("recordings").join(all[0]["file"].as_str().unwrap())).unwrap();
    assert!(wrong(&["play", &id, "--raw", "--why", "x"]).contains("is not there"));
    assert_eq!(rows(&folder, &["audit"]).len(), 0, "nothing was given out");
    let listed = rows(&folder, &["list"]);
    assert_eq!(listed[0]["presence"], "missing");
}

#[test]
fn a_file_that_is_missing_short_changed_or_on_no_record_is_named() {
    let folder = demonstration("verify");
    let proved = text(recording(&folder, &["verify"]));
    let all = rows(&folder, &["list"]);
    assert_eq!(proved.trim(), format!("{} proved", all.len()));
    let file = |row: &Value| folder.path("recordings").join(row["file"].as_str().unwrap());
    let verify = || {
        let output = recording(&folder, &["verify"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let octets = std::fs::read(file(&all[0])).unwrap();
    let mut changed = octets.clone();
    *changed.last_mut().unwrap() ^= 1;
    for (content, wanted) in [(&octets[..octets.len() - 4], "short"), (&changed, "changed")] {
        std::fs::write(file(&all[0]), content).unwrap();
        let (status, out) = verify();
        assert!(status == Some(1) && out.starts_with(wanted), "{out}");
        assert!(out.contains(all[0]["file"].as_str().unwrap()), "{out}");
    }
    std::fs::rename(file(&all[0]), file(&all[0]).with_file_name("000000-000-00009.wav")).unwrap();
    let (status, out) = verify();
    assert!(status == Some(1) && out.contains("missing") && out.contains("not on record"), "{out}");
}

#[test]
fn a_call_is_put_on_hold_and_released_once_each_and_both_are_on_record() {
    let folder = demonstration("hold");
    let call = rows(&folder, &["list"])[0]["call"].to_string();
    let why = ["--why", "court order 3"];
    let hold = |act: &str| text(recording(&folder, &[&[act, call.as_str()], &why[..]].concat()));
    assert!(hold("hold").contains("on hold now") && hold("hold").contains("on hold already"));
    assert!(text(recording(&folder, &["holds"])).contains("court order 3"));
    assert!(text(recording(&folder, &["show", &call])).contains("court order 3"));
    assert!(hold("release").contains("is released") && hold("release").contains("was not on hold"));
    assert_eq!(rows(&folder, &["audit", &call]).len(), 2);
    let database = folder.path("tipring.db").display().to_string();
    let unknown = ["recording", "hold", "999999", "--why", "x", "--db", &database];
    assert!(complaint(&unknown).contains("no call 999999"));
}

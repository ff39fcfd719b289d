//! Messages that callers have left, from the command line: each copy is on record before it is given out.
//!
//! Never: needs a site that runs; `tests/scenarios` has those.

use serde_json::Value;
use tipring_core::csta::CallId;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{MessageRecord, MessageState, Record, Store, StoreId, StoreRequest};
use tipring_driver::ids::RecordingId;
use tipring_driver::time::Tick;
use tipring_tests::{Folder, run};

use super::complaint;

/// The number of the message of [`site`].
pub(crate) const NUMBER: u64 = 9_000_000_001;

/// A site with one message, which has not been heard.
pub(crate) fn site(name: &str) -> (Folder, String) {
    let folder = Folder::new(name);
    let file = folder.path("site.toml");
    std::fs::write(&file, run(["serve", "--print-config"]).stdout).unwrap();
    let mut store = SqliteStore::open(&folder.path("tipring.db"), 0).unwrap();
    let record = Record::Message(Box::new(MessageRecord {
        recording: RecordingId(NUMBER),
        call: CallId(7),
        mailbox: "complaints".into(),
        owner: None,
        caller: "13800138000".into(),
        name: String::new(),
        at: Tick(1000),
        samples: 16_000,
        file: "message.wav".into(),
        state: MessageState::New,
    }));
    store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![record] });
    store.commit().unwrap();
    std::fs::create_dir_all(folder.path("recordings")).unwrap();
    (folder, file.to_str().unwrap().to_owned())
}

fn rows(arguments: &[&str]) -> Vec<Value> {
    let output = run(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_message_is_given_out_with_an_audit_record_and_what_is_refused_leaves_neither_copy_nor_record() {
    let (folder, file) = site("message");
    let number = NUMBER.to_string();
    let to = folder.path("copy.wav");
    let out = to.to_str().unwrap();
    let export = ["message", "export", &number, "--site", &file, "--to", out];
    let reason = ["--why", "complaint 12", "--as", "Zhao"];
    let audit = || rows(&["recording", "audit", "--site", &file, "--json"]);
    let state = || rows(&["message", "list", "--site", &file, "--json"])[0]["state"].clone();

    assert!(complaint(&export).contains("--why"));
    assert!(complaint(&[&export[..], &["--why", " "]].concat()).contains("may not be empty"));
    let unreadable = complaint(&[&export[..], &reason].concat());
    assert!(unreadable.contains("message.wav cannot be read"), "{unreadable}");
    std::fs::write(folder.path("recordings/message.wav"), b"sound").unwrap();
    let other = ["message", "export", "8", "--site", &file, "--to", out];
    assert!(complaint(&[&other[..], &reason].concat()).contains("There is no message 8"));
    assert!(!to.exists() && audit().is_empty());
    assert_eq!(state(), "new");

    assert!(run([&export[..], &reason].concat()).status.success());
    assert_eq!(std::fs::read(&to).unwrap(), b"sound");
    let acts = audit();
    assert_eq!(acts.len(), 1, "{acts:?}");
    let act = &acts[0];
    assert_eq!((&act["act"], &act["user"], &act["reason"]), (&"export".into(), &"Zhao".into(), &"complaint 12".into()));
    assert_eq!((&act["recording"], &act["call_id"]), (&NUMBER.into(), &7.into()));
    let detail = act["detail"].as_str().unwrap();
    assert!(detail.contains("mailbox complaints") && detail.contains("copy.wav"), "{detail}");
    assert_eq!(state(), "heard");

    assert!(complaint(&[&export[..], &reason].concat()).contains("cannot be written"), "the copy is there already");
    let message = |arguments: &[&str]| run([&["message"], arguments, &["--site", &file]].concat());
    assert!(message(&["take", &number, "--by", "Li", "--remark", "meter"]).status.success());
    assert!(message(&["called", &number, "--call", "19", "--by", "Li"]).status.success());
    assert!(message(&["done", &number, "--by", "Li"]).status.success());
    let twice = complaint(&["message", "done", &number, "8", "--site", &file]);
    assert!(twice.contains("can be heard, reopened, not done") && twice.contains("There is no message 8"), "{twice}");
    let shown = rows(&["message", "show", &number, "--json", "--site", &file]);
    let steps: Vec<_> = shown[0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let text = |name: &str| step[name].as_str().unwrap().to_owned();
            (text("step"), text("person"), text("remark"), step["call"].as_i64().unwrap())
        })
        .collect();
    let step = |step: &str, person: &str, remark: &str, call| (step.into(), person.into(), remark.into(), call);
    let expected = [
        step("left", "", "", 7),
        step("heard", "Zhao", "complaint 12", 0),
        step("taken", "Li", "meter", 0),
        step("called", "Li", "", 19),
        step("done", "Li", "", 0),
    ];
    assert_eq!(steps, expected);
    assert_eq!((&shown[0]["taken_by"], &shown[0]["state"]), (&"Li".into(), &"done".into()));
    let report = rows(&["report", "messages", "--interval", "whole", "--json", "--site", &file]);
    let row = &report[1];
    assert_eq!(
        (&row["mailbox"], &row["messages_left"], &row["messages_done"]),
        (&"complaints".into(), &1.into(), &1.into())
    );
    assert_eq!((&row["messages_open"], &row["oldest_message"]), (&0.into(), &Value::Null));
    assert_eq!((std::fs::read(&to).unwrap(), audit().len()), (b"sound".to_vec(), 1));
}

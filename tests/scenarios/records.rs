//! The console's requests for what a site has on record, on the records of a demonstration: rights, listening with its
//! audit record, scores, the day beside the reports.
//!
//! Never: reads a database that the program did not write.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_core::store::sqlite::SqliteStore;
use tipring_driver::media::file_io::SoundSink;
use tipring_tests::{Folder, run};
use tipring_tools::config::SiteConfig;
use tipring_tools::encryption::key_ring::KeyRing;
use tipring_tools::encryption::keys::{self, Key};
use tipring_tools::encryption::reader::Damage;
use tipring_tools::encryption::writer::EncryptedSink;
use tipring_tools::recording::sound::Recorded;
use tipring_tools::run::records::SiteRecords;
use tipring_web::records::{Records, RecordsClient, RecordsRequest};

/// A demonstration of ten calls, and its records.
fn site(name: &str) -> (Folder, SiteRecords) {
    let folder = Folder::new(name);
    let out = folder.path("").display().to_string();
    let demo =
        run(["demo", "--calls", "10", "--agents", "2", "--seed", "7", "--speed", "max", "--out", &out, "--json"]);
    assert!(demo.status.success(), "{}", String::from_utf8_lossy(&demo.stderr));
    let forms = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/samples/quality/hotline.toml");
    let config = String::from_utf8(run(["serve", "--print-config"]).stdout).unwrap();
    let config = config.replace("# forms = \"forms.toml\"", &format!("forms = {:?}", forms.display().to_string()));
    folder.write_site(&config);
    let records = SiteRecords::new(&SiteConfig::load(&folder.path("site.toml")).unwrap());
    (folder, records)
}

fn client(devices: Devices) -> RecordsClient {
    let mut rights = Rights::default();
    rights.permit(ServiceGroup::Review, &devices);
    RecordsClient { login: "lin".into(), rights: Arc::new(rights), address: "127.0.0.1".into() }
}

fn ask(records: &SiteRecords, client: &RecordsClient, request: Value) -> Result<Value, (F, String)> {
    let request: RecordsRequest = serde_json::from_value(request).unwrap();
    let reply = records.answer(client, &request).map_err(|refusal| (refusal.failure, refusal.why))?;
    Ok(serde_json::to_value(reply).unwrap())
}

#[test]
fn a_recording_is_heard_after_its_audit_record_and_by_those_who_may() {
    let (folder, records) = site("records-heard");
    let all = client(Devices::All);
    let list = ask(&records, &all, json!({ "request": "listRecordings" })).unwrap();
    let rows = list["recordings"].as_array().unwrap();
    assert!(rows.len() >= 8 && list["more"] == false, "{list}");
    assert!(rows.is_sorted_by(|one, other| one["beganMs"].as_i64() >= other["beganMs"].as_i64()));
    let few = ask(&records, &all, json!({ "request": "listRecordings", "limit": 2 })).unwrap();
    assert_eq!((&few["recordings"], &few["more"]), (&rows[..2].into(), &true.into()));
    let agent = &rows[0]["agent"];
    let of_agent = ask(&records, &all, json!({ "request": "listRecordings", "agent": agent })).unwrap();
    assert!(of_agent["recordings"].as_array().unwrap().iter().all(|row| row["agent"] == *agent));

    let number = rows[0]["recording"].as_str().unwrap();
    let read = |client: &RecordsClient, from: u32, count: u32| {
        ask(&records, client, json!({ "request": "readSound", "recording": number, "from": from, "count": count }))
    };
    let open = |client: &RecordsClient, reason: &str| {
        ask(&records, client, json!({ "request": "openRecording", "recording": number, "reason": reason }))
    };
    assert_eq!(read(&all, 0, 8000).unwrap_err().0, F::InvalidObjectState, "not open yet");
    assert_eq!(open(&all, "  ").unwrap_err().0, F::ValueOutOfRange);
    let audit = || {
        let database = folder.path("tipring.db").display().to_string();
        String::from_utf8(run(["recording", "audit", "--db", &database]).stdout).unwrap()
    };
    assert!(!audit().contains("lin"), "{}", audit());
    let opened = open(&all, "complaint 17").unwrap();
    for part in ["lin", "complaint 17", "console"] {
        assert!(audit().contains(part), "{part}: {}", audit());
    }
    let samples = opened["samples"].as_u64().unwrap() as u32;
    assert_eq!((samples as f64 / 8000.0), rows[0]["seconds"].as_f64().unwrap());
    let peaks = |side: &str| opened[side].as_array().unwrap().iter().filter(|peak| **peak != json!(0)).count();
    assert!(peaks("left") > 50 && peaks("right") > 50, "both sides have sound: {opened}");
    let sound = read(&all, samples - 100, 8000).unwrap();
    let base64 = |side: &str| sound[side].as_str().unwrap().len();
    assert_eq!((base64("left"), base64("right")), (136, 136), "100 octets, the end of the recording");
    for count in [0, 16_001] {
        assert_eq!(read(&all, 0, count).unwrap_err().0, F::ValueOutOfRange);
    }

    // Encrypted, it is refused without its key, and heard as before once the site names it.
    let store = SqliteStore::open_to_read(&folder.path("tipring.db")).unwrap();
    let row = store.recordings().unwrap().into_iter().find(|row| row.id.to_string() == number).unwrap();
    let file = folder.path("recordings").join(row.file);
    let key = Key::draw(String::new()).unwrap();
    keys::make(&folder.path("recordings.keys"), &key).unwrap();
    let mut sink = EncryptedSink::create(folder.path("sealed.wav"), &key).unwrap();
    let recorded = Recorded::open(&file, &KeyRing::default(), Damage::Refused).unwrap();
    recorded.each(|left, right| sink.write(&[left], &[right]).map_err(std::io::Error::other)).unwrap();
    sink.finish().unwrap();
    std::fs::rename(folder.path("sealed.wav"), &file).unwrap();
    let why = open(&all, "complaint 18").unwrap_err().1;
    assert!(why.contains(&format!("encrypted by the key {}", key.id())), "{why}");
    assert!(!audit().contains("complaint 18"), "{}", audit());
    let config = std::fs::read_to_string(folder.path("site.toml")).unwrap();
    folder.write_site(&config.replacen("# keys = \"", "keys = \"", 1));
    records.set_site(&SiteConfig::load(&folder.path("site.toml")).unwrap());
    assert_eq!(open(&all, "complaint 18").unwrap(), opened);
    assert_eq!(read(&all, samples - 100, 8000).unwrap(), sound);

    let stranger = client(Devices::Only([DeviceId::new("9999").unwrap()].into()));
    assert_eq!(ask(&records, &stranger, json!({ "request": "listRecordings" })).unwrap()["recordings"], json!([]));
    assert_eq!(open(&stranger, "curious").unwrap_err().0, F::PrivilegeViolationOnSpecifiedDevice);
    assert_eq!(read(&RecordsClient { login: "wu".into(), ..all.clone() }, 0, 9).unwrap_err().0, F::InvalidObjectState);
    let none = RecordsClient { rights: Arc::default(), ..all };
    assert_eq!(open(&none, "curious").unwrap_err().0, F::SecurityViolation);
}

#[test]
fn a_score_given_in_the_console_is_the_one_that_the_command_shows_and_can_be_appealed() {
    let (folder, records) = site("records-scored");
    let all = client(Devices::All);
    let forms = ask(&records, &all, json!({ "request": "listForms" })).unwrap();
    let form = &forms["forms"][0];
    let questions =
        form["sections"].as_array().unwrap().iter().flat_map(|section| section["questions"].as_array().unwrap());
    let answers: serde_json::Map<String, Value> = questions
        .filter(|question| question["usual"].is_null())
        .map(|question| (question["id"].as_str().unwrap().to_owned(), question["answers"][0].clone()))
        .collect();
    let list = json!({ "request": "listRecordings", "unscored": true });
    let before = ask(&records, &all, list.clone()).unwrap()["recordings"].as_array().unwrap().len();
    let recording = ask(&records, &all, list.clone()).unwrap()["recordings"][0]["recording"].clone();
    let score = |form: &Value, answers: &Value, calibration: bool| {
        let request = json!({ "request": "scoreRecording", "recording": recording, "form": form, "answers": answers,
            "remark": "clear", "calibration": calibration });
        ask(&records, &all, request)
    };
    let scored = score(&form["title"], &answers.clone().into(), false).unwrap();
    assert_eq!((&scored["points"], &scored["possible"]), (&form["possible"], &form["possible"]));
    assert!(score(&form["title"], &json!({}), false).unwrap_err().1.contains("has no answer"));
    assert_eq!(score(&json!("other 1"), &answers.clone().into(), false).unwrap_err().0, F::ObjectNotKnown);
    score(&form["title"], &answers.into(), true).unwrap();
    let after = ask(&records, &all, list).unwrap()["recordings"].as_array().unwrap().len();
    assert_eq!(after + 1, before, "a recording that has a score of inspection is not unscored");

    let step = |state: &str, reason: &str| {
        ask(
            &records,
            &all,
            json!({ "request": "stepScore", "score": scored["score"], "state": state, "reason": reason }),
        )
    };
    assert_eq!(step("appealed", "").unwrap_err().0, F::ValueOutOfRange);
    assert!(step("confirmed", "no").unwrap_err().1.contains("only one that is appealed"));
    assert_eq!(step("appealed", "a quotation").unwrap()["reply"], "done");
    let scores = ask(&records, &all, json!({ "request": "listScores", "recording": recording })).unwrap();
    assert_eq!(scores["scores"].as_array().unwrap().len(), 2);
    assert_eq!(scores["scores"][0]["steps"][0]["reason"], "a quotation");
    let database = folder.path("tipring.db").display().to_string();
    let shown = String::from_utf8(run(["quality", "list", "--db", &database, "--json"]).stdout).unwrap();
    let shown: Value = serde_json::from_str(shown.lines().next().unwrap()).unwrap();
    assert_eq!((&shown["inspector"], &shown["state"]), (&json!("lin"), &json!("appealed")));
}

#[test]
fn callers_are_put_on_the_list_of_a_queue_once_and_by_those_who_may() {
    let (folder, records) = site("records-called-back");
    let all = client(Devices::All);
    let ask_for = |client: &RecordsClient, number: &str, queue: &str| {
        ask(&records, client, json!({ "request": "requestCallBack", "number": number, "queue": queue }))
    };
    assert_eq!(ask_for(&all, "13800138000", "9999").unwrap_err().0, F::ObjectNotKnown);
    assert_eq!(ask_for(&all, "number", "5000").unwrap_err().0, F::ValueOutOfRange);
    let other = client(Devices::Only([DeviceId::new("5001").unwrap()].into()));
    assert_eq!(ask_for(&other, "13800138000", "5000").unwrap_err().0, F::PrivilegeViolationOnSpecifiedDevice);
    assert_eq!(ask_for(&all, "13800138000", "5000").unwrap()["reply"], "done");
    let store = SqliteStore::open_to_read(&folder.path("tipring.db")).unwrap();
    assert_eq!(store.call_back_orders().unwrap(), 1, "the running site takes it within a second or two");
    let day = ask(&records, &all, json!({ "request": "reportDay", "interval": 20 })).unwrap_err();
    assert_eq!(day.0, F::ValueOutOfRange);
    let day = ask(&records, &all, json!({ "request": "reportDay", "interval": 15 })).unwrap();
    assert!(day["todayMs"].as_i64() > day["yesterdayMs"].as_i64());
    assert!(ask(&records, &all, json!({ "request": "listMessages" })).unwrap()["messages"].is_array());
    assert!(ask(&records, &all, json!({ "request": "listAbandoned" })).unwrap()["callers"].is_array());
}

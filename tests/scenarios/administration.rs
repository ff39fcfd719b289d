//! Administration over the JSON socket's requests: the right to it, what is read, what is asked of the site; and the
//! configuration file under a change that is refused, taken over, or not taken over.
//!
//! Never: starts a browser; `console` does.

use std::path::Path;
use std::sync::Arc;

use crossbeam::channel::bounded;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tipring_core::csta::DeviceId;
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_tests::{Folder, site_config};
use tipring_tools::config::SiteConfig;
use tipring_tools::run::control::ControlRequest;
use tipring_tools::run::edit::{SiteChange, change_site};
use tipring_tools::run::observe::Observer;
use tipring_tools::run::records::{Administration, SiteRecords};
use tipring_web::records::{AgentSetting, ReasonSetting, Records, RecordsClient, RecordsRequest};

fn client(group: ServiceGroup, devices: &Devices) -> RecordsClient {
    let mut rights = Rights::default();
    rights.permit(group, devices);
    RecordsClient { login: "zhao".into(), rights: Arc::new(rights), address: "127.0.0.1".into() }
}

fn ask(records: &SiteRecords, client: &RecordsClient, request: Value) -> Result<Value, (F, String)> {
    let request: RecordsRequest = serde_json::from_value(request).unwrap();
    let reply = records.answer(client, &request).map_err(|refusal| (refusal.failure, refusal.why))?;
    Ok(serde_json::to_value(reply).unwrap())
}

fn site(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write_site(&format!("{}\n[[event_mode]]\nname = \"storm\"\n", site_config()));
    folder
}

fn setting(queues: &[&str], skills: &[(&str, u8)]) -> AgentSetting {
    AgentSetting {
        agent: "7001".into(),
        name: "Zhao".into(),
        queues: queues.iter().map(|&queue| queue.into()).collect(),
        skills: skills.iter().map(|&(name, level)| (name.into(), level)).collect(),
    }
}

#[test]
fn settings_are_for_those_who_may_administer_the_whole_site_and_a_change_goes_to_the_site_with_its_user() {
    let folder = site("administration-rights");
    let path = folder.path("site.toml");
    let records = SiteRecords::new(&SiteConfig::load(&path).unwrap());
    let (everything, some) = (Devices::All, Devices::Only([DeviceId::new("5000").unwrap()].into()));
    let zhao = client(ServiceGroup::Administer, &everything);
    let read = json!({ "request": "readSettings" });
    for refused in [client(ServiceGroup::Review, &everything), client(ServiceGroup::Administer, &some)] {
        assert_eq!(ask(&records, &refused, read.clone()).unwrap_err().0, F::SecurityViolation);
    }
    assert_eq!(ask(&records, &zhao, read.clone()).unwrap_err().0, F::ResourceOutOfService, "run without a file");

    let (asked, requests) = bounded(1);
    records.set_administration(Administration { path, asked });
    let settings = ask(&records, &zhao, read).unwrap();
    assert_eq!((&settings["modes"], &settings["mode"]), (&json!(["normal", "storm"]), &json!("normal")));
    assert_eq!(settings["agents"][0]["agent"], "7001");
    assert_eq!(settings["agents"][0]["queues"], json!(["5000"]));
    assert!(settings["queues"].as_array().unwrap().iter().any(|queue| queue["queue"] == "5000"));

    let answers = std::thread::spawn(move || {
        for (answer, asked) in [Ok("changed".to_owned()), Err("no such mode".to_owned())].into_iter().zip(&requests) {
            assert_eq!(asked.user, "zhao at 127.0.0.1");
            assert!(matches!(asked.request, ControlRequest::Change(SiteChange::Agent(_)) | ControlRequest::Mode(_)));
            asked.answer.send(answer).unwrap();
        }
    });
    let change = json!({ "request": "setAgent", "setting": setting(&["5000"], &[]) });
    assert_eq!(ask(&records, &zhao, change).unwrap()["reply"], "done");
    let mode = json!({ "request": "setEventMode", "mode": "snow" });
    assert_eq!(ask(&records, &zhao, mode).unwrap_err(), (F::ValueOutOfRange, "no such mode".to_owned()));
    answers.join().unwrap();

    // Of a new agent the PIN is checked first: nothing is asked of the site for one that cannot be.
    let add = |pin: &str| json!({ "request": "addAgent", "setting": setting(&["5000"], &[]), "pin": pin });
    assert_eq!(ask(&records, &zhao, add("")).unwrap_err().0, F::ValueOutOfRange);
    assert_eq!(ask(&records, &zhao, add("密码")).unwrap_err().0, F::ValueOutOfRange);
}

#[test]
fn flows_and_lines_are_read_as_they_are() {
    let folder = site("administration-plant");
    let path = folder.path("site.toml");
    let records = SiteRecords::new(&SiteConfig::load(&path).unwrap());
    let zhao = client(ServiceGroup::Administer, &Devices::All);
    let (asked, _requests) = bounded(1);
    records.set_administration(Administration { path: path.clone(), asked });
    let flows = ask(&records, &zhao, json!({ "request": "readFlows" })).unwrap();
    assert_eq!(flows["flows"][0]["flow"], "menu");
    let nodes = flows["flows"][0]["nodes"].as_array().unwrap();
    assert!(nodes.iter().any(|node| node["kind"] == "queue" && node["about"] == "5000"), "{nodes:?}");
    let lines = json!({ "request": "listLines" });
    assert_eq!(ask(&records, &zhao, lines.clone()).unwrap_err().0, F::ResourceOutOfService, "without an observer");
    let mut observer = Observer::new(&SiteConfig::load(&path).unwrap());
    observer.set_blocked(DeviceId::new("T2").unwrap(), true);
    records.set_observer(Arc::new(Mutex::new(observer)));
    let lines = ask(&records, &zhao, lines).unwrap()["lines"].clone();
    let of = |device: &str| lines.as_array().unwrap().iter().find(|line| line["device"] == device).unwrap().clone();
    assert_eq!(
        (&of("T2")["blocked"], &of("T1")["blocked"], &of("T1")["number"]),
        (&json!(true), &json!(false), &json!("95598"))
    );
    assert_eq!((&of("1001")["kind"], &of("1001")["port"]), (&json!("station"), &json!(2)));
}

#[test]
fn a_configuration_is_changed_only_if_it_is_sound_and_in_force() {
    let folder = site("administration-file");
    let path = folder.path("site.toml");
    let text = || std::fs::read_to_string(&path).unwrap();
    let before = text();
    let is_clean = || !folder.path("site.draft").exists();
    let never = |_: &Path| -> Option<()> { panic!("a faulty file is not taken over") };

    let change = |setting: AgentSetting| SiteChange::Agent(setting);
    let refusal = change_site(&path, &change(setting(&["5999"], &[])), never).unwrap_err();
    assert!(refusal.contains("site.toml:") && refusal.contains("5999"), "{refusal}");
    let refusal = change_site(&path, &change(setting(&["5000"], &[("billing", 0)])), never).unwrap_err();
    assert!(refusal.contains("site.toml:") && refusal.contains("level 0"), "{refusal}");
    let unknown = AgentSetting { agent: "7999".into(), ..setting(&["5000"], &[]) };
    assert_eq!(change_site(&path, &change(unknown), never).unwrap_err(), "there is no agent 7999");
    assert!(text() == before && is_clean());

    let refusal = change_site(&path, &change(setting(&["5000"], &[("billing", 3)])), |_| None::<()>).unwrap_err();
    assert!(refusal.contains("does not take"), "{refusal}");
    assert!(text() == before && is_clean(), "not in force, the file is as it was");

    let taken = change_site(&path, &change(setting(&["5000"], &[("billing", 3)])), |path| SiteConfig::load(path).ok());
    let (site, sentence) = taken.unwrap();
    assert_eq!((site.agents[0].name.as_str(), site.agents[0].skills["billing"]), ("Zhao", 3));
    assert!(sentence.contains("7001") && is_clean(), "{sentence}");
    assert_ne!(text(), before);
    let second = change_site(
        &path,
        &SiteChange::NewAgent(AgentSetting { agent: "7003".into(), ..setting(&["5000"], &[]) }),
        |path| SiteConfig::load(path).ok(),
    );
    assert_eq!(second.unwrap().0.agents.len(), 3);
    let long = ReasonSetting { code: 1, name: "x".repeat(200), limit_s: None };
    let refusal = change_site(&path, &SiteChange::Reasons(vec![long]), never).unwrap_err();
    assert!(refusal.contains("site.toml:") && refusal.contains("reason 1"), "{refusal}");
}

//! Administration over the JSON socket's requests: the right to it, what is read, what is asked of the site; and the
//! configuration file under a change that is refused, taken over, or not taken over.
//!
//! Never: a browser; `console` has that.

use std::path::Path;
use std::sync::Arc;

use crossbeam::channel::bounded;
use serde_json::{Value, json};
use tipring_core::csta::cause::UniversalFailure as F;
use tipring_core::csta::rights::{Devices, Rights, ServiceGroup};
use tipring_tests::{Folder, site_config};
use tipring_tools::config::SiteConfig;
use tipring_tools::run::control::ControlRequest;
use tipring_tools::run::edit::set_agent;
use tipring_tools::run::records::{Administration, SiteRecords};
use tipring_web::records::{AgentSetting, Records, RecordsClient, RecordsRequest};

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
    let (everything, some) = (Devices::All, Devices::Only([tipring_core::csta::DeviceId::new("5000").unwrap()].into()));
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
            assert!(matches!(asked.request, ControlRequest::Agent(_) | ControlRequest::Mode(_)));
            asked.answer.send(answer).unwrap();
        }
    });
    let change = json!({ "request": "setAgent", "setting": setting(&["5000"], &[]) });
    assert_eq!(ask(&records, &zhao, change).unwrap()["reply"], "done");
    let mode = json!({ "request": "setEventMode", "mode": "snow" });
    assert_eq!(ask(&records, &zhao, mode).unwrap_err(), (F::ValueOutOfRange, "no such mode".to_owned()));
    answers.join().unwrap();
}

#[test]
fn a_configuration_is_changed_only_if_it_is_sound_and_in_force() {
    let folder = site("administration-file");
    let path = folder.path("site.toml");
    let text = || std::fs::read_to_string(&path).unwrap();
    let before = text();
    let is_clean = || !folder.path("site.draft").exists();
    let never = |_: &Path| -> Option<()> { panic!("a faulty file is not taken over") };

    let refusal = set_agent(&path, &setting(&["5999"], &[]), never).unwrap_err();
    assert!(refusal.contains("site.toml:") && refusal.contains("5999"), "{refusal}");
    let refusal = set_agent(&path, &setting(&["5000"], &[("billing", 0)]), never).unwrap_err();
    assert!(refusal.contains("site.toml:") && refusal.contains("level 0"), "{refusal}");
    let unknown = AgentSetting { agent: "7999".into(), ..setting(&["5000"], &[]) };
    assert_eq!(set_agent(&path, &unknown, never).unwrap_err(), "there is no agent 7999");
    assert!(text() == before && is_clean());

    let refusal = set_agent(&path, &setting(&["5000"], &[("billing", 3)]), |_| None::<()>).unwrap_err();
    assert!(refusal.contains("does not take"), "{refusal}");
    assert!(text() == before && is_clean(), "not in force, the file is as it was");

    let taken = set_agent(&path, &setting(&["5000"], &[("billing", 3)]), |path| SiteConfig::load(path).ok());
    let (site, sentence) = taken.unwrap();
    assert_eq!((site.agents[0].name.as_str(), site.agents[0].skills["billing"]), ("Zhao", 3));
    assert!(sentence.contains("7001") && is_clean(), "{sentence}");
    assert_ne!(text(), before);
}

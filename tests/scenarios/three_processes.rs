//! The card, the call centre and a screen-pop client as three processes: over the real sockets, by the wall clock.

use std::time::{Duration, Instant};

use serde_json::Value;
use tipring_tests::{Folder, Listen, Process, site_config};

const SOON: Duration = Duration::from_secs(20);
/// A whole call: caller identity, greeting, a key, an agent, a talk.
const A_CALL: Duration = Duration::from_secs(90);

#[test]
fn a_call_through_three_processes_pops_and_is_recorded() {
    let folder = Folder::new("three");
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(
        folder.path("day.toml"),
        "[callers]\ncount = 1\ntalk_ms = [6000, 7000]\n[agents]\nlong_linger_ms = [300, 500]\n",
    )
    .unwrap();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", "5", "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
    folder.write_site(&site_config().replace("\"headset\"", "\"handset\""));
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap().to_owned();

    let mut pops: Vec<Process> = [("desk1", "1001", "change-me-too-1"), ("desk2", "1002", "change-me-too-2")]
        .map(|(user, device, password)| {
            Process::start(
                ["pop", "--server", &address, "--user", user, "--device", device, "--json"],
                Listen::Out,
                &[("TIPRING_PASSWORD", password)],
            )
        })
        .into();
    let _agents = [("7001", "1001", "desk1", 1), ("7002", "1002", "desk2", 2)].map(|(agent, device, user, number)| {
        let mut client = tipring_tsapi::client::Client::open(&tipring_tsapi::client::ClientOptions::new(
            &address,
            user,
            &format!("change-me-too-{number}"),
        ))
        .unwrap();
        log_in(&mut client, agent, device, &format!("change-me-{number}"));
        client
    });

    let started: Value =
        serde_json::from_str(&card.wait_for("a call", SOON, |line| line.contains("call_started"))).unwrap();
    let number = started["number"].as_str().unwrap().to_owned();
    card.wait_for("the end of the call", A_CALL, |line| line.contains("call_ended"));
    card.wait_for("the end", SOON, |line| line.contains("\"over\""));
    let events = events_of(&mut pops);
    let delivered: Vec<&Value> = events.iter().filter(|event| event["event"] == "delivered").collect();
    assert!(!delivered.is_empty(), "no screen showed the call: {events:#?}");
    for event in delivered {
        assert_eq!(event["callingDevice"]["deviceID"], number.as_str(), "{event:#}");
    }
    assert!(server.terminate().success());

    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let (caller, outcome, file, samples): (String, String, String, u32) = database
        .query_row(
            "SELECT call.caller, call.outcome, recording.file, recording.samples FROM call \
             JOIN recording ON recording.id = call.recording",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )
        .unwrap();
    assert_eq!((caller, outcome.as_str()), (number, "answered"));
    let recording = hound::WavReader::open(folder.path("recordings").join(file)).unwrap();
    assert_eq!(recording.duration(), samples);
    assert!(samples > 8000 * 5, "{samples} samples");
}

/// The events on all screens, once one of them has seen a connection cleared.
fn events_of(pops: &mut [Process]) -> Vec<Value> {
    let deadline = Instant::now() + SOON;
    loop {
        let lines = pops.iter_mut().flat_map(|pop| pop.seen().to_vec());
        let parse = |line: String| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"));
        let events: Vec<Value> = lines.map(parse).collect();
        if events.iter().any(|event| event["event"] == "connectionCleared") {
            return events;
        }
        assert!(Instant::now() < deadline, "no screen saw the call cleared within {SOON:?}: {events:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn log_in(client: &mut tipring_tsapi::client::Client, agent: &str, device: &str, password: &str) {
    use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, Request};
    for mode in [AgentMode::LogIn, AgentMode::Ready] {
        client
            .call(&Request::SetAgentState {
                device: DeviceId::new(device).unwrap(),
                mode,
                agent_id: AgentId::new(agent).unwrap(),
                agent_group: DeviceId::EMPTY,
                password: AgentPassword::new(password).unwrap(),
            })
            .unwrap();
    }
}

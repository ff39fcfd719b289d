//! A call centre on three cards, each a process of its own: trunks on the first, stations on the second. The third is
//! absent when the site starts, appears, is killed and appears again, while a call goes on between the other two.

use std::time::Duration;

use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, MonitorFilter, Request};
use tipring_tests::{Folder, Listen, Process, site_config, site_users};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::client::Incoming;

const SOON: Duration = Duration::from_secs(30);

fn start_card(folder: &Folder, name: &str, modules: &str) -> Process {
    let path = |name: &str| folder.path(name).display().to_string();
    let (socket, scenario) = (format!("{name}.sock"), format!("{name}.toml"));
    let arguments = ["--modules", modules, "--socket", &path(&socket), "--seed", "3", "--scenario", &path(&scenario)];
    let mut card = Process::start(["sim", "card"].into_iter().chain(arguments), Listen::Out, &[]);
    card.wait_for_file(&folder.path(&socket), SOON);
    card
}

/// Waits for an event that fits; panics when none comes.
fn wait_for(client: &mut Client, what: &str, fits: impl Fn(&Event) -> bool) {
    let mut seen = Vec::new();
    while let Some(incoming) = client.receive(SOON).unwrap() {
        if let Incoming::Report { event, .. } = incoming {
            if fits(&event) {
                return;
            }
            seen.push(event);
        }
    }
    panic!("waited for {what}; saw {seen:?}");
}

/// The printed configuration with lines on the first of three boards and telephones on the second; a third telephone on
/// the third board.
fn site(folder: &Folder) {
    let boards = "[[board]]\ncard = \"socket:lines.sock\"\n[[board]]\ncard = \"socket:desks.sock\"\n\
                  receive_ring_ms = 128\ntransmit_ahead_ms = 48\n[[board]]\ncard = \"socket:spare.sock\"\n";
    let spare = "[[station]]\nport = 8\nextension = \"1003\"\nkind = \"handset\"\n\n[[station]]\nport = 4";
    let config = site_config()
        .replace("\"headset\"", "\"handset\"")
        .replace("[[board]]\ncard = \"socket:card.sock\"\n", boards)
        .replace("[[station]]\nport = 2", spare)
        .replace("port = 3", "port = 5");
    folder.write_site(&config);
    let mut users = site_users();
    users.users[0].grants.push("observer:1003".parse().unwrap());
    users.save(&folder.path("users.toml")).unwrap();
}

#[test]
fn a_call_between_two_cards_goes_on_while_a_third_comes_and_goes() {
    let folder = Folder::new("several");
    std::fs::write(folder.path("lines.toml"), "[callers]\ncount = 1\ntalk_ms = [9000, 10000]\n").unwrap();
    std::fs::write(folder.path("desks.toml"), "[callers]\ncount = 0\n[agents]\nlong_linger_ms = [300, 500]\n").unwrap();
    std::fs::write(folder.path("spare.toml"), "[callers]\ncount = 0\n").unwrap();
    let mut lines = start_card(&folder, "lines", "fxo,fxo,none,none");
    let _desks = start_card(&folder, "desks", "fxs,fxs,none,none");
    site(&folder);
    let config = folder.path("site.toml").display().to_string();
    let mut server = Process::start(["serve", "--config", &config], Listen::Err, &[]);
    server.wait_for("what is missing", SOON, |line| line.contains("spare.sock") && line.contains("out of service"));
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap();

    let mut client = Client::open(&ClientOptions::new(address, "desk1", "change-me-too-1")).unwrap();
    let (station, spare_station) = (DeviceId::new("1001").unwrap(), DeviceId::new("1003").unwrap());
    for device in [station, spare_station] {
        client.call(&Request::MonitorDevice { device, filter: MonitorFilter::default() }).unwrap();
    }
    let mut spare = start_card(&folder, "spare", "fxs,none,none,none");
    wait_for(&mut client, "the third card to come", |event| matches!(event, Event::BackInService { .. }));
    for mode in [AgentMode::LogIn, AgentMode::Ready] {
        client
            .call(&Request::SetAgentState {
                device: station,
                mode,
                agent_id: AgentId::new("7001").unwrap(),
                agent_group: DeviceId::EMPTY,
                password: AgentPassword::new("change-me-1").unwrap(),
            })
            .unwrap();
    }
    wait_for(&mut client, "the call", |event| matches!(event, Event::Established { .. }));

    spare.kill();
    std::fs::remove_file(folder.path("spare.sock")).unwrap();
    wait_for(&mut client, "the third card to go", |event| matches!(event, Event::OutOfService { .. }));
    let _spare = start_card(&folder, "spare", "fxs,none,none,none");
    wait_for(&mut client, "the third card to come back", |event| matches!(event, Event::BackInService { .. }));
    lines.wait_for("the end of the call", SOON, |line| line.contains("call_ended"));
    assert!(server.terminate().success());

    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let (outcome, file, samples): (String, String, u32) = database
        .query_row(
            "SELECT call.outcome, recording.file, recording.samples FROM call JOIN recording ON recording.id = call.recording",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    assert_eq!(outcome, "answered");
    let recording = hound::WavReader::open(folder.path("recordings").join(file)).unwrap();
    assert_eq!(recording.duration(), samples);
    assert!(samples > 8000 * 8, "the call was not cut short: {samples} samples");
}

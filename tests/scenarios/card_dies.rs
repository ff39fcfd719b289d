//! Death of the card's process while the call centre runs: time goes on, clients see the lines out of service, and with
//! the card back the next call goes through.

use std::time::Duration;

use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, MonitorFilter, Request};
use tipring_tests::{Folder, Listen, Process, site_config};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::client::Incoming;

const SOON: Duration = Duration::from_secs(30);

fn start_card(folder: &Folder) -> Process {
    let path = |name: &str| folder.path(name).display().to_string();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", "3", "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
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

#[test]
fn the_call_centre_outlives_its_card_and_takes_it_back() {
    let folder = Folder::new("dies");
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(
        folder.path("day.toml"),
        "[callers]\ncount = 1\ntalk_ms = [6000, 7000]\n[agents]\nlong_linger_ms = [300, 500]\n",
    )
    .unwrap();
    let mut card = start_card(&folder);
    folder.write_site(&site_config().replace("\"headset\"", "\"handset\""));
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap();
    let station = DeviceId::new("1001").unwrap();
    let mut client = Client::open(&ClientOptions::new(address, "desk1", "change-me-too-1")).unwrap();
    client.call(&Request::MonitorDevice { device: station, filter: MonitorFilter::default() }).unwrap();
    card.wait_for("the world", SOON, |line| line.contains("began"));

    std::thread::sleep(Duration::from_secs(4));
    card.kill();
    std::fs::remove_file(folder.path("card.sock")).unwrap();
    wait_for(&mut client, "the station to go", |event| matches!(event, Event::OutOfService { .. }));

    let mut card = start_card(&folder);
    wait_for(&mut client, "the station to come back", |event| matches!(event, Event::BackInService { .. }));
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
    wait_for(&mut client, "the next call", |event| matches!(event, Event::Delivered { .. }));
    wait_for(&mut client, "its answer", |event| matches!(event, Event::Established { .. }));
    card.wait_for("the end", Duration::from_secs(90), |line| line.contains("\"over\""));
    assert!(server.terminate().success());
}

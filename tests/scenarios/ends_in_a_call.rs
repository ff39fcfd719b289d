//! End of the call centre during a conversation, by a signal or killed: the record and the recording are there
//! afterwards.

use std::path::Path;
use std::time::Duration;

use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, MonitorFilter, Request};
use tipring_tests::{Folder, Listen, Process, site_config};
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::client::Incoming;

const SOON: Duration = Duration::from_secs(30);
/// Length of the conversation before the end.
const TALK: Duration = Duration::from_secs(3);

/// A card with a caller who talks for long, a call centre, and an agent who has just answered.
pub(crate) struct Talking {
    pub(crate) folder: Folder,
    pub(crate) _card: Process,
    pub(crate) server: Process,
    pub(crate) _client: Client,
}

pub(crate) fn serve(folder: &Folder) -> Process {
    Process::start(["serve", "--config", &folder.path("site.toml").display().to_string()], Listen::Err, &[])
}

/// Starts a card whose one caller talks for two minutes, and writes a site for it.
pub(crate) fn card_of_one_caller(folder: &Folder, config: &str) -> Process {
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(folder.path("day.toml"), "[callers]\ncount = 1\ntalk_ms = [120000, 120000]\n").unwrap();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", "3", "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
    folder.write_site(&config.replace("\"headset\"", "\"handset\""));
    card
}

/// Logs an agent in and waits until the caller has been answered.
pub(crate) fn answered(server: &mut Process) -> Client {
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap();
    let station = DeviceId::new("1001").unwrap();
    let mut client = Client::open(&ClientOptions::new(address, "desk1", "change-me-too-1")).unwrap();
    client.call(&Request::MonitorDevice { device: station, filter: MonitorFilter::default() }).unwrap();
    for mode in [AgentMode::LogIn, AgentMode::Ready] {
        let request = Request::SetAgentState {
            device: station,
            mode,
            agent_id: AgentId::new("7001").unwrap(),
            agent_group: DeviceId::EMPTY,
            password: AgentPassword::new("change-me-1").unwrap(),
        };
        client.call(&request).unwrap();
    }
    loop {
        match client.receive(SOON).unwrap() {
            Some(Incoming::Report { event: Event::Established { .. }, .. }) => return client,
            Some(_) => {}
            None => panic!("the call was not answered; the server said {:?}", server.seen()),
        }
    }
}

pub(crate) fn talking(name: &str) -> Talking {
    let folder = Folder::new(name);
    let card = card_of_one_caller(&folder, &site_config());
    let mut server = serve(&folder);
    let client = answered(&mut server);
    std::thread::sleep(TALK);
    Talking { folder, _card: card, server, _client: client }
}

/// The only recording's file, samples, and whether it is whole; checked against the file itself.
fn recording(folder: &Folder) -> (i64, bool) {
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let (file, samples, whole): (String, i64, bool) = database
        .query_row("SELECT file, samples, whole FROM recording", [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap();
    let file = hound::WavReader::open(folder.path("recordings").join(&file)).unwrap();
    assert_eq!(i64::from(file.duration()), samples);
    assert!(parts(&folder.path("recordings")).is_empty(), "nothing is left unfinished");
    (samples, whole)
}

fn parts(folder: &Path) -> Vec<String> {
    let days = std::fs::read_dir(folder).unwrap().flatten();
    let files = days.flat_map(|day| std::fs::read_dir(day.path()).unwrap().flatten());
    files.map(|file| file.file_name().into_string().unwrap()).filter(|name| name.ends_with(".part")).collect()
}

#[test]
fn a_call_that_stands_when_the_program_is_told_to_stop_has_its_record_and_its_whole_recording() {
    let Talking { folder, _card, mut server, _client } = talking("stop");
    assert!(server.terminate().success());
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let (outcome, by, talk_ms): (String, String, i64) = database
        .query_row("SELECT outcome, released_by, talk_ms FROM call", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!((outcome.as_str(), by.as_str()), ("answered", "system"));
    assert!(talk_ms >= TALK.as_millis() as i64, "{talk_ms} ms");
    let (samples, whole) = recording(&folder);
    assert!(whole && samples >= 8 * (TALK.as_millis() as i64 - 500), "{samples} samples, whole: {whole}");
}

#[test]
fn a_call_and_its_recording_cut_off_by_a_kill_are_known_when_the_program_is_back() {
    let Talking { folder, _card, mut server, _client } = talking("kill");
    server.kill();
    assert_eq!(parts(&folder.path("recordings")).len(), 1);
    let mut server = serve(&folder);
    server.wait_for("the recovery", SOON, |line| line.contains("was cut off"));
    server.wait_for("the call", SOON, |line| line.contains("its record says interrupted"));
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(server.terminate().success());
    let (samples, whole) = recording(&folder);
    assert!(!whole && samples >= 8000, "{samples} samples, whole: {whole}");
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let rows: Vec<(String, String, Option<String>, bool)> = database
        .prepare("SELECT outcome, released_by, agent, established_ms IS NOT NULL FROM call ORDER BY call_id")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(rows[0], ("interrupted".into(), "system".into(), Some("7001".into()), true), "{rows:?}");
    let open: i64 = database.query_row("SELECT COUNT(*) FROM open_call", [], |row| row.get(0)).unwrap();
    assert_eq!(open, 0, "a call that is over has an open row");
}

//! Calls that a middleware has left in the engine, and that the next one cannot take up as they are: come-backs that
//! fail, records that were set aside, settings that have changed, a log of another format.
//!
//! Never: takes a way into the program that a site does not have; the log is changed as it lies.

use std::path::PathBuf;

use serde_json::Value;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, CallId, ConnectionId, DeviceId, Request};
use tipring_tests::{Folder, Process};
use tipring_tsapi::client::{Client, ClientOptions};

use crate::ends_in_a_call::{answered, card_of_one_caller, serve};
use crate::engine_apart::{SOON, client_of, config, desk, has_gone, in_service, interrupt, outcomes, start_engine};

/// Exit status of a part of the program that has failed, and of records that the database did not take.
const FAILED: i32 = 70;
const NOT_KEPT: i32 = 74;

/// Changes the log of inputs that a middleware has left: its first line, and its second, the checkpoint.
fn change_log(folder: &Folder, change: impl FnOnce(&mut Value, &mut Value)) {
    let path = folder.path("tipring.inputs");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let [mut head, mut beginning] = [0, 1].map(|line: usize| serde_json::from_str(&lines[line]).unwrap());
    change(&mut head, &mut beginning);
    (lines[0], lines[1]) = (head.to_string(), beginning.to_string());
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
}

/// A state that no core can have: whoever touches a queue next fails.
fn poison(_: &mut Value, beginning: &mut Value) {
    let queues = beginning["core"]["floor"]["queues"].as_array_mut().expect("the queues");
    assert!(!queues.is_empty());
    queues.clear();
}

/// The call of the station 1001 and its parties.
fn standing(client: &mut Client) -> (CallId, Vec<DeviceId>) {
    let (call, parties, _) = desk(client);
    (call, parties)
}

/// The logs that were moved aside.
fn aside(folder: &Folder) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder.path(".")).unwrap().flatten().map(|file| file.path());
    files.filter(|file| file.to_string_lossy().contains("tipring.inputs-2")).collect()
}

fn status(folder: &Folder) -> Value {
    let status = tipring_tests::run(["status", "--json", "--config", &folder.path("site.toml").display().to_string()]);
    serde_json::from_slice(&status.stdout).unwrap()
}

fn serves(server: &mut Process) {
    server.wait_for("the address", SOON, |line| line.contains("serving "));
}

#[test]
fn calls_at_which_the_program_fails_again_and_again_are_given_up_and_the_site_serves() {
    let folder = Folder::new("left-poison");
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let client = answered(&mut server);
    assert!(server.terminate().success());
    drop(client);
    change_log(&folder, poison);
    // Twice it is tried: the core fails once it is back.
    for _ in 0..2 {
        let mut server = serve(&folder);
        server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
        assert_eq!(server.wait_for_end(SOON).code(), Some(FAILED));
        assert!(server.seen().iter().any(|line| line.contains("The core thread has failed")), "{:?}", server.seen());
        assert!(aside(&folder).is_empty());
    }
    let mut server = serve(&folder);
    let said = server.wait_for("the end of the calls", SOON, |line| line.contains("cannot be taken over"));
    assert!(said.contains("failed at 2 come-backs") && said.contains("report it with that file"), "{said}");
    serves(&mut server);
    assert_eq!(outcomes(&folder, 1)[0].0, "interrupted");
    in_service(&folder);
    let kept = aside(&folder);
    assert!(kept.len() == 1 && said.contains(&kept[0].file_name().unwrap().display().to_string()), "{said}: {kept:?}");
    let status = status(&folder);
    assert_eq!(status["store"]["cut_off"], 1, "{status:#}");

    // The count begins anew; the telephone of 1001 may still be off hook. A fault in the replay itself is the same each
    // time, and is not tried again.
    assert!(server.terminate().success());
    let mut server = serve(&folder);
    server.wait_for("the calls", SOON, |line| line.contains("came back to"));
    // The site's settings are in the log before what a client asks for.
    let mut client = client_of(&mut server);
    client.call(&Request::SystemStatus).unwrap();
    server.kill();
    change_log(&folder, poison);
    let mut server = serve(&folder);
    server.wait_for("the end of the calls", SOON, |line| line.contains("fails as it replays their inputs"));
    serves(&mut server);
    in_service(&folder);
    assert!(server.terminate().success());
    assert!(engine.terminate().success());
}

#[test]
fn records_set_aside_at_an_orderly_stop_are_read_in_once_as_the_next_middleware_comes_back() {
    let folder = Folder::new("left-aside");
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let mut client = answered(&mut server);
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let before = count("SELECT count(*) FROM event");
    let log_in = Request::SetAgentState {
        device: DeviceId::new("1002").unwrap(),
        mode: AgentMode::LogIn,
        agent_id: AgentId::new("7002").unwrap(),
        agent_group: DeviceId::EMPTY,
        password: AgentPassword::new("change-me-2").unwrap(),
    };
    let serving = server.seen().iter().find(|line| line.contains("serving ")).expect("it serves");
    let address = serving.rsplit(' ').next().unwrap();
    let mut other = Client::open(&ClientOptions::new(address, "desk2", "change-me-too-2")).unwrap();
    other.call(&log_in).unwrap();
    let stood = desk(&mut client);
    assert_eq!(server.terminate().code(), Some(NOT_KEPT));
    assert_eq!(count("SELECT count(*) FROM event"), before);
    database.execute_batch("ROLLBACK").unwrap();
    engine.wait_for("the end of the middleware", SOON, has_gone);

    let mut server = serve(&folder);
    server.wait_for("the records", SOON, |line| line.contains("read in from") && line.contains(".unsaved.db"));
    server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
    let mut client = client_of(&mut server);
    assert_eq!(desk(&mut client), stood);
    assert!(count("SELECT count(*) FROM event") > before);
    let own = ConnectionId { call: stood.0, device: DeviceId::new("1001").unwrap(), ..ConnectionId::NONE };
    client.call(&Request::ClearConnection { call: own }).unwrap();
    assert_eq!(outcomes(&folder, 1), [("answered".to_owned(), "7001".to_owned())]);
    assert!(interrupt(&mut server).success());
    assert!(engine.terminate().success());
    assert_eq!(count("SELECT count(*) FROM call"), 1);
    assert_eq!(count("SELECT count(*) FROM open_call"), 0);
    assert_eq!(count("SELECT count(*) - count(DISTINCT agent || state || at_ms) FROM agent_state"), 0);
    assert_eq!(count("SELECT max(seq) - count(*) FROM event"), 0);
    assert_eq!(count("SELECT count(*) - count(DISTINCT device || began_ms) FROM leg"), 0);
}

#[test]
fn changed_settings_hold_at_a_come_back_and_a_log_of_another_format_ends_the_calls_in_order() {
    let folder = Folder::new("left-changed");
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let mut client = answered(&mut server);
    let (call, parties) = standing(&mut client);
    assert!(server.terminate().success());
    let site = folder.path("site.toml");
    let written = std::fs::read_to_string(&site).unwrap();

    // The engine has the lines of before.
    std::fs::write(&site, written.replace("name = \"T2\"", "name = \"T3\"")).unwrap();
    let mut refused = serve(&folder);
    refused.wait_for("the reason", SOON, |line| {
        line.contains("other cards, lines or folders") && line.contains("keep the calls in progress")
    });
    assert_eq!(refused.wait_for_end(SOON).code(), Some(1));

    // The agent who talks has gone, another one and a queue have come.
    let queue = "\n[[queue]]\ndevice = \"5001\"\nname = \"More\"\nalert_s = 20\nafter_call_work_s = 5\n";
    std::fs::write(&site, written.replace("id = \"7001\"", "id = \"7003\"") + queue).unwrap();
    let mut server = serve(&folder);
    server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
    server.wait_for("the agent", SOON, |line| line.contains("The agent 7001 is in the configuration no more"));
    let mut client = client_of(&mut server);
    assert_eq!(standing(&mut client), (call, parties.clone()));
    let status = status(&folder);
    assert!(status["queues"].as_array().unwrap().iter().any(|queue| queue["queue"] == "5001"), "{status:#}");
    assert!(server.terminate().success());

    // And the queue has gone again.
    std::fs::write(&site, &written).unwrap();
    let mut server = serve(&folder);
    server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
    server.wait_for("the queue", SOON, |line| line.contains("The queue 5001 is in the configuration no more"));
    let mut client = client_of(&mut server);
    assert_eq!(standing(&mut client), (call, parties));
    assert!(server.terminate().success());

    change_log(&folder, |head, _| head["format"] = 9999.into());
    let mut server = serve(&folder);
    let said = server.wait_for("the end of the calls", SOON, |line| line.contains("cannot be taken over"));
    assert!(said.contains("format 9999") && said.contains("let the calls end before"), "{said}");
    serves(&mut server);
    assert_eq!(outcomes(&folder, 1), [("interrupted".to_owned(), "7001".to_owned())]);
    assert_eq!(aside(&folder).len(), 1);
    in_service(&folder);
    assert!(server.terminate().success());
    assert!(engine.terminate().success());
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM recording"), 1);
    assert_eq!(count("SELECT max(seq) - count(*) FROM event"), 0);
}

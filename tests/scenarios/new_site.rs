//! A site from nothing: written by `tipring site new`, checked, served on a simulated card, and a call answered there.
//!
//! Never: writes a line of the configuration by hand.

use std::time::Duration;

use tipring_tests::{Folder, Listen, Process, run, site_users};

const SOON: Duration = Duration::from_secs(30);
/// A whole call: caller identity, the menu's beep, an agent, a talk.
const A_CALL: Duration = Duration::from_secs(90);

#[test]
fn a_written_site_is_without_a_fault_is_served_and_answers_a_call() {
    let folder = Folder::new("new-site");
    let path = |name: &str| folder.path(name).display().to_string();
    let written =
        run(["site", "new", "--trunks", "2", "--agents", "2", "--queues", "billing,faults", "--out", &path(".")]);
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let checked = run(["site", "check", &path("site.toml")]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));

    let config = std::fs::read_to_string(folder.path("site.toml")).unwrap();
    // Rings deep enough for a loaded computer, and any free port.
    let card = "card = \"socket:card1.sock\"";
    let config = config
        .replacen(card, &format!("{card}, receive_ring_ms = 128, transmit_ahead_ms = 48"), 1)
        .replacen(":4500\"", ":0\"", 1);
    std::fs::write(folder.path("site.toml"), config).unwrap();
    site_users().save(&folder.path("users.toml")).unwrap();
    let people = "[callers]\ncount = 1\ntalk_ms = [4000, 5000]\n[agents]\nlong_linger_ms = [300, 500]\n";
    std::fs::write(folder.path("day.toml"), people).unwrap();
    let arguments = ["sim", "card", "--socket", &path("card1.sock"), "--seed", "5", "--scenario", &path("day.toml")];
    let mut card = Process::start(arguments, Listen::Out, &[]);
    card.wait_for_file(&folder.path("card1.sock"), SOON);
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap().to_owned();
    std::fs::write(folder.path("script"), "login\nready\nwait ringing 60\nwait talking 60\nwait idle 60\n").unwrap();
    let passwords = [("TIPRING_PASSWORD", "change-me-too-1"), ("TIPRING_AGENT_PASSWORD", "change-me-1")];
    let mut agent = Process::start_with_input(
        ["agent", "--server", &address, "--user", "desk1", "--login", "7001", "--station", "1001"],
        Listen::Out,
        &passwords,
        &folder.path("script"),
    );
    agent.wait_for("the answer", A_CALL, |line| line.ends_with("was answered at 1001"));
    agent.wait_for("the end of the call", A_CALL, |line| line == "wait idle 60: done");
    server.wait_for("the record", SOON, |line| line.contains("has ended: answered, agent 7001"));
    assert!(server.terminate().success());
}

//! A site put into an event mode while a caller waits, by the shipped programs alone.
//!
//! Never: waits for a time; each wait is for a state.

use std::time::Duration;

use nix::sys::signal::Signal;
use tipring_tests::{Folder, Listen, Process, run, site_config};

const SOON: Duration = Duration::from_secs(60);
/// A whole call: caller identity, greeting, a key, an agent, a talk.
const A_CALL: Duration = Duration::from_secs(120);

const STORM: &str = r#"
[[event_mode]]
name = "storm"
[[event_mode.queue]]
device = "5000"
longest_wait_s = 7200
[[event_mode.agent]]
id = "7002"
queues = ["5000"]
"#;

/// Asks for a mode. Returns whether it was put in force, and all that was said.
fn mode(folder: &Folder, name: &str) -> (bool, String) {
    let site = folder.path("site.toml").display().to_string();
    let output = run(["site", "mode", name, "--site", &site]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_mode_brings_agents_to_a_caller_who_waits_and_lasts_over_a_restart_until_the_site_is_normal() {
    let folder = Folder::new("mode");
    let path = |name: &str| folder.path(name).display().to_string();
    let patient = "[callers]\ncount = 1\ntalk_ms = [4000, 5000]\nqueue_patience_ms = [900000, 900000]\n";
    std::fs::write(folder.path("day.toml"), patient).unwrap();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", "5", "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
    let usual = "name = \"Agent Two\"\nqueues = [\"5000\"]";
    let config = site_config().replace("\"headset\"", "\"handset\"");
    assert!(config.contains(usual));
    folder.write_site(&(config.replacen(usual, "name = \"Agent Two\"\nqueues = []", 1) + STORM));
    let serve = || Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let mut server = serve();
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap().to_owned();
    server.wait_for("the caller", A_CALL, |line| line.contains("waits at 5000"));

    let (done, why) = mode(&folder, "snow");
    assert!(!done && why.contains("there is no event mode snow"), "{why}");
    let (done, said) = mode(&folder, "storm");
    assert!(done && said.contains("the event mode storm is in force"), "{said}");
    server.wait_for("the alarm", SOON, |line| line.contains("alarm, warning: The event mode storm is in force"));
    let status = String::from_utf8(run(["status", "--socket", &path("tipring.status")]).stdout).unwrap();
    assert!(status.contains("event mode: storm") && status.contains("): 1 waiting"), "{status}");
    // The file read again changes nothing about the mode.
    server.signal(Signal::SIGHUP);
    server.wait_for("the reload", SOON, |line| line.contains("in force, in the event mode storm"));

    // The agent of the mode alone has the call that waited before it.
    std::fs::write(folder.path("script"), "login\nready\nwait ringing 120\nwait talking 60\nwait idle 60\n").unwrap();
    let mut agent = Process::start_with_input(
        ["agent", "--server", &address, "--user", "desk2", "--login", "7002", "--station", "1002"],
        Listen::Out,
        &[("TIPRING_PASSWORD", "change-me-too-2"), ("TIPRING_AGENT_PASSWORD", "change-me-2")],
        &folder.path("script"),
    );
    server.wait_for("the end of the call", A_CALL, |line| line.contains("has ended: answered, agent 7002"));
    agent.kill();
    assert!(server.terminate().success());

    let mut server = serve();
    server.wait_for("the mode", SOON, |line| line.contains("the event mode storm goes on"));
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    let (done, said) = mode(&folder, "normal");
    assert!(done && said.contains("the site is normal"), "{said}");
    let status = String::from_utf8(run(["status", "--socket", &path("tipring.status")]).stdout).unwrap();
    assert!(!status.contains("event mode"), "{status}");
    assert!(server.terminate().success());
    let log = String::from_utf8(run(["report", "log", "--site", &path("site.toml")]).stdout).unwrap();
    let modes: Vec<_> = log.lines().filter(|line| line.contains("\"event_mode\"")).collect();
    assert!(modes.len() == 2 && modes[0].contains("storm") && modes[1].contains("\"mode\":\"\""), "{modes:?}");
}

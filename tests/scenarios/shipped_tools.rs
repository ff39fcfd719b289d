//! A call answered with the shipped programs alone: card, call centre, an agent's softphone driven by a script, and a
//! screen pop.

use std::time::Duration;

use tipring_tests::{Folder, Listen, Process, site_config};

const SOON: Duration = Duration::from_secs(30);
/// A whole call: caller identity, greeting, a key, an agent, a talk.
const A_CALL: Duration = Duration::from_secs(90);

struct Site {
    folder: Folder,
    card: Process,
    server: Process,
    address: String,
}

/// A card with one caller, and a call centre whose telephones are handsets.
fn site(name: &str) -> Site {
    let folder = Folder::new(name);
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(
        folder.path("day.toml"),
        "[callers]\ncount = 1\ntalk_ms = [4000, 5000]\n[agents]\nlong_linger_ms = [300, 500]\n",
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
    Site { folder, card, server, address }
}

const PASSWORDS: &[(&str, &str)] =
    &[("TIPRING_PASSWORD", "change-me-too-1"), ("TIPRING_AGENT_PASSWORD", "change-me-1")];

fn agent(site: &Site, script: &str) -> Process {
    std::fs::write(site.folder.path("script"), script).unwrap();
    Process::start_with_input(
        ["agent", "--server", &site.address, "--user", "desk1", "--login", "7001", "--station", "1001"],
        Listen::Out,
        PASSWORDS,
        &site.folder.path("script"),
    )
}

#[test]
fn a_call_is_answered_with_shipped_programs_alone() {
    let mut site = site("shipped");
    let mut pop = Process::start(
        ["pop", "--server", &site.address, "--user", "desk1", "--device", "1001"],
        Listen::Out,
        PASSWORDS,
    );
    pop.wait_for("the monitor", SOON, |line| line.contains("Waiting for calls"));
    let script = "login\nready\nwait ringing 60\nwait talking 60\nstate\nwait idle 60\n# The call is over.\nnotready\n";
    let mut agent = agent(&site, script);
    agent.wait_for("being ready", SOON, |line| line == "ready: done");
    site.server.wait_for("the agent", SOON, |line| line.contains("agent 7001 (Agent One) at 1001: ready"));
    agent.wait_for("the pop", A_CALL, |line| line.starts_with("  Number"));
    agent.wait_for("the answer", A_CALL, |line| line.ends_with("was answered at 1001"));
    agent.wait_for("the end of the call", A_CALL, |line| line == "wait idle 60: done");
    agent.wait_for("the log-out", SOON, |line| line == "logout: done");
    assert!(agent.wait_for_end(SOON).success());
    site.server.wait_for("the end of the call", SOON, |line| line.contains("has ended: answered, agent 7001"));
    pop.wait_for("the pop", SOON, |line| line.starts_with("  Number"));
    pop.wait_for("the agent", SOON, |line| line.contains("Agent 7001 at 1001: logged out"));
    site.card.wait_for("the end", SOON, |line| line.contains("\"over\""));
    assert!(site.server.terminate().success());
}

#[test]
fn a_script_ends_at_its_first_failure_and_the_agent_is_logged_out() {
    let mut site = site("script");
    let mut refused = agent(&site, "login\nready\nwait idle\nanswer\nclear\n");
    assert!(!refused.wait_for_end(SOON).success());
    let seen = refused.seen().to_vec();
    assert!(seen.contains(&"answer: refused: No call rings".to_owned()), "{seen:?}");
    assert!(seen.contains(&"logout: done".to_owned()), "{seen:?}");
    site.server.wait_for("the log-out", SOON, |line| line.contains("agent 7001 (Agent One) at 1001: logged out"));
    assert!(site.server.terminate().success());
}

#[test]
fn a_softphone_notes_holds_and_retrieves_and_a_user_without_the_right_supervises_no_one() {
    let mut site = site("softphone");
    let script = "login\nready\nwait ringing 60\nwait talking 60\nnotes calls about the invoice\ncard\nhold\nretrieve\n\
                  wait idle 60\nforce 1001 logout curious\n";
    let mut agent = agent(&site, script);
    agent.wait_for("the notes", A_CALL, |line| line.ends_with(": notes: calls about the invoice"));
    agent.wait_for("the card", SOON, |line| line == "  Notes     calls about the invoice");
    agent.wait_for("the end of the hold", SOON, |line| line == "retrieve: done");
    agent.wait_for("the end of the call", A_CALL, |line| line == "wait idle 60: done");
    let refused = "force 1001 logout curious: refused: security violation: the user has no right";
    let lower = |line: &str| line.to_lowercase();
    agent.wait_for("the refusal", SOON, |line| lower(line).starts_with(&refused[..34]));
    agent.wait_for("the log-out", SOON, |line| line == "logout: done");
    assert!(!agent.wait_for_end(SOON).success());
    site.server.wait_for("the audit line", SOON, |line| {
        line.contains("audit: \"desk1\" log-out at 1001, agent 7001, reason \"curious\": refused")
    });
    assert!(site.server.terminate().success());
}

#[test]
fn a_hung_up_site_takes_over_queues_and_agents_and_a_faulty_file_changes_nothing() {
    let mut site = site("hung-up");
    let file = site.folder.path("site.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let mut agent = agent(&site, "login\nready\nwait ringing 60\nwait talking 60\nwait idle 60\n");
    agent.wait_for("the answer", A_CALL, |line| line.ends_with("was answered at 1001"));

    // The agent who talks is removed, a queue and an agent are new, and an address changes.
    let other = before
        .replacen("id = \"7001\"", "id = \"7003\"", 1)
        .replacen(
            "[[agent]]",
            "[[queue]]\ndevice = \"5001\"\nname = \"Faults\"\noverflow = [{ after_s = 9, to = \"5000\" }]\n\n[[agent]]",
            1,
        )
        .replacen("switch = \"SITE\"", "switch = \"OTHER\"", 1);
    write(&other);
    site.server.signal(nix::sys::signal::Signal::SIGHUP);
    site.server
        .wait_for("the address", SOON, |line| line.contains("[server] has changed in the file; it stays as it was"));
    site.server
        .wait_for("the changes", SOON, |line| line.contains("queue 5001 added, agent 7003 added, agent 7001 removed"));
    site.server.wait_for("the end of the call", A_CALL, |line| line.contains("has ended: answered, agent 7001"));
    site.server.wait_for("the log-out", SOON, |line| line.contains("agent 7001 (Agent One) at 1001: logged out"));

    write(&other.replacen("echo_tail_ms = 16", "echo_tail_ms = 3", 1));
    site.server.signal(nix::sys::signal::Signal::SIGHUP);
    site.server.wait_for("the fault", SOON, |line| line.contains("echo_tail_ms is 0 for no echo control"));
    site.server.wait_for("the end", SOON, |line| line.contains("stay as they were"));
    assert!(site.server.terminate().success());
}

#[test]
fn a_break_beyond_its_limit_is_an_alarm_until_the_agent_returns_and_names_change_while_the_site_runs() {
    let mut site = site("break");
    let file = site.folder.path("site.toml");
    let before = std::fs::read_to_string(&file).unwrap();
    let reason = |name: &str, limit: &str| format!("{before}\n[[reason]]\ncode = 1\nname = \"{name}\"\n{limit}\n");
    std::fs::write(&file, reason("rest", "limit_s = 3600")).unwrap();
    site.server.signal(nix::sys::signal::Signal::SIGHUP);
    site.server.wait_for("the reason", SOON, |line| line.contains("reason 1 added"));
    let mut on_break = agent(&site, "login\nnotready 1\nwait ringing 600\n");
    site.server.wait_for("the name", SOON, |line| line.contains("agent 7001 (Agent One) at 1001: not ready (1, rest)"));

    std::fs::write(&file, reason("小休", "limit_s = 1")).unwrap();
    site.server.signal(nix::sys::signal::Signal::SIGHUP);
    site.server
        .wait_for("the report", SOON, |line| line.contains("Agent 7001 is not ready (1, 小休) for longer than 1 s"));
    site.server.wait_for("the alarm", SOON, |line| line.contains("alarm, warning: The break of agent 7001"));
    let path = |name: &str| site.folder.path(name).display().to_string();
    let mut status = Process::start(["status", "--socket", &path("tipring.status")], Listen::Out, &[]);
    status
        .wait_for("the break", SOON, |line| line.contains("not ready (1, 小休)") && line.contains("beyond the limit"));
    assert!(status.wait_for_end(SOON).success());

    // The site is started anew under the softphone, which logs the agent in again in the same break.
    for done in ["login: done", "notready 1: done"] {
        on_break.wait_for(done, SOON, |line| line == done);
    }
    assert!(site.server.terminate().success());
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("127.0.0.1:0", &site.address, 1)).unwrap();
    site.server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    for done in ["login: done", "notready 1: done"] {
        on_break.wait_for(done, SOON, |line| line == done);
    }
    site.server.wait_for("the alarm", SOON, |line| line.contains("alarm, warning: The break of agent 7001"));

    on_break.kill();
    let mut back = agent(&site, "ready\nstate\n");
    back.wait_for("being ready", SOON, |line| line == "ready: done");
    site.server
        .wait_for("its end", SOON, |line| line.contains("alarm cleared") && line.contains("break of agent 7001"));
    assert!(back.wait_for_end(SOON).success());
    let mut report = Process::start(["report", "breaks", "--site", &path("site.toml"), "--csv"], Listen::Out, &[]);
    // The new start begins the break anew.
    report.wait_for("the row", SOON, |line| line.contains(",7001,1,小休,2,") && line.ends_with(",2"));
    assert!(report.wait_for_end(SOON).success());
    assert!(site.server.terminate().success());
}

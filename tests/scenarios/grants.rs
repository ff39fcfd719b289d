//! A user who comes, whose rights grow and who goes, while the site serves; by the shipped programs alone.
//!
//! Never: starts the site anew.

use std::time::Duration;

use nix::sys::signal::Signal;
use tipring_tests::{Folder, Listen, Process, site_config, tipring};

const SOON: Duration = Duration::from_secs(60);

fn user(folder: &Folder, arguments: &[&str]) {
    let site = folder.path("site.toml").display().to_string();
    let output = std::process::Command::new(tipring())
        .arg("user")
        .args(arguments)
        .args(["--config", &site])
        .env("TIPRING_PASSWORD", "a-new-desk")
        .output()
        .expect("tipring can be started");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_new_user_other_grants_and_a_removed_user_count_once_the_site_is_read_again() {
    let folder = Folder::new("grants");
    let path = |name: &str| folder.path(name).display().to_string();
    std::fs::write(folder.path("day.toml"), "[callers]\ncount = 0\n").unwrap();
    let card = ["sim", "card", "--socket", &path("card.sock"), "--seed", "5", "--scenario", &path("day.toml")];
    let mut card = Process::start(card, Listen::Out, &[]);
    card.wait_for_file(&folder.path("card.sock"), SOON);
    folder.write_site(&site_config());
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap().to_owned();
    let log_in = || {
        let output = std::process::Command::new(tipring())
            .args(["agent", "--server", &address, "--user", "desk9", "--login", "7001", "--station", "1001"])
            .env("TIPRING_PASSWORD", "a-new-desk")
            .env("TIPRING_AGENT_PASSWORD", "change-me-1")
            .stdin(std::process::Stdio::null())
            .output()
            .expect("tipring can be started");
        (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
    };
    let mut read_again = |wanted: &str| {
        server.signal(Signal::SIGHUP);
        server.wait_for(wanted, SOON, |line| line.contains(wanted));
        server.wait_for("the end of the reload", SOON, |line| line.contains("are in force"));
    };
    let (entered, said) = log_in();
    assert!(!entered, "{said}");

    user(&folder, &["add", "desk9", "--grant", "observer:1002"]);
    read_again("user desk9 added");
    let (entered, said) = log_in();
    assert!(!entered, "no right at the station: {said}");

    user(&folder, &["remove", "desk9"]);
    user(&folder, &["add", "desk9", "--grant", "agent:1001"]);
    read_again("user desk9 changed");
    let (entered, said) = log_in();
    assert!(entered, "{said}");

    user(&folder, &["remove", "desk9"]);
    read_again("user desk9 removed");
    let (entered, said) = log_in();
    assert!(!entered, "{said}");
    assert!(server.terminate().success());
}

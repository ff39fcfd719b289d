//! A trunk that is blocked and unblocked while the site runs, and a dial plan that is explained, by the shipped program
//! alone.
//!
//! Never: waits for a time; each wait is for a state.

use std::time::Duration;

use tipring_tests::{Folder, Listen, Process, run, site_config};

const SOON: Duration = Duration::from_secs(60);

const GROUP: &str =
    "\n[[trunk_group]]\nname = \"city\"\ntrunks = [\"T1\", \"T2\"]\norder = \"ascending\"\n\n[dialling]\n";

const ROUTE: &str = "\n[[dialling.route]]\nprefix = \"0\"\ngroups = [\"city\"]\nmin_digits = 10\nmax_digits = 12\n";

/// Runs `tipring site` with some words. Returns whether it succeeded, and all that was said.
fn site(folder: &Folder, words: &[&str]) -> (bool, String) {
    let file = folder.path("site.toml").display().to_string();
    let output = run([&["site"], words, &["--site", &file]].concat());
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn a_trunk_is_blocked_with_an_alarm_and_passed_over_until_it_is_unblocked_and_the_plan_is_explained() {
    let folder = Folder::new("trunk-groups");
    let path = |name: &str| folder.path(name).display().to_string();
    let mut card = Process::start(["sim", "card", "--socket", &path("card.sock")], Listen::Out, &[]);
    card.wait_for_file(&folder.path("card.sock"), SOON);
    let config = site_config();
    assert!(config.contains("\n[dialling]\n"));
    folder.write_site(&(config.replacen("\n[dialling]\n", GROUP, 1) + ROUTE));
    let mut server = Process::start(["serve", "--config", &path("site.toml")], Listen::Err, &[]);
    server.wait_for("the address", SOON, |line| line.contains("serving "));

    let (done, why) = site(&folder, &["trunk", "block", "T9"]);
    assert!(
        !done && why.contains("no trunk and no trunk group T9; trunks: T1, T2; groups: city; everything stays"),
        "{why}"
    );
    let (done, said) = site(&folder, &["trunk", "block", "T2"]);
    assert!(done && said.contains("the trunk T2 is blocked for calls out"), "{said}");
    server.wait_for("the audit", SOON, |line| line.contains("audit: user") && line.contains("T2 to be blocked"));
    server.wait_for("the alarm", SOON, |line| line.contains("alarm, warning: The trunk T2 is blocked"));
    let status = || String::from_utf8(run(["status", "--socket", &path("tipring.status")]).stdout).unwrap();
    assert!(status().contains("trunks city: 0 of 2 busy, 0 out of service, blocked T2"), "{}", status());
    let (done, said) = site(&folder, &["trunk", "unblock", "T2"]);
    assert!(done && said.contains("may be seized again"), "{said}");
    server.wait_for("its end", SOON, |line| line.contains("alarm cleared") && line.contains("T2 is blocked"));
    assert!(!status().contains("blocked"), "{}", status());
    assert!(server.terminate().success());

    let (done, said) = site(&folder, &["dial", "02165551234", "--from", "1001", "--busy", "T1"]);
    assert!(done && said.contains("902165551234 from 1001") && said.contains("trunk group city: seizes T2"), "{said}");
    let (done, said) = site(&folder, &["dial", "65551234", "--from", "1001"]);
    assert!(!done && said.contains("no route has its prefix"), "{said}");
}

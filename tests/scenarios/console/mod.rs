//! The console in Debian's Chromium on a simulated card: an agent's call from the pop to its end, a supervisor who
//! watches and listens, and the server started anew under both.
//!
//! Pictures of the pages stay in the folder `tipring-console` of the temporary folder. Without Chromium, or without npm
//! for axe-core, the part that needs it is left out, and the test says so.
//!
//! Never: a page driven by anything but keys and clicks, as its user would.

mod browser;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tipring_hw_sim::scenario::{Scenario, Socket};
use tipring_tests::{Folder, Listen, Process, site_config, site_users};

use self::browser::{Browser, Page};

const SOON: Duration = Duration::from_secs(30);
const A_CALL: Duration = Duration::from_secs(90);
const SEED: u64 = 11;
/// The judge of accessibility, pinned.
const AXE: &str = "axe-core@4.14.1";
/// One caller who presses no key and talks until the agent hangs up, and two headsets.
const DAY: &str = "[callers]\ncount = 1\nkeys = \"\"\ntalk_ms = [60000, 61000]\nhang_up_first_percent = 0\n\
                   [[agent]]\nstation = 2\nphone = \"headset\"\n[[agent]]\nstation = 3\nphone = \"headset\"\n";

/// Where pictures of the pages go.
fn pictures() -> PathBuf {
    let folder = std::env::temp_dir().join("tipring-console");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The text of axe-core, if npm can fetch it.
fn axe(folder: &Path) -> Option<String> {
    let packed = Command::new("npm").args(["pack", "--silent", AXE]).current_dir(folder).output().ok()?;
    let archive = String::from_utf8_lossy(&packed.stdout).trim().to_owned();
    let unpacked = Command::new("tar").args(["-xzf", &archive]).current_dir(folder).status().ok()?;
    if !packed.status.success() || !unpacked.success() {
        return None;
    }
    std::fs::read_to_string(folder.join("package/axe.min.js")).ok()
}

/// Judges a page, and keeps its picture.
fn judge(page: &mut Page, name: &str, axe: Option<&str>) {
    page.picture(&pictures().join(format!("{name}.png")));
    let Some(axe) = axe else { return };
    page.evaluate(&format!("{axe};0"));
    let found = page.evaluate(
        "axe.run().then(({ violations }) => violations.map(({ id, impact, nodes }) => \
         `${impact} ${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`))",
    );
    assert_eq!(found, Value::Array(Vec::new()), "axe-core on the page {name}");
}

fn log_in(page: &mut Page, fields: &[(&str, &str)]) {
    page.wait_for("form input[name=login]", SOON);
    for (name, value) in fields {
        page.fill(&format!("input[name={name}]"), value);
    }
    page.press("Enter");
    page.wait_for(".bar", SOON);
    page.evaluate("document.activeElement.blur()");
}

fn serve(folder: &Folder) -> (Process, String) {
    let mut server =
        Process::start(["serve", "--config", folder.path("site.toml").to_str().unwrap()], Listen::Err, &[]);
    let line = server.wait_for("the console", SOON, |line| line.contains("console at http"));
    (server, line.rsplit(' ').next().unwrap().to_owned())
}

/// A port that is free now, for a server that is to come back at the same address.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn a_call_pops_in_the_browser_is_answered_watched_and_cleared_and_a_restart_is_survived() {
    let folder = Folder::new("console");
    let Some(browser) = Browser::start(&folder.path("")) else {
        eprintln!("LEFT OUT: the console in a browser; install Debian's package chromium");
        return;
    };
    let axe = axe(&folder.path(""));
    if axe.is_none() {
        eprintln!("LEFT OUT: axe-core; npm could not fetch {AXE}");
    }
    let axe = axe.as_deref();

    let scenario: Scenario = toml::from_str(DAY).unwrap();
    let sockets = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
    let number = scenario.plan(SEED, &sockets).unwrap().calls[0].number().to_owned();
    std::fs::write(folder.path("day.toml"), DAY).unwrap();
    std::fs::write(folder.path("customers.csv"), format!("number,name,account\n{number},王芳,SG-004711\n")).unwrap();
    let path = |name: &str| folder.path(name).display().to_string();
    let seed = SEED.to_string();
    let mut card = Process::start(
        ["sim", "card", "--socket", &path("card.sock"), "--seed", &seed, "--scenario", &path("day.toml")],
        Listen::Out,
        &[],
    );
    card.wait_for_file(&folder.path("card.sock"), SOON);
    let config = site_config()
        .replace("\"handset\"", "\"headset\"")
        .replace("# customers =", "customers =")
        .replace("# [server.json]", "[server.json]")
        .replace("# listen = \"127.0.0.1:4580\"", &format!("listen = \"127.0.0.1:{}\"", free_port()));
    folder.write_site(&config);
    let mut users = site_users();
    users
        .set_user("board", "change-me-board", vec!["everything:*".parse().unwrap()], tipring_tools::users::Cost::LEAST)
        .unwrap();
    users.save(&folder.path("users.toml")).unwrap();
    let (mut server, address) = serve(&folder);

    let mut desk = browser.open(&address);
    desk.wait_for("form", SOON);
    judge(&mut desk, "log-in", axe);
    log_in(
        &mut desk,
        &[
            ("login", "desk2"),
            ("password", "change-me-too-2"),
            ("agent", "7002"),
            ("agentPassword", "change-me-2"),
            ("station", "1002"),
        ],
    );
    desk.wait_for(".badge.notReady", SOON);
    desk.press("r");
    desk.wait_for(".badge.ready", SOON);

    let mut board = browser.open(&address);
    log_in(&mut board, &[("login", "board"), ("password", "change-me-board"), ("station", "1001")]);
    board.press("2");
    board.wait_for(".wallboard .badge.ready", SOON);

    desk.wait_for(".call.alerting", A_CALL);
    assert_eq!(desk.text_of(".call .customer"), "王芳");
    assert_eq!(desk.text_of(".call .number"), number);
    assert!(desk.text_of(".call dl").contains("SG-004711"));
    assert!(desk.evaluate("document.title").as_str().unwrap().contains("王芳"));
    judge(&mut desk, "alerting", axe);
    desk.press("a");
    desk.wait_for(".call.connect", SOON);
    judge(&mut desk, "connected", axe);
    board.wait_for(".wallboard .badge.talking", SOON);
    board.wait_until("document.querySelector('[data-figure=answered] dd').innerText === '1'", SOON);
    board.wait_until("document.querySelectorAll('.chart canvas').length === 4", SOON);
    let agents = "[...document.querySelectorAll('.chart')][2]";
    board.wait_until(&format!("{agents}.querySelector('[role=img]').ariaLabel.includes('On a call 1')"), SOON);
    judge(&mut board, "wallboard", axe);
    for listener in ["\"by\":{\"call\":1}", "\"by\":{\"station\":3}"] {
        card.wait_for("a phrase to be heard", A_CALL, |line| line.contains("\"heard\"") && line.contains(listener));
    }

    // The page loaded anew goes on with its session and its call.
    desk.evaluate("window.isOld = true; location.reload()");
    desk.wait_until("window.isOld === undefined && document.querySelector('.call.connect') !== null", SOON);
    assert_eq!(desk.text_of(".call .customer"), "王芳");
    desk.press("h");
    desk.wait_for(".call.hold", SOON);
    desk.press("h");
    desk.wait_for(".call.connect", SOON);

    board.press("3");
    board.wait_for(".supervisor tbody tr", SOON);
    board.press("ArrowDown");
    board.press("ArrowDown");
    board.wait_for("tr.chosen .badge.talking", SOON);
    board.press("l");
    board.wait_for("[data-action=stopSupervision]:not(:disabled)", SOON);
    judge(&mut board, "supervisor", axe);
    board.press("q");
    board.wait_for("[data-action=stopSupervision]:disabled", SOON);

    desk.press("x");
    desk.wait_for_no(".call", SOON);
    card.wait_for("the end of the call", SOON, |line| line.contains("call_ended"));
    desk.press("n");
    desk.wait_for("dialog[open]", SOON);
    judge(&mut desk, "reasons", axe);
    desk.press("1");
    desk.wait_for(".badge.notReady, .badge.workNotReady", SOON);

    // The other language and theme.
    desk.evaluate("[...document.querySelectorAll('.switches button')][0].click()");
    desk.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    desk.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    desk.wait_until("document.documentElement.lang === 'zh-CN'", SOON);
    desk.wait_until("document.documentElement.dataset.theme === 'dark'", SOON);
    judge(&mut desk, "chinese-dark", axe);
    for page in [&mut desk, &mut board] {
        assert_eq!(page.errors, Vec::<String>::new());
    }

    // A server that comes back finds both pages again; the desk's session cannot be resumed by the page loaded anew.
    assert!(server.terminate().success());
    board.wait_for(".link[role=alert]", SOON);
    judge(&mut board, "lost", axe);
    let (mut server, again) = serve(&folder);
    assert_eq!(again, address);
    board.wait_for_no(".link[role=alert]", SOON);
    board.wait_for(".supervisor tbody tr", SOON);
    desk.wait_for("form input[name=login]", SOON);
    assert!(server.terminate().success());
}

//! The console in Debian's Chromium on a simulated card: an agent's call from the pop to its transfer, a supervisor who
//! listens, whispers and barges in, the day beside the report, a recording heard and scored, and the server started
//! anew under both browsers. What each party hears is judged at the lines.
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
use tipring_tests::{Folder, Listen, Process, run, site_config, site_users};

use self::browser::{Browser, Page};

/// Time from the first to the second ring in ms: 1 s of ringing and 4 s of pause, as in China.
const SECOND_RING_MS: i64 = 5000;
const SOON: Duration = Duration::from_secs(30);
const A_CALL: Duration = Duration::from_secs(90);
const SEED: u64 = 11;
/// The judge of accessibility, pinned.
const AXE: &str = "axe-core@4.14.1";
/// One caller who presses no key and talks until the agent hangs up, and two headsets.
const DAY: &str = "[callers]\ncount = 1\nkeys = \"\"\ntalk_ms = [600000, 600001]\nhang_up_first_percent = 0\n\
                   [[agent]]\nstation = 2\nphone = \"headset\"\n[[agent]]\nstation = 3\nphone = \"headset\"\n";

/// The sample of a scoring form.
const FORMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tools/samples/quality/hotline.toml");

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

/// Presses the key of an action once it is possible; a page that was loaded anew has to find its session first.
fn press_for(page: &mut Page, action: &str, key: &str) {
    page.wait_for(&format!("[data-action={action}]:not(:disabled)"), SOON);
    page.press(key);
}

/// Waits until a party's phrase is heard by another; both as the card's simulator names them.
fn wait_for_heard(card: &mut Process, speaker: &str, by: &str) {
    let from = card.seen().len();
    card.wait_for(&format!("{speaker} to be heard by {by}"), A_CALL, |line| is_heard(line, speaker, by));
    assert!(card.seen().len() > from);
}

fn is_heard(line: &str, speaker: &str, by: &str) -> bool {
    line.contains("\"heard\"")
        && line.contains(&format!("\"phrase\":\"{speaker}."))
        && line.contains(&format!("\"by\":{by}"))
}

/// The far end of the call, the supervisor's and the agent's telephones.
const CALLER: (&str, &str) = ("c1", "{\"call\":1}");
const LEADER: (&str, &str) = ("s2", "{\"station\":2}");
const AGENT: (&str, &str) = ("s3", "{\"station\":3}");

/// A JSON line of a command about the site's database.
fn line_of(folder: &Folder, command: &[&str]) -> Value {
    let database = folder.path("tipring.db").display().to_string();
    let output = run([command, &["--db", &database, "--json"]].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    // A report begins with the definitions of its columns.
    let mut lines = text.lines().filter(|line| !line.contains("\"definitions\""));
    let line = lines.next().unwrap_or_else(|| panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(line).unwrap()
}

/// The other language, and the dark theme.
fn switch(page: &mut Page) {
    page.evaluate("[...document.querySelectorAll('.switches button')][0].click()");
    page.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    page.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    page.wait_until("document.documentElement.lang === 'zh-CN'", SOON);
    page.wait_until("document.documentElement.dataset.theme === 'dark'", SOON);
}

/// A recording of the call is found, heard and scored; the score is in the report, the listening on record.
fn hear_and_score(board: &mut Page, folder: &Folder, axe: Option<&str>) {
    board.press("4");
    board.wait_for("[data-recording]:not(:disabled)", SOON);
    board.press("ArrowDown");
    board.wait_for("[data-recording][aria-pressed=true]", SOON);
    board.press("Enter");
    board.wait_for(".waveform", SOON);
    board.press(" ");
    board.wait_until("Number(document.querySelector('.waveform').ariaValueNow) >= 1", SOON);
    board.press("ArrowRight");
    board.wait_until("Number(document.querySelector('.waveform').ariaValueNow) >= 6", SOON);
    board.press(" ");
    board.wait_for(".player[data-playing=false]", SOON);
    let both = "(() => { const { width, height } = document.querySelector('.waveform'); \
                const paint = document.querySelector('.waveform').getContext('2d'); \
                return [0, height / 2 + 2].every((top) => { \
                  const { data } = paint.getImageData(0, top, width, height / 2 - 2); \
                  let inked = 0; for (let at = 3; at < data.length; at += 4) inked += data[at] > 0; \
                  return inked > width; }); })()";
    board.wait_until(both, SOON);
    judge(board, "quality", axe);
    let audit = line_of(folder, &["recording", "audit"]);
    assert_eq!((&audit["user"], &audit["act"]), (&"board".into(), &"play".into()), "{audit}");

    board.evaluate("document.querySelectorAll('.question').forEach((each) => each.querySelector(':checked') ?? each.querySelector('input').click())");
    board.evaluate("document.querySelector('[data-action=saveScore]').click()");
    board.wait_for("[data-score]", SOON);
    judge(board, "scored", axe);
    let quality = line_of(folder, &["report", "quality"]);
    assert_eq!((&quality["scores"], &quality["mean_score"]), (&1.into(), &1.0.into()), "{quality}");
    board.wait_for_no("[data-recording][aria-pressed=true]", SOON);
}

/// The team leader's day has the figures of the report.
fn compare_with_the_report(board: &mut Page, folder: &Folder, axe: Option<&str>) {
    board.press("5");
    board.wait_until("document.querySelector('[data-queue] .total [data-column=answered]')?.innerText === '1'", SOON);
    let report = line_of(folder, &["report", "queues", "--interval", "whole"]);
    for column in ["offered", "answered", "abandoned"] {
        let shown = board.text_of(&format!("[data-queue=\"5000\"] .total [data-column={column}]"));
        assert_eq!(shown, report[column].to_string(), "{column}: {report}");
    }
    judge(board, "day", axe);
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
        .replace("# forms = \"forms.toml\"", &format!("forms = {FORMS:?}"))
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

    desk.evaluate(
        "new MutationObserver(() => { if (document.querySelector('.call.alerting .customer')) window.poppedAt ??= Date.now(); }) \
         .observe(document.body, { childList: true, subtree: true })",
    );
    desk.wait_for(".call.alerting", A_CALL);
    let popped_at = desk.evaluate("window.poppedAt").as_i64().unwrap();
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
    wait_for_heard(&mut card, CALLER.0, AGENT.1);
    wait_for_heard(&mut card, AGENT.0, CALLER.1);

    // The page loaded anew goes on with its session and its call.
    desk.evaluate("window.isOld = true; location.reload()");
    desk.wait_until("window.isOld === undefined && document.querySelector('.call.connect') !== null", SOON);
    assert_eq!(desk.text_of(".call .customer"), "王芳");
    press_for(&mut desk, "hold", "h");
    desk.wait_for(".call.hold", SOON);
    press_for(&mut desk, "retrieve", "h");
    desk.wait_for(".call.connect", SOON);

    board.press("3");
    board.wait_for(".supervisor tbody tr", SOON);
    board.press("ArrowDown");
    board.press("ArrowDown");
    board.wait_for("tr.chosen .badge.talking", SOON);
    press_for(&mut board, "listen", "l");
    board.wait_for("[data-action=stopSupervision]:not(:disabled)", SOON);
    judge(&mut board, "supervisor", axe);
    wait_for_heard(&mut card, CALLER.0, LEADER.1);
    wait_for_heard(&mut card, AGENT.0, LEADER.1);
    let was_heard = |card: &mut Process, by: &str| card.seen().iter().any(|line| is_heard(line, LEADER.0, by));
    assert!(!was_heard(&mut card, AGENT.1) && !was_heard(&mut card, CALLER.1), "a listener is heard by none");
    press_for(&mut board, "whisper", "p");
    wait_for_heard(&mut card, LEADER.0, AGENT.1);
    assert!(!was_heard(&mut card, CALLER.1), "the caller hears no whisper");
    press_for(&mut board, "barge", "j");
    wait_for_heard(&mut card, LEADER.0, CALLER.1);
    board.press("q");
    board.wait_for("[data-action=stopSupervision]:disabled", SOON);

    // The supervisor is consulted, and takes the call with the customer's card.
    press_for(&mut desk, "consult", "k");
    desk.wait_for("dialog input[name=value]", SOON);
    desk.fill("dialog input[name=value]", "1001");
    desk.press("Enter");
    board.wait_for(".desk .call.alerting", SOON);
    board.press("a");
    board.wait_for(".call.connect", SOON);
    press_for(&mut desk, "transfer", "t");
    desk.wait_for_no(".call", SOON);
    board.wait_until("document.querySelector('.call.connect .customer')?.innerText === '王芳'", SOON);
    assert!(board.text_of(".call dl").contains("SG-004711"));
    judge(&mut board, "transferred", axe);
    board.press("x");
    board.wait_for_no(".call", SOON);
    card.wait_for("the end of the call", SOON, |line| line.contains("call_ended"));
    compare_with_the_report(&mut board, &folder, axe);
    let record = line_of(&folder, &["report", "calls"]);
    let rang_at = record["alerting_ms"].as_i64().unwrap();
    assert!(popped_at < rang_at + SECOND_RING_MS, "rang at {rang_at}, popped at {popped_at}");
    hear_and_score(&mut board, &folder, axe);
    desk.press("n");
    desk.wait_for("dialog[open]", SOON);
    judge(&mut desk, "reasons", axe);
    desk.press("1");
    desk.wait_for(".badge.notReady, .badge.workNotReady", SOON);

    // The other language and theme.
    switch(&mut desk);
    judge(&mut desk, "desk-chinese-dark", axe);
    switch(&mut board);
    for (key, name, selector) in
        [("5", "day", ".day"), ("2", "wallboard", ".chart canvas"), ("4", "quality", ".player")]
    {
        board.press(key);
        board.wait_for(selector, SOON);
        judge(&mut board, &format!("{name}-chinese-dark"), axe);
    }
    board.press("3");
    board.wait_for(".supervisor tbody tr", SOON);
    judge(&mut board, "supervisor-chinese-dark", axe);
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

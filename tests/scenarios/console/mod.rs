//! The console in Debian's Chromium on a simulated card: an agent's call from the pop to its transfer, a supervisor who
//! hears the call in the browser, listens, whispers, barges in and gives a waiting caller, the customer's card,
//! notices, a work order, day and wallboard beside the reports, a recording heard and scored, and the site's settings
//! changed. The sound at each party is judged at the lines. `restart` loads pages anew and starts the server anew under
//! them.
//!
//! Pictures of the pages stay in the folder `tipring-console` of the temporary folder. Without Chromium, or without npm
//! for axe-core, the part that needs it is left out, and the test says so.
//!
//! Never: drives a page by anything but keys and clicks, as its user would.

mod admin;
#[expect(dead_code, reason = "the bench of desks uses the rest")]
mod browser;
mod customers;
mod listening;
mod orders;
mod restart;
mod stage;

use std::time::Duration;

use serde_json::Value;
use tipring_tests::Process;

use self::browser::Page;
use self::stage::{A_CALL, SOON, Stage, press_for};

/// Time from the first to the second ring in ms: 1 s of ringing and 4 s of pause, as in China.
const SECOND_RING_MS: i64 = 5000;
/// Two callers who press no key and talk until the agent hangs up, the second a while after the first; two headsets.
const DAY: &str = "[[call]]\nline = 0\ngap_ms = 5000\nkey = \"\"\ntalk_ms = 900000\nhangs_up_first = false\n\
                   [[call]]\nline = 1\ngap_ms = 40000\nkey = \"\"\ntalk_ms = 900000\nhangs_up_first = false\n\
                   queue_patience_ms = 1800000\n\
                   [[agent]]\nstation = 2\nphone = \"headset\"\n[[agent]]\nstation = 3\nphone = \"headset\"\n";

/// Time after a call in which the simulated agent with a headset hears no zip tone: the longest phrase is spoken to its
/// end, and silence follows.
const FALLS_SILENT: Duration = Duration::from_secs(12);

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

/// The far ends of the calls, the supervisor's and the agent's telephones.
const CALLER: (&str, &str) = ("c1", "{\"call\":1}");
const SECOND: (&str, &str) = ("c2", "{\"call\":2}");
const LEADER: (&str, &str) = ("s2", "{\"station\":2}");
const AGENT: (&str, &str) = ("s3", "{\"station\":3}");

/// The other language, and the dark theme.
fn switch(page: &mut Page) {
    page.evaluate("[...document.querySelectorAll('.switches button')][0].click()");
    page.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    page.evaluate("[...document.querySelectorAll('.switches button')][1].click()");
    page.wait_until("document.documentElement.lang === 'zh-CN'", SOON);
    page.wait_until("document.documentElement.dataset.theme === 'dark'", SOON);
}

/// A recording of the call is found, heard and scored; the score is in the report, the listening on record.
fn hear_and_score(board: &mut Page, stage: &Stage) {
    board.press("4");
    // The newest is that of the second call, of a phrase or two.
    board.wait_until("document.querySelectorAll('[data-recording]:not(:disabled)').length >= 2", SOON);
    board.press("ArrowDown");
    board.wait_for("[data-recording][aria-pressed=true]", SOON);
    board.press("ArrowDown");
    board.wait_until("document.querySelectorAll('[data-recording]')[1].ariaPressed === 'true'", SOON);
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
    stage.judge(board, "quality");
    let audit = stage.line_of(&["recording", "audit"]);
    assert_eq!((&audit["user"], &audit["act"]), (&"board".into(), &"play".into()), "{audit}");

    board.evaluate("document.querySelectorAll('.question').forEach((each) => each.querySelector(':checked') ?? each.querySelector('input').click())");
    board.evaluate("document.querySelector('[data-action=saveScore]').click()");
    board.wait_for("[data-score]", SOON);
    stage.judge(board, "scored");
    let quality = stage.line_of(&["report", "quality"]);
    assert_eq!((&quality["scores"], &quality["mean_score"]), (&1.into(), &1.0.into()), "{quality}");
    board.wait_for_no("[data-recording][aria-pressed=true]", SOON);
}

/// The team leader's day and the wallboard have the figures of the reports, to the call.
fn compare_with_the_report(board: &mut Page, stage: &Stage) {
    board.press("5");
    let report = stage.line_of(&["report", "queues", "--interval", "whole"]);
    assert_eq!((&report["offered"], &report["answered"]), (&2.into(), &2.into()), "{report}");
    // The log-in was not ready without a reason; the break that was asked for in the call is a row of its own.
    let all = stage.lines_of(&["report", "breaks", "--interval", "whole"]);
    let breaks = all.iter().find(|row| row["reason"] == 1).unwrap_or_else(|| panic!("no break for 1: {all:?}"));
    assert_eq!((&breaks["agent"], &breaks["breaks"]), (&"7002".into(), &1.into()), "{breaks}");
    let shows =
        |place: &str, expected: &Value| format!("document.querySelector('{place}')?.innerText === '{expected}'");
    for column in ["offered", "answered", "abandoned"] {
        let place = format!("[data-queue=\"5000\"] .total [data-column={column}]");
        board.wait_until(&shows(&place, &report[column]), SOON);
    }
    board.wait_until(&shows("[data-break=\"7002 1\"] [data-column=breaks]", &breaks["breaks"]), SOON);
    stage.judge(board, "day");

    board.press("2");
    board.wait_for("[data-figure=offered]", SOON);
    let share = (report["service_level"].as_f64().unwrap() * 100.0).round();
    let whole = |column: &str| report[column].to_string();
    for (figure, expected) in [
        ("offered", whole("offered")),
        ("answered", whole("answered")),
        ("abandoned", whole("abandoned")),
        ("serviceLevel", format!("{share}\u{a0}%")),
    ] {
        board.wait_until(
            &format!("document.querySelector('[data-figure={figure}] dd').innerText === '{expected}'"),
            SOON,
        );
    }
}

/// The supervisor gives the second caller, who waits, to the desk, whose agent has a break.
fn give_the_waiting_caller(board: &mut Page, desk: &mut Page, stage: &mut Stage) {
    std::thread::sleep(FALLS_SILENT);
    board.press("3");
    board.wait_for("[data-waiting]", A_CALL);
    board.wait_for("tr.chosen .badge.notReady", A_CALL);
    stage.judge(board, "waiting");
    press_for(board, "moveWaiting", "m");
    // A headset hears a zip tone, and has the call.
    desk.wait_for(".call.connect", SOON);
    wait_for_heard(&mut stage.card, AGENT.0, SECOND.1);
    wait_for_heard(&mut stage.card, SECOND.0, AGENT.1);
    customers::begin_a_card(desk, stage);
    press_for(desk, "clear", "x");
    desk.wait_for_no(".call", SOON);
    let is_end = |line: &&String| line.contains("call_ended");
    stage.card.wait_for("the end of the second call", A_CALL, |line| line.contains("call_ended"));
    assert_eq!(stage.card.seen().iter().filter(is_end).count(), 2);
    press_for(desk, "ready", "r");
    desk.wait_for(".badge.ready", SOON);
}

#[test]
fn a_call_pops_in_the_browser_is_answered_watched_and_transferred_with_its_data() {
    let Some(mut stage) = Stage::new("console", DAY) else { return };
    let mut desk = stage.open_desk();
    let mut board = stage.open_board();
    board.press("2");
    board.wait_for(".wallboard [data-figure=loggedIn]", SOON);

    desk.wait_for(".call.alerting", A_CALL);
    let popped_at = desk.evaluate("window.poppedAt").as_i64().unwrap();
    assert_eq!(desk.text_of(".call .customer"), "王芳");
    assert_eq!(desk.text_of(".call .number"), stage.number);
    assert!(desk.text_of(".call dl").contains("SG-004711"));
    assert!(desk.evaluate("document.title").as_str().unwrap().contains("王芳"));
    stage.judge(&mut desk, "alerting");
    desk.press("a");
    desk.wait_for(".call.connect", SOON);
    stage.judge(&mut desk, "connected");
    board.wait_for(".wallboard .badge.talking", SOON);
    board.wait_until("document.querySelector('[data-figure=answered] dd').innerText === '1'", SOON);
    board.wait_until("document.querySelectorAll('.chart canvas').length === 4", SOON);
    let agents = "[...document.querySelectorAll('.chart')][2]";
    board.wait_until(&format!("{agents}.querySelector('[role=img]').ariaLabel.includes('On a call 1')"), SOON);
    stage.judge(&mut board, "wallboard");
    wait_for_heard(&mut stage.card, CALLER.0, AGENT.1);
    wait_for_heard(&mut stage.card, AGENT.0, CALLER.1);

    // The page loaded anew goes on with its session and its call.
    desk.evaluate("window.isOld = true; location.reload()");
    desk.wait_until("window.isOld === undefined && document.querySelector('.call.connect') !== null", SOON);
    assert_eq!(desk.text_of(".call .customer"), "王芳");
    press_for(&mut desk, "hold", "h");
    desk.wait_for(".call.hold", SOON);
    press_for(&mut desk, "retrieve", "h");
    desk.wait_for(".call.connect", SOON);
    orders::take_an_order(&mut desk, &stage);
    customers::change_the_card(&mut desk, &stage);
    customers::load_notices(&mut board, &stage);

    board.press("3");
    board.wait_for(".supervisor tbody tr", SOON);
    board.press("ArrowDown");
    board.press("ArrowDown");
    board.wait_for("tr.chosen .badge.talking", SOON);
    listening::hear_in_the_browser(&mut board, &mut stage);
    press_for(&mut board, "listen", "l");
    board.wait_for("[data-action=stopSupervision]:not(:disabled)", SOON);
    stage.judge(&mut board, "supervisor");
    wait_for_heard(&mut stage.card, CALLER.0, LEADER.1);
    wait_for_heard(&mut stage.card, AGENT.0, LEADER.1);
    let was_heard = |card: &mut Process, by: &str| card.seen().iter().any(|line| is_heard(line, LEADER.0, by));
    assert!(
        !was_heard(&mut stage.card, AGENT.1) && !was_heard(&mut stage.card, CALLER.1),
        "a listener is heard by none"
    );
    press_for(&mut board, "whisper", "p");
    wait_for_heard(&mut stage.card, LEADER.0, AGENT.1);
    assert!(!was_heard(&mut stage.card, CALLER.1), "the caller hears no whisper");
    press_for(&mut board, "barge", "j");
    wait_for_heard(&mut stage.card, LEADER.0, CALLER.1);
    board.press("q");
    board.wait_for("[data-action=stopSupervision]:disabled", SOON);

    customers::see_the_notice(&mut desk, &stage);

    // A break, wished for during the call.
    press_for(&mut desk, "notReady", "n");
    desk.wait_for("dialog[open]", SOON);
    stage.judge(&mut desk, "reasons");
    desk.press("1");
    desk.wait_for_no("dialog[open]", SOON);
    desk.wait_for("[data-pending=notReady]", SOON);
    stage.judge(&mut desk, "pending");

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
    stage.judge(&mut board, "transferred");
    board.press("x");
    board.wait_for_no(".call", SOON);
    stage.card.wait_for("the end of the call", SOON, |line| line.contains("call_ended"));
    give_the_waiting_caller(&mut board, &mut desk, &mut stage);
    compare_with_the_report(&mut board, &stage);
    let records = stage.lines_of(&["report", "calls"]);
    let is_first = |record: &&Value| record.as_object().unwrap().values().any(|value| *value == stage.number.as_str());
    let rang_at = records.iter().find(is_first).unwrap()["alerting_ms"].as_i64().unwrap();
    assert!(popped_at < rang_at + SECOND_RING_MS, "rang at {rang_at}, popped at {popped_at}");
    hear_and_score(&mut board, &stage);
    orders::see_all_orders(&mut board, &stage);
    customers::end_a_notice(&mut board, &stage);
    admin::change_an_agent(&mut board, &mut stage);
    admin::change_the_rest(&mut board, &mut stage);
    admin::switch_the_event_mode(&mut board, &mut stage);

    // The other language and theme.
    switch(&mut desk);
    stage.judge(&mut desk, "desk-chinese-dark");
    switch(&mut board);
    for (key, name, selector) in [
        ("5", "day", ".day"),
        ("6", "all-orders", ".orders-page [data-order]"),
        ("7", "administration", "[data-agent]"),
        ("8", "notices", ".notices-page"),
        ("2", "wallboard", ".chart canvas"),
        ("4", "quality", ".player"),
    ] {
        board.press(key);
        board.wait_for(selector, SOON);
        stage.judge(&mut board, &format!("{name}-chinese-dark"));
    }
    board.press("3");
    board.wait_for(".supervisor tbody tr", SOON);
    stage.judge(&mut board, "supervisor-chinese-dark");
    for page in [&mut desk, &mut board] {
        assert_eq!(page.errors, Vec::<String>::new());
    }

    assert!(stage.terminate().success());
}

//! Pages loaded anew in a call, and the server started anew under them: each page keeps its place, and gets every
//! message of its sessions once.
//!
//! Never: judges sound, or accessibility.

use serde_json::Value;

use super::browser::Page;
use super::stage::{A_CALL, SOON, Stage, press_for};

/// One caller who presses no key and talks until the agent hangs up, and two headsets.
const DAY: &str = "[callers]\ncount = 1\nkeys = \"\"\ntalk_ms = [600000, 600001]\nhang_up_first_percent = 0\n\
                   [[agent]]\nstation = 2\nphone = \"headset\"\n[[agent]]\nstation = 3\nphone = \"headset\"\n";

/// Loads a page anew; it goes on with its session.
fn reload(page: &mut Page) {
    page.evaluate("window.isOld = true; location.reload()");
    page.wait_until("window.isOld === undefined && document.querySelector('.bar') !== null", SOON);
    page.wait_for_no(".link[role=alert]", SOON);
}

/// The desk calls the board's station, is loaded anew in the call, and hangs up.
fn call_the_board(desk: &mut Page, board: &mut Page) {
    // The line of a station is free a moment after the server's start: until then the call is refused, with a sentence.
    for _ in 0..10 {
        press_for(desk, "dial", "d");
        desk.wait_for("dialog input[name=value]", SOON);
        desk.fill("dialog input[name=value]", "1001");
        desk.press("Enter");
        desk.wait_for(".call, .notices .error", SOON);
        if desk.evaluate("document.querySelector('.call') !== null") == Value::Bool(true) {
            break;
        }
        eprintln!("the call was refused: {}", desk.text_of(".notices"));
        desk.wait_for_no(".notices .error", SOON);
    }
    board.wait_for(".desk .call.alerting", SOON);
    press_for(board, "answer", "a");
    board.wait_for(".call.connect", SOON);
    desk.wait_for(".call.connect", SOON);
    reload(desk);
    press_for(desk, "clear", "x");
    for page in [desk, board] {
        page.wait_for_no(".call", SOON);
    }
}

/// Every message of each session came once and in order. Returns the names of the events.
fn check_received(page: &mut Page) -> Vec<String> {
    let Value::Array(received) = page.evaluate("window.received") else { panic!("the page records what it receives") };
    let mut last = 0;
    let mut events = Vec::new();
    for message in &received {
        assert!(message.get("gap").is_none_or(Value::is_null), "{message}");
        if message.get("opened").is_some() {
            last = 0;
        } else if let Some(resumed) = message["resumed"].as_u64() {
            assert_eq!(resumed, last, "the page goes on where it was: {received:?}");
        } else {
            last += 1;
            assert_eq!(message["sequence"].as_u64(), Some(last), "{received:?}");
            events.extend(message["name"].as_str().map(str::to_owned));
        }
    }
    events
}

#[test]
fn reloads_in_a_call_and_new_starts_of_the_server_lose_and_double_no_event() {
    let Some(mut stage) = Stage::new("console-restart", DAY) else { return };
    let mut desk = stage.open_desk();
    let mut board = stage.open_board();
    desk.wait_for(".call.alerting", A_CALL);
    press_for(&mut desk, "answer", "a");
    desk.wait_for(".call.connect", SOON);
    for _ in 0..2 {
        reload(&mut desk);
        assert_eq!(desk.text_of(".call .customer"), "王芳");
        press_for(&mut desk, "hold", "h");
        reload(&mut desk);
        desk.wait_for(".call.hold", SOON);
        press_for(&mut desk, "retrieve", "h");
        desk.wait_for(".call.connect", SOON);
    }
    // The board is loaded anew while it still reads the state of the floor.
    board.press("3");
    reload(&mut board);
    board.wait_for(".supervisor .badge.talking", SOON);
    board.press("ArrowDown");
    board.press("ArrowDown");
    board.wait_for("tr.chosen .badge.talking", SOON);
    reload(&mut board);
    board.wait_for("tr.chosen .badge.talking", SOON);

    // A server that ends in order, and one that is killed; the desk was loaded anew and knows no password.
    for is_killed in [false, true] {
        match is_killed {
            false => assert!(stage.terminate().success()),
            true => stage.server.kill(),
        }
        for page in [&mut desk, &mut board] {
            page.wait_for(".link[role=alert]", SOON);
        }
        stage.judge(&mut board, "lost");
        stage.serve_again();
        for page in [&mut desk, &mut board] {
            page.wait_for_no(".link[role=alert]", SOON);
            page.wait_for(".bar", SOON);
        }
        desk.wait_for(".badge.ready", SOON);
        call_the_board(&mut desk, &mut board);
    }
    let (at_the_desk, at_the_board) = (check_received(&mut desk), check_received(&mut board));
    let count = |events: &[String], name: &str| events.iter().filter(|event| *event == name).count();
    assert_eq!((count(&at_the_desk, "held"), count(&at_the_desk, "retrieved")), (2, 2), "{at_the_desk:?}");
    assert_eq!(count(&at_the_desk, "established"), 3, "{at_the_desk:?}");
    assert!(count(&at_the_board, "established") >= 2, "{at_the_board:?}");
    assert!(stage.terminate().success());
}

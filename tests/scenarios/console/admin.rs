//! Administration by keys: an agent's skills refused with file and line, taken over, and written with the comments
//! kept; an event mode put in force after a confirmation, and ended; a new agent with a PIN, a queue's limit, a reason,
//! a blocked trunk, and the picture of a flow.
//!
//! Never: judges the rules of the configuration; `site check` does.

use super::browser::Page;
use super::stage::{SOON, Stage};

/// Changes the agent 7001.
pub fn change_an_agent(board: &mut Page, stage: &mut Stage) {
    let file = stage.folder.path("site.toml");
    let comments = |text: &str| text.lines().filter(|line| line.trim_start().starts_with('#')).count();
    let before = std::fs::read_to_string(&file).unwrap();
    board.press("7");
    board.wait_for("[data-agent=\"7001\"].chosen", SOON);
    board.press("Enter");
    board.wait_for("dialog input[name=skills]", SOON);
    board.fill("dialog input[name=skills]", "billing 0");
    board.press("Enter");
    board.wait_for("dialog [role=alert]", SOON);
    let refusal = board.text_of("dialog [role=alert]");
    assert!(refusal.contains("site.toml:") && refusal.contains("level 0"), "{refusal}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before, "refused, the file is as it was");
    stage.judge(board, "agent-refused");
    board.fill("dialog input[name=skills]", "billing 3, cantonese 5");
    board.press("Enter");
    board.wait_for_no("dialog[open]", SOON);
    board.wait_until(
        "document.querySelector('[data-agent=\"7001\"] [data-column=skills]').innerText === 'billing 3, cantonese 5'",
        SOON,
    );
    let after = std::fs::read_to_string(&file).unwrap();
    assert!(after.contains("billing = 3") && comments(&after) == comments(&before), "{after}");
    let is_audited = |line: &str| line.contains("audit: user board at") && line.contains("the agent 7001 is changed");
    stage.server.wait_for("the audit of the change", SOON, is_audited);
    stage.judge(board, "administration");
}

/// Puts the event mode `storm` in force, and the site as it is written again.
pub fn switch_the_event_mode(board: &mut Page, stage: &mut Stage) {
    for mode in ["storm", "normal"] {
        board.press("m");
        board.wait_for("dialog select[name=mode]:focus", SOON);
        board.evaluate(&format!("document.querySelector('dialog select').value = '{mode}'"));
        board.evaluate("document.querySelector('[data-action=setMode]').click()");
        board.wait_for("dialog [role=alert]", SOON);
        if mode == "storm" {
            stage.judge(board, "event-mode");
        }
        board.evaluate("document.querySelector('[data-action=setMode]').click()");
        board.wait_for_no("dialog[open]", SOON);
        board.wait_for(&format!("[data-mode={mode}]"), SOON);
    }
    let is_audited = |line: &str| line.contains("audit: user board at") && line.contains("the event mode storm");
    stage.server.wait_for("the audit of the event mode", SOON, is_audited);
}

/// Changes a queue, adds a reason and an agent with a PIN, blocks a trunk, and looks at the flow: section by section.
pub fn change_the_rest(board: &mut Page, stage: &mut Stage) {
    let file = stage.folder.path("site.toml");
    let text = || std::fs::read_to_string(&file).unwrap();
    board.press("7");
    board.wait_for("[data-section=agents][aria-pressed=true]", SOON);
    board.press("+");
    board.wait_for("dialog input[name=agent]:focus", SOON);
    board.fill("dialog input[name=agent]", "7003");
    board.fill("dialog input[name=name]", "欧阳晓明(夜班组长)");
    board.evaluate("document.querySelector('dialog input[name=queue]').click()");
    board.fill("dialog input[name=pin]", "4711");
    stage.judge(board, "new-agent");
    board.press("Enter");
    board.wait_for_no("dialog[open]", SOON);
    board.wait_for("[data-agent=\"7003\"]", SOON);
    let users = std::fs::read_to_string(stage.folder.path("users.toml")).unwrap();
    assert!(users.contains("id = \"7003\"") && !users.contains("4711"), "{users}");
    assert!(text().contains("欧阳晓明"), "{}", text());

    board.press("ArrowRight");
    board.wait_for("[data-queue=\"5000\"].chosen", SOON);
    board.press("Enter");
    board.wait_for("dialog input[name=longestWaitS]", SOON);
    board.fill("dialog input[name=longestWaitS]", "900");
    stage.judge(board, "queue-form");
    board.press("Enter");
    board.wait_for_no("dialog[open]", SOON);
    board.wait_until("document.querySelector('[data-queue] [data-column=longestWaitS]').innerText === '900'", SOON);
    assert!(text().contains("\nlongest_wait_s = 900"), "{}", text());

    board.press("ArrowRight");
    board.wait_for("[data-section=reasons][aria-pressed=true]", SOON);
    board.press("+");
    board.wait_for("dialog input[name=code]:focus", SOON);
    board.fill("dialog input[name=code]", "1");
    board.fill("dialog input[name=name]", "小休");
    board.fill("dialog input[name=limit]", "15");
    board.press("Enter");
    board.wait_for_no("dialog[open]", SOON);
    board.wait_for("[data-reason=\"1\"]", SOON);
    assert!(text().contains("name = \"小休\"\nlimit_s = 900"), "{}", text());

    board.press("ArrowRight");
    board.wait_for("[data-line=T1].chosen", SOON);
    board.press("ArrowDown");
    board.press("Enter");
    board.wait_for("dialog button.choice:focus", SOON);
    board.press("Enter");
    board.wait_for("[data-line=T2] .badge.alerting", SOON);
    stage.judge(board, "lines");
    let is_audited = |line: &str| line.contains("audit: user board at") && line.contains("the trunk T2 is blocked");
    stage.server.wait_for("the audit of the blocked trunk", SOON, is_audited);

    board.press("ArrowRight");
    board.wait_for("svg.flow .queue", SOON);
    stage.judge(board, "flows");
    board.press("ArrowRight");
    board.wait_for("[data-agent]", SOON);
}

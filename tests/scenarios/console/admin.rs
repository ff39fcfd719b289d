//! Administration by keys: an agent's skills refused with file and line, taken over, and written with the comments
//! kept; an event mode put in force after a confirmation, and ended.
//!
//! Never: the rules of the configuration; `site check` has those.

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

//! The customer's card by keys: changed while the customer speaks, begun for a number that is new; and notices, which a
//! supervisor loads and ends and a desk sees by its caller.
//!
//! Never: judges the rules of customers and notices.

use super::browser::Page;
use super::stage::{SOON, Stage, press_for};

/// Changes the card of the customer who speaks: a region, notes, and that it goes before others.
pub fn change_the_card(desk: &mut Page, stage: &Stage) {
    desk.wait_for(".customer-card[data-read=true]", SOON);
    assert!(desk.text_of(".customer-card").contains("SG-004711"), "{}", desk.text_of(".customer-card"));
    press_for(desk, "editCustomer", "e");
    desk.wait_for("dialog input[name=name]:focus", SOON);
    desk.fill("dialog input[name=region]", "城北");
    desk.fill("dialog textarea[name=notes]", "听力不好,请慢慢说");
    desk.evaluate("document.querySelector('dialog input[name=vip]').click()");
    stage.judge(desk, "customer-form");
    desk.fill("dialog input[name=numbers]", "number");
    desk.press("Enter");
    desk.wait_for("dialog [role=alert]", SOON);
    assert!(desk.text_of("dialog [role=alert]").contains("no number"), "{}", desk.text_of("dialog [role=alert]"));
    desk.fill("dialog input[name=numbers]", &format!("{}, 0571-8765 4321", stage.number));
    desk.press("Enter");
    desk.wait_for_no("dialog[open]", SOON);
    desk.wait_for(".customer-card .tag.vip", SOON);
    let card = desk.text_of(".customer-card");
    for part in ["城北", "听力不好", "057187654321"] {
        assert!(card.contains(part), "{part}: {card}");
    }
    stage.judge(desk, "customer-card");
    let kept = stage.line_of(&["customer", "show", &stage.number]);
    assert_eq!((&kept["vip"], &kept["region"]), (&"yes".into(), &"城北".into()), "{kept}");
}

/// Begins the card of a caller who is not in the file.
pub fn begin_a_card(desk: &mut Page, stage: &Stage) {
    desk.wait_for(".customer-card[data-read=true][data-customer='']", SOON);
    let offered = desk.text_of(".customer-card [data-action]");
    assert!(offered.contains("Begin a card") || offered.contains("新建客户"), "{offered}");
    press_for(desk, "newCustomer", "e");
    desk.wait_for("dialog input[name=name]:focus", SOON);
    desk.fill("dialog input[name=name]", "陈晓");
    desk.press("Enter");
    desk.wait_for_no("dialog[open]", SOON);
    desk.wait_until("document.querySelector('.call .customer')?.innerText === '陈晓'", SOON);
    let found = stage.line_of(&["customer", "find", "陈晓"]);
    assert_eq!(found["name"], "陈晓", "{found}");
    desk.evaluate("document.activeElement.blur()");
}

/// Loads a notice for the region of the customer who speaks, and one for another.
pub fn load_notices(board: &mut Page, stage: &Stage) {
    board.press("8");
    board.wait_for("[data-action=newNotice]", SOON);
    for (text, region) in [("城北停水至今晚八点,抢修中", "城北"), ("No current at the lake", "999")] {
        board.press("+");
        board.wait_for("dialog textarea[name=text]:focus", SOON);
        board.fill("dialog textarea[name=text]", text);
        board.fill("dialog input[name=region]", region);
        if region == "999" {
            stage.judge(board, "notice-form");
        }
        board.evaluate("document.querySelector('[data-action=saveNotice]').click()");
        board.wait_for_no("dialog[open]", SOON);
        board.wait_until(&format!("document.querySelector('.notices-page').innerText.includes({text:?})"), SOON);
    }
    stage.judge(board, "notices");
}

/// The desk shows the notice of its caller's region alone.
pub fn see_the_notice(desk: &mut Page, stage: &Stage) {
    desk.wait_for(".notices-pane .holds", SOON);
    let seen = desk.text_of(".notices-pane");
    assert!(seen.contains("抢修中") && !seen.contains("lake"), "{seen}");
    stage.judge(desk, "desk-notice");
}

/// Ends the first notice, for callers and at the desk.
pub fn end_a_notice(board: &mut Page, stage: &Stage) {
    board.press("8");
    board.wait_for(".notices-page tr.chosen", SOON);
    board.press("ArrowUp");
    board.press("Delete");
    board.wait_for("dialog button.choice:focus", SOON);
    board.press("Enter");
    board.wait_for_no("dialog[open]", SOON);
    board.wait_until("document.querySelectorAll('.notices-page [data-notice]').length === 1", SOON);
    let all = stage.lines_of(&["notice", "list", "--all"]);
    assert_eq!(all.iter().filter(|row| row["state"] == "ended").count(), 1, "{all:?}");
}

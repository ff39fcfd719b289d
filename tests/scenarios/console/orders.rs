//! A work order at the desk by keys alone: taken down in a call, refused a step without its unit, dispatched, and in
//! the reports; the page of all orders.
//!
//! Never: judges the rules of orders.

use super::browser::Page;
use super::stage::{SOON, Stage, press_for};

/// Takes an order down in the call that goes on, and dispatches it.
pub fn take_an_order(desk: &mut Page, stage: &Stage) {
    press_for(desk, "newOrder", "o");
    desk.wait_for("dialog select[name=kind]:focus", SOON);
    desk.press("ArrowDown");
    desk.fill("dialog input[name=text]", "No water since this morning");
    stage.judge(desk, "new-order");
    desk.press("Enter");
    desk.wait_for_no("dialog[open]", SOON);
    desk.wait_for("[data-order][data-state=accepted]", SOON);
    let text = desk.text_of("[data-order]");
    assert!(text.contains("No water") && text.contains("王芳") && text.contains(&stage.number), "{text}");

    desk.evaluate("document.activeElement.blur()");
    desk.press("Enter");
    desk.wait_for("dialog select[name=step]:focus", SOON);
    stage.judge(desk, "step-order");
    desk.evaluate("document.querySelector('dialog input[name=remark]').focus()");
    desk.press("Enter");
    desk.wait_for("dialog [role=alert]", SOON);
    assert!(desk.text_of("dialog [role=alert]").contains("a unit"), "{}", desk.text_of("dialog [role=alert]"));
    desk.fill("dialog input[name=unit]", "Crew 2");
    desk.press("Enter");
    desk.wait_for("[data-order][data-state=dispatched]", SOON);
    stage.judge(desk, "orders");
    desk.evaluate("document.activeElement.blur()");

    let order = stage.line_of(&["order", "list"]);
    assert_eq!((&order["state"], &order["unit"]), (&"dispatched".into(), &"Crew 2".into()), "{order}");
    assert_eq!((&order["number"], &order["owner"]), (&stage.number.as_str().into(), &"desk2".into()), "{order}");
    assert_ne!(order["call"], 0, "the call that goes on: {order}");
    let report = stage.lines_of(&["report", "orders", "--interval", "whole"]);
    let row = report.iter().find(|row| row["order_kind"] == order["kind"]).unwrap_or_else(|| panic!("{report:?}"));
    assert_eq!((&row["accepted"], &row["dispatches"], &row["open"]), (&1.into(), &1.into(), &1.into()), "{row}");
}

/// The page of a supervisor has it.
pub fn see_all_orders(board: &mut Page, stage: &Stage) {
    board.press("6");
    board.wait_for(".orders-page [data-order][data-state=dispatched]", SOON);
    stage.judge(board, "all-orders");
}

//! The tables of which a replica has a copy: name, key, columns, indexes; and those that it does not have.
//!
//! A test of the store's log of changes holds them against the schema: a table or a column that is missing here is
//! found.
//!
//! Never: says how a database has them.

use super::Kind::{Integer, Json, Moment, Real, Text};
use super::Table;

/// Columns in their order, each by its name and its kind.
macro_rules! columns {
    ($($name:ident $kind:ident),* $(,)?) => { &[$((stringify!($name), $kind)),*] };
}

/// The tables.
pub const TABLES: &[Table] = &[
    Table::new(
        "call",
        &["id"],
        columns![
            id Integer, call_id Integer, direction Text, trunk Text, caller Text, called Text, queue Text, agent Text,
            station Text, keyed Text, offered_ms Moment, answered_ms Moment, queued_ms Moment, alerting_ms Moment,
            established_ms Moment, ended_ms Moment, wait_ms Integer, talk_ms Integer, outcome Text, released_by Text,
            recording Integer, machine Text, ucid Text, kin Text, cause Integer
        ],
        &[&["offered_ms"], &["caller", "offered_ms"], &["call_id"], &["ucid"]],
    ),
    Table::blocks(
        "leg",
        ("leg_block", &["id"]),
        columns![
            block Integer, place Integer, ucid Text, call_id Integer, device Text, kind Text, agent Text,
            began_ms Moment, connected_ms Moment, ended_ms Moment, rung_ms Integer, hold_ms Integer,
            longest_hold_ms Integer, holds Integer, reached Text, cause Integer, ended_by Text
        ],
        &[&["ucid"], &["began_ms"]],
    ),
    Table::blocks(
        "event",
        ("event_block", &["first_seq"]),
        columns![block Integer, place Integer, seq Integer, at_ms Moment, kind Text, data Json],
        &[&["seq"], &["at_ms"]],
    ),
    Table::blocks(
        "decision",
        ("decision_block", &["id"]),
        columns![
            block Integer, place Integer, call_id Integer, at_ms Moment, queue Text, decided Text, rule Text,
            chosen Text, passed Text
        ],
        &[&["call_id"], &["at_ms"]],
    ),
    Table::blocks(
        "agent_state",
        ("agent_state_block", &["id"]),
        columns![block Integer, place Integer, at_ms Moment, agent Text, station Text, state Text, reason Integer],
        &[&["agent", "at_ms"], &["at_ms"]],
    ),
    Table::new(
        "recording",
        &["id"],
        columns![
            id Integer, call_id Integer, file Text, began_ms Moment, samples Integer, whole Integer, sha256 Text,
            octets Integer, removed_ms Moment, reason Text
        ],
        &[&["call_id"], &["began_ms"]],
    ),
    Table::new(
        "recording_mark",
        &["recording_id", "number"],
        columns![
            recording_id Integer, number Integer, kind Text, at_ms Moment, until_ms Moment, ended_by Text, user Text,
            station Text, text Text
        ],
        &[],
    ),
    Table::new(
        "recording_audit",
        &["id"],
        columns![
            id Integer, at_ms Moment, user Text, os_user Text, act Text, recording Integer, call_id Integer,
            detail Text, reason Text
        ],
        &[&["at_ms"]],
    ),
    Table::new("recording_hold", &["call_id"], columns![call_id Integer, at_ms Moment, user Text, reason Text], &[]),
    Table::new(
        "supervision",
        &["id"],
        columns![
            id Integer, at_ms Moment, user Text, act Text, supervisor Text, station Text, agent Text, call_id Integer,
            remark Text, failure Integer
        ],
        &[&["at_ms"]],
    ),
    Table::new(
        "call_back",
        &["id"],
        columns![
            id Integer, number Text, queue Text, call_id Integer, asked_ms Moment, since_ms Moment, tries Integer,
            next_ms Moment, state Text, changed_ms Moment, work_order Integer
        ],
        &[&["number"], &["asked_ms"]],
    ),
    Table::new(
        "call_back_try",
        &["id"],
        columns![id Integer, call_back Integer, at_ms Moment, agent Text, call_id Integer, outcome Text],
        &[&["call_back"]],
    ),
    Table::new(
        "message",
        &["id"],
        columns![
            id Integer, call_id Integer, mailbox Text, owner Text, caller Text, name Text, at_ms Moment,
            samples Integer, file Text, state Text, changed_by Text, changed_ms Moment, taken_by Text, called_ms Moment
        ],
        &[&["at_ms"]],
    ),
    Table::new(
        "message_step",
        &["id"],
        columns![
            id Integer, message Integer, at_ms Moment, step Text, from_state Text, to_state Text, person Text,
            remark Text, call_id Integer
        ],
        &[&["message"], &["at_ms"]],
    ),
    Table::new(
        "score",
        &["id"],
        columns![
            id Integer, at_ms Moment, recording Integer, sha256 Text, call_id Integer, agent Text, form Text,
            form_sha256 Text, kind Text, inspector Text, os_user Text, points Real, possible Real, fatal Text,
            answers Json, remark Text, state Text
        ],
        &[&["agent", "at_ms"]],
    ),
    Table::new(
        "score_step",
        &["id"],
        columns![id Integer, at_ms Moment, score Integer, state Text, user Text, os_user Text, reason Text],
        &[&["score"]],
    ),
    Table::new(
        "work_order",
        &["id"],
        columns![
            id Integer, kind Text, urgency Text, number Text, name Text, place Text, text Text, owner Text, unit Text,
            result Text, call_id Integer, recording Integer, state Text, since_ms Moment, accepted_ms Moment,
            changed_ms Moment, dispatch_due_ms Moment, answer_due_ms Moment, repeats Integer, try_due_ms Moment,
            revisit_due_ms Moment, tries Integer
        ],
        &[&["number"], &["accepted_ms"]],
    ),
    Table::new(
        "work_order_step",
        &["id"],
        columns![
            id Integer, work_order Integer, at_ms Moment, step Text, from_state Text, to_state Text, person Text,
            unit Text, remark Text, call_id Integer, since_ms Moment, dispatch_due_ms Moment, answer_due_ms Moment,
            reason Text, try_due_ms Moment, revisit_due_ms Moment
        ],
        &[&["work_order"], &["at_ms"]],
    ),
    Table::new(
        "customer_entry",
        &["id"],
        columns![
            id Integer, name Text, account Text, address Text, language Text, region Text, vip Integer, notes Text
        ],
        &[&["account"]],
    ),
    Table::new(
        "customer_number",
        &["number"],
        columns![number Text, customer Integer, place Integer],
        &[&["customer"]],
    ),
    Table::new(
        "customer_change",
        &["id"],
        columns![id Integer, customer Integer, at_ms Moment, person Text, what Text],
        &[&["customer"]],
    ),
    Table::new(
        "notice",
        &["id"],
        columns![
            id Integer, text Text, prompt Text, region Text, from_ms Moment, to_ms Moment, is_planned Integer,
            person Text, loaded_ms Moment, ended_ms Moment, ended_by Text
        ],
        &[],
    ),
    Table::new(
        "shift_naming",
        &["id"],
        columns![
            id Integer, shift Text, begin_ms Moment, end_ms Moment, principal Text, deputy Text, person Text,
            named_ms Moment
        ],
        &[&["begin_ms"]],
    ),
];

/// The tables of the store that a replica does not have, with the reason.
pub const LEFT_OUT: &[(&str, &str)] = &[
    ("open_call", "calls under way: a call is in `call` when it is over, or was interrupted"),
    ("call_back_order", "on its way to the running program, which turns it into a row of `call_back`"),
    ("last_kept", "the program's own bookkeeping"),
    ("number_plan", "a setting of the site"),
    ("read_in", "the program's own bookkeeping"),
];

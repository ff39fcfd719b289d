//! Orders and their steps as rows: the columns, and a row read and written.
//!
//! Never: begins or ends a transaction.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::super::columns::named;
use crate::work_order::{Due, OrderId, OrderState, OrderStep, StepRecord, Urgency, WorkOrder};

pub(super) const COLUMNS: &str = "id, kind, urgency, number, name, place, text, owner, unit, result, call_id, recording, state, since_ms, \
                       accepted_ms, changed_ms, dispatch_due_ms, answer_due_ms, repeats, try_due_ms, revisit_due_ms, tries";

fn due(row: &Row<'_>) -> rusqlite::Result<Due> {
    Ok(Due {
        dispatch_ms: row.get("dispatch_due_ms")?,
        answer_ms: row.get("answer_due_ms")?,
        try_ms: row.get("try_due_ms")?,
        revisit_ms: row.get("revisit_due_ms")?,
    })
}

pub(super) fn order(row: &Row<'_>) -> rusqlite::Result<WorkOrder> {
    Ok(WorkOrder {
        id: OrderId(row.get("id")?),
        kind: row.get("kind")?,
        urgency: named(row, "urgency", Urgency::of_name)?,
        number: row.get("number")?,
        name: row.get("name")?,
        place: row.get("place")?,
        text: row.get("text")?,
        owner: row.get("owner")?,
        unit: row.get("unit")?,
        result: row.get("result")?,
        call: row.get("call_id")?,
        recording: row.get("recording")?,
        state: named(row, "state", OrderState::of_name)?,
        since_ms: row.get("since_ms")?,
        accepted_ms: row.get("accepted_ms")?,
        changed_ms: row.get("changed_ms")?,
        due: due(row)?,
        repeats: row.get("repeats")?,
        tries: row.get("tries")?,
    })
}

pub(super) fn step(row: &Row<'_>) -> rusqlite::Result<StepRecord> {
    Ok(StepRecord {
        at_ms: row.get("at_ms")?,
        step: named(row, "step", OrderStep::of_name)?,
        from: match row.get::<_, Option<String>>("from_state")? {
            Some(_) => Some(named(row, "from_state", OrderState::of_name)?),
            None => None,
        },
        to: named(row, "to_state", OrderState::of_name)?,
        person: row.get("person")?,
        unit: row.get("unit")?,
        remark: row.get("remark")?,
        reason: row.get("reason")?,
        call: row.get("call_id")?,
        since_ms: row.get("since_ms")?,
        due: due(row)?,
    })
}

pub(super) fn read(connection: &Connection, id: OrderId) -> rusqlite::Result<Option<WorkOrder>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM work_order WHERE id = ?1"))?
        .query_row([id.0], order)
        .optional()
}

/// The newest open order of a kind of the customer with a number, which comes as its spellings.
pub(super) fn open_order(connection: &Connection, kind: &str, number: &str) -> rusqlite::Result<Option<WorkOrder>> {
    let mut select = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM work_order WHERE number IN (SELECT value FROM json_each(?2)) AND kind = ?1 AND state <> 'filed' ORDER BY id DESC"
    ))?;
    let mut rows = select.query_map([kind, number], order)?;
    rows.find(|order| order.as_ref().map_or(true, |order| order.state.is_open())).transpose()
}

/// Writes an order as it stands; one without an identifier is new. Returns its identifier.
pub(super) fn write(transaction: &Transaction<'_>, order: &WorkOrder) -> rusqlite::Result<OrderId> {
    let id = (order.id.0 != 0).then_some(order.id.0);
    transaction
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO work_order ({COLUMNS}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, \
             ?21, ?22)"
        ))?
        .execute(params![
            id,
            order.kind,
            order.urgency.name(),
            order.number,
            order.name,
            order.place,
            order.text,
            order.owner,
            order.unit,
            order.result,
            order.call,
            order.recording,
            order.state.name(),
            order.since_ms,
            order.accepted_ms,
            order.changed_ms,
            order.due.dispatch_ms,
            order.due.answer_ms,
            order.repeats,
            order.due.try_ms,
            order.due.revisit_ms,
            order.tries,
        ])?;
    Ok(OrderId(id.unwrap_or_else(|| transaction.last_insert_rowid())))
}

pub(super) fn write_step(transaction: &Transaction<'_>, id: OrderId, step: &StepRecord) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO work_order_step (work_order, at_ms, step, from_state, to_state, person, unit, remark, call_id, \
             since_ms, dispatch_due_ms, answer_due_ms, reason, try_due_ms, revisit_due_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            id.0,
            step.at_ms,
            step.step.name(),
            step.from.map(OrderState::name),
            step.to.name(),
            step.person,
            step.unit,
            step.remark,
            step.call,
            step.since_ms,
            step.due.dispatch_ms,
            step.due.answer_ms,
            step.reason,
            step.due.try_ms,
            step.due.revisit_ms,
        ])
        .map(drop)
}

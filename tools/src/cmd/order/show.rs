//! Orders and their steps, listed, shown and exported.
//!
//! Never: changes one.

use std::io::Write;

use serde_json::json;
use tipring_core::store::sqlite::{OrderQuery, SqliteStore};
use tipring_core::work_order::{OrderState, WorkOrder};

use super::{DueArgs, ExportArgs, ListArgs, ShowArgs};
use crate::clock;
use crate::cmd::listing::age;
use crate::cmd::source::Opened;
use crate::failure::Failure;
use crate::orders::{OrderRow, StepRow};
use crate::plural::count;

pub(super) fn list(args: &ListArgs, out: &mut impl Write) -> Result<(), Failure> {
    let now_ms = clock::epoch_ms();
    let (from_ms, to_ms) = args.listing.span(args.source.clock()?)?;
    let query = OrderQuery {
        state: args.state.as_deref().and_then(OrderState::of_name),
        filed: args.all,
        kind: args.kind.clone(),
        owner: args.owner.clone(),
        number: args.number.clone(),
        late_at: args.late.then_some(now_ms),
        from_ms: Some(from_ms),
        to_ms: Some(to_ms),
        limit: None,
    };
    let rows: Vec<OrderRow> =
        args.source.read()?.orders(&query)?.into_iter().map(|order| OrderRow::new(order, now_ms)).collect();
    if !args.listing.write(&rows, out)? {
        if rows.is_empty() {
            writeln!(out, "There is no such order")?;
        } else {
            writeln!(out, "ORDER    KIND          STATE       AGE     OWNER     UNIT        CUSTOMER")?;
        }
        for row in &rows {
            let late = if row.late { "  LATE" } else { "" };
            let urgency = if row.urgency == "normal" { String::new() } else { format!("  {}", row.urgency) };
            let repeats = if row.repeats == 0 { String::new() } else { format!("  {}", count(row.repeats, "repeat")) };
            writeln!(
                out,
                "{:<8} {:<13} {:<11} {:<7} {:<9} {:<11} {}{urgency}{repeats}{late}",
                row.order,
                row.kind,
                row.state,
                age(row.age_s),
                row.owner,
                if row.unit.is_empty() { "-" } else { &row.unit },
                row.customer(),
            )?;
        }
    }
    Ok(out.flush()?)
}

/// Lists orders whose customers are to be called about the result, the most pressing first.
pub(super) fn due(args: &DueArgs, out: &mut impl Write) -> Result<(), Failure> {
    let now_ms = clock::epoch_ms();
    let Opened { store, clock: site, .. } = args.source.open()?;
    let rows: Vec<OrderRow> =
        due_orders(&store, args.kind.as_deref())?.into_iter().map(|order| OrderRow::new(order, now_ms)).collect();
    if args.json {
        for row in &rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
    } else if rows.is_empty() {
        writeln!(out, "No customer is to be called about a result")?;
    } else {
        writeln!(out, "ORDER    KIND          CALL BY              REVISIT BY           TRIES  CUSTOMER")?;
        for row in &rows {
            let by = |ms: Option<i64>| ms.map_or_else(|| "-".to_owned(), |ms| site.second(ms));
            let (call, word) = (by(row.try_due_ms), by(row.revisit_due_ms));
            let late = if row.late { "  LATE" } else { "" };
            writeln!(
                out,
                "{:<8} {:<13} {call:<20} {word:<20} {:<6} {}{late}",
                row.order,
                row.kind,
                row.tries,
                row.customer()
            )?;
        }
    }
    Ok(out.flush()?)
}

/// The orders whose customers are to be called, the most pressing first.
pub(super) fn due_orders(store: &SqliteStore, kind: Option<&str>) -> Result<Vec<WorkOrder>, Failure> {
    let query = OrderQuery { state: Some(OrderState::Done), kind: kind.map(str::to_owned), ..OrderQuery::default() };
    let mut orders = store.orders(&query)?;
    orders.retain(|order| order.due.revisit_ms.is_some());
    orders.sort_by_key(|order| (order.due.try_ms.or(order.due.revisit_ms), order.id));
    Ok(orders)
}

pub(super) fn show(args: &ShowArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Opened { store, clock: site, .. } = args.source.open()?;
    let now_ms = clock::epoch_ms();
    for id in &args.orders {
        let unknown = || format!("There is no order {id}; `tipring order list` shows those there are");
        let row = OrderRow::new(store.order(*id)?.ok_or_else(unknown)?, now_ms);
        let steps = store.order_steps(*id)?.into_iter().map(|step| StepRow::new(*id, &row.kind, step));
        if args.json {
            let mut value = serde_json::to_value(&row)?;
            value["steps"] = json!(steps.collect::<Vec<_>>());
            writeln!(out, "{value}")?;
            continue;
        }
        writeln!(out, "Order {}: {}, {}{}", row.order, row.kind, row.state, if row.late { ", late" } else { "" })?;
        let call = if row.call == 0 { String::new() } else { row.call.to_string() };
        let recording = row.recording.map(|recording| recording.to_string()).unwrap_or_default();
        let due = |ms: Option<i64>| ms.map(|ms| site.second(ms)).unwrap_or_default();
        for (name, value) in [
            ("Text", row.text.clone()),
            ("Result", row.result.clone()),
            ("Customer", row.customer()),
            ("Place", row.place.clone()),
            ("Urgency", row.urgency.to_owned()),
            ("Owner", row.owner.clone()),
            ("Unit", row.unit.clone()),
            ("Call", call),
            ("Recording", recording),
            ("Since", format!("{} ({})", site.second(row.since_ms), age(row.age_s))),
            ("Dispatch by", due(row.dispatch_due_ms)),
            ("Answer by", due(row.answer_due_ms)),
            ("Call by", due(row.try_due_ms)),
            ("Revisit by", due(row.revisit_due_ms)),
        ] {
            if !value.is_empty() {
                writeln!(out, "  {name:<12} {value}")?;
            }
        }
        for step in steps {
            let mut line = format!("  {}  {} by {}", site.second(step.at_ms), step.step, step.person);
            for (word, text) in [(" to ", &step.unit), (": ", &step.remark), (", in vain: ", &step.reason)] {
                if !text.is_empty() {
                    line += &format!("{word}{text}");
                }
            }
            if step.call != 0 {
                line += &format!(" (call {})", step.call);
            }
            writeln!(out, "{line}")?;
        }
    }
    Ok(out.flush()?)
}

pub(super) fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = args.source.read()?;
    let (from_ms, to_ms) = args.listing.span(args.source.clock()?)?;
    if args.steps {
        let mut rows = Vec::new();
        store.each_order_step(to_ms, |order, kind, step| {
            if step.at_ms >= from_ms {
                rows.push(StepRow::new(order, kind, step.clone()));
            }
        })?;
        args.listing.export(&rows, out)?;
    } else {
        let query = OrderQuery { filed: true, from_ms: Some(from_ms), to_ms: Some(to_ms), ..OrderQuery::default() };
        let now_ms = clock::epoch_ms();
        let mut rows: Vec<OrderRow> =
            store.orders(&query)?.into_iter().map(|order| OrderRow::new(order, now_ms)).collect();
        rows.reverse();
        args.listing.export(&rows, out)?;
    }
    Ok(out.flush()?)
}

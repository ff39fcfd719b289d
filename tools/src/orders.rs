//! Work orders as they are shown outside: rows of lists and exports.
//!
//! Never: has a rule of orders.

use serde::Serialize;
use tipring_core::work_order::{OrderId, OrderState, StepRecord, WorkOrder};
use tipring_web::records::{OrderItem, OrderStep};

/// An order as it is listed. Moments are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderRow {
    /// Its number, with the check digit.
    pub order: String,
    /// The name of its kind.
    pub kind: String,
    /// Its urgency.
    pub urgency: &'static str,
    /// Its state.
    pub state: &'static str,
    /// One of its clocks has run out.
    pub late: bool,
    /// Time since its clocks began, s.
    pub age_s: i64,
    /// The customer's number; empty if not known.
    pub number: String,
    /// The customer's name; empty if not known.
    pub name: String,
    /// The place; empty if it has none.
    pub place: String,
    /// Subject of the order.
    pub text: String,
    /// The owner.
    pub owner: String,
    /// The unit to which it was dispatched last; empty if it was not.
    pub unit: String,
    /// The result; empty until it is done.
    pub result: String,
    /// The call; 0 for none.
    pub call: i32,
    /// The call's recording.
    pub recording: Option<i64>,
    /// Calls about it after the first.
    pub repeats: u32,
    /// Start of its clocks.
    pub since_ms: i64,
    /// Moment of the acceptance.
    pub accepted_ms: i64,
    /// Moment of the last step.
    pub changed_ms: i64,
    /// Limit of the dispatch; none for a clock that does not run.
    pub dispatch_due_ms: Option<i64>,
    /// Limit of the answer; none for a clock that does not run.
    pub answer_due_ms: Option<i64>,
    /// Limit of the first try to call the customer about the result.
    pub try_due_ms: Option<i64>,
    /// Limit of the customer's word, or of the last try.
    pub revisit_due_ms: Option<i64>,
    /// Tries so far.
    pub tries: u32,
}

impl OrderRow {
    /// The row of an order at a moment.
    pub fn new(order: WorkOrder, now_ms: i64) -> OrderRow {
        OrderRow {
            order: order.id.to_string(),
            urgency: order.urgency.name(),
            state: order.state.name(),
            late: order.due.late(now_ms).next().is_some(),
            // An order that is filed ages no more.
            age_s: (if order.state == OrderState::Filed { order.changed_ms } else { now_ms } - order.since_ms) / 1000,
            kind: order.kind,
            number: order.number,
            name: order.name,
            place: order.place,
            text: order.text,
            owner: order.owner,
            unit: order.unit,
            result: order.result,
            call: order.call,
            recording: order.recording,
            repeats: order.repeats,
            since_ms: order.since_ms,
            accepted_ms: order.accepted_ms,
            changed_ms: order.changed_ms,
            dispatch_due_ms: order.due.dispatch_ms,
            answer_due_ms: order.due.answer_ms,
            try_due_ms: order.due.try_ms,
            revisit_due_ms: order.due.revisit_ms,
            tries: order.tries,
        }
    }

    /// The row as the console has it, with the steps on offer.
    pub fn into_item(self, steps: Vec<OrderStep>) -> OrderItem {
        OrderItem {
            order: self.order,
            kind: self.kind,
            urgency: self.urgency.to_owned(),
            state: self.state.to_owned(),
            late: self.late,
            number: self.number,
            name: self.name,
            place: self.place,
            text: self.text,
            owner: self.owner,
            unit: self.unit,
            result: self.result,
            call: self.call,
            repeats: self.repeats,
            since_ms: self.since_ms,
            changed_ms: self.changed_ms,
            dispatch_due_ms: self.dispatch_due_ms,
            answer_due_ms: self.answer_due_ms,
            steps,
        }
    }

    /// The customer, as a person knows it.
    pub fn customer(&self) -> String {
        let known = [self.name.as_str(), self.number.as_str()].into_iter().filter(|text| !text.is_empty());
        let known = known.collect::<Vec<_>>().join(" ");
        if known.is_empty() { "not known".into() } else { known }
    }
}

/// A step as it is listed. Moments are milliseconds since 1970, UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// The order's number.
    pub order: String,
    /// The name of its kind.
    pub kind: String,
    /// The moment.
    pub at_ms: i64,
    /// The step.
    pub step: &'static str,
    /// The state before; none for the acceptance.
    pub from: Option<&'static str>,
    /// The state after.
    pub to: &'static str,
    /// The person.
    pub person: String,
    /// The unit, of a dispatch.
    pub unit: String,
    /// The remark.
    pub remark: String,
    /// The reason why the customer was not reached, of a try.
    pub reason: String,
    /// The call about it; 0 for none.
    pub call: i32,
    /// Start of the clocks.
    pub since_ms: i64,
    /// Limit of the dispatch as the step was taken.
    pub dispatch_due_ms: Option<i64>,
    /// Limit of the answer as the step was taken.
    pub answer_due_ms: Option<i64>,
    /// Limit of the first try, as the step was taken or started it.
    pub try_due_ms: Option<i64>,
    /// Limit of the customer's word, as the step was taken or started it.
    pub revisit_due_ms: Option<i64>,
}

impl StepRow {
    /// The row of a step of an order of a kind.
    pub fn new(order: OrderId, kind: &str, step: StepRecord) -> StepRow {
        StepRow {
            order: order.to_string(),
            kind: kind.to_owned(),
            at_ms: step.at_ms,
            step: step.step.name(),
            from: step.from.map(OrderState::name),
            to: step.to.name(),
            person: step.person,
            unit: step.unit,
            remark: step.remark,
            reason: step.reason,
            call: step.call,
            since_ms: step.since_ms,
            dispatch_due_ms: step.due.dispatch_ms,
            answer_due_ms: step.due.answer_ms,
            try_due_ms: step.due.try_ms,
            revisit_due_ms: step.due.revisit_ms,
        }
    }
}

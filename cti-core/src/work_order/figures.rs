//! The report of orders: a fold over the steps, oldest first, for one interval after the other.
//!
//! Steps before an interval give the orders that were open as it began; steps in it are counted.
//!
//! Never: takes a figure from anything but kept steps.

use std::collections::BTreeMap;

use serde::Serialize;

use super::number::OrderId;
use super::order::{Due, StepRecord};
use super::rules::{Clock, OrderState, OrderStep};

/// The definitions of the columns, printed with the report.
pub const DEFINITIONS: &[(&str, &str)] = &[
    ("begin", "first moment of the interval"),
    ("end", "first moment after the interval"),
    ("order_kind", "kind of the orders"),
    ("accepted", "orders taken down in the interval"),
    ("repeats", "calls about an order that was open already: linked to it, no second order"),
    ("dispatches", "dispatches to a unit, a second one of the same order included"),
    ("done", "orders done in the interval: the work is done, or the question answered"),
    ("tries", "calls to customers about the result in vain"),
    ("revisited", "orders whose customer was asked in the interval"),
    ("unreached", "orders whose customer was not reached by several tries, in the interval"),
    ("filed", "orders filed in the interval"),
    ("reopened", "orders begun anew in the interval"),
    ("dispatch_in_time", "orders dispatched, or done without, within the limit of the kind, counted from the call"),
    ("dispatch_late", "orders dispatched, or done without, after that limit"),
    ("dispatch_mean", "mean time from the call, or from the order's reopening, to the first dispatch, s"),
    ("answer_in_time", "orders done within the limit of the kind, counted from the call"),
    ("answer_late", "orders done after that limit"),
    ("try_in_time", "orders whose customer was called, or asked, within the working days of the kind after the result"),
    ("try_late", "orders whose customer was called, or asked, for the first time after that"),
    ("revisit_in_time", "orders whose customer was asked, or given up, within the working days of the kind"),
    ("revisit_late", "orders whose customer was asked, or given up, after that"),
    ("open", "orders not done at the end of the interval"),
    ("open_late", "those of them one of whose limits has passed"),
    ("oldest_open", "age of the oldest of them since its call or its reopening, s"),
    ("to_revisit", "orders done whose customer was not asked yet, at the end of the interval"),
    ("to_revisit_late", "those of them whose call-back is late"),
];

/// A row of the report.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[allow(missing_docs, reason = "each column is defined in DEFINITIONS")]
pub struct KindRow {
    pub begin: u64,
    pub end: u64,
    pub order_kind: String,
    pub accepted: u64,
    pub repeats: u64,
    pub dispatches: u64,
    pub done: u64,
    pub tries: u64,
    pub revisited: u64,
    pub unreached: u64,
    pub filed: u64,
    pub reopened: u64,
    pub dispatch_in_time: u64,
    pub dispatch_late: u64,
    pub dispatch_mean: Option<f64>,
    pub answer_in_time: u64,
    pub answer_late: u64,
    pub try_in_time: u64,
    pub try_late: u64,
    pub revisit_in_time: u64,
    pub revisit_late: u64,
    pub open: u64,
    pub open_late: u64,
    pub oldest_open: Option<f64>,
    pub to_revisit: u64,
    pub to_revisit_late: u64,
}

/// The fold over an interval, in ms since 1970; its end is not included.
#[derive(Debug)]
pub struct Tally {
    from_ms: i64,
    to_ms: i64,
    /// The kind and the last step of each order.
    orders: BTreeMap<OrderId, (String, StepRecord)>,
    rows: BTreeMap<String, KindRow>,
    /// Sum of the times to the first dispatch, ms, and their count.
    dispatched: BTreeMap<String, (i64, u64)>,
}

impl Tally {
    /// The fold of an interval before its first step.
    pub fn new(from_ms: i64, to_ms: i64) -> Tally {
        Tally { from_ms, to_ms, orders: BTreeMap::new(), rows: BTreeMap::new(), dispatched: BTreeMap::new() }
    }

    /// The end of the interval.
    pub const fn end_ms(&self) -> i64 {
        self.to_ms
    }

    /// Goes on to the interval after this one.
    pub fn roll(&mut self, to_ms: i64) {
        (self.from_ms, self.to_ms) = (self.to_ms, to_ms);
        self.rows.clear();
        self.dispatched.clear();
    }

    /// Takes the next step of an order of a kind; one after the interval is left out.
    pub fn apply(&mut self, id: OrderId, kind: &str, step: &StepRecord) {
        if step.at_ms >= self.to_ms {
            return;
        }
        self.orders.insert(id, (kind.to_owned(), step.clone()));
        if step.at_ms >= self.from_ms {
            self.count(kind, step);
        }
    }

    fn count(&mut self, kind: &str, step: &StepRecord) {
        let row = self.rows.entry(kind.to_owned()).or_default();
        *match step.step {
            OrderStep::Accept => &mut row.accepted,
            OrderStep::Repeat => &mut row.repeats,
            OrderStep::Dispatch => &mut row.dispatches,
            OrderStep::Done => &mut row.done,
            OrderStep::Try => &mut row.tries,
            OrderStep::Revisit => &mut row.revisited,
            OrderStep::Unreached => &mut row.unreached,
            OrderStep::File => &mut row.filed,
            OrderStep::Reopen => &mut row.reopened,
        } += 1;
        for clock in stopped(step) {
            let Some(due) = step.due.of(clock) else { continue };
            let is_late = step.at_ms > due;
            *match (clock, is_late) {
                (Clock::Dispatch, false) => &mut row.dispatch_in_time,
                (Clock::Dispatch, true) => &mut row.dispatch_late,
                (Clock::Answer, false) => &mut row.answer_in_time,
                (Clock::Answer, true) => &mut row.answer_late,
                (Clock::Try, false) => &mut row.try_in_time,
                (Clock::Try, true) => &mut row.try_late,
                (Clock::Revisit, false) => &mut row.revisit_in_time,
                (Clock::Revisit, true) => &mut row.revisit_late,
            } += 1;
        }
        if step.step == OrderStep::Dispatch && step.from == Some(OrderState::Accepted) {
            let (sum, count) = self.dispatched.entry(kind.to_owned()).or_default();
            (*sum, *count) = (*sum + (step.at_ms - step.since_ms), *count + 1);
        }
    }

    /// The rows by kind, with the orders that stand at the end of the interval.
    pub fn rows(&self) -> Vec<KindRow> {
        let now_ms = self.to_ms;
        let mut rows = self.rows.clone();
        for (kind, last) in self.orders.values() {
            let row = rows.entry(kind.clone()).or_default();
            let is_late = running(last).late(now_ms).next().is_some();
            row.to_revisit += u64::from(last.to == OrderState::Done);
            row.to_revisit_late += u64::from(last.to == OrderState::Done && is_late);
            if !last.to.is_open() {
                continue;
            }
            let age = (now_ms - last.since_ms).max(0) as f64 / 1000.0;
            row.open += 1;
            row.oldest_open = Some(row.oldest_open.map_or(age, |oldest| oldest.max(age)));
            row.open_late += u64::from(is_late);
        }
        for (kind, (sum, count)) in &self.dispatched {
            if let Some(row) = rows.get_mut(kind) {
                row.dispatch_mean = Some(*sum as f64 / *count as f64 / 1000.0);
            }
        }
        let [begin, end] = [self.from_ms, self.to_ms].map(|ms| ms.max(0) as u64);
        rows.into_iter().map(|(order_kind, row)| KindRow { begin, end, order_kind, ..row }).collect()
    }
}

/// The clocks that a step that was taken has stopped.
fn stopped(step: &StepRecord) -> impl Iterator<Item = Clock> {
    let rule = step.from.and_then(|from| from.rules().find(|rule| rule.step == step.step));
    rule.into_iter().flat_map(|rule| rule.stops.iter().copied())
}

/// The clocks that run after a step.
fn running(step: &StepRecord) -> Due {
    let mut due = step.due;
    stopped(step).for_each(|clock| due.set(clock, None));
    due
}

#[cfg(test)]
mod tests;

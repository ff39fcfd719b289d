//! An order, its acceptance, and the one function that changes it.
//!
//! Never: changes without a step that is kept.

use super::kind::Kinds;
use super::number::OrderId;
use super::refusal::{Refusal, TEXT_MAX};
use super::rules::{Clock, Need, OrderState, OrderStep, Rank, Rule, TRIES_LEAST, Urgency, WORK};
use crate::person::Person;

/// Moments at which clocks run out, ms since 1970; none for a clock that does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Due {
    /// Of the dispatch.
    pub dispatch_ms: Option<i64>,
    /// Of the answer.
    pub answer_ms: Option<i64>,
    /// Of the first try to call the customer about the result.
    pub try_ms: Option<i64>,
    /// Of the customer's word.
    pub revisit_ms: Option<i64>,
}

impl Due {
    /// The moment of a clock.
    pub const fn of(&self, clock: Clock) -> Option<i64> {
        match clock {
            Clock::Dispatch => self.dispatch_ms,
            Clock::Answer => self.answer_ms,
            Clock::Try => self.try_ms,
            Clock::Revisit => self.revisit_ms,
        }
    }

    pub(super) fn set(&mut self, clock: Clock, at_ms: Option<i64>) {
        *match clock {
            Clock::Dispatch => &mut self.dispatch_ms,
            Clock::Answer => &mut self.answer_ms,
            Clock::Try => &mut self.try_ms,
            Clock::Revisit => &mut self.revisit_ms,
        } = at_ms;
    }

    /// The clocks that have run out at a moment.
    pub fn late(&self, now_ms: i64) -> impl Iterator<Item = Clock> {
        let due = *self;
        Clock::ALL.iter().copied().filter(move |clock| due.of(*clock).is_some_and(|at| at < now_ms))
    }
}

/// An order that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRequest {
    /// The name of the kind.
    pub kind: String,
    /// The urgency.
    pub urgency: Urgency,
    /// The customer's number; empty if not known.
    pub number: String,
    /// The customer's name; empty if not known.
    pub name: String,
    /// The place of it; empty if it has none.
    pub place: String,
    /// Subject of the order.
    pub text: String,
    /// The owner; the person who takes it down if none is given.
    pub owner: Option<String>,
    /// The call, by CSTA's identifier; 0 for none.
    pub call: i32,
    /// The call's recording.
    pub recording: Option<i64>,
    /// Begin of the call, ms since 1970; none without one.
    pub called_ms: Option<i64>,
}

/// A step that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The step.
    pub step: OrderStep,
    /// The unit, for a dispatch.
    pub unit: String,
    /// The remark: of a try, what was to be said.
    pub remark: String,
    /// The reason why the customer was not reached, for a try.
    pub reason: String,
    /// The call about it, by CSTA's identifier; 0 for none.
    pub call: i32,
}

impl Submission {
    /// A step with nothing given.
    pub const fn of(step: OrderStep) -> Submission {
        Submission { step, unit: String::new(), remark: String::new(), reason: String::new(), call: 0 }
    }
}

/// A work order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// The order.
    pub id: OrderId,
    /// The name of its kind.
    pub kind: String,
    /// Its urgency.
    pub urgency: Urgency,
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
    /// The call, by CSTA's identifier; 0 for none.
    pub call: i32,
    /// The call's recording.
    pub recording: Option<i64>,
    /// The state.
    pub state: OrderState,
    /// Start of the clocks, ms since 1970: the begin of the call, else the acceptance.
    pub since_ms: i64,
    /// Moment of the acceptance, ms since 1970.
    pub accepted_ms: i64,
    /// Moment of the last step, ms since 1970.
    pub changed_ms: i64,
    /// Clocks that run.
    pub due: Due,
    /// Calls about it after the first.
    pub repeats: u32,
    /// Tries to call the customer about the result, since it was there last.
    pub tries: u32,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The moment, ms since 1970.
    pub at_ms: i64,
    /// The step.
    pub step: OrderStep,
    /// The state before; none for the acceptance.
    pub from: Option<OrderState>,
    /// The state after.
    pub to: OrderState,
    /// The person.
    pub person: String,
    /// The unit, of a dispatch.
    pub unit: String,
    /// The remark.
    pub remark: String,
    /// The reason why the customer was not reached, of a try.
    pub reason: String,
    /// The call; 0 for none.
    pub call: i32,
    /// Start of the clocks, ms since 1970.
    pub since_ms: i64,
    /// The clocks that ran as the step was taken, and those that it started; one that it started anew as it ran then.
    pub due: Due,
}

/// The end of a clock of a kind that starts at a moment; none for one that does not run, and for a kind that the site
/// no longer has.
fn due(kinds: &Kinds, kind: &str, clock: Clock, since_ms: i64) -> Option<i64> {
    let kind = kinds.find(kind)?;
    let after = |limit: u64| since_ms.saturating_add_unsigned(limit);
    let after_days = |days: u8| kinds.after_days(since_ms, days);
    match clock {
        Clock::Dispatch => kind.dispatch_within_ms.map(after),
        Clock::Answer => kind.answer_within_ms.map(after),
        Clock::Try => kind.try_within_days.map(after_days),
        Clock::Revisit => kind.revisit_within_days.map(after_days),
    }
}

fn is_too_long(texts: &[&str]) -> bool {
    texts.iter().any(|text| text.chars().count() > TEXT_MAX)
}

impl WorkOrder {
    /// Takes an order down. Its identifier is the store's to give.
    ///
    /// # Errors
    /// There is no such kind, no text, or one that is too long.
    pub fn accept(
        kinds: &Kinds,
        of: OrderRequest,
        by: &Person,
        now_ms: i64,
    ) -> Result<(WorkOrder, StepRecord), Refusal> {
        let step = OrderStep::Accept;
        if kinds.find(&of.kind).is_none() {
            return Err(Refusal::NoKind { kind: of.kind, known: kinds.names() });
        }
        if of.text.trim().is_empty() {
            return Err(Refusal::Missing { step, things: vec!["a text"] });
        }
        if is_too_long(&[&of.text, &of.name, &of.place, &of.number]) {
            return Err(Refusal::TooLong);
        }
        // A call that begins after its order is one whose clock was set back.
        let since_ms = of.called_ms.unwrap_or(now_ms).min(now_ms);
        let mut started = Due::default();
        WORK.iter().for_each(|clock| started.set(*clock, due(kinds, &of.kind, *clock, since_ms)));
        let due = started;
        let order = WorkOrder {
            id: OrderId(0),
            kind: of.kind,
            urgency: of.urgency,
            number: of.number,
            name: of.name,
            place: of.place,
            text: of.text.trim().to_owned(),
            owner: of.owner.unwrap_or_else(|| by.name.clone()),
            unit: String::new(),
            result: String::new(),
            call: of.call,
            recording: of.recording,
            state: OrderState::Accepted,
            since_ms,
            accepted_ms: now_ms,
            changed_ms: now_ms,
            due,
            repeats: 0,
            tries: 0,
        };
        let record = StepRecord {
            at_ms: now_ms,
            step,
            from: None,
            to: order.state,
            person: by.name.clone(),
            unit: String::new(),
            remark: String::new(),
            reason: String::new(),
            call: order.call,
            since_ms,
            due,
        };
        Ok((order, record))
    }

    /// The rank of a person before this order.
    pub fn rank(&self, person: &Person) -> Rank {
        match person.is_supervisor {
            true => Rank::Supervisor,
            false if person.name == self.owner => Rank::Owner,
            false => Rank::Desk,
        }
    }

    /// Takes a step, by the table. Nothing is changed if it is refused.
    ///
    /// # Errors
    /// The step does not lead from the order's state, the person's rank is too low, or something is missing.
    pub fn step(&mut self, kinds: &Kinds, given: Submission, by: &Person, now_ms: i64) -> Result<StepRecord, Refusal> {
        let Submission { step, unit, remark, reason, call } = given;
        let (order, state) = (self.id, self.state);
        let rule = state.rules().find(|rule| rule.step == step).ok_or(Refusal::NotFrom { order, state, step })?;
        if self.rank(by) < rule.rank {
            return Err(Refusal::Rank { order, owner: self.owner.clone(), step, rank: rule.rank });
        }
        let [unit, remark, reason] = [unit, remark, reason].map(|text| text.trim().to_owned());
        if is_too_long(&[&unit, &remark, &reason]) {
            return Err(Refusal::TooLong);
        }
        let things = self.missing(rule, (&unit, &remark, &reason));
        if !things.is_empty() {
            return Err(Refusal::Missing { step, things });
        }
        let mut ran = self.due;
        rule.stops.iter().for_each(|clock| self.due.set(*clock, None));
        for clock in rule.starts {
            let at = due(kinds, &self.kind, *clock, now_ms);
            self.due.set(*clock, at);
            ran.set(*clock, at);
        }
        match step {
            OrderStep::Repeat => self.repeats += 1,
            OrderStep::Dispatch => self.unit.clone_from(&unit),
            OrderStep::Done => {
                self.result.clone_from(&remark);
                self.tries = 0;
            }
            OrderStep::Try => self.tries += 1,
            OrderStep::Reopen => {
                self.since_ms = now_ms;
                self.result.clear();
            }
            _ => {}
        }
        self.state = rule.to;
        self.changed_ms = now_ms;
        Ok(StepRecord {
            at_ms: now_ms,
            step,
            from: Some(state),
            to: rule.to,
            person: by.name.clone(),
            unit,
            remark,
            reason,
            call,
            since_ms: self.since_ms,
            due: ran,
        })
    }

    fn missing(&self, rule: &Rule, (unit, remark, reason): (&str, &str, &str)) -> Vec<&'static str> {
        let mut things = Vec::new();
        let mut need = |is_missing: bool, thing| {
            if is_missing {
                things.push(thing);
            }
        };
        for each in rule.needs {
            match each {
                Need::Unit => need(unit.is_empty(), "a unit"),
                Need::Remark => need(remark.is_empty(), "a remark"),
                Need::Reason => need(reason.is_empty(), "a reason"),
                Need::Tries => need(self.tries < TRIES_LEAST, "three tries"),
                Need::Complete => {
                    need(self.number.is_empty() && self.name.is_empty(), "the customer's number or name");
                    need(self.result.is_empty(), "a result");
                }
            }
        }
        things
    }
}

#[cfg(test)]
pub(super) mod tests;

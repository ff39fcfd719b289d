//! Work orders of a simulated day: some talks end in one, and it goes its way by dice.
//!
//! The dice are its own, so that the day's calls are the same with and without orders.
//!
//! Never: takes a step at a moment other than its own; the steps that are due are taken before anything later happens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tipring_core::person::Person;
use tipring_core::store::sqlite::{Accepted, OrderError, SqliteStore};
use tipring_core::work_order::{Kinds, OrderId, OrderRequest, OrderStep, Submission, Urgency};

use super::people::Dice;

/// Share of the talks that end in an order.
const SHARE: f64 = 0.1;
/// Share of orders from one of a few households, so that some are repeats.
const NEIGHBOURS: f64 = 0.3;
/// Share of revisits whose customer is not content.
const REOPENED: f64 = 0.1;
/// Kinds, as often as they stand here.
const KINDS: &[&str] = &["fault", "fault", "fault", "complaint", "report", "enquiry"];
/// Steps with the mean time before each, s. A fault is late where the talk and this pass five minutes.
const STEPS: &[(OrderStep, f64)] =
    &[(OrderStep::Dispatch, 120.0), (OrderStep::Done, 1800.0), (OrderStep::Revisit, 900.0), (OrderStep::File, 60.0)];

/// The orders of a day.
pub struct Orders {
    dice: Dice,
    kinds: Kinds,
    /// Moment, order, and place in [`STEPS`].
    due: BinaryHeap<Reverse<(i64, i64, usize)>>,
}

/// The talk from which an order comes.
#[derive(Debug, Clone, Copy)]
pub struct OrderedTalk {
    /// The call, by CSTA's identifier.
    pub call: i32,
    /// Number of the caller.
    pub caller: u64,
    /// Begin of the call, ms since 1970.
    pub called_ms: i64,
}

impl Orders {
    /// No orders yet.
    pub fn new(seed: u64) -> Orders {
        Orders { dice: Dice(seed ^ 0x6f72_6465_7273), kinds: Kinds::default(), due: BinaryHeap::new() }
    }

    /// A talk has ended; the agent takes an order down if there is one.
    ///
    /// # Errors
    /// The store takes no records.
    pub fn after_talk(
        &mut self,
        store: &mut SqliteStore,
        talk: OrderedTalk,
        agent: String,
        now_ms: i64,
    ) -> Result<(), OrderError> {
        if !self.dice.chance(SHARE) {
            return Ok(());
        }
        let kind = KINDS[self.dice.of(KINDS.len())];
        let number = if self.dice.chance(NEIGHBOURS) { self.dice.of(8) as u64 } else { talk.caller };
        let request = OrderRequest {
            kind: kind.to_owned(),
            urgency: Urgency::ALL[self.dice.of(Urgency::ALL.len())],
            number: format!("139{:08}", number % 100_000_000),
            name: String::new(),
            place: String::new(),
            text: format!("{kind} of a simulated caller"),
            owner: None,
            call: talk.call,
            recording: None,
            called_ms: Some(talk.called_ms),
        };
        let by = Person { name: agent, is_supervisor: false };
        if let Accepted::New(order) = store.accept_order(&self.kinds, request, false, &by, now_ms)? {
            self.plan(order.id, 0, now_ms);
        }
        Ok(())
    }

    /// Takes the steps that are due.
    ///
    /// # Errors
    /// The store takes no records, or the rules refuse a step of this plan.
    pub fn settle(&mut self, store: &mut SqliteStore, now_ms: i64) -> Result<(), OrderError> {
        let by = Person { name: "dispatcher".into(), is_supervisor: true };
        while let Some(Reverse((at_ms, id, place))) = self.due.peek().copied().filter(|Reverse((at, ..))| *at <= now_ms)
        {
            self.due.pop();
            let (mut step, _) = STEPS[place];
            let is_reopened = step == OrderStep::Revisit && self.dice.chance(REOPENED);
            if is_reopened {
                step = OrderStep::Reopen;
            }
            let given = Submission {
                unit: "crew".into(),
                remark: "by plan".into(),
                reason: "no answer".into(),
                ..Submission::of(step)
            };
            store.step_order(&self.kinds, OrderId(id), given, &by, at_ms)?;
            if is_reopened {
                self.plan(OrderId(id), 0, at_ms);
            } else if place + 1 < STEPS.len() {
                self.plan(OrderId(id), place + 1, at_ms);
            }
        }
        Ok(())
    }

    fn plan(&mut self, order: OrderId, place: usize, now_ms: i64) {
        let after = self.dice.length(STEPS[place].1).map_or(0, |after| after.as_ms() as i64);
        self.due.push(Reverse((now_ms + after, order.0, place)));
    }
}

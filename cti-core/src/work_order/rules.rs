//! The table of steps: each with the states it leads from and to, its rank, its needs and its clocks.
//!
//! Never: leaves a permitted step out: no other file permits one.

use crate::named::named;

named! {
    /// The state of an order.
    #[serde(rename_all = "lowercase")]
    OrderState {
        /// Taken down, with its owner.
        Accepted = "accepted",
        /// Passed on to the unit that does the work.
        Dispatched = "dispatched",
        /// The work is done, or the question answered.
        Done = "done",
        /// The customer was asked about it.
        Revisited = "revisited",
        /// Closed.
        Filed = "filed",
    }
}

named! {
    /// A step of an order.
    #[serde(rename_all = "lowercase")]
    OrderStep {
        /// Takes it down.
        Accept = "accept",
        /// Adds another call about the same thing.
        Repeat = "repeat",
        /// Passes it on to a unit.
        Dispatch = "dispatch",
        /// Has the result.
        Done = "done",
        /// Has called the customer about the result in vain.
        Try = "try",
        /// Has the customer's word about the result.
        Revisit = "revisit",
        /// Gives the call-back up: the customer cannot be reached.
        Unreached = "unreached",
        /// Closes it.
        File = "file",
        /// Begins anew: the customer is not content, or it was closed by mistake.
        Reopen = "reopen",
    }
}

named! {
    /// The urgency of an order.
    #[serde(rename_all = "lowercase")]
    Urgency {
        /// In its turn.
        Normal = "normal",
        /// Before others.
        Urgent = "urgent",
        /// At once: a danger to people.
        Emergency = "emergency",
    }
}

named! {
    /// The rank of a person before an order.
    #[serde(rename_all = "lowercase")]
    Rank {
        /// May take orders down.
        Desk = "desk",
        /// Has this order.
        Owner = "owner",
        /// Has all orders.
        Supervisor = "supervisor",
    }
}

named! {
    /// A clock of an order.
    #[serde(rename_all = "lowercase")]
    Clock {
        /// From the call to the dispatch.
        Dispatch = "dispatch",
        /// From the call to the answer.
        Answer = "answer",
        /// From the result to the first try to call the customer about it.
        Try = "try",
        /// From the result to the customer's word, or to the last try.
        Revisit = "revisit",
    }
}

named! {
    /// A thing without which a step is not taken.
    #[serde(rename_all = "lowercase")]
    Need {
        /// The unit to which it is dispatched.
        Unit = "unit",
        /// A remark: the result, the customer's word, or the reason.
        Remark = "remark",
        /// The reason why the customer was not reached.
        Reason = "reason",
        /// As many tries as it takes before a customer counts as not to be reached.
        Tries = "tries",
        /// A caller, a text and a result: nothing is missing in the file.
        Complete = "complete",
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The state before.
    pub from: OrderState,
    /// The step.
    pub step: OrderStep,
    /// The state after.
    pub to: OrderState,
    /// The least rank that may take it.
    pub rank: Rank,
    /// Things without which it is not taken.
    pub needs: &'static [Need],
    /// Clocks that it stops.
    pub stops: &'static [Clock],
    /// Clocks that begin with it, anew if they ran before.
    pub starts: &'static [Clock],
}

/// The clocks of the work, which run from the call.
pub const WORK: &[Clock] = &[Clock::Dispatch, Clock::Answer];
/// The clocks of the call-back after it, which run from the result.
pub const AFTER: &[Clock] = &[Clock::Try, Clock::Revisit];
/// Tries before a customer counts as not to be reached.
pub const TRIES_LEAST: u32 = 3;

use OrderState as S;
use OrderStep as T;

/// A row that leaves the clocks alone.
const fn rule(from: S, step: T, to: S, rank: Rank, needs: &'static [Need]) -> Rule {
    Rule { from, step, to, rank, needs, stops: &[], starts: &[] }
}

/// The table of steps after the first.
pub const RULES: &[Rule] = &[
    rule(S::Accepted, T::Repeat, S::Accepted, Rank::Desk, &[]),
    rule(S::Dispatched, T::Repeat, S::Dispatched, Rank::Desk, &[]),
    Rule { stops: &[Clock::Dispatch], ..rule(S::Accepted, T::Dispatch, S::Dispatched, Rank::Owner, &[Need::Unit]) },
    // Answered at the desk: there is nothing to dispatch.
    Rule { stops: WORK, starts: AFTER, ..rule(S::Accepted, T::Done, S::Done, Rank::Owner, &[Need::Remark]) },
    rule(S::Dispatched, T::Dispatch, S::Dispatched, Rank::Owner, &[Need::Unit]),
    Rule {
        stops: &[Clock::Answer],
        starts: AFTER,
        ..rule(S::Dispatched, T::Done, S::Done, Rank::Owner, &[Need::Remark])
    },
    Rule { stops: &[Clock::Try], ..rule(S::Done, T::Try, S::Done, Rank::Desk, &[Need::Remark, Need::Reason]) },
    Rule { stops: AFTER, ..rule(S::Done, T::Revisit, S::Revisited, Rank::Desk, &[Need::Remark]) },
    Rule { stops: AFTER, ..rule(S::Done, T::Unreached, S::Revisited, Rank::Owner, &[Need::Remark, Need::Tries]) },
    Rule { stops: AFTER, starts: WORK, ..rule(S::Done, T::Reopen, S::Accepted, Rank::Desk, &[Need::Remark]) },
    rule(S::Revisited, T::File, S::Filed, Rank::Owner, &[Need::Complete]),
    Rule { starts: WORK, ..rule(S::Revisited, T::Reopen, S::Accepted, Rank::Owner, &[Need::Remark]) },
    Rule { starts: WORK, ..rule(S::Filed, T::Reopen, S::Accepted, Rank::Supervisor, &[Need::Remark]) },
];

impl OrderState {
    /// The rows that lead from this state.
    pub fn rules(self) -> impl Iterator<Item = &'static Rule> {
        RULES.iter().filter(move |rule| rule.from == self)
    }

    /// Returns true while the work is not done: another call about it is a repeat.
    pub const fn is_open(self) -> bool {
        matches!(self, OrderState::Accepted | OrderState::Dispatched)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_state_can_be_reached_and_left_and_no_step_is_ambiguous() {
        let mut reached = BTreeSet::from([S::Accepted]);
        for _ in S::ALL {
            reached.extend(
                RULES.iter().filter(|rule| reached.contains(&rule.from)).map(|rule| rule.to).collect::<Vec<_>>(),
            );
        }
        assert_eq!(reached, S::ALL.iter().copied().collect());
        for state in S::ALL {
            let steps: Vec<T> = state.rules().map(|rule| rule.step).collect();
            assert_eq!(steps.iter().collect::<BTreeSet<_>>().len(), steps.len(), "{state:?}");
            assert!(!steps.is_empty(), "{state:?}");
        }
    }

    #[test]
    fn an_order_is_filed_only_after_the_customer_was_asked_and_done_stops_every_clock() {
        assert!(RULES.iter().filter(|rule| rule.to == S::Filed).all(|rule| rule.from == S::Revisited));
        for rule in RULES.iter().filter(|rule| rule.to == S::Done && rule.from != S::Done) {
            assert!(rule.stops.contains(&Clock::Answer), "{rule:?}");
        }
        assert!(RULES.iter().all(|rule| (rule.starts == WORK) == (rule.step == T::Reopen)));
        assert!(RULES.iter().all(|rule| (rule.starts == AFTER) == (rule.to == S::Done && rule.from != S::Done)));
        for rule in RULES.iter().filter(|rule| rule.from == S::Done && rule.to != S::Done) {
            assert_eq!(rule.stops, AFTER, "{rule:?}");
        }
    }
}

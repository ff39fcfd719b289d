//! The reasons why an order is not taken down, or a step not taken, as data and in words.
//!
//! Never: decides on an order.

use core::fmt;

use super::number::OrderId;
use super::rules::{OrderState, OrderStep, Rank};

/// Most characters of a text or remark; what is longer is refused, not cut.
pub(super) const TEXT_MAX: usize = 2_000;

/// The reason why an order is not taken down, or a step not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such kind; the names there are.
    NoKind {
        /// The name that was given.
        kind: String,
        /// The names there are.
        known: String,
    },
    /// The step does not lead from this state.
    NotFrom {
        /// The order.
        order: OrderId,
        /// Its state.
        state: OrderState,
        /// The step.
        step: OrderStep,
    },
    /// The person's rank is too low.
    Rank {
        /// The order.
        order: OrderId,
        /// Its owner.
        owner: String,
        /// The step.
        step: OrderStep,
        /// The rank that it needs.
        rank: Rank,
    },
    /// A member is missing.
    Missing {
        /// The step.
        step: OrderStep,
        /// The things, as words.
        things: Vec<&'static str>,
    },
    /// A text is too long.
    TooLong,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NoKind { kind, known } => write!(f, "there is no kind of order {kind:?}; there are {known}"),
            Refusal::NotFrom { order, state, step } => {
                let steps: Vec<&str> = state.rules().map(|rule| rule.step.name()).collect();
                let (state, step) = (state.name(), step.name());
                write!(f, "order {order} is {state}; from there it can take {}, not {step}", steps.join(", "))
            }
            Refusal::Rank { order, owner, step, rank: Rank::Supervisor } => {
                write!(f, "order {order} (of {owner}): {} is for supervisors", step.name())
            }
            Refusal::Rank { order, owner, step, .. } => {
                write!(f, "order {order} is {owner}'s: {} is for its owner and for supervisors", step.name())
            }
            Refusal::Missing { step, things } => write!(f, "{} needs {}", step.name(), things.join(" and ")),
            Refusal::TooLong => write!(f, "a text of an order has at most {TEXT_MAX} characters"),
        }
    }
}

impl std::error::Error for Refusal {}

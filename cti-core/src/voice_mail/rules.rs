//! The table of steps of a message: each with the states that it leads from and to.
//!
//! Never: leaves a permitted step out: no other file permits one.

use crate::named::named;
use crate::store::message::MessageState;

named! {
    /// A step of a message.
    #[serde(rename_all = "lowercase")]
    MessageStep {
        /// Its caller has spoken.
        Left = "left",
        /// It was listened to.
        Heard = "heard",
        /// A person has it from now on.
        Taken = "taken",
        /// Its caller was called back and has answered.
        Called = "called",
        /// Nothing is left to be done.
        Done = "done",
        /// It was done by mistake, or there is more to do.
        Reopened = "reopened",
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The state before.
    pub from: MessageState,
    /// The step.
    pub step: MessageStep,
    /// The state after.
    pub to: MessageState,
}

const fn rule(from: MessageState, step: MessageStep, to: MessageState) -> Rule {
    Rule { from, step, to }
}

use MessageState::{Done as IsDone, Heard as IsHeard, New as IsNew};
use MessageStep::{Called, Done, Heard, Reopened, Taken};

/// The table. One who only listens again to a message that is done does not open it.
pub const RULES: &[Rule] = &[
    rule(IsNew, Heard, IsHeard),
    rule(IsNew, Taken, IsNew),
    rule(IsNew, Called, IsNew),
    rule(IsNew, Done, IsDone),
    rule(IsHeard, Heard, IsHeard),
    rule(IsHeard, Taken, IsHeard),
    rule(IsHeard, Called, IsHeard),
    rule(IsHeard, Done, IsDone),
    rule(IsDone, Heard, IsDone),
    rule(IsDone, Reopened, IsHeard),
];

impl MessageStep {
    /// The rule of the step from a state; none if it does not lead from there.
    pub fn rule(self, from: MessageState) -> Option<&'static Rule> {
        RULES.iter().find(|rule| rule.from == from && rule.step == self)
    }

    /// The steps that lead from a state.
    pub fn all_from(from: MessageState) -> impl Iterator<Item = MessageStep> {
        RULES.iter().filter(move |rule| rule.from == from).map(|rule| rule.step)
    }
}

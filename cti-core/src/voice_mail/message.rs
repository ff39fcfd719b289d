//! A message, and the one function that changes it.
//!
//! Never: changes without a step that is kept.

use core::fmt;

use super::rules::MessageStep;
use crate::person::Person;
use crate::store::message::MessageState;

/// Most characters of a remark; what is longer is refused, not cut.
pub const REMARK_MAX: usize = 2_000;

/// A message as far as its steps go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceMessage {
    /// Its number: that of its recording.
    pub id: i64,
    /// The state.
    pub state: MessageState,
    /// The person who has it; empty while no one does.
    pub taken_by: String,
    /// The moment at which its caller was called back last, ms since 1970.
    pub called_ms: Option<i64>,
    /// The person of the last step; empty for the program.
    pub changed_by: String,
    /// The moment of the last step, ms since 1970.
    pub changed_ms: i64,
}

/// A step that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The step.
    pub step: MessageStep,
    /// A remark; empty without one.
    pub remark: String,
    /// The call about it, by CSTA's identifier; 0 for none.
    pub call: i32,
}

impl Submission {
    /// A step with nothing given.
    pub const fn of(step: MessageStep) -> Submission {
        Submission { step, remark: String::new(), call: 0 }
    }
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepRecord {
    /// The moment, ms since 1970; of a message that was left, the one at which its caller began to speak.
    pub at_ms: i64,
    /// The step.
    pub step: MessageStep,
    /// The state before; none as the message was left.
    pub from: Option<MessageState>,
    /// The state after.
    pub to: MessageState,
    /// The person; empty for the program.
    pub person: String,
    /// The remark.
    pub remark: String,
    /// The call; 0 for none.
    pub call: i32,
}

/// The reason why a step is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The step does not lead from this state.
    NotFrom {
        /// The message.
        message: i64,
        /// Its state.
        state: MessageState,
        /// The step.
        step: MessageStep,
    },
    /// Another person has the message.
    Taken {
        /// The message.
        message: i64,
        /// That person.
        by: String,
    },
    /// The remark is too long.
    TooLong,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotFrom { message, state: MessageState::Recording, .. } => {
                write!(f, "message {message}: its caller still speaks")
            }
            Refusal::NotFrom { message, state, step } => {
                let steps: Vec<&str> = MessageStep::all_from(*state).map(MessageStep::name).collect();
                let (state, step, steps) = (state.name(), step.name(), steps.join(", "));
                write!(f, "message {message} is {state}; from there it can be {steps}, not {step}")
            }
            Refusal::Taken { message, by } => {
                write!(f, "message {message} is {by}'s; a supervisor can give it to another person")
            }
            Refusal::TooLong => write!(f, "a remark on a message has at most {REMARK_MAX} characters"),
        }
    }
}

impl std::error::Error for Refusal {}

impl VoiceMessage {
    /// Takes a step. A clock that was set back does not put it before the one before.
    ///
    /// # Errors
    /// The step does not lead from the message's state, another person has the message, or the remark is too long.
    pub fn step(&mut self, given: Submission, by: &Person, now_ms: i64) -> Result<StepRecord, Refusal> {
        let Submission { step, remark, call } = given;
        let refused = Refusal::NotFrom { message: self.id, state: self.state, step };
        let rule = step.rule(self.state).ok_or(refused)?;
        let is_others = !self.taken_by.is_empty() && self.taken_by != by.name;
        if step == MessageStep::Taken && is_others && !by.is_supervisor {
            return Err(Refusal::Taken { message: self.id, by: self.taken_by.clone() });
        }
        if remark.chars().count() > REMARK_MAX {
            return Err(Refusal::TooLong);
        }
        let at_ms = now_ms.max(self.changed_ms);
        let from = Some(std::mem::replace(&mut self.state, rule.to));
        match step {
            MessageStep::Taken => self.taken_by.clone_from(&by.name),
            MessageStep::Called => self.called_ms = Some(at_ms),
            _ => {}
        }
        (self.changed_by, self.changed_ms) = (by.name.clone(), at_ms);
        Ok(StepRecord { at_ms, step, from, to: rule.to, person: by.name.clone(), remark, call })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MessageState::{Done, Heard, New};

    fn person(name: &str) -> Person {
        Person { name: name.into(), is_supervisor: false }
    }

    fn message() -> VoiceMessage {
        let (taken_by, changed_by) = Default::default();
        VoiceMessage { id: 5, state: New, taken_by, called_ms: None, changed_by, changed_ms: 1000 }
    }

    #[test]
    fn a_message_goes_its_way_and_each_step_says_by_whom_from_where_and_when() {
        let (mut message, li) = (message(), person("li"));
        let mut taken = Vec::new();
        for (step, at) in [
            (MessageStep::Taken, 2000),
            (MessageStep::Heard, 3000),
            (MessageStep::Called, 4000),
            (MessageStep::Done, 3500),
            (MessageStep::Heard, 5000),
            (MessageStep::Reopened, 6000),
        ] {
            let record = message.step(Submission::of(step), &li, at).unwrap();
            assert_eq!((record.person.as_str(), record.step), ("li", step));
            taken.push((record.from.unwrap(), record.to, record.at_ms));
        }
        let expected = [
            (New, New, 2000),
            (New, Heard, 3000),
            (Heard, Heard, 4000),
            (Heard, Done, 4000),
            (Done, Done, 5000),
            (Done, Heard, 6000),
        ];
        assert_eq!(taken, expected, "a clock set back takes no step before the last");
        assert_eq!((message.taken_by.as_str(), message.called_ms, message.state), ("li", Some(4000), Heard));
    }

    #[test]
    fn a_message_that_is_taken_is_taken_over_by_a_supervisor_alone() {
        let mut message = message();
        let taken = || Submission::of(MessageStep::Taken);
        message.step(taken(), &person("li"), 2000).unwrap();
        message.step(taken(), &person("li"), 2001).expect("it is hers");
        let refused = message.step(taken(), &person("wang"), 2002).unwrap_err();
        assert_eq!(refused, Refusal::Taken { message: 5, by: "li".into() });
        message.step(Submission::of(MessageStep::Heard), &person("wang"), 2003).expect("others may listen");
        message.step(taken(), &Person { name: "zhao".into(), is_supervisor: true }, 2004).unwrap();
        assert_eq!(message.taken_by, "zhao");
    }

    #[test]
    fn a_step_that_does_not_lead_from_the_state_and_a_long_remark_are_refused_with_what_can_be() {
        let (mut message, li) = (message(), person("li"));
        message.step(Submission::of(MessageStep::Done), &li, 2000).unwrap();
        let twice = message.step(Submission::of(MessageStep::Done), &li, 2001).unwrap_err().to_string();
        assert_eq!(twice, "message 5 is done; from there it can be heard, reopened, not done");
        let remark = "长".repeat(REMARK_MAX + 1);
        let long = Submission { remark, ..Submission::of(MessageStep::Reopened) };
        assert_eq!(message.step(long, &li, 2002), Err(Refusal::TooLong));
        message.state = MessageState::Recording;
        let early = message.step(Submission::of(MessageStep::Heard), &li, 2003).unwrap_err().to_string();
        assert!(early.contains("still speaks"), "{early}");
    }
}

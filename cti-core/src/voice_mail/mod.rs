//! Messages of callers (留言) as work: left, heard, taken by a person, its caller called back, done.
//!
//! [`RULES`] is the whole of it, one row a step: the state it leads from and to. The store keeps each message with its
//! steps; the command line, the JSON socket and the simulated day are doors to the same function. A call back is a
//! step of its own accord: the store takes it with the record of an answered call out to the message's caller.
//!
//! | file | holds |
//! |---|---|
//! | `rules` | the steps, and the table |
//! | `message` | a message, and the one function that changes it |
//! | `figures` | the report by mailbox and queue: time until heard, called back and done, age of the open ones |
//!
//! Never: does I/O, or reads a clock.

mod figures;
mod message;
mod rules;

pub use figures::{DEFINITIONS, MailboxRow, Place, Tally};
pub use message::{REMARK_MAX, Refusal, StepRecord, Submission, VoiceMessage};
pub use rules::{MessageStep, RULES, Rule};

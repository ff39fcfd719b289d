//! Reasons of a decision: agents considered, counted by reason, and the rule that chose.
//!
//! A decision carries counts and the first eight; the whole list comes from replaying the log of inputs to it and
//! asking [`explain`](super::decide::explain): same function, same answer.
//!
//! Never: decides.

use core::fmt;

use arrayvec::ArrayVec;

use super::ids::{AgentIx, Contact, QueueIx, Reason, Ringing};
use super::rule::Strategy;

/// The reason why an agent is not offered a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum NotOffered {
    /// Logged off.
    LoggedOff,
    /// Not ready, with the reason code.
    NotReady(Reason),
    /// Another offer rings.
    Offered,
    /// In a call, whether from a queue or not.
    Talking,
    /// After-call work.
    #[serde(rename = "Work")]
    AfterCallWork,
    /// Busy tone after a call ended at the far side.
    BusyTone,
    /// The handset is off hook without a call.
    OffHook,
    /// The line is out of order.
    OutOfOrder,
    /// A needed skill is missing or too low at this length of wait.
    NoSkill {
        /// Level needed before widening.
        needs: u8,
        /// Level had.
        has: u8,
    },
    /// Missed this contact a moment ago.
    MissedLast,
    /// Free, but later in the queue's order, or due for a contact ahead of this one.
    Later,
    /// Every call for the telephone is forwarded.
    Forwarded,
    /// Do not disturb is set at the telephone.
    DoNotDisturb,
}

impl NotOffered {
    /// Number of kinds.
    pub const COUNT: usize = 13;

    /// Place of the kind in [`Why::not_offered`].
    pub const fn index(self) -> usize {
        match self {
            NotOffered::LoggedOff => 0,
            NotOffered::NotReady(_) => 1,
            NotOffered::Offered => 2,
            NotOffered::Talking => 3,
            NotOffered::AfterCallWork => 4,
            NotOffered::BusyTone => 5,
            NotOffered::OffHook => 6,
            NotOffered::OutOfOrder => 7,
            NotOffered::NoSkill { .. } => 8,
            NotOffered::MissedLast => 9,
            NotOffered::Later => 10,
            NotOffered::Forwarded => 11,
            NotOffered::DoNotDisturb => 12,
        }
    }
}

/// Words for the kinds, by [`NotOffered::index`].
pub const NOT_OFFERED: [&str; NotOffered::COUNT] = [
    "logged off",
    "not ready",
    "offered another contact",
    "talking",
    "after-call work",
    "busy tone",
    "off hook",
    "out of order",
    "without the skill",
    "missed it last",
    "later in the order",
    "forwarded",
    "do not disturb",
];

/// Reads counts by [`NotOffered::index`]; formats of checkpoints before 14 have fewer kinds, of which there are none
/// then.
pub(crate) fn counts<'de, D: serde::Deserializer<'de>>(from: D) -> Result<[u16; NotOffered::COUNT], D::Error> {
    let read: arrayvec::ArrayVec<u16, { NotOffered::COUNT }> = serde::Deserialize::deserialize(from)?;
    let mut counts = [0; NotOffered::COUNT];
    counts[..read.len()].copy_from_slice(&read);
    Ok(counts)
}

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = NOT_OFFERED[self.index()];
        match self {
            NotOffered::NotReady(Reason(0)) => f.write_str(word),
            NotOffered::NotReady(Reason(code)) => write!(f, "{word}, reason {code}"),
            NotOffered::NoSkill { needs, has } => write!(f, "{word}: needs level {needs}, has {has}"),
            _ => f.write_str(word),
        }
    }
}

/// The rule behind a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum Rule {
    /// Nothing was to be decided.
    None,
    /// The queue's order of agents.
    Strategy(Strategy),
    /// The wanted agent (last agent, owner, private queue) is free.
    Wanted,
    /// The overflow rule of that place in the queue's list.
    Overflow(u8),
    /// The lease ended.
    Lease,
    /// The agent became unavailable while the telephone rang.
    Unavailable,
    /// An announcement fell due.
    Announce,
}

/// The reasons of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The rule.
    pub rule: Rule,
    /// The contact it is about.
    pub contact: Option<Contact>,
    /// The queue it waits in.
    pub queue: Option<QueueIx>,
    /// The agents chosen.
    pub chosen: Ringing,
    /// Agents of the queue passed over, counted by [`NotOffered::index`].
    pub not_offered: [u16; NotOffered::COUNT],
    /// The first eight passed over, in the order of the configuration.
    pub head: ArrayVec<(AgentIx, NotOffered), 8>,
    /// Work looked at and found to need nothing, cleared when the decision is applied.
    pub(super) examined: Examined,
}

/// Work items looked at in vain before the decision was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Examined {
    pub work: usize,
    pub rules: usize,
}

impl Why {
    /// No reasons yet.
    pub(super) fn new(rule: Rule) -> Why {
        Why {
            rule,
            contact: None,
            queue: None,
            chosen: Ringing::new(),
            not_offered: [0; NotOffered::COUNT],
            head: ArrayVec::new(),
            examined: Examined::default(),
        }
    }

    /// Agents of that kind passed over.
    pub const fn count(&self, kind: NotOffered) -> u16 {
        self.not_offered[kind.index()]
    }
}

//! Callers and agents of a simulated day, and the ends of their lines: they act by dice and by what their lines do.
//!
//! Never: looks into the core. Commands to lines and sound, which a caller or an agent would see and hear, are all
//! there is; the number of a call is read in the log, for a client's requests.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use tipring_core::csta::CallId;
use tipring_core::time::{Tick, Ticks};

/// SplitMix64: small, and the same everywhere.
#[derive(Debug, Clone)]
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to, not including, 1.
    pub fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with that probability.
    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A length of an exponential distribution with that mean in seconds; none if the mean is infinite.
    pub fn length(&mut self, mean_s: f64) -> Option<Ticks> {
        let share = self.share();
        mean_s.is_finite().then(|| Ticks::from_ms((-(1.0 - share).ln() * mean_s * 1000.0).round() as u64))
    }

    /// A number from 0 up to, not including, `count`.
    pub fn of(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }
}

/// An action that is due; those of a line that was used anew since, by its number of the use, are left undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scheduled {
    /// The next caller calls.
    Arrive,
    /// A caller's patience is over.
    GiveUp(u16, u64),
    /// A caller who has pressed the key for a call-back is still there.
    PressedInVain(u16, u64),
    /// The network has a called-back customer's number.
    Reached(u16, u64),
    /// A called-back customer answers, or is busy.
    Answers(u16, u64, bool),
    /// An agent lifts the telephone that rings.
    Lift(u16, u64),
    /// An agent holds the call.
    Hold(u16, u64),
    /// An agent takes the held call back.
    Retrieve(u16, u64),
    /// An agent consults a colleague about the call.
    Consult(u16, u64),
    /// An agent takes the caller back, since the colleague does not answer.
    Withdraw(u16, u64),
    /// A consultation becomes a transfer or a conference.
    Merge(u16, u64),
    /// The colleague leaves an agent's conference.
    Leave(u16, u64),
    /// The first picks up what rings at the second, by the number of the ringing.
    PickUp(u16, u16, u64),
    /// A talk ends.
    End(u16, u64),
    /// An agent puts the telephone down.
    PutDown(u16),
    /// An agent takes a break.
    Pause(u16),
    /// An agent is back.
    Back(u16),
}

/// The actions that are due, by time and then in the order in which they were set.
#[derive(Debug, Default)]
pub struct Agenda {
    due: BinaryHeap<Reverse<(Tick, u64, Scheduled)>>,
    count: u64,
}

impl Agenda {
    /// Sets an action.
    pub fn set(&mut self, at: Tick, action: Scheduled) {
        self.count += 1;
        self.due.push(Reverse((at, self.count, action)));
    }

    /// The tick of the next action.
    pub fn next_tick(&self) -> Option<Tick> {
        self.due.peek().map(|Reverse((at, ..))| *at)
    }

    /// Takes an action that is due.
    pub fn due(&mut self, now: Tick) -> Option<Scheduled> {
        self.due.peek().filter(|Reverse((at, ..))| *at <= now)?;
        self.due.pop().map(|Reverse((.., action))| action)
    }
}

/// A caller on a trunk, or a customer who is called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Caller {
    /// Number of the caller, counted from 1.
    pub number: u64,
    /// The call, once the log names it.
    pub call: CallId,
    /// An agent has been heard.
    pub is_served: bool,
    /// The key for a call-back has been pressed.
    pub has_pressed: bool,
    /// Agent of the call-back to this customer; none for a caller.
    pub called_by: Option<u16>,
}

/// A talk of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Talk {
    /// Number of the talk, counted from 1.
    pub number: u64,
    /// The trunk.
    pub trunk: u16,
    /// Its beginning.
    pub since: Tick,
    /// The agent has the call by the queue, and not by a transfer.
    pub is_of_queue: bool,
}

/// Stage of a consultation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The colleague's telephone rings.
    Calls,
    /// The agents speak.
    Speaks,
    /// All three talk.
    Joined,
}

/// A consultation of a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consultation {
    /// The colleague.
    pub colleague: u16,
    /// The call between the agents.
    pub active: CallId,
    /// Its stage.
    pub stage: Stage,
}

/// An agent at a telephone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Desk {
    /// Number of the ringing; another one for each, and for its end.
    pub ringing: u64,
    /// The handset is lifted.
    pub is_lifted: bool,
    /// A customer is being called back from here.
    pub calls_back: bool,
    /// The talk.
    pub talk: Option<Talk>,
    /// The consultation about it.
    pub consults: Option<Consultation>,
    /// A colleague is helped from here.
    pub helps: bool,
    /// The telephone rings.
    pub rings: bool,
    /// It rings, or is lifted, for the pickup of a colleague's call.
    pub picks_up: bool,
    /// On a break of the agent's own.
    pub is_paused: bool,
    /// Coming back from being not ready.
    pub is_coming_back: bool,
}

/// Counts of a day as callers and agents saw it, to be compared with the reports.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize)]
pub struct Truth {
    /// Callers who found a free line, by queue.
    pub offered: Vec<u64>,
    /// Callers who heard an agent, by queue.
    pub answered: Vec<u64>,
    /// Callers who gave up, by queue.
    pub abandoned: Vec<u64>,
    /// Waits until an agent was heard, ms, by queue.
    pub wait_answered: Vec<u64>,
    /// Callers who left a request to be called back, by queue.
    pub call_backs: Vec<u64>,
    /// Customers who were called back and heard the agent.
    pub called_back: u64,
    /// Callers who found all lines busy.
    pub blocked: u64,
    /// Talk from the answer to the end or the transfer, hold included, ms.
    pub talk: u64,
    /// Calls of queues that were transferred to a colleague.
    pub transferred: u64,
    /// Consultations in which a colleague was heard, the called one or one who picked the call up.
    pub consultations: u64,
    /// Callers who heard a colleague that picked their call up, by queue.
    pub picked_up: Vec<u64>,
}

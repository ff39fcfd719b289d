//! Requests to be called back (virtual hold): the caller has hung up, the place in line stays.
//!
//! ```text
//! unsaved ─► waits ─► offered ─► dialled ─► reached
//!   │          ▲         │          │
//!   └► (none)  ├─ missed ┘          └► pauses ─► waits … the last try: given up
//!              └──────────────────────────┘
//! ```
//!
//! A request that waits has its place on the [`Floor`](super::floor::Floor); one that is offered rings at one agent;
//! one that is dialled is at its customer. Where the customer is called first, offered and dialled are one: called,
//! with an agent kept. So there is never a second attempt for one number, and never one begun without a free agent.
//!
//! `switching::call_back` keeps a request in the store and lets its caller go.
//!
//! Never: holds two open requests of one number.

use std::collections::BTreeMap;

use tipring_driver::line::Number;
use tipring_driver::time::Tick;

use super::ids::{AgentIx, CallBackId, QueueIx};
use super::lane::Place;
use crate::csta::CallId;
use crate::limits::CALL_BACK_REQUESTS_MAX;
use crate::number_plan::NumberPlan;
use crate::report::event::Moment;

/// The stage of an open request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum RequestStage {
    /// The store has not acknowledged it; the call that leaves it is held so long.
    Unsaved,
    /// In line.
    Waits,
    /// Out of line until its next attempt.
    Pauses,
    /// An agent's telephone rings, or its headset has the zip tone, for this call.
    Offered(CallId, AgentIx),
    /// This call is at the customer's number.
    Dialled(CallId, AgentIx),
    /// This call is at the customer's number, before any agent; the one who is kept for the answer, unless gone.
    Called(CallId, Option<AgentIx>),
}

/// An open request.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct CallBackRequest {
    /// The queue.
    pub queue: QueueIx,
    /// The number, without the trunk prefix.
    pub number: Number,
    /// The call that left it; none for one that was put on the list from outside.
    pub call: CallId,
    /// Moment of the request.
    pub asked: Moment,
    /// Start of the wait that counts.
    pub since: Moment,
    /// The beginning of the wait as a tick, and the place in line once it has had one.
    pub waits_since: Tick,
    /// The place in line.
    pub place: Option<Place>,
    /// Tries so far: numbers dialled.
    pub tries: u8,
    /// Moment of the next attempt; that of the request for the first.
    pub next: Moment,
    /// Stage.
    pub stage: RequestStage,
    /// It is to be given up when the attempt that runs has failed.
    pub is_cancelled: bool,
    /// Of a customer whom the file has as VIP.
    pub is_vip: bool,
    /// The work order that it is about, by its row; 0 for none.
    pub work_order: i64,
}

/// A request that cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotTaken {
    /// The number is not known, or is none.
    NoNumber,
    /// A request of the number is open.
    OpenAlready(CallBackId),
    /// The list is full.
    Full,
}

/// The open requests.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Requests {
    open: BTreeMap<CallBackId, CallBackRequest>,
    /// The requests by their numbers in normal form.
    numbers: BTreeMap<String, CallBackId>,
    plan: NumberPlan,
    last: u64,
}

impl Requests {
    /// No request; identifiers go on after `last`. Numbers are compared by the plan.
    pub fn new(last: u64, plan: NumberPlan) -> Requests {
        Requests { last, plan, ..Requests::default() }
    }

    /// Has numbers be compared by another plan.
    pub fn set_plan(&mut self, plan: NumberPlan) {
        self.plan = plan;
        let by_number = |(&id, request): (&CallBackId, &CallBackRequest)| {
            (self.plan.normal_or_same(&request.number).into_owned(), id)
        };
        self.numbers = self.open.iter().map(by_number).collect();
    }

    /// Judges a number for a new request.
    ///
    /// # Errors
    /// It cannot be called back, or is on the list.
    pub fn judge(&self, number: &Number) -> Result<(), NotTaken> {
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotTaken::NoNumber);
        }
        match self.of_number(number) {
            Some(id) => Err(NotTaken::OpenAlready(id)),
            None if self.open.len() >= CALL_BACK_REQUESTS_MAX => Err(NotTaken::Full),
            None => Ok(()),
        }
    }

    /// Takes a new request.
    ///
    /// # Errors
    /// As [`judge`](Requests::judge) has it.
    pub fn add(&mut self, request: CallBackRequest) -> Result<CallBackId, NotTaken> {
        self.judge(&request.number)?;
        self.last += 1;
        let id = CallBackId(self.last);
        self.restore(id, request);
        Ok(id)
    }

    /// Takes a request that was open when the program ended.
    pub fn restore(&mut self, id: CallBackId, request: CallBackRequest) {
        self.last = self.last.max(id.0);
        self.numbers.insert(self.plan.normal_or_same(&request.number).into_owned(), id);
        self.open.insert(id, request);
    }

    /// A request.
    pub fn get(&self, id: CallBackId) -> Option<&CallBackRequest> {
        self.open.get(&id)
    }

    /// A request, to be changed; its number stays.
    pub fn get_mut(&mut self, id: CallBackId) -> Option<&mut CallBackRequest> {
        self.open.get_mut(&id)
    }

    /// The open request of a number, in any spelling.
    pub fn of_number(&self, number: &str) -> Option<CallBackId> {
        self.numbers.get(&*self.plan.normal_or_same(number)).copied()
    }

    /// Takes a request off the list.
    pub fn remove(&mut self, id: CallBackId) -> Option<CallBackRequest> {
        let request = self.open.remove(&id)?;
        self.numbers.remove(&*self.plan.normal_or_same(&request.number));
        Some(request)
    }

    /// The open requests, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (CallBackId, &CallBackRequest)> {
        self.open.iter().map(|(&id, request)| (id, request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(number: &str) -> CallBackRequest {
        CallBackRequest {
            queue: QueueIx(0),
            number: Number::from(number).expect("short"),
            call: CallId(1),
            asked: 0,
            since: 0,
            waits_since: Tick::ZERO,
            place: None,
            tries: 0,
            next: 0,
            stage: RequestStage::Waits,
            is_cancelled: false,
            is_vip: false,
            work_order: 0,
        }
    }

    #[test]
    fn a_number_is_on_the_list_once_and_identifiers_are_never_used_twice() {
        let mut requests = Requests::new(7, NumberPlan::new("CN", "571").expect("a plan"));
        assert_eq!(requests.add(request("")), Err(NotTaken::NoNumber));
        assert_eq!(requests.add(request("*21#")), Err(NotTaken::NoNumber));
        let first = requests.add(request("5551234")).expect("taken");
        assert_eq!((first, requests.of_number("5551234")), (CallBackId(8), Some(first)));
        assert_eq!(requests.add(request("5551234")), Err(NotTaken::OpenAlready(first)));
        assert_eq!(requests.add(request("05715551234")), Err(NotTaken::OpenAlready(first)), "the same, with its area");
        assert!(requests.remove(first).is_some());
        assert_eq!(requests.add(request("5551234")), Ok(CallBackId(9)));
    }
}

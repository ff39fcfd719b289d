//! An attempt to call back, agent first: the agent's telephone rings, or its headset has the zip tone, and the customer
//! is dialled when it is lifted. To those who monitor, it is a call that the agent's station makes.
//!
//! ```text
//! offer ─► rings at the agent ──lifted──► dialled ──answered──► reached
//!              │ lease ended, refused        │ busy, no answer, failed
//!              └► back in its place          └► pauses for the next attempt; after the last one given up
//! ```
//!
//! Never: makes two attempts for one request, or counts a try although nothing was dialled.

use tipring_driver::line::CallerId;

use super::step::Step;
use crate::acd::call_back_requests::RequestStage;
use crate::acd::decide::Decision;
use crate::acd::floor::Availability;
use crate::acd::ids::{AgentIx, CallBackId, Contact, OfferId, QueueIx, Ringing};
use crate::acd::why::{NotOffered, Why};
use crate::call::{CallBackPart, Detail, Dialling};
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::{AgentId, CallId};
use crate::device::{Device, StationIx};
use crate::limits::CALL_BACK_TRUNK_RETRY;
use crate::model::{CallEvent, ConnectionState, Origin, Reason};
use crate::report::event::Event;
use crate::store::{AttemptOutcome, CallBackAttempt, CallBackState, Decided, Record};
use crate::work_order::OrderId;

/// The steps of an attempt.
pub(super) const CALL_BACK: Reason = Reason { cause: EventCause::CallBack, origin: Origin::Switch };

impl Core {
    /// Offers a request to the first of some agents whose telephone can be rung. False if there is none, or no trunk.
    pub(super) fn begin_attempt(&mut self, id: CallBackId, offer: &Decision, why: &Why) -> bool {
        let Decision::Offer { contact, queue, ref to, until } = *offer else { return false };
        let Some(request) = self.requests.get(id) else {
            self.floor.call_left(contact);
            return false;
        };
        let (shown, left_by, work_order) = (request.number, request.call, request.work_order);
        let number = self.dial_plan.outside(&shown);
        let Some(number) = number.filter(|_| self.can_call_back(&shown)) else {
            self.pause_request(id, self.now + CALL_BACK_TRUNK_RETRY);
            return false;
        };
        let identity = CallerId { number: shown, ..CallerId::default() };
        let Some((agent, station)) = self.ring_first(to, identity) else { return false };
        let to = Ringing::from_iter([agent]);
        let Some(offer) = self.floor.accept(&Decision::Offer { contact, queue, to: to.clone(), until }, why, self.now)
        else {
            return false;
        };
        let is_prompted = self.devices.station(station).kind == StationKind::Handset;
        let Ok(call) = self.begin_from(station, Dialling { number, is_prompted }, CALL_BACK) else {
            // There are too many calls.
            let _ = self.stop_ringing(station);
            let _ = self.floor.give_back(offer, agent, self.now);
            self.pause_request(id, self.now + CALL_BACK_TRUNK_RETRY);
            return false;
        };
        if let Some(request) = self.requests.get_mut(id) {
            request.stage = RequestStage::Offered(call, agent);
        }
        let name = self.devices.id(Device::Queue(queue));
        if let Some(detail) = self.details.get_mut(&call) {
            detail.call_back = Some(CallBackPart::Attempt(id));
            detail.log.queue = Some(queue);
            detail.answering = (!is_prompted).then_some(station);
            let data = std::sync::Arc::make_mut(&mut detail.data);
            data.queue = Some(name.as_str().to_owned());
            data.variables.insert("call_back".to_owned(), id.0.to_string());
            if work_order != 0 {
                data.variables.insert("order".to_owned(), OrderId(work_order).to_string());
            }
        }
        let logged = if left_by == CallId(0) { call } else { left_by };
        self.log_decision(logged, queue, Decided::Offered, &to, why);
        true
    }

    /// Rings the first agent who can be rung.
    fn ring_first(&mut self, agents: &Ringing, identity: CallerId) -> Option<(AgentIx, StationIx)> {
        for &agent in agents {
            match self.roster.get(agent).agent.station() {
                Some(station) if self.is_free(station) && self.ring(station, Some(identity)).is_ok() => {
                    return Some((agent, station));
                }
                _ => self.floor.set_agent(agent, Availability::Away(NotOffered::OffHook), self.now),
            }
        }
        None
    }

    /// Withdraws an attempt that rings at an agent. False if the telephone has been lifted in this moment.
    pub(super) fn withdraw_attempt(&mut self, id: CallBackId, queue: QueueIx, withdraw: &Decision, why: &Why) -> bool {
        let Decision::Withdraw { offer, agents, missed } = withdraw else { return false };
        let stage = self.requests.get(id).map(|request| (request.stage, request.call));
        if let Some((RequestStage::Called(..), _)) = stage {
            self.let_agent_go(id, (*offer, agents), why);
            return true;
        }
        let Some((RequestStage::Offered(call, _), left_by)) = stage else {
            self.floor.accept(withdraw, why, self.now);
            return true;
        };
        let Some(station) = self.details.get(&call).and_then(|detail| detail.log.station) else { return false };
        if self.stop_ringing(station).is_err() {
            return false;
        }
        self.floor.accept(withdraw, why, self.now);
        self.set_waiting(id);
        self.log_decision(if left_by == CallId(0) { call } else { left_by }, queue, Decided::Withdrawn, agents, why);
        let cause = if *missed { EventCause::CallNotAnswered } else { EventCause::None };
        let _ = self.model.clear(call, Device::Station(station), Reason { cause, origin: Origin::Switch });
        true
    }

    /// Stops an attempt that rings at an agent. False if the telephone has been lifted in this moment.
    pub(super) fn stop_attempt(&mut self, id: CallBackId) -> bool {
        let stage = self.requests.get(id).map(|request| request.stage);
        let Some(RequestStage::Offered(call, _)) = stage else { return false };
        let Some(station) = self.details.get(&call).and_then(|detail| detail.log.station) else { return false };
        if self.stop_ringing(station).is_err() {
            return false;
        }
        self.floor.call_left(Contact::CallBack(id));
        self.set_waiting(id);
        let reason = Reason { cause: EventCause::None, origin: Origin::Switch };
        let _ = self.model.clear(call, Device::Station(station), reason);
        true
    }

    fn set_waiting(&mut self, id: CallBackId) {
        if let Some(request) = self.requests.get_mut(id) {
            request.stage = RequestStage::Waits;
        }
    }

    /// Follows the steps of an attempt's call.
    pub(super) fn apply_to_attempt(&mut self, step: Step) {
        let Some(detail) = self.details.get_mut(&step.call) else { return };
        let Some(CallBackPart::Attempt(id)) = detail.call_back else { return };
        let queue = detail.log.queue;
        if let (Device::Station(_), None, Some(party)) = (step.device, step.row.from, detail.party_mut(step.device)) {
            // The work after it is that of its queue.
            party.queue = queue;
        }
        let is_called = matches!(self.requests.get(id).map(|request| request.stage), Some(RequestStage::Called(..)));
        match (step.device, step.row.event, step.row.to) {
            (Device::Trunk(_), CallEvent::Established, Some(_)) if is_called => self.customer_reached(id, step.call),
            (Device::Trunk(_), _, None | Some(ConnectionState::Failed)) if is_called => {
                let outcome = match step.reason.cause {
                    // Not even the digits went out.
                    EventCause::NetworkNotObtainable => AttemptOutcome::Interrupted,
                    cause => failed(cause),
                };
                self.attempt_ended(id, step.call, outcome);
            }
            (Device::Station(_), CallEvent::Originated, _) => self.attempt_dialled(id, step.call),
            (Device::Trunk(_), CallEvent::Established, Some(_)) => {
                self.attempt_ended(id, step.call, AttemptOutcome::Answered)
            }
            (Device::Station(_), _, Some(ConnectionState::Failed)) => {
                self.attempt_ended(id, step.call, failed(step.reason.cause));
            }
            _ => {}
        }
    }

    /// The agent has taken an attempt: its number is dialled.
    fn attempt_dialled(&mut self, id: CallBackId, call: CallId) {
        let Some(request) = self.requests.get_mut(id) else { return };
        let RequestStage::Offered(of, agent) = request.stage else { return };
        if of != call {
            return;
        }
        request.stage = RequestStage::Dialled(call, agent);
        request.tries = request.tries.saturating_add(1);
        let (attempt, queue) = (request.tries, request.queue);
        if let Some(offer) = self.offer_of_request(id) {
            let _ = self.floor.answer(offer, agent, self.now);
        }
        self.persist_request(id, CallBackState::Trying);
        let (queue, agent) = (self.devices.id(Device::Queue(queue)), self.roster.get(agent).id);
        self.append(Event::CallBackBegun { request: id.0, queue, agent, attempt });
    }

    fn offer_of_request(&self, id: CallBackId) -> Option<OfferId> {
        self.floor.offer_of(Contact::CallBack(id))
    }

    /// An attempt has an outcome.
    pub(super) fn attempt_ended(&mut self, id: CallBackId, call: CallId, outcome: AttemptOutcome) {
        let Some(request) = self.requests.get(id) else { return };
        let agent = match request.stage {
            RequestStage::Dialled(of, agent) if of == call => Some(agent),
            RequestStage::Called(of, agent) if of == call => agent,
            _ => return,
        };
        let outcome =
            if self.is_stopping && outcome != AttemptOutcome::Answered { AttemptOutcome::Interrupted } else { outcome };
        let (queue, number) = (request.queue, request.number);
        let rule = self.floor.rules(queue).call_back.clone().unwrap_or_default();
        let is_last = request.tries >= rule.tries || request.is_cancelled;
        let was_cancelled = request.is_cancelled;
        let agent = agent.map_or(AgentId::EMPTY, |agent| self.roster.get(agent).id);
        let name = self.devices.id(Device::Queue(queue));
        let at = self.moment();
        self.persist(Record::CallBackAttempt(CallBackAttempt { id, at, agent, call, outcome }));
        self.append(Event::CallBackTried { request: id.0, queue: name, agent, outcome });
        match outcome {
            AttemptOutcome::Answered => self.finish_request(id, CallBackState::Reached),
            AttemptOutcome::Interrupted => self.pause_attempt(id, true),
            _ if self.is_here(&number) => self.finish_request(id, CallBackState::CalledIn),
            _ if is_last && was_cancelled => self.finish_request(id, CallBackState::Cancelled),
            _ if is_last => self.finish_request(id, CallBackState::GivenUp),
            _ => self.pause_attempt(id, false),
        }
    }

    /// A request waits for its next attempt; one that was interrupted does not count.
    fn pause_attempt(&mut self, id: CallBackId, interrupted: bool) {
        let moment = self.moment();
        let Some(request) = self.requests.get_mut(id) else { return };
        let gap = self.floor.rules(request.queue).call_back.clone().unwrap_or_default().gap;
        if interrupted {
            request.tries = request.tries.saturating_sub(1);
        }
        let pause = if interrupted { CALL_BACK_TRUNK_RETRY } else { gap };
        request.next = moment + if interrupted { 0 } else { gap.as_ms() };
        self.pause_request(id, self.now + pause);
        self.persist_request(id, CallBackState::Waiting);
    }

    /// Two calls have become one: an attempt in either goes on in it. Of two, the second has failed.
    pub(super) fn merge_attempts(&mut self, into: CallId, parts: [Option<CallBackPart>; 2]) -> Option<CallBackPart> {
        let mut goes_on = None;
        for part in parts.into_iter().flatten() {
            let CallBackPart::Attempt(id) = part else { continue };
            match self.requests.get_mut(id).map(|request| &mut request.stage) {
                Some(RequestStage::Offered(call, _) | RequestStage::Dialled(call, _)) if goes_on.is_none() => {
                    *call = into;
                    goes_on = Some(part);
                }
                Some(&mut RequestStage::Dialled(call, _)) => self.attempt_ended(id, call, AttemptOutcome::Failed),
                _ => {}
            }
        }
        goes_on.or(parts.into_iter().flatten().next())
    }

    /// The call of an attempt is over.
    pub(super) fn attempt_cleared(&mut self, detail: &Detail) {
        let Some(CallBackPart::Attempt(id)) = detail.call_back else { return };
        match self.requests.get(id).map(|request| request.stage) {
            Some(RequestStage::Offered(call, agent)) if call == detail.id => {
                // The agent has refused it, or the telephone is dead: the request is back in its place.
                if let Some(offer) = self.offer_of_request(id) {
                    let _ = self.floor.decline(offer, agent, self.now);
                }
                self.set_waiting(id);
            }
            Some(RequestStage::Dialled(call, _) | RequestStage::Called(call, _)) if call == detail.id => {
                self.attempt_ended(id, call, AttemptOutcome::NoAnswer);
            }
            _ => {}
        }
    }
}

/// The outcome of an attempt that has failed for a cause.
const fn failed(cause: EventCause) -> AttemptOutcome {
    match cause {
        EventCause::Busy => AttemptOutcome::Busy,
        EventCause::None | EventCause::CallNotAnswered => AttemptOutcome::NoAnswer,
        _ => AttemptOutcome::Failed,
    }
}

//! An attempt to call back, customer first: an agent is kept, the customer is dialled for the queue, and the customer
//! who answers is offered to agents before all who wait. To those who monitor, it is a predictive call of the queue.
//!
//! ```text
//! offer ─► agent kept, customer dialled ──answered──► reached: in the queue, ahead of all, the agent free for it
//!              │   ▲                  └─ busy, no answer, failed ─► pauses before the next; given up after the last
//!              │   └─ another agent is kept
//!              └─ the agent is gone: the customer's telephone rings on
//! ```
//!
//! Never: dials a customer without an agent who is kept at that moment, or twice at once.

use super::call_back_attempt::CALL_BACK;
use crate::acd::call_back_requests::RequestStage;
use crate::acd::decide::Decision;
use crate::acd::floor::Availability;
use crate::acd::ids::{AgentIx, CallBackId, OfferId, QueueIx, Ringing};
use crate::acd::why::{NotOffered, Why};
use crate::call::{CallBackPart, Predictive};
use crate::core::Core;
use crate::csta::CallId;
use crate::device::{Device, TrunkIx};
use crate::limits::{CALL_BACK_KEPT_MAX, CALL_BACK_TRUNK_RETRY};
use crate::report::event::Event;
use crate::store::{AttemptOutcome, CallBackState, Decided};
use crate::timers::Timer;
use crate::work_order::OrderId;

impl Core {
    /// Keeps the first of some agents who could be rung for a request, and dials its customer unless that is being
    /// done. False if there is no such agent, or no trunk.
    pub(super) fn keep_agent(&mut self, id: CallBackId, offer: &Decision, why: &Why) -> bool {
        let Decision::Offer { contact, queue, ref to, .. } = *offer else { return false };
        let Some(request) = self.requests.get(id) else {
            self.floor.call_left(contact);
            return false;
        };
        let (stage, number, left_by) = (request.stage, request.number, request.call);
        let Some(agent) = self.first_free(to) else { return false };
        let (call, is_new) = match stage {
            RequestStage::Called(call, _) => (call, false),
            _ => match self.call_for_queue(queue, number, (true, Predictive::default()), CALL_BACK) {
                Ok(call) => (call, true),
                Err(_) => {
                    self.pause_request(id, self.now + CALL_BACK_TRUNK_RETRY);
                    return false;
                }
            },
        };
        let to = Ringing::from_iter([agent]);
        let until = self.now + CALL_BACK_KEPT_MAX;
        self.floor.accept(&Decision::Offer { contact, queue, to: to.clone(), until }, why, self.now);
        if let Some(request) = self.requests.get_mut(id) {
            request.stage = RequestStage::Called(call, Some(agent));
        }
        if is_new {
            self.customer_dialled(id, call, queue, agent);
        }
        let logged = if left_by == CallId(0) { call } else { left_by };
        self.log_decision(logged, queue, Decided::Offered, &to, why);
        true
    }

    /// The first agent whose telephone could be rung now.
    fn first_free(&mut self, agents: &Ringing) -> Option<AgentIx> {
        for &agent in agents {
            match self.roster.get(agent).agent.station() {
                Some(station) if self.is_free(station) => return Some(agent),
                _ => self.floor.set_agent(agent, Availability::Away(NotOffered::OffHook), self.now),
            }
        }
        None
    }

    fn customer_dialled(&mut self, id: CallBackId, call: CallId, queue: QueueIx, agent: AgentIx) {
        let work_order = self.requests.get(id).map_or(0, |request| request.work_order);
        if let Some(detail) = self.details.get_mut(&call) {
            detail.call_back = Some(CallBackPart::Attempt(id));
            detail.log.queue = Some(queue);
            // Its customer was let in when the request was left.
            detail.has_had_place = true;
            let data = std::sync::Arc::make_mut(&mut detail.data);
            data.variables.insert("call_back".to_owned(), id.0.to_string());
            if work_order != 0 {
                data.variables.insert("order".to_owned(), OrderId(work_order).to_string());
            }
        }
        let Some(request) = self.requests.get_mut(id) else { return };
        request.tries = request.tries.saturating_add(1);
        let attempt = request.tries;
        self.persist_request(id, CallBackState::Trying);
        let (queue, agent) = (self.devices.id(Device::Queue(queue)), self.roster.get(agent).id);
        self.append(Event::CallBackBegun { request: id.0, queue, agent, attempt });
    }

    /// The digits of a customer who is called first are out: the telephone rings for so long.
    pub(super) fn customer_rings(&mut self, call: CallId, trunk: TrunkIx) {
        let device = Device::Trunk(trunk);
        let Some(detail) = self.details.get_mut(&call).filter(|detail| detail.is_called_out()) else { return };
        let Some(predictive) = detail.predictive.as_mut() else { return };
        predictive.is_dialled = true;
        let rings = predictive.rings;
        let ring = match (detail.log.queue.filter(|_| detail.is_attempt()), rings) {
            (Some(queue), _) => self.floor.rules(queue).call_back.clone().unwrap_or_default().ring,
            (None, Some(rings)) => self.ring_cadence.length(rings).min(self.times.far_end_answer),
            (None, None) => self.times.far_end_answer,
        };
        self.timers.set(Timer::Connection(call, device), self.now + ring);
    }

    /// The agent who was kept is gone, or was kept for too long: the customer's telephone rings on.
    pub(super) fn let_agent_go(&mut self, id: CallBackId, (offer, agents): (OfferId, &Ringing), why: &Why) {
        let Some(request) = self.requests.get_mut(id) else { return };
        let RequestStage::Called(call, _) = request.stage else { return };
        request.stage = RequestStage::Called(call, None);
        let (queue, left_by) = (request.queue, request.call);
        let withdraw = Decision::Withdraw { offer, agents: agents.clone(), missed: false };
        self.floor.accept(&withdraw, why, self.now);
        let logged = if left_by == CallId(0) { call } else { left_by };
        self.log_decision(logged, queue, Decided::Withdrawn, agents, why);
    }

    /// The customer has answered: the call enters the queue ahead of all, with the wait that was earned, and the agent
    /// who was kept is free for it.
    pub(super) fn customer_reached(&mut self, id: CallBackId, call: CallId) {
        let Some(request) = self.requests.get(id) else { return };
        let RequestStage::Called(_, agent) = request.stage else { return };
        let (queue, waited) = (request.queue, self.now.since(request.waits_since));
        self.attempt_ended(id, call, AttemptOutcome::Answered);
        let Some(rule) = self.floor.rules(queue).call_back.clone() else { return };
        let Some(detail) = self.details.get(&call) else { return };
        let delayed = rule.delayed.filter(|_| agent.is_none());
        let said = [rule.answered, delayed].map(|name| name.and_then(|name| self.prompt_of(detail, &name)));
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.call_back = Some(CallBackPart::Reached(id));
        detail.waited = detail.waited.max(waited);
        detail.speech.say(said.into_iter().flatten());
        self.touch(call);
    }

    /// No agent came to a customer who has been called back: plays the delay prompt; the customer stays first.
    pub(super) fn tell_delay(&mut self, call: CallId) {
        let Some(detail) = self.details.get(&call) else { return };
        let Some((queue, _)) = detail.place.filter(|_| detail.is_called_back()) else { return };
        let rule = self.floor.rules(queue).call_back.as_ref();
        let said = rule.and_then(|rule| rule.delayed.as_ref()).and_then(|name| self.prompt_of(detail, name));
        if let (Some(said), Some(detail)) = (said, self.details.get_mut(&call)) {
            detail.speech.say([said]);
            self.touch(call);
        }
    }
}

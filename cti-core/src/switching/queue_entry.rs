//! The place of a call in a queue: entered, given up, and logged once.
//!
//! Never: decides who is offered the call.

use std::sync::Arc;

use tipring_driver::time::Ticks;

use super::step::{Left, Step};
use crate::acd::floor::{Entry, Wanted};
use crate::acd::ids::{AgentIx, Contact, OfferId};
use crate::call::CallBackPart;
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::{Device, QueueIx, StationIx};
use crate::limits::CALLED_BACK_AHEAD;
use crate::model::{ConnectionState, Origin, Reason};
use crate::report::event::Event;
use crate::store::Outcome;

impl Core {
    /// The floor of distribution: a call that enters a queue has a place there.
    pub(super) fn apply_to_queue(&mut self, step: Step) {
        let Step { call, device: Device::Queue(queue), row, .. } = step else { return };
        let now = self.now;
        if row.to != Some(ConnectionState::Queued) {
            return;
        }
        let id = self.devices.id(step.device);
        self.called_in(call);
        let is_turned_away = self.turned_away(step, queue);
        let Some(detail) = self.details.get_mut(&call) else { return };
        let before = detail.place;
        detail.log.queued.get_or_insert(now);
        detail.log.queue = Some(queue);
        let is_first = !detail.has_had_place;
        detail.has_had_place |= !is_turned_away;
        let data = Arc::make_mut(&mut detail.data);
        if data.queue.as_deref() != Some(id.as_str()) {
            data.queue = Some(id.as_str().to_owned());
        }
        if is_turned_away {
            return;
        }
        let place = before.map(|(_, place)| place);
        let entry = Entry { place, ..self.entry(call, queue, is_first) };
        let place = self.floor.call_queued(entry, now);
        if before.is_none_or(|(from, _)| from != queue) {
            self.leave_place(call, Left::FlowedOut(id));
            self.log_queued(call, id);
        }
        if let Some(detail) = self.details.get_mut(&step.call) {
            detail.place = Some((queue, place));
        }
    }

    /// The entry of a call into a queue: a caller's head start, the wait so far, and at the first entry the agent it is
    /// meant for: the owner of the queue, the owner of the caller's account, the last agent.
    pub(super) fn entry(&self, call: CallId, queue: QueueIx, is_first: bool) -> Entry {
        let entry = Entry::new(Contact::Call(call), queue);
        let Some(detail) = self.details.get(&call) else { return entry };
        let of = &self.queues[usize::from(queue.0)];
        let is_vip = detail.data.card.as_ref().is_some_and(|card| card.vip);
        let customer = detail.customer();
        let rule = self.callers.rule(&customer, is_vip);
        let last = || self.callers.last_agent(&customer, self.now, of.last_agent);
        let ahead = if detail.is_called_back() { CALLED_BACK_AHEAD } else { Ticks::ZERO };
        let agent = of.owner.or(rule.and_then(|rule| rule.owner)).or_else(last).filter(|_| is_first);
        Entry {
            waited: detail.waited,
            credit: ahead + rule.map_or(Ticks::ZERO, |rule| rule.credit),
            wanted: agent.map(|agent| Wanted { agent, hold: of.hold, through_breaks: of.owner == Some(agent) }),
            ..entry
        }
    }

    /// A call gives up its place, and the log says how. A call without a place is not in the log.
    pub(super) fn leave_place(&mut self, call: CallId, how: Left) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        let Some((_, place)) = detail.place.take() else { return };
        detail.waited = self.now.since(place.since);
        // One who hangs up while a request is being kept has left it all the same.
        let leaves = matches!(detail.call_back, Some(CallBackPart::Leaves(_)));
        let how = if leaves && !matches!(how, Left::Answered(_)) { Left::CallBack } else { how };
        match (how, &mut detail.log.end) {
            (Left::CallBack, Some((_, outcome, _))) => *outcome = Outcome::CallBackLeft,
            (Left::CallBack, None) => {}
            _ => detail.speech.stop(),
        }
        let (contact, caller) = (detail.contact, detail.customer());
        if let Left::Answered(Device::Station(station)) = how
            && let Some(agent) = self.devices.station(station).agent
        {
            self.callers.answered(caller, agent, self.now);
        }
        match how {
            Left::Answered(device) => self.log_answered(call, device),
            Left::Abandoned => self.append(Event::Abandoned { call: contact, due: self.end_of_business_day() }),
            Left::FlowedOut(to) => self.append(Event::FlowedOut { call: contact, to }),
            Left::CallBack => self.append(Event::CallBackLeft { call: contact }),
            Left::Cleared => self.append(Event::Cleared { call: contact, due: self.end_of_business_day() }),
        }
    }

    /// A call goes from `from` to the destination `to` outside distribution: its place and its offer are given up.
    pub(super) fn leave_queue(&mut self, call: CallId, from: Device, to: Device) {
        self.leave_place(call, Left::FlowedOut(self.devices.id(to)));
        self.withdraw_offers(call, from);
    }

    /// A call leaves distribution: the other telephones that ring for it stop.
    pub(super) fn withdraw_offers(&mut self, call: CallId, from: Device) {
        let offer = self.floor.call_left(Contact::Call(call));
        for agent in offer.map(|offer| offer.agents).unwrap_or_default() {
            let others = self.station_rung(call, agent).filter(|&station| Device::Station(station) != from);
            // A telephone lifted in this moment has the call as well: that event is on its way here.
            if let Some(station) = others.filter(|&station| self.stop_ringing(station).is_ok()) {
                let reason = Reason { cause: EventCause::Redirected, origin: Origin::Switch };
                let _ = self.model.take(call, Device::Station(station), reason);
            }
        }
    }

    /// The offer of a call to an agent.
    pub(super) fn offer_to(&self, call: CallId, agent: AgentIx) -> Option<OfferId> {
        let id = self.floor.offer_at(agent)?;
        self.floor.offer(id).filter(|offer| offer.contact == Contact::Call(call)).map(|_| id)
    }

    /// The offer that rings at a station for a call, with its agent, who may have logged off since.
    pub(super) fn offer_at(&self, call: CallId, station: StationIx) -> Option<(AgentIx, OfferId)> {
        let agent = self.details.get(&call)?.party(Device::Station(station))?.offered_to?;
        Some((agent, self.offer_to(call, agent)?))
    }

    /// The station that rings for a call because it was offered to an agent.
    pub(super) fn station_rung(&self, call: CallId, agent: AgentIx) -> Option<StationIx> {
        let detail = self.details.get(&call)?;
        detail.parties.iter().find(|party| party.offered_to == Some(agent)).and_then(|party| party.device.station())
    }
}

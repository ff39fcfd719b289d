//! Carries out ACD decisions: offers, withdrawals, overflows, announcements.
//!
//! Never: decides.

use crate::acd::decide::{Decision, decide};
use crate::acd::floor::Availability;
use crate::acd::ids::{Contact, Ringing};
use crate::acd::rule::{CalledFirst, Target};
use crate::acd::why::NotOffered;
use crate::channel::State;
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::{Device, QueueIx};
use crate::model::{Origin, Reason};
use crate::store::Decided;

impl Core {
    /// Carries out the next decision. False when there is nothing to be done, or it cannot be done now.
    pub(super) fn distribute(&mut self) -> bool {
        if self.is_stopping {
            return false;
        }
        if self.turn_away() {
            return true;
        }
        self.floor.advance(self.now);
        loop {
            if !self.floor.is_due(self.now) || !self.has_command_room() {
                return false;
            }
            let (decision, why) = decide(&self.floor, self.now);
            match decision {
                Decision::Nothing { .. } => {
                    self.floor.accept(&decision, &why, self.now);
                    return false;
                }
                Decision::Offer { contact: Contact::Call(call), queue, to, until } => {
                    let to = self.ring_agents(call, to);
                    if to.is_empty() {
                        // Every telephone was used in this very moment: its agent is away now, another is looked for.
                        continue;
                    }
                    let offer = Decision::Offer { contact: Contact::Call(call), queue, to: to.clone(), until };
                    self.floor.accept(&offer, &why, self.now);
                    self.log_decision(call, queue, Decided::Offered, &to, &why);
                    self.offer(call, queue, &to);
                    return true;
                }
                Decision::Offer { contact: Contact::CallBack(request), .. } => {
                    let first = |core: &Core| {
                        let queue = core.requests.get(request)?.queue;
                        core.floor.rules(queue).call_back.as_ref().map(|rule| rule.first)
                    };
                    let has_begun = match first(self).unwrap_or_default() {
                        CalledFirst::Agent => self.begin_attempt(request, &decision, &why),
                        CalledFirst::Customer => self.keep_agent(request, &decision, &why),
                    };
                    if has_begun {
                        return true;
                    }
                }
                Decision::Withdraw { offer, agents, missed } => {
                    let contact = self.floor.offer(offer).map(|offer| (offer.contact, offer.queue));
                    let decision = Decision::Withdraw { offer, agents: agents.clone(), missed };
                    let (call, queue) = match contact {
                        Some((Contact::Call(call), queue)) => (call, queue),
                        Some((Contact::CallBack(request), queue)) => {
                            return self.withdraw_attempt(request, queue, &decision, &why);
                        }
                        None => {
                            self.floor.accept(&decision, &why, self.now);
                            continue;
                        }
                    };
                    let stopped = self.stop_agents(call, &agents);
                    if stopped.is_empty() {
                        // Lifted in this very moment: that event is on its way here.
                        return false;
                    }
                    let withdraw = Decision::Withdraw { offer, agents: stopped.clone(), missed };
                    self.floor.accept(&withdraw, &why, self.now);
                    self.log_decision(call, queue, Decided::Withdrawn, &stopped, &why);
                    self.withdraw(call, queue, &stopped, missed, self.floor.offer(offer).is_none());
                    return true;
                }
                Decision::Move { contact: Contact::Call(call), from, to: Target::CallBack } => {
                    self.floor.accept(&decision, &why, self.now);
                    if self.offer_call_back(call, from) {
                        self.log_decision(call, from, Decided::Moved, &Ringing::new(), &why);
                    }
                }
                Decision::Move { contact: Contact::Call(call), from, to } => {
                    self.floor.accept(&Decision::Move { contact: Contact::Call(call), from, to }, &why, self.now);
                    self.log_decision(call, from, Decided::Moved, &Ringing::new(), &why);
                    self.send_out(call, from, to);
                    return true;
                }
                Decision::Announce { contact: Contact::Call(call), position, expected } => {
                    self.floor.accept(&decision, &why, self.now);
                    self.announce(call, position, expected);
                }
                decision => {
                    self.floor.accept(&decision, &why, self.now);
                }
            }
        }
    }

    /// Rings the telephones of agents; those that could not be rung are left out, and their agents are away.
    fn ring_agents(&mut self, call: CallId, agents: Ringing) -> Ringing {
        let identity = self.details.get(&call).and_then(|detail| detail.identity);
        let mut rung = Ringing::new();
        for agent in agents {
            let station = self.roster.get(agent).agent.station();
            match station {
                Some(station) if self.is_free(station) && self.ring(station, identity).is_ok() => rung.push(agent),
                _ => self.floor.set_agent(agent, Availability::Away(NotOffered::OffHook), self.now),
            }
        }
        rung
    }

    fn offer(&mut self, call: CallId, queue: QueueIx, agents: &Ringing) {
        let reason = Reason { cause: EventCause::Redirected, origin: Origin::Switch };
        if self.model.take(call, Device::Queue(queue), reason).is_err() {
            return;
        }
        for &agent in agents {
            if let Some(station) = self.roster.get(agent).agent.station() {
                let _ = self.model.offer(call, Device::Station(station), reason);
            }
        }
    }

    /// Stops the telephones of agents; those lifted in this moment are left out.
    fn stop_agents(&mut self, call: CallId, agents: &Ringing) -> Ringing {
        let mut stopped = Ringing::new();
        for &agent in agents {
            match self.station_rung(call, agent) {
                Some(station) if self.stop_ringing(station).is_err() => {}
                _ => stopped.push(agent),
            }
        }
        stopped
    }

    fn withdraw(&mut self, call: CallId, queue: QueueIx, agents: &Ringing, missed: bool, is_back: bool) {
        for &agent in agents {
            let Some(station) = self.station_rung(call, agent) else { continue };
            let cause = match (missed, self.devices.state(self.devices.station(station).channel)) {
                (true, _) => EventCause::CallNotAnswered,
                (false, State::OutOfService) => EventCause::Maintenance,
                (false, _) => EventCause::None,
            };
            self.log_missed(call, Some(agent));
            let _ = self.model.take(call, Device::Station(station), Reason { cause, origin: Origin::Switch });
        }
        if is_back {
            let caller = self.details.get(&call).and_then(|detail| detail.log.caller).unwrap_or(Device::Queue(queue));
            let reason = Reason { cause: EventCause::None, origin: Origin::Switch };
            let _ = self.model.send(call, Device::Queue(queue), caller, reason);
            self.tell_delay(call);
        }
    }
}

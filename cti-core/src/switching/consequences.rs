//! Consequences of one change of the model: the state that clients see, events, agents, figures, the course of the
//! record, and the line commands that belong to a connection's end.
//!
//! Never: takes a step of the model.

use std::sync::Arc;

use tipring_driver::engine::Command;
use tipring_driver::line::LineCommand;
use tipring_driver::media::ToneKind;
use tipring_driver::time::{Tick, Ticks};

use super::step::{Left, Step};
use crate::acd::ids::Contact;
use crate::agent::Fact;
use crate::call::{Doing, Party};
use crate::channel::{Intent, State};
use crate::config::StationKind;
use crate::core::{Action, Core};
use crate::csta::cause::EventCause;
use crate::csta::private::UserInfo;
use crate::csta::{CallId, DeviceId, ExtendedDeviceId, LocalConnectionState};
use crate::device::{Device, QueueIx, StationIx};
use crate::model::{CallEvent, Change, ChangeKind, ConnectionState, Role, Trigger};
use crate::monitor::MonitorObject;
use crate::store::Direction;
use crate::timers::Timer;

impl Core {
    pub(super) fn apply_consequences(&mut self, changes: &[Change], ix: usize) {
        let Change { call, ref kind, reason, .. } = changes[ix];
        self.apply_to_routing(&changes[ix]);
        match *kind {
            ChangeKind::Step { device, row } => {
                let same = |change: &&Change| change.call == call;
                let before = changes[..ix].last().filter(same);
                let is_redirected = before.is_some_and(|change| match change.kind {
                    ChangeKind::Step { row, .. } => row.event == CallEvent::Diverted,
                    _ => false,
                });
                let next = changes[ix + 1..].iter().find(same);
                let destination = next.and_then(|change| match change.kind {
                    ChangeKind::Step { device, row } if row.from.is_none() => Some(device),
                    _ => None,
                });
                let role = self.model.call(call).and_then(|of| of.at(device)).map(|connection| connection.role);
                let agent = device.station().and_then(|station| self.devices.station(station).agent);
                self.apply_step(Step { call, device, row, reason, is_redirected, destination, role, agent });
            }
            ChangeKind::Merged { held, by, stays, .. } => self.apply_merge(call, held, by, stays, reason),
            ChangeKind::CallCleared => self.apply_cleared(call),
        }
    }

    fn apply_step(&mut self, step: Step) {
        self.touched.insert(step.device);
        self.touched_calls.insert(step.call);
        self.apply_to_entry(step);
        self.apply_to_log(step);
        self.apply_to_picture(step);
        self.apply_to_flow(step);
        self.apply_to_leg(step);
        self.apply_to_queue(step);
        self.apply_to_attempt(step);
        self.emit_step(step);
        self.apply_to_deadline(step);
        self.apply_to_zip(step);
        self.apply_to_served(step);
        self.apply_to_trunk(step);
        self.apply_to_agent(step);
        self.apply_to_line(step);
        if let (Device::Station(station), Some(ConnectionState::Initiated), None) =
            (step.device, step.row.from, step.row.to)
        {
            // A handset that rang to carry out a service does not any more.
            self.prompted.remove(&station);
        }
        if let (Device::Station(by), Some(ConnectionState::Connected), None) = (step.device, step.row.from, step.row.to)
            && let Some(supervision) = self.supervisions.get(&by)
            && let Some(ConnectionState::Connected | ConnectionState::Held) =
                self.model.state(step.call, Device::Station(supervision.station))
        {
            // A supervisor who leaves a conversation that goes on follows its station no more.
            self.supervisions.remove(&by);
        }
        let Some(detail) = self.details.get_mut(&step.call) else { return };
        if step.row.event == CallEvent::Diverted
            && let Some(party) = detail.party(step.device)
        {
            detail.redirected = party.name;
        }
        if step.row.to.is_none() {
            detail.clearing_info = UserInfo::default();
            detail.parties.retain(|party| party.device != step.device);
        }
    }

    /// The device takes part from now on. One that picks a call up has it from the queue in which it waits.
    fn apply_to_entry(&mut self, step: Step) {
        let Step { call, device, row, .. } = step;
        if row.from.is_some() {
            return;
        }
        let mut party = match device {
            Device::Trunk(trunk) => {
                self.next_token = self.next_token.wrapping_add(1);
                let Some(detail) = self.details.get_mut(&call) else { return };
                detail.log.trunk = detail.log.trunk.or(Some(trunk));
                let dialled = detail.dialling.and_then(|dialling| DeviceId::new(&dialling.number).ok());
                let name = match (detail.log.direction, detail.log.caller) {
                    (Direction::Inbound, None) => detail.calling,
                    // A caller whom a flow or a routing client has led outside.
                    (Direction::Inbound, Some(_)) => dialled.map_or(detail.called, ExtendedDeviceId::outside),
                    _ => detail.called,
                };
                Party::outside(call, device, self.next_token, name)
            }
            _ => Party::inside(call, device, self.devices.id(device)),
        };
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.log.caller = detail.log.caller.or(Some(device));
        party.queue = detail.place.map(|(queue, _)| queue).filter(|_| step.is_pickup());
        detail.parties.push(party);
        for key in self.monitors.of(MonitorObject::CallsVia(device)).to_vec() {
            self.monitors.follow(key, call);
        }
    }

    /// The state of the device's part follows, as clients see it.
    fn apply_to_picture(&mut self, step: Step) {
        let Step { call, device, row, role, agent, .. } = step;
        let now = self.now;
        let offered_to = agent.filter(|&agent| self.offer_to(call, agent).is_some());
        let Some(detail) = self.details.get_mut(&call) else { return };
        let is_new = matches!(row.from, None | Some(ConnectionState::Queued));
        let is_offered = device.station().is_some() && is_new && row.to == Some(ConnectionState::Alerting);
        let queue = detail.place.map(|(queue, _)| queue);
        if is_offered {
            detail.log.alerting = Some(now);
            update_wait(detail, now);
        }
        if let Some(party) = detail.party_mut(device) {
            party.state = row.to.map_or(LocalConnectionState::Null, ConnectionState::local);
            if is_offered {
                (party.queue, party.offered_to, party.alerting) = (queue, offered_to, Some(now));
            }
            if row.trigger == Trigger::Join {
                party.is_observer = role.is_some_and(|role| role != Role::Party);
            }
        }
    }

    /// The course of the call: who answered, and how it ends.
    fn apply_to_log(&mut self, step: Step) {
        let Step { call, device, row, reason, role, agent, .. } = step;
        let now = self.now;
        let Some(detail) = self.details.get_mut(&call) else { return };
        if row.trigger == Trigger::Complete {
            // A call that had failed waits for the busy station: it has no end yet.
            (detail.log.end, detail.log.cause) = (None, EventCause::None);
        }
        match (row.event, row.to) {
            // An observer leaves no trace in the course of the call.
            (CallEvent::Established, Some(_)) if role.is_some_and(|role| role != Role::Party) => {}
            (CallEvent::Established, Some(_)) => {
                let party = detail.party(device).filter(|party| !party.has_talked);
                let from = party.and_then(|party| party.queue);
                let served = from.is_some() && from == detail.place.map(|(queue, _)| queue);
                // The far end of a predictive call has not reached a person yet.
                let predictive = detail.log.caller == Some(device) && device.trunk().is_some();
                if !predictive {
                    detail.log.established.get_or_insert(now);
                }
                detail.answering = None;
                let language =
                    detail.script.as_ref().map_or(self.flows.newest().language, |script| script.walk.language);
                // One who joins a caller in a flow does not end it.
                detail.script.take_if(|script| script.doing == Doing::Away);
                detail.speech.stop();
                let is_dialled = detail.log.direction == Direction::Outbound && !predictive && !detail.is_attempt();
                let is_reached = device.trunk().is_some() && is_dialled && detail.log.answered.is_none();
                if device.trunk().is_some() {
                    detail.log.answered.get_or_insert(now);
                }
                // One who barges in does not have the call.
                let barges_in = row.trigger == Trigger::Join && reason.cause == EventCause::ActiveMonitor;
                if let Some(station) = device.station().filter(|_| !barges_in) {
                    detail.log.station = Some(station);
                    if detail.log.trunk.is_some() || detail.log.queue.is_some() {
                        detail.log.agent = agent.or(detail.log.agent);
                    }
                }
                if is_reached {
                    self.log_reached(call);
                }
                let Some(detail) = self.details.get_mut(&call) else { return };
                if served {
                    update_wait(detail, now);
                    self.leave_place(call, Left::Answered(device));
                }
                if let (true, Some(queue), Some(station)) = (served, from, device.station()) {
                    self.begin_agent_greeting(call, station, queue, language);
                }
                if let Some(detail) = self.details.get_mut(&call) {
                    for party in &mut detail.parties {
                        let is_here = party.device == device && !barges_in;
                        party.has_talked |= is_here || party.state == LocalConnectionState::Connect;
                    }
                }
            }
            // A trunk given up leaves its caller where another one is tried.
            (CallEvent::None, None) if detail.log.caller != Some(device) => {}
            (CallEvent::ConnectionCleared, _) | (CallEvent::None, None) => {
                let is_given_up = detail.is_given_up_by(device, reason);
                detail.log_leaving(now, device, reason, false);
                if is_given_up {
                    self.leave_place(call, Left::Abandoned);
                }
            }
            (CallEvent::Failed, _) => {
                detail.tone = match reason.cause {
                    EventCause::Busy
                    | EventCause::None
                    | EventCause::Maintenance
                    | EventCause::CallNotAnswered
                    | EventCause::DestOutOfOrder => ToneKind::Busy,
                    _ => ToneKind::Congestion,
                };
                let alone =
                    detail.parties.iter().filter(|party| party.state != LocalConnectionState::Fail).count() <= 1;
                let ends = detail.log.established.is_none() || alone;
                detail.log_leaving(now, device, reason, ends);
            }
            _ => {}
        }
    }

    /// A headset is warned of a call that it is given by a zip tone, which ends with the conversation if not before.
    fn apply_to_zip(&mut self, step: Step) {
        let Step { call, device: Device::Station(station), row, .. } = step else { return };
        let Some(detail) = self.details.get_mut(&call) else { return };
        if step.is_pickup() && self.devices.station(station).kind == StationKind::Headset {
            detail.answering = Some(station);
            self.timers.set(Timer::Connection(call, step.device), self.now + self.times.zip);
        } else if row.from == Some(ConnectionState::Connected) {
            detail.answering.take_if(|answering| *answering == station);
        }
    }

    /// The facts that change the activity of the agent at a station.
    fn apply_to_agent(&mut self, step: Step) {
        let Step { call, device: Device::Station(_), row, reason, agent: Some(agent), .. } = step else { return };
        let Some(detail) = self.details.get_mut(&call) else { return };
        let is_attempt = detail.is_attempt();
        let over_a_trunk = detail.log.established.is_some() && detail.log.trunk.is_some();
        let Some(party) = detail.party_mut(step.device) else { return };
        let ends = matches!(row.to, None | Some(ConnectionState::Failed));
        let fact = match (row.from, row.to) {
            // An attempt to call back rings, or has its zip tone, like an offer.
            (None, Some(ConnectionState::Initiated)) if is_attempt => Fact::Offered,
            (Some(ConnectionState::Initiated), None) if is_attempt && !party.is_counted => match reason.cause {
                EventCause::CallNotAnswered | EventCause::DestOutOfOrder => Fact::Missed,
                _ => Fact::Withdrawn,
            },
            (_, Some(ConnectionState::Initiated | ConnectionState::Connected)) if !party.is_counted => {
                party.is_counted = true;
                Fact::CallBegan
            }
            (None, Some(ConnectionState::Alerting)) => Fact::Offered,
            (Some(ConnectionState::Alerting), None) if !party.is_counted => match reason.cause {
                EventCause::CallNotAnswered | EventCause::DestOutOfOrder if party.queue.is_some() => Fact::Missed,
                _ => Fact::Withdrawn,
            },
            _ if ends && party.is_counted => {
                party.is_counted = false;
                let (queue, talked) = (party.queue, party.has_talked && over_a_trunk);
                Fact::CallEnded { work: self.work_after(agent, queue, talked) }
            }
            _ => return,
        };
        self.observe(agent, [fact]);
    }

    /// The work after a call: that of its queue; after any other call over a trunk, that of the agent's first queue.
    pub(super) fn work_after(
        &self,
        agent: crate::acd::ids::AgentIx,
        queue: Option<QueueIx>,
        talked: bool,
    ) -> Option<(QueueIx, Ticks)> {
        let queue = queue.or_else(|| self.roster.get(agent).queues.first().copied()).filter(|_| talked)?;
        Some((queue, self.queues[usize::from(queue.0)].after_call_work))
    }

    /// The commands that the end of a connection owes to its line.
    fn apply_to_line(&mut self, step: Step) {
        let Some(channel) = self.devices.channel(step.device) else { return };
        match (step.device, step.row.from, step.row.to) {
            (Device::Trunk(_), _, None) => self.release_trunk(channel),
            (Device::Station(_), Some(ConnectionState::Alerting | ConnectionState::Initiated), None)
                if self.devices.state(channel) == State::Ringing =>
            {
                // If the handset was lifted in this moment, its user finds dial tone.
                let _ = self.claim(channel, Intent::StopRinging);
            }
            (Device::Station(station), from, to) => {
                let left = to == Some(ConnectionState::Failed)
                    || (from == Some(ConnectionState::Failed)
                        && to.is_none()
                        && step.reason.origin == crate::model::Origin::Switch);
                if left {
                    self.show_the_end(station);
                }
            }
            _ => {}
        }
    }

    /// The line of a station shows, where it has a sign for it, that the far end has gone: behind some stations stands
    /// a private exchange, which does not listen to tones.
    fn show_the_end(&mut self, station: StationIx) {
        let channel = self.devices.station(station).channel;
        let others = self.model.appearances(Device::Station(station)).map_or(0, |it| it.calls().len());
        if others > 1 {
            // One who holds another call is not to put down.
            return;
        }
        if self.devices.state(channel) == State::InUse && self.devices.station(station).kind == StationKind::Handset {
            self.actions.push_back(Action::Command(Command::Line { channel, command: LineCommand::Disconnect }));
        }
    }

    fn apply_cleared(&mut self, call: CallId) {
        self.emit_call_cleared(call);
        self.leave_place(call, Left::Cleared);
        self.floor.call_left(Contact::Call(call));
        let Some(mut detail) = self.details.remove(&call) else { return };
        let recorder = detail.recorder.take();
        self.stop_recorder(recorder);
        if let Some(lookup) = detail.lookup {
            self.looked_up.remove(&lookup);
        }
        self.drop_script(detail.script.as_ref().map(|script| script.doing));
        self.attempt_cleared(&detail);
        self.persist_call(&detail);
    }
}

fn update_wait(detail: &mut crate::call::Detail, now: Tick) {
    if let Some(queued) = detail.log.queued {
        Arc::make_mut(&mut detail.data).wait_ms = now.since(queued).as_ms();
    }
}

//! The event of a change, with its private data, to those who monitor.
//!
//! Each event goes to the device monitors of every device that takes part, in the order of the parties, each with the
//! state of its own device's connection; then to the monitors that follow the call, with the state -1. A device that
//! has just left is still among the parties, in the state *null*, while that is reported.
//!
//! Sources: ECMA-179; the order of events is that of the TSAPI vendor dialect, written down for each service in the
//! tables of `testing/services`.
//!
//! Never: changes a call.

use std::sync::Arc;

use super::event_data::Site;
use super::step::Step;
use crate::acd::ids::Contact;
use crate::call::{Detail, Party};
use crate::core::{Action, Core};
use crate::csta::cause::EventCause;
use crate::csta::event::Event;
use crate::csta::private::ReportData;
use crate::csta::{AccountInfo, AuthCode, CallId, Connection, ConnectionId, ExtendedDeviceId, LocalConnectionState};
use crate::device::Device;
use crate::model::{CallEvent, Reason};
use crate::monitor::{MonitorKey, MonitorObject};

impl Core {
    /// Reports one event of a call to all who monitor it.
    fn emit(&mut self, call: CallId, event: impl Fn(&Detail, LocalConnectionState) -> Event) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.is_reported = true;
        let detail = &*detail;
        let site = Site { devices: &self.devices, groups: &self.trunk_groups, roster: &self.roster };
        let mut shared: Option<ReportData> = None;
        let mut send = |key: MonitorKey, local: LocalConnectionState| {
            let event = Box::new(event(detail, local));
            if self.monitors.wants(key, &event) {
                let data = shared.get_or_insert_with(|| site.data_of(&event, detail)).clone();
                self.counters.reports += 1;
                self.actions.push_back(report(key, event, data));
            }
        };
        for party in &detail.parties {
            for &key in self.monitors.of(MonitorObject::Device(party.device)) {
                send(key, party.state);
            }
        }
        for &key in self.monitors.followers(call) {
            send(key, LocalConnectionState::None);
        }
    }

    /// Reports a device's own event to its device monitors.
    pub(crate) fn emit_device(&mut self, device: Device, event: Event, data: &ReportData) {
        for &key in self.monitors.of(MonitorObject::Device(device)) {
            if self.monitors.wants(key, &event) {
                self.counters.reports += 1;
                self.actions.push_back(report(key, Box::new(event.clone()), data.clone()));
            }
        }
    }

    /// The event of a step.
    pub(super) fn emit_step(&mut self, step: Step) {
        let Step { call, device, row, reason, is_redirected, destination, .. } = step;
        if row.event == CallEvent::None {
            return;
        }
        let Some(detail) = self.details.get(&call) else { return };
        let Some(&Party { connection, name, .. }) = detail.party(device) else { return };
        // An event that begins something has a cause of its own, unless the reason has one that says more.
        let begins = match reason.cause {
            EventCause::None if is_redirected => EventCause::Redirected,
            EventCause::None => EventCause::NewCall,
            _ if is_redirected && row.event != CallEvent::Established => EventCause::Redirected,
            cause => cause,
        };
        match row.event {
            CallEvent::None => {}
            CallEvent::ServiceInitiated => self.emit(call, |_, local| Event::ServiceInitiated {
                initiated_connection: connection,
                local,
                cause: begins,
            }),
            CallEvent::Originated => self.emit(call, |call, local| Event::Originated {
                originated_connection: connection,
                calling_device: call.calling,
                called_device: call.called,
                local,
                cause: begins,
            }),
            CallEvent::Delivered => self.emit(call, |call, local| Event::Delivered {
                connection,
                alerting_device: name,
                calling_device: call.calling,
                called_device: call.called,
                last_redirection_device: call.redirected,
                local,
                cause: begins,
            }),
            CallEvent::Queued => {
                let (number_queued, free) = match device {
                    Device::Queue(queue) => (self.floor.waiting(queue), self.floor.free(queue)),
                    _ => (1, 1),
                };
                let number_queued = i16::try_from(number_queued).unwrap_or(i16::MAX);
                let first = detail.redirected.device.is_empty() || !self.has_rung(call);
                let cause = match (first, free) {
                    (true, 0) => EventCause::NoAvailableAgents,
                    (true, _) => EventCause::NewCall,
                    (false, _) => begins,
                };
                self.emit(call, |call, local| Event::Queued {
                    queued_connection: connection,
                    queue: name,
                    calling_device: call.calling,
                    called_device: call.called,
                    last_redirection_device: call.redirected,
                    number_queued,
                    local,
                    cause,
                });
            }
            CallEvent::Established => self.emit(call, |call, local| Event::Established {
                established_connection: connection,
                answering_device: name,
                calling_device: call.calling,
                called_device: call.called,
                last_redirection_device: call.redirected,
                local,
                cause: begins,
            }),
            CallEvent::NetworkReached => {
                let trunk_used = ExtendedDeviceId::trunk(self.devices.id(device));
                self.emit(call, |call, local| Event::NetworkReached {
                    connection,
                    trunk_used,
                    called_device: call.called,
                    local,
                    cause: begins,
                });
            }
            CallEvent::Held => self.emit(call, |_, local| Event::Held {
                held_connection: connection,
                holding_device: name,
                local,
                cause: reason.cause,
            }),
            CallEvent::Retrieved => self.emit(call, |_, local| Event::Retrieved {
                retrieved_connection: connection,
                retrieving_device: name,
                local,
                cause: reason.cause,
            }),
            CallEvent::Diverted => {
                let to =
                    destination.map_or(ExtendedDeviceId::NOT_KNOWN, |to| ExtendedDeviceId::inside(self.devices.id(to)));
                let cause = if reason.cause == EventCause::None && !self.is_back(call) {
                    EventCause::Redirected
                } else {
                    reason.cause
                };
                self.emit(call, |_, local| Event::Diverted {
                    connection,
                    diverting_device: name,
                    new_destination: to,
                    local,
                    cause,
                });
            }
            CallEvent::Failed => self.emit(call, |call, local| Event::Failed {
                failed_connection: connection,
                failing_device: if call.log.established.is_some() { name } else { call.called },
                called_device: call.called,
                local,
                cause: reason.cause,
            }),
            CallEvent::ConnectionCleared => self.emit(call, |_, local| Event::ConnectionCleared {
                dropped_connection: connection,
                releasing_device: name,
                local,
                cause: reason.cause,
            }),
        }
    }

    /// Returns true if a telephone has rung for the call.
    fn has_rung(&self, call: CallId) -> bool {
        self.details.get(&call).is_some_and(|detail| detail.log.alerting.is_some())
    }

    /// Returns true if a call that leaves a telephone returns to its place in the queue.
    fn is_back(&self, call: CallId) -> bool {
        self.floor.place(Contact::Call(call)).is_some() && self.has_rung(call)
    }

    /// Data of a call have become known after the event that should have carried them.
    pub(crate) fn emit_call_information(&mut self, call: CallId, device: Device) {
        let Some(&party) = self.details.get(&call).and_then(|detail| detail.party(device)) else { return };
        self.emit(call, |_, _| Event::CallInformation {
            connection: party.connection,
            device: party.name,
            account_info: AccountInfo::EMPTY,
            authorisation_code: AuthCode::EMPTY,
        });
    }

    /// Emits the events of two calls, the held one and the active one, that have become one with these data. A monitor
    /// that knows only one of them is sent that one's event.
    pub(super) fn emit_merge(
        &mut self,
        [first, second]: [&Detail; 2],
        by: Device,
        stays: bool,
        reason: Reason,
        data: &ReportData,
    ) {
        let (held, into) = (first.id, second.id);
        let name = |device| ExtendedDeviceId::inside(self.devices.id(device));
        let controller = name(by);
        let old = |call, knows: bool| match knows {
            true => ConnectionId { call, device: self.devices.id(by), ..ConnectionId::NONE },
            false => ConnectionId::NONE,
        };
        let other =
            second.parties.iter().find(|party| party.device != by).map_or(ExtendedDeviceId::NOT_KNOWN, |it| it.name);
        let mut seen = Vec::new();
        let mut parties = Vec::new();
        for party in second.parties.iter().chain(&first.parties).filter(|party| party.device != by || stays) {
            if !seen.contains(&party.device) {
                seen.push(party.device);
                let party_id = ConnectionId { call: into, ..party.connection };
                parties.push(Connection { party: party_id, static_device: party.name });
            }
        }
        let connections: Arc<[Connection]> = parties.into();
        let event = |knows_held: bool, knows_active: bool, local| {
            let (primary_old_call, secondary_old_call) = (old(held, knows_held), old(into, knows_active));
            match stays {
                true => Event::Conferenced {
                    primary_old_call,
                    secondary_old_call,
                    conf_controller: controller,
                    added_party: other,
                    conference_connections: connections.clone(),
                    local,
                    cause: EventCause::ActiveMonitor,
                },
                false => Event::Transferred {
                    primary_old_call,
                    secondary_old_call,
                    transferring_device: controller,
                    transferred_device: other,
                    transferred_connections: connections.clone(),
                    local,
                    cause: if reason.cause == EventCause::None { EventCause::Transfer } else { reason.cause },
                },
            }
        };
        let mut reports = Vec::new();
        let mut done = Vec::new();
        for party in first.parties.iter().chain(&second.parties) {
            if done.contains(&party.device) {
                continue;
            }
            done.push(party.device);
            let (in_held, in_active) = (first.party(party.device).is_some(), second.party(party.device).is_some());
            let local = match (party.device == by, stays) {
                (true, false) => LocalConnectionState::Null,
                (true, true) => LocalConnectionState::Connect,
                (false, _) => party.state,
            };
            for &key in self.monitors.of(MonitorObject::Device(party.device)) {
                reports.push((key, event(in_held, in_active, local)));
            }
        }
        let (of_held, of_active) = (self.monitors.followers(held), self.monitors.followers(into));
        for &key in of_held.iter().chain(of_active.iter().filter(|key| !of_held.contains(key))) {
            let event = event(of_held.contains(&key), of_active.contains(&key), LocalConnectionState::None);
            reports.push((key, event));
        }
        for (key, event) in reports {
            if self.monitors.wants(key, &event) {
                self.counters.reports += 1;
                self.actions.push_back(report(key, Box::new(event), data.clone()));
            }
        }
    }

    /// The call is over: reported to those who follow calls, since every device has left it.
    pub(super) fn emit_call_cleared(&mut self, call: CallId) {
        let cause = EventCause::None;
        self.emit(call, |call, local| Event::CallCleared { cleared_call: call.connection(), local, cause });
        for key in self.monitors.of(MonitorObject::Call(call)).to_vec() {
            self.counters.reports += 1;
            self.actions.push_back(report(key, Box::new(Event::MonitorEnded { cause: EventCause::None }), None));
            self.monitors.end(key);
        }
        self.monitors.forget(call);
    }
}

#[inline]
fn report(key: MonitorKey, event: Box<Event>, data: ReportData) -> Action {
    Action::Report { session: key.session, monitor: key.id, event, data }
}

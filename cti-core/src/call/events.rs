//! A change of the model, told as CSTA events.
//!
//! Each event goes to the device monitors of every device that takes part, in the order of the parties, each with the
//! state of its own device's connection; then to the monitors that follow the call, with the state -1. Who has just left
//! is still among the parties, in the state *null*, while the leaving is told.
//!
//! Sources: ECMA-179; the order of events is that of section 7 of the wire facts.
//!
//! Never: changes a call.

use std::sync::Arc;

use super::connection::Party;
use super::device::Device;
use super::model::Call;
use crate::call::monitor::{MonitorKey, Watched};
use crate::core::{Action, Core};
use crate::csta::cause::EventCause;
use crate::csta::event::{CallData, Event};
use crate::csta::private::EventData;
use crate::csta::request::ReportData;
use crate::csta::{AccountInfo, AuthCode, CallId, ConnectionId, ExtendedDeviceId, LocalConnectionState};

/// How a trunk without a party, or a connection of a device that never took part, is named.
fn connection_of(call: &Call, device: Device) -> (ConnectionId, ExtendedDeviceId) {
    match call.party(device) {
        Some(party) => (party.connection, party.name),
        None => (call.connection(), ExtendedDeviceId::NOT_KNOWN),
    }
}

impl Core {
    /// Tells one event to everybody who watches the call.
    fn tell(&mut self, call: CallId, event: impl Fn(&Call, LocalConnectionState) -> Event) {
        let Some(call) = self.calls.get(call) else { return };
        let data = |event: &Event| match event {
            Event::Delivered { .. } | Event::Established { .. } | Event::CallInformation { .. }
                if *call.data != CallData::default() =>
            {
                Some(Arc::new(EventData::of_call(Arc::clone(&call.data))))
            }
            _ => None,
        };
        for party in &call.parties {
            for &key in self.monitors.of(Watched::Device(party.device)) {
                let event = event(call, party.state);
                if self.monitors.wants(key, &event) {
                    let data = data(&event);
                    self.counters.reports += 1;
                    self.actions.push_back(report(key, event, data));
                }
            }
        }
        for &key in &call.followers {
            let event = event(call, LocalConnectionState::None);
            if self.monitors.wants(key, &event) {
                let data = data(&event);
                self.counters.reports += 1;
                self.actions.push_back(report(key, event, data));
            }
        }
    }

    /// Tells a device's own event to its device monitors.
    pub(crate) fn tell_device(&mut self, device: Device, event: Event) {
        for &key in self.monitors.of(Watched::Device(device)) {
            if self.monitors.wants(key, &event) {
                self.counters.reports += 1;
                self.actions.push_back(report(key, event.clone(), None));
            }
        }
    }

    /// A device becomes a party of a call; who monitors the calls that touch it follows from now on.
    pub(crate) fn join(&mut self, call: CallId, party: Party) {
        let followers = self.monitors.of(Watched::CallsVia(party.device));
        let Some(call) = self.calls.get_mut(call) else { return };
        for &key in followers {
            if !call.followers.contains(&key) {
                call.followers.push(key);
            }
        }
        self.devices.set_call(party.device, Some(call.id));
        // A call has at most the caller, a queue, and one more; the bound is one above that.
        let _ = call.parties.try_push(party);
    }

    pub(crate) fn tell_service_initiated(&mut self, call: CallId, device: Device) {
        self.tell(call, |call, local| Event::ServiceInitiated {
            initiated_connection: connection_of(call, device).0,
            local,
            cause: EventCause::NewCall,
        });
    }

    pub(crate) fn tell_originated(&mut self, call: CallId, device: Device) {
        self.tell(call, |call, local| Event::Originated {
            originated_connection: connection_of(call, device).0,
            calling_device: call.calling,
            called_device: call.called,
            local,
            cause: EventCause::NewCall,
        });
    }

    /// A trunk call has come in: it is delivered to the number that was called, which is no party.
    pub(crate) fn tell_entered(&mut self, call: CallId) {
        self.tell(call, |call, local| Event::Delivered {
            connection: ConnectionId { call: call.id, device: call.called.device, ..ConnectionId::NONE },
            alerting_device: call.called,
            calling_device: call.calling,
            called_device: call.called,
            last_redirection_device: call.redirected,
            local,
            cause: EventCause::NewCall,
        });
    }

    pub(crate) fn tell_delivered(&mut self, call: CallId, device: Device, cause: EventCause) {
        self.tell(call, |call, local| {
            let (connection, alerting_device) = connection_of(call, device);
            Event::Delivered {
                connection,
                alerting_device,
                calling_device: call.calling,
                called_device: call.called,
                last_redirection_device: call.redirected,
                local,
                cause,
            }
        });
    }

    pub(crate) fn tell_queued(&mut self, call: CallId, device: Device, number_queued: i16, cause: EventCause) {
        self.tell(call, |call, local| {
            let (queued_connection, queue) = connection_of(call, device);
            Event::Queued {
                queued_connection,
                queue,
                calling_device: call.calling,
                called_device: call.called,
                last_redirection_device: call.redirected,
                number_queued,
                local,
                cause,
            }
        });
    }

    pub(crate) fn tell_diverted(&mut self, call: CallId, device: Device, to: ExtendedDeviceId, cause: EventCause) {
        self.tell(call, |call, local| {
            let (connection, diverting_device) = connection_of(call, device);
            Event::Diverted { connection, diverting_device, new_destination: to, local, cause }
        });
    }

    /// A trunk call in its menu is taken away from the number that was called, which is no party: the counterpart of
    /// [`tell_entered`](Core::tell_entered).
    pub(crate) fn tell_diverted_from_number(&mut self, call: CallId, to: ExtendedDeviceId, cause: EventCause) {
        self.tell(call, |call, local| Event::Diverted {
            connection: ConnectionId { call: call.id, device: call.called.device, ..ConnectionId::NONE },
            diverting_device: call.called,
            new_destination: to,
            local,
            cause,
        });
    }

    /// Something about a device's part has become known: the call's data says what.
    pub(crate) fn tell_call_information(&mut self, call: CallId, device: Device) {
        self.tell(call, |call, _| {
            let (connection, device) = connection_of(call, device);
            Event::CallInformation {
                connection,
                device,
                account_info: AccountInfo::EMPTY,
                authorisation_code: AuthCode::EMPTY,
            }
        });
    }

    pub(crate) fn tell_network_reached(&mut self, call: CallId, device: Device) {
        let trunk_used = ExtendedDeviceId::trunk(self.devices.id(device));
        self.tell(call, |call, local| Event::NetworkReached {
            connection: connection_of(call, device).0,
            trunk_used,
            called_device: call.called,
            local,
            cause: EventCause::NewCall,
        });
    }

    pub(crate) fn tell_established(&mut self, call: CallId, device: Device) {
        self.tell(call, |call, local| {
            let (established_connection, answering_device) = connection_of(call, device);
            Event::Established {
                established_connection,
                answering_device,
                calling_device: call.calling,
                called_device: call.called,
                last_redirection_device: call.redirected,
                local,
                cause: EventCause::NewCall,
            }
        });
    }

    /// `failed` is the connection that failed; that of the called device although it is no party, if it is known.
    pub(crate) fn tell_failed(&mut self, call: CallId, failed: ConnectionId, cause: EventCause) {
        self.tell(call, |call, local| Event::Failed {
            failed_connection: failed,
            failing_device: call.called,
            called_device: call.called,
            local,
            cause,
        });
    }

    pub(crate) fn tell_connection_cleared(
        &mut self,
        call: CallId,
        device: Device,
        releasing_device: ExtendedDeviceId,
        cause: EventCause,
    ) {
        self.tell(call, |call, local| Event::ConnectionCleared {
            dropped_connection: connection_of(call, device).0,
            releasing_device,
            local,
            cause,
        });
    }

    /// The call is over: only those who follow calls are told, since every device has left it.
    pub(crate) fn tell_call_cleared(&mut self, call: CallId, cause: EventCause) {
        self.tell(call, |call, local| Event::CallCleared { cleared_call: call.connection(), local, cause });
        for &key in self.monitors.of(Watched::Call(call)) {
            let event = Event::MonitorEnded { cause: EventCause::None };
            self.counters.reports += 1;
            self.actions.push_back(report(key, event, None));
        }
        for key in self.monitors.of(Watched::Call(call)).to_vec() {
            self.monitors.end(key);
        }
    }
}

fn report(key: MonitorKey, event: Event, data: ReportData) -> Action {
    Action::Report { session: key.session, monitor: key.id, event, data }
}

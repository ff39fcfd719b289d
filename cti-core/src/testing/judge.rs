//! The judge of a random day: the calls as a client knows them from events, compared with a snapshot; and the sound of
//! each channel, compared with the connections of the model's table.
//!
//! Never: knows what the core ought to do next.

use std::collections::{BTreeMap, BTreeSet};

use super::listen::Ears;
use super::rig::{ALL, Rig};
use crate::acd::decide::explain;
use crate::acd::ids::Contact;
use crate::acd::why::NotOffered;
use crate::csta::cause::EventCause;
use crate::csta::event::Event;
use crate::csta::{CallId, LocalConnectionState, MonitorCrossRefId};

/// The picture of calls that a client builds from its events, held against the snapshot.
#[derive(Default, Clone)]
pub(super) struct Judge {
    pub(super) devices: BTreeMap<MonitorCrossRefId, &'static str>,
    /// The last local state reported to each device monitor of each call.
    told: BTreeMap<(MonitorCrossRefId, CallId), LocalConnectionState>,
    /// The connections of each call, as its events have them.
    picture: BTreeMap<CallId, BTreeMap<String, LocalConnectionState>>,
    last: BTreeMap<MonitorCrossRefId, Event>,
    pub(super) ears: Ears,
}

impl Judge {
    pub(super) fn judge(&mut self, rig: &mut Rig) {
        for (session, monitor, event) in std::mem::take(&mut rig.events) {
            if session != ALL {
                continue;
            }
            if let Some(&name) = self.devices.get(&monitor) {
                self.judge_event(monitor, name, &event);
                if let Event::CallInformation { .. } = event {
                    continue;
                }
                // A silent listener who begins to whisper is reported in the same words.
                let is_silent = matches!(event, Event::Established { cause: EventCause::SilentMonitor, .. });
                let of_call = event.local_state().is_some() && !is_silent;
                let twice = self.last.insert(monitor, event.clone());
                assert!(!of_call || twice.as_ref() != Some(&event), "{name} has it twice: {event:?}");
            }
        }
        let core = &rig.core;
        self.picture.retain(|call, _| core.details.contains_key(call));
        for detail in core.details.values().filter(|detail| detail.is_reported) {
            let Some(picture) = self.picture.get(&detail.id) else { continue };
            let snapshot: BTreeMap<String, LocalConnectionState> = detail
                .parties
                .iter()
                // A caller on a trunk is known by Delivered, and a seized trunk by Network Reached.
                .filter(|party| party.device.trunk().is_none())
                .map(|party| (party.connection.device.to_string(), party.state))
                .collect();
            let picture: BTreeMap<_, _> = picture
                .iter()
                .filter(|(name, _)| !name.starts_with('T'))
                .map(|(name, state)| (name.clone(), *state))
                .collect();
            assert_eq!(picture, snapshot, "the client's picture of {:?} and the snapshot", detail.id);
        }
        for command in std::mem::take(&mut rig.media) {
            self.ears.follow(&command);
        }
        for channel in core.devices.channels() {
            let device = core.devices.line(channel).expect("a line").device;
            let call = core.model.active(device).and_then(|call| core.model.call(call));
            // One who hears a greeting, a number or a zip tone hears no one.
            let is_opened = |call: &crate::model::Call| {
                let detail = core.details.get(&call.id);
                let is_at = |station| device == crate::device::Device::Station(station);
                detail.and_then(|detail| detail.answering).is_some_and(is_at)
                    || detail
                        .and_then(|detail| detail.agent_greeting)
                        .is_some_and(|it| it.caller == device || it.is_heard_by_both && is_at(it.station))
            };
            let heard: BTreeSet<_> = call.filter(|call| !is_opened(call)).map_or_else(BTreeSet::new, |call| {
                let others = call.connections.iter().map(|other| other.device);
                let heard = others.filter(|&other| call.hears(device, other));
                heard.filter_map(|other| core.devices.channel(other)).collect()
            });
            assert_eq!(self.ears.talkers(channel), heard, "{channel:?} hears others than those it talks to");
        }
        let core = &rig.core;
        for detail in core.details.values() {
            let contact = Contact::Call(detail.id);
            if core.floor.position(contact).is_some() {
                let why = explain(&core.floor, contact, core.now()).expect("a waiting contact");
                assert_eq!(why.count(NotOffered::Later), 0, "{:?} waits beside a free agent: {why:?}", detail.id);
            }
        }
    }

    fn judge_event(&mut self, monitor: MonitorCrossRefId, name: &str, event: &Event) {
        use LocalConnectionState as L;
        let (connection, to) = match event {
            Event::ServiceInitiated { initiated_connection: it, .. } => (it, L::Initiate),
            Event::Originated { originated_connection: it, .. }
            | Event::Established { established_connection: it, .. }
            | Event::Retrieved { retrieved_connection: it, .. }
            | Event::NetworkReached { connection: it, .. } => (it, L::Connect),
            Event::Delivered { connection: it, .. } => (it, L::Alerting),
            Event::Queued { queued_connection: it, .. } => (it, L::Queued),
            Event::Held { held_connection: it, .. } => (it, L::Hold),
            Event::Failed { failed_connection: it, .. } => (it, L::Fail),
            Event::Diverted { connection: it, .. } | Event::ConnectionCleared { dropped_connection: it, .. } => {
                (it, L::Null)
            }
            Event::Transferred {
                primary_old_call, secondary_old_call, transferred_connections: list, local, ..
            }
            | Event::Conferenced {
                primary_old_call, secondary_old_call, conference_connections: list, local, ..
            } => {
                let mut parties = BTreeMap::new();
                for old in [primary_old_call, secondary_old_call] {
                    parties.extend(self.picture.remove(&old.call).unwrap_or_default());
                }
                if let Some(first) = list.first() {
                    self.told.insert((monitor, first.party.call), *local);
                    parties.retain(|name, _| list.iter().any(|it| it.party.device.as_str() == name));
                    let known = self.picture.entry(first.party.call).or_default();
                    // The controller is held in one call and active in the other, whose state stands.
                    for (name, state) in parties {
                        known.entry(name).or_insert(state);
                    }
                }
                return;
            }
            _ => return,
        };
        let Some((_, local)) = event.local_state() else { return };
        let completes = matches!(event, Event::Queued { .. } | Event::Delivered { .. });
        let call = self.picture.entry(connection.call).or_default();
        match to {
            L::Null => {
                call.remove(connection.device.as_str());
            }
            to => {
                if completes {
                    // A caller who heard a tone waits for the station instead.
                    call.values_mut().filter(|state| **state == L::Fail).for_each(|state| *state = L::Connect);
                }
                call.insert(connection.device.to_string(), to);
            }
        }
        let before = self.told.insert((monitor, connection.call), local);
        let legal = match (before, local) {
            (None | Some(L::Null), L::Alerting | L::Queued | L::Initiate | L::Connect) => true,
            (Some(L::Initiate), L::Initiate | L::Connect | L::Fail | L::Null) => true,
            (Some(L::Alerting), L::Alerting | L::Connect | L::Null) => true,
            (Some(L::Connect), L::Connect | L::Hold | L::Fail | L::Null) => true,
            (Some(L::Hold), L::Hold | L::Connect | L::Alerting | L::Null) => true,
            // A call that waited for a station rings there.
            (Some(L::Queued), L::Queued | L::Alerting | L::Null) => true,
            (Some(L::Fail), L::Fail | L::Null) => true,
            (Some(L::Fail), L::Connect) => completes,
            // A trunk that joins a call in progress is reported by the events of the others.
            (None, L::Fail) => name.starts_with('T'),
            _ => false,
        };
        assert!(legal, "{name}: {before:?} cannot become {local:?} by {event:?}");
    }
}

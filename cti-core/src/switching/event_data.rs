//! Private data of a call in events, route requests and snapshots: identity, screen pop, user-to-user information, the
//! original call.
//!
//! | event | beside the standard |
//! |---|---|
//! | Delivered, Established, Call Information | all that is known of the call |
//! | Transferred, Conferenced | the same; the call from which it was made; the trunks of its parties |
//! | Originated | the calling agent, user-to-user information |
//! | Service Initiated | the universal identifier |
//! | Network Reached | the trunk |
//! | Connection Cleared | the user-to-user information of the clearing |
//! | Failed | the calling device, the classification of a predictive call |
//! | Call Cleared | the classification of a predictive call |
//!
//! A call has one user-to-user information: the last that a client has attached. It is part of the
//! [`CallData`], which follow the call wherever it goes. One that is attached to a clearing is that of its Connection
//! Cleared alone (Q.931 4.5.30: each message has its own).
//!
//! Never: changes a call.

use std::sync::Arc;

use crate::agent::Roster;
use crate::call::{Detail, Party};
use crate::core::Core;
use crate::csta::event::{CallData, Event};
use crate::csta::private::{
    DeliveredType, EnteredCode, EnteredCodeIndicator, EnteredCodeType, EventData, OriginalCallInfo, ReasonCode,
    ReasonForCallInfo, ReportData, TrunkInfo, UserInfo,
};
use crate::csta::{CallId, DeviceId, Digits, LocalConnectionState, Reply};
use crate::device::{Device, Devices, TrunkIx};
use crate::route::trunk_group::TrunkGroups;

/// The names that private data are made of.
#[derive(Clone, Copy)]
pub(super) struct Site<'a> {
    pub(super) devices: &'a Devices,
    pub(super) groups: &'a TrunkGroups,
    pub(super) roster: &'a Roster,
}

impl Core {
    pub(super) const fn site(&self) -> Site<'_> {
        Site { devices: &self.devices, groups: &self.trunk_groups, roster: &self.roster }
    }

    /// All data of a call, for a message that belongs to no monitor.
    pub(super) fn event_data(&self, call: CallId) -> ReportData {
        self.details.get(&call).map(|detail| Arc::new(self.site().of_call(detail)))
    }

    /// Attaches user-to-user information to the call that a request has made. Its events are reported later.
    pub(super) fn attach_to_new_call<F>(&mut self, made: &Result<Reply, F>, user_info: &UserInfo) {
        if let Ok(
            Reply::MakeCall { new_call }
            | Reply::ConsultationCall { new_call }
            | Reply::MakePredictiveCall { new_call },
        ) = made
        {
            self.attach(new_call.call, user_info);
        }
    }

    /// Attaches user-to-user information to a call, in place of what it has; none leaves that as it is.
    pub(super) fn attach(&mut self, call: CallId, user_info: &UserInfo) {
        if user_info.is_none() {
            return;
        }
        if let Some(detail) = self.details.get_mut(&call) {
            Arc::make_mut(&mut detail.data).user_info = user_info.clone();
        }
    }

    /// A call that a station begins while it holds another is a consultation: the data of the held call go with it, so
    /// that the called agent's screen has them.
    pub(super) fn follow_held(&mut self, call: CallId, from: Device) {
        let calls = self.model.appearances(from).map(|it| it.list()).unwrap_or_default();
        let is_held =
            |id: &&CallId| self.model.state(**id, from) == Some(crate::model::ConnectionState::Held) && **id != call;
        let ucid = self.details.get(&call).map(|detail| detail.ucid).unwrap_or_default();
        let Some(held) = calls.iter().rev().find(is_held).and_then(|id| self.details.get_mut(id)) else { return };
        let mut data = Arc::clone(&held.data);
        Arc::make_mut(&mut data).relate(held.ucid);
        Arc::make_mut(&mut held.data).relate(ucid);
        let (held, main_call) = (&*held, held.ucid);
        let site = Site { devices: &self.devices, groups: &self.trunk_groups, roster: &self.roster };
        // Of a consultation in a consultation the first call is the customer's.
        let original = match &held.original {
            Some(original) if original.reason == ReasonForCallInfo::Consultation => Arc::clone(original),
            _ => Arc::new(site.original(held, ReasonForCallInfo::Consultation)),
        };
        let Some(detail) = self.details.get_mut(&call) else { return };
        (detail.data, detail.original, detail.main_call) = (data, Some(original), Some(main_call));
    }

    /// Merges the data of two calls that have become one: the customer's go on, with the user-to-user information of
    /// the consultation if it has some of its own, and name the consultation. Returns them as Transferred or
    /// Conferenced carries them.
    pub(super) fn merge_data(
        &self,
        customer: &mut Detail,
        consultation: &Detail,
        by: Device,
        stays: bool,
    ) -> ReportData {
        let reason = if stays { ReasonForCallInfo::Conferenced } else { ReasonForCallInfo::Transferred };
        customer.original = Some(Arc::new(self.site().original(customer, reason)));
        let data = Arc::make_mut(&mut customer.data);
        data.relate(consultation.ucid);
        if !consultation.data.user_info.is_none() {
            data.user_info = consultation.data.user_info.clone();
        }
        if consultation.log.queue.is_some() {
            data.queue.clone_from(&consultation.data.queue);
        }
        let parties = customer.parties.iter().chain(&consultation.parties);
        let mut event = self.site().of_call(customer);
        event.delivered_type = None;
        for party in parties {
            if let Device::Trunk(trunk) = party.device
                && (stays || party.device != by)
            {
                let (trunk_group, trunk_member) = self.site().trunk(trunk);
                event.trunk_list.push(TrunkInfo { connection: party.connection, trunk_group, trunk_member });
            }
        }
        Some(Arc::new(event))
    }
}

impl Site<'_> {
    /// The private data of an event of a call; none if it carries none.
    pub(super) fn data_of(self, event: &Event, detail: &Detail) -> ReportData {
        Some(Arc::new(match event {
            event if event.carries_call_data() => self.of_call(detail),
            Event::ServiceInitiated { .. } => EventData { ucid: detail.ucid, ..EventData::default() },
            Event::Originated { .. } => EventData {
                user_info: detail.data.user_info.clone(),
                logical_agent: self.caller_agent(detail),
                ..EventData::default()
            },
            Event::NetworkReached { .. } => {
                let (trunk_group, trunk_member) = detail.log.trunk.map(|trunk| self.trunk(trunk)).unwrap_or_default();
                EventData { trunk_group, trunk_member, ..EventData::default() }
            }
            Event::ConnectionCleared { .. } if !detail.clearing_info.is_none() => {
                EventData { user_info: detail.clearing_info.clone(), ..EventData::default() }
            }
            Event::Failed { .. } => {
                EventData { calling_device: Some(detail.calling), reason: reason(detail), ..EventData::default() }
            }
            Event::CallCleared { .. } if reason(detail) != ReasonCode::None => {
                EventData { reason: reason(detail), ..EventData::default() }
            }
            _ => return None,
        }))
    }

    /// All that is known of a call.
    fn of_call(self, detail: &Detail) -> EventData {
        let mut data = EventData {
            ucid: detail.ucid,
            user_info: detail.data.user_info.clone(),
            entered_code: entered_code(detail),
            original_call_info: detail.original.clone(),
            reason: reason(detail),
            ..EventData::default()
        };
        if *detail.data != CallData::default() {
            data.call = Some(Arc::clone(&detail.data));
        }
        data.delivered_type = match detail.parties.iter().rev().find(|it| it.state == LocalConnectionState::Alerting) {
            Some(Party { device: Device::Number(_), .. }) => Some(DeliveredType::ToAcd),
            Some(_) => Some(DeliveredType::ToStation),
            None => None,
        };
        if let Some(trunk) = detail.log.trunk {
            (data.trunk_group, data.trunk_member) = self.trunk(trunk);
        }
        if let Some(queue) = detail.log.queue {
            data.split = self.devices.id(Device::Queue(queue));
            data.distributing_vdn = Some(detail.called);
        }
        data
    }

    /// A call as that from which another was made or transferred.
    fn original(self, detail: &Detail, reason: ReasonForCallInfo) -> OriginalCallInfo {
        let (trunk_group, trunk_member) = detail.log.trunk.map(|trunk| self.trunk(trunk)).unwrap_or_default();
        OriginalCallInfo {
            reason,
            calling_device: detail.calling,
            called_device: detail.called,
            trunk_group,
            trunk_member,
            entered_code: entered_code(detail),
            user_info: detail.data.user_info.clone(),
            ucid: detail.ucid,
            device_history: Vec::new(),
        }
    }

    /// The group and the name of a trunk.
    fn trunk(self, trunk: TrunkIx) -> (DeviceId, DeviceId) {
        (self.groups.name(self.groups.of(trunk)).unwrap_or_default(), self.devices.id(Device::Trunk(trunk)))
    }

    /// The agent at the station that calls.
    fn caller_agent(self, detail: &Detail) -> DeviceId {
        let station = detail.log.caller.and_then(Device::station);
        let agent = station.and_then(|station| self.devices.station(station).agent);
        agent.and_then(|agent| DeviceId::new(self.roster.get(agent).id.as_str()).ok()).unwrap_or_default()
    }
}

/// The classification of a predictive call.
fn reason(detail: &Detail) -> ReasonCode {
    detail.predictive.map(|predictive| predictive.reason).unwrap_or_default()
}

/// The keys of the caller.
fn entered_code(detail: &Detail) -> EnteredCode {
    if detail.data.keyed.is_empty() {
        return EnteredCode::default();
    }
    EnteredCode {
        kind: EnteredCodeType::Any,
        indicator: EnteredCodeIndicator::Entered,
        data: Digits::new(&detail.data.keyed).unwrap_or_default(),
        collector: detail.called.device,
    }
}

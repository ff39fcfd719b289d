//! The clients of a random day: agents and desks that ask for anything, a routing client, one that comes and goes.
//!
//! Never: judges what the core answers.

use super::{Day, OTHER, STATIONS};
use crate::csta::cause::UniversalFailure;
use crate::csta::private::RequestData;
use crate::csta::request::{ALL_ROUTE_ADDRESS, SetupInformation};
use crate::csta::switch::SwitchRequest;
use crate::csta::tipring::{ReleaseScope, Remark, SupervisionMode, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::csta::{
    AgentMode, AllocationState, CallId, ConnectionId, DeviceId, Feature, ForwardingInfo, ForwardingType,
    LocalConnectionState, MonitorFilter, Reply, Request, SessionId,
};
use crate::testing::device;
use crate::testing::rig::{ALL, agent_request};

/// Destinations of calls: some there, some outside, some nowhere.
const ANYWHERE: [&str; 8] = ["1001", "1002", "1003", "5000", "5001", "9110", "33", ""];

impl Day {
    pub(super) fn client_asks(&mut self) {
        let station = self.dice.of(&STATIONS);
        let call = CallId(self.rig.core.counters().calls as i32 - self.dice.roll(3) as i32);
        let party = self.dice.of(&["1001", "1002", "1003", "5000", "", "T1#"]);
        let connection = ConnectionId { call, device: device(party), ..ConnectionId::NONE };
        let agent = self.dice.of(&["7001", "7002", "7003"]);
        let mode = self.dice.of(&[
            AgentMode::LogIn,
            AgentMode::LogIn,
            AgentMode::Ready,
            AgentMode::Ready,
            AgentMode::Ready,
            AgentMode::NotReady,
            AgentMode::WorkNotReady,
            AgentMode::LogOut,
        ]);
        let to = self.dice.of(&["1001", "1002", "1003", "5000", "5001", "9110", "33", ""]);
        let filter = MonitorFilter::default();
        let request = match self.dice.roll(12) {
            0..=3 => agent_request(station, agent, "secret", mode),
            4 | 5 => Request::MakeCall { calling_device: device(station), called_device: device(to) },
            6 | 7 => Request::AnswerCall { alerting_call: connection },
            8 => Request::ClearConnection { call: connection },
            9 => Request::SnapshotCall { call: connection },
            10 => Request::MonitorCall { call: connection, filter },
            _ => Request::SnapshotDevice { device: device(party) },
        };
        self.rig.send(self.dice.of(&[ALL, ALL, ALL, SessionId(9)]), request);
        self.rig.replies.clear();
    }

    /// A connection that exists, most likely: one of a call at random, or another one of the same device.
    fn connection(&mut self, state: Option<LocalConnectionState>, device: Option<DeviceId>) -> ConnectionId {
        let parties = self.rig.core.details.values().flat_map(|detail| &detail.parties);
        let fits = parties.filter(|party| {
            state.is_none_or(|state| party.state == state)
                && device.is_none_or(|device| party.connection.device == device)
        });
        let fits: Vec<ConnectionId> = fits.map(|party| party.connection).collect();
        if fits.is_empty() { ConnectionId::NONE } else { self.dice.of(&fits) }
    }

    /// Any service of call control, mostly on connections in the state it needs.
    pub(super) fn client_controls(&mut self) {
        use LocalConnectionState as L;
        let likely = self.dice.roll(8) > 0;
        let in_state = |state| likely.then_some(state);
        let to = device(self.dice.of(&["1001", "1002", "1003", "5000", "5001", "9110", "33"]));
        let by = device(self.dice.of(&STATIONS));
        let held = self.connection(in_state(L::Hold), None);
        let active = self.connection(in_state(L::Connect), likely.then_some(held.device));
        let talks = self.connection(in_state(L::Connect), None);
        let alerting = self.connection(in_state(L::Alerting), None);
        let any = self.connection(None, None);
        let request = match self.dice.roll(16) {
            0 | 1 => Request::AnswerCall { alerting_call: alerting },
            2 => Request::HoldCall { active_call: talks, reservation: false },
            3 => Request::RetrieveCall { held_call: held },
            4 => Request::AlternateCall { active_call: active, other_call: held },
            5 => Request::ReconnectCall { active_call: active, held_call: held },
            6 | 7 => Request::ConsultationCall { active_call: talks, called_device: to },
            8 | 9 => Request::TransferCall { held_call: held, active_call: active },
            10 | 11 => Request::ConferenceCall { held_call: held, active_call: active },
            12 => Request::DeflectCall { deflect_call: alerting, called_device: to },
            13 => Request::PickupCall { deflect_call: alerting, called_device: by },
            14 if self.dice.roll(3) == 0 => Request::ClearCall { call: any },
            14 => Request::ClearConnection { call: any },
            _ => return self.supervisor_joins(talks, by),
        };
        self.rig.send(ALL, request);
        self.rig.replies.clear();
    }

    fn supervisor_joins(&mut self, talks: ConnectionId, by: DeviceId) {
        let remark = Remark("day".into());
        let supervise = |mode, follow| TipringRequest::SuperviseCall {
            active_call: talks,
            supervisor: by,
            mode,
            follow,
            remark: remark.clone(),
        };
        let request = match self.dice.roll(14) {
            10 => TipringRequest::PauseRecording { active_call: talks },
            11 => TipringRequest::ResumeRecording { active_call: talks },
            12 => TipringRequest::BookmarkRecording { active_call: talks, text: remark },
            13 if self.dice.roll(2) == 0 => TipringRequest::StopRecording { active_call: talks },
            13 => TipringRequest::StartRecording { active_call: talks },
            0 => supervise(SupervisionMode::Listen, true),
            1 => supervise(SupervisionMode::Listen, false),
            2 => supervise(SupervisionMode::Whisper, true),
            3 => supervise(SupervisionMode::Barge, false),
            4 => TipringRequest::StopSupervision { supervisor: by },
            5 => TipringRequest::TakeOverCall { active_call: talks, supervisor: by, remark },
            6 => TipringRequest::ParkCall { active_call: talks, place: DeviceId::EMPTY },
            7 => TipringRequest::ForceRelease { call: talks, scope: ReleaseScope::Connection, remark },
            kind => {
                let _ = self.rig.join(talks, by, kind == 8);
                return;
            }
        };
        let _ = self.rig.tipring(ALL, request);
    }

    /// A second client starts and stops monitors, is lost without a close, and comes back.
    pub(super) fn other_client_acts(&mut self) {
        let filter = MonitorFilter::default();
        let name = device(self.dice.of(&["1001", "1002", "1003", "5000", "5001", "T1", "T2"]));
        let call = self.connection(None, None);
        let request = match self.dice.roll(8) {
            0 => {
                self.rig.core.handle_session_closed(OTHER);
                self.rig.core.handle_session_opened(OTHER, "all");
                self.others.clear();
                self.registrations.clear();
                return;
            }
            1 | 2 if !self.others.is_empty() => {
                let ix = self.dice.roll(self.others.len() as u64) as usize;
                Request::MonitorStop { monitor: self.others.swap_remove(ix) }
            }
            3 => Request::MonitorCall { call, filter },
            4 => Request::MonitorDevice { device: name, filter },
            _ => Request::MonitorCallsViaDevice { device: name, filter },
        };
        if let Ok(Reply::Monitor { monitor, .. }) = self.rig.ask(OTHER, request) {
            self.others.push(monitor);
        }
        self.rig.replies.clear();
    }

    /// A client that routes calls: most often it answers, now and then it registers or goes.
    pub(super) fn routing_client_acts(&mut self) {
        let asked = self.rig.switch_requests.pop();
        if let Some(SwitchRequest::Route { register, dialogue, .. } | SwitchRequest::ReRoute { register, dialogue }) =
            asked
            && self.dice.roll(6) > 0
        {
            let request = match self.dice.roll(5) {
                0 => Request::RouteEnd { register, dialogue, error: UniversalFailure::GenericUnspecified },
                _ => Request::RouteSelect {
                    register,
                    dialogue,
                    route_selected: device(self.dice.of(&ANYWHERE)),
                    remain_retry: self.dice.of(&[0, 1]),
                    setup_information: SetupInformation::default(),
                    route_used_req: self.dice.roll(2) == 0,
                },
            };
            self.rig.send(OTHER, request);
        } else if let Some(&register) = self.registrations.first() {
            if self.dice.roll(2) == 0 && self.rig.ask(OTHER, Request::RouteRegisterCancel { register }).is_ok() {
                self.registrations.remove(0);
            }
        } else {
            let routing_device = device(self.dice.of(&["6000", ALL_ROUTE_ADDRESS, "1001"]));
            if let Ok(Reply::RouteRegister { register }) =
                self.rig.ask(OTHER, Request::RouteRegister { routing_device })
            {
                self.registrations.push(register);
            }
        }
        self.rig.replies.clear();
    }

    /// Forwarding, do not disturb and lamps, most often ended again; completions, group pickup, predictive calls.
    pub(super) fn client_sets_features(&mut self) {
        use LocalConnectionState as L;
        let station = device(self.dice.of(&STATIONS));
        let to = device(self.dice.of(&ANYWHERE));
        let on = self.dice.roll(4) == 0;
        let kind = self.dice.of(&[
            ForwardingType::Immediate,
            ForwardingType::Busy,
            ForwardingType::NoAnswer,
            ForwardingType::BusyInternal,
            ForwardingType::BusyExternal,
            ForwardingType::NoAnswerInternal,
            ForwardingType::NoAnswerExternal,
        ]);
        let failed = self.connection(Some(L::Fail), None);
        let talks = self.connection(Some(L::Connect), None);
        let request = match self.dice.roll(12) {
            0..=2 => Request::SetForwarding { device: station, forward: ForwardingInfo { kind, on, destination: to } },
            3 | 4 => Request::SetDoNotDisturb { device: station, do_not_disturb: on },
            5 => Request::SetMessageWaiting { device: station, messages: on },
            6 => Request::CallCompletion { feature: Feature::CampOn, call: failed },
            7 => Request::CallCompletion { feature: Feature::CallBack, call: failed },
            8 => Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: station },
            9 => Request::MakePredictiveCall {
                calling_device: device(self.dice.of(&["5000", "5001"])),
                called_device: device("9110"),
                allocation_state: AllocationState::CallEstablished,
            },
            10 => Request::QueryForwarding { device: station },
            _ => {
                let single = VendorRequest::SingleStepTransferCall { active_call: talks, transferred_to: to };
                let _ = self.rig.escape(ALL, RequestData { vendor: Some(single), ..RequestData::default() });
                return;
            }
        };
        self.rig.send(ALL, request);
        self.rig.replies.clear();
    }
}

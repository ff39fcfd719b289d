//! The steps of the search: one service of a client, one event of a line, or the next deadline. Operands are places
//! (the first call at a station), not identifiers, so a path is a list of steps that can be taken again.
//!
//! Never: takes a step that no one outside the core could take.

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure, LineKind};

use super::small_site::Site;
use crate::channel::State;
use crate::csta::cause::UniversalFailure;
use crate::csta::private::{ParticipationType, RequestData};
use crate::csta::request::SetupInformation;
use crate::csta::tipring::{ReleaseScope, Remark, SupervisionMode, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::csta::{
    AgentMode, AllocationState, ConnectionId, DeviceId, DeviceListLevel, Feature, ForwardingInfo, ForwardingType,
    MonitorFilter, Request,
};
use crate::testing::rig::{agent_request, caller};
use crate::testing::{device, key};

/// A device of the small site, or a number outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    S1001,
    S1002,
    S1003,
    T1,
    Q5000,
    P4001,
    N6000,
    Outside,
}

/// The telephones: 1001 and 1003 are handsets, 1002 is the headset of an agent.
pub(super) const STATIONS: [At; 3] = [At::S1001, At::S1002, At::S1003];
/// The devices that a call is sent to.
const DESTINATIONS: [At; 6] = [At::S1001, At::S1002, At::S1003, At::Q5000, At::N6000, At::Outside];
/// Places at which a call can be picked up.
const PICKED_UP: [At; 6] = [At::S1001, At::S1002, At::S1003, At::Q5000, At::P4001, At::N6000];
/// Keys at dial tone: a station, the queue, a number outside, pickup in the group, park, retrieval.
const KEYS: [&str; 8] = ["1001", "1002", "1003", "5000", "9110", "*44#", "*45#", "*46#"];

impl At {
    /// Its name in requests.
    pub(super) fn id(self) -> DeviceId {
        device(match self {
            At::S1001 => "1001",
            At::S1002 => "1002",
            At::S1003 => "1003",
            At::T1 => "T1",
            At::Q5000 => "5000",
            At::P4001 => "4001",
            At::N6000 => "6000",
            At::Outside => "9110",
        })
    }

    /// The channel of its line.
    pub(super) fn channel(self) -> Option<u16> {
        match self {
            At::T1 => Some(0),
            At::S1001 => Some(2),
            At::S1002 => Some(3),
            At::S1003 => Some(4),
            At::Q5000 | At::P4001 | At::N6000 | At::Outside => None,
        }
    }
}

/// A connection: the call of this place, from 0, among those of a device, in the order in which they began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Of(pub(super) At, pub(super) u8);

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Time passes until something is due.
    Deadline,

    // Hands at telephones.
    Lift(At),
    PutDown(At),
    Flash(At),
    Keys(At, &'static str),
    RingFails(At),

    // The exchange, and the far end of its line.
    Offered,
    Identity,
    RingingStops,
    Dialled,
    FarEndAnswers,
    FarEndGoes,
    TrunkFails(LineFailure),

    // Cards and cables.
    Lost(At),
    Back(At),

    // Call control.
    Make(At, At),
    Predictive,
    Answer(Of),
    Clear(Of),
    ClearCall(Of),
    Hold(Of),
    Retrieve(Of),
    Alternate(Of, Of),
    Consult(Of, At),
    Reconnect(Of, Of),
    Transfer(Of, Of),
    Conference(Of, Of),
    Deflect(Of, At),
    PickUp(Of, At),
    GroupPickUp(At),
    Complete(Feature, Of),
    SingleTransfer(Of, At),
    SingleConference(Of, At, bool),
    Park(Of),

    // Supervision.
    Supervise(Of, At, SupervisionMode),
    StopSupervision(At),
    TakeOver(Of, At),
    ForceRelease(Of, ReleaseScope),
    ForceState(At, AgentMode),

    // Features and agents.
    Agent(At, AgentMode),
    DoNotDisturb(At, bool),
    Lamp(At, bool),
    Forward(At, ForwardingType, At, bool),

    // The routing client.
    Register,
    CancelRegister,
    /// The route, and how often another may be asked for if this one leads to no answer.
    Select(At, i16),
    RouteEnds,
}

/// The answer to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Took {
    /// It cannot be: there is no such connection, or the line is in another state.
    Nothing,
    /// The service was refused.
    Refused,
    /// It was done.
    Done,
}

/// Every step.
pub(super) fn every() -> Vec<Step> {
    use ForwardingType as F;
    use Step::*;
    let of = |at| [Of(at, 0), Of(at, 1)];
    let mut all = vec![Deadline, Offered, Identity, RingingStops, Dialled, FarEndAnswers, FarEndGoes];
    all.extend([LineFailure::Busy, LineFailure::NoDialTone, LineFailure::Glare].map(TrunkFails));
    all.extend([Predictive, Register, CancelRegister, RouteEnds, Lost(At::T1), Back(At::T1), Clear(Of(At::T1, 0))]);
    all.extend([At::S1002, At::S1003, At::Q5000, At::Outside].map(|to| Select(to, 0)));
    all.extend([At::S1003, At::Outside].map(|to| Select(to, 1)));
    for mode in [AgentMode::LogIn, AgentMode::LogOut, AgentMode::NotReady, AgentMode::Ready, AgentMode::WorkNotReady] {
        all.push(Agent(At::S1002, mode));
        all.push(ForceState(At::S1002, mode));
    }
    for on in [true, false] {
        all.extend([DoNotDisturb(At::S1001, on), DoNotDisturb(At::S1002, on), Lamp(At::S1001, on)]);
        all.extend([
            Forward(At::S1001, ForwardingType::Immediate, At::Q5000, on),
            Forward(At::S1001, ForwardingType::Immediate, At::S1003, on),
            Forward(At::S1003, ForwardingType::Busy, At::S1001, on),
            Forward(At::S1001, ForwardingType::NoAnswer, At::S1003, on),
            Forward(At::S1003, ForwardingType::NoAnswer, At::Outside, on),
        ]);
        let kinds = [F::BusyInternal, F::BusyExternal, F::NoAnswerInternal, F::NoAnswerExternal];
        all.extend(kinds.map(|kind| Forward(At::S1001, kind, At::S1002, on)));
    }
    for at in STATIONS {
        all.extend([Lift(at), PutDown(at), Flash(at), RingFails(at), Lost(at), Back(at)]);
        all.extend([GroupPickUp(at), StopSupervision(at)]);
        all.extend(KEYS.map(|keys| Keys(at, keys)));
        all.extend(DESTINATIONS.map(|to| Make(at, to)));
        let [first, second] = of(at);
        for (one, other) in [(first, second), (second, first)] {
            all.extend([Alternate(one, other), Reconnect(one, other), Transfer(one, other), Conference(one, other)]);
        }
        for it in [first, second] {
            all.extend([Answer(it), Clear(it), ClearCall(it), Hold(it), Retrieve(it), Park(it)]);
            all.extend([ReleaseScope::Connection, ReleaseScope::Call].map(|scope| ForceRelease(it, scope)));
            all.extend([Feature::CampOn, Feature::CallBack].map(|feature| Complete(feature, it)));
            for to in DESTINATIONS {
                all.extend([Consult(it, to), Deflect(it, to), SingleTransfer(it, to)]);
            }
            for by in STATIONS.into_iter().filter(|&by| by != at) {
                all.extend([SingleConference(it, by, false), SingleConference(it, by, true), TakeOver(it, by)]);
                let modes = [SupervisionMode::Listen, SupervisionMode::Whisper, SupervisionMode::Barge];
                all.extend(modes.map(|mode| Supervise(it, by, mode)));
            }
        }
        for from in PICKED_UP.into_iter().filter(|&from| from != at) {
            all.extend([PickUp(Of(from, 0), at), PickUp(Of(from, 1), at)]);
        }
    }
    all
}

/// Requests that only ask, and monitors that begin and end: whatever the state, they change nothing.
pub(super) fn inquiries(site: &Site) -> Vec<Request> {
    let filter = MonitorFilter::default();
    let mut all = vec![
        Request::SystemStatus,
        Request::SystemStatusStart { filter: 0 },
        Request::SystemStatusStop,
        Request::GetApiCaps,
        Request::QueryCallMonitor,
        Request::GetDeviceList { index: -1, level: DeviceListLevel::CallControl },
        Request::SnapshotDevice { device: At::T1.id() },
        Request::SnapshotDevice { device: At::Q5000.id() },
    ];
    for device in STATIONS.map(At::id) {
        all.extend([
            Request::QueryMessageWaiting { device },
            Request::QueryDoNotDisturb { device },
            Request::QueryForwarding { device },
            Request::QueryLastNumber { device },
            Request::QueryDeviceInfo { device },
            Request::QueryAgentState { device },
            Request::SnapshotDevice { device },
            Request::MonitorDevice { device, filter },
            Request::MonitorCallsViaDevice { device, filter },
        ]);
    }
    for call in site.calls().map(|call| ConnectionId { call, ..ConnectionId::NONE }) {
        all.extend([Request::SnapshotCall { call }, Request::MonitorCall { call, filter }]);
    }
    all
}

impl Step {
    /// Takes the step.
    pub(super) fn take(self, site: &mut Site) -> Took {
        match self.line_events(site) {
            Some(events) if events.is_empty() => Took::Nothing,
            Some(events) => {
                for (channel, event) in events {
                    site.rig.line(channel, event);
                }
                Took::Done
            }
            None if self == Step::Deadline => site.pass_to_deadline(),
            None => match self.request(site) {
                Some((request, data)) => site.ask(request, data),
                None => Took::Nothing,
            },
        }
    }

    /// The events of a line, each with its channel: empty where the line cannot say so now, none for other steps.
    fn line_events(self, site: &Site) -> Option<Vec<(u16, LineEvent)>> {
        let trunk = |states: &[State], event| (At::T1, states.contains(&site.line(At::T1)), vec![event]);
        let hand = |at, state, event| (at, site.line(at) == state, vec![event]);
        let (at, can, events) = match self {
            Step::Lift(at) => {
                let is_down = matches!(site.line(at), State::Idle | State::Ringing);
                (at, is_down, vec![LineEvent::OffHook])
            }
            Step::PutDown(at) => hand(at, State::InUse, LineEvent::OnHook),
            Step::Flash(at) => (at, site.line(at) == State::InUse && at != At::S1002, vec![LineEvent::Flash]),
            Step::Keys(at, keys) => {
                (at, site.hears_dial_tone(at), keys.chars().map(|c| LineEvent::Digit(key(c))).collect())
            }
            Step::RingFails(at) => hand(at, State::Ringing, LineEvent::Failed(LineFailure::NoBattery)),
            Step::Offered => trunk(&[State::Idle, State::Released], LineEvent::Offered),
            Step::Identity => trunk(&[State::Offered], LineEvent::CallerIdentity(caller("5551234"))),
            Step::RingingStops => trunk(&[State::Offered], LineEvent::RingingStopped),
            Step::Dialled => trunk(&[State::Dialling], LineEvent::Dialled),
            Step::FarEndAnswers => trunk(&[State::Dialling], LineEvent::Answered),
            Step::FarEndGoes => trunk(&[State::Dialling, State::InUse], LineEvent::Released(DisconnectSignal::Tone)),
            Step::TrunkFails(failure) => trunk(&[State::Dialling], LineEvent::Failed(failure)),
            Step::Lost(at) => (at, site.line(at) != State::OutOfService, vec![LineEvent::OutOfService]),
            Step::Back(at) => {
                let kind = if at == At::T1 { LineKind::Trunk } else { LineKind::Station };
                hand(at, State::OutOfService, LineEvent::InService(kind))
            }
            _ => return None,
        };
        let channel = at.channel().filter(|_| can);
        Some(channel.map_or(Vec::new(), |channel| events.into_iter().map(|event| (channel, event)).collect()))
    }

    /// The request of a service; none where a connection is not there.
    fn request(self, site: &Site) -> Option<(Request, Option<Box<RequestData>>)> {
        let at = |of| site.connection(of);
        let remark = || Remark("explorer".into());
        let is_quiet = site.calls().next().is_none();
        let plain = match self {
            Step::Make(from, to) => Request::MakeCall { calling_device: from.id(), called_device: to.id() },
            Step::Predictive => Request::MakePredictiveCall {
                calling_device: At::Q5000.id(),
                called_device: At::Outside.id(),
                allocation_state: AllocationState::CallEstablished,
            },
            Step::Answer(of) => Request::AnswerCall { alerting_call: at(of)? },
            Step::Clear(of) => Request::ClearConnection { call: at(of)? },
            Step::ClearCall(of) => Request::ClearCall { call: at(of)? },
            Step::Hold(of) => Request::HoldCall { active_call: at(of)?, reservation: false },
            Step::Retrieve(of) => Request::RetrieveCall { held_call: at(of)? },
            Step::Alternate(active, other) => {
                Request::AlternateCall { active_call: at(active)?, other_call: at(other)? }
            }
            Step::Consult(of, to) => Request::ConsultationCall { active_call: at(of)?, called_device: to.id() },
            Step::Reconnect(active, held) => Request::ReconnectCall { active_call: at(active)?, held_call: at(held)? },
            Step::Transfer(active, held) => Request::TransferCall { active_call: at(active)?, held_call: at(held)? },
            Step::Conference(active, held) => {
                Request::ConferenceCall { active_call: at(active)?, held_call: at(held)? }
            }
            Step::Deflect(of, to) => Request::DeflectCall { deflect_call: at(of)?, called_device: to.id() },
            Step::PickUp(of, by) => Request::PickupCall { deflect_call: at(of)?, called_device: by.id() },
            Step::GroupPickUp(by) => {
                Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: by.id() }
            }
            Step::Complete(feature, of) => Request::CallCompletion { feature, call: at(of)? },
            Step::Agent(station, mode) => agent_request(station.id().as_str(), "7001", "secret", mode),
            // Features are set at any time, one at a time, and ended.
            Step::DoNotDisturb(at, on) if site.is_plain() == on => {
                Request::SetDoNotDisturb { device: at.id(), do_not_disturb: on }
            }
            // A lamp stands beside every state alike.
            Step::Lamp(at, on) if is_quiet => Request::SetMessageWaiting { device: at.id(), messages: on },
            Step::Forward(at, kind, to, on) if site.is_plain() == on => {
                Request::SetForwarding { device: at.id(), forward: ForwardingInfo { kind, on, destination: to.id() } }
            }
            Step::Register => Request::RouteRegister { routing_device: At::N6000.id() },
            Step::CancelRegister => Request::RouteRegisterCancel { register: site.registration()? },
            Step::Select(to, remain_retry) => {
                let (register, dialogue) = site.dialogue()?;
                Request::RouteSelect {
                    register,
                    dialogue,
                    route_selected: to.id(),
                    remain_retry,
                    setup_information: SetupInformation::default(),
                    route_used_req: true,
                }
            }
            Step::RouteEnds => {
                let (register, dialogue) = site.dialogue()?;
                Request::RouteEnd { register, dialogue, error: UniversalFailure::GenericUnspecified }
            }
            _ => Request::Escape,
        };
        let vendor = |vendor| RequestData { vendor: Some(vendor), ..RequestData::default() };
        let data = match self {
            Step::SingleTransfer(of, to) => {
                vendor(VendorRequest::SingleStepTransferCall { active_call: at(of)?, transferred_to: to.id() })
            }
            Step::SingleConference(of, by, silent) => vendor(VendorRequest::SingleStepConferenceCall {
                active_call: at(of)?,
                device_to_be_join: by.id(),
                participation: if silent { ParticipationType::Silent } else { ParticipationType::Active },
                alert_destination: false,
            }),
            Step::Park(of) => {
                RequestData::of_tipring(TipringRequest::ParkCall { active_call: at(of)?, place: DeviceId::EMPTY })
            }
            Step::Supervise(of, by, mode) => RequestData::of_tipring(TipringRequest::SuperviseCall {
                active_call: at(of)?,
                supervisor: by.id(),
                mode,
                follow: true,
                remark: remark(),
            }),
            Step::StopSupervision(by) => {
                RequestData::of_tipring(TipringRequest::StopSupervision { supervisor: by.id() })
            }
            Step::TakeOver(of, by) => RequestData::of_tipring(TipringRequest::TakeOverCall {
                active_call: at(of)?,
                supervisor: by.id(),
                remark: remark(),
            }),
            Step::ForceRelease(of, scope) => {
                RequestData::of_tipring(TipringRequest::ForceRelease { call: at(of)?, scope, remark: remark() })
            }
            Step::ForceState(at, mode) => RequestData::of_tipring(TipringRequest::ForceAgentState {
                device: at.id(),
                mode,
                reason_code: 0,
                remark: remark(),
            }),
            _ if plain == Request::Escape => return None,
            _ => return Some((plain, None)),
        };
        Some((plain, Some(Box::new(data))))
    }
}

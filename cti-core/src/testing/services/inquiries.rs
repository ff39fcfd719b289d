//! The acts of a routing client, of an agent and of one who takes a snapshot, and the messages to them.
//!
//! Never: judges a service of call control; `services` does.

use super::{Play, connection};
use crate::csta::private::{AnswerTreatment, EventData};
use crate::csta::request::SetupInformation;
use crate::csta::switch::{EventReport, SwitchRequest};
use crate::csta::{AgentMode, AllocationState, Reply, Request};
use crate::testing::device;
use crate::testing::rig::{ALL, agent_request, brief_data, local_number};

impl Play {
    /// The messages to the routing client, which has the last dialogue in mind.
    pub(super) fn routing_messages(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for request in std::mem::take(&mut self.rig.switch_requests) {
            lines.push(match request {
                SwitchRequest::Route { register, dialogue, current_route, calling_device, routed_call, .. } => {
                    self.routing = (register, dialogue);
                    let (call, at) = (routed_call.call.0, routed_call.device);
                    let (from, to) = (calling_device.device, current_route.device);
                    let data = self.rig.event_data.as_deref().filter(|_| self.rig.shows_data).map(brief_data);
                    let data = data.filter(|data| !data.is_empty()).map(|data| format!(" ({data})"));
                    let data = data.unwrap_or_default();
                    format!("asked for the route of {call}@{at} from {from} to {to}{data}")
                }
                SwitchRequest::ReRoute { .. } => "asked for another route".to_owned(),
                other => format!("asked: {other:?}"),
            });
        }
        for report in std::mem::take(&mut self.rig.event_reports) {
            lines.push(match report {
                EventReport::RouteUsed { route_used, calling_device, domain, .. } => {
                    let outside = if domain { ", outside" } else { "" };
                    format!("route used for {}: {}{outside}", calling_device.device, route_used.device)
                }
                EventReport::RouteEnd { error, .. } => format!("route end: {}", error.number()),
                other => format!("reported: {other:?}"),
            });
        }
        lines
    }

    /// A request of routing, of an agent, of a snapshot, or a predictive call; none if the words are of none.
    pub(super) fn inquiry(&mut self, words: &[&str]) -> Option<Option<String>> {
        let to = |ix: usize| device(words.get(ix).copied().unwrap_or_default());
        let (register, dialogue) = self.routing;
        let request = match words[0] {
            "predict" => {
                let has = |word| words.contains(&word);
                let refined = self.rig.refined.get_or_insert_default();
                refined.max_rings = match words.iter().position(|&word| word == "rings") {
                    Some(at) => words[at + 1].parse().expect("a number"),
                    None => 0,
                };
                refined.answer_treatment = match (has("drop"), has("connect")) {
                    (true, _) => AnswerTreatment::Drop,
                    (_, true) => AnswerTreatment::Connect,
                    _ => AnswerTreatment::NoTreatment,
                };
                let state =
                    if has("delivered") { AllocationState::CallDelivered } else { AllocationState::CallEstablished };
                Request::MakePredictiveCall { calling_device: to(1), called_device: to(2), allocation_state: state }
            }
            "agent" => {
                let mode = match words[3] {
                    "login" => AgentMode::LogIn,
                    "ready" => AgentMode::Ready,
                    "notready" => AgentMode::NotReady,
                    "work" => AgentMode::WorkNotReady,
                    "logout" => AgentMode::LogOut,
                    other => panic!("no such state: {other}"),
                };
                agent_request(words[1], words[2], "secret", mode)
            }
            "snapshot" if words[1].contains('@') => Request::SnapshotCall { call: connection(words[1]) },
            "snapshot" => Request::SnapshotDevice { device: to(1) },
            "register" => Request::RouteRegister { routing_device: to(1) },
            "cancel" => Request::RouteRegisterCancel { register },
            "select" => {
                self.rig.send(
                    ALL,
                    Request::RouteSelect {
                        register,
                        dialogue,
                        route_selected: to(1),
                        remain_retry: words.get(2).map_or(0, |text| text.parse().expect("a number")),
                        setup_information: SetupInformation::default(),
                        route_used_req: true,
                    },
                );
                return Some(None);
            }
            "routeend" => {
                let error = crate::csta::cause::UniversalFailure::GenericUnspecified;
                self.rig.send(ALL, Request::RouteEnd { register, dialogue, error });
                return Some(None);
            }
            _ => return None,
        };
        Some(match self.rig.ask(ALL, request) {
            Err(why) => Some(format!("refused: {why:?}")),
            Ok(Reply::RouteRegister { register }) => {
                self.routing.0 = register;
                None
            }
            Ok(Reply::MakePredictiveCall { new_call }) => {
                Some(format!("new call {}@{}", new_call.call.0, new_call.device))
            }
            Ok(Reply::SnapshotCall { parties }) => {
                let party = |it: &crate::csta::reply::SnapshotCallEntry| {
                    format!("{}@{} {}", it.connection.call.0, it.connection.device, local_number(it.state))
                };
                let call = self.rig.reply_data.take().and_then(|data| data.call).filter(|_| self.rig.shows_data);
                let data = call.map(|call| EventData { user_info: call.user_info.clone(), ..EventData::of_call(call) });
                let data = data.map(|data| format!(" ({})", brief_data(&data))).unwrap_or_default();
                Some(parties.iter().map(party).collect::<Vec<_>>().join(", ") + &data)
            }
            Ok(Reply::SnapshotDevice { calls }) if calls.is_empty() => Some("no call".to_owned()),
            Ok(Reply::SnapshotDevice { calls }) => {
                let states = |it: &crate::csta::reply::SnapshotDeviceEntry| {
                    let states: Vec<String> = it.states.iter().map(|&state| local_number(state).to_string()).collect();
                    format!("{}@{} {}", it.connection.call.0, it.connection.device, states.join(" "))
                };
                Some(calls.iter().map(states).collect::<Vec<_>>().join(", "))
            }
            Ok(_) => None,
        })
    }
}

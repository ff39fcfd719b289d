//! A client that asks for what it may not have, and for calls that are not there.
//!
//! Its user may observe one telephone and nothing else. Each of its requests is to be refused.
//!
//! Never: asks for something that a site would grant.

use tipring_core::csta::{
    AgentId, AgentMode, AgentPassword, CallId, ConnectionId, DeviceId, ForwardingInfo, ForwardingType,
    MonitorCrossRefId, MonitorFilter, Request,
};
use tipring_core::time::{Tick, Ticks};
use tipring_tsapi::session::client::{ClientOutput, Incoming};

use super::watcher::Shared;
use crate::day::people::Dice;
use crate::run::lockstep::Client;

/// Mean time between two requests, s.
const ASKS_S: f64 = 2.0;
/// Calls are guessed up to this number.
const CALLS: usize = 4000;

/// The client.
pub(super) struct Liar {
    stations: Vec<DeviceId>,
    dice: Dice,
    notes: Shared,
    is_open: bool,
    next: Tick,
    request: Option<Request>,
}

impl Liar {
    /// A client that asks about these telephones, of which it may observe the first.
    pub(super) fn new(stations: &[DeviceId], seed: u64, notes: &Shared) -> Liar {
        let (stations, notes) = (stations.to_vec(), Shared::clone(notes));
        Liar { stations, dice: Dice(seed), notes, is_open: false, next: Tick::ZERO, request: None }
    }

    fn lie(&mut self) -> Request {
        let device = self.stations[self.dice.of(self.stations.len())];
        let other = self.stations[self.dice.of(self.stations.len())];
        let call = CallId(self.dice.of(CALLS) as i32);
        let (one, two) = ([device, other]).map(|device| ConnectionId { call, device, ..ConnectionId::NONE }).into();
        let nowhere = DeviceId::new("nowhere").unwrap_or_default();
        match self.dice.of(15) {
            0 => Request::MakeCall { calling_device: device, called_device: other },
            1 => Request::AnswerCall { alerting_call: one },
            2 => Request::ClearConnection { call: one },
            3 => Request::ClearCall { call: one },
            4 => Request::HoldCall { active_call: one, reservation: false },
            5 => Request::RetrieveCall { held_call: one },
            6 => Request::TransferCall { held_call: one, active_call: two },
            7 => Request::ConferenceCall { held_call: one, active_call: two },
            8 => Request::DeflectCall { deflect_call: one, called_device: other },
            9 => Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: device },
            10 => Request::SetDoNotDisturb { device, do_not_disturb: true },
            11 => {
                let forward = ForwardingInfo { kind: ForwardingType::Immediate, on: true, destination: other };
                Request::SetForwarding { device, forward }
            }
            12 => Request::MonitorDevice { device: nowhere, filter: MonitorFilter::default() },
            13 => Request::MonitorStop { monitor: MonitorCrossRefId(self.dice.of(CALLS) as i32 + 1_000_000) },
            _ => Request::SetAgentState {
                device,
                mode: AgentMode::LogIn,
                agent_id: AgentId::new("7001").unwrap_or_default(),
                agent_group: DeviceId::EMPTY,
                password: AgentPassword::new("guessed").unwrap_or_default(),
            },
        }
    }
}

impl Client for Liar {
    fn handle_output(&mut self, now: Tick, output: &ClientOutput) {
        match output {
            ClientOutput::Opened { .. } => self.is_open = true,
            ClientOutput::Incoming(Incoming::Confirmation { result: Err(_), .. }) => {
                self.notes.borrow_mut().lies += 1;
            }
            ClientOutput::Incoming(Incoming::Confirmation { result: Ok(reply), .. }) => {
                self.notes
                    .borrow_mut()
                    .faults
                    .push(format!("a request that had to be refused was granted at {} ms: {reply:?}", now.0));
            }
            ClientOutput::Closed { why } => {
                self.notes.borrow_mut().faults.push(format!("the lying client lost its stream: {why:?}"));
            }
            ClientOutput::Incoming(_) | ClientOutput::Send(_) => {}
        }
    }

    fn handle_time(&mut self, now: Tick) {
        if self.is_open && now >= self.next {
            self.next = now + self.dice.length(ASKS_S).unwrap_or(Ticks::ZERO);
            self.request = Some(self.lie());
        }
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.request.take()
    }
}

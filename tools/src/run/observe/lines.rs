//! Lines of the log, one a change: what has happened to a call, an agent, a device.
//!
//! Never: writes a line twice; each event counts at the device that it is about.

use tipring_core::acd::ids::Reason;
use tipring_core::csta::cause::EventCause;
use tipring_core::csta::event::Event;
use tipring_core::csta::{AgentState, CallId, DeviceId, ExtendedDeviceId};
use tipring_core::store::{AgentRecord, CallRecord, Direction, SupervisionRecord};

use super::status::state_words;
use super::{Call, CallState, Observer, Staff};
use crate::log::{Field, Level, Line};

impl Observer {
    /// An event at the device it is about; the other monitors of the same call see it as well.
    pub(super) fn event(&mut self, device: DeviceId, event: &Event) -> Option<Line> {
        match event {
            Event::Delivered { connection, calling_device, .. } if connection.device == device => {
                let caller = self.enter(connection.call, calling_device, device, CallState::Rings);
                let text = format!("call {}: {caller} rings at {}", connection.call.0, self.station(&device));
                Some(about(Level::Info, text, connection.call, calling_device).with(Field::Device, device))
            }
            Event::Queued { queued_connection, queue, calling_device, .. } if queue.device == device => {
                let call = queued_connection.call;
                let caller = self.enter(call, calling_device, device, CallState::Waits);
                let (waiting, why) = (self.waiting(&device), self.why_waiting(&device));
                let queue = self.queue(&device);
                let text = format!("call {}: {caller} waits at {queue} ({waiting} waiting); {why}", call.0);
                Some(about(Level::Info, text, call, calling_device).with(Field::Queue, device))
            }
            Event::Established { established_connection, answering_device, calling_device, .. }
                if answering_device.device == device =>
            {
                let call = established_connection.call;
                let caller = self.enter(call, calling_device, device, CallState::Talks);
                let text = format!("call {}: {} answers {caller}", call.0, self.station(&device));
                let line = about(Level::Info, text, call, calling_device).with(Field::Device, device);
                Some(match self.agents.iter().find(|(_, agent)| agent.station == Some(device)) {
                    Some((id, _)) => line.with(Field::Agent, id),
                    None => line,
                })
            }
            Event::Failed { failed_connection, failing_device, cause, .. } if failing_device.device == device => {
                let call = failed_connection.call.0;
                let text = match failure_words(*cause) {
                    None => format!("call {call}: the other party has hung up; {device} is off hook still"),
                    Some(why) => format!("call {call}: not put through at {device}: {why}"),
                };
                let line = Line::new(Level::Info, text);
                Some(line.with(Field::Call, call).with(Field::Device, device))
            }
            Event::OutOfService { device: out, .. } if *out == device => {
                let line = Line::new(Level::Warning, format!("{device} is out of service"));
                self.out_of_service.insert(device).then(|| line.with(Field::Device, device))
            }
            Event::BackInService { device: back, .. } if *back == device => {
                let line = Line::new(Level::Info, format!("{device} is in service"));
                self.out_of_service.remove(&device).then(|| line.with(Field::Device, device))
            }
            _ => None,
        }
    }

    /// Enters the state of a call in progress. Returns its caller for a line.
    fn enter(&mut self, call: CallId, calling: &ExtendedDeviceId, device: DeviceId, state: CallState) -> String {
        self.calls.insert(call, Call { caller: calling.device, device, state });
        number(calling.device.as_str())
    }

    /// The reason for which a call waits at a queue.
    fn why_waiting(&self, queue: &DeviceId) -> String {
        match self.staff(queue) {
            Staff { logged_in: 0, .. } => "no agent of this queue is logged in".into(),
            Staff { logged_in: 1, ready: 0, .. } => "the agent who is logged in is not ready".into(),
            Staff { logged_in, ready: 0, .. } => format!("none of the {logged_in} agents logged in is ready"),
            Staff { ready: 1, free: 0, .. } => "the agent who is ready is in a call".into(),
            Staff { ready, free: 0, .. } => format!("all {ready} agents who are ready are in calls"),
            Staff { free: 1, .. } => "1 agent is free".into(),
            Staff { free, .. } => format!("{free} agents are free"),
        }
    }

    pub(super) fn agent(&mut self, record: &AgentRecord) -> String {
        let AgentRecord { agent: id, station, state, reason, .. } = *record;
        let id = id.as_str();
        let mut name = String::new();
        if let Some(agent) = self.agents.get_mut(id) {
            agent.state = state;
            agent.station = (state != AgentState::Null).then_some(station);
            name = format!(" ({})", agent.name);
        }
        let reason = self.reasons.shown(Reason(reason));
        let reason = if reason.is_empty() { reason } else { format!(" ({reason})") };
        format!("agent {id}{name} at {station}: {}{reason}", state_words(state))
    }

    pub(super) fn ended(&mut self, record: &CallRecord) -> Line {
        self.calls.remove(&record.call);
        self.ended += 1;
        self.answered += u64::from(record.established.is_some());
        let way = match record.direction {
            Direction::Inbound => "from",
            Direction::Outbound | Direction::Internal => "by",
        };
        let talk = record.established.map_or(0, |established| record.ended.since(established).as_ms());
        let by = record.agent.map_or(String::new(), |agent| format!(", agent {agent}"));
        let text = format!(
            "call {} {way} {} to {} has ended: {}{by}, {:.1} s of talk, released by {}",
            record.call.0,
            number(record.caller.as_str()),
            number(record.called.as_str()),
            words(&format!("{:?}", record.outcome)),
            talk as f64 / 1000.0,
            words(&format!("{:?}", record.released_by)),
        );
        let line = Line::new(Level::Info, text).with(Field::Call, record.call.0).with(Field::Caller, record.caller);
        match record.agent {
            Some(agent) => line.with(Field::Agent, agent),
            None => line,
        }
    }

    fn station(&self, device: &DeviceId) -> String {
        let here = self.agents.values().find(|agent| agent.station.as_ref() == Some(device));
        here.map_or(device.to_string(), |agent| format!("{device} ({})", agent.name))
    }

    fn queue(&self, device: &DeviceId) -> String {
        let name = self.queues.iter().find(|(queue, _)| queue == device);
        name.map_or(device.to_string(), |(_, name)| format!("{device} ({name})"))
    }
}

/// A number for a person to read.
fn number(text: &str) -> String {
    if text.is_empty() { "a withheld number".into() } else { text.into() }
}

/// The reason for which a call was not put through, in words; none for a telephone that is off hook still after its
/// conversation, whose event is Failed, too.
pub fn failure_words(cause: EventCause) -> Option<String> {
    let known = match cause {
        EventCause::None => return None,
        EventCause::Busy => "the number is busy",
        EventCause::CallNotAnswered => "it was not answered",
        EventCause::CallCancelled => "the caller has hung up",
        EventCause::DestNotObtainable | EventCause::NetworkNotObtainable => "the number cannot be reached",
        EventCause::DestOutOfOrder => "the line is out of order",
        EventCause::DoNotDisturb => "the station takes no calls",
        EventCause::NetworkCongestion => "the network is congested",
        EventCause::ReorderTone => "the network has refused",
        EventCause::ResourcesNotAvailable | EventCause::TrunksBusy => "no line is free",
        EventCause::UnassignedNumber => "there is no such number",
        EventCause::Lockout => "off hook for too long without a number",
        other => return Some(words(&format!("{other:?}"))),
    };
    Some(known.into())
}

/// The words of a name in camel case.
fn words(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push(' ');
        }
        text.extend(character.to_lowercase());
    }
    text
}

/// The audit line of an act of supervision: the user, the act, the supervised, the reason, and the refusal.
pub(super) fn supervised(record: &SupervisionRecord) -> Line {
    let SupervisionRecord { user, act, supervisor, station, agent, call, remark, failure, .. } = record;
    let mut text = format!("audit: {user:?} {} at {station}", act.name());
    if let Some(agent) = agent {
        text.push_str(&format!(", agent {agent}"));
    }
    if call.0 != 0 {
        text.push_str(&format!(", call {}", call.0));
    }
    if !supervisor.is_empty() {
        text.push_str(&format!(", from {supervisor}"));
    }
    if !remark.is_empty() {
        text.push_str(&format!(", reason {remark:?}"));
    }
    let mut line = match failure {
        None => Line::new(Level::Info, text),
        Some(failure) => Line::new(Level::Warning, format!("{text}: refused, {failure}")),
    };
    line = line.with(Field::User, user).with(Field::Device, station);
    if let Some(agent) = agent {
        line = line.with(Field::Agent, agent);
    }
    if call.0 != 0 { line.with(Field::Call, call.0) } else { line }
}

/// An entry about a call and its caller.
fn about(level: Level, text: String, call: CallId, calling: &ExtendedDeviceId) -> Line {
    let line = Line::new(level, text).with(Field::Call, call.0);
    if calling.device.is_empty() { line } else { line.with(Field::Caller, calling.device) }
}

//! Agents: log-in, states, and the facts about calls and lines that change them.
//!
//! A change takes effect and is confirmed at once, and is kept in the log of events beside; what an agent asks for
//! during a call is pending (pending work mode); it is carried out, and written, when call and work have ended.
//!
//! Never: decides who is offered a call.

use std::sync::Arc;

use tipring_driver::time::Ticks;

use crate::acd::floor::Availability;
use crate::acd::ids::{AgentIx, Reason};
use crate::acd::why::NotOffered;
use crate::agent::machine::Due;
use crate::agent::{AgentRequest, Doer, Fact, Presence, ReasonRule, Reasons, Taken};
use crate::channel::State;
use crate::config::StationKind;
use crate::core::{Core, Trouble};
use crate::csta::cause::UniversalFailure;
use crate::csta::event::Event;
use crate::csta::private::{AgentStateData, EventData, ReplyData, WorkMode};
use crate::csta::tipring::{REASONS_PAGE, ReasonEntry, TipringReply};
use crate::csta::{AgentId, AgentMode, AgentPassword, AgentState, DeviceId, ExtendedDeviceId, Reply, SessionId};
use crate::device::{Device, StationIx};
use crate::model::ConnectionState;
use crate::report::event::Event as LogEvent;
use crate::store::{AgentRecord, Record};
use crate::timers::Timer;

/// Place, state and reason of an agent.
type Reported = (Option<StationIx>, AgentState, Reason);

/// A request for an agent's state, as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) mode: AgentMode,
    pub(super) agent_id: AgentId,
    pub(super) agent_group: DeviceId,
    pub(super) password: AgentPassword,
    pub(super) work_mode: WorkMode,
    pub(super) reason: u8,
}

impl Core {
    /// CSTASetAgentState.
    pub(super) fn set_agent_state(
        &mut self,
        session: SessionId,
        device: DeviceId,
        asked: Asked,
    ) -> Result<Reply, UniversalFailure> {
        use UniversalFailure as F;
        let Device::Station(station) = self.permitted(session, &device)? else {
            return Err(F::InvalidObjectType);
        };
        let here = self.devices.station(station).agent;
        let (agent, request) = if asked.mode == AgentMode::LogIn {
            // One failure for an unknown log-in and a wrong password: neither is given away.
            let agent = self.roster.find(&asked.agent_id).ok_or(F::GenericUnspecified)?;
            let person = self.roster.get(agent);
            if person.password != asked.password {
                return Err(F::GenericUnspecified);
            }
            self.check_group(agent, &asked.agent_group)?;
            if here.is_some() || person.agent.station().is_some() {
                return Err(F::GenericOperation);
            }
            let presence = match asked.work_mode {
                WorkMode::AutoIn | WorkMode::ManualIn => Presence::Ready,
                _ => Presence::NotReady(Reason(asked.reason)),
            };
            (agent, AgentRequest::LogOn(station, presence))
        } else {
            let agent = here.ok_or(F::InvalidObjectState)?;
            let person = self.roster.get(agent);
            if !asked.agent_id.is_empty() && asked.agent_id != person.id {
                return Err(F::RequestIncompatibleWithObject);
            }
            self.check_group(agent, &asked.agent_group)?;
            let request = match asked.mode {
                AgentMode::LogIn | AgentMode::NotReady => AgentRequest::NotReady(Reason(asked.reason)),
                AgentMode::Ready => AgentRequest::Ready,
                AgentMode::WorkNotReady => AgentRequest::AfterCallWork(self.own_work(agent)),
                AgentMode::WorkReady => return Err(F::InvalidFeature),
                AgentMode::LogOut => AgentRequest::LogOff(Reason(asked.reason)),
            };
            (agent, request)
        };
        self.ask_agent(agent, request, Doer::Agent, asked.agent_group)
            .map(|()| Reply::SetAgentState)
            .map_err(|_| F::InvalidObjectState)
    }

    /// The length of work that an agent asks for: that of the first queue, or the longest there is.
    pub(super) fn own_work(&self, agent: AgentIx) -> Ticks {
        let queue = self.roster.get(agent).queues.first();
        let work = queue.map(|queue| self.queues[usize::from(queue.0)].after_call_work);
        work.filter(|work| *work > Ticks::ZERO).unwrap_or(self.roster.rules.after_call_work_max)
    }

    fn check_group(&self, agent: AgentIx, group: &DeviceId) -> Result<(), UniversalFailure> {
        if group.is_empty() {
            return Ok(());
        }
        match self.devices.find(group) {
            Some(Device::Queue(queue)) if self.roster.get(agent).queues.contains(&queue) => Ok(()),
            Some(Device::Queue(_)) => Err(UniversalFailure::RequestIncompatibleWithObject),
            Some(_) => Err(UniversalFailure::InvalidObjectType),
            None => Err(UniversalFailure::ObjectNotKnown),
        }
    }

    /// A request of an agent, or of a supervisor for an agent.
    pub(super) fn ask_agent(
        &mut self,
        ix: AgentIx,
        request: AgentRequest,
        by: Doer,
        group: DeviceId,
    ) -> Result<(), crate::agent::Refused> {
        let now = self.now;
        let before = self.reported(ix);
        let (agent, rules) = self.roster.machine(ix);
        match agent.request(request, by, now, rules)? {
            Taken::Now(change) => {
                self.agent_changed(ix, before, group);
                change.iter().for_each(|change| self.log_activity(ix, change));
            }
            Taken::Pending => {}
        }
        if let (AgentRequest::LogOn(station, _), Some(_)) = (request, self.roster.get(ix).agent.station()) {
            // What the new agent finds at the telephone.
            self.touched.insert(Device::Station(station));
        }
        self.update_agent(ix);
        Ok(())
    }

    /// Facts about an agent's calls or line.
    pub(super) fn observe(&mut self, ix: AgentIx, facts: impl IntoIterator<Item = Fact>) {
        let now = self.now;
        for fact in facts {
            let before = self.reported(ix);
            let (agent, rules) = self.roster.machine(ix);
            if let Some(change) = agent.observe(fact, now, rules) {
                self.log_activity(ix, &change);
                self.agent_changed(ix, before, DeviceId::EMPTY);
            }
        }
        self.update_agent(ix);
    }

    /// The time of an agent's work, or of a break, is over.
    pub(crate) fn on_agent_due(&mut self, ix: AgentIx) {
        let now = self.now;
        loop {
            let before = self.reported(ix);
            let (agent, rules) = self.roster.machine(ix);
            match agent.advance(now, rules) {
                Some(Due::AfterCallWorkEnded(change)) => {
                    self.agent_changed(ix, before, DeviceId::EMPTY);
                    change.iter().for_each(|change| self.log_activity(ix, change));
                }
                Some(Due::BreakTooLong(reason)) => {
                    let agent = self.roster.get(ix).id;
                    let (reasons, code) = (&self.roster.rules.reasons, reason.0);
                    let limit = reasons.limit(reason).unwrap_or_default();
                    let trouble = Trouble::BreakTooLong { agent, reason: reasons.shown(reason), limit };
                    self.append(LogEvent::BreakTooLong { agent, reason: code });
                    self.actions.push_back(crate::core::Action::Trouble(trouble));
                }
                None => break,
            }
        }
        self.update_agent(ix);
    }

    /// Takes over names and limits of reasons.
    pub(super) fn set_reasons(&mut self, reasons: Reasons) {
        if self.roster.rules.reasons == reasons {
            return;
        }
        self.roster.rules.reasons = reasons;
        for ix in self.roster.iter().map(|(ix, _)| ix).collect::<Vec<_>>() {
            let (agent, rules) = self.roster.machine(ix);
            agent.apply_limits(rules);
            self.on_agent_due(ix);
        }
    }

    /// Names and limits of reasons from a code on.
    pub(super) fn query_reasons(&self, from: u8) -> TipringReply {
        let mut rules = self.roster.rules.reasons.iter().filter(|rule| rule.code >= Reason(from));
        let entry = |rule: &ReasonRule| ReasonEntry {
            code: rule.code.0,
            name: rule.name.clone(),
            limit_seconds: rule.limit.map(|limit| u32::try_from(limit.as_ms() / 1000).unwrap_or(u32::MAX)),
        };
        let reasons = rules.by_ref().take(REASONS_PAGE).map(entry).collect();
        TipringReply::QueryReasons { reasons, next: rules.next().map_or(0, |rule| rule.code.0) }
    }

    /// Place, state and reason of an agent as reported to clients.
    fn reported(&self, ix: AgentIx) -> Reported {
        let agent = &self.roster.get(ix).agent;
        let state = agent.csta_state();
        let reason = if matches!(state, AgentState::NotReady | AgentState::Null) { agent.reason() } else { Reason(0) };
        (agent.station(), state, reason)
    }

    /// Reports and keeps what clients see of a change.
    fn agent_changed(&mut self, ix: AgentIx, before: Reported, group: DeviceId) {
        let after = self.reported(ix);
        if before == after {
            return;
        }
        let person = self.roster.get(ix);
        let (agent_id, queues) = (person.id, person.queues.len());
        let Some(station) = after.0.or(before.0) else { return };
        let station_id = self.devices.station(station).id;
        let agent_device = ExtendedDeviceId::inside(station_id);
        let first = person.queues.first().map(|&queue| self.devices.id(Device::Queue(queue))).unwrap_or_default();
        let own = if group.is_empty() { first } else { group };
        let reason = after.2;
        let of_reason = || Arc::new(EventData { reason_code: reason.0.into(), ..EventData::default() });
        let data = (reason != Reason(0)).then(of_reason);
        let mut emit = |event: &dyn Fn(DeviceId) -> Event| {
            let at_station = event(own);
            let data = data.clone().filter(|_| matches!(at_station, Event::NotReady { .. } | Event::LoggedOff { .. }));
            self.emit_device(Device::Station(station), at_station, &data);
            for place in 0..queues {
                let queue = Device::Queue(self.roster.get(ix).queues[place]);
                let event = event(self.devices.id(queue));
                self.emit_device(queue, event, &data);
            }
        };
        match (before.0, after.0) {
            (None, Some(_)) => emit(&|agent_group| Event::LoggedOn {
                agent_device,
                agent_id,
                agent_group,
                password: AgentPassword::EMPTY,
            }),
            (Some(_), None) => emit(&|agent_group| Event::LoggedOff { agent_device, agent_id, agent_group }),
            _ => {}
        }
        match after.1 {
            AgentState::Null => {}
            AgentState::Ready => emit(&|_| Event::Ready { agent_device, agent_id }),
            AgentState::WorkNotReady => emit(&|_| Event::WorkNotReady { agent_device, agent_id }),
            _ => emit(&|_| Event::NotReady { agent_device, agent_id }),
        }
        self.devices.station_mut(station).agent = after.0.map(|_| ix);
        if before.0.is_some() != after.0.is_some() {
            self.on_owner_moved(agent_id, station, after.0.is_some());
        }
        let record =
            AgentRecord { at: self.now, agent: agent_id, station: station_id, state: after.1, reason: reason.0 };
        self.persist(Record::Agent(Box::new(record)));
    }

    /// The floor and the timer follow the machine and the line.
    fn update_agent(&mut self, ix: AgentIx) {
        let agent = &self.roster.get(ix).agent;
        let availability = match (agent.availability(), agent.station()) {
            (Availability::Free(since), Some(station)) => match self.refuses_offers(station) {
                Some(away) => Availability::Away(away),
                // Ready, but the line is not at rest, or is about to be used.
                None if !self.is_free(station) || self.is_ahead(station) => Availability::Away(NotOffered::OffHook),
                None => Availability::Free(since),
            },
            (availability, _) => availability,
        };
        self.floor.set_agent(ix, availability, self.now);
        match self.roster.get(ix).agent.next_tick() {
            Some(at) => self.timers.set(Timer::Agent(ix), at),
            None => self.timers.stop(Timer::Agent(ix)),
        }
    }

    /// Returns true if a station's line has changed and its events have not been taken yet.
    fn is_ahead(&mut self, station: StationIx) -> bool {
        let channel = self.devices.station(station).channel;
        let word = self.channels.read(channel);
        self.devices.line(channel).is_none_or(|line| (word.state, word.generation) != (line.state, line.generation))
    }

    /// The facts about the lines of the stations that this transaction has touched.
    pub(super) fn refresh_stations(&mut self) {
        self.for_touched_stations(|core, station| {
            let Some(agent) = core.devices.station(station).agent else { return };
            let (dead, fact) = core.line_facts(station);
            let order = if dead { Fact::OutOfOrder } else { Fact::InOrder };
            core.observe(agent, [Some(order), fact].into_iter().flatten());
        });
    }

    /// Does something for each station that this transaction has touched so far.
    pub(super) fn for_touched_stations(&mut self, mut each: impl FnMut(&mut Core, StationIx)) {
        let touched = core::mem::take(&mut self.touched);
        touched.as_slice().iter().filter_map(|device| device.station()).for_each(|station| each(self, station));
        self.touched.put_back(touched);
    }

    fn line_facts(&self, station: StationIx) -> (bool, Option<Fact>) {
        let device = Device::Station(station);
        let of = self.devices.station(station);
        let state = self.devices.state(of.channel);
        let active = self.model.active(device).and_then(|call| self.model.state(call, device));
        let fact = match (active, of.kind, state) {
            (_, _, State::OutOfService) => return (true, None),
            (Some(ConnectionState::Failed), _, _) => Some(Fact::BusyTone),
            // A tone heard before has been ended by the call that came back.
            (Some(ConnectionState::Connected), _, _) => Some(Fact::OnHook),
            (Some(_), _, _) => None,
            (None, StationKind::Handset, State::InUse) | (None, StationKind::Headset, State::Idle) => {
                Some(Fact::OffHook)
            }
            (None, StationKind::Handset, State::Idle) | (None, StationKind::Headset, State::InUse) => {
                Some(Fact::OnHook)
            }
            (None, _, _) => None,
        };
        (false, fact)
    }

    /// The program stops: every shift ends.
    pub(crate) fn log_all_off(&mut self) {
        let agents: Vec<AgentIx> = self.roster.iter().map(|(ix, _)| ix).collect();
        for ix in agents {
            // One who is logged off already refuses.
            let _ = self.ask_agent(ix, AgentRequest::LogOff(Reason(0)), Doer::System, DeviceId::EMPTY);
        }
        self.commit();
    }

    /// Says that the change which the agent at a station has asked for waits until the call is over.
    pub(super) fn pending(&self, device: &DeviceId) -> Option<Box<ReplyData>> {
        let station = self.devices.find(device)?.station()?;
        self.roster.get(self.devices.station(station).agent?).agent.pending()?;
        Some(Box::new(ReplyData { is_pending: Some(true), ..ReplyData::default() }))
    }

    /// CSTAQueryAgentState, with the reason in the private data.
    pub(super) fn query_agent_state(
        &self,
        session: SessionId,
        device: DeviceId,
    ) -> Result<(Reply, Option<Box<ReplyData>>), UniversalFailure> {
        match self.permitted(session, &device)? {
            Device::Station(station) => {
                let agent = self.devices.station(station).agent.map(|agent| &self.roster.get(agent).agent);
                let state = agent.map_or(AgentState::Null, |agent| agent.csta_state());
                let data = agent.map(agent_state_data).filter(|data| *data != AgentStateData::default());
                let data = data.map(|data| Box::new(ReplyData { agent_state: Some(data), ..ReplyData::default() }));
                Ok((Reply::QueryAgentState { state }, data))
            }
            _ => Err(UniversalFailure::InvalidObjectType),
        }
    }
}

/// The reason of an agent's state, and that of the change that is pending.
fn agent_state_data(agent: &crate::agent::Agent) -> AgentStateData {
    let pending = match agent.pending() {
        Some(AgentRequest::NotReady(reason) | AgentRequest::LogOff(reason)) => reason,
        _ => Reason(0),
    };
    let reason = if agent.csta_state() == AgentState::NotReady { agent.reason() } else { Reason(0) };
    AgentStateData { reason_code: reason.0.into(), pending_reason_code: pending.0.into(), ..AgentStateData::default() }
}

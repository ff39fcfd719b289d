//! What agents do: log in and out, become ready or not, and what a call does to them.
//!
//! A change that a client asks for is confirmed when the store has kept it, and only then takes effect. A further
//! request for the same station waits its turn. Changes that nobody asked for, such as the end of after-call work, take
//! effect at once and are kept beside.

use super::agent::AgentIx;
use crate::call::device::{Device, StationIx};
use crate::core::{Action, Core};
use crate::csta::cause::{EventCause, UniversalFailure};
use crate::csta::event::Event;
use crate::csta::request::Reply;
use crate::csta::{AgentId, AgentMode, AgentPassword, AgentState, CallId, DeviceId, ExtendedDeviceId};
use crate::ids::{InvokeId, SessionId};
use crate::limits::{AGENT_CHANGES_MAX, STORE_WAIT_MAX};
use crate::store::{AgentRecord, Record, StoreId};
use crate::timers::Timer;

/// What a request wants an agent to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) mode: AgentMode,
    pub(crate) agent_id: AgentId,
    pub(crate) agent_group: DeviceId,
    pub(crate) password: AgentPassword,
}

/// A request that waits until the one before it at the same station is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgentRequest {
    session: SessionId,
    invoke: InvokeId,
    station: StationIx,
    wish: Wish,
}

/// A change that waits for the store.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AgentChange {
    session: SessionId,
    invoke: InvokeId,
    station: StationIx,
    agent: AgentIx,
    agent_group: DeviceId,
    to: AgentState,
    /// The client has waited too long and has been told that it failed.
    refused: bool,
}

impl Core {
    /// A request to change what an agent is doing. `Ok` means that the answer comes later.
    pub(crate) fn set_agent_state(
        &mut self,
        session: SessionId,
        invoke: InvokeId,
        device: DeviceId,
        wish: Wish,
    ) -> Result<(), UniversalFailure> {
        let Device::Station(station) = self.permitted(session, &device)? else {
            return Err(UniversalFailure::InvalidObjectType);
        };
        let request = AgentRequest { session, invoke, station, wish };
        if self.changes_under_way() >= AGENT_CHANGES_MAX {
            return Err(UniversalFailure::OutstandingRequestLimitExceeded);
        }
        if self.is_changing(station) {
            self.deferred.push_back(request);
            return Ok(());
        }
        self.begin_change(request)
    }

    fn changes_under_way(&self) -> usize {
        self.deferred.len() + self.changes.len()
    }

    fn is_changing(&self, station: StationIx) -> bool {
        self.changing.contains_key(&station)
    }

    /// Judges a request and has the store keep the change.
    fn begin_change(&mut self, request: AgentRequest) -> Result<(), UniversalFailure> {
        let AgentRequest { session, invoke, station, wish } = request;
        let (agent, to) = self.judge(station, &wish)?;
        let record = AgentRecord {
            at: self.now,
            agent: self.agents.get(agent).id,
            station: self.devices.station(station).id,
            state: to,
        };
        let agent_group = wish.agent_group;
        let change = AgentChange { session, invoke, station, agent, agent_group, to, refused: false };
        let id = self.keep(Record::Agent(record));
        self.changes.insert(id, change);
        self.changing.insert(station, id);
        self.timers.set(Timer::AgentKept(id), self.now + STORE_WAIT_MAX);
        Ok(())
    }

    /// Whether a wish can be granted, whose it is, and what it makes of the agent.
    fn judge(&self, station: StationIx, wish: &Wish) -> Result<(AgentIx, AgentState), UniversalFailure> {
        let here = self.devices.station(station).agent;
        if wish.mode == AgentMode::LogIn {
            let agent = self.agents.find(&wish.agent_id).ok_or(UniversalFailure::SecurityViolation)?;
            let person = self.agents.get(agent);
            if person.password != wish.password {
                return Err(UniversalFailure::SecurityViolation);
            }
            self.check_group(agent, &wish.agent_group)?;
            if here.is_some() || person.station.is_some() || self.is_logging_in(agent) {
                return Err(UniversalFailure::InvalidObjectState);
            }
            return Ok((agent, AgentState::NotReady));
        }
        let agent = here.ok_or(UniversalFailure::InvalidObjectState)?;
        let person = self.agents.get(agent);
        if !wish.agent_id.is_empty() && wish.agent_id != person.id {
            return Err(UniversalFailure::RequestIncompatibleWithObject);
        }
        self.check_group(agent, &wish.agent_group)?;
        match wish.mode {
            AgentMode::LogIn | AgentMode::NotReady => Ok((agent, AgentState::NotReady)),
            AgentMode::Ready => Ok((agent, AgentState::Ready)),
            AgentMode::WorkNotReady => Ok((agent, AgentState::WorkNotReady)),
            AgentMode::WorkReady => Err(UniversalFailure::InvalidFeature),
            AgentMode::LogOut if person.call.is_some() => Err(UniversalFailure::InvalidObjectState),
            AgentMode::LogOut => Ok((agent, AgentState::Null)),
        }
    }

    fn check_group(&self, agent: AgentIx, group: &DeviceId) -> Result<(), UniversalFailure> {
        if group.is_empty() {
            return Ok(());
        }
        match self.devices.find(group) {
            Some(Device::Queue(queue)) if self.agents.get(agent).queues.contains(&queue) => Ok(()),
            Some(Device::Queue(_)) => Err(UniversalFailure::RequestIncompatibleWithObject),
            Some(Device::Trunk(_) | Device::Station(_)) => Err(UniversalFailure::InvalidObjectType),
            None => Err(UniversalFailure::ObjectNotKnown),
        }
    }

    /// Whether an agent's log-in at some station waits for the store.
    fn is_logging_in(&self, agent: AgentIx) -> bool {
        self.changes.values().any(|change| change.agent == agent && !change.refused)
    }

    /// The store has kept a change, or has given up on it.
    pub(crate) fn on_agent_change_kept(&mut self, id: StoreId, change: AgentChange, kept: bool) {
        self.timers.stop(Timer::AgentKept(id));
        if change.refused {
            // The client was told that it failed, and the record says otherwise: what holds is written after it.
            if kept {
                let agent = self.agents.get(change.agent);
                let (agent, state) = (agent.id, agent.state);
                self.keep_state(agent, change.station, state);
            }
            return;
        }
        self.changing.remove(&change.station);
        let result = if kept {
            Ok(Reply::SetAgentState)
        } else {
            self.counters.refused += 1;
            Err(UniversalFailure::GenericSystemResourceAvailability)
        };
        self.actions.push_back(Action::Reply { session: change.session, invoke: change.invoke, result, data: None });
        if kept {
            self.take_effect(&change);
        }
        self.next_change(change.station);
    }

    /// The store has not answered for too long: the client is told.
    pub(crate) fn on_agent_change_late(&mut self, id: StoreId) {
        let Some(change) = self.changes.get_mut(&id) else { return };
        change.refused = true;
        let (session, invoke, station) = (change.session, change.invoke, change.station);
        self.changing.remove(&station);
        self.counters.refused += 1;
        let result = Err(UniversalFailure::GenericSystemResourceAvailability);
        self.actions.push_back(Action::Reply { session, invoke, result, data: None });
        self.next_change(station);
    }

    /// Goes on with the next request for a station.
    fn next_change(&mut self, station: StationIx) {
        while !self.is_changing(station) {
            let Some(ix) = self.deferred.iter().position(|request| request.station == station) else { return };
            let Some(request) = self.deferred.remove(ix) else { return };
            if let Err(failure) = self.begin_change(request) {
                self.counters.refused += 1;
                let (session, invoke) = (request.session, request.invoke);
                self.actions.push_back(Action::Reply { session, invoke, result: Err(failure), data: None });
            }
        }
    }

    fn take_effect(&mut self, change: &AgentChange) {
        let AgentChange { station, agent, agent_group, to, .. } = *change;
        let person = self.agents.get(agent);
        if person.state == AgentState::Null {
            self.agents.get_mut(agent).station = Some(station);
            self.devices.station_mut(station).agent = Some(agent);
            self.tell_logged_on(agent, station, agent_group);
            self.become_state(agent, to);
        } else if person.call.is_some() {
            // Not now: the call comes first. It may have come while the store was busy.
            self.agents.get_mut(agent).after_call = Some(to);
        } else if to == AgentState::Null {
            self.log_off(agent, agent_group);
        } else {
            self.become_state(agent, to);
        }
    }

    fn log_off(&mut self, ix: AgentIx, group: DeviceId) {
        self.timers.stop(Timer::AfterCallWork(ix));
        self.set_idle_since_now(ix);
        let agent = self.agents.get_mut(ix);
        agent.state = AgentState::Null;
        if let Some(station) = agent.station.take() {
            self.devices.station_mut(station).agent = None;
            self.tell_logged_off(ix, station, group);
        }
    }

    /// An agent changes state, and whoever watches is told. Becoming what one is already is not news.
    fn become_state(&mut self, ix: AgentIx, to: AgentState) {
        self.timers.stop(Timer::AfterCallWork(ix));
        let agent = self.agents.get(ix);
        let (Some(station), false) = (agent.station, agent.state == to) else { return };
        if to == AgentState::Ready {
            self.set_idle_since_now(ix);
        }
        let agent = self.agents.get_mut(ix);
        agent.state = to;
        let agent_id = agent.id;
        let queues = agent.queues.clone();
        let agent_device = self.name_of(station);
        let event = match to {
            AgentState::Ready => Event::Ready { agent_device, agent_id },
            AgentState::WorkNotReady => Event::WorkNotReady { agent_device, agent_id },
            AgentState::NotReady | AgentState::NotInitialized | AgentState::Null | AgentState::WorkReady => {
                Event::NotReady { agent_device, agent_id }
            }
        };
        self.tell_device(Device::Station(station), event.clone());
        for queue in queues {
            self.tell_device(Device::Queue(queue), event.clone());
        }
        self.note_agent(ix);
    }

    /// As [`become_state`](Core::become_state), for a change that nobody waits for: it is kept beside.
    fn become_by_itself(&mut self, ix: AgentIx, to: AgentState) {
        let agent = self.agents.get(ix);
        if let (Some(station), false) = (agent.station, agent.state == to) {
            let id = agent.id;
            self.keep_state(id, station, to);
        }
        if to == AgentState::Null {
            self.log_off(ix, DeviceId::EMPTY);
        } else {
            self.become_state(ix, to);
        }
    }

    fn keep_state(&mut self, agent: AgentId, station: StationIx, state: AgentState) {
        let station = self.devices.station(station).id;
        self.keep(Record::Agent(AgentRecord { at: self.now, agent, station, state }));
    }

    fn tell_logged_on(&mut self, ix: AgentIx, station: StationIx, group: DeviceId) {
        let agent = self.agents.get(ix);
        let (agent_id, queues) = (agent.id, agent.queues.clone());
        let agent_device = self.name_of(station);
        let first = queues.first().map(|&queue| self.devices.id(Device::Queue(queue))).unwrap_or_default();
        let event =
            |agent_group| Event::LoggedOn { agent_device, agent_id, agent_group, password: AgentPassword::EMPTY };
        let own = event(if group.is_empty() { first } else { group });
        self.tell_device(Device::Station(station), own);
        for queue in queues {
            let queue = Device::Queue(queue);
            let event = event(self.devices.id(queue));
            self.tell_device(queue, event);
        }
    }

    fn tell_logged_off(&mut self, ix: AgentIx, station: StationIx, group: DeviceId) {
        let agent = self.agents.get(ix);
        let (agent_id, queues) = (agent.id, agent.queues.clone());
        let agent_device = self.name_of(station);
        let first = queues.first().map(|&queue| self.devices.id(Device::Queue(queue))).unwrap_or_default();
        let event = |agent_group| Event::LoggedOff { agent_device, agent_id, agent_group };
        let own = event(if group.is_empty() { first } else { group });
        self.tell_device(Device::Station(station), own);
        for queue in queues {
            let queue = Device::Queue(queue);
            let event = event(self.devices.id(queue));
            self.tell_device(queue, event);
        }
    }

    fn name_of(&self, station: StationIx) -> ExtendedDeviceId {
        ExtendedDeviceId::inside(self.devices.station(station).id)
    }

    /// A station has left a call. If its agent had it from a queue, the work after it begins; or, if the two have never
    /// talked, the agent is free again and has lost no turn.
    pub(crate) fn agent_left_call(&mut self, station: StationIx, call: CallId, talked: bool) {
        let agent = self.devices.station(station).agent;
        if let Some(ix) = agent.filter(|&ix| self.agents.get(ix).call == Some(call)) {
            let work = self.calls.get(call).and_then(|call| call.log.queue);
            let work = work.map(|queue| self.queues[queue.0 as usize].after_call_work).unwrap_or_default();
            let agent = self.agents.get_mut(ix);
            agent.call = None;
            let wish = agent.after_call.take();
            if talked {
                self.set_idle_since_now(ix);
            }
            match wish {
                Some(state) => self.become_by_itself(ix, state),
                None if talked && work > tipring_driver::time::Ticks::ZERO => {
                    self.become_by_itself(ix, AgentState::WorkNotReady);
                    self.timers.set(Timer::AfterCallWork(ix), self.now + work);
                }
                None => {}
            }
        }
        self.note_station(station);
    }

    /// An agent's telephone has lost its call unanswered. Who did not answer, or could not be rung, is not to be given the
    /// next one; who sits at a dead card is left as he is.
    pub(crate) fn agent_did_not_answer(&mut self, station: StationIx, cause: EventCause) {
        let Some(ix) = self.devices.station(station).agent else { return };
        let agent = self.agents.get_mut(ix);
        agent.call = None;
        let wish = agent.after_call.take();
        if matches!(cause, EventCause::CallNotAnswered | EventCause::DestOutOfOrder) {
            self.become_by_itself(ix, AgentState::NotReady);
        } else if let Some(state) = wish {
            self.become_by_itself(ix, state);
        }
        self.note_agent(ix);
    }

    /// After-call work is over.
    pub(crate) fn on_after_call_work_over(&mut self, ix: AgentIx) {
        if self.agents.get(ix).state == AgentState::WorkNotReady {
            self.become_by_itself(ix, AgentState::Ready);
        }
    }

    /// What the agent at a station is doing.
    pub(crate) fn query_agent_state(
        &mut self,
        session: SessionId,
        device: DeviceId,
    ) -> Result<Reply, UniversalFailure> {
        match self.permitted(session, &device)? {
            Device::Station(station) => {
                let agent = self.devices.station(station).agent;
                let state = agent.map_or(AgentState::Null, |agent| self.agents.get(agent).state);
                Ok(Reply::QueryAgentState { state })
            }
            Device::Trunk(_) | Device::Queue(_) => Err(UniversalFailure::InvalidObjectType),
        }
    }
}

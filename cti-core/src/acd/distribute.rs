//! Calls into queues, and from there to agents.
//!
//! There is never a call waiting in a queue while an agent of it is free: each of the two events that could make it so,
//! a call that enters and an agent who becomes free, looks for the other at once.

use tipring_driver::media::ToneKind;

use super::agent::AgentIx;
use super::select::longest_waiting;
use crate::call::connection::Party;
use crate::call::device::{Device, QueueIx, StationIx};
use crate::call::model::{Place, Stage};
use crate::config::QueueSound;
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::{AgentState, CallId, LocalConnectionState};

impl Core {
    /// A call enters a queue at its end.
    pub(crate) fn enter_queue(&mut self, id: CallId, queue: QueueIx) {
        self.next_order += 1;
        let place = Place { order: self.next_order, queue };
        let Some(call) = self.calls.get_mut(id) else { return };
        call.log.queued.get_or_insert(self.now);
        call.log.queue = Some(queue);
        let name = self.devices.queues[queue.0 as usize].as_str().to_owned();
        std::sync::Arc::make_mut(&mut call.data).queue = Some(name);
        self.queues[queue.0 as usize].figures.offered += 1;
        let free = !self.queues[queue.0 as usize].free.is_empty();
        let cause = if free { EventCause::NewCall } else { EventCause::NoAvailableAgents };
        self.wait_in_queue(id, place, cause);
    }

    /// A call takes its place in a queue, the last or the one it had, and is given to an agent if one is free.
    pub(crate) fn wait_in_queue(&mut self, id: CallId, place: Place, cause: EventCause) {
        let device = Device::Queue(place.queue);
        let queue_id = self.devices.id(device);
        let Some(call) = self.calls.get_mut(id) else { return };
        call.stage = Stage::Queued(place);
        let caller = call.caller().map(|party| party.device);
        self.join(id, Party::inside(id, device, queue_id, LocalConnectionState::Queued));
        let queue = &mut self.queues[place.queue.0 as usize];
        queue.enter(place.order, id);
        let (number_queued, sound) = (i16::try_from(queue.len()).unwrap_or(i16::MAX), queue.sound);
        if let Some(channel) = caller.and_then(|caller| self.devices.channel(caller)) {
            match sound {
                QueueSound::Ringback => self.audio.tone(channel, ToneKind::Ringback, &mut self.actions),
                QueueSound::Prompt(prompt) => {
                    self.audio.play(channel, prompt, true, &mut self.actions);
                }
            }
        }
        self.tell_queued(id, device, number_queued, cause);
        self.serve_queue(place.queue);
    }

    /// Gives waiting calls of a queue to its free agents.
    fn serve_queue(&mut self, queue: QueueIx) {
        loop {
            let of = &self.queues[queue.0 as usize];
            let (Some((order, call)), Some(agent)) = (of.head(), of.free.longest_idle()) else { return };
            self.give(call, agent, Place { order, queue });
        }
    }

    /// Gives the call that waits longest to an agent who has become free.
    fn serve_agent(&mut self, agent: AgentIx) {
        if !self.agents.get(agent).is_free {
            return;
        }
        if let Some((place, call)) = longest_waiting(self.agents.get(agent), &self.queues) {
            self.give(call, agent, place);
        }
    }

    /// Gives a call to an agent. If the agent's telephone was used in this very moment, the agent is not free any more.
    fn give(&mut self, call: CallId, agent: AgentIx, place: Place) {
        let Some(station) = self.agents.get(agent).station else {
            self.set_free(agent, false);
            return;
        };
        if self.ring_station(station, self.calls.get(call).and_then(|call| call.identity)).is_err() {
            self.devices.station_mut(station).contended = true;
            self.set_free(agent, false);
            return;
        }
        self.set_free(agent, false);
        self.agents.get_mut(agent).call = Some(call);
        self.queues[place.queue.0 as usize].leave(place.order);
        self.deliver_from_queue(call, station, agent, place);
    }

    /// Something has changed at a station: its agent may have become free, or have ceased to be.
    pub(crate) fn note_station(&mut self, station: StationIx) {
        if let Some(agent) = self.devices.station(station).agent {
            self.note_agent(agent);
        }
    }

    /// Something has changed about an agent, who may have become free, or have ceased to be.
    pub(crate) fn note_agent(&mut self, ix: AgentIx) {
        let agent = self.agents.get(ix);
        let free = agent.state == AgentState::Ready
            && agent.call.is_none()
            && agent.station.is_some_and(|station| self.devices.is_free(station));
        let was_free = agent.is_free;
        self.set_free(ix, free);
        if free && !was_free {
            self.serve_agent(ix);
        }
    }

    fn set_free(&mut self, ix: AgentIx, free: bool) {
        let agent = self.agents.get_mut(ix);
        if agent.is_free == free {
            return;
        }
        agent.is_free = free;
        for queue in &agent.queues {
            let pool = &mut self.queues[queue.0 as usize].free;
            if free {
                pool.insert(agent.idle_since, ix);
            } else {
                pool.remove(agent.idle_since, ix);
            }
        }
    }

    /// Changes since when an agent has been idle; only while not among the free ones, whose order hangs on it.
    pub(crate) fn set_idle_since_now(&mut self, ix: AgentIx) {
        self.set_free(ix, false);
        self.agents.get_mut(ix).idle_since = self.now;
    }
}

//! The log of events, from what has changed: queues' calls, agents' activities, the use of trunks.
//!
//! Every figure of every report comes from these entries and from nothing else.
//!
//! Never: decides, or leaves a number out: entries are numbered in the order in which they are appended.

use tipring_driver::time::Ticks;

use super::step::Step;
use crate::acd::decide::explain;
use crate::acd::ids::{AgentIx, Contact, QueueIx};
use crate::acd::why::Why;
use crate::agent::{Activity, Change};
use crate::call::Served;
use crate::core::Core;
use crate::csta::{AgentId, CallId, DeviceId};
use crate::device::{Device, TrunkIx};
use crate::input::Input;
use crate::model::ConnectionState;
use crate::report::event::{Entry, Event, Moment};
use crate::route::trunk_group::GroupIx;
use crate::store::{Decided, DecisionRecord, Record, ReleasedBy};

impl Core {
    /// The moment of what happens now: ticks, corrected by the wall clock.
    pub(crate) fn moment(&self) -> Moment {
        (self.epoch_ms + self.now.0).saturating_add_signed(self.clock_shift_ms)
    }

    /// Follows the wall clock: the log's moments from now on are by it.
    pub fn handle_wall_clock(&mut self, unix_ms: u64) {
        self.begin_entry(|| Input::WallClock(unix_ms));
        self.clock_shift_ms = unix_ms as i64 - (self.epoch_ms + self.now.0) as i64;
        self.follow_calendars();
    }

    /// An event mode, or the site as it is written, is in force from now on: an entry of the log.
    pub fn handle_event_mode(&mut self, mode: DeviceId) {
        self.begin_entry(|| Input::EventMode(mode));
        self.append(Event::EventMode { mode });
    }

    /// Appends a fact to the log. The first one of a run comes behind the note that the program has started.
    pub(super) fn append(&mut self, event: Event) {
        if !core::mem::replace(&mut self.is_log_begun, true) {
            self.append(Event::Started);
        }
        self.last_entry += 1;
        let entry = Entry { seq: self.last_entry, at: self.moment(), event };
        self.persist(Record::Event(Box::new(entry)));
    }

    /// The trunks: seized with the first step of their part in a call, released with the last.
    pub(super) fn apply_to_trunk(&mut self, step: Step) {
        let Step { call, device: Device::Trunk(trunk), row, .. } = step else { return };
        match (row.from, row.to) {
            (None, Some(_)) => {
                let incoming = self
                    .details
                    .get(&call)
                    .is_some_and(|detail| detail.log.caller == Some(step.device) && !detail.is_called_out());
                let (trunk, group) = self.trunk_names(trunk);
                self.append(Event::Seized { trunk, group, incoming });
            }
            (Some(_), None) => {
                let (trunk, _) = self.trunk_names(trunk);
                self.append(Event::Released { trunk });
            }
            _ => {}
        }
    }

    /// A trunk went out of service, or came back.
    pub(super) fn log_service(&mut self, device: Device, is_out: bool) {
        let Device::Trunk(trunk) = device else { return };
        let (trunk, group) = self.trunk_names(trunk);
        self.append(match is_out {
            true => Event::OutOfService { trunk, group },
            false => Event::InService { trunk, group },
        });
    }

    /// A call out found no trunk in its groups; the first of them is the one it is counted for.
    pub(super) fn log_blocked(&mut self, group: Option<GroupIx>) {
        let trunk = group.and_then(|group| self.trunk_groups.trunks(group).last());
        let group = match (group.and_then(|group| self.trunk_groups.name(group)), trunk) {
            (Some(name), _) => name,
            (None, Some(trunk)) => self.trunk_names(*trunk).1,
            (None, None) => DeviceId::EMPTY,
        };
        self.append(Event::Blocked { group });
    }

    /// A trunk's name, and that of its group: the number by which its lines are called where no group has it.
    pub(super) fn trunk_names(&self, trunk: TrunkIx) -> (DeviceId, DeviceId) {
        let of = self.devices.trunk(trunk);
        let group = self.trunk_groups.name(self.trunk_groups.of(trunk));
        (of.id, group.unwrap_or_else(|| self.devices.id(Device::Number(of.number))))
    }

    /// A call enters a queue.
    pub(super) fn log_queued(&mut self, call: CallId, queue: DeviceId) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        detail.contact = call;
        let caller = detail.customer();
        // A customer whom the site has called has dialled nothing.
        let dialled = if detail.is_called_out() { DeviceId::EMPTY } else { detail.called.device };
        let is_called_back = detail.is_called_back();
        let group = detail.log.trunk.map_or(DeviceId::EMPTY, |trunk| self.trunk_names(trunk).1);
        self.append(Event::Queued { call, queue, caller, dialled, group });
        if is_called_back {
            self.append(Event::CalledBack { call });
        }
        self.queued.push(call);
    }

    /// A telephone was rung for a queue's call in vain.
    pub(super) fn log_missed(&mut self, call: CallId, agent: Option<AgentIx>) {
        let Some(agent) = agent.map(|agent| self.roster.get(agent).id) else { return };
        let Some(call) = self.details.get(&call).map(|detail| detail.contact) else { return };
        self.append(Event::Missed { call, agent });
    }

    /// A queue's call is answered at a device.
    pub(super) fn log_answered(&mut self, call: CallId, device: Device) {
        let now = self.now;
        let here = device.station().and_then(|station| self.devices.station(station).agent);
        let Some(detail) = self.details.get_mut(&call) else { return };
        let contact = detail.contact;
        let Some(party) = detail.party_mut(device) else { return };
        // The offer outlives the agent's log-in.
        let agent = here.or(party.offered_to);
        party.served = Some(Served::new(contact, agent, now));
        let agent = agent.map_or(AgentId::EMPTY, |agent| self.roster.get(agent).id);
        let rung = party.alerting.map_or(Ticks::ZERO, |since| now.since(since));
        let rings = self.ring_cadence.bursts(rung).min(u64::from(u8::MAX)) as u8;
        self.append(Event::Answered { call: contact, agent, rings });
    }

    /// The end of the business day of now: today's, or that of the next one where today's is over; none if no business
    /// day is known.
    pub(super) fn end_of_business_day(&self) -> Option<u64> {
        let now = self.moment();
        self.business_days.iter().map(|(_, end)| *end).find(|end| *end > now)
    }

    /// The number that an agent has dialled over a trunk answers.
    pub(super) fn log_reached(&mut self, call: CallId) {
        let Some(detail) = self.details.get(&call) else { return };
        let caller = detail.log.caller.and_then(Device::station);
        let agent = caller.and_then(|station| self.devices.station(station).agent);
        let agent = agent.map_or(AgentId::EMPTY, |agent| self.roster.get(agent).id);
        let caller = self.numbers.normal_or_same(detail.called.device.as_str());
        let caller = DeviceId::new(&caller).unwrap_or_default();
        self.append(Event::Reached { caller, agent });
    }

    /// The holds of a queue's call at its telephone, and its end there.
    pub(super) fn apply_to_served(&mut self, step: Step) {
        let Step { call, device, row, .. } = step;
        let now = self.now;
        let Some(party) = self.details.get_mut(&call).and_then(|detail| detail.party_mut(device)) else { return };
        let Some(served) = &mut party.served else { return };
        match row.to {
            Some(ConnectionState::Held) => served.holds.begin(now),
            None | Some(ConnectionState::Failed) => {
                let served = party.served.take();
                self.log_ended(call, served);
            }
            Some(_) => served.holds.end(now),
        }
    }

    /// A queue's call ends at its telephone.
    pub(super) fn log_ended(&mut self, call: CallId, served: Option<Served>) {
        let Some(mut served) = served else { return };
        served.holds.end(self.now);
        if let Some(agent) = served.agent {
            self.floor.agent_talked(agent, served.talk(self.now));
        }
        let end = self.details.get(&call).and_then(|detail| detail.log.end);
        self.append(Event::Ended {
            call: served.call,
            hold: served.holds.total.as_ms(),
            longest_hold: served.holds.longest.as_ms(),
            transferred: end.is_none(),
            by_customer: end.is_some_and(|(.., by)| by == ReleasedBy::Caller),
        });
    }

    /// A decision about a call, with its reasons.
    pub(super) fn log_decision(
        &mut self,
        call: CallId,
        queue: QueueIx,
        decided: Decided,
        chosen: &[AgentIx],
        why: &Why,
    ) {
        let name = |agent: &AgentIx| self.roster.get(*agent).id;
        let record = DecisionRecord {
            at: self.now,
            call: self.details.get(&call).map_or(call, |detail| detail.contact),
            queue: self.devices.id(Device::Queue(queue)),
            decided,
            rule: why.rule,
            chosen: chosen.iter().map(name).collect(),
            not_offered: why.not_offered,
            head: why.head.iter().map(|(agent, not_offered)| (name(agent), *not_offered)).collect(),
        };
        self.persist(Record::Decision(Box::new(record)));
    }

    /// The calls that have entered a queue in this transaction and wait on: the reasons why no agent is offered them.
    pub(super) fn log_waiting(&mut self) {
        let mut queued = core::mem::take(&mut self.queued);
        for call in queued.drain(..) {
            let Some((queue, _)) = self.details.get(&call).and_then(|detail| detail.place) else { continue };
            let waits = self.model.state(call, Device::Queue(queue)) == Some(ConnectionState::Queued);
            if let Some(why) = explain(&self.floor, Contact::Call(call), self.now).filter(|_| waits) {
                self.log_decision(call, queue, Decided::Waits, &[], &why);
            }
        }
        self.queued = queued;
    }

    /// An agent's activity has changed.
    pub(super) fn log_activity(&mut self, agent: AgentIx, change: &Change) {
        let queue = change.queue.filter(|_| change.to == Activity::AfterCallWork);
        let queue = queue.map_or(DeviceId::EMPTY, |queue| self.devices.id(Device::Queue(queue)));
        let agent = self.roster.get(agent).id;
        self.append(Event::Agent { agent, to: change.to, queue });
    }
}

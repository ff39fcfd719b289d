//! Calls and their parties: the model that everything else reads.
//!
//! A call lives in a slot of a slab and is found by its id. What it is waiting for is its [`Stage`]; who takes part is
//! its list of parties, the one who called first.
//!
//! ```text
//! trunk:    Arriving ─► Menu ─► Queued ─► Alerting ─► Answering ─► Talking ─► Over
//!               └─────────────►──┘  ▲         │  (handsets skip Answering)     ▲
//! station:  Dialling ─────────────►─┘◄─ taken ┘                                │
//!               ├─► Alerting (another station)                                 │
//!               ├─► Seizing (a trunk) ─► Talking                               │
//!               └─► Over (busy, invalid) ──────────────────────────────────────┘
//!           Prompting (MakeCall rings the caller's own handset) ─► Dialling
//! ```
//!
//! Never: sends anything. Changes are told by [`events`](super::events).

use std::collections::BTreeMap;
use std::sync::Arc;

use arrayvec::ArrayVec;
use tipring_driver::ids::{RecordingId, TaskId};
use tipring_driver::line::{CallerId, Number};
use tipring_driver::time::Tick;

use super::connection::Party;
use super::device::{Device, QueueIx, StationIx, TrunkIx};
use crate::acd::agent::AgentIx;
use crate::call::monitor::MonitorKey;
use crate::csta::event::CallData;
use crate::csta::{CallId, ConnectionId, ExtendedDeviceId, LocalConnectionState};
use crate::ivr::flow::Walk;
use crate::limits::{CALLS_MAX, PARTIES_MAX};
use crate::store::{Direction, Outcome, ReleasedBy, StoreId};

/// What a call is waiting for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// A trunk rings; the caller's identity may still come.
    Arriving,
    /// The caller is in a menu.
    Menu(Walk),
    /// A handset is rung so that it may be lifted to make a call to this number.
    Prompting(Number),
    /// A station has dial tone, or is dialling.
    Dialling(Number),
    /// The call waits in a queue, at this place.
    Queued(Place),
    /// A station is rung; if a queue sent it there, the call keeps its place.
    Alerting(StationIx, Option<Place>),
    /// A headset has been asked to answer and hears its zip tone.
    Answering(StationIx, Option<Place>),
    /// A trunk has been seized and dials this number.
    Seizing(TrunkIx, Number),
    /// Two parties talk.
    Talking,
    /// Somebody has left, or nobody could be had: who is left hears a tone until putting down.
    Over,
}

/// A place in a queue. Kept when a call comes back, so it comes back where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The order in which calls were queued, over all queues.
    pub order: u64,
    /// The queue.
    pub queue: QueueIx,
}

/// A recorder at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorder {
    /// For stopping it.
    pub task: TaskId,
    /// Where it records.
    pub recording: RecordingId,
}

/// What will be written of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Which way it went.
    pub direction: Direction,
    /// The trunk it used.
    pub trunk: Option<TrunkIx>,
    /// The queue it waited in last.
    pub queue: Option<QueueIx>,
    /// The agent who had it last.
    pub agent: Option<AgentIx>,
    /// The station that had it last, or made it.
    pub station: Option<StationIx>,
    /// When it began.
    pub offered: Tick,
    /// When the line was answered.
    pub answered: Option<Tick>,
    /// When it was queued first.
    pub queued: Option<Tick>,
    /// When the last telephone began to ring.
    pub alerting: Option<Tick>,
    /// When a person answered.
    pub established: Option<Tick>,
    /// When, how and by whom it was ended; the first who leaves decides.
    pub end: Option<(Tick, Outcome, ReleasedBy)>,
    /// Its recording.
    pub recording: Option<RecordingId>,
}

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    /// Its identifier.
    pub id: CallId,
    /// What it is waiting for.
    pub stage: Stage,
    /// Who takes part, the one who called first.
    pub parties: ArrayVec<Party, PARTIES_MAX>,
    /// Who calls.
    pub calling: ExtendedDeviceId,
    /// Who was called.
    pub called: ExtendedDeviceId,
    /// Where it came from, if it was redirected.
    pub redirected: ExtendedDeviceId,
    /// The caller's identity, for the telephones that will be rung.
    pub identity: Option<CallerId>,
    /// What clients are told of it.
    pub data: Arc<CallData>,
    /// The store's search for its caller, answered or not.
    pub lookup: Option<StoreId>,
    /// The recorder at work.
    pub recorder: Option<Recorder>,
    /// What will be written of it.
    pub log: Log,
    /// Monitors that follow it wherever it goes.
    pub followers: Vec<MonitorKey>,
}

impl Call {
    /// The call as such: a connection without a device.
    pub const fn connection(&self) -> ConnectionId {
        ConnectionId { call: self.id, ..ConnectionId::NONE }
    }

    /// A device's part.
    pub fn party(&self, device: Device) -> Option<&Party> {
        self.parties.iter().find(|party| party.device == device)
    }

    /// Sets the state of a device's connection.
    pub fn set_state(&mut self, device: Device, state: LocalConnectionState) {
        if let Some(party) = self.parties.iter_mut().find(|party| party.device == device) {
            party.state = state;
        }
    }

    /// The one who called, unless gone.
    pub fn caller(&self) -> Option<&Party> {
        self.parties.first()
    }

    /// The first trunk that takes part.
    pub fn trunk(&self) -> Option<TrunkIx> {
        self.parties.iter().find_map(|party| match party.device {
            Device::Trunk(trunk) => Some(trunk),
            Device::Station(_) | Device::Queue(_) => None,
        })
    }

    /// Notes how the call ended, unless that is known already.
    pub fn note_end(&mut self, now: Tick, outcome: Outcome, released_by: ReleasedBy) {
        self.log.end.get_or_insert((now, outcome, released_by));
    }
}

/// All calls.
#[derive(Debug, Default)]
pub struct Calls {
    slots: Vec<Option<Call>>,
    free: Vec<u32>,
    by_id: BTreeMap<CallId, u32>,
    last: CallId,
}

impl Calls {
    /// How many calls there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is no call.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Whether there is room for one more.
    pub fn has_room(&self) -> bool {
        self.len() < CALLS_MAX
    }

    /// Begins a call of nobody yet; none if there is no room.
    pub fn begin(
        &mut self,
        now: Tick,
        direction: Direction,
        stage: Stage,
        calling: ExtendedDeviceId,
        called: ExtendedDeviceId,
    ) -> Option<&mut Call> {
        if !self.has_room() {
            return None;
        }
        // Positive and in order; after 2³¹ calls the numbers begin again, skipping those in use.
        loop {
            self.last = CallId(self.last.0.checked_add(1).unwrap_or(1));
            if !self.by_id.contains_key(&self.last) {
                break;
            }
        }
        let id = self.last;
        let call = Call {
            id,
            stage,
            parties: ArrayVec::new(),
            calling,
            called,
            redirected: ExtendedDeviceId::NOT_REQUIRED,
            identity: None,
            data: Arc::default(),
            lookup: None,
            recorder: None,
            log: Log {
                direction,
                trunk: None,
                queue: None,
                agent: None,
                station: None,
                offered: now,
                answered: None,
                queued: None,
                alerting: None,
                established: None,
                end: None,
                recording: None,
            },
            followers: Vec::new(),
        };
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                self.slots.len() as u32 - 1
            }
        };
        self.by_id.insert(id, slot);
        Some(self.slots[slot as usize].insert(call))
    }

    /// A call.
    pub fn get(&self, id: CallId) -> Option<&Call> {
        self.slots.get(*self.by_id.get(&id)? as usize)?.as_ref()
    }

    /// A call, to be changed.
    pub fn get_mut(&mut self, id: CallId) -> Option<&mut Call> {
        self.slots.get_mut(*self.by_id.get(&id)? as usize)?.as_mut()
    }

    /// Takes a call out: it is over.
    pub fn remove(&mut self, id: CallId) -> Option<Call> {
        let slot = self.by_id.remove(&id)?;
        self.free.push(slot);
        self.slots[slot as usize].take()
    }

    /// The call with the highest number.
    pub fn newest(&self) -> Option<&Call> {
        self.slots.get(*self.by_id.values().next_back()? as usize)?.as_ref()
    }

    /// All calls in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &Call> {
        self.by_id.values().filter_map(|&slot| self.slots[slot as usize].as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begin(calls: &mut Calls) -> Option<CallId> {
        let nobody = ExtendedDeviceId::NOT_KNOWN;
        calls.begin(Tick::ZERO, Direction::Inbound, Stage::Arriving, nobody, nobody).map(|call| call.id)
    }

    #[test]
    fn a_number_is_never_given_to_two_calls_and_a_slot_is_used_again() {
        let mut calls = Calls::default();
        assert_eq!(begin(&mut calls), Some(CallId(1)));
        assert_eq!(begin(&mut calls), Some(CallId(2)));
        assert!(calls.remove(CallId(1)).is_some());
        assert_eq!(begin(&mut calls), Some(CallId(3)));
        assert_eq!(calls.slots.len(), 2);
        assert!(calls.get(CallId(1)).is_none());
        assert_eq!(calls.iter().map(|call| call.id).collect::<Vec<_>>(), [CallId(2), CallId(3)]);
    }

    #[test]
    fn there_is_a_most_of_calls() {
        let mut calls = Calls::default();
        for _ in 0..CALLS_MAX {
            assert!(begin(&mut calls).is_some());
        }
        assert_eq!(begin(&mut calls), None);
        calls.remove(CallId(7));
        assert!(begin(&mut calls).is_some());
    }
}

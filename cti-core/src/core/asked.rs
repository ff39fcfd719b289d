//! Questions of the core to the store, data sources and the verifier of PINs that have no answer yet: a core that is
//! made again asks them again.
//!
//! The records of one input are one request to the store: all of them are kept, or none. A number that is put on the
//! list of call-backs begins another one. How many such requests wait is known from their numbers alone, since the
//! store keeps them in order.
//!
//! Never: holds what the engine is to do; its ring tells what it was given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tipring_driver::time::Ticks;

use super::Core;
use crate::action::{Action, Trouble};
use crate::csta::{AgentId, AgentPassword, DeviceId};
use crate::flow::walk::{DipId, Value};
use crate::limits::RECORDS_WAITING_MAX;
use crate::store::{Record, StoreId, StoreReply, StoreRequest};

/// Places for the records of an input: as many as most inputs have.
const RECORDS_OF_AN_INPUT: usize = 8;

/// Questions without an answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Asked {
    store: BTreeMap<StoreId, StoreRequest>,
    dips: BTreeMap<DipId, (String, Value, Ticks)>,
    pins: BTreeMap<DeviceId, (AgentId, AgentPassword)>,
}

impl Asked {
    /// The questions, to be asked again.
    pub(crate) fn again(&self) -> Vec<Action> {
        let store = self.store.values().cloned().map(Action::Store);
        let dips = self.dips.iter().map(|(&dip, (source, key, wait))| Action::Dip {
            dip,
            source: source.clone(),
            key: key.clone(),
            wait: *wait,
        });
        let pins = self.pins.iter().map(|(&station, &(agent, pin))| Action::VerifyPin {
            station: Box::new(station),
            agent,
            pin,
        });
        store.chain(dips).chain(pins).collect()
    }
}

impl Core {
    /// The requests to the store that have no answer yet, in their order; none if no log is kept.
    pub fn unanswered(&self) -> impl Iterator<Item = &StoreRequest> {
        self.asked.iter().flat_map(|asked| asked.store.values())
    }

    /// Asks the store for something. The caller keeps what hangs on the answer.
    pub(crate) fn ask_store(&mut self, request: impl FnOnce(StoreId) -> StoreRequest) -> StoreId {
        let id = self.next_store_id();
        self.hand_to_store(id, request(id));
        id
    }

    /// Has the store keep a record, in one request with all others of this input. Returns the request.
    pub(crate) fn persist(&mut self, record: Record) -> StoreId {
        if let Some((id, records)) = &mut self.to_keep {
            records.push(record);
            return *id;
        }
        let id = self.next_store_id();
        let mut records = Vec::with_capacity(RECORDS_OF_AN_INPUT);
        records.push(record);
        self.to_keep = Some((id, records));
        id
    }

    /// The input has been taken, or its next record is to be acknowledged by itself: those so far go to the store.
    pub(crate) fn hand_on_records(&mut self) {
        if let Some((id, records)) = self.to_keep.take() {
            self.hand_to_store(id, StoreRequest::Keep { id, records });
        }
    }

    /// Returns true if the store is not so far behind that new calls are refused.
    pub(crate) fn has_record_room(&self) -> bool {
        self.records_waiting() < RECORDS_WAITING_MAX
    }

    /// Returns true if a new call is not taken because the store is behind; it is counted.
    pub(crate) fn refuses_new(&mut self) -> bool {
        if self.has_record_room() {
            return false;
        }
        self.counters.not_admitted += 1;
        if !core::mem::replace(&mut self.is_store_behind, true) {
            self.actions.push_back(Action::Trouble(Trouble::StoreBehind { requests: self.records_waiting() }));
        }
        true
    }

    /// The store is so far behind with its records that new calls have been refused, and are until it has caught up.
    pub const fn is_store_behind(&self) -> bool {
        self.is_store_behind
    }

    /// Requests to the store since the last one whose records are known to be safe.
    pub fn records_waiting(&self) -> u64 {
        self.next_store_id.saturating_sub(self.kept.0)
    }

    /// As many requests as may wait are made in vain. Returns the last one.
    #[cfg(test)]
    pub(crate) fn fall_behind(&mut self) -> StoreId {
        self.next_store_id += RECORDS_WAITING_MAX;
        StoreId(self.next_store_id)
    }

    fn next_store_id(&mut self) -> StoreId {
        self.next_store_id += 1;
        StoreId(self.next_store_id)
    }

    fn hand_to_store(&mut self, id: StoreId, request: StoreRequest) {
        if let Some(asked) = &mut self.asked {
            asked.store.insert(id, request.clone());
        }
        self.actions.push_back(Action::Store(request));
    }

    /// Asks a data source.
    pub(crate) fn ask_source(&mut self, dip: DipId, source: String, key: Value, wait: Ticks) {
        if let Some(asked) = &mut self.asked {
            asked.dips.insert(dip, (source.clone(), key.clone(), wait));
        }
        self.actions.push_back(Action::Dip { dip, source, key, wait });
    }

    /// Has an agent's PIN verified.
    pub(crate) fn ask_for_pin(&mut self, station: DeviceId, agent: AgentId, pin: AgentPassword) {
        if let Some(asked) = &mut self.asked {
            asked.pins.insert(station, (agent, pin));
        }
        self.actions.push_back(Action::VerifyPin { station: Box::new(station), agent, pin });
    }

    /// The store has answered.
    pub(super) fn stored(&mut self, reply: &StoreReply) {
        if let StoreReply::Kept { up_to } = reply {
            self.kept = self.kept.max(*up_to);
            self.is_store_behind &= !self.has_record_room();
        }
        let Some(asked) = &mut self.asked else { return };
        match reply {
            StoreReply::Kept { up_to } => {
                let later = asked.store.split_off(&up_to.next());
                let before = core::mem::replace(&mut asked.store, later);
                let is_look_up = |request: &StoreRequest| matches!(request, StoreRequest::FindCustomer { .. });
                asked.store.extend(before.into_iter().filter(|(_, request)| is_look_up(request)));
            }
            StoreReply::Customer { id, .. } | StoreReply::Failed { id, .. } => drop(asked.store.remove(id)),
            StoreReply::CallBackOrders { .. } | StoreReply::NewMessages(_) | StoreReply::Notices(_) => {}
        }
    }

    /// A data source has answered.
    pub(super) fn dipped(&mut self, dip: DipId) {
        if let Some(asked) = &mut self.asked {
            asked.dips.remove(&dip);
        }
    }

    /// A PIN has been verified.
    pub(crate) fn pin_verified(&mut self, station: &DeviceId) {
        if let Some(asked) = &mut self.asked {
            asked.pins.remove(station);
        }
    }
}

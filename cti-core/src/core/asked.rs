//! Questions of the core to the store, data sources and the verifier of PINs that have no answer yet: a core that is
//! made again asks them again.
//!
//! Never: holds what the engine is to do; its ring tells what it was given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tipring_driver::time::Ticks;

use super::Core;
use crate::action::Action;
use crate::csta::{AgentId, AgentPassword, DeviceId};
use crate::flow::walk::{DipId, Value};
use crate::store::{Record, StoreId, StoreReply, StoreRequest};

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
        let pins = self.pins.iter().map(|(&station, &(agent, pin))| Action::VerifyPin { station, agent, pin });
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
        self.next_store_id += 1;
        let id = StoreId(self.next_store_id);
        let request = request(id);
        if let Some(asked) = &mut self.asked {
            asked.store.insert(id, request.clone());
        }
        self.actions.push_back(Action::Store(request));
        id
    }

    /// Has the store keep a record.
    pub(crate) fn persist(&mut self, record: Record) {
        self.ask_store(|id| StoreRequest::Keep { id, record });
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
        self.actions.push_back(Action::VerifyPin { station, agent, pin });
    }

    /// The store has answered.
    pub(super) fn stored(&mut self, reply: &StoreReply) {
        if let (
            Some(asked),
            StoreReply::Kept { id } | StoreReply::Customer { id, .. } | StoreReply::Failed { id, .. },
        ) = (&mut self.asked, reply)
        {
            asked.store.remove(id);
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

//! The call detail record (CDR): made from the data of a call, and persisted as it goes on and at its end.
//!
//! Never: decides an outcome; the call history has it.

use tipring_driver::line::Number;
use tipring_driver::time::Tick;

use crate::call::Detail;
use crate::core::Core;
use crate::csta::CallId;
use crate::device::Device;
use crate::store::{CallRecord, Outcome, Record, ReleasedBy};

impl Core {
    /// Keeps how far a call has got, at the offer and at each answer: an end of the program loses no call.
    pub(super) fn persist_open(&mut self, call: CallId) {
        let Some(detail) = self.details.get_mut(&call) else { return };
        let reached = detail.log.reached();
        if detail.log.end.is_some() || detail.kept == Some(reached) {
            return;
        }
        detail.kept = Some(reached);
        let Some(detail) = self.details.get(&call) else { return };
        let record = self.record_of(detail, (self.now, Outcome::Interrupted, ReleasedBy::System));
        let legs = self.legs_so_far(detail);
        self.persist(Record::Open(Box::new(record), legs));
    }

    /// Keeps the record of a call that is over.
    pub(super) fn persist_call(&mut self, detail: &Detail) {
        let end = detail.log.end.unwrap_or((self.now, Outcome::NotObtainable, ReleasedBy::System));
        let record = self.record_of(detail, end);
        self.persist(Record::Call(Box::new(record)));
    }

    fn record_of(&self, detail: &Detail, (ended, outcome, released_by): (Tick, Outcome, ReleasedBy)) -> CallRecord {
        let log = &detail.log;
        let number = |text: &str| Number::from(text).unwrap_or_default();
        CallRecord {
            call: detail.id,
            ucid: detail.ucid,
            main_call: detail.main_call,
            direction: log.direction,
            trunk: log.trunk.map(|trunk| self.devices.id(Device::Trunk(trunk))),
            caller: number(detail.calling.device.as_str()),
            called: number(detail.called.device.as_str()),
            queue: log.queue.map(|queue| self.devices.id(Device::Queue(queue))),
            agent: log.agent.map(|agent| self.roster.get(agent).id),
            station: log.station.map(|station| self.devices.id(Device::Station(station))),
            keyed: number(&detail.data.keyed),
            offered: log.offered,
            answered: log.answered,
            queued: log.queued,
            alerting: log.alerting,
            established: log.established,
            ended,
            outcome,
            released_by,
            cause: log.cause,
            recording: log.recording,
            machine: detail.data.machine,
        }
    }
}

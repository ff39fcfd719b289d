//! A fax machine or a modem at the far end of a trunk, which its line has recognised by its tone. An answering machine
//! is not detected.
//!
//! A predictive call is dropped when a machine answers, if its client has asked for that.
//!
//! Monitors of the call get an event, and its record shows the machine. A fax machine that calls and has not been
//! answered yet goes where the trunk sends such calls: out of its flow, its queue, or from a telephone that rings for
//! it. If the trunk has no destination for them, or a conversation has begun, the call goes on as it is.
//!
//! | the caller is | and goes on from |
//! |---|---|
//! | in a flow | the number that was called |
//! | in a queue | the queue; its place is given up |
//! | where a telephone rings | that telephone, which stops; its agent is free again |
//! | talking, or about to (zip tone) | nowhere |
//!
//! Never: detects a tone; that is the line's.

use std::sync::Arc;

use tipring_driver::signal::FaxModemTone;

use super::BY_SWITCH;
use crate::core::Core;
use crate::csta::cause::EventCause;
use crate::csta::event::Machine;
use crate::csta::private::ReasonCode;
use crate::csta::{CallId, LocalConnectionState};
use crate::device::{Device, TrunkIx};
use crate::model::{Origin, Reason};
use crate::store::Direction;

impl Core {
    /// A machine has been recognised on a trunk.
    pub(super) fn on_machine(&mut self, id: CallId, trunk: TrunkIx, tone: FaxModemTone) {
        let machine = match tone {
            FaxModemTone::FaxCalls => Machine::Fax,
            FaxModemTone::ModemCalls => Machine::Modem,
            FaxModemTone::Answers => Machine::FaxOrModem,
        };
        let Some(detail) = self.details.get_mut(&id) else { return };
        Arc::make_mut(&mut detail.data).machine = Some(machine);
        let inbound = detail.log.direction == Direction::Inbound;
        let is_free = detail.log.established.is_none();
        let predictive = detail.predictive.as_mut().filter(|_| machine == Machine::FaxOrModem && is_free);
        let is_dropped = predictive.is_some_and(|predictive| {
            predictive.reason = ReasonCode::AnswerMachineDetected;
            predictive.drops_machine
        });
        self.emit_call_information(id, Device::Trunk(trunk));
        if is_dropped {
            return self.drop_machine(id);
        }
        if inbound
            && machine == Machine::Fax
            && let Some(to) = self.devices.trunk(trunk).fax
        {
            self.divert_fax(id, to);
        }
    }

    /// A predictive call whose far end is a machine ends, as its client has asked.
    fn drop_machine(&mut self, id: CallId) {
        if let Some(detail) = self.details.get_mut(&id) {
            detail.log_cleared(self.now, BY_SWITCH);
        }
        let _ = self.model.clear_call(id, BY_SWITCH);
    }

    /// Sends a fax machine where such calls go, unless it is there or has been answered.
    fn divert_fax(&mut self, id: CallId, to: Device) {
        let Some(detail) = self.details.get_mut(&id) else { return };
        if detail.log.established.is_some() || detail.answering.is_some() || detail.party(to).is_some() {
            return;
        }
        let waits = |party: &&crate::call::Party| match party.state {
            LocalConnectionState::Queued => true,
            LocalConnectionState::Alerting => party.device.trunk().is_none(),
            _ => false,
        };
        let Some(from) = detail.parties.iter().find(waits).map(|party| party.device) else { return };
        if let Device::Queue(queue) = to
            && detail.place.is_some_and(|(place, _)| place == queue)
        {
            // A telephone rings because the call was sent to that queue.
            return;
        }
        // A telephone lifted in this very moment has the call: that event is on its way here.
        if let Some(station) = from.station()
            && self.stop_ringing(station).is_err()
        {
            return;
        }
        self.end_script(id);
        self.leave_queue(id, from, to);
        self.send_on(id, from, to, Reason { cause: EventCause::Redirected, origin: Origin::Switch });
    }
}

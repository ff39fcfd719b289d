//! Legs: each device's part in a call, followed through its states and kept when it is over.
//!
//! Where two calls become one, the legs of the consultation end with it, and those of its devices that stay begin anew
//! in the customer's call, so that a leg belongs to one call.
//!
//! Never: takes a step of the model.

use super::step::Step;
use crate::call::{Detail, Leg, Party};
use crate::core::Core;
use crate::csta::CallId;
use crate::csta::cause::EventCause;
use crate::device::Device;
use crate::model::{ConnectionState, Origin, Reason, Role};
use crate::store::{LegEndedBy, LegKind, LegReached, LegRecord, Record};

impl Core {
    /// The leg of the device follows its state; its record is kept when the device leaves.
    pub(super) fn apply_to_leg(&mut self, step: Step) {
        let Step { call, device, row, reason, role, agent, .. } = step;
        let now = self.now;
        let Some(party) = self.details.get_mut(&call).and_then(|detail| detail.party_mut(device)) else { return };
        match (row.from, row.to) {
            (None, Some(state)) => party.leg = Leg::new(state, now),
            (_, to) => party.leg.step(to, now),
        }
        let leg = &mut party.leg;
        leg.agent = leg.agent.or(agent).or(party.offered_to);
        leg.role = role.unwrap_or(leg.role);
        if row.to == Some(ConnectionState::Failed) {
            leg.failure.get_or_insert(reason.cause);
        }
        if row.to.is_none() {
            let leg = *leg;
            if let Some(detail) = self.details.get(&call) {
                let record = self.leg_record(detail, call, (device, &leg), reason);
                self.persist_leg(record);
            }
        }
    }

    /// The legs of a call that has been taken in by another end, and those of its devices that stay begin there.
    pub(super) fn end_legs(&mut self, detail: &mut Detail, id: CallId, reason: Reason) {
        let now = self.now;
        for ix in 0..detail.parties.len() {
            let Party { device, mut leg, .. } = detail.parties[ix];
            detail.parties[ix].leg = leg.goes_on(now);
            leg.step(None, now);
            let record = self.leg_record(detail, id, (device, &leg), reason);
            self.persist_leg(record);
        }
    }

    /// The leg of the device that transfers ends in the customer's call, too.
    pub(super) fn end_leg(&mut self, detail: &Detail, id: CallId, device: Device, reason: Reason) {
        let Some(mut leg) = detail.party(device).map(|party| party.leg) else { return };
        leg.step(None, self.now);
        let record = self.leg_record(detail, id, (device, &leg), reason);
        self.persist_leg(record);
    }

    /// The legs of a call in progress, as the end of the program would leave them.
    pub(super) fn legs_so_far(&self, detail: &Detail) -> Vec<LegRecord> {
        let reason = Reason { cause: EventCause::None, origin: Origin::Switch };
        let mut legs = Vec::with_capacity(detail.parties.len());
        for party in &detail.parties {
            let mut leg = party.leg;
            leg.step(None, self.now);
            if let Some(record) = self.leg_record(detail, detail.id, (party.device, &leg), reason) {
                legs.push(LegRecord { ended_by: LegEndedBy::Interrupted, ..record });
            }
        }
        legs
    }

    fn persist_leg(&mut self, record: Option<LegRecord>) {
        if let Some(record) = record {
            self.persist(Record::Leg(Box::new(record)));
        }
    }

    /// The record of a leg; none for a number, at which a call only passes.
    fn leg_record(
        &self,
        detail: &Detail,
        id: CallId,
        (device, leg): (Device, &Leg),
        reason: Reason,
    ) -> Option<LegRecord> {
        let kind = match (device, leg.role) {
            (Device::Number(_), _) => return None,
            (Device::Trunk(_), _) => LegKind::Trunk,
            (Device::Queue(_), _) => LegKind::Queue,
            (Device::Park(_), _) => LegKind::Park,
            (Device::Station(_), Role::Party) => LegKind::Station,
            (Device::Station(_), Role::Silent) => LegKind::SilentMonitor,
            (Device::Station(_), Role::Coach(_)) => LegKind::Coach,
        };
        Some(LegRecord {
            ucid: detail.ucid,
            call: id,
            device: self.devices.id(device),
            kind,
            agent: leg.agent.map(|agent| self.roster.get(agent).id),
            began: leg.began,
            connected: leg.connected,
            ended: self.now,
            rung: leg.rung,
            hold: leg.holds.total,
            longest_hold: leg.holds.longest,
            holds: leg.holds.count,
            reached: match leg.reached {
                ConnectionState::Failed => LegReached::Failed,
                ConnectionState::Initiated => LegReached::Initiated,
                ConnectionState::Queued => LegReached::Queued,
                ConnectionState::Alerting => LegReached::Alerting,
                ConnectionState::Connected | ConnectionState::Held => LegReached::Connected,
            },
            cause: leg.failure.filter(|cause| *cause != EventCause::None).unwrap_or(reason.cause),
            ended_by: match reason.origin {
                Origin::Device(_) => LegEndedBy::Device,
                Origin::Client => LegEndedBy::Client,
                Origin::Switch => LegEndedBy::Switch,
            },
        })
    }
}

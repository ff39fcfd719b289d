//! Supervision: a station listens to a conversation, coaches one of its parties, barges in, or takes it over.
//!
//! | role | hears | is heard by |
//! |---|---|---|
//! | silent | all parties | none |
//! | coach | all parties | the coached station |
//! | party (barge-in) | all parties | all |
//!
//! Never: checks the right to do so; that belongs to the session.

use super::calls::Model;
use super::change::Reason;
use super::connection::{Connection, Role};
use super::judge::{Refused, Service};
use super::table::{ConnectionState, Trigger};
use crate::csta::CallId;
use crate::csta::cause::UniversalFailure as F;
use crate::device::Device;

impl Model {
    /// Joins a conversation in a role. An observer of the conversation changes its role.
    ///
    /// # Errors
    ///
    /// GENERIC_STATE_INCOMPATIBILITY if there is no conversation, or the device is busy;
    /// INVALID_CSTA_CONNECTION_IDENTIFIER if the station to coach takes no part in it.
    pub fn observe(&mut self, call: CallId, by: Device, role: Role, reason: Reason) -> Result<(), Refused> {
        self.can_observe(call, role)?;
        let of = self.call(call).ok_or(self.missing(call))?;
        if of.at(by).is_none_or(|observer| observer.role == Role::Party) {
            self.can_join(call, by)?;
        }
        self.join_as(call, by, role, reason)
    }

    /// Gives a supervisor in a conversation, observer or party, another role.
    ///
    /// # Errors
    ///
    /// GENERIC_STATE_INCOMPATIBILITY if the device does not talk, fewer than two other parties do, or another one
    /// coaches it, which is for a party alone; INVALID_CSTA_CONNECTION_IDENTIFIER if it is to coach itself; as
    /// [`observe`](Model::observe).
    pub fn change_role(&mut self, call: CallId, by: Device, role: Role, reason: Reason) -> Result<(), Refused> {
        self.can_observe(call, role)?;
        let of = self.call(call).ok_or(self.missing(call))?;
        let others = of.parties().filter(|it| it.device != by && it.state == ConnectionState::Connected).count();
        if others < 2 || of.at(by).is_none_or(|it| it.state != ConnectionState::Connected) {
            return Err(F::GenericStateIncompatibility);
        }
        if matches!(role, Role::Coach(at) if Device::Station(at) == by) {
            return Err(F::InvalidCstaConnectionIdentifier);
        }
        let coaches = |it: &Connection| matches!(it.role, Role::Coach(at) if Device::Station(at) == by);
        if role != Role::Party && of.connections.iter().any(coaches) {
            return Err(F::GenericStateIncompatibility);
        }
        self.join_as(call, by, role, reason)
    }

    /// Checks that there is a conversation to join in a role, whatever the line of the device that joins.
    ///
    /// # Errors
    ///
    /// As [`observe`](Model::observe).
    pub fn can_observe(&self, call: CallId, role: Role) -> Result<(), Refused> {
        let of = self.call(call).ok_or(self.missing(call))?;
        let talk = of.parties().filter(|party| party.state == ConnectionState::Connected).count();
        if talk < 2 {
            return Err(F::GenericStateIncompatibility);
        }
        if let Role::Coach(station) = role
            && of.at(Device::Station(station)).is_none_or(|coached| coached.role != Role::Party)
        {
            return Err(F::InvalidCstaConnectionIdentifier);
        }
        Ok(())
    }

    /// Takes a call over from a station: `by` becomes a party, and the station leaves.
    ///
    /// # Errors
    ///
    /// NO_ACTIVE_CALL if the station does not talk; GENERIC_STATE_INCOMPATIBILITY if no other party does.
    pub fn take_over(&mut self, call: CallId, from: Device, by: Device, reason: Reason) -> Result<(), Refused> {
        self.can_take_over(call, from, by)?;
        match self.call(call).and_then(|of| of.at(by)) {
            Some(party) if party.role == Role::Party => {}
            Some(_) => self.join_as(call, by, Role::Party, reason)?,
            None => {
                self.can_join(call, by)?;
                self.join_as(call, by, Role::Party, reason)?;
            }
        }
        self.clear(call, from, reason)
    }

    /// Checks that a call can be taken over, whatever the line of the device that is not in it yet.
    ///
    /// # Errors
    ///
    /// As [`take_over`](Model::take_over).
    pub fn can_take_over(&self, call: CallId, from: Device, by: Device) -> Result<(), Refused> {
        self.judge(Service::TakeOver, from, call, None)?;
        let of = self.call(call).ok_or(self.missing(call))?;
        let other = |it: &&super::Connection| it.device != from && it.device != by;
        if !of.parties().filter(other).any(|it| it.state == ConnectionState::Connected) || from == by {
            return Err(F::GenericStateIncompatibility);
        }
        match of.at(by) {
            Some(party) if party.role == Role::Party && party.state != ConnectionState::Connected => {
                Err(F::GenericStateIncompatibility)
            }
            _ => Ok(()),
        }
    }

    fn join_as(&mut self, call: CallId, by: Device, role: Role, reason: Reason) -> Result<(), Refused> {
        self.go(call, by, Trigger::Join, reason)?;
        if let Some(joined) = self.call_mut(call).and_then(|of| of.connections.iter_mut().find(|it| it.device == by)) {
            joined.role = role;
        }
        Ok(())
    }
}

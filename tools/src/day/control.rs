//! Call control between the agents of a simulated day: consultations that end in a transfer or a conference, and
//! pickups of a colleague's call.
//!
//! ```text
//! consult → the colleague lifts → both speak → transfer: the colleague talks on
//!         ↘ no answer: back to the caller       → conference: all three talk, and the colleague leaves
//! ```
//!
//! The dice are its own, so that callers and talks begin the same with and without it.
//!
//! Never: knows a call's state but from the answers to requests, and from who hears whom.

use tipring_core::csta::reply::Reply;
use tipring_core::csta::{CallId, ConnectionId, DeviceId, Request};
use tipring_core::time::Ticks;

use super::people::{Consultation, Scheduled, Stage, Talk};
use super::{Day, site};
use crate::failure::Failure;

/// Time after which an agent takes the caller back if the colleague does not answer.
const PATIENCE: Ticks = Ticks::from_secs(20);
/// Mean time for which two agents speak, or three in a conference, s.
const SPEAK_S: f64 = 15.0;
/// Time after which a telephone that rings at the next desk is noticed.
const NOTICE: Ticks = Ticks::from_ms(400);
/// From busy tone to putting the telephone down.
const STARTLED: Ticks = Ticks::from_ms(1200);
/// Time after which an end of the talk is tried again while a colleague takes part.
const LATER: Ticks = Ticks::from_secs(2);

fn connection(call: CallId, agent: u16) -> ConnectionId {
    ConnectionId { call, device: device(agent), ..ConnectionId::NONE }
}

fn device(agent: u16) -> DeviceId {
    DeviceId::new(&site::extension(agent)).unwrap_or_default()
}

impl Day {
    /// An agent who is free to help, by dice.
    fn helper(&mut self, but: u16) -> Option<u16> {
        let is_free = |agent: &u16| {
            let desk = &self.desks[usize::from(*agent)];
            *agent != but && !desk.is_lifted && !desk.is_paused && !desk.rings && desk.talk.is_none()
        };
        let free: Vec<u16> = (0..self.size.agents).filter(is_free).collect();
        (!free.is_empty()).then(|| free[self.control.of(free.len())])
    }

    /// Decides by dice about a consultation in a talk that begins.
    pub(super) fn plan_consultation(&mut self, agent: u16, number: u64, talk: Ticks) {
        if self.control.chance(self.habits.consults) {
            let after = Ticks::from_ms((talk.as_ms() as f64 * self.control.share()) as u64);
            self.agenda.set(self.now + after, Scheduled::Consult(agent, number));
        }
    }

    /// A telephone begins to ring: a colleague may pick its call up.
    pub(super) fn plan_pickup(&mut self, agent: u16) {
        if self.control.chance(self.habits.pickups)
            && let Some(colleague) = self.helper(agent)
        {
            let ringing = self.desks[usize::from(agent)].ringing;
            self.agenda.set(self.now + NOTICE, Scheduled::PickUp(colleague, agent, ringing));
        }
    }

    /// The talk of this number at a desk, with the caller's call.
    fn talk_of(&self, agent: u16, number: u64) -> Option<(Talk, CallId)> {
        let talk = self.desks[usize::from(agent)].talk.filter(|talk| talk.number == number)?;
        let caller = self.callers[usize::from(talk.trunk)].filter(|caller| caller.called_by.is_none())?;
        Some((talk, caller.call))
    }

    /// Returns true if a talk cannot end yet, since a colleague takes part; its end is set anew.
    pub(super) fn is_in_consultation(&mut self, agent: u16, number: u64) -> bool {
        let is_in = self.desks[usize::from(agent)].consults.is_some();
        if is_in {
            self.agenda.set(self.now + LATER, Scheduled::End(agent, number));
        }
        is_in
    }

    pub(super) fn consult(&mut self, agent: u16, number: u64) -> Result<(), Failure> {
        let Some((_, call)) = self.talk_of(agent, number) else { return Ok(()) };
        let Some(colleague) = self.helper(agent) else { return Ok(()) };
        let (active_call, called_device) = (connection(call, agent), device(colleague));
        // A call on hold is not consulted about.
        if let Some(Reply::ConsultationCall { new_call }) =
            self.reply(Request::ConsultationCall { active_call, called_device })?
        {
            let consultation = Consultation { colleague, active: new_call.call, stage: Stage::Calls };
            self.desks[usize::from(agent)].consults = Some(consultation);
            self.agenda.set(self.now + PATIENCE, Scheduled::Withdraw(agent, number));
        }
        Ok(())
    }

    /// Two agents hear each other.
    pub(super) fn agents_hear(&mut self, one: u16, other: u16) {
        for (agent, colleague) in [(one, other), (other, one)] {
            let desk = &mut self.desks[usize::from(agent)];
            let Some(number) = desk.talk.map(|talk| talk.number) else { continue };
            let Some(consults) = desk.consults.as_mut().filter(|it| it.colleague == colleague) else { continue };
            if consults.stage == Stage::Calls {
                consults.stage = Stage::Speaks;
                self.truth.consultations += 1;
                self.desks[usize::from(colleague)].helps = true;
                let after = self.control.length(SPEAK_S).unwrap_or(Ticks::ZERO);
                self.agenda.set(self.now + after, Scheduled::Merge(agent, number));
            }
            return;
        }
        // A third agent has picked up the consultation, and soon leaves.
        let is_pickup = [one, other].iter().any(|agent| self.desks[usize::from(*agent)].picks_up);
        self.truth.consultations += u64::from(is_pickup);
    }

    /// The colleague does not answer: back to the caller.
    pub(super) fn withdraw(&mut self, agent: u16, number: u64) -> Result<(), Failure> {
        let Some((_, call)) = self.talk_of(agent, number) else { return Ok(()) };
        let consults = self.desks[usize::from(agent)].consults.filter(|it| it.stage == Stage::Calls);
        let Some(Consultation { active, .. }) = consults else { return Ok(()) };
        self.desks[usize::from(agent)].consults = None;
        let (active_call, held_call) = (connection(active, agent), connection(call, agent));
        if self.reply(Request::ReconnectCall { active_call, held_call })?.is_none() {
            self.ask(Request::RetrieveCall { held_call })?;
        }
        Ok(())
    }

    /// The calls become one: a transfer, or a conference.
    pub(super) fn merge(&mut self, agent: u16, number: u64) -> Result<(), Failure> {
        let Some((talk, call)) = self.talk_of(agent, number) else { return Ok(()) };
        let Some(consults) = self.desks[usize::from(agent)].consults else { return Ok(()) };
        let Consultation { colleague, active, .. } = consults;
        let (held_call, active_call) = (connection(call, agent), connection(active, agent));
        let is_transfer = self.control.chance(0.5);
        let request = match is_transfer {
            true => Request::TransferCall { held_call, active_call },
            false => Request::ConferenceCall { held_call, active_call },
        };
        match self.reply(request)? {
            Some(Reply::TransferCall { new_call, .. }) => {
                self.rename(talk.trunk, new_call.call);
                if talk.is_of_queue {
                    self.truth.talk += self.now.since(talk.since).as_ms();
                    self.truth.transferred += 1;
                }
                let desk = &mut self.desks[usize::from(agent)];
                (desk.talk, desk.consults) = (None, None);
                self.agenda.set(self.now + STARTLED, Scheduled::PutDown(agent));
                self.desks[usize::from(colleague)].helps = false;
                self.talk_on(talk.trunk, colleague);
            }
            Some(Reply::ConferenceCall { new_call, .. }) => {
                self.rename(talk.trunk, new_call.call);
                self.desks[usize::from(agent)].consults = Some(Consultation { stage: Stage::Joined, ..consults });
                let after = self.control.length(SPEAK_S).unwrap_or(Ticks::ZERO);
                self.agenda.set(self.now + after, Scheduled::Leave(agent, number));
            }
            _ => self.faults.push(format!("a consultation of agent {agent} does not end at {} ms", self.now.0)),
        }
        Ok(())
    }

    /// The colleague leaves a conference.
    pub(super) fn leave(&mut self, agent: u16, number: u64) {
        if self.talk_of(agent, number).is_none() {
            return;
        }
        if let Some(Consultation { colleague, .. }) = self.desks[usize::from(agent)].consults.take() {
            self.desks[usize::from(colleague)].helps = false;
            self.put_down(colleague);
        }
    }

    /// A colleague picks up the call that rings at another desk.
    pub(super) fn pick_up(&mut self, colleague: u16, agent: u16, ringing: u64) -> Result<(), Failure> {
        let (own, other) = (&self.desks[usize::from(colleague)], &self.desks[usize::from(agent)]);
        let rings_on = other.ringing == ringing && !other.is_lifted;
        if rings_on && !own.is_lifted && !own.rings && !own.is_paused && own.talk.is_none() {
            let request =
                Request::GroupPickupCall { deflect_call: ConnectionId::NONE, pickup_device: device(colleague) };
            if self.reply(request)?.is_some() {
                self.desks[usize::from(colleague)].picks_up = true;
            }
        }
        Ok(())
    }

    /// Makes a request. Returns its answer, if it was not refused.
    fn reply(&mut self, request: Request) -> Result<Option<Reply>, Failure> {
        self.answer = None;
        self.ask(request)?;
        Ok(self.answer.take().and_then(Result::ok))
    }

    fn rename(&mut self, trunk: u16, call: CallId) {
        if let Some(caller) = &mut self.callers[usize::from(trunk)] {
            caller.call = call;
        }
    }

    /// The colleague talks on with a caller whose talk with the queue's agent is over.
    fn talk_on(&mut self, trunk: u16, agent: u16) {
        self.count += 1;
        let number = self.count;
        self.desks[usize::from(agent)].talk = Some(Talk { number, trunk, since: self.now, is_of_queue: false });
        let talk = self.control.length(self.habits.talk / 2.0).unwrap_or(Ticks::ZERO);
        self.agenda.set(self.now + talk, Scheduled::End(agent, number));
    }
}

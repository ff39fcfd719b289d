//! Supervision: a supervisor listens to a conversation, whispers to its agent, barges in, takes the call over, ends it,
//! or changes the agent's state. Each act is judged by the user's rights, and kept as an audit record, refused or not.
//!
//! A supervision that follows its station joins the next conversation there as soon as it has begun, as long as the
//! supervisor's line is off hook; it ends when the supervisor puts down.
//!
//! Never: acts without an audit record.

use super::BY_CLIENT;
use crate::agent::{AgentRequest, Doer};
use crate::core::Core;
use crate::csta::cause::{EventCause, UniversalFailure as F};
use crate::csta::private::ParticipationType;
use crate::csta::private::UserInfo;
use crate::csta::tipring::{ReleaseScope, Remark, SupervisionMode, TipringReply, TipringRequest};
use crate::csta::vendor::VendorRequest;
use crate::csta::{AgentMode, AgentState, CallId, ConnectionId, DeviceId, SessionId};
use crate::device::{Device, StationIx};
use crate::model::{ConnectionState, Reason, Role};
use crate::pending::{Prompted, Supervision};
use crate::store::{Record, SupervisionAct, SupervisionRecord};

/// The reason of the steps of a supervision.
const fn reason_of(supervision: Supervision) -> Reason {
    let cause = match supervision.mode {
        SupervisionMode::Listen | SupervisionMode::Whisper => EventCause::SilentMonitor,
        SupervisionMode::Barge => EventCause::ActiveMonitor,
    };
    Reason { cause, ..BY_CLIENT }
}

impl Core {
    /// A request of the vendor `TIPRING`: judged by the user's rights, carried out, and audited.
    pub(super) fn carry_out_tipring(
        &mut self,
        session: SessionId,
        request: &TipringRequest,
    ) -> Result<TipringReply, F> {
        let user = self.sessions.get(&session).ok_or(F::GenericSystemResourceAvailability)?;
        let (login, judged) = (user.login.clone(), user.rights.check_tipring(request));
        let entry = self.audit_entry(request, login);
        let result = judged.and_then(|()| match request {
            TipringRequest::SuperviseCall { active_call, supervisor, mode, follow, remark: _ } => {
                let (new_call, is_prompted) = self.supervise(session, active_call, supervisor, *mode, *follow)?;
                Ok(TipringReply::SuperviseCall { new_call, is_prompted })
            }
            TipringRequest::StopSupervision { supervisor } => self.stop_supervision(session, supervisor),
            TipringRequest::TakeOverCall { active_call, supervisor, remark: _ } => {
                let (new_call, is_prompted) = self.take_over(session, active_call, supervisor)?;
                Ok(TipringReply::TakeOverCall { new_call, is_prompted })
            }
            TipringRequest::ForceRelease { call, scope, remark } => {
                if remark.is_blank() {
                    return Err(F::ValueOutOfRange);
                }
                self.force_release(session, *call, *scope)
            }
            TipringRequest::ForceAgentState { device, mode, reason_code, remark: _ } => {
                self.force_agent_state(session, device, *mode, *reason_code)
            }
            TipringRequest::ParkCall { active_call, place } => {
                let parked_call = self.park_call(session, active_call, place)?;
                Ok(TipringReply::ParkCall { parked_call })
            }
            TipringRequest::AnnotateCall { active_call, notes } => self.annotate(session, active_call, notes),
            TipringRequest::QueryReasons { from } => Ok(self.query_reasons(*from)),
            TipringRequest::StartRecording { active_call } => self.start_recording(session, active_call),
            TipringRequest::StopRecording { active_call } => self.stop_recording(session, active_call),
            TipringRequest::PauseRecording { active_call } => self.pause_recording(session, active_call),
            TipringRequest::ResumeRecording { active_call } => self.resume_recording(session, active_call),
            TipringRequest::BookmarkRecording { active_call, text } => {
                self.bookmark_recording(session, active_call, text)
            }
            TipringRequest::QueryRecording { active_call } => self.query_recording(session, active_call),
        });
        if let Some(entry) = entry {
            self.persist(Record::Supervision(Box::new(SupervisionRecord {
                failure: result.as_ref().err().copied(),
                ..entry
            })));
        }
        result
    }

    /// The audit record of a request, as far as it is known before the request is carried out.
    fn audit_entry(&self, request: &TipringRequest, user: String) -> Option<SupervisionRecord> {
        let nothing = (DeviceId::EMPTY, CallId(0), Remark::default());
        let (act, station, (supervisor, call, remark)) = match request {
            TipringRequest::SuperviseCall { active_call, supervisor, mode, remark, .. } => {
                let act = match mode {
                    SupervisionMode::Listen => SupervisionAct::Listen,
                    SupervisionMode::Whisper => SupervisionAct::Whisper,
                    SupervisionMode::Barge => SupervisionAct::Barge,
                };
                (act, active_call.device, (*supervisor, active_call.call, remark.trimmed()))
            }
            TipringRequest::TakeOverCall { active_call, supervisor, remark } => {
                (SupervisionAct::TakeOver, active_call.device, (*supervisor, active_call.call, remark.trimmed()))
            }
            TipringRequest::ForceRelease { call, remark, .. } => {
                (SupervisionAct::Release, call.device, (nothing.0, call.call, remark.trimmed()))
            }
            TipringRequest::ForceAgentState { device, mode, remark, .. } => {
                let act = match mode {
                    AgentMode::LogOut => SupervisionAct::LogOut,
                    AgentMode::Ready => SupervisionAct::Ready,
                    AgentMode::WorkNotReady => SupervisionAct::AfterCallWork,
                    _ => SupervisionAct::NotReady,
                };
                (act, *device, (nothing.0, nothing.1, remark.trimmed()))
            }
            TipringRequest::StopSupervision { .. }
            | TipringRequest::ParkCall { .. }
            | TipringRequest::AnnotateCall { .. }
            | TipringRequest::QueryReasons { .. }
            | TipringRequest::StartRecording { .. }
            | TipringRequest::StopRecording { .. }
            | TipringRequest::PauseRecording { .. }
            | TipringRequest::ResumeRecording { .. }
            | TipringRequest::BookmarkRecording { .. }
            | TipringRequest::QueryRecording { .. } => return None,
        };
        let at = self.devices.find(&station).and_then(Device::station);
        let agent = at.and_then(|at| self.devices.station(at).agent).map(|agent| self.roster.get(agent).id);
        Some(SupervisionRecord {
            at: self.now,
            user,
            act,
            supervisor,
            station,
            agent,
            call,
            remark: remark.0,
            failure: None,
        })
    }

    /// Keeps the audit record of a silent party that came by Single Step Conference.
    pub(super) fn audit_silent(&mut self, session: SessionId, request: &VendorRequest, failure: Option<F>) {
        let VendorRequest::SingleStepConferenceCall {
            active_call,
            device_to_be_join: supervisor,
            participation: ParticipationType::Silent,
            ..
        } = request
        else {
            return;
        };
        let user = self.sessions.get(&session).map(|user| user.login.clone()).unwrap_or_default();
        // A connection without a station stands for the call: the station that was chosen is known by now.
        let by = self.devices.find(supervisor).and_then(Device::station);
        let chosen = by.and_then(|by| self.supervisions.get(&by)).map(|it| self.devices.station(it.station).id);
        let active_call = match chosen.filter(|_| failure.is_none()) {
            Some(device) => ConnectionId { device, ..*active_call },
            None => *active_call,
        };
        let as_listen = TipringRequest::SuperviseCall {
            active_call,
            supervisor: *supervisor,
            mode: SupervisionMode::Listen,
            follow: false,
            remark: Remark::default(),
        };
        if let Some(entry) = self.audit_entry(&as_listen, user) {
            self.persist(Record::Supervision(Box::new(SupervisionRecord { failure, ..entry })));
        }
    }

    /// Listening, whispering, barging in. Returns the supervisor's connection, and whether a handset rings first.
    fn supervise(
        &mut self,
        session: SessionId,
        active: &ConnectionId,
        supervisor: &DeviceId,
        mode: SupervisionMode,
        follow: bool,
    ) -> Result<(ConnectionId, bool), F> {
        let (call, station) = self.station_of(session, active)?;
        let by = self.permitted(session, supervisor)?.station().ok_or(F::InvalidObjectType)?;
        if self.model.call(call).and_then(|of| of.at(Device::Station(station))).is_none_or(|it| it.role != Role::Party)
        {
            return Err(F::InvalidObjectState);
        }
        if by == station {
            return Err(F::InvalidCalledDevice);
        }
        let supervision = Supervision { station, mode, follow };
        let is_prompted = self.join_or_ring(call, by, supervision)?;
        Ok((self.connection_of(call, by), is_prompted))
    }

    /// A station joins a conversation in a role, at once or when its handset is lifted.
    pub(super) fn join_or_ring(&mut self, call: CallId, by: StationIx, supervision: Supervision) -> Result<bool, F> {
        let device = Device::Station(by);
        self.model.can_observe(call, supervision.role())?;
        let observes = self.model.call(call).and_then(|of| of.at(device)).map(|it| it.role);
        match observes {
            Some(Role::Party) if !self.supervisions.contains_key(&by) => return Err(F::GenericStateIncompatibility),
            Some(_) => {}
            None if self.take_line(by)? => {
                let watched = self.devices.station(supervision.station).id;
                self.prompt(by, watched, Prompted::Supervise(call, supervision))?;
                return Ok(true);
            }
            None => {}
        }
        self.join(call, by, supervision)?;
        Ok(false)
    }

    /// Joins now.
    pub(super) fn join(&mut self, call: CallId, by: StationIx, supervision: Supervision) -> Result<(), F> {
        let (device, role, reason) = (Device::Station(by), supervision.role(), reason_of(supervision));
        match self.model.call(call).and_then(|of| of.at(device)).map(|it| it.role) {
            // The part is the one taken already.
            Some(known) if known == role => {}
            Some(_) => self.model.change_role(call, device, role, reason)?,
            None => self.model.observe(call, device, role, reason)?,
        }
        self.supervisions.insert(by, supervision);
        self.commit();
        Ok(())
    }

    fn stop_supervision(&mut self, session: SessionId, supervisor: &DeviceId) -> Result<TipringReply, F> {
        let by = self.permitted(session, supervisor)?.station().ok_or(F::InvalidObjectType)?;
        let known = self.supervisions.remove(&by).is_some();
        let device = Device::Station(by);
        let observed = self.model.active(device).filter(|&call| known || self.observes(call, device));
        if let Some(call) = observed {
            self.model.clear(call, device, BY_CLIENT)?;
        }
        if known || observed.is_some() { Ok(TipringReply::StopSupervision) } else { Err(F::NoActiveCall) }
    }

    pub(super) fn observes(&self, call: CallId, device: Device) -> bool {
        self.model.call(call).and_then(|of| of.at(device)).is_some_and(|it| it.role != Role::Party)
    }

    /// Take over: the supervisor has the call, and the station leaves.
    fn take_over(
        &mut self,
        session: SessionId,
        active: &ConnectionId,
        supervisor: &DeviceId,
    ) -> Result<(ConnectionId, bool), F> {
        let (call, from) = self.station_of(session, active)?;
        let by = self.permitted(session, supervisor)?.station().ok_or(F::InvalidObjectType)?;
        let (from, device) = (Device::Station(from), Device::Station(by));
        self.model.can_take_over(call, from, device)?;
        let connection = self.connection_of(call, by);
        if self.model.call(call).is_none_or(|of| of.at(device).is_none()) && self.take_line(by)? {
            self.prompt(by, active.device, Prompted::TakeOver(call, from))?;
            return Ok((connection, true));
        }
        self.take_over_now(call, from, by)?;
        Ok((connection, false))
    }

    pub(super) fn take_over_now(&mut self, call: CallId, from: Device, by: StationIx) -> Result<(), F> {
        let reason = Reason { cause: EventCause::Transfer, ..BY_CLIENT };
        self.model.take_over(call, from, Device::Station(by), reason)?;
        self.supervisions.remove(&by);
        self.commit();
        Ok(())
    }

    /// Forced release: one connection or the whole call.
    fn force_release(
        &mut self,
        session: SessionId,
        call: ConnectionId,
        scope: ReleaseScope,
    ) -> Result<TipringReply, F> {
        self.station_of(session, &call)?;
        match scope {
            ReleaseScope::Connection => self.clear_connection(session, call, UserInfo::default())?,
            ReleaseScope::Call => self.clear_call(session, call)?,
        };
        Ok(TipringReply::ForceRelease)
    }

    /// Forced state of the agent at a station; during a call it is pending until the call has ended.
    fn force_agent_state(
        &mut self,
        session: SessionId,
        device: &DeviceId,
        mode: AgentMode,
        reason_code: u8,
    ) -> Result<TipringReply, F> {
        let station = self.permitted(session, device)?.station().ok_or(F::InvalidObjectType)?;
        let agent = self.devices.station(station).agent.ok_or(F::InvalidObjectState)?;
        let request = match mode {
            AgentMode::NotReady => AgentRequest::NotReady(crate::acd::ids::Reason(reason_code)),
            AgentMode::Ready => AgentRequest::Ready,
            AgentMode::WorkNotReady => AgentRequest::AfterCallWork(self.own_work(agent)),
            AgentMode::LogOut => AgentRequest::LogOff(crate::acd::ids::Reason(reason_code)),
            AgentMode::LogIn | AgentMode::WorkReady => return Err(F::InvalidFeature),
        };
        self.ask_agent(agent, request, Doer::Supervisor, DeviceId::EMPTY).map_err(|_| F::InvalidObjectState)?;
        let state = match self.devices.station(station).agent {
            Some(agent) => self.roster.get(agent).agent.csta_state(),
            None => AgentState::Null,
        };
        Ok(TipringReply::ForceAgentState { state })
    }

    /// Supervisions that follow their stations join conversations that have begun; those whose supervisor has put down,
    /// or whose conversation is over, end.
    pub(super) fn follow_stations(&mut self) {
        let known: Vec<(StationIx, Supervision)> = self.supervisions.iter().map(|(&by, &it)| (by, it)).collect();
        for (by, supervision) in known {
            let device = Device::Station(by);
            if self.model.active(device).is_some() {
                continue;
            }
            if !supervision.follow || !self.is_off_hook(by) {
                self.supervisions.remove(&by);
                continue;
            }
            let station = Device::Station(supervision.station);
            let talk = self.model.active(station).filter(|&call| {
                self.model.state(call, station) == Some(ConnectionState::Connected) && !self.observes(call, station)
            });
            // One who has barged in once listens to the next conversation.
            let mode =
                if supervision.mode == SupervisionMode::Barge { SupervisionMode::Listen } else { supervision.mode };
            let next = Supervision { mode, ..supervision };
            if let Some(call) = talk.filter(|&call| self.model.can_observe(call, next.role()).is_ok())
                && self.model.observe(call, device, next.role(), reason_of(next)).is_ok()
            {
                self.supervisions.insert(by, next);
            }
        }
    }
}

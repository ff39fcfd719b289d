//! Recording on demand: begun, ended, paused, resumed and marked by a client.
//!
//! A pause is for card data: the recording goes on with silence of the same length, so that what is said is in no file
//! and what is said afterwards stands at its true place. It ends with the recording, and at the latest when a limit is
//! reached, with an alarm: a recording that is silently off is a fault. Pauses for digits that a flow masks are those
//! of `masked_digits`.
//!
//! | order | asked for | then |
//! |---|---|---|
//! | any | start, while none runs | recorded on demand, to the end of the call |
//! | any | stop | not recorded any more; one of the rules is ended by those who may supervise the station |
//!
//! Never: chooses a call to be recorded; that is `record`, by the rules and this order.

use std::sync::Arc;

use tipring_driver::ids::RecordingId;
use tipring_driver::time::{Tick, Ticks};

use crate::call::{Pause, RecordOrder, Recorder};
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::UniversalFailure as F;
use crate::csta::event::RecordingState;
use crate::csta::rights::ServiceGroup;
use crate::csta::tipring::{RecordingPosition, Remark, TipringReply};
use crate::csta::{CallId, ConnectionId, DeviceId, SessionId};
use crate::device::Device;
use crate::store::{MarkEndRecord, MarkKind, MarkRecord, PauseEnd, Record};
use crate::timers::Timer;

/// The user who asks, and the station at whose call.
struct Asker {
    user: String,
    station: DeviceId,
}

impl Core {
    /// Start Recording. The rules do not matter; the disk does.
    pub(super) fn start_recording(&mut self, session: SessionId, active: &ConnectionId) -> Result<TipringReply, F> {
        let (call, asker) = self.conversation(session, active)?;
        if self.record.is_none() {
            return Err(F::InvalidFeature);
        }
        if !self.has_recording_room {
            return Err(F::GenericSystemResourceAvailability);
        }
        let detail = self.details.get_mut(&call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        if detail.recorder.is_some() {
            return Err(F::InvalidObjectState);
        }
        let before = (detail.record_order, detail.lost);
        (detail.record_order, detail.lost) = (RecordOrder::Start, None);
        self.settle_recorder(call);
        if self.recorder(call).is_none() {
            // No line takes part that could be recorded.
            if let Some(detail) = self.details.get_mut(&call) {
                (detail.record_order, detail.lost) = before;
            }
            return Err(F::InvalidObjectState);
        }
        self.mark(call, MarkKind::Start, &asker, "")?;
        self.emit_recording(call);
        Ok(TipringReply::StartRecording { recording: self.position(call)? })
    }

    /// Stop Recording.
    pub(super) fn stop_recording(&mut self, session: SessionId, active: &ConnectionId) -> Result<TipringReply, F> {
        let (call, asker) = self.conversation(session, active)?;
        let recording = self.position(call)?;
        let detail = self.details.get(&call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        let may_supervise = || {
            let rights = self.sessions.get(&session).map(|user| &user.rights);
            rights.is_some_and(|rights| rights.permits(ServiceGroup::Supervise, &active.device))
        };
        if detail.record_order != RecordOrder::Start && !may_supervise() {
            return Err(F::PrivilegeViolationOnSpecifiedDevice);
        }
        self.mark(call, MarkKind::Stop, &asker, "")?;
        if let Some(detail) = self.details.get_mut(&call) {
            detail.record_order = RecordOrder::Stop;
        }
        self.settle_recorder(call);
        self.emit_recording(call);
        Ok(TipringReply::StopRecording { recording })
    }

    /// Pause Recording.
    pub(super) fn pause_recording(&mut self, session: SessionId, active: &ConnectionId) -> Result<TipringReply, F> {
        let (call, asker) = self.conversation(session, active)?;
        if self.recorder(call).is_none_or(|recorder| recorder.pause.is_some()) {
            return Err(F::InvalidObjectState);
        }
        self.begin_pause(call, &asker)?;
        self.emit_recording(call);
        Ok(TipringReply::PauseRecording { recording: self.position(call)? })
    }

    /// Resume Recording.
    pub(super) fn resume_recording(&mut self, session: SessionId, active: &ConnectionId) -> Result<TipringReply, F> {
        let (call, _) = self.conversation(session, active)?;
        let pause = self.recorder(call).and_then(|recorder| recorder.pause);
        if pause.is_none_or(|pause| pause.for_masked_digits) {
            return Err(F::InvalidObjectState);
        }
        self.end_pause(call, PauseEnd::Resumed);
        self.settle_masked_digits(call);
        self.emit_recording(call);
        Ok(TipringReply::ResumeRecording { recording: self.position(call)? })
    }

    /// Bookmark Recording. A bookmark in a pause marks a moment of silence.
    pub(super) fn bookmark_recording(
        &mut self,
        session: SessionId,
        active: &ConnectionId,
        text: &Remark,
    ) -> Result<TipringReply, F> {
        let (call, asker) = self.conversation(session, active)?;
        self.mark(call, MarkKind::Bookmark, &asker, &text.trimmed().0)?;
        self.emit_recording(call);
        Ok(TipringReply::BookmarkRecording { recording: self.position(call)? })
    }

    /// Query Recording.
    pub(super) fn query_recording(&self, session: SessionId, active: &ConnectionId) -> Result<TipringReply, F> {
        let (call, _) = self.conversation(session, active)?;
        Ok(TipringReply::QueryRecording { state: self.recording_state(call), recording: self.position(call).ok() })
    }

    /// The conversation of a station, with those who ask.
    fn conversation(&self, session: SessionId, active: &ConnectionId) -> Result<(CallId, Asker), F> {
        let (call, station) = self.station_of(session, active)?;
        let detail = self.details.get(&call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        if detail.log.established.is_none() || self.observes(call, Device::Station(station)) {
            return Err(F::InvalidObjectState);
        }
        let user = self.sessions.get(&session).map(|user| user.login.clone()).unwrap_or_default();
        Ok((call, Asker { user, station: active.device }))
    }

    pub(super) fn recorder(&self, call: CallId) -> Option<&Recorder> {
        self.details.get(&call)?.recorder.as_ref()
    }

    /// The recording of a call, and how far it has come.
    fn position(&self, call: CallId) -> Result<RecordingPosition, F> {
        let recording = self.recorder(call).ok_or(F::InvalidObjectState)?.recording;
        let began = self.recordings.get(&recording).map_or(self.now, |open| open.began);
        Ok(RecordingPosition { id: recording.0.to_string(), position_ms: self.now.since(began).as_ms() })
    }

    fn recording_state(&self, call: CallId) -> RecordingState {
        match self.recorder(call) {
            None => RecordingState::Off,
            Some(Recorder { pause: Some(_), .. }) => RecordingState::Paused,
            Some(_) => RecordingState::On,
        }
    }

    /// Keeps a mark at this moment. Returns its number.
    fn mark(&mut self, call: CallId, kind: MarkKind, asker: &Asker, text: &str) -> Result<u16, F> {
        let detail = self.details.get_mut(&call).ok_or(F::InvalidCstaConnectionIdentifier)?;
        let recorder = detail.recorder.as_mut().ok_or(F::InvalidObjectState)?;
        let (recording, number) = (recorder.recording, recorder.next_mark());
        let (user, station, at) = (asker.user.clone(), asker.station, self.now);
        let record = MarkRecord { recording, number, kind, at, user, station, text: text.to_owned() };
        self.persist(Record::Mark(Box::new(record)));
        Ok(number)
    }

    fn begin_pause(&mut self, call: CallId, asker: &Asker) -> Result<(), F> {
        let limit = Some(self.now + self.record_rules.pause_limit);
        let mark = self.mark(call, MarkKind::Pause, asker, "")?;
        self.set_pause(call, Pause { mark, limit, for_masked_digits: false });
        Ok(())
    }

    /// Begins a pause that the system makes, up to a limit, if there is one.
    pub(super) fn begin_pause_by_system(&mut self, call: CallId, limit: Option<Tick>, for_masked_digits: bool) {
        let asker = Asker { user: String::new(), station: DeviceId::EMPTY };
        if let Ok(mark) = self.mark(call, MarkKind::Pause, &asker, "") {
            self.set_pause(call, Pause { mark, limit, for_masked_digits });
        }
    }

    /// A recorder pauses, or its pause has another limit.
    pub(super) fn set_pause(&mut self, call: CallId, pause: Pause) {
        let Some(recorder) = self.details.get_mut(&call).and_then(|detail| detail.recorder.as_mut()) else { return };
        if recorder.pause.replace(pause).is_none() {
            self.sound.pause(recorder.task, true, &mut self.actions);
        }
        let timer = Timer::RecordingPause(recorder.recording);
        match pause.limit {
            Some(limit) => self.timers.set(timer, limit),
            None => self.timers.stop(timer),
        }
    }

    /// Ends the pause of a call. Returns false if there is none.
    pub(super) fn end_pause(&mut self, call: CallId, by: PauseEnd) -> bool {
        let Some(recorder) = self.details.get_mut(&call).and_then(|detail| detail.recorder.as_mut()) else {
            return false;
        };
        let (task, ended) = (recorder.task, *recorder);
        if recorder.pause.take().is_none() {
            return false;
        }
        self.sound.pause(task, false, &mut self.actions);
        self.close_pause(&ended, by);
        true
    }

    /// Keeps the end of a pause of a recorder, if there is one.
    pub(super) fn close_pause(&mut self, recorder: &Recorder, by: PauseEnd) {
        let Some(pause) = recorder.pause else { return };
        self.timers.stop(Timer::RecordingPause(recorder.recording));
        let end = MarkEndRecord { recording: recorder.recording, number: pause.mark, at: self.now, by };
        self.persist(Record::MarkEnd(end));
    }

    /// The line of a paused recording has left and another one is recorded: the pause goes on there, up to its limit.
    pub(super) fn carry_pause(&mut self, call: CallId, pause: Pause) {
        if pause.limit.is_none_or(|limit| limit > self.now) {
            self.begin_pause_by_system(call, pause.limit, pause.for_masked_digits);
        }
    }

    /// A pause has reached its limit.
    pub(crate) fn on_pause_limit(&mut self, recording: RecordingId) {
        let is_of = |recorder: &Recorder| recorder.recording == recording;
        let of = self.details.values().find(|detail| detail.recorder.as_ref().is_some_and(is_of));
        let Some((call, pause)) = of.and_then(|detail| Some((detail.id, detail.recorder?.pause?))) else { return };
        if pause.for_masked_digits {
            self.end_pause(call, PauseEnd::Resumed);
        } else {
            let limit: Ticks = self.record_rules.pause_limit;
            self.end_pause(call, PauseEnd::Limit);
            self.actions.push_back(Action::Trouble(Trouble::PauseTooLong { call, limit }));
            self.settle_masked_digits(call);
        }
        self.emit_recording(call);
    }

    /// Reports the state of a call's recording to those who monitor it.
    pub(super) fn emit_recording(&mut self, call: CallId) {
        self.update_recording(call);
        let stations = |party: &&crate::call::Party| party.device.station().is_some() && !party.is_observer;
        let of = self.details.get(&call).and_then(|detail| detail.parties.iter().find(stations));
        if let Some(device) = of.map(|party| party.device) {
            self.emit_call_information(call, device);
        }
    }

    /// Sets the state of the recording in the data of a call.
    pub(super) fn update_recording(&mut self, call: CallId) {
        let state = self.recording_state(call);
        if let Some(detail) = self.details.get_mut(&call)
            && detail.data.recording.unwrap_or_default() != state
        {
            Arc::make_mut(&mut detail.data).recording = Some(state);
        }
    }
}

#[cfg(test)]
impl Core {
    /// Each pause with a limit has its timer, and nothing but a pause; no masked digit is recorded.
    pub(super) fn check_pauses(&self) {
        for (detail, recorder) in self.details.values().filter_map(|detail| Some((detail, detail.recorder.as_ref()?))) {
            let is_timed = self.timers.is_set(Timer::RecordingPause(recorder.recording));
            assert_eq!(recorder.pause.is_some_and(|pause| pause.limit.is_some()), is_timed, "{recorder:?}");
            assert!(recorder.pause.is_some() || !self.masks_digits(detail), "{recorder:?}");
        }
    }
}

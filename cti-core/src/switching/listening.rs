//! Listening (silent monitor) without a telephone, as in a browser: the sound of a conversation at a station.
//!
//! A listening tap is a recorder whose sound goes to the listener in place of a file: on the left the station's own
//! voice, on the right all that it hears. It ends with the conversation there, so that no sound beside a call is heard,
//! and when its listener goes. Each is judged by the listener's rights before it comes here, and kept as an audit
//! record of listening.
//!
//! Never: takes sound between two calls.

use tipring_driver::dsp::enhance::Enhancement;
use tipring_driver::ids::RecordingId;
use tipring_driver::media::{RecordingKind, Track};

use crate::core::Core;
use crate::csta::cause::UniversalFailure as F;
use crate::csta::{CallId, DeviceId};
use crate::device::Device;
use crate::input::Input;
use crate::limits::TAPS_MAX;
use crate::model::ConnectionState;
use crate::pending::Tap;
use crate::store::{Record, SupervisionAct, SupervisionRecord};

impl Core {
    /// Begins a tap at a station for a user who may supervise there. The sound goes where the engine's library resolves
    /// `tap` to. Returns the call.
    ///
    /// # Errors
    /// There is no such station, no conversation there, or [`TAPS_MAX`] taps stand already.
    pub fn handle_tap(&mut self, tap: RecordingId, user: &str, station: &DeviceId) -> Result<CallId, F> {
        self.begin_entry(|| Input::Tap { tap, user: user.to_owned(), station: *station });
        let begun = self.begin_tap(tap, station);
        let at = self.devices.find(station).and_then(Device::station);
        let agent = at.and_then(|at| self.devices.station(at).agent).map(|agent| self.roster.get(agent).id);
        self.persist(Record::Supervision(Box::new(SupervisionRecord {
            at: self.now,
            user: user.to_owned(),
            act: SupervisionAct::Listen,
            supervisor: DeviceId::EMPTY,
            station: *station,
            agent,
            call: begun.unwrap_or(CallId(0)),
            remark: String::new(),
            failure: begun.err(),
        })));
        self.commit();
        begun
    }

    fn begin_tap(&mut self, tap: RecordingId, station: &DeviceId) -> Result<CallId, F> {
        let device = self.devices.find(station).filter(|device| device.station().is_some());
        let device = device.ok_or(F::InvalidCstaDeviceIdentifier)?;
        let call = self.talks_at(device).ok_or(F::NoActiveCall)?;
        let channel = self.devices.channel(device).ok_or(F::InvalidCstaDeviceIdentifier)?;
        if self.taps.len() >= TAPS_MAX {
            return Err(F::GenericSubscribedResourceAvailability);
        }
        let tracks = (Track::Received(channel), Track::Sent(channel));
        let kind = RecordingKind::Listening(Enhancement::NONE);
        let task = self.sound.record(tracks, (tap, kind, None), &mut self.actions);
        self.taps.insert(tap, Tap { task, station: device });
        Ok(call)
    }

    /// The listener of a tap has gone. One that has ended by itself is left alone.
    pub fn handle_tap_ended(&mut self, tap: RecordingId) {
        self.begin_entry(|| Input::TapEnded(tap));
        if let Some(Tap { task, .. }) = self.taps.remove(&tap) {
            self.sound.stop(task, &mut self.actions);
        }
    }

    /// The call that talks at a device.
    fn talks_at(&self, device: Device) -> Option<CallId> {
        let call = self.model.active(device)?;
        let state = self.model.call(call)?.at(device)?.state;
        (state == ConnectionState::Connected).then_some(call)
    }

    /// Ends the taps of stations at which no call talks any more.
    pub(super) fn settle_taps(&mut self) {
        let is_over = |(&tap, at): (&RecordingId, &Tap)| self.talks_at(at.station).is_none().then_some((tap, at.task));
        let over: Vec<_> = self.taps.iter().filter_map(is_over).collect();
        for (tap, task) in over {
            self.taps.remove(&tap);
            self.sound.stop(task, &mut self.actions);
        }
    }

    /// The sound of a tap has come to its end by itself.
    pub(super) fn on_tap_ended(&mut self, tap: RecordingId) {
        self.taps.remove(&tap);
    }
}

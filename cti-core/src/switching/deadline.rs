//! Deadlines of connections: each state that is not stable ends by a timer, whose length follows from call and
//! device.
//!
//! Never: says what a deadline does; that is in `release`.

use tipring_driver::time::Tick;

use super::step::Step;
use crate::config::StationKind;
use crate::core::Core;
use crate::csta::CallId;
use crate::device::Device;
use crate::limits::PROMPT_MAX;
use crate::model::{ConnectionState, Deadline};
use crate::timers::Timer;

impl Core {
    /// The deadline of the state: set and removed with it.
    pub(super) fn apply_to_deadline(&mut self, step: Step) {
        let timer = Timer::Connection(step.call, step.device);
        let to = step.row.to.map(|to| (to, step.row.deadline));
        match to.and_then(|state| self.deadline(step.call, step.device, state)) {
            Some(at) => self.timers.set(timer, at),
            None => self.timers.stop(timer),
        }
    }

    /// The end by time of a state with this deadline; none if it is stable, or if its time runs elsewhere.
    pub(super) fn deadline(
        &self,
        call: CallId,
        device: Device,
        (state, deadline): (ConnectionState, Deadline),
    ) -> Option<Tick> {
        let detail = self.details.get(&call)?;
        let length = match (deadline, device) {
            (Deadline::None, _) => return None,
            (Deadline::Identity, _) => self.times.caller_identity,
            // The lease of the offer runs on the floor; a headset has its zip tone.
            (Deadline::Digits, _) if detail.is_attempt() => match detail.answering {
                Some(_) => self.times.zip,
                None => return None,
            },
            (Deadline::Digits, _) if detail.dialling.is_some_and(|dialling| dialling.is_prompted) => {
                self.times.prompting
            }
            (Deadline::Digits, _) => self.times.first_digit,
            // The lease of the offer runs on the floor.
            (Deadline::NoAnswer, Device::Station(station)) if detail.answering == Some(station) => self.times.zip,
            (Deadline::NoAnswer, Device::Station(station)) if self.offer_at(call, station).is_some() => return None,
            (Deadline::NoAnswer, Device::Station(_)) => self.times.no_answer,
            (Deadline::NoAnswer, _) => match &detail.script {
                Some(script) => return Some(script.until),
                None => PROMPT_MAX,
            },
            (Deadline::HoldRecall, _) => self.times.hold_recall,
            (Deadline::QueueTime, Device::Station(_)) => self.times.camp_on,
            (Deadline::QueueTime, _) => {
                let entered = detail.log.queued.unwrap_or(self.now);
                let longest = match device {
                    Device::Queue(queue) => self.queues[usize::from(queue.0)].longest_wait,
                    _ => self.times.queue_stay,
                };
                return Some(self.now.max(entered + longest));
            }
            (Deadline::ParkRecall, _) => self.times.park_recall,
            (Deadline::Tone, _) if detail.speech.now().is_some() => PROMPT_MAX,
            (Deadline::Tone, Device::Station(station)) => match self.devices.station(station).kind {
                StationKind::Handset => self.times.busy_tone,
                StationKind::Headset => self.times.headset_busy_tone,
            },
            (Deadline::Tone, _) => self.times.headset_busy_tone,
            (Deadline::FarEnd, _) if state == ConnectionState::Initiated => self.times.seizure,
            (Deadline::FarEnd, _) => match detail.log.queue.filter(|_| detail.is_attempt()) {
                Some(queue) => self.floor.rules(queue).call_back.clone().unwrap_or_default().ring,
                None => self.times.far_end_answer,
            },
        };
        Some(self.now + length)
    }
}

//! The sound that each channel is to have, computed from the table for the calls that have changed.
//!
//! | the device's connection is | it hears |
//! |---|---|
//! | initiated | dial tone until the first digit |
//! | alerting, a headset that has been asked to answer | zip tone |
//! | connected | the other connected parties, by their roles |
//! | connected, with no other | prompt, queue, ringback or hold, by what the call waits for |
//! | failed | the tone of the failure |
//! | held, queued, alerting, or none | nothing |
//!
//! Never: takes a step of the model.

use tipring_driver::ids::{ChannelId, TaskId};
use tipring_driver::media::ToneKind;

use crate::call::{Detail, Doing, Message};
use crate::config::QueueSound;
use crate::core::Core;
use crate::device::{Device, StationIx};
use crate::flow::walk::Input;
use crate::model::{Call, ConnectionState};
use crate::sound::{Talkers, Want};
use crate::timers::Timer;

/// The prompt of an announcement.
fn said(detail: &Detail) -> Option<Want> {
    detail.speech.now().map(|(prompt, count)| Want::Prompt { prompt, repeat: false, count })
}

impl Core {
    /// Gives the channels of all calls that have changed the sound they are to have, and starts and stops recorders.
    pub(super) fn settle_sound(&mut self) {
        let mut calls = core::mem::take(&mut self.touched_calls);
        calls.as_slice().iter().for_each(|&call| self.settle_agent_greeting(call));
        let mut devices = core::mem::take(&mut self.touched);
        for call in calls.as_slice().iter().filter_map(|&call| self.model.call(call)) {
            devices.extend(call.connections.iter().map(|connection| connection.device));
        }
        let wants = devices.as_slice().iter().filter_map(|&device| {
            let (channel, want) = (self.devices.channel(device)?, self.want(device));
            (!self.sound.is_heard(channel, &want)).then_some((channel, want))
        });
        let wants: Vec<(ChannelId, Want)> = wants.collect();
        self.sound.set(&wants, &mut self.actions);
        for &call in calls.as_slice() {
            self.settle_recorder(call);
            self.persist_open(call);
        }
        self.settle_taps();
        if self.touched.is_empty() && self.touched_calls.is_empty() {
            calls.clear();
            devices.clear();
            (self.touched_calls, self.touched) = (calls, devices);
        }
    }

    /// A call's sound may have changed without a step: a digit, a flow, a lost prompt.
    pub(super) fn touch(&mut self, call: crate::csta::CallId) {
        self.touched_calls.insert(call);
    }

    fn want(&self, device: Device) -> Want {
        if let Device::Station(station) = device
            && self.is_answering(station)
        {
            return Want::Tone(ToneKind::Zip);
        }
        let Some(id) = self.model.active(device) else { return Want::Silence };
        let (Some(call), Some(detail)) = (self.model.call(id), self.details.get(&id)) else { return Want::Silence };
        match call.at(device).map(|connection| connection.state) {
            Some(ConnectionState::Initiated) => match (device, detail.dialling) {
                (Device::Station(_), _) if detail.keyed_out.is_some() => {
                    detail.keyed_out.and_then(|keyed| keyed.tone).map_or(Want::Silence, Want::Tone)
                }
                (Device::Station(_), Some(dialling)) if !dialling.is_prompted && dialling.number.is_empty() => {
                    Want::Tone(ToneKind::Dial)
                }
                _ => Want::Silence,
            },
            Some(ConnectionState::Failed) => said(detail).unwrap_or(Want::Tone(detail.tone)),
            Some(ConnectionState::Connected) => {
                if let Some(greeting) = detail.agent_greeting
                    && (greeting.caller == device
                        || greeting.is_heard_by_both && device == Device::Station(greeting.station))
                    && let Some(greeting) = said(detail)
                {
                    return greeting;
                }
                let others = call.connections.iter().map(|other| other.device);
                let talkers: Talkers = others
                    .filter(|&other| call.hears(device, other))
                    .filter_map(|other| self.devices.channel(other))
                    .collect();
                if talkers.is_empty() { self.waiting_sound(call, detail) } else { Want::Talk(talkers) }
            }
            Some(ConnectionState::Alerting | ConnectionState::Held | ConnectionState::Queued) | None => Want::Silence,
        }
    }

    /// Sound of a party without another connected party: prompt, queue, ringback, hold.
    fn waiting_sound(&self, call: &Call, detail: &Detail) -> Want {
        let any = |state, is: &dyn Fn(Device) -> bool| {
            call.connections.iter().any(|other| other.state == state && is(other.device))
        };
        let music = |name: &String| match self.prompt_of(detail, name) {
            Some(prompt) if !detail.is_music_lost => Want::Prompt { prompt, repeat: true, count: 0 },
            _ => Want::Tone(ToneKind::Ringback),
        };
        if any(ConnectionState::Alerting, &|device| matches!(device, Device::Number(_))) {
            return match detail.script.as_ref().and_then(|script| script.plays()) {
                Some((prompt, count)) => Want::Prompt { prompt, repeat: false, count },
                None if detail.script.as_ref().is_some_and(|it| it.doing == Doing::Message(Message::Tone)) => {
                    Want::Tone(ToneKind::Zip)
                }
                None => Want::Silence,
            };
        }
        // An announcement goes on while the call is offered: the answer ends it.
        if let Some(announcement) = said(detail).filter(|_| detail.place.is_some() || detail.call_back.is_some()) {
            return announcement;
        }
        if any(ConnectionState::Alerting, &|device| device.station().is_some()) {
            return Want::Tone(ToneKind::Ringback);
        }
        let queue = call.connections.iter().find_map(|other| match other.device {
            Device::Queue(queue) => Some(queue),
            _ => None,
        });
        if let Some(queue) = queue {
            return match &self.queues[usize::from(queue.0)].sound {
                QueueSound::Ringback => Want::Tone(ToneKind::Ringback),
                QueueSound::Prompt(name) => music(name),
            };
        }
        if any(ConnectionState::Queued, &|device| device.station().is_some()) {
            return Want::Tone(ToneKind::Ringback);
        }
        if any(ConnectionState::Held, &|_| true) || any(ConnectionState::Queued, &|_| true) {
            return self.hold_music.as_ref().map_or(Want::Silence, music);
        }
        Want::Silence
    }

    /// Returns true if a headset is to answer and hears its zip tone.
    pub(super) fn is_answering(&self, station: StationIx) -> bool {
        let calls = self.model.appearances(Device::Station(station)).map_or(&[][..], |it| it.calls());
        calls.iter().any(|call| self.details.get(call).is_some_and(|detail| detail.answering == Some(station)))
    }

    /// A player has ended, by itself or because it was stopped.
    pub(crate) fn on_play_ended(&mut self, task: TaskId) {
        let Some(channel) = self.sound.ended(task) else { return };
        let device = self.devices.line(channel).map(|line| line.device);
        let Some(call) = device.and_then(|device| self.model.active(device)) else { return };
        let Some(detail) = self.details.get_mut(&call) else { return };
        if detail.agent_greeting.is_some_and(|greeting| Some(greeting.caller) != device) {
            // The caller's prompt leads; the agent's ends with it.
            return;
        }
        let doing = detail.script.as_ref().map(|script| script.doing);
        if let Some(Doing::Message(Message::Greeting { .. })) = doing {
            self.on_greeting_played(call);
        } else if let Some(Doing::Plays { .. }) = doing {
            self.flow_step(call, &Input::Played);
        } else if detail.speech.ended() {
            let is_over = detail.speech.now().is_none();
            if let Some(device) = device.filter(|_| is_over)
                && self.model.state(call, device) == Some(ConnectionState::Failed)
            {
                self.timers.set(Timer::Connection(call, device), self.now + self.times.headset_busy_tone);
            }
            self.touch(call);
            if is_over {
                self.let_go(call);
            }
        } else {
            // Music is repeated for ever: it has ended because it could not be had.
            detail.is_music_lost = true;
            self.touch(call);
        }
    }
}

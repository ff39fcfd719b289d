//! The lines of a random day: events that a line could report in its present state, and now and then one it could not.
//!
//! Never: tells the core; a day does.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure, LineKind};
use tipring_driver::signal::FaxModemTone;

use super::{Day, kind};
use crate::channel::State;
use crate::testing::key;
use crate::testing::rig::caller;

impl Day {
    pub(super) fn line_says_something(&mut self, channel: u16) {
        if let Some(event) = self.event(channel) {
            self.rig.line_unheard(channel, event);
        }
    }

    /// An event that the line of a channel could report in its present state; now and then one it could not.
    pub(super) fn event(&mut self, channel: u16) -> Option<LineEvent> {
        let state = self.rig.table.read(ChannelId(channel)).state;
        let trunk = kind(channel) == LineKind::Trunk;
        let digit = LineEvent::Digit(key(self.dice.of(&['0', '1', '2', '3', '5', '9', '#'])));
        let identity = LineEvent::CallerIdentity(caller(self.dice.of(&["", "5551234", "13800138000"])));
        let failure = self.dice.of(&[
            LineFailure::NoDialTone,
            LineFailure::NoBattery,
            LineFailure::Busy,
            LineFailure::Congestion,
            LineFailure::Unassigned,
            LineFailure::Announced,
            LineFailure::Glare,
        ]);
        let machine = LineEvent::FaxModemTone(self.dice.of(&[FaxModemTone::FaxCalls, FaxModemTone::Answers]));
        let gone = LineEvent::Released(DisconnectSignal::Tone);
        let talks = self.rig.core.devices.line(ChannelId(channel)).is_some_and(|line| {
            let call = self.rig.core.model.active(line.device).and_then(|call| self.rig.core.model.call(call));
            call.is_some_and(|call| call.connections.iter().any(|other| call.hears(line.device, other.device)))
        });
        if state != State::OutOfService && self.dice.roll(100) == 0 {
            return Some(LineEvent::OutOfService);
        }
        let choices: &[LineEvent] = match (state, trunk) {
            (State::OutOfService, _) => &[LineEvent::InService(kind(channel))],
            (State::Idle, true) => &[LineEvent::Offered, identity],
            // Telephones are left alone, mostly.
            (State::Idle, false) if self.dice.roll(6) > 0 => return None,
            (State::Idle, false) => &[LineEvent::OffHook],
            (State::Offered, _) if self.dice.roll(8) > 0 => &[identity],
            (State::Offered, _) => &[LineEvent::RingingStopped],
            (State::Dialling, _) => &[LineEvent::Dialled, LineEvent::Answered, gone, LineEvent::Failed(failure)],
            (State::Ringing, _) if self.dice.roll(10) > 0 => &[LineEvent::OffHook],
            (State::Ringing, _) => &[LineEvent::Failed(failure)],
            // Callers stay.
            (State::InUse, true) if self.dice.roll(3) > 0 => &[digit],
            (State::InUse, true) => &[digit, digit, gone, identity, machine, LineEvent::Failed(failure)],
            (State::InUse, false) if talks => &[digit, digit, LineEvent::OnHook, LineEvent::Flash, LineEvent::Flash],
            (State::InUse, false) => &[digit, LineEvent::OnHook, LineEvent::OnHook, LineEvent::Flash],
            (State::Released, _) => &[LineEvent::Offered],
            (State::Releasing, true) => &[LineEvent::Idle],
            (State::Releasing, false) => &[LineEvent::Idle, LineEvent::OffHook],
        };
        Some(self.dice.of(choices))
    }
}

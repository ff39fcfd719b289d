//! Dispatch of line events to services; recovery after lost events.
//!
//! Never: changes a channel's word; that takes a claim.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineKind};

use crate::channel::{Generation, Intent, Reread, State};
use crate::core::{Action, Core, Trouble};
use crate::csta::SystemStatus;
use crate::csta::cause::EventCause;
use crate::csta::event::Event;
use crate::device::{Device, LineView, StationIx, TrunkIx};

/// The reason for which a channel was not claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotClaimed {
    /// The line was first.
    Superseded,
    /// The command of a new call would find no place on its way.
    NoCommandRoom,
}

impl Core {
    pub(crate) fn on_line_event(&mut self, channel: ChannelId, generation: Generation, event: LineEvent) {
        let Some(&line) = self.devices.line(channel) else {
            // A port that the configuration does not use.
            return;
        };
        let Some(state) = line.follow(generation, &event) else {
            self.counters.stale_events += 1;
            return;
        };
        if generation > line.generation && !line.state.is_at_rest() {
            // A new use has begun, and the end of the one before was lost.
            self.end_use(channel, line.device);
        }
        self.take(channel, line.device, state, generation, event);
    }

    /// Steps the view, then the service.
    fn take(&mut self, channel: ChannelId, device: Device, state: State, generation: Generation, event: LineEvent) {
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = state;
            line.generation = generation;
        }
        match device {
            Device::Trunk(trunk) => self.on_trunk(trunk, channel, event),
            Device::Station(station) => self.on_station(station, channel, event),
            Device::Queue(_) | Device::Park(_) | Device::Number(_) => {}
        }
        self.touched.insert(device);
        self.update_line(channel);
    }

    /// The consequences of a channel's state for those who look for a free one: called after every step of the view.
    fn update_line(&mut self, channel: ChannelId) {
        let Some(&mut LineView { device, state, ref mut listed, .. }) = self.devices.line_mut(channel) else { return };
        let before = listed.replace(state);
        let begins_or_ends = |of: State| before.is_none_or(|before| (before == of) != (state == of));
        if begins_or_ends(State::OutOfService) {
            self.update_service(channel, device, state != State::OutOfService);
        }
        if let Device::Trunk(trunk) = device
            && begins_or_ends(State::Idle)
        {
            self.trunk_groups.set_idle(trunk, state == State::Idle);
        }
    }

    /// A line came into service, or went out of it.
    fn update_service(&mut self, channel: ChannelId, device: Device, is_in_service: bool) {
        let before = self.status();
        if !is_in_service {
            self.in_service.remove(channel);
        } else if self.in_service.insert(channel)
            && let Device::Station(station) = device
        {
            self.relight(station);
        }
        let status = self.status();
        if status != before {
            self.actions.push_back(Action::SystemStatus(status));
        }
    }

    /// The system status: in order as long as any line is.
    pub(crate) fn status(&self) -> SystemStatus {
        if self.in_service.is_empty() { SystemStatus::Disabled } else { SystemStatus::Normal }
    }

    /// Takes a channel's next step and commands the line, or finds that the line was first, or that the command of a
    /// new call would have no place. A step that ends one has its place kept.
    pub(crate) fn claim(&mut self, channel: ChannelId, intent: Intent) -> Result<(), NotClaimed> {
        if intent.begins() && !self.has_command_room() {
            self.counters.no_command_room += 1;
            return Err(NotClaimed::NoCommandRoom);
        }
        let Some(line) = self.devices.line_mut(channel) else { return Err(NotClaimed::Superseded) };
        match self.channels.claim(channel, line.generation, intent) {
            Ok(claim) => {
                line.generation = claim.word.generation;
                line.state = claim.word.state;
                let device = line.device;
                self.actions.push_back(Action::Command(claim.command));
                self.touched.insert(device);
                self.update_line(channel);
                Ok(())
            }
            Err(_) => {
                self.counters.superseded += 1;
                if let Some(line) = self.devices.line(channel) {
                    self.touched.insert(line.device);
                }
                Err(NotClaimed::Superseded)
            }
        }
    }

    fn on_trunk(&mut self, trunk: TrunkIx, channel: ChannelId, event: LineEvent) {
        let device = Device::Trunk(trunk);
        let call = self.model.active(device);
        match event {
            LineEvent::InService(kind) => self.on_in_service(device, channel, kind),
            LineEvent::OutOfService => self.on_out_of_service(device),
            LineEvent::Offered => self.on_offered(trunk),
            LineEvent::CallerIdentity(identity) => self.on_caller_identity(trunk, identity),
            LineEvent::Digit(digit) => {
                if let Some(call) = call {
                    self.on_caller_digit(call, digit);
                }
            }
            LineEvent::Dialled => {
                if let Some(call) = call {
                    self.on_dialled(call, trunk);
                }
            }
            LineEvent::Answered => {
                if let Some(call) = call {
                    self.on_far_end_answered(call, trunk);
                }
            }
            LineEvent::FaxModemTone(tone) => {
                if let Some(call) = call {
                    self.on_machine(call, trunk, tone);
                }
            }
            LineEvent::RingingStopped | LineEvent::Released(_) => match call {
                Some(call) => self.on_trunk_released(call, trunk),
                None => self.release_trunk(channel),
            },
            LineEvent::Failed(failure) => match call {
                Some(call) => self.on_trunk_failed(call, trunk, failure),
                None => self.release_trunk(channel),
            },
            LineEvent::Idle | LineEvent::OffHook | LineEvent::OnHook | LineEvent::Flash => {}
        }
    }

    fn on_station(&mut self, station: StationIx, channel: ChannelId, event: LineEvent) {
        match event {
            LineEvent::InService(kind) => self.on_in_service(Device::Station(station), channel, kind),
            LineEvent::OutOfService => self.on_out_of_service(Device::Station(station)),
            LineEvent::OffHook => self.on_lifted(station),
            LineEvent::OnHook => self.on_put_down(station),
            LineEvent::Digit(digit) => self.on_dialled_digit(station, digit),
            LineEvent::Flash => self.on_flash(station),
            LineEvent::Failed(_) => self.on_ringing_failed(station),
            LineEvent::Idle
            | LineEvent::Offered
            | LineEvent::CallerIdentity(_)
            | LineEvent::RingingStopped
            | LineEvent::Dialled
            | LineEvent::Answered
            | LineEvent::FaxModemTone(_)
            | LineEvent::Released(_) => {}
        }
    }

    fn on_in_service(&mut self, device: Device, channel: ChannelId, found: LineKind) {
        let id = self.devices.id(device);
        let fits = self.devices.fits(channel, found);
        if let Some(line) = self.devices.line_mut(channel) {
            line.misfit = !fits;
        }
        if fits {
            self.log_service(device, false);
            self.emit_device(device, Event::BackInService { device: id, cause: EventCause::None }, &None);
            return;
        }
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = State::OutOfService;
        }
        self.actions.push_back(Action::Trouble(Trouble::WrongModule { device: id, channel, found }));
    }

    fn on_out_of_service(&mut self, device: Device) {
        self.lose_line(device);
        let id = self.devices.id(device);
        self.commit();
        self.log_service(device, true);
        self.emit_device(device, Event::OutOfService { device: id, cause: EventCause::Maintenance }, &None);
    }

    /// Gives a trunk back to rest.
    pub(super) fn release_trunk(&mut self, channel: ChannelId) {
        match self.devices.state(channel) {
            State::Dialling | State::InUse | State::Released => {
                // If this fails the trunk went out of service, which is on its way here.
                let _ = self.claim(channel, Intent::Release);
            }
            State::OutOfService | State::Idle | State::Offered | State::Ringing | State::Releasing => {}
        }
    }

    /// Ends whatever went on at a channel whose use is over although its end was never reported.
    fn end_use(&mut self, channel: ChannelId, device: Device) {
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = State::Idle;
        }
        if let Some(call) = self.model.active(device) {
            self.leave(call, device, EventCause::None);
        }
        self.commit();
    }

    /// Reads every word once and makes up for what is missing.
    pub(crate) fn reconcile(&mut self, why: Reread) {
        if why == Reread::Lost {
            self.counters.reconciled += 1;
            self.actions.push_back(Action::Trouble(Trouble::EventsLost));
        }
        let channels: Vec<ChannelId> = self.devices.channels().collect();
        for channel in channels {
            let Some(&line) = self.devices.line(channel) else { continue };
            self.touched.insert(line.device);
            let word = self.channels.read(channel);
            if line.misfit || word.generation == line.generation && word.state == line.state {
                continue;
            }
            if word.generation > line.generation && !line.state.is_at_rest() {
                self.end_use(channel, line.device);
            }
            // At most two events: back into service, and what has happened since.
            while let Some(&line) = self.devices.line(channel) {
                let Some(event) = line.missing(word) else { break };
                let state = if line.state == State::OutOfService { State::Idle } else { word.state };
                self.take(channel, line.device, state, word.generation, event);
                self.commit();
                if word.state == State::OutOfService || self.devices.state(channel) == State::OutOfService {
                    break;
                }
            }
            if let Some(line) = self.devices.line_mut(channel).filter(|line| line.generation < word.generation) {
                line.state = word.state;
                line.generation = word.generation;
                self.update_line(channel);
            }
        }
        self.commit();
    }
}

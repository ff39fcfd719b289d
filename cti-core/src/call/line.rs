//! An event of a line, given to whom it concerns.
//!
//! The core keeps its own view of each channel, stepped along the same edges as the word. An event of an older use of the
//! channel, or one that has no edge from the view, is stale: it was overtaken, or the words were looked at after a loss
//! and it is already known. It is counted and dropped.
//!
//! Never: touches a word; that takes a claim.

use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, LineFailure, LineKind, ReleaseSign};

use super::device::{Device, Line, StationIx, TrunkIx};
use super::model::Stage;
use super::release::Leaving;
use crate::channel::edges::{self, LineEdge};
use crate::channel::{Cause, Generation, Intent, Owner, State, Word};
use crate::config::StationKind;
use crate::core::{Action, Core, Trouble};
use crate::csta::cause::EventCause;
use crate::csta::event::Event;
use crate::csta::{CallId, SystemStatus};

impl Core {
    pub(crate) fn on_line_event(&mut self, channel: ChannelId, generation: Generation, event: LineEvent) {
        let Some(&line) = self.devices.line(channel) else {
            // A port that the configuration does not use.
            return;
        };
        let Some(state) = follow(line, generation, &event) else {
            self.counters.stale_events += 1;
            return;
        };
        if generation > line.generation && !line.state.is_at_rest() {
            // A new use has begun, and the end of the one before was lost.
            self.end_use(channel, line.device);
        }
        self.take(channel, line.device, state, generation, event);
    }

    /// Steps the view and tells whom it concerns.
    fn take(&mut self, channel: ChannelId, device: Device, state: State, generation: Generation, event: LineEvent) {
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = state;
            line.generation = generation;
        }
        match device {
            Device::Trunk(trunk) => self.on_trunk(trunk, channel, event),
            Device::Station(station) => self.on_station(station, channel, event),
            Device::Queue(_) => {}
        }
        self.note_line_state(channel);
    }

    /// What a channel's state means for those who look for a free one: called after every step of the view.
    pub(crate) fn note_line_state(&mut self, channel: ChannelId) {
        let Some(&Line { device, state, .. }) = self.devices.line(channel) else { return };
        self.note_service(channel, state != State::OutOfService);
        match device {
            Device::Trunk(trunk) => {
                let idle = state == State::Idle && self.devices.trunk(trunk).outgoing;
                self.trunk_group.set_idle(trunk, idle);
            }
            Device::Station(station) => self.note_station(station),
            Device::Queue(_) => {}
        }
    }

    /// The switch is in order as long as any of its lines is.
    fn note_service(&mut self, channel: ChannelId, in_service: bool) {
        let before = self.status();
        if in_service {
            self.in_service.insert(channel);
        } else {
            self.in_service.remove(&channel);
        }
        let status = self.status();
        if status != before {
            self.actions.push_back(Action::SystemStatus(status));
        }
    }

    /// How the switch is.
    pub(crate) fn status(&self) -> SystemStatus {
        if self.in_service.is_empty() { SystemStatus::Disabled } else { SystemStatus::Normal }
    }

    fn on_trunk(&mut self, trunk: TrunkIx, channel: ChannelId, event: LineEvent) {
        let device = Device::Trunk(trunk);
        let call = self.devices.trunk(trunk).call;
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
            LineEvent::Machine(tone) => {
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
            LineEvent::Rested | LineEvent::OffHook | LineEvent::OnHook | LineEvent::Flash => {}
        }
    }

    fn on_station(&mut self, station: StationIx, channel: ChannelId, event: LineEvent) {
        let device = Device::Station(station);
        self.devices.station_mut(station).contended = false;
        let call = self.devices.station(station).call;
        match event {
            LineEvent::InService(kind) => self.on_in_service(device, channel, kind),
            LineEvent::OutOfService => self.on_out_of_service(device),
            LineEvent::OffHook => match call {
                Some(call) => self.on_lifted_for(call, station),
                None => self.on_lifted(station),
            },
            LineEvent::OnHook => {
                self.audio.silence(channel, &mut self.actions);
                if let Some(call) = call {
                    self.leave(call, device, Leaving::by_itself(EventCause::None));
                }
            }
            LineEvent::Digit(digit) => {
                if let Some(call) = call {
                    self.on_dialled_digit(call, digit);
                }
            }
            LineEvent::Failed(_) => {
                if let Some(call) = call {
                    self.on_ringing_failed(call, station);
                }
            }
            LineEvent::Rested
            | LineEvent::Flash
            | LineEvent::Offered
            | LineEvent::CallerIdentity(_)
            | LineEvent::RingingStopped
            | LineEvent::Dialled
            | LineEvent::Answered
            | LineEvent::Machine(_)
            | LineEvent::Released(_) => {}
        }
    }

    /// A station was lifted that has a call: to answer it, or to make the call it was rung for.
    fn on_lifted_for(&mut self, call: CallId, station: StationIx) {
        match self.calls.get(call).map(|call| &call.stage) {
            Some(Stage::Alerting(alerting, _)) if *alerting == station => self.establish(call, station),
            Some(Stage::Prompting(number)) => {
                let number = *number;
                self.originate(call, station, number);
            }
            // A headset picked up again while its call was about to be cleared: nothing changes.
            Some(
                Stage::Arriving
                | Stage::Menu(_)
                | Stage::Dialling(_)
                | Stage::Queued(_)
                | Stage::Alerting(..)
                | Stage::Answering(..)
                | Stage::Seizing(..)
                | Stage::Talking
                | Stage::Over,
            )
            | None => {}
        }
    }

    /// A station was lifted that has no call: a handset wants to make one, a headset is at work.
    fn on_lifted(&mut self, station: StationIx) {
        match self.devices.station(station).kind {
            StationKind::Handset => self.begin_dialling(station),
            StationKind::Headset => {}
        }
    }

    fn on_in_service(&mut self, device: Device, channel: ChannelId, found: LineKind) {
        let id = self.devices.id(device);
        let fits = self.devices.fits(channel, found);
        if let Some(line) = self.devices.line_mut(channel) {
            line.misfit = !fits;
        }
        if fits {
            self.tell_device(device, Event::BackInService { device: id, cause: EventCause::None });
            return;
        }
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = State::OutOfService;
        }
        self.actions.push_back(Action::Trouble(Trouble::WrongModule { device: id, channel, found }));
    }

    fn on_out_of_service(&mut self, device: Device) {
        match (self.devices.call(device), device) {
            (Some(call), Device::Trunk(trunk)) if self.is_seizing(call) => {
                self.on_trunk_failed(call, trunk, LineFailure::NoBattery);
            }
            (Some(call), _) => self.leave(call, device, Leaving::by_failure()),
            (None, _) => {}
        }
        let id = self.devices.id(device);
        self.tell_device(device, Event::OutOfService { device: id, cause: EventCause::Maintenance });
    }

    fn is_seizing(&self, call: CallId) -> bool {
        self.calls.get(call).is_some_and(|call| matches!(call.stage, Stage::Seizing(..)))
    }

    /// Puts a trunk on hook that no call has any business with.
    pub(crate) fn release_trunk(&mut self, channel: ChannelId) {
        match self.devices.state(channel) {
            State::Dialling | State::InUse | State::Released => {
                // If it fails the trunk went out of service, which is on its way here.
                let _ = self.claim(channel, Intent::Release);
            }
            State::OutOfService | State::Idle | State::Offered | State::Ringing | State::Releasing => {}
        }
    }

    /// Ends whatever went on at a channel whose use is over without the core having been told.
    fn end_use(&mut self, channel: ChannelId, device: Device) {
        if let Some(line) = self.devices.line_mut(channel) {
            line.state = State::Idle;
        }
        self.audio.silence(channel, &mut self.actions);
        if let Some(call) = self.devices.call(device) {
            self.leave(call, device, Leaving::by_itself(EventCause::None));
        }
    }

    /// Events were lost: looks at every word once and makes up for what is missing.
    pub(crate) fn reconcile(&mut self) {
        self.counters.reconciled += 1;
        self.actions.push_back(Action::Trouble(Trouble::EventsLost));
        let channels: Vec<ChannelId> = self.devices.channels().collect();
        for channel in channels {
            let Some(&line) = self.devices.line(channel) else { continue };
            let word = self.table.read(channel);
            if line.misfit || word.generation == line.generation && word.state == line.state {
                continue;
            }
            if word.generation > line.generation && !line.state.is_at_rest() {
                self.end_use(channel, line.device);
            }
            // At most two events: back into service, and what has happened since.
            while let Some(&line) = self.devices.line(channel) {
                let Some(event) = missing(line, word) else { break };
                let state = if line.state == State::OutOfService { State::Idle } else { word.state };
                self.take(channel, line.device, state, word.generation, event);
                if word.state == State::OutOfService || self.devices.state(channel) == State::OutOfService {
                    break;
                }
            }
            if let Some(line) = self.devices.line_mut(channel).filter(|line| line.generation < word.generation) {
                line.state = word.state;
                line.generation = word.generation;
                self.note_line_state(channel);
            }
        }
    }
}

/// The state of the view after an event; none if the event is stale.
fn follow(line: Line, generation: Generation, event: &LineEvent) -> Option<State> {
    if generation < line.generation {
        return None;
    }
    // A newer use than the one known began at rest, wherever the view has stopped.
    let state = if generation > line.generation && !line.state.is_at_rest() { State::Idle } else { line.state };
    let word = Word { state, owner: Owner::Line, cause: Cause::Normal, generation: line.generation };
    match edges::line(word, event) {
        // Leaving rest begins a new use: the same event of the use already known has been seen.
        LineEdge::Step(_) if state.is_at_rest() && generation == line.generation => None,
        LineEdge::Step(next) => Some(next.state),
        LineEdge::Stay => Some(state),
        LineEdge::Against => None,
    }
}

/// The event that leads from what is known of a channel to its word; none if there is nothing to be done about it.
fn missing(line: Line, word: Word) -> Option<LineEvent> {
    let kind = match line.device {
        Device::Trunk(_) => LineKind::Trunk,
        Device::Station(_) => LineKind::Station,
        Device::Queue(_) => return None,
    };
    match (word.state, line.state) {
        (State::OutOfService, State::OutOfService) => None,
        (State::OutOfService, _) => Some(LineEvent::OutOfService),
        (_, State::OutOfService) => Some(LineEvent::InService(kind)),
        (State::Offered, State::Idle) => Some(LineEvent::Offered),
        (State::InUse, State::Dialling) => Some(LineEvent::Answered),
        (State::InUse, State::Idle | State::Ringing | State::Releasing) => Some(LineEvent::OffHook),
        (State::Released, State::Dialling | State::InUse) => Some(released(word.cause)),
        (State::Idle, State::Offered) => Some(LineEvent::RingingStopped),
        (State::Idle, State::InUse) => Some(LineEvent::OnHook),
        (State::Idle, State::Ringing) => Some(LineEvent::Failed(LineFailure::NoBattery)),
        (State::Idle, State::Releasing) => Some(LineEvent::Rested),
        // The core's own steps, or none at all.
        (State::Dialling | State::Ringing | State::Releasing, _)
        | (State::Idle, State::Idle | State::Dialling | State::Released)
        | (State::Offered, State::Offered | State::Dialling | State::Ringing | State::InUse)
        | (State::Offered, State::Released | State::Releasing)
        | (State::InUse, State::Offered | State::InUse | State::Released)
        | (State::Released, State::Idle | State::Offered | State::Ringing | State::Released | State::Releasing) => None,
    }
}

/// The event behind the cause of a *Released* word.
fn released(cause: Cause) -> LineEvent {
    match cause {
        Cause::NoDialTone => LineEvent::Failed(LineFailure::NoDialTone),
        Cause::NoBattery => LineEvent::Failed(LineFailure::NoBattery),
        Cause::Busy => LineEvent::Failed(LineFailure::Busy),
        Cause::Congestion => LineEvent::Failed(LineFailure::Congestion),
        Cause::Unassigned => LineEvent::Failed(LineFailure::Unassigned),
        Cause::Intercepted => LineEvent::Failed(LineFailure::Intercepted),
        Cause::Announced => LineEvent::Failed(LineFailure::Announced),
        Cause::Glare => LineEvent::Failed(LineFailure::Glare),
        Cause::LoopBreak => LineEvent::Released(ReleaseSign::LoopBreak),
        Cause::Polarity => LineEvent::Released(ReleaseSign::Polarity),
        Cause::Silence => LineEvent::Released(ReleaseSign::Silence),
        Cause::Normal | Cause::RingingStopped | Cause::Tone | Cause::Lost => LineEvent::Released(ReleaseSign::Tone),
    }
}

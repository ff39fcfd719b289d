//! The line machines of all channels: which channel has which, and when each wants to be woken.
//!
//! A machine is made when its port comes into service and dropped when it goes out, so that it always starts afresh.

use super::board::Board;
use super::{Acceptance, EventSink};
use crate::card::{PortCommand, PortCondition, PortKind};
use crate::country::{Country, LineProfile};
use crate::ids::{ChannelId, PortId};
use crate::line::loop_start::{Fxo, Fxs};
use crate::line::{Detection, DetectorMask, LineCommand, LineEvent, LineIo, Outgoing};
use crate::media::tick::Media;
use crate::refusal::Refusal;
use crate::time::Tick;

/// The line machines of all channels.
pub(super) struct Lines {
    country: &'static Country,
    profiles: Vec<LineProfile>,
    lines: Vec<LineMachine>,
    /// Next deadline of each machine; [`NEVER`] if it has none.
    due: Vec<Tick>,
    /// The line with which [`poll_due`](Lines::poll_due) goes on.
    next: usize,
}

const NEVER: Tick = Tick(u64::MAX);

#[allow(clippy::large_enum_variant, reason = "made in the media thread, where nothing is boxed")]
enum LineMachine {
    /// No module, or none that works.
    None,
    Trunk(Fxo),
    Station(Fxs),
}

/// The world as a line machine reaches it.
pub(super) struct Surroundings<'a, S: EventSink> {
    pub now: Tick,
    pub channel: ChannelId,
    pub sink: &'a mut S,
    pub media: &'a mut Media,
    pub board: &'a mut Board,
    pub port: PortId,
}

impl<S: EventSink> LineIo for Surroundings<'_, S> {
    fn event(&mut self, event: LineEvent) -> Acceptance {
        self.sink.line_event(self.now, self.channel, event)
    }

    fn port(&mut self, command: PortCommand) {
        self.board.command(self.port, command);
    }

    fn send(&mut self, outgoing: Outgoing<'_>) {
        self.media.send(self.channel, outgoing);
    }
}

impl Lines {
    /// No machine on any channel; `profiles` has one for each.
    pub(super) fn new(country: &'static Country, profiles: Vec<LineProfile>) -> Lines {
        let channels = profiles.len();
        let lines = profiles.iter().map(|_| LineMachine::None).collect();
        Lines { country, profiles, lines, due: vec![NEVER; channels], next: 0 }
    }

    /// The next channel whose time has come; none once all have been reported.
    pub(super) fn poll_due(&mut self, now: Tick) -> Option<ChannelId> {
        while let Some(due) = self.due.get(self.next) {
            self.next += 1;
            if *due <= now {
                return Some(ChannelId((self.next - 1) as u16));
            }
        }
        self.next = 0;
        None
    }

    /// A time that the machine had asked for has come.
    pub(super) fn handle_time<S: EventSink>(&mut self, channel: ChannelId, around: &mut Surroundings<'_, S>) {
        match &mut self.lines[channel.index()] {
            LineMachine::None => {}
            LineMachine::Trunk(trunk) => trunk.handle_time(around.now, around),
            LineMachine::Station(station) => station.handle_time(around.now, around),
        }
        self.settle(channel, around);
    }

    /// The card saw something at the port.
    pub(super) fn handle_condition<S: EventSink>(
        &mut self,
        channel: ChannelId,
        condition: PortCondition,
        around: &mut Surroundings<'_, S>,
    ) {
        let line = &mut self.lines[channel.index()];
        match (condition, &mut *line) {
            (PortCondition::Service(kind), _) => {
                line.leave(around);
                let profile = &self.profiles[channel.index()];
                *line = match kind {
                    PortKind::Fxo => LineMachine::Trunk(Fxo::new(self.country, profile, around)),
                    PortKind::Fxs => LineMachine::Station(Fxs::new(self.country, profile, around)),
                    PortKind::Absent | PortKind::Broken => LineMachine::None,
                };
            }
            (condition, LineMachine::Trunk(trunk)) => trunk.handle_condition(around.now, condition, around),
            (condition, LineMachine::Station(station)) => station.handle_condition(around.now, condition, around),
            (PortCondition::Fxo { .. } | PortCondition::Fxs { .. }, LineMachine::None) => {}
        }
        self.settle(channel, around);
    }

    /// The sound of the line says something.
    pub(super) fn handle_detection<S: EventSink>(
        &mut self,
        channel: ChannelId,
        heard: Detection,
        around: &mut Surroundings<'_, S>,
    ) {
        match &mut self.lines[channel.index()] {
            LineMachine::None => {}
            LineMachine::Trunk(trunk) => trunk.handle_detection(around.now, heard, around),
            LineMachine::Station(station) => station.handle_detection(around.now, heard, around),
        }
        self.settle(channel, around);
    }

    /// Does what the core asks.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if the line has no such ability, or is not there.
    pub(super) fn handle_command<S: EventSink>(
        &mut self,
        channel: ChannelId,
        command: LineCommand,
        around: &mut Surroundings<'_, S>,
    ) -> Result<(), Refusal> {
        let done = match &mut self.lines[channel.index()] {
            LineMachine::None => Err(Refusal::OutOfService),
            LineMachine::Trunk(trunk) => trunk.handle_command(around.now, command, around),
            LineMachine::Station(station) => station.handle_command(around.now, command, around),
        };
        self.settle(channel, around);
        done
    }

    /// After each step of a machine: its detectors and its next deadline.
    fn settle<S: EventSink>(&mut self, channel: ChannelId, around: &mut Surroundings<'_, S>) {
        let (detectors, due) = match &self.lines[channel.index()] {
            LineMachine::None => (DetectorMask::default(), None),
            LineMachine::Trunk(trunk) => (trunk.detectors(), trunk.due()),
            LineMachine::Station(station) => (station.detectors(), station.due()),
        };
        around.media.listen(channel, detectors);
        self.due[channel.index()] = due.unwrap_or(NEVER);
    }
}

impl LineMachine {
    /// The port is gone: whatever was said or sent on it ends.
    fn leave<S: EventSink>(&mut self, around: &mut Surroundings<'_, S>) {
        let was_in_service = match self {
            LineMachine::None => false,
            LineMachine::Trunk(trunk) => trunk.is_in_service(),
            LineMachine::Station(_) => true,
        };
        if !matches!(self, LineMachine::None) {
            around.media.silence(around.channel);
        }
        if was_in_service {
            // Nothing can be won against a line that is gone.
            let _ = around.event(LineEvent::OutOfService);
        }
    }
}

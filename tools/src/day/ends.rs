//! Simulated far ends of lines and telephones: line commands in, line events out.
//!
//! Never: decides what a person does; those are callers and agents.

use tipring_core::core::Action;
use tipring_core::time::Ticks;
use tipring_driver::engine::{Command, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineCommand, LineEvent};
use tipring_driver::media::MediaCommand;

use super::Day;
use super::people::{Caller, Scheduled};
use crate::failure::Failure;

impl Day {
    pub(super) fn line(&mut self, channel: u16, event: LineEvent) {
        // A line that was too late does not hear about it: the other end was first.
        let _ = self.sink.line_event(self.now, ChannelId(channel), event);
    }

    /// The core takes what has happened, and the ends of the lines do what they are commanded.
    pub(super) fn pump(&mut self) -> Result<(), Failure> {
        loop {
            while let Some(action) = self.core.poll_action() {
                match action {
                    Action::Command(Command::Line { channel, command }) => self.commanded(channel.0, command),
                    Action::Command(Command::Media(MediaCommand::Connect { a, b })) => {
                        self.heard(a.0.min(b.0), a.0.max(b.0))
                    }
                    Action::Reply { result, .. } => self.answer = Some(result),
                    Action::Store(request) => self.keep(request)?,
                    Action::Trouble(trouble) => self.faults.push(trouble.to_string()),
                    _ => {}
                }
            }
            let Some(event) = self.ring.pop() else { return Ok(()) };
            self.core.handle_channel_event(event);
        }
    }

    pub(super) fn commanded(&mut self, channel: u16, command: LineCommand) {
        let agent = channel.checked_sub(self.size.lines);
        match (command, agent) {
            (LineCommand::Release, None) => {
                self.line(channel, LineEvent::Idle);
                self.released(channel);
                self.is_idle[usize::from(channel)] = true;
            }
            (LineCommand::Release, Some(agent)) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.ringing, desk.rings, desk.picks_up) = (desk.ringing + 1, false, false);
                self.line(channel, LineEvent::Idle);
            }
            (LineCommand::Dial(_), None) => self.dialled(channel),
            (LineCommand::Ring(_), Some(agent)) => {
                let desk = &mut self.desks[usize::from(agent)];
                (desk.ringing, desk.rings) = (desk.ringing + 1, true);
                self.plan_pickup(agent);
                if !self.dice.chance(self.habits.misses) {
                    let base = if self.habits.lift > 0.0 { Ticks::from_ms(500) } else { Ticks::ZERO };
                    let after = base + self.dice.length(self.habits.lift).unwrap_or(Ticks::ZERO);
                    self.agenda.set(self.now + after, Scheduled::Lift(agent, self.desks[usize::from(agent)].ringing));
                }
            }
            _ => {}
        }
    }

    /// A line is dialled: a customer is called back, who answers, is busy, or is not there.
    pub(super) fn dialled(&mut self, trunk: u16) {
        self.count += 1;
        let number = self.count;
        self.is_idle[usize::from(trunk)] = false;
        let called_by = self.lifting;
        self.callers[usize::from(trunk)] = Some(Caller { number, called_by, ..Caller::default() });
        if let Some(agent) = called_by {
            self.desks[usize::from(agent)].calls_back = true;
        }
        self.agenda.set(self.now + Ticks::from_secs(2), Scheduled::Reached(trunk, number));
        let answers = self.dice.chance(self.habits.reachable);
        if answers || self.dice.chance(0.5) {
            self.agenda.set(self.now + Ticks::from_secs(9), Scheduled::Answers(trunk, number, !answers));
        }
    }

    pub(super) fn put_down(&mut self, agent: u16) {
        let desk = &mut self.desks[usize::from(agent)];
        if std::mem::take(&mut desk.is_lifted) {
            self.line(self.size.lines + agent, LineEvent::OnHook);
        }
    }

    /// The switch has released a line.
    pub(super) fn released(&mut self, trunk: u16) {
        let Some(caller) = self.callers[usize::from(trunk)].take() else { return };
        if caller.has_pressed && !caller.is_served {
            let queue = self.queue_of(trunk);
            self.truth.call_backs[queue] += 1;
        }
        if let Some(agent) = caller.called_by.filter(|_| !caller.is_served) {
            // The number was busy, or not answered.
            self.desks[usize::from(agent)].calls_back = false;
            self.agenda.set(self.now + Ticks::from_ms(1500), Scheduled::PutDown(agent));
        }
    }
}

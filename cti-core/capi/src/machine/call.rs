//! Commands of the program to lines, and the ways between them.
//!
//! Never: sends a command whose step of the line's state was not taken, or takes the step without the command.

use tipring_core::channel::{Intent, State};
use tipring_driver::engine::Command;
use tipring_driver::ids::ConferenceId;
use tipring_driver::line::{CallerId, LineCommand, Number};
use tipring_driver::media::gain::Gain;
use tipring_driver::media::{MediaCommand, Role, ToneKind};

use super::event::state_name;
use super::{Machine, Way};
use crate::abi::number;
use crate::failure::{Outcome, fail};
use crate::slots::slot_of;

impl Machine {
    /// Takes a channel's next step, with its command; neither without the other.
    pub(super) fn claim(&mut self, port: usize, intent: Intent) -> Outcome<()> {
        if self.commands.room() == 0 {
            fail!(E_RESOURCE, "Too many commands are under way; try again in a millisecond");
        }
        let before = self.table.read(Machine::id(port));
        match self.table.claim(Machine::id(port), self.ports[port].known, intent) {
            Ok(claim) => {
                self.ports[port].known = claim.word.generation;
                self.command(claim.command)
            }
            Err(lost) if lost.found == before && before.generation == self.ports[port].known => {
                fail!(E_STATE, "The line is {}", state_name(lost.found.state))
            }
            Err(lost) => fail!(E_SUPERSEDED, "The line is {} by now", state_name(lost.found.state)),
        }
    }

    /// Answers an offered trunk.
    ///
    /// # Errors
    /// `E_STALE`, `E_UNSUPPORTED` on the other kind of line, `E_STATE`, `E_SUPERSEDED`, `E_RESOURCE`.
    pub fn answer(&mut self, channel: u64) -> Outcome<()> {
        let port = self.port_of_kind(channel, number::KIND_TRUNK)?;
        self.claim(port, Intent::Answer)?;
        self.ports[port].present.offered = false;
        Ok(())
    }

    /// Rings a station.
    ///
    /// # Errors
    /// As [`Machine::answer`].
    pub fn ring(&mut self, channel: u64, caller: Option<CallerId>) -> Outcome<()> {
        let port = self.port_of_kind(channel, number::KIND_STATION)?;
        self.claim(port, Intent::Ring(caller))
    }

    /// Puts a trunk on hook or stops ringing a station.
    ///
    /// # Errors
    /// `E_STALE`, `E_STATE`, `E_SUPERSEDED`, `E_RESOURCE`.
    pub fn release(&mut self, channel: u64) -> Outcome<()> {
        let port = self.port_of(channel)?;
        self.release_port(port)?;
        self.end_ops(port, number::REASON_STOPPED, number::CAUSE_NORMAL);
        Ok(())
    }

    pub(super) fn release_port(&mut self, port: usize) -> Outcome<()> {
        match self.table.read(Machine::id(port)).state {
            State::Idle | State::OutOfService | State::Releasing => Ok(()),
            State::Ringing => self.claim(port, Intent::StopRinging),
            State::Offered => fail!(E_STATE, "A ringing trunk cannot be refused: answer it first"),
            State::InUse if self.kind(port) == number::KIND_STATION => {
                fail!(E_STATE, "Only the person at a station can put it down")
            }
            State::Dialling | State::InUse | State::Released => self.claim(port, Intent::Release),
        }
    }

    fn kind(&self, port: usize) -> u32 {
        self.shared.kind[port].load(std::sync::atomic::Ordering::Relaxed)
    }

    /// The port of an open channel whose line is of this kind.
    pub(super) fn port_of_kind(&self, channel: u64, kind: u32) -> Outcome<usize> {
        let port = self.port_of(channel)?;
        match self.kind(port) {
            found if found == kind => Ok(port),
            number::KIND_UNKNOWN => fail!(E_STATE, "The port is not in service yet"),
            number::KIND_STATION => fail!(E_UNSUPPORTED, "This is a station; only a trunk can do this"),
            _ => fail!(E_UNSUPPORTED, "This is a trunk; only a station can do this"),
        }
    }

    /// Gives a line a command that is no step of its state.
    ///
    /// # Errors
    /// `E_STALE`, `E_STATE` in another state than `in_state`, `E_UNSUPPORTED` on the other kind of line, `E_RESOURCE`.
    pub fn line(&mut self, channel: u64, kind: u32, in_state: State, command: LineCommand) -> Outcome<()> {
        let port = self.port_of_kind(channel, kind)?;
        let state = self.table.read(Machine::id(port)).state;
        if state != in_state {
            let (is, must_be) = (state_name(state), state_name(in_state));
            fail!(E_STATE, "The line is {is}; this can be done while it is {must_be}");
        }
        self.command(Command::Line { channel: Machine::id(port), command })
    }

    /// Sends keys on a trunk in conversation.
    ///
    /// # Errors
    /// As [`Machine::line`].
    pub fn send_digits(&mut self, channel: u64, digits: Number) -> Outcome<()> {
        self.line(channel, number::KIND_TRUNK, State::InUse, LineCommand::SendDigits(digits))
    }

    /// Plays a tone of the country, or none.
    ///
    /// # Errors
    /// `E_STALE`, `E_RESOURCE`.
    pub fn tone(&mut self, channel: u64, tone: Option<ToneKind>) -> Outcome<()> {
        let port = self.port_of(channel)?;
        self.media(MediaCommand::Tone { channel: Machine::id(port), tone })
    }

    /// Sets the gains of a channel.
    ///
    /// # Errors
    /// `E_STALE`, `E_RESOURCE`.
    pub fn gain(&mut self, channel: u64, gain: Gain) -> Outcome<()> {
        let port = self.port_of(channel)?;
        self.media(MediaCommand::Gain { channel: Machine::id(port), gain })
    }

    /// Connects two channels.
    ///
    /// # Errors
    /// `E_STALE`, `E_ARGUMENT` for one and the same channel, `E_RESOURCE`.
    pub fn bridge(&mut self, a: u64, b: u64) -> Outcome<()> {
        let (a, b) = self.two(a, b)?;
        self.media(MediaCommand::Connect { a: Machine::id(a), b: Machine::id(b) })?;
        self.ports[a].links.insert((b as u16, Way::Both));
        self.ports[b].links.insert((a as u16, Way::Both));
        Ok(())
    }

    /// Lets one channel hear another.
    ///
    /// # Errors
    /// As [`Machine::bridge`].
    pub fn listen(&mut self, listener: u64, talker: u64) -> Outcome<()> {
        let (listener, talker) = self.two(listener, talker)?;
        self.media(MediaCommand::Listen { listener: Machine::id(listener), talker: Machine::id(talker) })?;
        self.ports[listener].links.insert((talker as u16, Way::Hears));
        self.ports[talker].links.insert((listener as u16, Way::IsHeard));
        Ok(())
    }

    /// Takes down what [`Machine::bridge`] made.
    ///
    /// # Errors
    /// `E_STALE`, `E_STATE` where there is no such way, `E_RESOURCE`.
    pub fn unbridge(&mut self, a: u64, b: u64) -> Outcome<()> {
        let (a, b) = self.two(a, b)?;
        self.unlink(a, b, Way::Both)
    }

    /// Takes down what [`Machine::listen`] made.
    ///
    /// # Errors
    /// As [`Machine::unbridge`].
    pub fn unlisten(&mut self, listener: u64, talker: u64) -> Outcome<()> {
        let (listener, talker) = self.two(listener, talker)?;
        self.unlink(listener, talker, Way::Hears)
    }

    fn two(&self, a: u64, b: u64) -> Outcome<(usize, usize)> {
        let (a, b) = (self.port_of(a)?, self.port_of(b)?);
        if a == b {
            fail!(E_ARGUMENT, "A channel cannot be connected with itself");
        }
        Ok((a, b))
    }

    fn unlink(&mut self, port: usize, other: usize, way: Way) -> Outcome<()> {
        if !self.ports[port].links.contains(&(other as u16, way)) {
            fail!(E_STATE, "There is no such way between the two channels");
        }
        self.cut(port, other, way)?;
        self.ports[port].links.remove(&(other as u16, way));
        Ok(())
    }

    /// Takes a way down at the engine and from the other port's list.
    pub(super) fn cut(&mut self, port: usize, other: usize, way: Way) -> Outcome<()> {
        let (this, that) = (Machine::id(port), Machine::id(other));
        let (command, back) = match way {
            Way::Both => (MediaCommand::Disconnect { a: this, b: that }, Way::Both),
            Way::Hears => (MediaCommand::Unlisten { listener: this, talker: that }, Way::IsHeard),
            Way::IsHeard => (MediaCommand::Unlisten { listener: that, talker: this }, Way::Hears),
        };
        self.media(command)?;
        self.ports[other].links.remove(&(port as u16, back));
        Ok(())
    }

    /// Makes a conference.
    ///
    /// # Errors
    /// `E_RESOURCE`.
    pub fn conference_create(&mut self) -> Outcome<u64> {
        match self.conferences.insert(()) {
            Some(conference) => Ok(conference),
            None => fail!(E_RESOURCE, "There are as many conferences as there can be"),
        }
    }

    /// Takes a conference down.
    ///
    /// # Errors
    /// `E_STALE`, `E_RESOURCE`.
    pub fn conference_destroy(&mut self, conference: u64) -> Outcome<()> {
        self.known_conference(conference)?;
        for port in 0..self.ports.len() {
            if self.ports[port].conference == Some(conference) {
                self.leave(port, conference)?;
            }
        }
        self.conferences.remove(conference);
        Ok(())
    }

    /// Lets a channel into a conference.
    ///
    /// # Errors
    /// `E_STALE`, `E_BUSY` for a member of another, `E_RESOURCE`.
    pub fn join(&mut self, conference: u64, channel: u64, role: Role) -> Outcome<()> {
        self.known_conference(conference)?;
        let port = self.port_of(channel)?;
        if self.ports[port].conference.is_some_and(|other| other != conference) {
            fail!(E_BUSY, "The channel is in another conference");
        }
        let id = ConferenceId(slot_of(conference) as u32);
        self.media(MediaCommand::Join { conference: id, channel: Machine::id(port), role })?;
        self.ports[port].conference = Some(conference);
        Ok(())
    }

    /// Takes a channel out of a conference.
    ///
    /// # Errors
    /// `E_STALE`, `E_STATE` for one that is no member, `E_RESOURCE`.
    pub fn conference_leave(&mut self, conference: u64, channel: u64) -> Outcome<()> {
        self.known_conference(conference)?;
        let port = self.port_of(channel)?;
        if self.ports[port].conference != Some(conference) {
            fail!(E_STATE, "The channel is not in this conference");
        }
        self.leave(port, conference)
    }

    pub(super) fn leave(&mut self, port: usize, conference: u64) -> Outcome<()> {
        let id = ConferenceId(slot_of(conference) as u32);
        self.media(MediaCommand::Leave { conference: id, channel: Machine::id(port) })?;
        self.ports[port].conference = None;
        Ok(())
    }

    fn known_conference(&self, conference: u64) -> Outcome<()> {
        match self.conferences.get(conference) {
            Some(()) => Ok(()),
            None => fail!(E_STALE, "No conference is known under this handle"),
        }
    }
}

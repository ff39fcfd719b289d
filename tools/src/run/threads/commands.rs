//! The way of the core's commands to the media thread: a bounded ring, and behind it those that found it full.
//!
//! The core is given the [room](CommandsOut::room) of the ring before it claims a channel for a new call, so only
//! commands of calls in progress can find it full: they wait here, in order.
//!
//! Never: drops a command, or lets one overtake another.

use std::collections::VecDeque;

use tipring_driver::engine::Command;
use tipring_driver::spsc::Producer;

/// The core's end of the way.
pub(super) struct CommandsOut {
    ring: Producer<Command>,
    /// Commands that found the ring full, the oldest first.
    waiting: VecDeque<Command>,
}

impl CommandsOut {
    pub(super) const fn new(ring: Producer<Command>) -> CommandsOut {
        CommandsOut { ring, waiting: VecDeque::new() }
    }

    /// Hands a command on. Returns false for the first that has to wait.
    pub(super) fn push(&mut self, command: Command) -> bool {
        self.send_waiting();
        if self.waiting.is_empty() && self.ring.push(command).is_ok() {
            return true;
        }
        self.waiting.push_back(command);
        self.waiting.len() > 1
    }

    /// Hands waiting commands on, as far as the ring has room.
    pub(super) fn send_waiting(&mut self) {
        let room = self.ring.room().min(self.waiting.len());
        for command in self.waiting.drain(..room) {
            // The room never shrinks until this end pushes.
            let _ = self.ring.push(command);
        }
    }

    /// Returns the number of commands that the ring has had; none while commands wait for room.
    pub(super) fn given(&self) -> Option<u64> {
        self.waiting.is_empty().then(|| self.ring.position())
    }

    /// Returns the number of commands that the ring is sure to take from now on.
    pub(super) fn room(&mut self) -> usize {
        if self.waiting.is_empty() { self.ring.room() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use tipring_driver::ids::ChannelId;
    use tipring_driver::line::LineCommand;
    use tipring_driver::spsc::queue;

    use super::*;

    fn command(channel: u16) -> Command {
        Command::Line { channel: ChannelId(channel), command: LineCommand::Release }
    }

    #[test]
    fn commands_that_find_the_ring_full_wait_in_order_and_leave_no_room_for_new_calls() {
        let (producer, mut consumer) = queue(2);
        let mut out = CommandsOut::new(producer);
        assert_eq!(out.room(), 2);
        let taken: Vec<bool> = (0..5).map(|channel| out.push(command(channel))).collect();
        assert_eq!(taken, [true, true, false, true, true], "the first that waits is reported, the others are not");
        assert_eq!((out.room(), out.given()), (0, None));
        let mut found = Vec::new();
        while let Some(taken) = consumer.pop() {
            found.push(taken);
            out.send_waiting();
        }
        assert_eq!(found, (0..5).map(command).collect::<Vec<_>>());
        assert_eq!((out.room(), out.given()), (2, Some(5)));
    }
}

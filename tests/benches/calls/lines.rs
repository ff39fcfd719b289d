//! Lines and people of the bench: callers ring, agents lift as their telephones ring, callers hang up as they talk.
//!
//! Never: waits.

use std::collections::VecDeque;

use tipring_driver::engine::Command;
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{CallerId, DisconnectSignal, LineCommand, LineEvent, Number};
use tipring_driver::media::MediaCommand;

/// The callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Callers {
    /// Without a number.
    Unknown,
    /// With a number, which is looked up.
    Known,
}

/// Numbers that call.
const NUMBERS: u64 = 20_000;

/// The lines: trunks come first, then stations.
pub struct Lines {
    trunks: u16,
    callers: Callers,
    idle: VecDeque<ChannelId>,
    next: VecDeque<(ChannelId, LineEvent)>,
    rung: u64,
}

impl Lines {
    /// As many trunks as stations.
    pub fn new(trunks: u16, callers: Callers) -> Lines {
        let idle = (0..trunks).map(ChannelId).collect();
        Lines { trunks, callers, idle, next: VecDeque::new(), rung: 0 }
    }

    /// Callers who come; those for whom there is no idle line are refused. Returns the others.
    pub fn ring(&mut self, callers: u64) -> u64 {
        let taken = callers.min(self.idle.len() as u64);
        for trunk in self.idle.drain(..taken as usize) {
            self.rung += 1;
            self.next.push_back((trunk, LineEvent::Offered));
            let identity = match self.callers {
                Callers::Unknown => CallerId::default(),
                Callers::Known => {
                    let number = Number::from(&format!("139{:08}", self.rung % NUMBERS)).expect("digits");
                    CallerId { number, ..CallerId::default() }
                }
            };
            self.next.push_back((trunk, LineEvent::CallerIdentity(identity)));
        }
        taken
    }

    /// The next events of the lines, in the place of others, which have been taken.
    pub fn take(&mut self, taken: &mut VecDeque<(ChannelId, LineEvent)>) {
        std::mem::swap(&mut self.next, taken);
    }

    /// Every trunk is idle, and nothing is to be said.
    pub fn is_idle(&self) -> bool {
        self.idle.len() == usize::from(self.trunks) && self.next.is_empty()
    }

    /// Carries out a command to the engine.
    pub fn obey(&mut self, command: Command) {
        match command {
            Command::Line { channel, command: LineCommand::Release } => {
                self.next.push_back((channel, LineEvent::Idle));
                if channel.0 < self.trunks {
                    self.idle.push_back(channel);
                }
            }
            Command::Line { channel, command: LineCommand::Ring(_) } => {
                self.next.push_back((channel, LineEvent::OffHook));
            }
            Command::Line { channel, command: LineCommand::Disconnect } => {
                self.next.push_back((channel, LineEvent::OnHook));
            }
            Command::Media(MediaCommand::Connect { a, b }) => {
                let trunk = if a.0 < self.trunks { a } else { b };
                self.next.push_back((trunk, LineEvent::Released(DisconnectSignal::Tone)));
            }
            _ => {}
        }
    }
}

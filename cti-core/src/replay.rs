//! Replay: a core that was lost in the middle of its calls is made again from a checkpoint and the inputs after it.
//!
//! The core is a function of its state and its inputs. [`Core::checkpoint`] writes the state down between two inputs,
//! [`Core::keep_log`] has each input after it logged as an [`Entry`]; [`Recovery`] feeds them to the core of the
//! checkpoint and comes to the very state of the lost one: every call, timer, offer, monitor and figure, so that
//! conversations and recordings that an engine in another process has kept go on under the new core.
//!
//! ```text
//!            events ──► Core ──► actions              events not taken yet ─┐
//!                        │ entries, before actions                          ▼
//!   checkpoint, entries ◄┘          checkpoint, entries ──► Recovery ──► Core, actions that had not left
//! ```
//!
//! Beside its inputs the core reads one thing that others write: the channels' words. `channel::view` predicts each
//! word from the events taken and the claims won; only where a word differed (the line was ahead of its events)
//! does the entry have it, as a [`Look`](crate::channel::Look). A tick at which nothing is due is no entry.
//!
//! The order at the outside is the rule that makes it exact: take an event's copy, hand it to the core, write the
//! entries, carry out the actions, then count the event as taken. What was not written had no effect outside but
//! claims, and [`Recovery::finish`] takes those back.
//!
//! The actions that had not left are handed out again:
//!
//! | action | known to have left |
//! |---|---|
//! | command, with the prompts composed for it | by the number of commands that the engine's ring has had |
//! | request to the store | by its answer; the outside leaves out what the store has kept of this run |
//! | question to a data source, PIN to be verified | by its answer |
//! | answers and events for sessions | never asked for: sessions end with the program that served them |
//!
//! Never: reads or writes a file, or gives a command twice.

use std::fmt;
use std::sync::Arc;

use crate::channel::{ChannelEvent, ChannelTable, OtherChannels};
use crate::core::{Action, Asked, Checkpoint, Core};
use crate::input::Entry;

/// A replay in progress.
#[derive(Debug)]
pub struct Recovery {
    core: Core,
    /// Commands that the engine has been given.
    given: u64,
    /// Commands of the replay.
    commands: u64,
    /// Composed prompts since the last command that was given, and commands that were not.
    unsent: Vec<Action>,
}

/// The replay has come to fewer commands than the engine was given: the log is of another program, or not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diverged {
    /// Commands that the engine was given.
    pub given: u64,
    /// Commands of the replay.
    pub replayed: u64,
}

impl fmt::Display for Diverged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Diverged { given, replayed } = self;
        write!(f, "The engine was given {given} commands, the log of inputs leads to {replayed}")
    }
}

impl std::error::Error for Diverged {}

impl Recovery {
    /// Begins a replay with a checkpoint of the lost core. `given` is the number of commands that the engine has been
    /// given since the checkpoint was taken.
    ///
    /// # Errors
    /// The table is of other channels.
    pub fn new(checkpoint: Checkpoint, table: Arc<ChannelTable>, given: u64) -> Result<Recovery, OtherChannels> {
        let mut core = checkpoint.with(table)?;
        core.channels.replay_input(Vec::new());
        Ok(Recovery { core, given, commands: 0, unsent: Vec::new() })
    }

    /// Takes the next entry. `observe` sees every action in its order, done or not: for what is shown of a site.
    pub fn replay(&mut self, entry: Entry, mut observe: impl FnMut(&Action)) {
        self.core.set_now(entry.now);
        self.core.channels.end_input();
        self.core.channels.replay_input(entry.looks);
        // A configuration that was refused then is refused again.
        let _ = self.core.handle(entry.input);
        while let Some(action) = self.core.poll_action() {
            observe(&action);
            self.sort(action);
        }
    }

    /// Ends the replay: the core at the state of the lost one, which keeps its log on, and the actions that are still
    /// to be carried out, in order. `waiting` are the events that are not in the log, oldest first; they come next.
    ///
    /// # Errors
    /// [`Diverged`] if the log does not lead to what the engine was given.
    pub fn finish(mut self, waiting: &[ChannelEvent]) -> Result<(Core, Vec<Action>), Diverged> {
        if self.commands < self.given {
            return Err(Diverged { given: self.given, replayed: self.commands });
        }
        self.core.channels.end_input();
        self.core.channels.go_live(waiting);
        self.core.keep_log();
        let again = self.core.asked.as_ref().map(Asked::again).unwrap_or_default();
        Ok((self.core, self.unsent.into_iter().chain(again).collect()))
    }

    /// Keeps what is for the engine and was not given.
    fn sort(&mut self, action: Action) {
        match action {
            Action::Command(_) => {
                self.commands += 1;
                if self.commands <= self.given {
                    self.unsent.clear();
                } else {
                    self.unsent.push(action);
                }
            }
            Action::Compose { .. } => self.unsent.push(action),
            Action::Store(_)
            | Action::Dip { .. }
            | Action::VerifyPin { .. }
            | Action::Reply { .. }
            | Action::SwitchRequest { .. }
            | Action::EventReport { .. }
            | Action::Report { .. }
            | Action::Rights { .. }
            | Action::SystemStatus(_)
            | Action::Trouble(_) => {}
        }
    }
}

//! The core is lost at random moments, made again from a checkpoint and the log of its inputs, and compared with the
//! lost one. Checkpoints are taken at random moments; the core comes back from the newest, or from the first (a core
//! without calls) and all entries since.
//!
//! Losses come at two moments: between two actions, where the new core must equal the old one and hand out the actions
//! that had not left; and after an input that had not been written, where no effect of it may be left, claims included.
//!
//! Never: repairs a difference; it fails the test.

use crate::channel::{ChannelEvent, What};
use crate::core::{Action, Checkpoint, Core};
use crate::input::Entry;
use crate::replay::Recovery;

use super::random::Dice;
use super::rig::Rig;

/// Actions and events between two losses, on average.
const LOSS_EVERY: u64 = 1_500;
/// Moments without an action to carry out between two checkpoints, on average.
const CHECKPOINT_EVERY: u64 = 1_000;

/// A checkpoint as it was written.
struct Written {
    text: String,
    /// Entries of the log before it.
    entries: usize,
    /// Commands carried out before it.
    commands: u64,
}

/// A rig's log of inputs and the dice that say when its core is lost. The default loses none.
#[derive(Default)]
pub(crate) struct Losses {
    dice: Option<Dice>,
    entries: Vec<Entry>,
    /// The first checkpoint, and the newest.
    checkpoints: Vec<Written>,
    /// Commands carried out.
    commands: u64,
    /// Cores lost.
    pub(crate) count: u64,
}

impl Losses {
    /// Losses at the moments that the dice choose.
    pub(crate) fn at(dice: Dice) -> Losses {
        Losses { dice: Some(dice), ..Losses::default() }
    }

    /// Has a new core keep its log, if it can be lost.
    pub(super) fn begin(&mut self, core: &mut Core) {
        if self.dice.is_some() {
            core.keep_log();
            self.take_checkpoint(core);
        }
    }

    fn take_checkpoint(&mut self, core: &Core) {
        let checkpoint = core.checkpoint().expect("nothing is to be done");
        let text = serde_json::to_string(&checkpoint).expect("plain data");
        self.checkpoints.truncate(1);
        self.checkpoints.push(Written { text, entries: self.entries.len(), commands: self.commands });
    }

    fn roll(&mut self, sides: u64) -> bool {
        self.dice.as_mut().is_some_and(|dice| dice.roll(sides) == 0)
    }

    fn strikes(&mut self) -> bool {
        self.roll(LOSS_EVERY)
    }
}

impl Rig {
    /// The core is made again from a checkpoint of this moment.
    pub(in crate::testing) fn restart(&mut self) {
        self.write_log();
        let text = serde_json::to_string(&self.core.checkpoint().expect("nothing is to be done"));
        let text = text.expect("plain data");
        let read: Checkpoint = serde_json::from_str(&text).expect("as it was written");
        self.core = read.with(self.table.clone()).expect("the same channels");
    }

    /// The next action, after the entries of the log. Here the core may be lost.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.write_log();
        if self.losses.strikes() {
            self.lose_between_actions();
        }
        let action = self.core.poll_action();
        if action.is_none() && self.losses.roll(CHECKPOINT_EVERY) {
            self.check_checkpoint();
        }
        self.losses.commands += u64::from(matches!(action, Some(Action::Command(_))));
        action
    }

    /// The core may be lost after it has taken an event and before its entry was written: the event comes again.
    pub(super) fn lose_before_the_log(&mut self, event: ChannelEvent) {
        if !self.ring.is_empty() || !self.losses.strikes() {
            return;
        }
        if event.what == What::Tick {
            if self.table.is_overflowed() {
                // The reason would be forgotten with the lost core.
                return;
            }
            // A core that comes back reads the words once, for the lost one may have been about to.
            self.table.set_begun();
        }
        let (before, now) = (self.state(), self.core.now());
        self.core.handle_channel_event(event);
        self.core.set_now(now);
        let (core, unsent) = self.recover(&[event]);
        self.core = core;
        self.compare(&before);
        assert!(!unsent.iter().any(is_for_the_engine), "the engine was given everything: {unsent:?}");
    }

    fn lose_between_actions(&mut self) {
        let rest = std::mem::take(&mut self.core.actions);
        let before = self.state();
        let (core, unsent) = self.recover(&[]);
        self.core = core;
        self.compare(&before);
        let commands = |actions: &mut dyn Iterator<Item = &Action>| -> Vec<Action> {
            actions.filter(|action| is_for_the_engine(action)).cloned().collect()
        };
        assert_eq!(commands(&mut unsent.iter()), commands(&mut rest.iter()));
        let open = rest.iter().chain(unsent.iter()).filter(|action| matches!(action, Action::Store(_)));
        for request in open {
            assert!(unsent.contains(request), "a request to the store is lost: {request:?}");
        }
        self.core.actions = rest;
    }

    /// Takes a checkpoint: read back, it is the core.
    fn check_checkpoint(&mut self) {
        self.losses.take_checkpoint(&self.core);
        let before = self.state();
        let text = &self.losses.checkpoints.last().expect("taken").text;
        let read: Checkpoint = serde_json::from_str(text).expect("reads back");
        let mut core = read.with(self.table.clone()).expect("the same channels");
        core.keep_log();
        self.core = core;
        self.compare(&before);
    }

    fn recover(&mut self, waiting: &[ChannelEvent]) -> (Core, Vec<Action>) {
        self.losses.count += 1;
        let first = self.losses.roll(2);
        let Losses { commands, entries, checkpoints, .. } = &self.losses;
        let from = if first { checkpoints.first() } else { checkpoints.last() }.expect("one at the beginning");
        let checkpoint = serde_json::from_str(&from.text).expect("reads back");
        let given = commands - from.commands;
        let mut recovery = Recovery::new(checkpoint, self.table.clone(), given).expect("the same channels");
        entries[from.entries..].iter().for_each(|entry| recovery.replay(entry.clone(), |_| ()));
        let now = self.core.now();
        let (mut core, unsent) = recovery.finish(waiting).expect("the log leads to what was commanded");
        // Ticks at which nothing was due are not in the log.
        core.set_now(now);
        (core, unsent)
    }

    fn write_log(&mut self) {
        for entry in self.core.take_log() {
            let text = serde_json::to_string(&entry).expect("plain data");
            let read: Entry = serde_json::from_str(&text).expect("reads back");
            assert_eq!(read, entry, "{text}");
            self.losses.entries.push(read);
        }
    }

    fn state(&self) -> String {
        format!("{:#?}", self.core)
    }

    fn compare(&self, before: &str) {
        let after = self.state();
        let differs = before.lines().zip(after.lines()).position(|(before, after)| before != after);
        let Some(line) = differs.or((before.len() != after.len()).then_some(0)) else { return };
        let part = |text: &str| text.lines().skip(line.saturating_sub(30)).take(34).collect::<Vec<_>>().join("\n");
        panic!("the core is another at line {line}; it was\n{}\nand is\n{}", part(before), part(&after));
    }
}

/// Returns true for commands and the prompts that are composed for them.
fn is_for_the_engine(action: &Action) -> bool {
    matches!(action, Action::Command(_) | Action::Compose { .. })
}

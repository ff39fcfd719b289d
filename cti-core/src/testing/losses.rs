//! The core is lost at random moments, made again from the log of its inputs, and compared with the lost one.
//!
//! Two moments: between two actions, when the new core must be what the old one was and know what it had not yet done;
//! and after an input that had not been written, when nothing of it may be left, claims included.
//!
//! Never: repaired here; a difference fails the test.

use crate::channel::{ChannelEvent, What};
use crate::config::Config;
use crate::core::{Action, Core};
use crate::input::Entry;
use crate::replay::Recovery;

use super::random::Dice;
use super::rig::Rig;

/// Actions and events between two losses, on average.
const LOSS_EVERY: u64 = 1_500;

/// A rig's log of inputs and the dice that say when its core is lost. The default loses none.
#[derive(Default)]
pub(crate) struct Losses {
    dice: Option<Dice>,
    config: Config,
    entries: Vec<Entry>,
    /// Commands carried out.
    commands: u64,
    /// Cores lost.
    pub(crate) count: u64,
}

impl Losses {
    /// Losses of the core of a site.
    pub(crate) fn of(config: Config, dice: Dice) -> Losses {
        Losses { dice: Some(dice), config, ..Losses::default() }
    }

    /// Has a new core keep its log, if it can be lost.
    pub(super) fn begin(&self, core: &mut Core) {
        if self.dice.is_some() {
            core.keep_log();
        }
    }

    fn strikes(&mut self) -> bool {
        self.dice.as_mut().is_some_and(|dice| dice.roll(LOSS_EVERY) == 0)
    }
}

impl Rig {
    /// The next action, after the entries of the log. Here the core may be lost.
    pub(super) fn next_action(&mut self) -> Option<Action> {
        self.write_log();
        if self.losses.strikes() {
            self.lose_between_actions();
        }
        let action = self.core.poll_action();
        self.losses.commands += u64::from(matches!(action, Some(Action::Command(_))));
        action
    }

    /// The core may be lost after it has taken an event and before its entry was written: the event comes again.
    pub(super) fn lose_before_the_log(&mut self, event: ChannelEvent) {
        if !self.ring.is_empty() || !self.losses.strikes() {
            return;
        }
        if event.what == What::Tick {
            // A core that comes back reads the words once, for the lost one may have been about to.
            self.table.set_overflowed();
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

    fn recover(&mut self, waiting: &[ChannelEvent]) -> (Core, Vec<Action>) {
        self.losses.count += 1;
        let Losses { config, commands, entries, .. } = &self.losses;
        let mut recovery = Recovery::new(config.clone(), self.table.clone(), *commands).expect("a site that can be");
        entries.iter().for_each(|entry| recovery.replay(entry.clone(), |_| ()));
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

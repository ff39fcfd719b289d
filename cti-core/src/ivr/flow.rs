//! The machine that walks a caller through one menu: say, await a key, say again, go on.
//!
//! A key ends the prompt at once (barge-in). A key that is not offered counts like none: the prompt is said again, and
//! when it has been said often enough the caller goes where callers go by default.
//!
//! Never: knows which call it walks.

use tipring_driver::ids::PromptId;
use tipring_driver::line::Digit;
use tipring_driver::time::Ticks;

use super::{Menu, Target};

/// Where a caller is in a menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walk {
    /// Which menu.
    pub menu: u16,
    /// How often the prompt has been said again.
    repeated: u8,
}

/// What has happened to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The prompt has ended.
    PromptEnded,
    /// A key was pressed.
    Key(Digit),
    /// No key was pressed in time.
    TimedOut,
}

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Say this, from its beginning.
    Say(PromptId),
    /// Be silent and await a key for so long.
    Await(Ticks),
    /// Go there.
    Go(Target),
}

impl Walk {
    /// Enters a menu.
    pub fn enter(number: u16, menu: &Menu) -> (Walk, Step) {
        let walk = Walk { menu: number, repeated: 0 };
        (walk, walk.say(menu))
    }

    /// What follows from what happened.
    pub fn step(&mut self, menu: &Menu, heard: Heard) -> Step {
        match heard {
            Heard::PromptEnded => Step::Await(menu.key_wait),
            Heard::Key(key) => match menu.choices.iter().find(|(choice, _)| *choice == key) {
                Some(&(_, target)) => Step::Go(target),
                None => self.again(menu),
            },
            Heard::TimedOut => self.again(menu),
        }
    }

    fn again(&mut self, menu: &Menu) -> Step {
        if self.repeated >= menu.repeats {
            return Step::Go(menu.default);
        }
        self.repeated += 1;
        self.say(menu)
    }

    const fn say(self, menu: &Menu) -> Step {
        match menu.prompt {
            Some(prompt) => Step::Say(prompt),
            None => Step::Await(menu.key_wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::QueueIx;

    const WAIT: Ticks = Ticks::from_secs(5);
    const PROMPT: PromptId = PromptId(1);
    const SALES: Target = Target::Queue(QueueIx(0));
    const REPAIR: Target = Target::Queue(QueueIx(1));

    fn key(c: char) -> Digit {
        Digit::new(c).expect("a key")
    }

    fn menu() -> Menu {
        let choices = vec![(key('1'), SALES), (key('2'), REPAIR)];
        Menu { prompt: Some(PROMPT), choices, default: SALES, key_wait: WAIT, repeats: 1 }
    }

    #[test]
    fn a_key_during_the_prompt_leads_on_at_once() {
        let (mut walk, first) = Walk::enter(0, &menu());
        assert_eq!(first, Step::Say(PROMPT));
        assert_eq!(walk.step(&menu(), Heard::Key(key('2'))), Step::Go(REPAIR));
    }

    #[test]
    fn without_a_key_the_prompt_is_said_once_more_and_then_the_default_is_taken() {
        let (mut walk, _) = Walk::enter(0, &menu());
        assert_eq!(walk.step(&menu(), Heard::PromptEnded), Step::Await(WAIT));
        assert_eq!(walk.step(&menu(), Heard::TimedOut), Step::Say(PROMPT));
        assert_eq!(walk.step(&menu(), Heard::PromptEnded), Step::Await(WAIT));
        assert_eq!(walk.step(&menu(), Heard::TimedOut), Step::Go(SALES));
    }

    #[test]
    fn a_key_that_is_not_offered_counts_like_none() {
        let (mut walk, _) = Walk::enter(0, &menu());
        assert_eq!(walk.step(&menu(), Heard::Key(key('7'))), Step::Say(PROMPT));
        assert_eq!(walk.step(&menu(), Heard::Key(key('8'))), Step::Go(SALES));
    }
}

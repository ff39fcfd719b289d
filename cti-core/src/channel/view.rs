//! The channels' words as the core reads them, noted so that a replay reads the same.
//!
//! The core predicts each word from the events that it has taken and the claims that it has won. A read of a word is
//! noted only where the word differs from the prediction: the line was ahead of its events.
//!
//! Never: reads or claims a word of the table in a replay.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::{LineEvent, Number};

use super::sink::{ChannelEvent, What};
use super::table::{ChannelTable, Claim, Reread, Superseded};
use super::transition::{self, Intent, LineEdge};
use super::word::{Cause, Generation, Owner, State, Word};

/// A read of the table whose result differs from the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The number of the read within its input, from 0.
    pub number: u32,
    /// Its result.
    pub found: Found,
}

/// A result that differs from the prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// A word.
    Word(Word),
    /// All words must be read.
    Reread(Reread),
}

/// The checkpoint is of a site with other channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherChannels {
    /// Channels of the checkpoint.
    pub written: usize,
    /// Channels of the table.
    pub here: usize,
}

impl fmt::Display for OtherChannels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The checkpoint is of {} channels, the cards have {}", self.written, self.here)
    }
}

impl std::error::Error for OtherChannels {}

/// The table, seen by the core.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct ChannelView {
    #[serde(skip, default = "no_channels")]
    table: Arc<ChannelTable>,
    /// The words as they are foreseen.
    foreseen: Vec<Word>,
    /// Looks taken by the present input.
    #[serde(skip)]
    looks: u32,
    /// Looks of the present input that found another word.
    #[serde(skip)]
    different: Vec<Look>,
    /// In a replay: the looks of the present input that found another word, in order.
    #[serde(skip)]
    replayed: Option<VecDeque<Look>>,
}

impl ChannelView {
    pub(crate) fn new(table: Arc<ChannelTable>) -> ChannelView {
        let foreseen = vec![Word::START; table.len()];
        ChannelView { table, foreseen, looks: 0, different: Vec::new(), replayed: None }
    }

    /// A view that was written down is of this table.
    pub(crate) fn set_table(&mut self, table: Arc<ChannelTable>) -> Result<(), OtherChannels> {
        let (written, here) = (self.foreseen.len(), table.len());
        if written != here {
            return Err(OtherChannels { written, here });
        }
        self.table = table;
        Ok(())
    }

    /// Reads a channel's word. A channel that does not exist is out of service.
    pub(crate) fn read(&mut self, channel: ChannelId) -> Word {
        let found = match self.replay_look() {
            Some(found) => found,
            None => Some(self.table.read(channel)),
        };
        let found = found.unwrap_or(self.foreseen(channel));
        self.note(channel, found);
        found
    }

    /// Takes a channel's next step: see [`ChannelTable::claim`].
    pub(crate) fn claim(&mut self, channel: ChannelId, known: Generation, intent: Intent) -> Result<Claim, Superseded> {
        let claimed = match self.replay_look() {
            Some(found) => Claim::judge(channel, found.unwrap_or(self.foreseen(channel)), known, &intent),
            None => self.table.claim(channel, known, intent),
        };
        match claimed {
            Ok(claim) => {
                self.note(channel, claim.found);
                self.foresee(channel, claim.word);
            }
            Err(superseded) => self.note(channel, superseded.found),
        }
        claimed
    }

    /// Returns true if all words must be read, without taking the flag.
    pub(crate) fn is_overflowed(&self) -> bool {
        match &self.replayed {
            Some(looks) => looks.front().is_some_and(|look| matches!(look.found, Found::Reread(_))),
            None => self.table.is_overflowed(),
        }
    }

    /// Takes the overflow flag: see [`ChannelTable::take_overflowed`].
    pub(crate) fn take_overflowed(&mut self) -> Option<Reread> {
        let why = match &mut self.replayed {
            Some(looks) => match looks.front() {
                Some(&Look { found: Found::Reread(why), .. }) => {
                    looks.pop_front();
                    Some(why)
                }
                _ => None,
            },
            None => self.table.take_overflowed(),
        }?;
        self.different.push(Look { number: self.looks, found: Found::Reread(why) });
        Some(why)
    }

    /// The core takes a line event.
    pub(crate) fn take(&mut self, channel: ChannelId, generation: Generation, event: &LineEvent) {
        self.foresee(channel, after(self.foreseen(channel), generation, event));
    }

    /// The present input has been taken. Returns its looks that found what was not foreseen.
    pub(crate) fn end_input(&mut self) -> Vec<Look> {
        self.looks = 0;
        std::mem::take(&mut self.different)
    }

    /// An input is taken again: these looks found another word than was foreseen.
    pub(crate) fn replay_input(&mut self, looks: Vec<Look>) {
        self.replayed = Some(looks.into());
    }

    /// Looks are at the table again. Claims whose actions never left are taken back: a word that the core wrote last
    /// and that is not foreseen, also not by the events that still wait.
    pub(crate) fn go_live(&mut self, waiting: &[ChannelEvent]) {
        self.replayed = None;
        if waiting.first().is_some_and(|event| event.what == What::Tick) {
            // The lost core may have taken the flag with it.
            self.table.set_begun();
        }
        for ix in 0..self.foreseen.len() {
            let channel = ChannelId(ix as u16);
            let mut before = self.foreseen[ix];
            for event in waiting {
                if let What::Line { channel: of, generation, event } = &event.what
                    && *of == channel
                {
                    before = after(before, *generation, event);
                }
            }
            let found = self.table.read(channel);
            if found.owner != Owner::Core || found == before {
                continue;
            }
            // Where events were lost the word is not foreseen; an answer has one word before it all the same.
            let offered = Word { state: State::Offered, owner: Owner::Line, cause: Cause::Normal, ..found };
            let from = [before, offered].into_iter().find(|&word| leads_to(word, found));
            if let Some(word) = from {
                // A line that steps in this moment has the word; its event comes.
                let _ = self.table.undo(channel, found, word);
            }
        }
    }

    /// In a replay: the next look, with the word that it found if that was not foreseen.
    fn replay_look(&mut self) -> Option<Option<Word>> {
        let looks = self.replayed.as_mut()?;
        let found = match looks.front() {
            Some(&Look { number, found: Found::Word(word) }) if number == self.looks => {
                looks.pop_front();
                Some(word)
            }
            _ => None,
        };
        Some(found)
    }

    fn note(&mut self, channel: ChannelId, found: Word) {
        if found != self.foreseen(channel) {
            self.different.push(Look { number: self.looks, found: Found::Word(found) });
            self.foresee(channel, found);
        }
        self.looks += 1;
    }

    fn foreseen(&self, channel: ChannelId) -> Word {
        self.foreseen.get(channel.index()).copied().unwrap_or(Word::START)
    }

    fn foresee(&mut self, channel: ChannelId, word: Word) {
        if let Some(place) = self.foreseen.get_mut(channel.index()) {
            *place = word;
        }
    }
}

/// The table of a view that was read, until it is given one.
fn no_channels() -> Arc<ChannelTable> {
    Arc::new(ChannelTable::new(0))
}

/// Returns true if a claim of some kind leads from one word to another.
fn leads_to(word: Word, claimed: Word) -> bool {
    let intents =
        [Intent::Answer, Intent::Dial(Number::new()), Intent::Ring(None), Intent::StopRinging, Intent::Release];
    intents.iter().any(|intent| transition::command(word, intent) == Some(claimed))
}

/// The word after an event that a channel's word has accepted.
fn after(word: Word, generation: Generation, event: &LineEvent) -> Word {
    let next = match transition::line(word, event) {
        LineEdge::Step(next) => next,
        LineEdge::Stay | LineEdge::Superseded => word,
    };
    Word { generation, ..next }
}

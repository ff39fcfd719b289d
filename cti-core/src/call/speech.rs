//! Pending announcements over music on hold or queue music: prompts in a row, each played once; then the music returns.
//!
//! Never: plays; it holds what is still to be said.

use arrayvec::ArrayVec;
use tipring_driver::ids::PromptId;

/// Prompts of one announcement: two sentences with a number each have some twenty words.
pub const SPEECH_MAX: usize = 32;

/// Prompts that are still to be played to a caller.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize)]
pub struct Speech {
    /// The rest, the next one last.
    rest: ArrayVec<PromptId, SPEECH_MAX>,
    /// The number of the playing, so that a word said twice in a row is played twice.
    count: u32,
}

impl Speech {
    /// Replaces what is being said. Prompts beyond [`SPEECH_MAX`] are left out.
    pub fn say(&mut self, prompts: impl IntoIterator<Item = PromptId>) {
        self.rest = prompts.into_iter().take(SPEECH_MAX).collect();
        self.rest.reverse();
        self.count = self.count.wrapping_add(1);
    }

    /// Silence.
    pub fn stop(&mut self) {
        self.rest.clear();
    }

    /// The prompt that plays, with the number of its playing.
    pub fn now(&self) -> Option<(PromptId, u32)> {
        self.rest.last().map(|&prompt| (prompt, self.count))
    }

    /// The prompt that plays has ended; returns false if nothing was being said.
    pub fn ended(&mut self) -> bool {
        self.count = self.count.wrapping_add(1);
        self.rest.pop().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_come_in_their_order_and_a_word_said_twice_is_played_twice() {
        let mut speech = Speech::default();
        speech.say([PromptId(7), PromptId(7), PromptId(9)]);
        let first = speech.now();
        assert!(speech.ended());
        let second = speech.now();
        assert_eq!((first.map(|it| it.0), second.map(|it| it.0)), (Some(PromptId(7)), Some(PromptId(7))));
        assert_ne!(first, second);
        assert!(speech.ended());
        assert_eq!(speech.now().map(|it| it.0), Some(PromptId(9)));
        assert!(speech.ended());
        assert_eq!((speech.now(), speech.ended()), (None, false));
    }
}

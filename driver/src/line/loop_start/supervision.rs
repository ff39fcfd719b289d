//! Supervision: by what signs a trunk's far end has answered, and by what signs it has gone.
//!
//! A loop-start line says neither outright. What a line gives is in its country's data; here the signs are weighed. Strong
//! ones (a reversal, a loop break) are seen by the trunk machine itself and decide alone.

use super::ticks;
use crate::country::{AnswerSigns, ReleaseSigns};
use crate::line::{Heard, ReleaseSign};
use crate::media::ToneKind;
use crate::time::{Tick, Ticks};

/// A tone that stands for so long again has another vote.
const TONE_AGAIN: Ticks = Ticks::from_secs(3);

/// A call out that may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    signs: AnswerSigns,
    dialled_at: Tick,
    /// Ringback has been heard.
    rang: bool,
    /// The tone that is heard now.
    tone: Option<ToneKind>,
    /// Since when none is heard.
    quiet_since: Tick,
    /// Since when somebody speaks.
    voice_since: Option<Tick>,
}

impl Answer {
    /// The last digit has just gone out.
    pub fn new(signs: AnswerSigns, now: Tick) -> Answer {
        Answer { signs, dialled_at: now, rang: false, tone: None, quiet_since: now, voice_since: None }
    }

    /// The sound of the line says something.
    pub fn handle_heard(&mut self, now: Tick, heard: Heard) {
        match heard {
            Heard::Tone(tone) => {
                self.rang |= tone == ToneKind::Ringback;
                self.tone = Some(tone);
                self.voice_since = None;
            }
            Heard::ToneEnded(_) => {
                self.tone = None;
                self.quiet_since = now;
            }
            // Whatever it is, it is the network's.
            Heard::ToneBegun | Heard::Special(_) | Heard::Machine(_) => self.voice_since = None,
            Heard::VoiceBegun => self.voice_since = Some(now),
            Heard::VoiceEnded => self.voice_since = None,
            Heard::Digit(_) | Heard::CallerId(_) | Heard::Alert => {}
            Heard::SilenceBegun | Heard::SilenceEnded | Heard::Sent => {}
        }
    }

    /// When it counts as answered if nothing more is heard.
    pub fn due(&self) -> Option<Tick> {
        let signs = &self.signs;
        let by_voice = signs.voice_ms.zip(self.voice_since).map(|(ms, since)| since + ticks(ms));
        let quiet = self.tone.is_none();
        let after_ringback =
            signs.after_ringback_ms.filter(|_| self.rang && quiet).map(|ms| self.quiet_since + ticks(ms));
        let after_dialling =
            signs.after_dialling_ms.filter(|_| quiet).map(|ms| self.dialled_at.max(self.quiet_since) + ticks(ms));
        [by_voice, after_ringback, after_dialling].into_iter().flatten().min()
    }
}

/// A call that stands, and the votes for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    signs: ReleaseSigns,
    votes: u8,
    /// When the tone that stands has its next vote.
    tone_votes_at: Option<Tick>,
    /// When silence has its vote.
    silence_votes_at: Option<Tick>,
}

impl Release {
    /// The call stands since now.
    pub fn new(signs: ReleaseSigns) -> Release {
        Release { signs, votes: 0, tone_votes_at: None, silence_votes_at: None }
    }

    /// The sound of the line says something. Tells by what sign the call has ended, if it has.
    pub fn handle_heard(&mut self, now: Tick, heard: Heard) -> Option<ReleaseSign> {
        match heard {
            // Dial tone after a call: the exchange has let go of it.
            Heard::Tone(ToneKind::Busy | ToneKind::Congestion | ToneKind::Dial) if self.signs.tone => {
                self.tone_votes_at = Some(now + TONE_AGAIN);
                self.vote(ReleaseSign::Tone)
            }
            Heard::ToneEnded(_) => {
                self.tone_votes_at = None;
                None
            }
            // Nobody speaks on a line that was released.
            Heard::VoiceBegun => {
                self.votes = 0;
                None
            }
            Heard::SilenceBegun => {
                self.silence_votes_at = self.signs.silence_ms.map(|ms| now + ticks(ms));
                None
            }
            Heard::SilenceEnded => {
                self.silence_votes_at = None;
                None
            }
            Heard::Tone(_) | Heard::ToneBegun | Heard::Special(_) | Heard::Machine(_) | Heard::VoiceEnded => None,
            Heard::Digit(_) | Heard::CallerId(_) | Heard::Alert | Heard::Sent => None,
        }
    }

    /// Time has passed. Tells by what sign the call has ended, if it has.
    pub fn handle_time(&mut self, now: Tick) -> Option<ReleaseSign> {
        if let Some(at) = self.tone_votes_at
            && at <= now
        {
            self.tone_votes_at = Some(at + TONE_AGAIN);
            if let Some(sign) = self.vote(ReleaseSign::Tone) {
                return Some(sign);
            }
        }
        if self.silence_votes_at.is_some_and(|at| at <= now) {
            self.silence_votes_at = None;
            return self.vote(ReleaseSign::Silence);
        }
        None
    }

    /// When it wants to be woken.
    pub fn due(&self) -> Option<Tick> {
        [self.tone_votes_at, self.silence_votes_at].into_iter().flatten().min()
    }

    fn vote(&mut self, sign: ReleaseSign) -> Option<ReleaseSign> {
        self.votes = self.votes.saturating_add(1);
        (self.votes >= self.signs.votes).then_some(sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::CHINA;

    const BY_VOICE: AnswerSigns =
        AnswerSigns { polarity: false, voice_ms: Some(1500), after_ringback_ms: None, after_dialling_ms: None };
    const TWO_VOTES: ReleaseSigns = ReleaseSigns { votes: 2, silence_ms: Some(30_000), ..CHINA.line.release };

    #[test]
    fn a_voice_that_lasts_is_an_answer() {
        let mut answer = Answer::new(BY_VOICE, Tick(0));
        assert_eq!(answer.due(), None);
        answer.handle_heard(Tick(5000), Heard::Tone(ToneKind::Ringback));
        answer.handle_heard(Tick(9000), Heard::VoiceBegun);
        assert_eq!(answer.due(), Some(Tick(10_500)));
    }

    #[test]
    fn what_turns_out_to_be_a_tone_was_no_voice() {
        let mut answer = Answer::new(BY_VOICE, Tick(0));
        answer.handle_heard(Tick(1000), Heard::VoiceBegun);
        answer.handle_heard(Tick(1300), Heard::ToneBegun);
        assert_eq!(answer.due(), None);
        answer.handle_heard(Tick(2000), Heard::VoiceBegun);
        answer.handle_heard(Tick(2900), Heard::VoiceEnded);
        assert_eq!(answer.due(), None);
    }

    #[test]
    fn without_any_tone_the_time_after_dialling_decides() {
        let signs = AnswerSigns { after_dialling_ms: Some(20_000), ..BY_VOICE };
        let mut answer = Answer::new(signs, Tick(1000));
        assert_eq!(answer.due(), Some(Tick(21_000)));
        answer.handle_heard(Tick(3000), Heard::Tone(ToneKind::Ringback));
        assert_eq!(answer.due(), None, "it rings");
        answer.handle_heard(Tick(60_000), Heard::ToneEnded(ToneKind::Ringback));
        assert_eq!(answer.due(), Some(Tick(80_000)));
    }

    #[test]
    fn with_one_vote_the_first_tone_releases() {
        let mut release = Release::new(CHINA.line.release);
        assert_eq!(release.handle_heard(Tick(0), Heard::Tone(ToneKind::Ringback)), None);
        assert_eq!(release.handle_heard(Tick(9), Heard::Tone(ToneKind::Busy)), Some(ReleaseSign::Tone));
    }

    #[test]
    fn with_two_votes_a_tone_must_stand_or_come_again() {
        let mut release = Release::new(TWO_VOTES);
        assert_eq!(release.handle_heard(Tick(0), Heard::Tone(ToneKind::Busy)), None);
        assert_eq!(release.due(), Some(Tick(3000)));
        assert_eq!(release.handle_time(Tick(3000)), Some(ReleaseSign::Tone));
        let mut release = Release::new(TWO_VOTES);
        release.handle_heard(Tick(0), Heard::Tone(ToneKind::Busy));
        release.handle_heard(Tick(2000), Heard::ToneEnded(ToneKind::Busy));
        assert_eq!((release.due(), release.handle_time(Tick(9000))), (None, None));
        assert_eq!(release.handle_heard(Tick(9500), Heard::Tone(ToneKind::Busy)), Some(ReleaseSign::Tone));
    }

    #[test]
    fn a_voice_takes_the_votes_back() {
        let mut release = Release::new(TWO_VOTES);
        release.handle_heard(Tick(0), Heard::Tone(ToneKind::Busy));
        release.handle_heard(Tick(500), Heard::ToneEnded(ToneKind::Busy));
        release.handle_heard(Tick(600), Heard::VoiceBegun);
        assert_eq!(release.handle_heard(Tick(9000), Heard::Tone(ToneKind::Busy)), None);
    }

    #[test]
    fn silence_and_a_tone_decide_together() {
        let mut release = Release::new(TWO_VOTES);
        release.handle_heard(Tick(0), Heard::Tone(ToneKind::Congestion));
        release.handle_heard(Tick(1000), Heard::ToneEnded(ToneKind::Congestion));
        release.handle_heard(Tick(1000), Heard::SilenceBegun);
        assert_eq!(release.handle_time(Tick(30_999)), None);
        assert_eq!(release.handle_time(Tick(31_000)), Some(ReleaseSign::Silence));
    }

    #[test]
    fn silence_that_is_broken_begins_again() {
        let mut release = Release::new(ReleaseSigns { votes: 1, ..TWO_VOTES });
        release.handle_heard(Tick(0), Heard::SilenceBegun);
        release.handle_heard(Tick(29_000), Heard::SilenceEnded);
        assert_eq!(release.handle_time(Tick(31_000)), None);
        release.handle_heard(Tick(40_000), Heard::SilenceBegun);
        assert_eq!(release.due(), Some(Tick(70_000)));
    }
}

//! Answer supervision and disconnect supervision of a trunk by tone, voice, silence and timer, combined by vote; loop
//! break (CPC) and polarity reversal are in `fxo`.
//!
//! Loop start has no standard signal of answer or disconnect; the line's profile says which criteria have a vote. A
//! loop break or a reversal is seen by the trunk machine in `fxo` and decides alone.

use super::ticks;
use crate::country::{AnswerSignals, DisconnectSignals};
use crate::line::{Detection, DisconnectSignal};
use crate::signal::{ToneKind, VOICE_ENDS_MS};
use crate::time::{Tick, Ticks};

/// A tone that stands for so long again has another vote.
const TONE_AGAIN: Ticks = Ticks::from_secs(3);
/// Dial tone that is recognised so soon after a flash is the answer of a private exchange to it. (It begins within a
/// second or two, and takes one to be known.)
const AFTER_FLASH: Ticks = Ticks::from_secs(5);

/// Ringback begins out of silence and gives way to it: what is taken for it after a sound of more than this, or before
/// another, is a note of music in its place. (The longest burst is 2 s, 15 % off.)
const BURST_MAX: Ticks = Ticks::from_ms(2500);
/// A voice counts when it stands for longer than voice activity takes to see its end: what sounds on then is no tone of
/// the network.
const VOICE_MS_MIN: u32 = VOICE_ENDS_MS + 50;
/// A cadence that lasts as long as ringback is ringback, whatever came before: no country's silence is as long.
const SURELY_RINGBACK: Ticks = Ticks::from_secs(6);

/// Answer supervision of a call out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AnswerSupervision {
    signals: AnswerSignals,
    /// Ringback has been heard; or a burst that is one if silence follows.
    rang: bool,
    likely_rang: bool,
    /// The tone that is heard now, and since when it is known.
    tone: Option<ToneKind>,
    tone_since: Tick,
    /// Since when none is heard.
    quiet_since: Tick,
    /// Start of the voice.
    voice_since: Option<Tick>,
    /// The line makes no sound, and since when it does.
    silent: bool,
    sound_since: Tick,
    /// Silence since the last tone in all, and the start of the present one.
    nothing: Ticks,
    nothing_since: Option<Tick>,
}

impl AnswerSupervision {
    /// The last digit has just gone out.
    pub(super) fn new(signals: AnswerSignals, now: Tick) -> AnswerSupervision {
        AnswerSupervision {
            signals,
            rang: false,
            likely_rang: false,
            tone: None,
            tone_since: now,
            quiet_since: now,
            voice_since: None,
            silent: false,
            sound_since: now,
            nothing: Ticks(0),
            nothing_since: None,
        }
    }

    /// The sound of the line says something.
    pub(super) fn handle_detection(&mut self, now: Tick, heard: Detection) {
        match heard {
            Detection::Tone(tone) => {
                self.likely_rang = tone == ToneKind::Ringback && now.since(self.sound_since) <= BURST_MAX;
                (self.tone, self.tone_since) = (Some(tone), now);
                self.voice_since = None;
                (self.nothing, self.nothing_since) = (Ticks(0), None);
            }
            Detection::ToneEnded(tone) => {
                self.rang |= tone == ToneKind::Ringback && now.since(self.tone_since) >= SURELY_RINGBACK;
                self.likely_rang = false;
                self.tone = None;
                self.quiet_since = now;
            }
            // Whatever it is, it is the network's, and what it means may take longer to be known than an answer.
            Detection::SpecialInformationTone(_) | Detection::FaxModemTone(_) => {
                self.voice_since = None;
                self.quiet_since = now;
            }
            // The network's, or a vowel as high as it. Voice activity tells them apart: see VOICE_MS_MIN.
            Detection::ToneBegun => self.quiet_since = now,
            Detection::VoiceBegun => self.voice_since = Some(now),
            Detection::VoiceEnded => self.voice_since = None,
            Detection::SilenceBegun => {
                self.silent = true;
                self.rang |= self.likely_rang;
            }
            Detection::SilenceEnded => (self.silent, self.sound_since) = (false, now),
            Detection::Digit(_) | Detection::CallerId(_) | Detection::Alert | Detection::Sent => {}
        }
        match (self.silent && self.tone.is_none(), self.nothing_since) {
            (true, None) => self.nothing_since = Some(now),
            (false, Some(since)) => {
                self.nothing = self.nothing + now.since(since);
                self.nothing_since = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// Tick at which it counts as answered if nothing more is heard.
    pub(super) fn due(&self) -> Option<Tick> {
        let signals = &self.signals;
        let speaks = self.voice_since.filter(|_| self.rang);
        let by_voice = signals.voice_ms.zip(speaks).map(|(ms, since)| since + ticks(ms.max(VOICE_MS_MIN)));
        let quiet = self.tone.is_none();
        let after_ringback =
            signals.after_ringback_ms.filter(|_| self.rang && quiet).map(|ms| self.quiet_since + ticks(ms));
        let after_dialling = signals
            .after_dialling_ms
            .zip(self.nothing_since)
            .map(|(ms, since)| since + Ticks(ticks(ms).0.saturating_sub(self.nothing.0)));
        [by_voice, after_ringback, after_dialling].into_iter().flatten().min()
    }
}

/// Disconnect supervision of a call in progress: the votes for its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DisconnectSupervision {
    signals: DisconnectSignals,
    votes: u8,
    /// Tick at which the tone that stands has its next vote.
    tone_votes_at: Option<Tick>,
    /// Tick at which silence has its vote.
    silence_votes_at: Option<Tick>,
    /// Dial tone until then is what was asked for.
    dial_tone_until: Tick,
}

impl DisconnectSupervision {
    /// The call has begun.
    pub(super) fn new(signals: DisconnectSignals) -> DisconnectSupervision {
        DisconnectSupervision {
            signals,
            votes: 0,
            tone_votes_at: None,
            silence_votes_at: None,
            dial_tone_until: Tick::ZERO,
        }
    }

    /// The hook is flashed: dial tone may follow, and is no signal then.
    pub(super) fn expect_dial_tone(&mut self, now: Tick) {
        self.dial_tone_until = now + AFTER_FLASH;
    }

    /// The sound of the line says something. Returns the signal by which the call has ended, if it has.
    pub(super) fn handle_detection(&mut self, now: Tick, heard: Detection) -> Option<DisconnectSignal> {
        match heard {
            Detection::Tone(ToneKind::Busy | ToneKind::Congestion) if self.signals.tone => {
                self.tone_votes_at = Some(now + TONE_AGAIN);
                self.vote(DisconnectSignal::Tone)
            }
            // Dial tone after a call: the exchange has let go of it. It must stand longer than any note of music.
            Detection::Tone(ToneKind::Dial) if self.signals.tone && now >= self.dial_tone_until => {
                self.tone_votes_at = Some(now + TONE_AGAIN);
                None
            }
            Detection::ToneEnded(_) => {
                self.tone_votes_at = None;
                None
            }
            // There is no voice on a released line.
            Detection::VoiceBegun => {
                self.votes = 0;
                None
            }
            Detection::SilenceBegun => {
                self.silence_votes_at = self.signals.silence_ms.map(|ms| now + ticks(ms));
                None
            }
            Detection::SilenceEnded => {
                self.silence_votes_at = None;
                None
            }
            Detection::Tone(_)
            | Detection::ToneBegun
            | Detection::SpecialInformationTone(_)
            | Detection::FaxModemTone(_)
            | Detection::VoiceEnded => None,
            Detection::Digit(_) | Detection::CallerId(_) | Detection::Alert | Detection::Sent => None,
        }
    }

    /// Time has passed. Returns the signal by which the call has ended, if it has.
    pub(super) fn handle_time(&mut self, now: Tick) -> Option<DisconnectSignal> {
        if let Some(at) = self.tone_votes_at
            && at <= now
        {
            self.tone_votes_at = Some(at + TONE_AGAIN);
            if let Some(signal) = self.vote(DisconnectSignal::Tone) {
                return Some(signal);
            }
        }
        if self.silence_votes_at.is_some_and(|at| at <= now) {
            self.silence_votes_at = None;
            return self.vote(DisconnectSignal::Silence);
        }
        None
    }

    /// The next deadline.
    pub(super) fn due(&self) -> Option<Tick> {
        [self.tone_votes_at, self.silence_votes_at].into_iter().flatten().min()
    }

    fn vote(&mut self, signal: DisconnectSignal) -> Option<DisconnectSignal> {
        self.votes = self.votes.saturating_add(1);
        (self.votes >= self.signals.votes).then_some(signal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::CHINA;

    const BY_VOICE: AnswerSignals =
        AnswerSignals { polarity: false, voice_ms: Some(1500), after_ringback_ms: None, after_dialling_ms: None };
    const TWO_VOTES: DisconnectSignals =
        DisconnectSignals { votes: 2, silence_ms: Some(30_000), ..CHINA.line.disconnect };

    #[test]
    fn a_voice_that_lasts_is_an_answer() {
        let mut answer = AnswerSupervision::new(BY_VOICE, Tick(0));
        assert_eq!(answer.due(), None);
        answer.handle_detection(Tick(4000), Detection::SilenceEnded);
        answer.handle_detection(Tick(5000), Detection::Tone(ToneKind::Ringback));
        answer.handle_detection(Tick(5500), Detection::SilenceBegun);
        answer.handle_detection(Tick(8900), Detection::SilenceEnded);
        answer.handle_detection(Tick(9000), Detection::VoiceBegun);
        assert_eq!(answer.due(), Some(Tick(10_500)));
    }

    #[test]
    fn a_note_of_music_is_no_ringback() {
        let signals = AnswerSignals { after_ringback_ms: Some(3000), ..BY_VOICE };
        let mut answer = AnswerSupervision::new(signals, Tick(0));
        answer.handle_detection(Tick(5000), Detection::Tone(ToneKind::Ringback));
        answer.handle_detection(Tick(8000), Detection::ToneEnded(ToneKind::Ringback));
        assert_eq!(answer.due(), None, "something sounded from the first moment");
        answer.handle_detection(Tick(8000), Detection::SilenceBegun);
        answer.handle_detection(Tick(8500), Detection::SilenceEnded);
        answer.handle_detection(Tick(9000), Detection::Tone(ToneKind::Ringback));
        answer.handle_detection(Tick(20_000), Detection::ToneEnded(ToneKind::Ringback));
        assert_eq!(answer.due(), Some(Tick(23_000)), "no silence followed the burst, but no note repeats so");
    }

    #[test]
    fn what_turns_out_to_be_a_tone_was_no_voice() {
        let mut answer = rang(BY_VOICE);
        answer.handle_detection(Tick(9000), Detection::VoiceBegun);
        answer.handle_detection(
            Tick(9300),
            Detection::SpecialInformationTone(crate::signal::SpecialInformationTone::VacantCode),
        );
        assert_eq!(answer.due(), None);
        answer.handle_detection(Tick(10_000), Detection::VoiceBegun);
        answer.handle_detection(Tick(10_900), Detection::VoiceEnded);
        assert_eq!(answer.due(), None);
    }

    /// A line that has rung from 4000 on.
    fn rang(signals: AnswerSignals) -> AnswerSupervision {
        let mut answer = AnswerSupervision::new(signals, Tick(0));
        answer.handle_detection(Tick(4000), Detection::SilenceEnded);
        answer.handle_detection(Tick(5000), Detection::Tone(ToneKind::Ringback));
        answer.handle_detection(Tick(5500), Detection::SilenceBegun);
        answer
    }

    #[test]
    fn a_vowel_as_high_as_a_tone_does_not_put_the_answer_off() {
        let mut answer = rang(AnswerSignals { voice_ms: Some(0), after_ringback_ms: Some(5000), ..BY_VOICE });
        answer.handle_detection(Tick(8000), Detection::SilenceEnded);
        answer.handle_detection(Tick(8500), Detection::VoiceBegun);
        answer.handle_detection(Tick(9000), Detection::ToneBegun);
        assert_eq!(answer.due(), Some(Tick(8500 + u64::from(VOICE_MS_MIN))));
    }

    #[test]
    fn without_any_tone_the_time_after_dialling_decides() {
        let signals = AnswerSignals { after_dialling_ms: Some(20_000), ..BY_VOICE };
        let mut answer = AnswerSupervision::new(signals, Tick(500));
        assert_eq!(answer.due(), None, "there may be a sound from the first moment");
        answer.handle_detection(Tick(1000), Detection::SilenceBegun);
        assert_eq!(answer.due(), Some(Tick(21_000)));
        answer.handle_detection(Tick(3000), Detection::Tone(ToneKind::Ringback));
        assert_eq!(answer.due(), None, "it rings");
        answer.handle_detection(Tick(60_000), Detection::ToneEnded(ToneKind::Ringback));
        assert_eq!(answer.due(), Some(Tick(80_000)));
    }

    #[test]
    fn what_is_heard_without_ringback_is_no_answer_and_stops_the_clock() {
        let signals = AnswerSignals { after_dialling_ms: Some(20_000), ..BY_VOICE };
        let mut answer = AnswerSupervision::new(signals, Tick(0));
        answer.handle_detection(Tick(500), Detection::SilenceBegun);
        answer.handle_detection(Tick(5500), Detection::SilenceEnded);
        answer.handle_detection(Tick(6500), Detection::VoiceBegun);
        assert_eq!(answer.due(), None, "music, or an announcement");
        answer.handle_detection(Tick(60_000), Detection::VoiceEnded);
        answer.handle_detection(Tick(60_000), Detection::SilenceBegun);
        assert_eq!(answer.due(), Some(Tick(75_000)), "five seconds had passed");
    }

    #[test]
    fn frequencies_of_the_network_after_ringback_put_the_answer_off() {
        let signals = AnswerSignals { after_ringback_ms: Some(3000), ..BY_VOICE };
        let mut answer = AnswerSupervision::new(signals, Tick(0));
        answer.handle_detection(Tick(1000), Detection::Tone(ToneKind::Ringback));
        answer.handle_detection(Tick(9000), Detection::ToneEnded(ToneKind::Ringback));
        answer.handle_detection(Tick(9450), Detection::ToneBegun);
        assert_eq!(answer.due(), Some(Tick(12_450)));
    }

    #[test]
    fn dial_tone_votes_only_when_it_has_stood_and_not_after_a_flash() {
        let mut supervision = DisconnectSupervision::new(CHINA.line.disconnect);
        assert_eq!(supervision.handle_detection(Tick(1000), Detection::Tone(ToneKind::Dial)), None);
        assert_eq!(supervision.handle_time(Tick(4000)), Some(DisconnectSignal::Tone));
        let mut supervision = DisconnectSupervision::new(CHINA.line.disconnect);
        supervision.expect_dial_tone(Tick(0));
        assert_eq!(supervision.handle_detection(Tick(2000), Detection::Tone(ToneKind::Dial)), None);
        assert_eq!(supervision.due(), None);
    }

    #[test]
    fn with_one_vote_the_first_tone_releases() {
        let mut supervision = DisconnectSupervision::new(CHINA.line.disconnect);
        assert_eq!(supervision.handle_detection(Tick(0), Detection::Tone(ToneKind::Ringback)), None);
        assert_eq!(
            supervision.handle_detection(Tick(9), Detection::Tone(ToneKind::Busy)),
            Some(DisconnectSignal::Tone)
        );
    }

    #[test]
    fn with_two_votes_a_tone_must_stand_or_come_again() {
        let mut supervision = DisconnectSupervision::new(TWO_VOTES);
        assert_eq!(supervision.handle_detection(Tick(0), Detection::Tone(ToneKind::Busy)), None);
        assert_eq!(supervision.due(), Some(Tick(3000)));
        assert_eq!(supervision.handle_time(Tick(3000)), Some(DisconnectSignal::Tone));
        let mut supervision = DisconnectSupervision::new(TWO_VOTES);
        supervision.handle_detection(Tick(0), Detection::Tone(ToneKind::Busy));
        supervision.handle_detection(Tick(2000), Detection::ToneEnded(ToneKind::Busy));
        assert_eq!((supervision.due(), supervision.handle_time(Tick(9000))), (None, None));
        assert_eq!(
            supervision.handle_detection(Tick(9500), Detection::Tone(ToneKind::Busy)),
            Some(DisconnectSignal::Tone)
        );
    }

    #[test]
    fn a_voice_takes_the_votes_back() {
        let mut supervision = DisconnectSupervision::new(TWO_VOTES);
        supervision.handle_detection(Tick(0), Detection::Tone(ToneKind::Busy));
        supervision.handle_detection(Tick(500), Detection::ToneEnded(ToneKind::Busy));
        supervision.handle_detection(Tick(600), Detection::VoiceBegun);
        assert_eq!(supervision.handle_detection(Tick(9000), Detection::Tone(ToneKind::Busy)), None);
    }

    #[test]
    fn silence_and_a_tone_decide_together() {
        let mut supervision = DisconnectSupervision::new(TWO_VOTES);
        supervision.handle_detection(Tick(0), Detection::Tone(ToneKind::Congestion));
        supervision.handle_detection(Tick(1000), Detection::ToneEnded(ToneKind::Congestion));
        supervision.handle_detection(Tick(1000), Detection::SilenceBegun);
        assert_eq!(supervision.handle_time(Tick(30_999)), None);
        assert_eq!(supervision.handle_time(Tick(31_000)), Some(DisconnectSignal::Silence));
    }

    #[test]
    fn silence_that_is_broken_begins_again() {
        let mut supervision = DisconnectSupervision::new(DisconnectSignals { votes: 1, ..TWO_VOTES });
        supervision.handle_detection(Tick(0), Detection::SilenceBegun);
        supervision.handle_detection(Tick(29_000), Detection::SilenceEnded);
        assert_eq!(supervision.handle_time(Tick(31_000)), None);
        supervision.handle_detection(Tick(40_000), Detection::SilenceBegun);
        assert_eq!(supervision.due(), Some(Tick(70_000)));
    }
}

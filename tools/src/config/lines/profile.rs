//! The profile of a single line: that of its country, with the differences that the site has written.
//!
//! Never: contains a country's values.

use tipring_driver::country::{CallerIdKind, CallerIdService, CallerIdTiming, Country, DialBy, LineProfile, Start};

use super::{
    AnswerSignal, CallerId, CallerIdTimingName, Dial, DisconnectSignal, Signalling, StationConfig, TrunkConfig,
};

/// The usual voice that is an answer, in ms: longer than the first word of an announcement.
const VOICE_MS: u32 = 1500;
/// The end of ringback is an answer after so long, in ms: no country's ringback pauses for longer than its cadence
/// does.
const RINGBACK_MS: u32 = 5000;
/// The time after which a call counts as answered, in s: the practice of boards without supervision.
const TIMER_S: u32 = 20;
/// Silence of both sides that is a disconnect, in s (practice: 30 to 60).
const SILENCE_S: u32 = 45;
/// A loop break that is a disconnect, in ms (practice: 200 upward).
const LOOP_BREAK_MS: u32 = 200;

impl TrunkConfig {
    /// Profile of the line in a country. The error is a sentence.
    pub fn profile(&self, country: &Country) -> Result<LineProfile, String> {
        let mut line = country.line;
        let settled = caller_id(line.caller_id, self.caller_id, self.caller_id_timing).and_then(|service| {
            line.caller_id = service;
            match self.dial {
                Some(Dial::Tones) => line.dial_by = DialBy::Tones,
                Some(Dial::Pulses) => line.dial_by = DialBy::Pulses,
                None => {}
            }
            self.signal(&mut line)?;
            self.supervise(&mut line)
        });
        settled.map(|()| line).map_err(|what| format!("trunk {}: {what}", self.name.0))
    }

    /// Applies the start signalling and the loop break.
    fn signal(&self, line: &mut LineProfile) -> Result<(), String> {
        let break_ms = self.loop_break_ms.or(line.disconnect.loop_break_ms).unwrap_or(LOOP_BREAK_MS);
        if !(200..=2000).contains(&break_ms) {
            return Err(format!("loop_break_ms is 200 to 2000, not {break_ms}"));
        }
        match self.signalling {
            Some(Signalling::Loop) if self.loop_break_ms.is_some() => {
                return Err(
                    "with signalling = \"loop\" no break of the loop means anything; leave loop_break_ms out".into()
                );
            }
            Some(Signalling::Loop) => line.disconnect.loop_break_ms = None,
            Some(Signalling::Ground) => {
                return Err(
                    "the card's trunk modules are wired to tip and ring only and cannot ground a wire, so ground start is \
                     not possible; have the line changed to loop start, best with a loop break at the disconnect (\"kewl\")"
                        .into(),
                );
            }
            None if self.loop_break_ms.is_none() => {}
            Some(Signalling::Kewl) | None => line.disconnect.loop_break_ms = Some(break_ms),
        }
        Ok(())
    }

    /// Applies answer and disconnect supervision.
    fn supervise(&self, line: &mut LineProfile) -> Result<(), String> {
        if let Some(signals) = &self.answer {
            let has = |signal| signals.contains(&signal);
            line.answer.polarity = has(AnswerSignal::Polarity);
            line.answer.voice_ms = has(AnswerSignal::Voice).then_some(VOICE_MS);
            let usual = line.answer.after_ringback_ms.unwrap_or(RINGBACK_MS);
            line.answer.after_ringback_ms = has(AnswerSignal::Ringback).then_some(usual);
            let usual = line.answer.after_dialling_ms.unwrap_or(TIMER_S * 1000);
            line.answer.after_dialling_ms = has(AnswerSignal::Timer).then_some(usual);
            if signals.is_empty() {
                return Err("answer names no signal: a call out would never be answered".into());
            }
        }
        set("answer_voice_ms", self.answer_voice_ms, 200..=10_000, 1, "voice", &mut line.answer.voice_ms)?;
        let ringback = &mut line.answer.after_ringback_ms;
        set("answer_ringback_ms", self.answer_ringback_ms, 1000..=30_000, 1, "ringback", ringback)?;
        set("answer_timer_s", self.answer_timer_s, 1..=120, 1000, "timer", &mut line.answer.after_dialling_ms)?;
        if let Some(signals) = &self.disconnect {
            let has = |signal| signals.contains(&signal);
            line.disconnect.tone = has(DisconnectSignal::Tone);
            line.disconnect.polarity = has(DisconnectSignal::Polarity);
            line.disconnect.silence_ms = has(DisconnectSignal::Silence).then_some(SILENCE_S * 1000);
        }
        set(
            "disconnect_silence_s",
            self.disconnect_silence_s,
            5..=600,
            1000,
            "silence",
            &mut line.disconnect.silence_ms,
        )?;
        if let Some(votes) = self.disconnect_votes {
            if !(1..=10).contains(&votes) {
                return Err(format!("disconnect_votes is 1 to 10, not {votes}"));
            }
            line.disconnect.votes = votes;
        }
        let disconnect = &line.disconnect;
        if !disconnect.tone
            && !disconnect.polarity
            && disconnect.silence_ms.is_none()
            && disconnect.loop_break_ms.is_none()
        {
            return Err("nothing is left by which it is known that the other party has gone".into());
        }
        Ok(())
    }
}

impl StationConfig {
    /// Profile of the line in a country. The error is a sentence.
    pub fn profile(&self, country: &Country) -> Result<LineProfile, String> {
        let mut line = country.station_line();
        line.caller_id = caller_id(line.caller_id, self.caller_id, self.caller_id_timing)
            .map_err(|what| format!("station {}: {what}", self.extension.0))?;
        line.start = match self.signalling {
            Some(Signalling::Loop) => Start::Loop,
            Some(Signalling::Kewl) => Start::Kewl,
            Some(Signalling::Ground) => Start::Ground,
            None => line.start,
        };
        Ok(line)
    }
}

/// Sets the time of a signal that is in use, in units of `unit_ms` ms.
fn set(
    name: &str,
    given: Option<u32>,
    range: std::ops::RangeInclusive<u32>,
    unit_ms: u32,
    signal: &str,
    ms: &mut Option<u32>,
) -> Result<(), String> {
    let Some(given) = given else { return Ok(()) };
    if !range.contains(&given) {
        return Err(format!("{name} is {} to {}, not {given}", range.start(), range.end()));
    }
    match ms {
        Some(ms) => *ms = given * unit_ms,
        None => return Err(format!("{name} is given, but {signal:?} is no signal of this line")),
    }
    Ok(())
}

/// Caller ID service of a line: the country's, with the line's own kind and timing.
fn caller_id(
    usual: Option<CallerIdService>,
    kind: Option<CallerId>,
    timing: Option<CallerIdTimingName>,
) -> Result<Option<CallerIdService>, String> {
    let timing = timing.map(|timing| match timing {
        CallerIdTimingName::AfterFirstRing => CallerIdTiming::AfterFirstRing,
        CallerIdTimingName::RingPulse => CallerIdTiming::AfterRingPulse,
        CallerIdTimingName::BeforeFirstRing => CallerIdTiming::BeforeFirstRing { reversal: false, alert: false },
        CallerIdTimingName::LineReversal => CallerIdTiming::BeforeFirstRing { reversal: true, alert: false },
        CallerIdTimingName::DtAs => CallerIdTiming::BeforeFirstRing { reversal: false, alert: true },
        CallerIdTimingName::LineReversalAndDtAs => CallerIdTiming::BeforeFirstRing { reversal: true, alert: true },
        CallerIdTimingName::PrimaryAnswer => CallerIdTiming::AfterPrimaryAnswer,
    });
    let kind = match kind {
        Some(CallerId::None) if timing.is_some() => {
            return Err("caller_id is \"none\", so caller_id_timing means nothing; leave it out".into());
        }
        Some(CallerId::None) => return Ok(None),
        Some(CallerId::Bell202) => Some(CallerIdKind::Bell202),
        Some(CallerId::V23) => Some(CallerIdKind::V23),
        Some(CallerId::Dtmf) => Some(CallerIdKind::Dtmf { start: 'D', end: 'C' }),
        Some(CallerId::Ntt) => Some(CallerIdKind::Ntt),
        None => None,
    };
    // What is left out is as usual in the country; but number display has a timing of its own, and that timing no other
    // kind.
    let service = match (kind, timing) {
        (None, None) => return Ok(usual),
        (Some(CallerIdKind::Ntt), None) | (None, Some(CallerIdTiming::AfterPrimaryAnswer)) => {
            CallerIdService { kind: CallerIdKind::Ntt, timing: CallerIdTiming::AfterPrimaryAnswer }
        }
        (kind, timing) => {
            let usual = usual.filter(|usual| usual.kind != CallerIdKind::Ntt);
            CallerIdService {
                kind: kind.or(usual.map(|usual| usual.kind)).unwrap_or(CallerIdKind::V23),
                timing: timing.or(usual.map(|usual| usual.timing)).unwrap_or(CallerIdTiming::AfterFirstRing),
            }
        }
    };
    if (service.kind == CallerIdKind::Ntt) != (service.timing == CallerIdTiming::AfterPrimaryAnswer) {
        return Err("caller_id = \"ntt\" and caller_id_timing = \"primary-answer\" belong together".into());
    }
    Ok(Some(service))
}

#[cfg(test)]
mod tests {
    use tipring_driver::country::CHINA;

    use super::*;

    fn country(code: &str) -> &'static Country {
        Country::of(code).expect("a country with a profile")
    }

    fn trunk(settings: &str) -> TrunkConfig {
        toml::from_str(&format!("port = 0\nname = \"T1\"\n{settings}")).unwrap()
    }

    fn complaint(settings: &str) -> String {
        trunk(settings).profile(&CHINA).unwrap_err()
    }

    #[test]
    fn a_telephone_is_made_to_answer_first_only_if_its_line_says_so() {
        let station = |more: &str| {
            let text = format!("port = 3\nextension = \"1001\"\nkind = \"handset\"\n{more}");
            toml::from_str::<StationConfig>(&text).unwrap().profile(country("JP")).unwrap().caller_id
        };
        assert_eq!(station(""), None);
        assert_eq!(station("caller_id = \"ntt\""), country("JP").line.caller_id);
    }

    #[test]
    fn a_trunk_of_which_nothing_is_said_is_like_all_others() {
        assert_eq!(trunk("").profile(country("GB")), Ok(country("GB").line));
    }

    #[test]
    fn what_is_said_of_a_trunk_is_so() {
        let line = trunk(
            "signalling = \"kewl\"\nloop_break_ms = 350\ndial = \"pulses\"\ncaller_id = \"dtmf\"\n\
             caller_id_timing = \"line-reversal\"\nanswer = [\"polarity\", \"voice\"]\nanswer_voice_ms = 900\n\
             disconnect = [\"tone\", \"silence\"]\ndisconnect_silence_s = 60\ndisconnect_votes = 2",
        )
        .profile(&CHINA)
        .unwrap();
        assert_eq!(line.disconnect.loop_break_ms, Some(350));
        assert_eq!(line.dial_by, DialBy::Pulses);
        let timing = CallerIdTiming::BeforeFirstRing { reversal: true, alert: false };
        assert_eq!(line.caller_id, Some(CallerIdService { kind: CallerIdKind::Dtmf { start: 'D', end: 'C' }, timing }));
        assert!(line.answer.polarity && line.answer.voice_ms == Some(900) && line.answer.after_ringback_ms.is_none());
        assert!(line.disconnect.tone && line.disconnect.silence_ms == Some(60_000) && line.disconnect.votes == 2);
        assert_eq!(trunk("signalling = \"loop\"").profile(&CHINA).unwrap().disconnect.loop_break_ms, None);
        assert_eq!(trunk("caller_id = \"none\"").profile(&CHINA).unwrap().caller_id, None);
    }

    #[test]
    fn number_display_and_its_timing_come_together() {
        let bell = trunk("caller_id = \"bell202\"").profile(country("JP")).unwrap().caller_id.unwrap();
        assert_eq!(bell.timing, CallerIdTiming::AfterFirstRing);
        let ntt = trunk("caller_id = \"ntt\"").profile(&CHINA).unwrap().caller_id;
        assert_eq!(ntt, country("JP").line.caller_id);
        assert!(complaint("caller_id = \"ntt\"\ncaller_id_timing = \"after-first-ring\"").contains("belong together"));
    }

    #[test]
    fn what_cannot_be_is_told_with_the_name_of_the_line() {
        assert!(complaint("signalling = \"ground\"").contains("trunk T1: the card's trunk modules"));
        assert!(complaint("loop_break_ms = 50").contains("200 to 2000, not 50"));
        assert!(complaint("signalling = \"loop\"\nloop_break_ms = 500").contains("leave loop_break_ms out"));
        assert!(complaint("answer = []").contains("never be answered"));
        assert!(complaint("answer = [\"polarity\"]\nanswer_voice_ms = 900").contains("\"voice\" is no signal"));
        assert!(complaint("signalling = \"loop\"\ndisconnect = []").contains("nothing is left"));
        assert!(complaint("disconnect_votes = 0").contains("1 to 10"));
        assert!(complaint("caller_id = \"none\"\ncaller_id_timing = \"dt-as\"").contains("leave it out"));
    }

    #[test]
    fn a_station_may_be_ground_start() {
        let station = "port = 2\nextension = \"1001\"\nkind = \"handset\"\nsignalling = \"ground\"";
        let station: StationConfig = toml::from_str(station).unwrap();
        assert_eq!(station.profile(&CHINA).unwrap().start, Start::Ground);
    }
}

//! Country profiles as data: tones, cadences, levels, caller identity, timers.
//!
//! Nothing else in the driver knows a country: the line machines, the tone player and the detectors take what they need
//! from a [`Country`]. A further country is a further constant; what a single line may have otherwise than its
//! country's ordinary ones stands in its [`LineProfile`].
//!
//! | file | countries |
//! |---|---|
//! | `china`, `hong_kong`, `japan`, `thailand` | CN, HK, JP, TH |
//! | `united_states`, `brazil` | US with Canada, BR |
//! | `united_kingdom`, `germany` | GB, DE |
//! | `europe` | FR, IT, ES, GR, RU: one frequency for every tone |
//! | `precise` | KR, TW: precise tones of two frequencies |
//! | `ring_pairs` | AU, NZ, IN, SG, MY, ZA, AE: ringing in pairs of bursts |
//! | `practice` | values that no standard fixes, shared by most |
//! | `line` | line profile: features in which lines of one country differ |
//! | `evidence` | sources of a profile, and the confidence in its parts |
//! | `printed_table` | the profiles printed, as below |
//!
//! # Profiles
//!
#![doc = include_str!("country/countries.md")]
//!
//! Never: decides which line has which profile; the site does.

use crate::card::Law;
use crate::dsp::dtmf::Timing;
use crate::dsp::progress::Detection;
use crate::dsp::tone::ToneSpec;
use crate::signal::ToneKind;

mod brazil;
mod china;
mod europe;
mod evidence;
mod germany;
mod hong_kong;
mod japan;
mod line;
mod practice;
mod precise;
mod printed_table;
mod ring_pairs;
mod thailand;
mod united_kingdom;
mod united_states;

use brazil::BRAZIL;
pub use china::CHINA;
use europe::{FRANCE, GREECE, ITALY, RUSSIA, SPAIN};
pub use evidence::{Confidence, Evidence};
use germany::GERMANY;
use hong_kong::HONG_KONG;
use japan::JAPAN;
pub use line::{
    AnswerSignals, CallerIdKind, CallerIdService, CallerIdTiming, DialBy, DisconnectSignals, LineProfile, Start,
};
use precise::{SOUTH_KOREA, TAIWAN};
pub use printed_table::table;
use ring_pairs::{AUSTRALIA, INDIA, MALAYSIA, NEW_ZEALAND, SINGAPORE, SOUTH_AFRICA, UNITED_ARAB_EMIRATES};
use thailand::THAILAND;
use united_kingdom::UNITED_KINGDOM;
pub(crate) use united_states::UNITED_STATES;

/// All countries that there is a profile of.
pub static COUNTRIES: [&Country; 22] = [
    &CHINA,
    &UNITED_STATES,
    &UNITED_KINGDOM,
    &GERMANY,
    &JAPAN,
    &HONG_KONG,
    &FRANCE,
    &ITALY,
    &SPAIN,
    &GREECE,
    &RUSSIA,
    &AUSTRALIA,
    &NEW_ZEALAND,
    &INDIA,
    &SINGAPORE,
    &MALAYSIA,
    &SOUTH_AFRICA,
    &UNITED_ARAB_EMIRATES,
    &SOUTH_KOREA,
    &TAIWAN,
    &THAILAND,
    &BRAZIL,
];

/// Everything that differs from country to country.
#[derive(Debug, Clone, Copy)]
pub struct Country {
    /// The two letters of ISO 3166-1.
    pub code: &'static str,
    /// The name in English.
    pub name: &'static str,
    /// The law of digital lines. (A card may use another on its own bus.)
    pub law: Law,
    /// Sources of the profile, and the confidence in its parts.
    pub evidence: Evidence,
    /// Tones sent to the party at a line.
    pub tones: Tones,
    /// Recognition of the exchange's tones.
    pub detection: Detection,
    /// Ringing: what comes from the exchange, and what our stations get.
    pub ringing: Ringing,
    /// Profile of an ordinary line, where lines of one country may differ.
    pub line: LineProfile,
    /// DTMF dialling: times and levels.
    pub dtmf: Timing,
    /// Pulse dialling: times.
    pub pulses: Pulses,
    /// Times of the line machines.
    pub timers: Timers,
}

/// A ring pulse lasts 200 to 300 ms (EN 300 659-1), and a little more as it is seen.
const RING_PULSE_MAX_MS: u32 = 350;

impl Country {
    /// The tone that means `kind`.
    pub(crate) fn tone(&self, kind: ToneKind) -> &ToneSpec {
        match kind {
            ToneKind::Dial => &self.tones.dial,
            ToneKind::Ringback => &self.tones.ringback,
            ToneKind::Busy => &self.tones.busy,
            ToneKind::Congestion => &self.tones.congestion,
            ToneKind::Zip => &self.tones.zip,
            ToneKind::Confirmation => &self.tones.confirmation,
        }
    }

    /// Profile of a station's line by default: as the exchange's lines are. But a telephone is not made to answer first
    /// for caller ID: one that cannot show it would ring, be lifted, and have its person listen to a modem. Where the
    /// telephones have number display, their lines must say so.
    pub fn station_line(&self) -> LineProfile {
        let caller_id = self.line.caller_id.filter(|service| service.timing != CallerIdTiming::AfterPrimaryAnswer);
        LineProfile { caller_id, ..self.line }
    }

    /// The shortest burst that is ringing on a line like this, in milliseconds: on lines with caller ID after a ring
    /// pulse, a burst lasts longer than that.
    pub fn ring_burst_min_ms(&self, line: &LineProfile) -> u32 {
        match line.caller_id {
            Some(CallerIdService { timing: CallerIdTiming::AfterRingPulse, .. }) => {
                self.ringing.burst_min_ms.max(RING_PULSE_MAX_MS)
            }
            Some(_) | None => self.ringing.burst_min_ms,
        }
    }

    /// The country of a two-letter code, capital or small, if there is a profile of it.
    pub fn of(code: &str) -> Option<&'static Country> {
        COUNTRIES.into_iter().find(|country| country.code.eq_ignore_ascii_case(code))
    }
}

/// The tones of a network that we sound ourselves.
#[derive(Debug, Clone, Copy)]
pub struct Tones {
    /// Lift and hear it.
    pub dial: ToneSpec,
    /// Dial tone while a service such as forwarding is on.
    pub special_dial: ToneSpec,
    /// The far end rings.
    pub ringback: ToneSpec,
    /// The far end is busy.
    pub busy: ToneSpec,
    /// No way through.
    pub congestion: ToneSpec,
    /// The number does not exist.
    pub unobtainable: ToneSpec,
    /// Another call waits, heard during a call.
    pub call_waiting: ToneSpec,
    /// In a headset, just before a call is connected.
    pub zip: ToneSpec,
    /// A service by its feature access code was carried out: dial tone's frequencies, 0.1 s on and off three times
    /// (GR-506-CORE); E.180 leaves it to each administration.
    pub confirmation: ToneSpec,
}

/// A burst of ringing and the silence after it, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// It rings.
    pub on_ms: u32,
    /// It does not.
    pub off_ms: u32,
}

/// Ringing current.
#[derive(Debug, Clone, Copy)]
pub struct Ringing {
    /// In hertz.
    pub hz: u32,
    /// The cadence, repeated.
    pub cadence: &'static [Burst],
    /// A burst shorter than this is no ringing: bell tinkle, a pulse dialled in parallel, a polarity reversal.
    pub burst_min_ms: u32,
    /// The caller has gone when no burst came for so long: the longest silence of the cadence and a margin.
    pub gone_ms: u32,
}

/// Digits as breaks of the loop: as many as the digit says, ten for 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulses {
    /// The loop is open, in milliseconds.
    pub break_ms: u32,
    /// The loop is closed between breaks.
    pub make_ms: u32,
    /// The loop is closed between digits, at least.
    pub inter_digit_ms: u32,
}

/// Times of the line machines, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timers {
    /// Trunk: ringing voltage must stand for so long before it counts as begun, and be away for so long to have ended.
    pub ring_debounce_ms: u32,
    /// Trunk: battery must be there, or away, for so long.
    pub battery_debounce_ms: u32,
    /// Trunk: without battery for so long the line is out of service.
    pub no_battery_ms: u32,
    /// Trunk: a reversal must stand for so long.
    pub polarity_debounce_ms: u32,
    /// Trunk: at least so long between a reversal that answers and one that releases.
    pub reversal_guard_ms: u32,
    /// Trunk: how long to wait for dial tone after seizing.
    pub dial_tone_wait_ms: u32,
    /// Trunk: from a flash to what is dialled after it. (Dial tone is known only after it has sounded longer than
    /// that.)
    pub pre_dial_ms: u32,
    /// Trunk: after release, the line rests for so long before it may be seized again.
    pub release_guard_ms: u32,
    /// Trunk: a flash that we send opens the loop for so long.
    pub flash_sent_ms: u32,
    /// Station: the loop must be closed for so long to be off hook.
    pub off_hook_debounce_ms: u32,
    /// Station: a break shorter than this is noise, or a dial pulse.
    pub flash_min_ms: u32,
    /// Station: a break longer than this is on hook; between the two it is a flash.
    pub flash_max_ms: u32,
    /// Station: first-digit time-out, in ms of dial tone; then busy tone.
    pub first_digit_ms: u32,
    /// Station: inter-digit time-out, in ms; then the number is taken as complete.
    pub inter_digit_ms: u32,
    /// Station: ring-no-answer time-out, in ms of ringing.
    pub ring_no_answer_ms: u32,
    /// Station: howler time-out, in ms: the longest busy tone for a telephone that stays off hook.
    pub busy_ms: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::progress::{Bank, Event};
    use crate::dsp::tone::Generator;
    use crate::dsp::{Lanes, SILENCE};

    /// Detections of a country's detector on a tone of a given length and silence after it.
    fn recognised(country: &Country, spec: &ToneSpec) -> Vec<ToneKind> {
        let mut bank = Bank::new(1, &country.detection);
        let mut generator = Generator::new(spec);
        let mut found = Vec::new();
        for ms in 0..14_000 {
            let tick = if ms < 10_000 { generator.next() } else { SILENCE };
            bank.step(&[tick], &Lanes::first(1), &mut |_, event| match event {
                Event::Recognised(tone) => found.push(tone),
                Event::Begun | Event::Ended(_) => {}
            });
        }
        found
    }

    /// Returns true for tones of one cadence, whatever their levels.
    fn sounds_like(one: &ToneSpec, other: &ToneSpec) -> bool {
        let spans = |spec: &'static [_]| spec.iter().map(|segment: &crate::dsp::tone::Segment| segment.ms);
        spans(one.segments).eq(spans(other.segments).cycle().take(one.segments.len()))
    }

    #[test]
    fn every_country_understands_its_own_tones() {
        for country in COUNTRIES {
            for kind in [ToneKind::Dial, ToneKind::Ringback, ToneKind::Busy] {
                assert_eq!(recognised(country, country.tone(kind)), [kind], "{kind:?} in {}", country.name);
            }
            for tone in [&country.tones.congestion, &country.tones.unobtainable] {
                // In Japan and Malaysia congestion sounds like busy; in Australia by its level alone it does not.
                let alike = sounds_like(tone, &country.tones.busy);
                let meant = if alike { ToneKind::Busy } else { ToneKind::Congestion };
                assert_eq!(recognised(country, tone), [meant], "{tone:?} in {}", country.name);
            }
        }
    }

    #[test]
    fn ringing_is_not_thought_gone_between_its_bursts() {
        for country in COUNTRIES {
            let longest = country.ringing.cadence.iter().map(|burst| burst.off_ms).max();
            assert!(longest.is_some_and(|ms| ms + 500 < country.ringing.gone_ms), "{}", country.name);
        }
    }

    #[test]
    fn countries_are_found_by_code() {
        assert_eq!(Country::of("cn").map(|country| country.name), Some("China"));
        assert!(Country::of("xx").is_none());
    }
}

//! Germany.
//!
//! Sources: 1 TR 110 and ETSI TR 101 041 (tones, ringing), EN 300 659-1 (caller identity). Levels by E.180.

use super::practice::{ANSWER, KEYS, PULSES, RELEASE, TIMERS, ZIP, near};
use super::{
    Burst, CallerIdKind, CallerIdPlace, CallerIdService, Country, DialBy, LineProfile, Ringing, Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::progress::{Detection, Pattern, Rhythm, Span};
use crate::dsp::tone::{Component, FOREVER, Segment, ToneSpec, Voice};
use crate::signal::ToneKind;

const TONE: Voice = Voice::Sum(&[Component { hz: 425.0, dbm0: -10.0 }]);
const SPECIAL: Voice = Voice::Sum(&[Component { hz: 400.0, dbm0: -13.0 }, Component { hz: 425.0, dbm0: -13.0 }]);
const SOFT: Voice = Voice::Sum(&[Component { hz: 425.0, dbm0: -20.0 }]);

const fn on(voice: Voice, ms: u32) -> Segment {
    Segment { voice, ms }
}

const fn off(ms: u32) -> Segment {
    Segment { voice: Voice::Silence, ms }
}

/// Germany.
pub const GERMANY: Country = Country {
    code: "DE",
    name: "Germany",
    law: Law::A,
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(SPECIAL, FOREVER)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 480), off(480)]),
        congestion: ToneSpec::repeated(&[on(TONE, 240), off(240)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 240), off(240)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 200), off(200), on(SOFT, 200), off(5000)]),
        zip: ZIP,
    },
    detection: Detection {
        // 10 ms allow for 25 Hz off.
        coherent_ms: 10,
        floor_dbm0: -40.0,
        purity: 0.62,
        patterns: &[
            Pattern { tone: ToneKind::Dial, hz: &[425.0], rhythm: Rhythm::Steady { ms: 1250, gap_ms: 60 } },
            Pattern {
                tone: ToneKind::Ringback,
                hz: &[425.0],
                rhythm: Rhythm::Cycle { spans: &[near(1000), near(4000)], enough: 1 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: &[425.0],
                rhythm: Rhythm::Cycle { spans: &[near(480), near(480)], enough: 7 },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: &[425.0],
                rhythm: Rhythm::Cycle { spans: &[near(240), near(240)], enough: 9 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: &[425.0],
                rhythm: Rhythm::Regular { spans: Span { min_ms: 150, max_ms: 800 }, spread_ms: 60, enough: 9 },
            },
        ],
    },
    // 1 TR 110: 25 Hz, 1 s on, 4 s off; the first burst may be shorter.
    ringing: Ringing { hz: 25, cadence: &[Burst { on_ms: 1000, off_ms: 4000 }], burst_min_ms: 200, gone_ms: 6000 },
    // EN 300 659-1: after a short burst (RP-AS); the first ordinary burst may be that short, too.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::V23, place: CallerIdPlace::AfterRingPulse }),
        answer: ANSWER,
        release: RELEASE,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 250, flash_min_ms: 80, flash_max_ms: 310, ..TIMERS },
};

//! Japan.
//!
//! Source: NTT technical reference (tones, ringing, display of the caller).

use super::practice::{ANSWER, DISCONNECT, KEYS, PULSES, TIMERS, ZIP, near, off, on};
use super::{
    Burst, CallerIdKind, CallerIdService, CallerIdTiming, Confidence, Country, DialBy, Evidence, LineProfile, Pulses,
    Ringing, Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::progress::{Cadence, Detection, Pattern};
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -13.0 }]);
const RING: SegmentSignal = SegmentSignal::Modulated { carrier: Component { hz: 400.0, dbm0: -10.0 }, by_hz: 16.0 };

/// Japan.
pub(crate) const JAPAN: Country = Country {
    code: "JP",
    name: "Japan",
    law: Law::Mu,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "NTT technical reference (tones, ringing, number display); flash by equipment",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(TONE, 125), off(125)]),
        ringback: ToneSpec::repeated(&[on(RING, 1000), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE, 500), off(500)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(RING, 500), off(4000)]),
        zip: ZIP,
        confirmation: ToneSpec::once(&[on(TONE, 100), off(100), on(TONE, 100), off(100), on(TONE, 100)]),
    },
    detection: Detection {
        // 20 ms allow for 20 Hz off and reach over the dips of ringback, which swells.
        coherent_ms: 20,
        floor_dbm0: -40.0,
        purity: 0.45,
        majority_of: 5,
        patterns: &[
            Pattern { tone: ToneKind::Dial, hz: &[400.0], cadence: Cadence::Steady { ms: 1250, gap_ms: 0 } },
            // Second dial tone, while a service is on.
            Pattern {
                tone: ToneKind::Dial,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(125), near(125)], enough: 9 },
            },
            Pattern {
                tone: ToneKind::Dial,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(250), near(250)], enough: 7 },
            },
            Pattern {
                tone: ToneKind::Ringback,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(1000), near(2000)], enough: 1 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(500), near(500)], enough: 7 },
            },
        ],
    },
    // 16 Hz, 1 s on, 2 s off.
    ringing: Ringing { hz: 16, cadence: &[Burst { on_ms: 1000, off_ms: 2000 }], burst_min_ms: 200, gone_ms: 4000 },
    // Number display: a reversal, short rings, a primary answer, the message, on hook, then the ordinary ringing.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::Ntt, timing: CallerIdTiming::AfterPrimaryAnswer }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: Pulses { break_ms: 67, make_ms: 33, ..PULSES },
    timers: Timers { flash_min_ms: 300, ..TIMERS },
};

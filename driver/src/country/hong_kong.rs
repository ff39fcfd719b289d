//! Hong Kong.
//!
//! Source: HKTA and HKCA 2011 specifications of line interfaces (tones, ringing); caller identity as in GR-30-CORE.

use super::practice::{ANSWER, DISCONNECT, KEYS, PULSES, TIMERS, ZIP, near, off, on};
use super::{
    Burst, CallerIdKind, CallerIdService, CallerIdTiming, Confidence, Country, DialBy, Evidence, LineProfile, Ringing,
    Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::progress::{Cadence, Detection, Pattern};
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const DIAL: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 350.0, dbm0: -13.0 }, Component { hz: 440.0, dbm0: -13.0 }]);
const RING: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -16.0 }, Component { hz: 480.0, dbm0: -16.0 }]);
const BUSY: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 480.0, dbm0: -16.0 }, Component { hz: 620.0, dbm0: -16.0 }]);
const WAITING: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -16.0 }]);

/// Hong Kong.
pub(crate) const HONG_KONG: Country = Country {
    code: "HK",
    name: "Hong Kong",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "HKCA 2011 (tones, ringing, caller ID); flash by equipment",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        ringback: ToneSpec::repeated(&[on(RING, 400), off(200), on(RING, 400), off(3000)]),
        busy: ToneSpec::repeated(&[on(BUSY, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(BUSY, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(BUSY, FOREVER)]),
        call_waiting: ToneSpec::repeated(&[
            on(WAITING, 500),
            off(500),
            on(WAITING, 500),
            off(500),
            on(WAITING, 500),
            off(8000),
        ]),
        zip: ZIP,
        confirmation: ToneSpec::once(&[on(DIAL, 100), off(100), on(DIAL, 100), off(100), on(DIAL, 100)]),
    },
    detection: Detection {
        // 40 ms tell apart frequencies 40 Hz from each other.
        coherent_ms: 40,
        floor_dbm0: -40.0,
        purity: 0.62,
        majority_of: 3,
        patterns: &[
            Pattern { tone: ToneKind::Dial, hz: &[350.0, 440.0], cadence: Cadence::Steady { ms: 1250, gap_ms: 60 } },
            Pattern {
                tone: ToneKind::Ringback,
                hz: &[440.0, 480.0],
                cadence: Cadence::Cycle { spans: &[near(400), near(200), near(400), near(3000)], enough: 3 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: &[480.0, 620.0],
                cadence: Cadence::Cycle { spans: &[near(500), near(500)], enough: 7 },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: &[480.0, 620.0],
                cadence: Cadence::Cycle { spans: &[near(250), near(250)], enough: 9 },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: &[480.0, 620.0],
                cadence: Cadence::Steady { ms: 2500, gap_ms: 0 },
            },
        ],
    },
    // 25 Hz, in pairs of bursts.
    ringing: Ringing {
        hz: 25,
        cadence: &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 3000 }],
        burst_min_ms: 200,
        gone_ms: 5000,
    },
    // As in GR-30: in the first long silence.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::Bell202, timing: CallerIdTiming::AfterFirstRing }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_min_ms: 300, ..TIMERS },
};

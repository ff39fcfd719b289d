//! The United Kingdom.
//!
//! Sources: BT SIN 350 and 351 (tones, ringing), SIN 227 and 242 (caller identity). Levels are those of common
//! practice.

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
    SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -13.0 }, Component { hz: 450.0, dbm0: -13.0 }]);
const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -13.0 }]);
const HIGH: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -13.0 }]);

/// United Kingdom.
pub(crate) const UNITED_KINGDOM: Country = Country {
    code: "GB",
    name: "United Kingdom",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "BT SIN 350, 351 (tones, ringing); SIN 227, 242 (caller ID); flash by equipment",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(DIAL, 750), on(HIGH, 750)]),
        ringback: ToneSpec::repeated(&[on(RING, 400), off(200), on(RING, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE, 375), off(375)]),
        congestion: ToneSpec::repeated(&[on(TONE, 400), off(350), on(TONE, 225), off(525)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        call_waiting: ToneSpec::repeated(&[on(TONE, 100), off(4000)]),
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
            Pattern { tone: ToneKind::Dial, hz: &[350.0, 440.0], cadence: Cadence::Steady { ms: 700, gap_ms: 60 } },
            Pattern {
                tone: ToneKind::Ringback,
                hz: &[400.0, 450.0],
                cadence: Cadence::Cycle { spans: &[near(400), near(200), near(400), near(2000)], enough: 3 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(375), near(375)], enough: 7 },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(400), near(350), near(225), near(525)], enough: 7 },
            },
            Pattern { tone: ToneKind::Congestion, hz: &[400.0], cadence: Cadence::Steady { ms: 2500, gap_ms: 0 } },
        ],
    },
    // SIN 351: 25 Hz, in pairs of bursts.
    ringing: Ringing {
        hz: 25,
        cadence: &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }],
        burst_min_ms: 200,
        gone_ms: 4000,
    },
    // SIN 242: after a reversal and the alerting tone, before the first burst.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService {
            kind: CallerIdKind::V23,
            timing: CallerIdTiming::BeforeFirstRing { reversal: true, alert: true },
        }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 90, flash_min_ms: 50, flash_max_ms: 130, ..TIMERS },
};

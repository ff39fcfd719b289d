//! The United States and Canada.
//!
//! Sources: GR-506-CORE and ANSI T1.401 (tones, ringing), GR-30-CORE (caller identity).

use super::practice::{ANSWER, DISCONNECT, KEYS, PULSES, TIMERS, ZIP, cycle, near, off, on};
use super::{
    Burst, CallerIdKind, CallerIdService, CallerIdTiming, Confidence, Country, DialBy, Evidence, LineProfile, Ringing,
    Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::progress::{Cadence, Detection, Pattern, Span};
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

/// GR-506: each tone of a pair at its level.
const DIAL: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 350.0, dbm0: -13.0 }, Component { hz: 440.0, dbm0: -13.0 }]);
const RING: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -19.0 }, Component { hz: 480.0, dbm0: -19.0 }]);
const BUSY: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 480.0, dbm0: -24.0 }, Component { hz: 620.0, dbm0: -24.0 }]);
const WAITING: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -13.0 }]);

const RING_HZ: &[f64] = &[440.0, 480.0];
const BUSY_HZ: &[f64] = &[480.0, 620.0];

/// United States.
pub(crate) const UNITED_STATES: Country = Country {
    code: "US",
    name: "United States",
    law: Law::Mu,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Standard,
        sources: "GR-506-CORE, ANSI T1.401 (tones, ringing, flash); GR-30-CORE (caller ID)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        // Stutter dial tone.
        special_dial: ToneSpec {
            segments: &[on(DIAL, 100), off(100), on(DIAL, 100), off(100), on(DIAL, 100), off(100), on(DIAL, FOREVER)],
            again_from: 6,
        },
        ringback: ToneSpec::repeated(&[on(RING, 2000), off(4000)]),
        busy: ToneSpec::repeated(&[on(BUSY, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(BUSY, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(BUSY, 250), off(250)]),
        call_waiting: ToneSpec::repeated(&[on(WAITING, 300), off(10_000)]),
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
            cycle(ToneKind::Ringback, RING_HZ, &[near(2000), near(4000)], 1),
            cycle(ToneKind::Busy, BUSY_HZ, &[near(500), near(500)], 7),
            cycle(ToneKind::Congestion, BUSY_HZ, &[near(250), near(250)], 9),
            // Private exchanges:
            Pattern {
                tone: ToneKind::Busy,
                hz: BUSY_HZ,
                cadence: Cadence::Regular { spans: Span { min_ms: 290, max_ms: 800 }, spread_ms: 60, enough: 9 },
            },
            // Of the countries in which this profile comes nearest. Taiwan:
            cycle(ToneKind::Ringback, RING_HZ, &[near(1000), near(2000)], 2),
            // The Philippines:
            Pattern { tone: ToneKind::Dial, hz: &[425.0], cadence: Cadence::Steady { ms: 1750, gap_ms: 60 } },
            cycle(ToneKind::Ringback, &[425.0, 480.0], &[near(1000), near(4000)], 1),
        ],
    },
    // GR-506: 20 Hz, 2 s on, 4 s off.
    ringing: Ringing { hz: 20, cadence: &[Burst { on_ms: 2000, off_ms: 4000 }], burst_min_ms: 200, gone_ms: 6000 },
    // GR-30: in the first silence, 0.5 s or more after the burst.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::Bell202, timing: CallerIdTiming::AfterFirstRing }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_min_ms: 300, flash_max_ms: 1000, ..TIMERS },
};

//! Germany.
//!
//! Sources: 1 TR 110 and ETSI TR 101 041 (tones, ringing), EN 300 659-1 (caller identity). Levels by E.180.

use super::practice::{ANSWER, DISCONNECT, KEYS, PULSES, TIMERS, ZIP, any_regular, cycle, near, off, on};
use super::{
    Burst, CallerIdKind, CallerIdService, CallerIdTiming, Confidence, Country, DialBy, Evidence, LineProfile, Ringing,
    Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::progress::{Cadence, Detection, Pattern, Span};
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -10.0 }]);
const SPECIAL: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -13.0 }, Component { hz: 425.0, dbm0: -13.0 }]);
const SOFT: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -20.0 }]);

const HZ: &[f64] = &[425.0];
const SWELLING_HZ: &[f64] = &[400.0];
const DOUBLE_RING: [Span; 4] = [near(400), near(200), near(400), near(2000)];

/// Germany.
pub(crate) const GERMANY: Country = Country {
    code: "DE",
    name: "Germany",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "1 TR 110, ETSI TR 101 041 (tones, ringing); EN 300 659-1 (caller ID); flash by equipment",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(SPECIAL, FOREVER)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 480), off(480)]),
        congestion: ToneSpec::repeated(&[on(TONE, 240), off(240)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 240), off(240)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 200), off(200), on(SOFT, 200), off(5000)]),
        zip: ZIP,
        confirmation: ToneSpec::once(&[on(TONE, 100), off(100), on(TONE, 100), off(100), on(TONE, 100)]),
    },
    detection: Detection {
        // 10 ms allow for 25 Hz off.
        coherent_ms: 10,
        floor_dbm0: -40.0,
        purity: 0.62,
        majority_of: 3,
        patterns: &[
            // Longer than any burst of ringback.
            Pattern { tone: ToneKind::Dial, hz: HZ, cadence: Cadence::Steady { ms: 1750, gap_ms: 60 } },
            cycle(ToneKind::Ringback, HZ, &[near(1000), near(4000)], 1),
            cycle(ToneKind::Busy, HZ, &[near(480), near(480)], 7),
            cycle(ToneKind::Congestion, HZ, &[near(240), near(240)], 9),
            // Any other regular cadence: private exchanges, and the busy tones of other countries.
            any_regular(HZ),
            // Of the countries in which this profile comes nearest. France, Spain, Hungary:
            cycle(
                ToneKind::Ringback,
                HZ,
                &[Span { min_ms: 1150, max_ms: 1700 }, Span { min_ms: 2600, max_ms: 4000 }],
                1,
            ),
            // Australia, India, South Africa, and exchanges with two bursts to a ring:
            cycle(ToneKind::Ringback, HZ, &DOUBLE_RING, 3),
            cycle(ToneKind::Ringback, SWELLING_HZ, &DOUBLE_RING, 3),
            // Brazil:
            cycle(ToneKind::Congestion, HZ, &[near(250), near(250), near(750), near(250)], 6),
            // Italy, Greece:
            cycle(ToneKind::Dial, HZ, &[near(200), near(200), near(600), near(1000)], 4),
            cycle(ToneKind::Dial, HZ, &[near(200), near(300), near(700), near(800)], 4),
            // India: 400 Hz that swells at 25 Hz.
            Pattern { tone: ToneKind::Dial, hz: SWELLING_HZ, cadence: Cadence::Steady { ms: 1750, gap_ms: 60 } },
        ],
    },
    // 1 TR 110: 25 Hz, 1 s on, 4 s off; the first burst may be shorter.
    ringing: Ringing { hz: 25, cadence: &[Burst { on_ms: 1000, off_ms: 4000 }], burst_min_ms: 200, gone_ms: 6000 },
    // EN 300 659-1: after a short burst (RP-AS); the first ordinary burst may be that short, too.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::V23, timing: CallerIdTiming::AfterRingPulse }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    },
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 250, flash_min_ms: 80, flash_max_ms: 310, ..TIMERS },
};

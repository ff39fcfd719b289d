//! South Korea and Taiwan: precise tones of two frequencies each, as in North America.

use super::practice::{
    KEYS, PULSES, TIMERS, ZIP, any_regular, beeps, cycle, detection_of_near_frequencies, line, near, off, on, ringing,
    steady, stutter,
};
use super::{Burst, CallerIdKind, CallerIdTiming, Confidence, Country, Evidence, Timers, Tones};
use crate::card::Law;
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const DIAL: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 350.0, dbm0: -13.0 }, Component { hz: 440.0, dbm0: -13.0 }]);
const RING: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -16.0 }, Component { hz: 480.0, dbm0: -16.0 }]);
const BUSY: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 480.0, dbm0: -20.0 }, Component { hz: 620.0, dbm0: -20.0 }]);
const SOFT: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 350.0, dbm0: -20.0 }, Component { hz: 440.0, dbm0: -20.0 }]);

const DIAL_HZ: &[f64] = &[350.0, 440.0];
const RING_HZ: &[f64] = &[440.0, 480.0];
const BUSY_HZ: &[f64] = &[480.0, 620.0];

/// South Korea.
pub(crate) const SOUTH_KOREA: Country = Country {
    code: "KR",
    name: "South Korea",
    law: Law::Mu,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2, not read again (tones); the rest by practice",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        special_dial: stutter!(DIAL),
        ringback: ToneSpec::repeated(&[on(RING, 1000), off(2000)]),
        busy: ToneSpec::repeated(&[on(BUSY, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(BUSY, 300), off(200)]),
        unobtainable: ToneSpec::repeated(&[on(BUSY, 300), off(200)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 250), off(250), on(SOFT, 250), off(3250)]),
        zip: ZIP,
        confirmation: beeps!(DIAL),
    },
    detection: detection_of_near_frequencies(&[
        steady(ToneKind::Dial, DIAL_HZ, 1250),
        cycle(ToneKind::Ringback, RING_HZ, &[near(1000), near(2000)], 1),
        cycle(ToneKind::Busy, BUSY_HZ, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, BUSY_HZ, &[near(300), near(200)], 9),
        any_regular(BUSY_HZ),
    ]),
    ringing: ringing(20, &[Burst { on_ms: 1000, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 500, flash_min_ms: 300, flash_max_ms: 1000, ..TIMERS },
};

/// Taiwan.
pub(crate) const TAIWAN: Country = Country {
    code: "TW",
    name: "Taiwan",
    law: Law::Mu,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "PSTN01 (tones, ringing); V.23 after the alerting tone by ETS 300 659-1, or keys, by the exchange (caller ID)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL, FOREVER)]),
        special_dial: stutter!(DIAL),
        ringback: ToneSpec::repeated(&[on(RING, 1000), off(2000)]),
        busy: ToneSpec::repeated(&[on(BUSY, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(BUSY, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(BUSY, 250), off(250)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 250), off(250), on(SOFT, 250), off(3250)]),
        zip: ZIP,
        confirmation: beeps!(DIAL),
    },
    detection: detection_of_near_frequencies(&[
        steady(ToneKind::Dial, DIAL_HZ, 1250),
        cycle(ToneKind::Ringback, RING_HZ, &[near(1000), near(2000)], 1),
        cycle(ToneKind::Busy, BUSY_HZ, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, BUSY_HZ, &[near(250), near(250)], 9),
        any_regular(BUSY_HZ),
    ]),
    ringing: ringing(20, &[Burst { on_ms: 1000, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::V23, CallerIdTiming::BeforeFirstRing { reversal: false, alert: true }),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 600, flash_min_ms: 300, flash_max_ms: 1000, ..TIMERS },
};

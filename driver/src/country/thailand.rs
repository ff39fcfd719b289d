//! Thailand.

use super::practice::{
    KEYS, PULSES, TIMERS, ZIP, any_regular, beeps, cycle, detection_of_swells, line, near, off, on, ringing, steady,
};
use super::{Burst, CallerIdKind, CallerIdTiming, Confidence, Country, Evidence, Timers, Tones};
use crate::card::Law;
use crate::dsp::progress::Span;
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -10.0 }]);
const SWELL: SegmentSignal = SegmentSignal::Modulated { carrier: Component { hz: 400.0, dbm0: -7.0 }, by_hz: 50.0 };
const WAITING: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 1000.0, dbm0: -20.0 }]);

const HZ: &[f64] = &[400.0];

/// Thailand.
pub(crate) const THAILAND: Country = Country {
    code: "TH",
    name: "Thailand",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2 by a public table (tones); the rest by practice",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(SWELL, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(SWELL, 400), off(100)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE, 300), off(300)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 300), off(300)]),
        call_waiting: ToneSpec::repeated(&[on(WAITING, 400), off(10000)]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection_of_swells(&[
        steady(ToneKind::Dial, HZ, 1750),
        // 420 Hz and 5 s of silence, too.
        cycle(ToneKind::Ringback, HZ, &[near(1000), Span { min_ms: 3400, max_ms: 5750 }], 1),
        cycle(ToneKind::Busy, HZ, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ, &[near(300), near(300)], 9),
        cycle(ToneKind::Dial, HZ, &[near(400), near(100)], 6),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1000, off_ms: 4000 }], 7000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 500, flash_min_ms: 200, flash_max_ms: 1000, ..TIMERS },
};

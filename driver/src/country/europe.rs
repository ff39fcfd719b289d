//! Countries of Europe with one frequency for every tone, 425 Hz or 440 Hz, in a cadence of their own each.

use super::practice::{
    KEYS, PULSES, TIMERS, ZIP, any_regular, beeps, cycle, detection, line, near, off, on, ringing, steady,
};
use super::{Burst, CallerIdKind, CallerIdTiming, Confidence, Country, Evidence, Timers, Tones};
use crate::card::Law;
use crate::dsp::progress::Span;
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -10.0 }]);
const HIGH: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 470.0, dbm0: -10.0 }]);
const SOFT: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -20.0 }]);
const TONE_440: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -10.0 }]);
const SPECIAL_440: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 330.0, dbm0: -13.0 }, Component { hz: 440.0, dbm0: -13.0 }]);
const SOFT_440: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 440.0, dbm0: -20.0 }]);

const HZ: &[f64] = &[425.0];
const HZ_440: &[f64] = &[440.0];

/// France.
pub(crate) const FRANCE: Country = Country {
    code: "FR",
    name: "France",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2 (tones); EN 300 659-1 (caller ID); a flash of 270 ms by usual equipment",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE_440, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(SPECIAL_440, FOREVER)]),
        ringback: ToneSpec::repeated(&[on(TONE_440, 1500), off(3500)]),
        busy: ToneSpec::repeated(&[on(TONE_440, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE_440, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_440, 250), off(250)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_440, 300), off(10000)]),
        zip: ZIP,
        confirmation: beeps!(TONE_440),
    },
    detection: detection(&[
        // Longer than any burst of ringback.
        steady(ToneKind::Dial, HZ_440, 2000),
        steady(ToneKind::Dial, &[330.0, 440.0], 2000),
        cycle(ToneKind::Ringback, HZ_440, &[near(1500), near(3500)], 1),
        cycle(ToneKind::Busy, HZ_440, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ_440, &[near(250), near(250)], 9),
        any_regular(HZ_440),
    ]),
    ringing: ringing(50, &[Burst { on_ms: 1500, off_ms: 3500 }], 5500),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 270, flash_min_ms: 160, flash_max_ms: 320, ..TIMERS },
};

/// Italy.
pub(crate) const ITALY: Country = Country {
    code: "IT",
    name: "Italy",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2 (tones); EN 300 659-1 (caller ID, its place by practice)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, 200), off(200), on(TONE, 600), off(1000)]),
        special_dial: ToneSpec::repeated(&[on(HIGH, 400), on(TONE, 400)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE, 200), off(200)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 200), off(200)]),
        call_waiting: ToneSpec::repeated(&[
            on(SOFT, 400),
            off(100),
            on(SOFT, 250),
            off(100),
            on(SOFT, 150),
            off(14000),
        ]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection(&[
        cycle(ToneKind::Dial, HZ, &[near(200), near(200), near(600), near(1000)], 4),
        // Dial tone while a service is on: 470 and 425 Hz in turn.
        cycle(ToneKind::Dial, &[470.0], &[near(400), near(400)], 3),
        steady(ToneKind::Dial, HZ, 1750),
        cycle(ToneKind::Ringback, HZ, &[near(1000), near(4000)], 1),
        cycle(ToneKind::Busy, HZ, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ, &[near(200), near(200)], 9),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1000, off_ms: 4000 }], 6000),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

/// Spain.
pub(crate) const SPAIN: Country = Country {
    code: "ES",
    name: "Spain",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2 (tones); EN 300 659-1 (caller ID, its place by practice)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(TONE, 1000), off(100)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1500), off(3000)]),
        busy: ToneSpec::repeated(&[on(TONE, 200), off(200)]),
        congestion: ToneSpec::repeated(&[on(TONE, 200), off(200), on(TONE, 200), off(200), on(TONE, 200), off(600)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 200), off(200), on(TONE, 200), off(200), on(TONE, 200), off(600)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 175), off(175), on(SOFT, 175), off(3500)]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection(&[
        steady(ToneKind::Dial, HZ, 2000),
        cycle(ToneKind::Dial, HZ, &[near(1000), near(100)], 4),
        cycle(ToneKind::Ringback, HZ, &[near(1500), near(3000)], 1),
        cycle(ToneKind::Busy, HZ, &[near(200), near(200)], 9),
        // Six spans, so that the long silence is among them.
        cycle(ToneKind::Congestion, HZ, &[near(200), near(200), near(200), near(200), near(200), near(600)], 6),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1500, off_ms: 3000 }], 5000),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

/// Greece.
pub(crate) const GREECE: Country = Country {
    code: "GR",
    name: "Greece",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "one public table of tones; caller ID by practice (terminals of mobile networks send keys)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, 200), off(300), on(TONE, 700), off(800)]),
        special_dial: ToneSpec::repeated(&[on(TONE, 650), off(25)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 300), off(300)]),
        congestion: ToneSpec::repeated(&[on(TONE, 200), off(200)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 200), off(200)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 150), off(150), on(SOFT, 150), off(8000)]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection(&[
        cycle(ToneKind::Dial, HZ, &[near(200), near(300), near(700), near(800)], 4),
        steady(ToneKind::Dial, HZ, 1750),
        cycle(ToneKind::Ringback, HZ, &[near(1000), near(4000)], 1),
        cycle(ToneKind::Busy, HZ, &[Span { min_ms: 250, max_ms: 350 }, Span { min_ms: 250, max_ms: 350 }], 7),
        cycle(ToneKind::Congestion, HZ, &[Span { min_ms: 150, max_ms: 249 }, Span { min_ms: 150, max_ms: 249 }], 9),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1000, off_ms: 4000 }], 6000),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

/// Russia.
pub(crate) const RUSSIA: Country = Country {
    code: "RU",
    name: "Russia",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "OST 45.223-2001 by a public table (tones); caller ID of digital exchanges by practice (older ones answer a request of 500 Hz, which is not sent)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(TONE, 400), off(40)]),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 350), off(350)]),
        congestion: ToneSpec::repeated(&[on(TONE, 175), off(175)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 175), off(175)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 200), off(5000)]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection(&[
        steady(ToneKind::Dial, HZ, 1750),
        // Older exchanges: 0.8 s of 4 s.
        cycle(ToneKind::Ringback, HZ, &[Span { min_ms: 750, max_ms: 1150 }, Span { min_ms: 2700, max_ms: 4600 }], 1),
        cycle(ToneKind::Busy, HZ, &[Span { min_ms: 300, max_ms: 450 }, Span { min_ms: 300, max_ms: 450 }], 7),
        cycle(ToneKind::Congestion, HZ, &[Span { min_ms: 125, max_ms: 225 }, Span { min_ms: 125, max_ms: 225 }], 9),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1000, off_ms: 4000 }], 6000),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

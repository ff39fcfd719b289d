//! Brazil.

use super::practice::{
    KEYS, PULSES, TIMERS, ZIP, any_regular, beeps, cycle, detection, line, near, off, on, ringing, steady, stutter,
};
use super::{Burst, CallerIdKind, CallerIdTiming, Confidence, Country, Evidence, Timers, Tones};
use crate::card::Law;
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -10.0 }]);
const SOFT: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -20.0 }]);

const HZ: &[f64] = &[425.0];

/// Brazil.
pub(crate) const BRAZIL: Country = Country {
    code: "BR",
    name: "Brazil",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "Anatel practice (tones, ringing); keys with a category digit before the first ring (caller ID)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE, FOREVER)]),
        special_dial: stutter!(TONE),
        ringback: ToneSpec::repeated(&[on(TONE, 1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(TONE, 250), off(250)]),
        congestion: ToneSpec::repeated(&[on(TONE, 250), off(250), on(TONE, 750), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(TONE, 250), off(250), on(TONE, 750), off(250)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT, 50), off(1000)]),
        zip: ZIP,
        confirmation: beeps!(TONE),
    },
    detection: detection(&[
        steady(ToneKind::Dial, HZ, 1750),
        cycle(ToneKind::Ringback, HZ, &[near(1000), near(4000)], 1),
        cycle(ToneKind::Busy, HZ, &[near(250), near(250)], 7),
        cycle(ToneKind::Congestion, HZ, &[near(250), near(250), near(750), near(250)], 6),
        any_regular(HZ),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 1000, off_ms: 4000 }], 6000),
    line: line(
        CallerIdKind::Dtmf { start: 'A', end: 'C' },
        CallerIdTiming::BeforeFirstRing { reversal: false, alert: false },
    ),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 300, flash_min_ms: 90, flash_max_ms: 500, ..TIMERS },
};

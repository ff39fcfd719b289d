//! Countries with double-burst ringing, as in the United Kingdom, and tones of 400 or 425 Hz, some of them modulated.

use super::practice::{
    KEYS, PULSES, TIMERS, ZIP, any_regular, beeps, cycle, detection, detection_of_beats, detection_of_near_frequencies,
    detection_of_swells, line, near, off, on, ringing, steady, stutter,
};
use super::{Burst, CallerIdKind, CallerIdTiming, Confidence, Country, Evidence, Timers, Tones};
use crate::card::Law;
use crate::dsp::progress::{Cadence, Pattern, Span};
use crate::dsp::tone::{Component, FOREVER, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

const TONE_400: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -10.0 }]);
const SOFT_400: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -20.0 }]);
const TONE_425: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -10.0 }]);
const SOFT_425: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 425.0, dbm0: -20.0 }]);
const AU_DIAL: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 413.0, dbm0: -13.0 }, Component { hz: 438.0, dbm0: -13.0 }]);
const DIAL_350_440: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 350.0, dbm0: -13.0 }, Component { hz: 440.0, dbm0: -13.0 }]);
const RING_400_450: SegmentSignal =
    SegmentSignal::Sum(&[Component { hz: 400.0, dbm0: -13.0 }, Component { hz: 450.0, dbm0: -13.0 }]);
const SWELL_24: SegmentSignal = SegmentSignal::Modulated { carrier: Component { hz: 425.0, dbm0: -7.0 }, by_hz: 24.0 };
const SWELL_25: SegmentSignal = SegmentSignal::Modulated { carrier: Component { hz: 400.0, dbm0: -7.0 }, by_hz: 25.0 };
const SWELL_33: SegmentSignal = SegmentSignal::Modulated { carrier: Component { hz: 400.0, dbm0: -7.0 }, by_hz: 33.3 };

/// A pair of bursts; a swell may be low just where one begins or ends.
const PAIR: &[Span] = &[
    Span { min_ms: 290, max_ms: 480 },
    Span { min_ms: 120, max_ms: 310 },
    Span { min_ms: 290, max_ms: 480 },
    near(2000),
];
const HZ_400: &[f64] = &[400.0];
const HZ_425: &[f64] = &[425.0];

/// Australia.
pub(crate) const AUSTRALIA: Country = Country {
    code: "AU",
    name: "Australia",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "AS/CA S002 (tones, ringing); caller ID after the first pair of bursts by two vendors",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(AU_DIAL, FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(AU_DIAL, 100), off(40)]),
        ringback: ToneSpec::repeated(&[on(AU_DIAL, 400), off(200), on(AU_DIAL, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_425, 375), off(375)]),
        congestion: ToneSpec::repeated(&[on(TONE_425, 375), off(375), on(SOFT_425, 375), off(375)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_425, 2500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_425, 200), off(200), on(SOFT_425, 200), off(4400)]),
        zip: ZIP,
        confirmation: beeps!(TONE_425),
    },
    detection: detection_of_beats(&[
        // 413 and 438 Hz are heard as 425 Hz that swell. Longer than a burst of number unobtainable.
        steady(ToneKind::Dial, HZ_425, 3200),
        // The same while a service is on: a stutter of 100 and 40 ms, with the dips of the swell in it.
        cycle(ToneKind::Dial, HZ_425, &[Span { min_ms: 40, max_ms: 170 }, Span { min_ms: 20, max_ms: 100 }], 9),
        cycle(ToneKind::Ringback, HZ_425, PAIR, 3),
        // Congestion differs from busy by the level of each second burst alone.
        cycle(ToneKind::Busy, HZ_425, &[near(375), near(375)], 7),
        cycle(ToneKind::Congestion, HZ_425, &[near(2500), near(500)], 2),
        any_regular(HZ_425),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 50, flash_max_ms: 140, ..TIMERS },
};

/// New Zealand.
pub(crate) const NEW_ZEALAND: Country = Country {
    code: "NZ",
    name: "New Zealand",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "PTC 220 (TNA 102: tones, ringing) and a vendor's tone plan; PTC 200 (caller ID)",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE_400, FOREVER)]),
        special_dial: stutter!(TONE_400),
        ringback: ToneSpec::repeated(&[on(RING_400_450, 400), off(200), on(RING_400_450, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_400, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE_400, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[
            on(TONE_400, 75),
            off(100),
            on(TONE_400, 75),
            off(100),
            on(TONE_400, 75),
            off(100),
            on(TONE_400, 75),
            off(400),
        ]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_400, 200), off(3000)]),
        zip: ZIP,
        confirmation: beeps!(TONE_400),
    },
    detection: detection_of_near_frequencies(&[
        steady(ToneKind::Dial, HZ_400, 1250),
        cycle(ToneKind::Ringback, &[400.0, 450.0], PAIR, 3),
        cycle(ToneKind::Busy, HZ_400, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ_400, &[near(250), near(250)], 9),
        cycle(
            ToneKind::Congestion,
            HZ_400,
            &[near(75), near(100), near(75), near(100), near(75), near(100), near(75), near(400)],
            8,
        ),
        any_regular(HZ_400),
    ]),
    ringing: ringing(20, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 600, flash_min_ms: 300, flash_max_ms: 1000, ..TIMERS },
};

/// India.
pub(crate) const INDIA: Country = Country {
    code: "IN",
    name: "India",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "TEC (tones, ringing); caller ID by keys after a reversal, as lines were reported to have it",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(SWELL_25, FOREVER)]),
        special_dial: stutter!(SWELL_25),
        ringback: ToneSpec::repeated(&[on(SWELL_25, 400), off(200), on(SWELL_25, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_400, 750), off(750)]),
        congestion: ToneSpec::repeated(&[on(TONE_400, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_400, 2500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_400, 200), off(100), on(SOFT_400, 200), off(7500)]),
        zip: ZIP,
        confirmation: beeps!(TONE_400),
    },
    detection: detection_of_swells(&[
        // Longer than a burst of number unobtainable.
        steady(ToneKind::Dial, HZ_400, 3200),
        cycle(ToneKind::Ringback, HZ_400, PAIR, 3),
        cycle(ToneKind::Busy, HZ_400, &[near(750), near(750)], 7),
        cycle(ToneKind::Congestion, HZ_400, &[near(250), near(250)], 9),
        cycle(ToneKind::Congestion, HZ_400, &[near(2500), near(500)], 2),
        any_regular(HZ_400),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(
        CallerIdKind::Dtmf { start: 'A', end: 'C' },
        CallerIdTiming::BeforeFirstRing { reversal: true, alert: false },
    ),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 600, flash_min_ms: 200, flash_max_ms: 1000, ..TIMERS },
};

/// Singapore.
pub(crate) const SINGAPORE: Country = Country {
    code: "SG",
    name: "Singapore",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Table,
        flash: Confidence::Practice,
        sources: "IMDA TS PSTN (tones, ringing); caller ID by a public list",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE_425, FOREVER)]),
        special_dial: stutter!(TONE_425),
        ringback: ToneSpec::repeated(&[on(SWELL_24, 400), off(200), on(SWELL_24, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_425, 750), off(750)]),
        congestion: ToneSpec::repeated(&[on(TONE_425, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_425, 2500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(SWELL_24, 300), off(200), on(SWELL_24, 300), off(3200)]),
        zip: ZIP,
        confirmation: beeps!(TONE_425),
    },
    detection: detection_of_swells(&[
        // Longer than a burst of number unobtainable.
        steady(ToneKind::Dial, HZ_425, 3200),
        cycle(ToneKind::Ringback, HZ_425, PAIR, 3),
        cycle(ToneKind::Busy, HZ_425, &[near(750), near(750)], 7),
        cycle(ToneKind::Congestion, HZ_425, &[near(250), near(250)], 9),
        cycle(ToneKind::Congestion, HZ_425, &[near(2500), near(500)], 2),
        any_regular(HZ_425),
    ]),
    ringing: ringing(24, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 600, flash_min_ms: 300, flash_max_ms: 1000, ..TIMERS },
};

/// Malaysia.
pub(crate) const MALAYSIA: Country = Country {
    code: "MY",
    name: "Malaysia",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2 by a public table (tones); the rest by practice",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(TONE_425, FOREVER)]),
        special_dial: stutter!(TONE_425),
        ringback: ToneSpec::repeated(&[on(TONE_425, 400), off(200), on(TONE_425, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_425, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE_425, 500), off(500)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_425, 2500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_425, 200), off(600), on(SOFT_425, 200), off(3000)]),
        zip: ZIP,
        confirmation: beeps!(TONE_425),
    },
    detection: detection(&[
        // Longer than a burst of number unobtainable.
        steady(ToneKind::Dial, HZ_425, 3200),
        cycle(ToneKind::Ringback, HZ_425, PAIR, 3),
        // Congestion is the same.
        cycle(ToneKind::Busy, HZ_425, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ_425, &[near(2500), near(500)], 2),
        any_regular(HZ_425),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

/// South Africa.
pub(crate) const SOUTH_AFRICA: Country = Country {
    code: "ZA",
    name: "South Africa",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "one public table of tones (400 Hz by 33 Hz, or 383 and 417 Hz, by the exchange); the rest by practice",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(SWELL_33, FOREVER)]),
        special_dial: stutter!(SWELL_33),
        ringback: ToneSpec::repeated(&[on(SWELL_33, 400), off(200), on(SWELL_33, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_400, 500), off(500)]),
        congestion: ToneSpec::repeated(&[on(TONE_400, 250), off(250)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_400, 2500), off(500)]),
        call_waiting: ToneSpec::repeated(&[on(SWELL_33, 250), off(250)]),
        zip: ZIP,
        confirmation: beeps!(TONE_400),
    },
    detection: detection_of_swells(&[
        // Both kinds of exchange are heard as 400 Hz that swell. Longer than a burst of number unobtainable.
        steady(ToneKind::Dial, HZ_400, 3200),
        cycle(ToneKind::Ringback, HZ_400, PAIR, 3),
        cycle(ToneKind::Busy, HZ_400, &[near(500), near(500)], 7),
        cycle(ToneKind::Congestion, HZ_400, &[near(250), near(250)], 9),
        cycle(ToneKind::Congestion, HZ_400, &[near(2500), near(500)], 2),
        any_regular(HZ_400),
    ]),
    ringing: ringing(25, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::V23, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

/// United Arab Emirates.
pub(crate) const UNITED_ARAB_EMIRATES: Country = Country {
    code: "AE",
    name: "United Arab Emirates",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Table,
        caller_id: Confidence::Practice,
        flash: Confidence::Practice,
        sources: "E.180 supplement 2, not read again (tones, as the British ones); the rest by practice",
    },
    tones: Tones {
        dial: ToneSpec::repeated(&[on(DIAL_350_440, FOREVER)]),
        special_dial: stutter!(DIAL_350_440),
        ringback: ToneSpec::repeated(&[on(RING_400_450, 400), off(200), on(RING_400_450, 400), off(2000)]),
        busy: ToneSpec::repeated(&[on(TONE_400, 375), off(375)]),
        congestion: ToneSpec::repeated(&[on(TONE_400, 400), off(350), on(TONE_400, 225), off(525)]),
        unobtainable: ToneSpec::repeated(&[on(TONE_400, FOREVER)]),
        call_waiting: ToneSpec::repeated(&[on(SOFT_400, 100), off(4000)]),
        zip: ZIP,
        confirmation: beeps!(DIAL_350_440),
    },
    detection: detection_of_near_frequencies(&[
        steady(ToneKind::Dial, &[350.0, 440.0], 700),
        cycle(ToneKind::Ringback, &[400.0, 450.0], PAIR, 3),
        cycle(ToneKind::Busy, HZ_400, &[near(375), near(375)], 7),
        cycle(ToneKind::Congestion, HZ_400, &[near(400), near(350), near(225), near(525)], 7),
        Pattern { tone: ToneKind::Congestion, hz: HZ_400, cadence: Cadence::Steady { ms: 2500, gap_ms: 0 } },
    ]),
    ringing: ringing(25, &[Burst { on_ms: 400, off_ms: 200 }, Burst { on_ms: 400, off_ms: 2000 }], 4000),
    line: line(CallerIdKind::Bell202, CallerIdTiming::AfterFirstRing),
    dtmf: KEYS,
    pulses: PULSES,
    timers: Timers { flash_sent_ms: 100, flash_min_ms: 60, flash_max_ms: 140, ..TIMERS },
};

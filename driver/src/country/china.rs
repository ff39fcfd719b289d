//! China.
//!
//! Sources: GB/T 3380-1982 (tones and ringing), YDN 065-1997 (exchange), GB/T 15279-2002 (telephones), YD/T 1277.1-2003
//! (caller identity). Times that no standard gives are those of Chinese access equipment, or of common practice where
//! so marked.

use super::{
    AnswerSignals, Burst, CallerIdKind, CallerIdService, CallerIdTiming, Confidence, Country, DialBy,
    DisconnectSignals, Evidence, LineProfile, Pulses, Ringing, Start, Timers, Tones,
};
use crate::card::Law;
use crate::dsp::dtmf::Timing;
use crate::dsp::progress::{Cadence, Detection, Pattern, Span};
use crate::dsp::tone::{Component, FOREVER, Segment, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

/// 450 Hz at -10 dBm0 (GB/T 3380: 450 ± 25 Hz, -10 ± 3 dBm0).
const TONE: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 450.0, dbm0: -10.0 }]);
/// 450 Hz at -20 dBm0: tones heard during a call.
const SOFT: SegmentSignal = SegmentSignal::Sum(&[Component { hz: 450.0, dbm0: -20.0 }]);

const fn on(ms: u32) -> Segment {
    Segment { signal: TONE, ms }
}

const fn off(ms: u32) -> Segment {
    Segment { signal: SegmentSignal::Silence, ms }
}

/// The exchange may be off by 10 % (GB/T 3380); the detector allows 15 %.
const fn near(ms: u32) -> Span {
    Span::around(ms, 15)
}

const HZ: &[f64] = &[450.0];

/// Busy tone and tones like it are distinguished from speech by at least seven spans in a row, which is four bursts.
const SPANS: u8 = 7;

/// China.
pub const CHINA: Country = Country {
    code: "CN",
    name: "China",
    law: Law::A,
    evidence: Evidence {
        tones: Confidence::Standard,
        caller_id: Confidence::Standard,
        flash: Confidence::Practice,
        sources: "GB/T 3380-1982, YDN 065-1997 (tones, ringing); YD/T 1277.1-2003 (caller ID); flash by access equipment",
    },
    // GB/T 3380-1982 and YDN 065-1997, except zip tone, which is our own.
    tones: Tones {
        dial: ToneSpec::repeated(&[on(FOREVER)]),
        special_dial: ToneSpec::repeated(&[on(400), off(40)]),
        ringback: ToneSpec::repeated(&[on(1000), off(4000)]),
        busy: ToneSpec::repeated(&[on(350), off(350)]),
        congestion: ToneSpec::repeated(&[on(700), off(700)]),
        unobtainable: ToneSpec::repeated(&[on(100), off(100), on(100), off(100), on(100), off(100), on(400), off(400)]),
        call_waiting: ToneSpec::repeated(&[Segment { signal: SOFT, ms: 400 }, off(4000)]),
        zip: ToneSpec::once(&[Segment { signal: SOFT, ms: 200 }]),
        confirmation: ToneSpec::once(&[on(100), off(100), on(100), off(100), on(100)]),
    },
    detection: Detection {
        // 10 ms of 450 Hz: 425 and 475 Hz keep 80 % of their power, 400 and 500 Hz less than half.
        coherent_ms: 10,
        floor_dbm0: -40.0,
        purity: 0.62,
        majority_of: 3,
        patterns: &[
            Pattern { tone: ToneKind::Dial, hz: HZ, cadence: Cadence::Steady { ms: 1250, gap_ms: 60 } },
            Pattern {
                tone: ToneKind::Ringback,
                hz: HZ,
                cadence: Cadence::Cycle { spans: &[near(1000), near(4000)], enough: 1 },
            },
            Pattern {
                tone: ToneKind::Busy,
                hz: HZ,
                cadence: Cadence::Cycle { spans: &[near(350), near(350)], enough: SPANS },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: HZ,
                cadence: Cadence::Cycle { spans: &[near(700), near(700)], enough: SPANS },
            },
            Pattern {
                tone: ToneKind::Congestion,
                hz: HZ,
                cadence: Cadence::Cycle {
                    spans: &[near(100), near(100), near(100), near(100), near(100), near(100), near(400), near(400)],
                    enough: 8,
                },
            },
            // Small exchanges and gateways send busy of 250/250 or 500/500.
            Pattern {
                tone: ToneKind::Busy,
                hz: HZ,
                cadence: Cadence::Regular { spans: Span { min_ms: 150, max_ms: 800 }, spread_ms: 60, enough: 9 },
            },
            // India's lines (E.180, supplement 2):
            Pattern {
                tone: ToneKind::Busy,
                hz: &[400.0],
                cadence: Cadence::Cycle { spans: &[near(750), near(750)], enough: SPANS },
            },
        ],
    },
    // GB/T 3380: 25 ± 3 Hz, 1 s on, 4 s off.
    ringing: Ringing { hz: 25, cadence: &[Burst { on_ms: 1000, off_ms: 4000 }], burst_min_ms: 200, gone_ms: 6000 },
    // YD/T 1277.1: in the first gap, 0.5 s or more after the burst; the gap holds about 2.9 s of data.
    line: LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind: CallerIdKind::Bell202, timing: CallerIdTiming::AfterFirstRing }),
        // Reversal is a service that few lines have. After ringback, busy takes 2.5 s to be known from an answer.
        answer: AnswerSignals {
            polarity: false,
            voice_ms: Some(super::practice::VOICE_MS),
            after_ringback_ms: Some(3000),
            after_dialling_ms: Some(20_000),
        },
        // Busy tone is the one signal that every line has; access equipment often breaks the loop, too (practice: 200
        // ms upward).
        disconnect: DisconnectSignals {
            tone: true,
            loop_break_ms: Some(200),
            polarity: false,
            silence_ms: None,
            votes: 1,
        },
        dial_by: DialBy::Tones,
    },
    // GB/T 15279: low group -9 ± 3 dBm, high group -7 ± 3 dBm, 2 dB apart.
    dtmf: Timing { on_ms: 100, off_ms: 100, pause_ms: 1000, low_dbm0: -9.0, high_dbm0: -7.0 },
    // 10 pulses a second, break to make as 1.6 to 1, 600 to 800 ms between digits.
    pulses: Pulses { break_ms: 61, make_ms: 39, inter_digit_ms: 700 },
    timers: Timers {
        // Practice: the debounce times of a classic board.
        ring_debounce_ms: 64,
        battery_debounce_ms: 64,
        no_battery_ms: 1000,
        polarity_debounce_ms: 64,
        reversal_guard_ms: 600,
        // Practice: 3 to 5 s.
        dial_tone_wait_ms: 5000,
        pre_dial_ms: 500,
        // Practice: 1 to 2 s.
        release_guard_ms: 1500,
        // Practice: the R key of a set gives about 100 ms.
        flash_sent_ms: 100,
        off_hook_debounce_ms: 40,
        // Chinese access equipment: 80 to 500 ms.
        flash_min_ms: 80,
        flash_max_ms: 500,
        // YDN 065: 10 to 20 s for the first digit and between digits, 60 s of ringing, 40 to 60 s of busy.
        first_digit_ms: 15_000,
        inter_digit_ms: 10_000,
        ring_no_answer_ms: 60_000,
        busy_ms: 45_000,
    },
};

//! Practice values that no standard fixes and most countries share: the times of a classic analogue board, and the
//! caution of years in the field.

use super::{
    AnswerSignals, Burst, CallerIdKind, CallerIdService, CallerIdTiming, DialBy, DisconnectSignals, LineProfile,
    Pulses, Ringing, Start, Timers,
};
use crate::dsp::dtmf::Timing;
use crate::dsp::progress::{Cadence, Detection, Pattern, Span};
use crate::dsp::tone::{Component, Segment, SegmentSignal, ToneSpec};
use crate::signal::ToneKind;

/// Lengths of tones may be off by 15 %, and by 50 ms at least.
pub(super) const fn near(ms: u32) -> Span {
    Span::around(ms, 15)
}

/// A tone of one or more frequencies in a cadence that repeats, recognised after `enough` of its spans.
pub(super) const fn cycle(tone: ToneKind, hz: &'static [f64], spans: &'static [Span], enough: u8) -> Pattern {
    Pattern { tone, hz, cadence: Cadence::Cycle { spans, enough } }
}

/// A tone without a break, recognised after `ms`; silences up to 60 ms are part of it.
pub(super) const fn steady(tone: ToneKind, hz: &'static [f64], ms: u32) -> Pattern {
    Pattern { tone, hz, cadence: Cadence::Steady { ms, gap_ms: 60 } }
}

/// Busy tone in any other regular cadence, as private exchanges have it: two spans more than any tone of the country
/// needs, so
/// that a first burst that was cut does not put it before them.
pub(super) const fn any_regular(hz: &'static [f64]) -> Pattern {
    let spans = Span { min_ms: 150, max_ms: 800 };
    Pattern { tone: ToneKind::Busy, hz, cadence: Cadence::Regular { spans, spread_ms: 60, enough: 11 } }
}

/// Detection of single frequencies: windows of 10 ms allow for 25 Hz off.
pub(super) const fn detection(patterns: &'static [Pattern]) -> Detection {
    Detection { coherent_ms: 10, floor_dbm0: -40.0, purity: 0.62, majority_of: 3, patterns }
}

/// Detection of frequencies that swell: windows of 20 ms reach over the dips of 16 to 33 Hz, and of 50 Hz they are a
/// whole
/// swell, of whose power two thirds are at the frequency itself. They allow for 20 Hz off. Noise in the dips counts
/// less
/// than the swells around them.
pub(super) const fn detection_of_swells(patterns: &'static [Pattern]) -> Detection {
    Detection { coherent_ms: 20, floor_dbm0: -40.0, purity: 0.5, majority_of: 5, patterns }
}

/// Detection of two frequencies 25 Hz from each other as one whose swells turn its phase: windows of 10 ms, of which
/// one in
/// four may be lost.
pub(super) const fn detection_of_beats(patterns: &'static [Pattern]) -> Detection {
    Detection { majority_of: 5, ..detection(patterns) }
}

/// Detection of frequencies 40 Hz from each other: windows of 40 ms tell them apart, and allow for 9 Hz off.
pub(super) const fn detection_of_near_frequencies(patterns: &'static [Pattern]) -> Detection {
    Detection { coherent_ms: 40, floor_dbm0: -40.0, purity: 0.62, majority_of: 3, patterns }
}

/// A segment with this signal.
pub(super) const fn on(signal: SegmentSignal, ms: u32) -> Segment {
    Segment { signal, ms }
}

/// Silence of a segment.
pub(super) const fn off(ms: u32) -> Segment {
    Segment { signal: SegmentSignal::Silence, ms }
}

/// Ringing in a cadence; a burst of less than 200 ms is none.
pub(super) const fn ringing(hz: u32, cadence: &'static [Burst], gone_ms: u32) -> Ringing {
    Ringing { hz, cadence, burst_min_ms: 200, gone_ms }
}

/// A loop-start line with caller ID, without reversals.
pub(super) const fn line(kind: CallerIdKind, timing: CallerIdTiming) -> LineProfile {
    LineProfile {
        start: Start::Loop,
        caller_id: Some(CallerIdService { kind, timing }),
        answer: ANSWER,
        disconnect: DISCONNECT,
        dial_by: DialBy::Tones,
    }
}

/// Dial tone that stutters three times before it stands.
macro_rules! stutter {
    ($signal:expr) => {
        ToneSpec {
            segments: &[
                on($signal, 100),
                off(100),
                on($signal, 100),
                off(100),
                on($signal, 100),
                off(100),
                on($signal, FOREVER),
            ],
            again_from: 6,
        }
    };
}

/// Three short tones.
macro_rules! beeps {
    ($signal:expr) => {
        ToneSpec::once(&[on($signal, 100), off(100), on($signal, 100), off(100), on($signal, 100)])
    };
}

pub(super) use {beeps, stutter};

/// The tone in a headset is our own: no network has one.
pub(super) const ZIP: ToneSpec =
    ToneSpec::once(&[Segment { signal: SegmentSignal::Sum(&[Component { hz: 480.0, dbm0: -20.0 }]), ms: 200 }]);

/// Keys as ES 201 235-2 asks for: -11 and -9 dBV, which are -9 and -7 dBm.
pub(super) const KEYS: Timing = Timing { on_ms: 100, off_ms: 100, pause_ms: 1000, low_dbm0: -9.0, high_dbm0: -7.0 };

/// Ten pulses a second, 60 % break.
pub(super) const PULSES: Pulses = Pulses { break_ms: 60, make_ms: 40, inter_digit_ms: 700 };

/// Length of a voice after ringback that is an answer, in ms; it takes half a second more to be known.
pub(super) const VOICE_MS: u32 = 700;

/// A line without reversal: an answer is a voice after ringback, the end of ringback, or a long silence after dialling.
pub(super) const ANSWER: AnswerSignals = AnswerSignals {
    polarity: false,
    voice_ms: Some(VOICE_MS),
    after_ringback_ms: Some(5000),
    after_dialling_ms: Some(20_000),
};

/// Busy tone on every line, and a break of the loop where the exchange makes one.
pub(super) const DISCONNECT: DisconnectSignals =
    DisconnectSignals { tone: true, loop_break_ms: Some(200), polarity: false, silence_ms: None, votes: 1 };

/// The times of a classic board.
pub(super) const TIMERS: Timers = Timers {
    ring_debounce_ms: 64,
    battery_debounce_ms: 64,
    no_battery_ms: 1000,
    polarity_debounce_ms: 64,
    reversal_guard_ms: 600,
    dial_tone_wait_ms: 5000,
    pre_dial_ms: 500,
    release_guard_ms: 1500,
    flash_sent_ms: 600,
    off_hook_debounce_ms: 40,
    flash_min_ms: 90,
    flash_max_ms: 1000,
    first_digit_ms: 15_000,
    inter_digit_ms: 10_000,
    ring_no_answer_ms: 60_000,
    busy_ms: 45_000,
};

//! Practice values that no standard fixes and most countries share: the times of a classic analogue board, and the
//! caution of years in the field.

use super::{AnswerSigns, Pulses, ReleaseSigns, Timers};
use crate::dsp::dtmf::Timing;
use crate::dsp::progress::{Pattern, Rhythm, Span};
use crate::dsp::tone::{Component, Segment, ToneSpec, Voice};
use crate::signal::ToneKind;

/// Lengths of tones may be off by 15 %, and by 50 ms at least.
pub const fn near(ms: u32) -> Span {
    Span::around(ms, 15)
}

/// A tone of one or more frequencies in a cadence that repeats, recognised after `enough` of its spans.
pub const fn cycle(tone: ToneKind, hz: &'static [f64], spans: &'static [Span], enough: u8) -> Pattern {
    Pattern { tone, hz, rhythm: Rhythm::Cycle { spans, enough } }
}

/// The tone in a headset is our own: no network has one.
pub const ZIP: ToneSpec =
    ToneSpec::once(&[Segment { voice: Voice::Sum(&[Component { hz: 480.0, dbm0: -20.0 }]), ms: 200 }]);

/// Keys as ES 201 235-2 asks for: -11 and -9 dBV, which are -9 and -7 dBm.
pub const KEYS: Timing = Timing { on_ms: 100, off_ms: 100, pause_ms: 1000, low_dbm0: -9.0, high_dbm0: -7.0 };

/// Ten pulses a second, 60 % break.
pub const PULSES: Pulses = Pulses { break_ms: 60, make_ms: 40, inter_digit_ms: 700 };

/// A line without reversal: an answer is the end of ringback, or a long silence after dialling.
pub const ANSWER: AnswerSigns =
    AnswerSigns { polarity: false, voice_ms: None, after_ringback_ms: Some(5000), after_dialling_ms: Some(20_000) };

/// Busy tone on every line, and a break of the loop where the exchange makes one.
pub const RELEASE: ReleaseSigns =
    ReleaseSigns { tone: true, loop_break_ms: Some(200), polarity: false, silence_ms: None, votes: 1 };

/// The times of a classic board.
pub const TIMERS: Timers = Timers {
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

//! Caller-ID transmit sequences towards a station before it rings (on-hook transmission), by service, as data.
//!
//! Never: sends; the station's machine, `fxs`, does.

use crate::card::Linefeed;
use crate::country::CallerIdTiming;

/// From the end of a burst to the message: 0.5 to 1.5 s after a ring (GR-30, YD/T 1277.1), 0.5 to 0.8 s after a ring
/// pulse (EN 300 659-1).
const AFTER_RING_MS: u32 = 600;
/// From the message to ringing: at least 0.2 s.
const BEFORE_RING_MS: u32 = 250;
/// A ring pulse: 0.2 to 0.3 s (EN 300 659-1).
const RING_PULSE_MS: u32 = 250;
/// From the reversal to what follows it: at least 0.1 s (EN 300 659-1).
const AFTER_REVERSAL_MS: u32 = 200;
/// From the alerting tone to the message: 45 to 500 ms (EN 300 659-1, BT SIN 227).
const AFTER_ALERT_MS: u32 = 120;

/// NTT: bursts and silences of the called-terminal alert (CAR).
pub(super) const SHORT_RING_MS: u32 = 500;
/// NTT: the longest called-terminal alert without a primary answer.
pub(super) const CAR_MS_MAX: u32 = 6000;
/// NTT: from the primary answer to the message.
const AFTER_PRIMARY_ANSWER_MS: u32 = 300;
/// NTT: a set that stays off hook for so long after the message means it.
pub(super) const HANGING_UP_MS: u32 = 7000;

/// The shortest message takes about so long.
const MESSAGE_MIN_MS: u32 = 600;
/// A silence shorter than this has no room for a message.
pub(super) const WITHOUT_PRECURSOR_MIN_MS: u32 = AFTER_RING_MS + MESSAGE_MIN_MS + BEFORE_RING_MS;

/// A step ahead of a burst of ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cue {
    /// The line is fed so, for this many milliseconds.
    Feed(Linefeed, u32),
    /// The alerting tone goes out.
    Alert,
    /// The message goes out: caller ID or message waiting.
    Message,
    /// Called-terminal alert (CAR): the set is rung in short bursts until its primary answer. Without an answer the
    /// cues that are left are skipped.
    CalledTerminalAlert,
    /// The set, which has answered, is to go on hook again.
    AwaitHangUp,
}

const ON_HOOK: Linefeed = Linefeed::ForwardOnHookTransmission;
const REVERSED: Linefeed = Linefeed::ReverseOnHookTransmission;
/// In the silence after a burst, or before the first without a signal.
pub(super) const WITHOUT_PRECURSOR: &[Cue] =
    &[Cue::Feed(ON_HOOK, AFTER_RING_MS), Cue::Message, Cue::Feed(ON_HOOK, BEFORE_RING_MS)];
const AFTER_A_PULSE: &[Cue] = &[
    Cue::Feed(Linefeed::Ringing, RING_PULSE_MS),
    Cue::Feed(ON_HOOK, AFTER_RING_MS),
    Cue::Message,
    Cue::Feed(ON_HOOK, BEFORE_RING_MS),
];
const BY_REVERSAL: &[Cue] = &[Cue::Feed(REVERSED, AFTER_REVERSAL_MS), Cue::Message, Cue::Feed(ON_HOOK, BEFORE_RING_MS)];
const BY_ALERT: &[Cue] = &[
    Cue::Feed(ON_HOOK, AFTER_REVERSAL_MS),
    Cue::Alert,
    Cue::Feed(ON_HOOK, AFTER_ALERT_MS),
    Cue::Message,
    Cue::Feed(ON_HOOK, BEFORE_RING_MS),
];
const BY_REVERSAL_AND_ALERT: &[Cue] = &[
    Cue::Feed(REVERSED, AFTER_REVERSAL_MS),
    Cue::Alert,
    Cue::Feed(REVERSED, AFTER_ALERT_MS),
    Cue::Message,
    Cue::Feed(ON_HOOK, BEFORE_RING_MS),
];

const BY_PRIMARY_ANSWER: &[Cue] = &[
    Cue::Feed(REVERSED, AFTER_REVERSAL_MS),
    Cue::CalledTerminalAlert,
    Cue::Feed(Linefeed::ReverseActive, AFTER_PRIMARY_ANSWER_MS),
    Cue::Message,
    Cue::AwaitHangUp,
    Cue::Feed(ON_HOOK, BEFORE_RING_MS),
];

/// On a line at rest, where caller ID is sent in the silence after a ring: sound must pass for a moment before (100 to
/// 250 ms).
const ON_IDLE: &[Cue] = &[Cue::Feed(ON_HOOK, BEFORE_RING_MS), Cue::Message, Cue::Feed(ON_HOOK, BEFORE_RING_MS)];

/// Sequence for a message on a line at rest that is not a call; none where there is none (EN 300 659-1: by the same
/// signals as a call, GR-30: by none).
pub(super) fn at_rest(timing: CallerIdTiming) -> Option<&'static [Cue]> {
    match timing {
        CallerIdTiming::AfterFirstRing => Some(ON_IDLE),
        CallerIdTiming::AfterRingPulse | CallerIdTiming::BeforeFirstRing { .. } => Some(ahead(timing)),
        CallerIdTiming::AfterPrimaryAnswer => None,
    }
}

/// Sequence ahead of the first burst for caller ID in this place.
pub(super) fn ahead(timing: CallerIdTiming) -> &'static [Cue] {
    match timing {
        CallerIdTiming::AfterRingPulse => AFTER_A_PULSE,
        CallerIdTiming::BeforeFirstRing { reversal: false, alert: false } => WITHOUT_PRECURSOR,
        CallerIdTiming::BeforeFirstRing { reversal: true, alert: false } => BY_REVERSAL,
        CallerIdTiming::BeforeFirstRing { reversal: false, alert: true } => BY_ALERT,
        CallerIdTiming::BeforeFirstRing { reversal: true, alert: true } => BY_REVERSAL_AND_ALERT,
        CallerIdTiming::AfterPrimaryAnswer => BY_PRIMARY_ANSWER,
        CallerIdTiming::AfterFirstRing => &[],
    }
}

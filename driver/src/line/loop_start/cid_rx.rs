//! On-hook caller-ID receiver of a trunk: precursors (RP-AS, line reversal, DT-AS; EN 300 659-1) and the message.
//!
//! | caller-ID service | signal that arms the detectors | heard until |
//! |---|---|---|
//! | after the first ring | none: the trunk arms them itself | |
//! | after a ring pulse | a burst too short to be ringing | so long after it |
//! | before the first ring, with a precursor | reversal or alerting tone, whichever is first | so long after the last |
//! | before the first ring, without one | none: always armed | |
//! | after a primary answer | reversal and burst: the trunk answers, and listens | it was reported, or some seconds |
//!
//! A reversal is a change from the polarity at which the line rests, which is learned: the wires of a pair are often
//! exchanged.
//!
//! Never: takes the line off hook, or offers a call.

use super::Polarity;
use crate::country::{CallerIdKind, CallerIdService, CallerIdTiming};
use crate::line::debounce::Debounce;
use crate::line::dtmf_caller_id::KeyedIdentity;
use crate::line::{CallerId, Detection, DetectorMask};
use crate::time::{Tick, Ticks};

/// After a signal a message is waited for so long; keys take longer (practice: at most 6 s, and 10 s).
const ARMED: Ticks = Ticks::from_secs(6);
const ARMED_FOR_KEYS: Ticks = Ticks::from_secs(10);
/// Time for which a caller ID is kept without ringing.
const KEPT: Ticks = Ticks::from_secs(10);
/// A polarity at which an idle line has stood for so long is the one at which it rests: no caller-ID message takes
/// longer.
const RESTS: Ticks = Ticks::from_secs(20);

/// The detectors of an idle trunk.
#[derive(Debug, Clone)]
pub(super) struct CidReceiver {
    service: Option<CallerIdService>,
    rest: Debounce<Polarity>,
    polarity: Polarity,
    armed_until: Option<Tick>,
    /// The primary answer of this reversal has been given.
    answered: bool,
    keyed: KeyedIdentity,
    /// Caller ID and the time of its reception.
    early: Option<(CallerId, Tick)>,
}

/// Precursor of a caller-ID message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precursor {
    /// A burst too short to be ringing.
    RingPulse,
    /// The dual alerting tone.
    Alert,
}

impl CidReceiver {
    /// The detectors of a line with this service.
    pub(super) fn new(service: Option<CallerIdService>) -> CidReceiver {
        CidReceiver {
            service,
            rest: Debounce::new(Polarity::Normal),
            polarity: Polarity::Normal,
            armed_until: None,
            answered: false,
            keyed: KeyedIdentity::default(),
            early: None,
        }
    }

    /// The line has come into service with this polarity, at which it rests until it shows otherwise.
    pub(super) fn begin(&mut self, polarity: Polarity) {
        self.rest.settle(polarity);
        self.polarity = polarity;
        self.forget();
    }

    /// Detectors between calls, while the line does not ring.
    pub(super) fn detectors(&self) -> DetectorMask {
        let Some(CallerIdService { kind, timing }) = self.service else { return DetectorMask::default() };
        let (open, alert) = match timing {
            CallerIdTiming::AfterFirstRing | CallerIdTiming::AfterPrimaryAnswer => (false, false),
            CallerIdTiming::AfterRingPulse => (self.armed_until.is_some(), false),
            CallerIdTiming::BeforeFirstRing { reversal: false, alert: false } => (true, false),
            CallerIdTiming::BeforeFirstRing { alert, .. } => (self.armed_until.is_some(), alert),
        };
        let by_keys = matches!(kind, CallerIdKind::Dtmf { .. });
        DetectorMask { caller_id: open && !by_keys, dtmf: open && by_keys, alert, ..DetectorMask::default() }
    }

    /// The next deadline.
    pub(super) fn due(&self) -> Option<Tick> {
        self.armed_until
    }

    /// A time that it asked for has come.
    pub(super) fn handle_time(&mut self, now: Tick) {
        if self.armed_until.is_some_and(|until| until <= now) {
            self.armed_until = None;
            self.keyed.reset();
        }
    }

    /// The polarity of the idle line, after its debounce.
    pub(super) fn handle_polarity(&mut self, now: Tick, polarity: Polarity) {
        let turned = polarity != self.polarity;
        self.polarity = polarity;
        self.rest.observe(now, polarity, RESTS);
        if !self.is_reversed() {
            self.answered = false;
        } else if turned && matches!(self.timing(), Some(CallerIdTiming::BeforeFirstRing { reversal: true, .. })) {
            self.arm(now);
        }
    }

    /// A signal was seen or heard on the idle line.
    pub(super) fn handle_signal(&mut self, now: Tick, signal: Precursor) {
        match (self.timing(), signal) {
            (Some(CallerIdTiming::AfterRingPulse), Precursor::RingPulse)
            | (Some(CallerIdTiming::BeforeFirstRing { alert: true, .. }), Precursor::Alert) => self.arm(now),
            (_, Precursor::RingPulse | Precursor::Alert) => {}
        }
    }

    /// Returns true if ringing that begins now asks for a primary answer, which is no answer of the call.
    pub(super) fn wants_primary_answer(&self) -> bool {
        self.timing() == Some(CallerIdTiming::AfterPrimaryAnswer) && self.is_reversed() && !self.answered
    }

    /// The primary answer is being given.
    pub(super) fn answer_primary(&mut self) {
        self.answered = true;
    }

    /// The caller ID, if it is complete by this.
    pub(super) fn read(&mut self, now: Tick, heard: Detection) -> Option<CallerId> {
        match heard {
            Detection::CallerId(caller) => Some(caller),
            Detection::Digit(digit) => self.keyed.handle_digit(now, digit),
            _ => None,
        }
    }

    /// Keeps who was announced, for the call that is to come.
    pub(super) fn keep(&mut self, now: Tick, caller: CallerId) {
        self.early = Some((caller, now));
    }

    /// The call comes: its caller ID, if one was received.
    pub(super) fn take(&mut self, now: Tick) -> Option<CallerId> {
        let early = self.early.filter(|(_, at)| now.since(*at) <= KEPT).map(|(caller, _)| caller);
        self.forget();
        early
    }

    /// Forgets the caller ID: the line is taken.
    pub(super) fn forget(&mut self) {
        self.armed_until = None;
        self.early = None;
        self.keyed.reset();
    }

    fn arm(&mut self, now: Tick) {
        let by_keys = self.service.is_some_and(|service| matches!(service.kind, CallerIdKind::Dtmf { .. }));
        self.armed_until = Some(now + if by_keys { ARMED_FOR_KEYS } else { ARMED });
    }

    fn is_reversed(&self) -> bool {
        self.polarity != self.rest.level()
    }

    fn timing(&self) -> Option<CallerIdTiming> {
        self.service.map(|service| service.timing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cid_rx(timing: CallerIdTiming) -> CidReceiver {
        let mut cid_rx = CidReceiver::new(Some(CallerIdService { kind: CallerIdKind::V23, timing }));
        cid_rx.begin(Polarity::Normal);
        cid_rx
    }

    const WITH_PRECURSOR: CallerIdTiming = CallerIdTiming::BeforeFirstRing { reversal: true, alert: true };

    #[test]
    fn a_sign_opens_the_ears_for_six_seconds() {
        let mut cid_rx = cid_rx(WITH_PRECURSOR);
        assert!(cid_rx.detectors().alert && !cid_rx.detectors().caller_id);
        cid_rx.handle_polarity(Tick(1000), Polarity::Reversed);
        assert!(cid_rx.detectors().caller_id);
        assert_eq!(cid_rx.due(), Some(Tick(7000)));
        cid_rx.handle_signal(Tick(1200), Precursor::Alert);
        cid_rx.handle_time(Tick(7000));
        assert!(cid_rx.detectors().caller_id, "the last signal counts");
        cid_rx.handle_time(Tick(7200));
        assert!(!cid_rx.detectors().caller_id);
    }

    #[test]
    fn a_line_whose_wires_are_exchanged_is_reversed_by_the_other_polarity() {
        let mut cid_rx = cid_rx(WITH_PRECURSOR);
        cid_rx.begin(Polarity::Reversed);
        cid_rx.handle_polarity(Tick(500), Polarity::Reversed);
        assert!(!cid_rx.detectors().caller_id);
        cid_rx.handle_polarity(Tick(900), Polarity::Normal);
        assert!(cid_rx.detectors().caller_id);
    }

    #[test]
    fn a_polarity_that_stays_becomes_the_one_at_rest() {
        let mut cid_rx = cid_rx(CallerIdTiming::AfterPrimaryAnswer);
        cid_rx.handle_polarity(Tick(0), Polarity::Reversed);
        assert!(cid_rx.wants_primary_answer());
        cid_rx.handle_polarity(Tick(20_000), Polarity::Reversed);
        assert!(!cid_rx.wants_primary_answer());
        cid_rx.handle_polarity(Tick(20_100), Polarity::Normal);
        assert!(cid_rx.wants_primary_answer());
    }

    #[test]
    fn a_primary_answer_is_given_once_a_reversal() {
        let mut cid_rx = cid_rx(CallerIdTiming::AfterPrimaryAnswer);
        assert!(!cid_rx.wants_primary_answer());
        for at in [1000, 9000] {
            cid_rx.handle_polarity(Tick(at), Polarity::Reversed);
            assert!(cid_rx.wants_primary_answer());
            cid_rx.answer_primary();
            cid_rx.handle_polarity(Tick(at + 2000), Polarity::Reversed);
            assert!(!cid_rx.wants_primary_answer());
            cid_rx.handle_polarity(Tick(at + 3000), Polarity::Normal);
        }
    }

    #[test]
    fn signs_that_the_line_does_not_give_are_none() {
        let mut cid_rx = cid_rx(CallerIdTiming::AfterRingPulse);
        cid_rx.handle_signal(Tick(0), Precursor::Alert);
        cid_rx.handle_polarity(Tick(0), Polarity::Reversed);
        assert_eq!(cid_rx.detectors(), DetectorMask::default());
        cid_rx.handle_signal(Tick(0), Precursor::RingPulse);
        assert!(cid_rx.detectors().caller_id);
    }
}

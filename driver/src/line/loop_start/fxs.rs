//! Station state machine (FXS): ringing, ring trip, on-hook transmission, off-hook and on-hook, hook flash, pulse
//! digits, CPC.
//!
//! | state | input | does | next |
//! |---|---|---|---|
//! | OnHook | loop closed (ground start: ring grounded), steady | reports *OffHook* | OffHook |
//! | OnHook | Ring | what comes ahead of ringing, if anything does; ringing voltage | Ringing |
//! | OnHook | Release | reports *Idle* | OnHook |
//! | OnHook | MessageWaiting | the message, with the precursor of caller ID, and no cadence | Ringing |
//! | Ringing, without a cadence | all sent | feeds as at rest | OnHook |
//! | OnHook | Ring, ground start | tip grounded for a moment, then the same | Ringing |
//! | Ringing, not yet rung, ground start | loop closed, steady | *Failed(Glare)*: far end first; *OffHook* | OffHook |
//! | Ringing | time, all sent | the next burst or silence; caller ID, in its place | Ringing |
//! | Ringing | ring trip: loop closed, steady | ringing off, reports *OffHook* | OffHook |
//! | Ringing, called-terminal alert (CAR, NTT) | loop closed, steady: primary answer | caller ID | Ringing |
//! | Ringing, caller ID sent | loop open, steady | the ordinary cadence | Ringing |
//! | Ringing, caller ID sent | time, loop closed still | reports *OffHook* | OffHook |
//! | Ringing | Release | ringing off, reports *Idle* | OnHook |
//! | OffHook | breaks of a dial pulse's length, then none | *Digit*, or *Flash* if only one and long enough | OffHook |
//! | OffHook | a break longer than a pulse, of a flash's length | reports *Flash* | OffHook |
//! | OffHook | a break longer than a flash | reports *OnHook* | OnHook |
//! | OffHook | Disconnect, loop start | nothing: the tone says it | OffHook |
//! | OffHook | Disconnect, kewlstart | battery off for a moment | OffHook |
//! | OffHook | Disconnect, ground start | tip open, reports *OnHook* | OnHook |
//! | OffHook | Ring, Release | nothing: the hand at the telephone decides | OffHook |
//!
//! An *OnHook* that comes second to a command means that the core has released the station already: it gets *Idle*.
//!
//! Never: sounds a tone; what a lifted telephone hears is for the core to say.

use super::cid_tx::{
    CAR_MS_MAX, Cue, HANGING_UP_MS, SHORT_RING_MS, WITHOUT_PRECURSOR, WITHOUT_PRECURSOR_MIN_MS, ahead, at_rest,
};
use super::ticks;
use crate::card::{Linefeed, PortCommand, PortCondition};
use crate::country::{CallerIdKind, CallerIdService, CallerIdTiming, Country, LineProfile, Start};
use crate::line::Acceptance;
use crate::line::cadence::RingCadence;
use crate::line::debounce::Debounce;
use crate::line::{
    CallerId, Detection, DetectorMask, Digit, LineCommand, LineEvent, LineFailure, LineIo, LineKind, Outgoing,
};
use crate::refusal::Refusal;
use crate::time::{Tick, Ticks};

/// Breaks of a dial pulse (field limits).
const PULSE_MIN: Ticks = Ticks::from_ms(15);
const PULSE_MAX: Ticks = Ticks::from_ms(200);
/// One break alone, of a flash's length, is a flash from this length on, and a dialled 1 below it (the common rule of
/// conflict).
const FLASH_NOT_PULSE: Ticks = Ticks::from_ms(80);
/// The loop closed for so long after a pulse ends the digit (field value: 200 to 250 ms).
const PULSE_END: Ticks = Ticks::from_ms(250);
/// After lifting, breaks are contact bounce for so long.
const LIFT_BOUNCE: Ticks = Ticks::from_ms(200);
/// Ground start: tip is grounded for so long before the line is rung, so that a private exchange that wants it in the
/// same moment shows itself, and one that does not yet is kept from it (practice: it sees the ground within 100 ms).
const GROUNDED_FIRST: Ticks = Ticks::from_ms(200);
/// Ground start: tip stays open for so long after a call (practice: it is taken for a release after 350 ms at most).
const TIP_OPEN: Ticks = Ticks::from_ms(600);
/// A set that has answered only for caller ID is on hook again when its loop is open for so long.
const HUNG_UP: Ticks = Ticks::from_ms(100);
/// Length of the battery removal (CPC) that shows a far-end disconnect (kewlstart; common value, 350 ms by US practice
/// at least).
const DISCONNECT: Ticks = Ticks::from_ms(500);

/// The machine of one station.
#[derive(Debug, Clone)]
pub(crate) struct Fxs {
    country: &'static Country,
    line: LineProfile,
    state: State,
    /// Ground start: from when on the line may be rung again.
    open_until: Tick,
    /// Loop closure, debounced for an off-hook.
    lifted: Debounce<bool>,
}

#[derive(Debug, Clone)]
enum State {
    OnHook,
    Ringing(Bell),
    OffHook(Loop),
}

/// Ringing, the silences between, and what comes ahead of it.
#[derive(Debug, Clone)]
struct Bell {
    /// None for a message without a call.
    cadence: Option<RingCadence>,
    /// Cues left before the cadence goes on, and the earliest time of the next.
    cues: &'static [Cue],
    ring_at: Tick,
    phase: Phase,
    /// The message, until it has been sent.
    message: Option<Told>,
    /// The set is off hook for that.
    primary_answer: bool,
    lead: Lead,
}

/// Message to a station on hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Caller ID.
    Caller(CallerId),
    /// Message waiting, on or off.
    Waiting(bool),
}

/// Cue ahead of all others on a ground-start line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// Tip stays open until then: the far end has to see that the call before is over.
    Open(Tick),
    /// Tip is grounded until then, and the line is not rung yet.
    Grounded(Tick),
    /// Nothing, or no more.
    Over,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Ringing voltage, or silence, until then.
    Until(Tick),
    /// A message or an alerting tone is being sent.
    Sending,
    /// Called-terminal alert (CAR): short rings until then, for a primary answer; a burst or silence until `next`, if
    /// the loop does not look closed by now.
    CalledTerminalAlert { until: Tick, next: Tick, on: bool, closing: bool },
    /// The set is waited for to go on hook again, until then.
    AwaitingHangUp(Tick),
}

/// A closed loop, and what its breaks may mean.
#[derive(Debug, Clone, Copy)]
struct Loop {
    lifted_at: Tick,
    /// Since when the loop is open.
    open_since: Option<Tick>,
    /// Dial pulses counted, and how long the first of them was.
    pulses: u8,
    first_pulse: Ticks,
    /// Tick at which the last pulse ended.
    pulse_at: Tick,
    /// The battery is away until then, to show that the other party has gone.
    disconnected_until: Option<Tick>,
}

impl Fxs {
    /// A station that has come into service, on hook as far as is known.
    pub(crate) fn new(country: &'static Country, line: &LineProfile, out: &mut dyn LineIo) -> Fxs {
        let lifted = Debounce::new(false);
        let fxs = Fxs { country, line: *line, state: State::OnHook, open_until: Tick::ZERO, lifted };
        fxs.feed(fxs.at_rest(), out);
        // Nothing can be won against a line that was not there.
        let _ = out.event(LineEvent::InService(LineKind::Station));
        fxs
    }

    /// Detectors wanted in the present state.
    pub(crate) fn detectors(&self) -> DetectorMask {
        let lifted = matches!(self.state, State::OffHook(_));
        DetectorMask { dtmf: lifted, conversation: lifted, ..DetectorMask::default() }
    }

    /// The machine's next deadline.
    pub(crate) fn due(&self) -> Option<Tick> {
        match &self.state {
            State::OnHook => None,
            State::Ringing(bell) => match bell.phase {
                Phase::Until(at) | Phase::AwaitingHangUp(at) => Some(at),
                Phase::CalledTerminalAlert { until, next, .. } => Some(until.min(next)),
                Phase::Sending => None,
            },
            State::OffHook(Loop { disconnected_until: Some(until), .. }) => Some(*until),
            State::OffHook(closed) => match closed.open_since {
                Some(since) => Some(since + self.flash_max() + Ticks(1)),
                None => (closed.pulses > 0).then(|| closed.pulse_at + PULSE_END),
            },
        }
    }

    /// The card saw something at the port.
    pub(crate) fn handle_condition(&mut self, now: Tick, condition: PortCondition, out: &mut dyn LineIo) {
        let loop_closed = match condition {
            PortCondition::Fxs { loop_closed, .. } => loop_closed,
            // Not of a station.
            PortCondition::Fxo { .. } | PortCondition::Service(_) => return,
        };
        match &mut self.state {
            State::Ringing(bell) if bell.is_in_called_terminal_alert() => {
                self.watch_primary_answer(now, loop_closed, out)
            }
            State::OnHook | State::Ringing(_) => {
                let steady = ticks(self.country.timers.off_hook_debounce_ms);
                if self.lifted.observe(now, loop_closed, steady).is_some_and(|settled| settled.level) {
                    if matches!(&self.state, State::Ringing(bell) if bell.lead != Lead::Over) {
                        // It has not rung yet: this is no answer.
                        let _ = out.event(LineEvent::Failed(LineFailure::Glare));
                    }
                    self.lift(now, out);
                }
            }
            // Without battery every loop looks open.
            State::OffHook(Loop { disconnected_until: Some(_), .. }) => {}
            State::OffHook(closed) => match (closed.open_since, loop_closed) {
                (None, true) => {}
                (None, false) => closed.open_since = Some(now),
                (Some(_), false) => self.handle_time(now, out),
                (Some(since), true) => {
                    closed.open_since = None;
                    self.close_again(now, now.since(since), out);
                }
            },
        }
    }

    /// The sound of the line says something.
    pub(crate) fn handle_detection(&mut self, now: Tick, heard: Detection, out: &mut dyn LineIo) {
        match (heard, &mut self.state) {
            (Detection::Digit(digit), State::OffHook(_)) => {
                self.end_pulses(out);
                let _ = out.event(LineEvent::Digit(digit));
            }
            (Detection::Sent, State::Ringing(bell)) => {
                if bell.phase == Phase::Sending {
                    self.ring_on(now, out);
                }
            }
            (Detection::Digit(_) | Detection::Sent, State::OnHook | State::Ringing(_) | State::OffHook(_)) => {}
            // Not listened for on a station.
            (
                Detection::CallerId(_)
                | Detection::Alert
                | Detection::ToneBegun
                | Detection::Tone(_)
                | Detection::ToneEnded(_)
                | Detection::SpecialInformationTone(_)
                | Detection::FaxModemTone(_),
                _,
            )
            | (Detection::VoiceBegun | Detection::VoiceEnded | Detection::SilenceBegun | Detection::SilenceEnded, _) => {
            }
        }
    }

    /// Does what the core asks.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if a station cannot do it, or not now.
    pub(crate) fn handle_command(
        &mut self,
        now: Tick,
        command: LineCommand,
        out: &mut dyn LineIo,
    ) -> Result<(), Refusal> {
        match (command, &self.state) {
            (LineCommand::Ring(caller), State::OnHook | State::Ringing(_)) => self.ring(now, caller, out),
            (LineCommand::MessageWaiting(waiting), State::OnHook | State::Ringing(Bell { cadence: None, .. })) => {
                return self.inform(now, waiting, out);
            }
            (LineCommand::MessageWaiting(_), State::Ringing(_) | State::OffHook(_)) => return Err(Refusal::WrongState),
            (LineCommand::Ring(_) | LineCommand::Release, State::OffHook(_)) => {}
            (LineCommand::Disconnect, State::OffHook(_)) => self.disconnect(now, out),
            // Put down already.
            (LineCommand::Disconnect, State::OnHook | State::Ringing(_)) => {}
            (LineCommand::Release, State::Ringing(_)) => {
                self.stop_ringing(out);
                self.open_until = now + TIP_OPEN;
                self.state = State::OnHook;
                let _ = out.event(LineEvent::Idle);
            }
            (LineCommand::Release, State::OnHook) => {
                let _ = out.event(LineEvent::Idle);
            }
            (LineCommand::Answer | LineCommand::Dial(_) | LineCommand::SendDigits(_) | LineCommand::Flash, _) => {
                return Err(Refusal::WrongKind);
            }
        }
        Ok(())
    }

    /// A time that the machine asked for has come.
    pub(crate) fn handle_time(&mut self, now: Tick, out: &mut dyn LineIo) {
        match &mut self.state {
            State::OnHook => {}
            State::Ringing(bell) => match bell.phase {
                Phase::Until(until) if until <= now => self.ring_on(now, out),
                Phase::CalledTerminalAlert { .. } => self.called_terminal_alert(now, out),
                // Whoever stays off hook has answered.
                Phase::AwaitingHangUp(until) if until <= now => self.lift(now, out),
                Phase::Until(_) | Phase::AwaitingHangUp(_) | Phase::Sending => {}
            },
            State::OffHook(Loop { disconnected_until: Some(until), .. }) if *until > now => {}
            State::OffHook(closed) if closed.disconnected_until.is_some() => {
                // What the loop shows from now on may be contact bounce, as after lifting; open, it is on hook soon.
                (closed.disconnected_until, closed.lifted_at, closed.open_since) = (None, now, None);
                self.feed(Linefeed::ForwardActive, out);
            }
            State::OffHook(closed) => match closed.open_since {
                Some(since) if now.since(since) > ticks(self.country.timers.flash_max_ms) => self.put_down(now, out),
                None if closed.pulses > 0 && now.since(closed.pulse_at) >= PULSE_END => self.end_pulses(out),
                Some(_) | None => {}
            },
        }
    }

    fn lift(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.stop_sending(out);
        if matches!(self.state, State::Ringing(_)) || self.line.start == Start::Ground {
            self.feed(Linefeed::ForwardActive, out);
        }
        self.state = State::OffHook(Loop {
            lifted_at: now,
            open_since: None,
            pulses: 0,
            first_pulse: Ticks(0),
            pulse_at: now,
            disconnected_until: None,
        });
        let _ = out.event(LineEvent::OffHook);
    }

    fn put_down(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.state = State::OnHook;
        self.lifted.settle(false);
        if self.line.start == Start::Ground {
            self.open_until = now + TIP_OPEN;
            self.feed(self.at_rest(), out);
        }
        if out.event(LineEvent::OnHook) == Acceptance::Superseded {
            let _ = out.event(LineEvent::Idle);
        }
    }

    /// The other party has gone.
    fn disconnect(&mut self, now: Tick, out: &mut dyn LineIo) {
        let State::OffHook(closed) = &mut self.state else { return };
        match self.line.start {
            Start::Loop => {}
            Start::Kewl => {
                closed.disconnected_until = Some(now + DISCONNECT);
                closed.pulses = 0;
                self.feed(Linefeed::Open, out);
            }
            // Nothing flows from an open tip: by this the line is free, whatever the far end does with its loop.
            Start::Ground => self.put_down(now, out),
        }
    }

    /// The loop was open for `length` and is closed again.
    fn close_again(&mut self, now: Tick, length: Ticks, out: &mut dyn LineIo) {
        let (flash_min, flash_max) = (ticks(self.country.timers.flash_min_ms), self.flash_max());
        let State::OffHook(closed) = &mut self.state else { return };
        if now.since(closed.lifted_at) < LIFT_BOUNCE || length < PULSE_MIN {
            return;
        }
        if length > flash_max.max(PULSE_MAX) {
            // Put down and lifted again between two looks.
            self.put_down(now, out);
            self.lift(now, out);
        } else if length <= PULSE_MAX {
            if closed.pulses == 0 {
                closed.first_pulse = length;
            }
            closed.pulses = closed.pulses.saturating_add(1);
            closed.pulse_at = now;
        } else if length >= flash_min {
            closed.pulses = 0;
            let _ = out.event(LineEvent::Flash);
        }
    }

    /// No further pulse has come: what those were that did.
    fn end_pulses(&mut self, out: &mut dyn LineIo) {
        let flash = FLASH_NOT_PULSE.max(ticks(self.country.timers.flash_min_ms))..=self.flash_max();
        let State::OffHook(closed) = &mut self.state else { return };
        let pulses = core::mem::take(&mut closed.pulses);
        if pulses == 1 && flash.contains(&closed.first_pulse) {
            let _ = out.event(LineEvent::Flash);
        } else if let Some(digit) = digit_of(pulses) {
            let _ = out.event(LineEvent::Digit(digit));
        }
    }

    fn ring(&mut self, now: Tick, caller: Option<CallerId>, out: &mut dyn LineIo) {
        let service = self.line.caller_id;
        let caller = caller.filter(|_| service.is_some());
        let cues = match (service, &caller) {
            (Some(service), Some(_)) => ahead(service.timing),
            (None, _) | (_, None) => &[],
        };
        self.stop_sending(out);
        // A loop that is closed still since a primary answer that came to nothing is closed anew.
        self.lifted.settle(false);
        let cadence = Some(RingCadence::new(&self.country.ringing));
        let message = caller.map(Told::Caller);
        let phase = Phase::Until(now);
        let lead = match self.line.start {
            Start::Loop | Start::Kewl => Lead::Over,
            Start::Ground => Lead::Open(self.open_until),
        };
        self.state = State::Ringing(Bell { cadence, cues, ring_at: now, phase, message, primary_answer: false, lead });
        self.ring_on(now, out);
    }

    /// Tells the set whether messages wait. False if the line has no way to.
    fn inform(&mut self, now: Tick, waiting: bool, out: &mut dyn LineIo) -> Result<(), Refusal> {
        let cues = match self.line.caller_id {
            Some(CallerIdService { kind: CallerIdKind::Bell202 | CallerIdKind::V23, timing }) => at_rest(timing),
            Some(_) | None => None,
        };
        let cues = cues.filter(|_| self.line.start != Start::Ground).ok_or(Refusal::NoService)?;
        self.stop_sending(out);
        self.state = State::Ringing(Bell {
            cadence: None,
            cues,
            ring_at: now,
            phase: Phase::Until(now),
            message: Some(Told::Waiting(waiting)),
            primary_answer: false,
            lead: Lead::Over,
        });
        self.ring_on(now, out);
        Ok(())
    }

    /// Ground start: tip is grounded for a moment before the line is rung. True while that goes on.
    fn lead_in(&mut self, now: Tick, out: &mut dyn LineIo) -> bool {
        let State::Ringing(bell) = &mut self.state else { return false };
        let until = match bell.lead {
            Lead::Open(until) if now < until => until,
            Lead::Open(_) => {
                out.port(PortCommand::Linefeed(Linefeed::ForwardOnHookTransmission));
                let until = now + GROUNDED_FIRST;
                bell.lead = Lead::Grounded(until);
                until
            }
            Lead::Grounded(until) if now < until => until,
            Lead::Grounded(_) => {
                (bell.lead, bell.ring_at) = (Lead::Over, now);
                return false;
            }
            Lead::Over => return false,
        };
        bell.phase = Phase::Until(until);
        true
    }

    /// Rings in short bursts; when that has gone on for too long, in the ordinary ones, without caller ID.
    fn called_terminal_alert(&mut self, now: Tick, out: &mut dyn LineIo) {
        let State::Ringing(bell) = &mut self.state else { return };
        let Phase::CalledTerminalAlert { until, next, on, closing } = &mut bell.phase else { return };
        if *until <= now {
            (bell.cues, bell.message, bell.phase) = (&[], None, Phase::Until(now));
            self.ring_on(now, out);
        } else if *next <= now {
            *next = now + ticks(SHORT_RING_MS);
            *on = !*on && !*closing;
            let silence = if *closing { Linefeed::ReverseActive } else { Linefeed::ReverseOnHookTransmission };
            out.port(PortCommand::Linefeed(if *on { Linefeed::Ringing } else { silence }));
        }
    }

    /// The loop of a set that is to answer first, and go on hook again.
    fn watch_primary_answer(&mut self, now: Tick, loop_closed: bool, out: &mut dyn LineIo) {
        let State::Ringing(bell) = &mut self.state else { return };
        if let Phase::CalledTerminalAlert { closing, .. } = &mut bell.phase {
            if loop_closed && !*closing {
                // The chip has stopped ringing by itself, and feeds forward: not for long.
                out.port(PortCommand::Linefeed(Linefeed::ReverseActive));
            }
            *closing = loop_closed;
        }
        let steady = if bell.primary_answer { HUNG_UP } else { ticks(self.country.timers.off_hook_debounce_ms) };
        let Some(settled) = self.lifted.observe(now, loop_closed, steady) else { return };
        bell.primary_answer = settled.level;
        if !settled.level {
            self.stop_sending(out);
            let State::Ringing(bell) = &mut self.state else { return };
            // What is left after the message.
            bell.cues = bell.cues.last().map_or(&[], core::slice::from_ref);
        }
        let State::Ringing(bell) = &mut self.state else { return };
        bell.phase = Phase::Until(now);
        self.ring_on(now, out);
    }

    /// The next step: a cue, and when there is none, the next burst or silence.
    fn ring_on(&mut self, now: Tick, out: &mut dyn LineIo) {
        if self.lead_in(now, out) {
            return;
        }
        let in_the_silence =
            self.line.caller_id.is_some_and(|service| service.timing == CallerIdTiming::AfterFirstRing);
        let State::Ringing(bell) = &mut self.state else { return };
        loop {
            if let Some((cue, rest)) = bell.cues.split_first() {
                bell.cues = rest;
                bell.phase = match cue {
                    Cue::Feed(linefeed, ms) => {
                        out.port(PortCommand::Linefeed(*linefeed));
                        Phase::Until(now + ticks(*ms))
                    }
                    Cue::Alert => {
                        out.send(Outgoing::Alert);
                        Phase::Sending
                    }
                    Cue::Message => {
                        match bell.message.take() {
                            Some(Told::Caller(caller)) => out.send(Outgoing::CallerId(&caller)),
                            Some(Told::Waiting(waiting)) => out.send(Outgoing::MessageWaiting(waiting)),
                            None => {}
                        }
                        Phase::Sending
                    }
                    Cue::CalledTerminalAlert => {
                        let until = now + ticks(CAR_MS_MAX);
                        bell.phase = Phase::CalledTerminalAlert { until, next: now, on: false, closing: false };
                        return self.called_terminal_alert(now, out);
                    }
                    Cue::AwaitHangUp => Phase::AwaitingHangUp(now + ticks(HANGING_UP_MS)),
                };
                return;
            }
            bell.phase = Phase::Until(bell.ring_at);
            if now < bell.ring_at {
                return;
            }
            let Some(cadence) = &mut bell.cadence else {
                self.state = State::OnHook;
                return self.feed(self.at_rest(), out);
            };
            let step = cadence.step();
            bell.ring_at = now + step.length;
            bell.phase = Phase::Until(bell.ring_at);
            if step.on {
                out.port(PortCommand::Linefeed(Linefeed::Ringing));
                return;
            }
            let room = ticks(WITHOUT_PRECURSOR_MIN_MS);
            if bell.message.is_none() || !in_the_silence || step.length < room {
                out.port(PortCommand::Linefeed(Linefeed::ForwardOnHookTransmission));
                return;
            }
            bell.cues = WITHOUT_PRECURSOR;
        }
    }

    fn stop_ringing(&mut self, out: &mut dyn LineIo) {
        self.stop_sending(out);
        self.feed(self.at_rest(), out);
    }

    fn stop_sending(&mut self, out: &mut dyn LineIo) {
        if matches!(&self.state, State::Ringing(bell) if bell.phase == Phase::Sending) {
            out.send(Outgoing::Nothing);
        }
    }

    /// Feed of the line between calls.
    fn at_rest(&self) -> Linefeed {
        match self.line.start {
            Start::Loop | Start::Kewl => Linefeed::ForwardActive,
            Start::Ground => Linefeed::TipOpen,
        }
    }

    fn feed(&self, linefeed: Linefeed, out: &mut dyn LineIo) {
        out.port(PortCommand::Linefeed(linefeed));
    }

    fn flash_max(&self) -> Ticks {
        ticks(self.country.timers.flash_max_ms)
    }
}

impl Bell {
    /// Returns true while a closed loop is no answer yet.
    fn is_in_called_terminal_alert(&self) -> bool {
        self.primary_answer || matches!(self.phase, Phase::CalledTerminalAlert { .. })
    }
}

/// The digit of this many pulses: one to nine, and ten for 0.
fn digit_of(pulses: u8) -> Option<Digit> {
    match pulses {
        1..=9 => Digit::new(char::from(b'0' + pulses)),
        10 => Digit::new('0'),
        _ => None,
    }
}

//! Trunk state machine (FXO): ring detection, answer, dialling, disconnect supervision, release.
//!
//! | state | input | does | next |
//! |---|---|---|---|
//! | NoBattery | battery, steady | reports *InService* | Idle |
//! | Idle | a burst of ringing | reports *Offered* (or loses: Glared) | Offered |
//! | Idle | caller-ID precursor, caller-ID message | keeps the caller ID | Idle |
//! | Idle | a reversal, then a burst, on lines with caller ID after a primary answer | off hook | PrimaryAnswer |
//! | PrimaryAnswer | caller ID, or time | keeps it; on hook | Idle |
//! | PrimaryAnswer | Dial | on hook, reports *Failed(Glare)* | Refused |
//! | PrimaryAnswer | Answer: for a caller who gave up just before | stays off hook | Talking |
//! | Idle | Dial | off hook | Seized |
//! | Idle | Answer: the caller gave up in the same moment | off hook | Talking |
//! | Idle | no battery for long | reports *OutOfService* | NoBattery |
//! | Offered | caller ID | reports *CallerIdentity*, once | Offered |
//! | Offered | a second ring, no caller ID | reports *CallerIdentity* without one: none will come | Offered |
//! | Offered | no ringing for longer than its longest silence | reports *RingingStopped* | Idle |
//! | Offered | Answer | off hook | Talking |
//! | Glared | Dial | reports *Failed(Glare)*: the line is left to its caller | Refused |
//! | Glared | another burst | reports *Offered* once more | Offered, Glared |
//! | Seized | dial tone | sends the digits | Dialling |
//! | Seized | time | reports *Failed(NoDialTone)*, *Failed(NoBattery)* | Over |
//! | Dialling | all sent | reports *Dialled* | Proceeding |
//! | Proceeding | busy, congestion | reports *Failed* | Over |
//! | Proceeding | a signal of answer | reports *Answered* | Talking |
//! | Proceeding | answer tone of a fax machine or modem | reports *Answered*, *FaxModemTone* | Talking |
//! | Talking | a key | reports *Digit* | Talking |
//! | Talking, in its first minute | a fax or modem tone from the far end | reports *FaxModemTone*, once | Talking |
//! | Talking | SendDigits, Flash | sends them | Talking |
//! | Talking | signals of disconnect, enough of them | reports *Released* | Over |
//! | Seized, Dialling, Proceeding, Talking, Over | Release | on hook | Guard |
//! | Refused | Release | reports *Idle* | Idle |
//! | Guard | time | reports *Idle* | Idle |
//!
//! *Refused* and *Over* wait for the core to let go of the line.
//!
//! Never: decides whom a call is for, or dials by itself.

use super::cid_rx::{CidReceiver, Precursor};
use super::supervision::{AnswerSupervision, DisconnectSupervision};
use super::{BATTERY_MIN_VOLTS, Polarity, ticks};
use crate::card::{PortCommand, PortCondition};
use crate::country::{Country, LineProfile};
use crate::line::Acceptance;
use crate::line::cadence::{RingChange, RingDetector};
use crate::line::debounce::Debounce;
use crate::line::dial::{Dialler, Progress};
use crate::line::{
    CallerId, Detection, DetectorMask, DisconnectSignal, LineCommand, LineEvent, LineFailure, LineIo, LineKind, Number,
};
use crate::refusal::Refusal;
use crate::signal::FaxModemTone;
use crate::signal::SpecialInformationTone;
use crate::signal::ToneKind;
use crate::time::{Tick, Ticks};

/// After the hook switch has moved, voltage and current say nothing for so long (the card's own switching, its filters,
/// and the time until it has looked again).
const HOOK_SETTLE: Ticks = Ticks::from_ms(400);
/// So much of a loop break passes before it is seen: voltage and current fall through the module's filter, and on a
/// card of four modules each is looked at every 16 ms.
const BREAK_UNSEEN_MS: u32 = 40;
/// A silence of the cadence shorter than this parts two bursts of one ring; a message takes longer (the shortest gap
/// that holds one is 2 s).
const RING_GAP_MIN: Ticks = Ticks::from_ms(1500);
/// A primary answer is given for so long at most: the message begins within a second and takes less than one.
const PRIMARY_ANSWER: Ticks = Ticks::from_secs(4);

/// A machine is listened for so long after the answer. A fax machine that calls says so for up to 60 s (T.30); one that
/// answers begins within seconds, or with its key.
const MACHINE_WITHIN: Ticks = Ticks::from_secs(60);

/// The machine of one trunk.
#[derive(Debug, Clone)]
pub(crate) struct Fxo {
    country: &'static Country,
    line: LineProfile,
    state: State,
    ring: RingDetector,
    battery: Debounce<bool>,
    polarity: Debounce<Polarity>,
    /// Off hook: no battery, which is what a loop break looks like.
    broken: Debounce<bool>,
    /// Off hook: from when on voltage and current can be believed.
    settled_at: Tick,
    /// Tick of the last burst of ringing.
    rang_at: Option<Tick>,
    /// Caller-ID precursors ahead of a call.
    cid_rx: CidReceiver,
}

#[derive(Debug, Clone)]
enum State {
    NoBattery,
    Idle,
    PrimaryAnswer { until: Tick },
    Offered { identified: bool },
    Glared,
    Refused,
    Seized { until: Tick, number: Number },
    Dialling(Dialler),
    Proceeding { answer: AnswerSupervision, polarity: Polarity },
    Talking(Talking),
    Over,
    Guard { until: Tick },
}

/// A call in progress.
#[derive(Debug, Clone)]
struct Talking {
    /// From when on a reversal may release it.
    reversal_from: Tick,
    /// The polarity while it stands, and whether the reversal that may come with the answer has been seen.
    polarity: Polarity,
    marked: bool,
    disconnect: DisconnectSupervision,
    /// The far end was called from here.
    outgoing: bool,
    /// Until when a machine is listened for; none any more if one has been heard, or nothing in time.
    machine_until: Option<Tick>,
    /// Keys on their way out, or a flash.
    sending: Option<Dialler>,
}

impl Fxo {
    /// A trunk whose module has come into service. It says *InService* once it has battery.
    pub(crate) fn new(country: &'static Country, line: &LineProfile, out: &mut dyn LineIo) -> Fxo {
        out.port(PortCommand::Hook(false));
        let burst_min = ticks(country.ring_burst_min_ms(line));
        Fxo {
            country,
            line: *line,
            state: State::NoBattery,
            ring: RingDetector::new(burst_min, ticks(country.timers.ring_debounce_ms)),
            battery: Debounce::new(false),
            polarity: Debounce::new(Polarity::Normal),
            broken: Debounce::new(false),
            settled_at: Tick::ZERO,
            rang_at: None,
            cid_rx: CidReceiver::new(line.caller_id),
        }
    }

    /// True once *InService* was reported.
    pub(crate) fn is_in_service(&self) -> bool {
        !matches!(self.state, State::NoBattery)
    }

    /// Detectors wanted in the present state.
    pub(crate) fn detectors(&self) -> DetectorMask {
        let (disconnect, answer) = (&self.line.disconnect, &self.line.answer);
        let silent = !self.ring.is_active();
        match &self.state {
            State::NoBattery | State::Refused | State::Over | State::Guard { .. } => DetectorMask::default(),
            State::Idle | State::Glared if silent => self.cid_rx.detectors(),
            State::Idle | State::Glared => DetectorMask::default(),
            State::PrimaryAnswer { .. } => DetectorMask { caller_id: true, ..DetectorMask::default() },
            // Both kinds are met, whatever the country's rule; in the silences between rings that costs little.
            State::Offered { identified } => {
                let wanted = !identified && silent;
                DetectorMask { caller_id: wanted, dtmf: wanted, ..DetectorMask::default() }
            }
            State::Seized { .. } => DetectorMask { progress: true, ..DetectorMask::default() },
            State::Dialling(dialler) => DetectorMask { progress: dialler.wants_tones(), ..DetectorMask::default() },
            State::Proceeding { .. } => {
                let by_sound = [answer.voice_ms, answer.after_ringback_ms, answer.after_dialling_ms];
                let activity = by_sound.iter().any(Option::is_some);
                let line_only = activity;
                let (progress, sit, machine, conversation) = (true, true, true, true);
                DetectorMask { progress, sit, machine, activity, line_only, conversation, ..DetectorMask::default() }
            }
            State::Talking(call) => {
                let activity = disconnect.silence_ms.is_some() || disconnect.votes > 1;
                let machine = call.machine_until.is_some();
                DetectorMask {
                    dtmf: true,
                    progress: disconnect.tone,
                    machine,
                    activity,
                    conversation: true,
                    ..DetectorMask::default()
                }
            }
        }
    }

    /// The machine's next deadline.
    pub(crate) fn due(&self) -> Option<Tick> {
        let of_state = match &self.state {
            State::NoBattery | State::Refused | State::Over => None,
            State::Idle => self.cid_rx.due(),
            State::PrimaryAnswer { until } => Some(*until),
            State::Offered { .. } => self.gone_at(),
            State::Glared => [self.gone_at(), self.cid_rx.due()].into_iter().flatten().min(),
            State::Seized { until, .. } => Some(*until),
            State::Dialling(dialler) => dialler.due(),
            State::Proceeding { answer, .. } => answer.due(),
            State::Talking(call) => {
                let sending = call.sending.as_ref().and_then(Dialler::due);
                let reversal = self.has_reversed(call).then_some(call.reversal_from);
                [call.disconnect.due(), sending, reversal, call.machine_until].into_iter().flatten().min()
            }
            State::Guard { until } => Some(*until),
        };
        [of_state, self.ring.due()].into_iter().flatten().min()
    }

    /// The card saw something at the port.
    pub(crate) fn handle_condition(&mut self, now: Tick, condition: PortCondition, out: &mut dyn LineIo) {
        let (ringing, volts, milliamps) = match condition {
            PortCondition::Fxo { ringing, volts, milliamps, .. } => (ringing, volts, milliamps),
            // Not of a trunk.
            PortCondition::Fxs { .. } | PortCondition::Service(_) => return,
        };
        let battery = volts.unsigned_abs() >= BATTERY_MIN_VOLTS;
        let polarity = if volts < 0 { Polarity::Reversed } else { Polarity::Normal };
        if self.is_off_hook() {
            self.ring.reset();
            if now >= self.settled_at {
                self.watch_loop(now, battery || milliamps > 0, out);
                if battery {
                    self.watch_polarity(now, polarity, out);
                }
            }
            return;
        }
        let change = self.ring.observe(now, ringing);
        self.handle_ring(now, change, out);
        if !self.ring.is_active() {
            self.watch_battery(now, battery, polarity, out);
            if battery {
                self.polarity.observe(now, polarity, ticks(self.country.timers.polarity_debounce_ms));
                if matches!(self.state, State::Idle | State::Glared) {
                    self.cid_rx.handle_polarity(now, self.polarity.level());
                }
            }
        }
    }

    /// The sound of the line says something. What a state has no use for was found by a detector that was switched off
    /// in the same tick.
    pub(crate) fn handle_detection(&mut self, now: Tick, heard: Detection, out: &mut dyn LineIo) {
        match &mut self.state {
            State::NoBattery | State::Refused | State::Over | State::Guard { .. } => {}
            State::Idle | State::Glared => {
                if heard == Detection::Alert {
                    self.cid_rx.handle_signal(now, Precursor::Alert);
                } else if let Some(caller) = self.cid_rx.read(now, heard) {
                    self.cid_rx.keep(now, caller);
                }
            }
            State::PrimaryAnswer { .. } => {
                if let Some(caller) = self.cid_rx.read(now, heard) {
                    self.cid_rx.keep(now, caller);
                    self.end_primary_answer(out);
                }
            }
            State::Offered { identified: true } => {}
            State::Offered { identified: false } => {
                if let Some(caller) = self.cid_rx.read(now, heard) {
                    self.state = State::Offered { identified: true };
                    let _ = out.event(LineEvent::CallerIdentity(caller));
                }
            }
            State::Seized { number, .. } => match heard {
                Detection::Tone(ToneKind::Dial) => {
                    let dialler = Dialler::start(self.country, self.line.dial_by, *number, now, out);
                    let progress = dialler.progress();
                    self.state = State::Dialling(dialler);
                    self.settled_at = now + HOOK_SETTLE;
                    self.dialling(now, progress, out);
                }
                Detection::Tone(ToneKind::Busy | ToneKind::Congestion) => self.fail(LineFailure::NoDialTone, out),
                _ => {}
            },
            State::Dialling(dialler) => {
                let progress = dialler.handle_detection(now, heard, out);
                self.dialling(now, progress, out);
            }
            State::Proceeding { answer, .. } => match heard {
                Detection::Tone(ToneKind::Busy) => self.fail(LineFailure::Busy, out),
                Detection::Tone(ToneKind::Congestion) => self.fail(LineFailure::Congestion, out),
                Detection::SpecialInformationTone(sit) => self.fail(meaning(sit), out),
                // No exchange sends it: the far end has answered.
                Detection::FaxModemTone(tone @ FaxModemTone::Answers) => {
                    self.answered(now, out);
                    self.machine(tone, out);
                }
                heard => answer.handle_detection(now, heard),
            },
            State::Talking(call) => {
                if let Detection::Digit(digit) = heard {
                    let _ = out.event(LineEvent::Digit(digit));
                }
                if let Detection::FaxModemTone(tone) = heard {
                    return self.machine(tone, out);
                }
                if let Some(sending) = &mut call.sending {
                    sending.handle_detection(now, heard, out);
                }
                if let Some(signal) = call.disconnect.handle_detection(now, heard) {
                    self.release(signal, out);
                }
            }
        }
    }

    /// Does what the core asks.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] if a trunk cannot do it, or not now.
    pub(crate) fn handle_command(
        &mut self,
        now: Tick,
        command: LineCommand,
        out: &mut dyn LineIo,
    ) -> Result<(), Refusal> {
        match command {
            LineCommand::Answer => self.answer(now, out),
            LineCommand::Dial(number) => self.dial(now, number, out),
            LineCommand::Release => self.hang_up(now, out),
            LineCommand::SendDigits(number) => self.send(now, number, out),
            LineCommand::Flash => {
                let mut flash = Number::new();
                flash.push('!');
                self.send(now, flash, out)
            }
            // A trunk is rung by its exchange, and shown by it that the far end has gone.
            LineCommand::Ring(_) | LineCommand::MessageWaiting(_) | LineCommand::Disconnect => Err(Refusal::WrongKind),
        }
    }

    /// A time that the machine asked for has come.
    pub(crate) fn handle_time(&mut self, now: Tick, out: &mut dyn LineIo) {
        let change = self.ring.poll(now);
        self.handle_ring(now, change, out);
        let gone = self.gone_at().is_some_and(|gone_at| gone_at <= now);
        match &mut self.state {
            State::NoBattery | State::Refused | State::Over => {}
            State::Idle => self.cid_rx.handle_time(now),
            State::PrimaryAnswer { until } if *until <= now => self.end_primary_answer(out),
            State::Offered { .. } if gone => {
                self.state = State::Idle;
                // Should an answer have come first, it is on its way, and finds the line idle.
                let _ = out.event(LineEvent::RingingStopped);
            }
            State::Glared if gone => self.state = State::Idle,
            State::Glared => self.cid_rx.handle_time(now),
            State::Offered { .. } | State::PrimaryAnswer { .. } => {}
            State::Seized { until, .. } if *until <= now => self.fail(LineFailure::NoDialTone, out),
            State::Dialling(dialler) => {
                let progress = dialler.handle_time(now, out);
                self.settled_at = now + HOOK_SETTLE;
                self.dialling(now, progress, out);
            }
            State::Proceeding { answer, .. } if answer.due().is_some_and(|due| due <= now) => self.answered(now, out),
            State::Talking(call) => {
                call.machine_until.take_if(|until| *until <= now);
                if let Some(sending) = &mut call.sending
                    && sending.due().is_some_and(|due| due <= now)
                {
                    sending.handle_time(now, out);
                    self.settled_at = now + HOOK_SETTLE;
                }
                if let Some(signal) = call.disconnect.handle_time(now) {
                    self.release(signal, out);
                } else {
                    self.release_by_polarity(now, out);
                }
            }
            State::Guard { until } if *until <= now => self.rest(now, out),
            State::Seized { .. } | State::Proceeding { .. } | State::Guard { .. } => {}
        }
    }

    fn answer(&mut self, now: Tick, out: &mut dyn LineIo) -> Result<(), Refusal> {
        let can =
            matches!(self.state, State::Offered { .. } | State::Idle | State::Glared | State::PrimaryAnswer { .. });
        if !can {
            return Err(Refusal::WrongState);
        }
        self.take_off_hook(now, out);
        self.state = State::Talking(self.call(now, false));
        Ok(())
    }

    fn dial(&mut self, now: Tick, number: Number, out: &mut dyn LineIo) -> Result<(), Refusal> {
        match self.state {
            State::Idle if !self.ring.is_active() => {
                self.take_off_hook(now, out);
                let until = now + ticks(self.country.timers.dial_tone_wait_ms);
                self.state = State::Seized { until, number };
                Ok(())
            }
            State::Idle | State::Glared | State::Offered { .. } => {
                self.state = State::Refused;
                let _ = out.event(LineEvent::Failed(LineFailure::Glare));
                Ok(())
            }
            State::PrimaryAnswer { .. } => {
                out.port(PortCommand::Hook(false));
                self.state = State::Refused;
                let _ = out.event(LineEvent::Failed(LineFailure::Glare));
                Ok(())
            }
            State::NoBattery => {
                let _ = out.event(LineEvent::Failed(LineFailure::NoBattery));
                Ok(())
            }
            State::Refused
            | State::Seized { .. }
            | State::Dialling(_)
            | State::Proceeding { .. }
            | State::Talking(_)
            | State::Over
            | State::Guard { .. } => Err(Refusal::WrongState),
        }
    }

    fn hang_up(&mut self, now: Tick, out: &mut dyn LineIo) -> Result<(), Refusal> {
        match &mut self.state {
            State::NoBattery | State::Offered { .. } | State::PrimaryAnswer { .. } => return Err(Refusal::WrongState),
            // Already on its way.
            State::Guard { .. } => return Ok(()),
            State::Refused | State::Idle | State::Glared => {
                self.rest(now, out);
                return Ok(());
            }
            State::Dialling(dialler) => dialler.stop(out),
            State::Talking(call) => {
                if let Some(sending) = &mut call.sending {
                    sending.stop(out);
                }
            }
            State::Seized { .. } | State::Proceeding { .. } | State::Over => {}
        }
        out.port(PortCommand::Hook(false));
        self.state = State::Guard { until: now + ticks(self.country.timers.release_guard_ms) };
        Ok(())
    }

    fn send(&mut self, now: Tick, number: Number, out: &mut dyn LineIo) -> Result<(), Refusal> {
        let State::Talking(call) = &mut self.state else { return Err(Refusal::WrongState) };
        if let Some(sending) = &mut call.sending
            && sending.progress() == Progress::Going
        {
            return Err(Refusal::Sending);
        }
        if number.contains('!') {
            call.disconnect.expect_dial_tone(now);
        }
        call.sending = Some(Dialler::start(self.country, self.line.dial_by, number, now, out));
        self.settled_at = now + HOOK_SETTLE;
        Ok(())
    }

    fn handle_ring(&mut self, now: Tick, change: Option<RingChange>, out: &mut dyn LineIo) {
        match change {
            Some(RingChange::Began) => match self.state {
                State::Idle if self.cid_rx.wants_primary_answer() => self.answer_primary(now, out),
                State::Idle | State::Glared => {
                    self.rang_at = Some(now);
                    self.offer(now, out);
                }
                State::Offered { identified: false } => {
                    if self.rang_at.is_some_and(|rang_at| now.since(rang_at) >= RING_GAP_MIN) {
                        self.state = State::Offered { identified: true };
                        let _ = out.event(LineEvent::CallerIdentity(CallerId::default()));
                    }
                    self.rang_at = Some(now);
                }
                _ => self.rang_at = Some(now),
            },
            Some(RingChange::Pulse(_)) => self.cid_rx.handle_signal(now, Precursor::RingPulse),
            Some(RingChange::Ended(at)) => self.rang_at = Some(at),
            None => {}
        }
    }

    fn offer(&mut self, now: Tick, out: &mut dyn LineIo) {
        let early = self.cid_rx.take(now);
        if out.event(LineEvent::Offered) == Acceptance::Superseded {
            self.state = State::Glared;
            if let Some(caller) = early {
                self.cid_rx.keep(now, caller);
            }
            return;
        }
        self.state = State::Offered { identified: early.is_some() };
        if let Some(caller) = early {
            let _ = out.event(LineEvent::CallerIdentity(caller));
        }
    }

    /// Primary answer: takes the line off hook for caller ID; the exchange does not take it for an answer.
    fn answer_primary(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.cid_rx.answer_primary();
        self.close_loop(now, out);
        self.state = State::PrimaryAnswer { until: now + PRIMARY_ANSWER };
    }

    /// Puts the line back on hook, for the ringing that follows.
    fn end_primary_answer(&mut self, out: &mut dyn LineIo) {
        out.port(PortCommand::Hook(false));
        self.state = State::Idle;
    }

    /// Tick at which the caller is taken to have given up; none while it rings.
    fn gone_at(&self) -> Option<Tick> {
        if self.ring.is_active() {
            return None;
        }
        self.rang_at.map(|rang_at| rang_at + ticks(self.country.ringing.gone_ms))
    }

    fn watch_battery(&mut self, now: Tick, battery: bool, polarity: Polarity, out: &mut dyn LineIo) {
        let timers = &self.country.timers;
        let steady = if battery { timers.battery_debounce_ms } else { timers.no_battery_ms };
        let Some(settled) = self.battery.observe(now, battery, ticks(steady)) else { return };
        match (settled.level, &self.state) {
            (true, State::NoBattery) => {
                self.state = State::Idle;
                self.polarity.settle(polarity);
                self.cid_rx.begin(polarity);
                let _ = out.event(LineEvent::InService(LineKind::Trunk));
            }
            (false, State::Idle | State::Offered { .. } | State::Glared | State::Refused) => self.lose_battery(out),
            // While it rests; the end of that decides.
            (false, _) | (true, _) => {}
        }
    }

    fn lose_battery(&mut self, out: &mut dyn LineIo) {
        self.state = State::NoBattery;
        self.ring.reset();
        let _ = out.event(LineEvent::OutOfService);
    }

    /// Off hook: battery and current gone for long enough is a release by the exchange.
    fn watch_loop(&mut self, now: Tick, alive: bool, out: &mut dyn LineIo) {
        let Some(break_ms) = self.line.disconnect.loop_break_ms else { return };
        // At least half of it must have been seen, however short it is.
        let seen = ticks(break_ms.saturating_sub(BREAK_UNSEEN_MS).max(break_ms / 2));
        if self.broken.observe(now, !alive, seen).is_none_or(|settled| !settled.level) {
            return;
        }
        match &mut self.state {
            State::Seized { .. } => self.fail(LineFailure::NoBattery, out),
            State::Dialling(dialler) => {
                dialler.stop(out);
                self.release(DisconnectSignal::LoopBreak, out);
            }
            State::Proceeding { .. } | State::Talking(_) => self.release(DisconnectSignal::LoopBreak, out),
            State::NoBattery | State::Idle | State::Offered { .. } | State::Glared | State::Refused => {}
            // The end of the primary answer shows what has become of the line.
            State::PrimaryAnswer { .. } | State::Over | State::Guard { .. } => {}
        }
    }

    /// Off hook: a reversal answers, and its return releases.
    fn watch_polarity(&mut self, now: Tick, polarity: Polarity, out: &mut dyn LineIo) {
        let steady = ticks(self.country.timers.polarity_debounce_ms);
        let Some(settled) = self.polarity.observe(now, polarity, steady) else { return };
        match &mut self.state {
            State::Proceeding { polarity, .. } if settled.level != *polarity && self.line.answer.polarity => {
                self.answered(now, out);
                if let State::Talking(call) = &mut self.state {
                    call.marked = true;
                }
            }
            State::Talking(call) if !call.marked && now < call.reversal_from => {
                // It goes with an answer that was known by another signal, or was ours.
                (call.polarity, call.marked) = (settled.level, true);
                call.reversal_from = now + ticks(self.country.timers.reversal_guard_ms);
            }
            State::Talking(_) => self.release_by_polarity(now, out),
            State::PrimaryAnswer { .. } | State::Proceeding { .. } => {}
            State::NoBattery | State::Idle | State::Offered { .. } | State::Glared | State::Refused => {}
            State::Seized { .. } | State::Dialling(_) | State::Over | State::Guard { .. } => {}
        }
    }

    /// Returns true if the polarity differs from that at the start of the call, on lines where it is a signal.
    fn has_reversed(&self, call: &Talking) -> bool {
        self.line.disconnect.polarity && self.polarity.level() != call.polarity
    }

    /// A reversal within the guard time counts when that is over, if it still stands.
    fn release_by_polarity(&mut self, now: Tick, out: &mut dyn LineIo) {
        if let State::Talking(call) = &self.state
            && now >= call.reversal_from
            && self.has_reversed(call)
        {
            self.release(DisconnectSignal::Polarity, out);
        }
    }

    fn take_off_hook(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.cid_rx.forget();
        self.close_loop(now, out);
    }

    fn close_loop(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.ring.reset();
        self.rang_at = None;
        self.broken.settle(false);
        self.settled_at = now + HOOK_SETTLE;
        out.port(PortCommand::Hook(true));
    }

    fn dialling(&mut self, now: Tick, progress: Progress, out: &mut dyn LineIo) {
        match progress {
            Progress::Going => {}
            Progress::NoDialTone => self.fail(LineFailure::NoDialTone, out),
            Progress::Done => {
                let answer = AnswerSupervision::new(self.line.answer, now);
                self.state = State::Proceeding { answer, polarity: self.polarity.level() };
                let _ = out.event(LineEvent::Dialled);
            }
        }
    }

    fn answered(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.state = State::Talking(self.call(now, true));
        let _ = out.event(LineEvent::Answered);
    }

    fn call(&self, now: Tick, outgoing: bool) -> Talking {
        Talking {
            reversal_from: now + ticks(self.country.timers.reversal_guard_ms),
            polarity: self.polarity.level(),
            marked: false,
            disconnect: DisconnectSupervision::new(self.line.disconnect),
            outgoing,
            machine_until: Some(now + MACHINE_WITHIN),
            sending: None,
        }
    }

    /// A machine has made itself known: it is reported once. Whoever was called does not send a calling tone,
    /// nor whoever calls an answer tone: that is the echo of a machine at this end.
    fn machine(&mut self, tone: FaxModemTone, out: &mut dyn LineIo) {
        if let State::Talking(call) = &mut self.state
            && call.outgoing == (tone == FaxModemTone::Answers)
            && call.machine_until.take().is_some()
        {
            let _ = out.event(LineEvent::FaxModemTone(tone));
        }
    }

    fn release(&mut self, signal: DisconnectSignal, out: &mut dyn LineIo) {
        self.state = State::Over;
        // If the core released first, its command is on its way, and is taken as it would be from Talking.
        let _ = out.event(LineEvent::Released(signal));
    }

    fn fail(&mut self, failure: LineFailure, out: &mut dyn LineIo) {
        self.state = State::Over;
        let _ = out.event(LineEvent::Failed(failure));
    }

    /// The line is at rest. Should it ring already, that is a new call.
    fn rest(&mut self, now: Tick, out: &mut dyn LineIo) {
        self.state = State::Idle;
        let _ = out.event(LineEvent::Idle);
        if !self.battery.level() {
            self.lose_battery(out);
        } else if self.ring.is_ringing() {
            self.offer(now, out);
        }
    }

    fn is_off_hook(&self) -> bool {
        match self.state {
            State::PrimaryAnswer { .. } | State::Seized { .. } | State::Dialling(_) => true,
            State::Proceeding { .. } | State::Talking(_) | State::Over => true,
            State::NoBattery | State::Idle | State::Offered { .. } | State::Glared => false,
            State::Refused | State::Guard { .. } => false,
        }
    }
}

/// Meaning of a special information tone for the call.
const fn meaning(sit: SpecialInformationTone) -> LineFailure {
    match sit {
        SpecialInformationTone::VacantCode => LineFailure::Unassigned,
        SpecialInformationTone::Intercept => LineFailure::Intercepted,
        SpecialInformationTone::Reorder | SpecialInformationTone::NoCircuit => LineFailure::Congestion,
        SpecialInformationTone::Announcement => LineFailure::Announced,
    }
}

//! The trunk side: is a telephone to the exchange.
//!
//! | state | told | does | next |
//! |---|---|---|---|
//! | NoBattery | battery, steady | says *InService* | Idle |
//! | Idle | a burst of ringing | says *Offered* (or loses: Glared) | Offered |
//! | Idle | Dial | off hook | Seized |
//! | Idle | Answer: the caller gave up in the same moment | off hook | Talking |
//! | Idle | no battery for long | says *OutOfService* | NoBattery |
//! | Offered | who calls | says *CallerIdentity*, once | Offered |
//! | Offered | no ringing for longer than its longest silence | says *RingingStopped* | Idle |
//! | Offered | Answer | off hook | Talking |
//! | Glared | Dial | says *Failed(Glare)*: the line is left to its caller | Refused |
//! | Glared | another burst | says *Offered* once more | Offered, Glared |
//! | Seized | frequencies of the network | waits a moment | Ready |
//! | Seized | time | says *Failed(NoDialTone)*, *Failed(NoBattery)* | Over |
//! | Ready | time | sends the digits | Dialling |
//! | Dialling | sent | says *Dialled* | Proceeding |
//! | Proceeding | busy, congestion | says *Failed* | Over |
//! | Proceeding | a sign of answer | says *Answered* | Talking |
//! | Talking | a sign of release | says *Released* | Over |
//! | Talking | a key | says *Digit* | Talking |
//! | Dialling, Proceeding, Talking, Seized, Ready, Over | Release | on hook | Guard |
//! | Refused | Release | says *Rested* | Idle |
//! | Guard | time | says *Rested* | Idle |
//!
//! *Refused* and *Over* wait for the core to let go of the line.
//!
//! Never: decides whom a call is for, or dials by itself.

use super::{BATTERY_MIN_VOLTS, ticks};
use crate::card::{PortCommand, PortCondition};
use crate::country::{CallerIdKind, CallerIdPlace, Country};
use crate::engine::Verdict;
use crate::line::cadence::{RingChange, RingDetector};
use crate::line::debounce::Debounce;
use crate::line::{
    CallerId, Ears, Heard, LineCommand, LineEvent, LineFailure, LineKind, Number, Outgoing, Outlet, ReleaseSign,
};
use crate::media::ToneKind;
use crate::time::{Tick, Ticks};

/// After the hook switch has moved, voltage and current say nothing for so long (the card's own switching, its filters,
/// and the time until it has looked again).
const HOOK_SETTLE: Ticks = Ticks::from_ms(400);
/// Who calls is kept for so long without ringing, on lines that tell it before the first ring (at most 6 to 10 s).
const IDENTITY_KEPT: Ticks = Ticks::from_secs(10);

/// The machine of one trunk.
#[derive(Debug, Clone)]
pub struct Fxo {
    country: &'static Country,
    state: State,
    ring: RingDetector,
    battery: Debounce<bool>,
    polarity: Debounce<Polarity>,
    /// No battery while off hook: what a loop break looks like.
    broken: Debounce<bool>,
    /// When the last burst of ringing was seen.
    rang_at: Option<Tick>,
    /// Who calls, heard before the line rang.
    early: Option<(CallerId, Tick)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Polarity {
    Normal,
    Reversed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NoBattery,
    Idle,
    Offered { identified: bool },
    Glared,
    Refused,
    Seized { since: Tick, number: Number },
    Ready { since: Tick, dial_at: Tick, number: Number },
    Dialling { since: Tick },
    Proceeding(Proceeding),
    Talking(Talking),
    Over,
    Guard { until: Tick },
}

/// A call on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Proceeding {
    since: Tick,
    polarity: Polarity,
    /// Ringback has been heard.
    rang: bool,
    /// The tone that is heard now.
    tone: Option<ToneKind>,
    /// Since when none is heard.
    quiet_since: Tick,
}

/// A call that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Talking {
    since: Tick,
    polarity: Polarity,
}

impl Fxo {
    /// A trunk whose module has come into service. It says *InService* once it has battery.
    pub fn new(country: &'static Country, _now: Tick, out: &mut dyn Outlet) -> Fxo {
        out.port(PortCommand::Hook(false));
        let timers = &country.timers;
        Fxo {
            country,
            state: State::NoBattery,
            ring: RingDetector::new(ticks(country.ringing.burst_min_ms), ticks(timers.ring_debounce_ms)),
            battery: Debounce::new(false),
            polarity: Debounce::new(Polarity::Normal),
            broken: Debounce::new(false),
            rang_at: None,
            early: None,
        }
    }

    /// Whether *InService* was said.
    pub fn is_in_service(&self) -> bool {
        self.state != State::NoBattery
    }

    /// What the sound of the line is to be searched for.
    pub fn ears(&self) -> Ears {
        let service = &self.country.caller_id;
        let by_keys = matches!(service.kind, CallerIdKind::Dtmf { .. });
        let silent = !self.ring.is_active();
        match self.state {
            State::NoBattery | State::Refused | State::Over | State::Guard { .. } => Ears::default(),
            State::Idle | State::Glared => {
                let early = service.place == CallerIdPlace::BeforeFirstRing && silent;
                Ears { caller_id: early && !by_keys, dtmf: early && by_keys, progress: false }
            }
            State::Offered { identified } => {
                let wanted = !identified && silent;
                Ears { caller_id: wanted && !by_keys, dtmf: wanted && by_keys, progress: false }
            }
            State::Seized { .. } | State::Ready { .. } | State::Proceeding(_) => {
                Ears { progress: true, ..Ears::default() }
            }
            State::Dialling { .. } => Ears::default(),
            State::Talking(_) => Ears { dtmf: true, progress: self.country.release.tone, caller_id: false },
        }
    }

    /// When the machine wants to be woken.
    pub fn due(&self) -> Option<Tick> {
        let of_state = match self.state {
            State::NoBattery | State::Idle | State::Refused | State::Dialling { .. } => None,
            State::Talking(_) | State::Over => None,
            State::Offered { .. } | State::Glared => self.gone_at(),
            State::Seized { since, .. } => Some(since + ticks(self.country.timers.dial_tone_wait_ms)),
            State::Ready { dial_at, .. } => Some(dial_at),
            State::Proceeding(call) => self.answer_at(&call),
            State::Guard { until } => Some(until),
        };
        [of_state, self.ring.due()].into_iter().flatten().min()
    }

    /// The card saw something at the port.
    pub fn handle_condition(&mut self, now: Tick, condition: PortCondition, out: &mut dyn Outlet) {
        let (ringing, volts, milliamps) = match condition {
            PortCondition::Fxo { ringing, volts, milliamps, .. } => (ringing, volts, milliamps),
            // Not of a trunk.
            PortCondition::Fxs { .. } | PortCondition::Service(_) => return,
        };
        let battery = volts.unsigned_abs() >= BATTERY_MIN_VOLTS;
        let polarity = if volts < 0 { Polarity::Reversed } else { Polarity::Normal };
        match self.off_hook_since() {
            Some(since) => {
                self.ring.reset();
                if now.since(since) >= HOOK_SETTLE {
                    self.watch_loop(now, battery || milliamps > 0, out);
                    if battery && self.country.release.polarity | self.country.answer.polarity {
                        self.watch_polarity(now, polarity, out);
                    }
                }
            }
            None => {
                let change = self.ring.observe(now, ringing);
                self.handle_ring(now, change, out);
                if !self.ring.is_active() {
                    self.watch_battery(now, battery, out);
                    if battery {
                        self.polarity.observe(now, polarity, ticks(self.country.timers.polarity_debounce_ms));
                    }
                }
            }
        }
    }

    /// The sound of the line says something.
    pub fn handle_heard(&mut self, now: Tick, heard: Heard, out: &mut dyn Outlet) {
        match (heard, &mut self.state) {
            (Heard::CallerId(caller), State::Offered { identified: identified @ false }) => {
                *identified = true;
                let _ = out.event(LineEvent::CallerIdentity(caller));
            }
            (Heard::CallerId(caller), State::Idle | State::Glared) => self.early = Some((caller, now)),
            (Heard::Digit(digit), State::Talking(_)) => {
                let _ = out.event(LineEvent::Digit(digit));
            }
            (Heard::ToneBegun | Heard::Tone(ToneKind::Dial), State::Seized { since, number }) => {
                let dial_at = now + ticks(self.country.timers.pre_dial_ms);
                self.state = State::Ready { since: *since, dial_at, number: *number };
            }
            (Heard::Tone(ToneKind::Busy | ToneKind::Congestion), State::Seized { .. } | State::Ready { .. }) => {
                self.fail(LineFailure::NoDialTone, out);
            }
            (Heard::Sent, State::Dialling { .. }) => self.dialled(now, out),
            (Heard::Tone(tone), State::Proceeding(call)) => match tone {
                ToneKind::Busy => self.fail(LineFailure::Busy, out),
                ToneKind::Congestion => self.fail(LineFailure::Congestion, out),
                ToneKind::Ringback => {
                    call.rang = true;
                    call.tone = Some(tone);
                }
                ToneKind::Dial | ToneKind::Zip => call.tone = Some(tone),
            },
            (Heard::ToneEnded(_), State::Proceeding(call)) => {
                call.tone = None;
                call.quiet_since = now;
            }
            // Dial tone after a call: the exchange has let go of it.
            (Heard::Tone(ToneKind::Busy | ToneKind::Congestion | ToneKind::Dial), State::Talking(_)) => {
                if self.country.release.tone {
                    self.release(ReleaseSign::Tone, out);
                }
            }
            // Heard by detectors that were told to stop in the same tick, or of no meaning in the state.
            (
                Heard::CallerId(_)
                | Heard::Digit(_)
                | Heard::ToneBegun
                | Heard::Tone(_)
                | Heard::ToneEnded(_)
                | Heard::Sent,
                _,
            ) => {}
        }
    }

    /// The core wants something. False if a trunk cannot do it, or not now.
    pub fn handle_command(&mut self, now: Tick, command: LineCommand, out: &mut dyn Outlet) -> bool {
        match (command, self.state) {
            (LineCommand::Answer, State::Offered { .. } | State::Idle | State::Glared) => {
                self.take_off_hook(out);
                self.state = State::Talking(Talking { since: now, polarity: self.polarity.level() });
            }
            (LineCommand::Dial(number), State::Idle | State::Glared | State::Offered { .. }) => {
                if self.state != State::Idle || self.ring.is_active() {
                    self.state = State::Refused;
                    let _ = out.event(LineEvent::Failed(LineFailure::Glare));
                } else {
                    self.take_off_hook(out);
                    self.state = State::Seized { since: now, number };
                }
            }
            (LineCommand::Dial(_), State::NoBattery) => {
                let _ = out.event(LineEvent::Failed(LineFailure::NoBattery));
            }
            (
                LineCommand::Release,
                State::Seized { .. }
                | State::Ready { .. }
                | State::Dialling { .. }
                | State::Proceeding(_)
                | State::Talking(_)
                | State::Over,
            ) => {
                if matches!(self.state, State::Dialling { .. }) {
                    out.send(Outgoing::Nothing);
                }
                out.port(PortCommand::Hook(false));
                self.state = State::Guard { until: now + ticks(self.country.timers.release_guard_ms) };
            }
            (LineCommand::Release, State::Refused | State::Idle | State::Glared) => self.rest(now, out),
            // Already on its way.
            (LineCommand::Release, State::Guard { .. }) => {}
            (LineCommand::Release, State::Offered { .. } | State::NoBattery) | (LineCommand::Ring(_), _) => {
                return false;
            }
            (
                LineCommand::Answer,
                State::NoBattery
                | State::Refused
                | State::Seized { .. }
                | State::Ready { .. }
                | State::Dialling { .. }
                | State::Proceeding(_)
                | State::Talking(_)
                | State::Over
                | State::Guard { .. },
            )
            | (
                LineCommand::Dial(_),
                State::Refused
                | State::Seized { .. }
                | State::Ready { .. }
                | State::Dialling { .. }
                | State::Proceeding(_)
                | State::Talking(_)
                | State::Over
                | State::Guard { .. },
            ) => return false,
        }
        true
    }

    /// A time that the machine asked for has come.
    pub fn handle_time(&mut self, now: Tick, out: &mut dyn Outlet) {
        let change = self.ring.poll(now);
        self.handle_ring(now, change, out);
        match self.state {
            State::Offered { .. } if self.gone_at().is_some_and(|gone_at| gone_at <= now) => {
                self.state = State::Idle;
                // Should an answer have come first, it is on its way, and finds the line idle.
                let _ = out.event(LineEvent::RingingStopped);
            }
            State::Glared if self.gone_at().is_some_and(|gone_at| gone_at <= now) => self.state = State::Idle,
            State::Seized { since, .. } if now.since(since) >= ticks(self.country.timers.dial_tone_wait_ms) => {
                self.fail(LineFailure::NoDialTone, out);
            }
            State::Ready { dial_at, since, number } if dial_at <= now => {
                self.state = State::Dialling { since };
                if number.is_empty() {
                    self.dialled(now, out);
                } else {
                    out.send(Outgoing::Digits(&number));
                }
            }
            State::Proceeding(call) if self.answer_at(&call).is_some_and(|answer_at| answer_at <= now) => {
                self.answered(now, out);
            }
            State::Guard { until } if until <= now => self.rest(now, out),
            State::NoBattery
            | State::Idle
            | State::Offered { .. }
            | State::Glared
            | State::Refused
            | State::Seized { .. }
            | State::Ready { .. }
            | State::Dialling { .. }
            | State::Proceeding(_)
            | State::Talking(_)
            | State::Over
            | State::Guard { .. } => {}
        }
    }

    fn handle_ring(&mut self, now: Tick, change: Option<RingChange>, out: &mut dyn Outlet) {
        match change {
            Some(RingChange::Began) => {
                self.rang_at = Some(now);
                if matches!(self.state, State::Idle | State::Glared) {
                    self.offer(now, out);
                }
            }
            Some(RingChange::Ended(at)) => self.rang_at = Some(at),
            None => {}
        }
    }

    fn offer(&mut self, now: Tick, out: &mut dyn Outlet) {
        if out.event(LineEvent::Offered) == Verdict::Glare {
            self.state = State::Glared;
            return;
        }
        let early = self.early.take().filter(|(_, at)| now.since(*at) <= IDENTITY_KEPT);
        self.state = State::Offered { identified: early.is_some() };
        if let Some((caller, _)) = early {
            let _ = out.event(LineEvent::CallerIdentity(caller));
        }
    }

    /// When the caller is taken to have given up; none while it rings.
    fn gone_at(&self) -> Option<Tick> {
        if self.ring.is_active() {
            return None;
        }
        self.rang_at.map(|rang_at| rang_at + ticks(self.country.ringing.gone_ms))
    }

    /// When a call out counts as answered if nothing more is heard.
    fn answer_at(&self, call: &Proceeding) -> Option<Tick> {
        if call.tone.is_some() {
            return None;
        }
        let signs = &self.country.answer;
        let after_ringback =
            signs.after_ringback_ms.filter(|_| call.rang).map(|wait_ms| call.quiet_since + ticks(wait_ms));
        let after_dialling = signs.after_dialling_ms.map(|wait_ms| call.since.max(call.quiet_since) + ticks(wait_ms));
        [after_ringback, after_dialling].into_iter().flatten().min()
    }

    fn watch_battery(&mut self, now: Tick, battery: bool, out: &mut dyn Outlet) {
        let timers = &self.country.timers;
        let steady = if battery { timers.battery_debounce_ms } else { timers.no_battery_ms };
        let Some(settled) = self.battery.observe(now, battery, ticks(steady)) else { return };
        match (settled.level, self.state) {
            (true, State::NoBattery) => {
                self.state = State::Idle;
                let _ = out.event(LineEvent::InService(LineKind::Trunk));
            }
            (false, State::Idle | State::Offered { .. } | State::Glared | State::Refused) => {
                self.lose_battery(out);
            }
            // While it rests; its end decides.
            (false, _) | (true, _) => {}
        }
    }

    fn lose_battery(&mut self, out: &mut dyn Outlet) {
        self.state = State::NoBattery;
        self.ring.reset();
        let _ = out.event(LineEvent::OutOfService);
    }

    /// Off hook: battery and current gone for long enough is a release by the exchange.
    fn watch_loop(&mut self, now: Tick, alive: bool, out: &mut dyn Outlet) {
        let Some(break_ms) = self.country.release.loop_break_ms else { return };
        if self.broken.observe(now, !alive, ticks(break_ms)).is_none_or(|settled| !settled.level) {
            return;
        }
        match self.state {
            State::Seized { .. } | State::Ready { .. } => self.fail(LineFailure::NoBattery, out),
            State::Dialling { .. } => {
                out.send(Outgoing::Nothing);
                self.release(ReleaseSign::LoopBreak, out);
            }
            State::Proceeding(_) | State::Talking(_) => self.release(ReleaseSign::LoopBreak, out),
            State::NoBattery
            | State::Idle
            | State::Offered { .. }
            | State::Glared
            | State::Refused
            | State::Over
            | State::Guard { .. } => {}
        }
    }

    /// Off hook: a reversal answers, and its return releases.
    fn watch_polarity(&mut self, now: Tick, polarity: Polarity, out: &mut dyn Outlet) {
        let timers = &self.country.timers;
        let Some(settled) = self.polarity.observe(now, polarity, ticks(timers.polarity_debounce_ms)) else { return };
        match self.state {
            State::Proceeding(call) if self.country.answer.polarity && settled.level != call.polarity => {
                self.answered(now, out);
            }
            State::Talking(call)
                if self.country.release.polarity
                    && settled.level != call.polarity
                    && now.since(call.since) >= ticks(timers.reversal_guard_ms) =>
            {
                self.release(ReleaseSign::Polarity, out);
            }
            State::NoBattery
            | State::Idle
            | State::Offered { .. }
            | State::Glared
            | State::Refused
            | State::Seized { .. }
            | State::Ready { .. }
            | State::Dialling { .. }
            | State::Proceeding(_)
            | State::Talking(_)
            | State::Over
            | State::Guard { .. } => {}
        }
    }

    fn take_off_hook(&mut self, out: &mut dyn Outlet) {
        self.ring.reset();
        self.rang_at = None;
        self.early = None;
        self.broken.settle(false);
        out.port(PortCommand::Hook(true));
    }

    fn dialled(&mut self, now: Tick, out: &mut dyn Outlet) {
        self.state = State::Proceeding(Proceeding {
            since: now,
            polarity: self.polarity.level(),
            rang: false,
            tone: None,
            quiet_since: now,
        });
        let _ = out.event(LineEvent::Dialled);
    }

    fn answered(&mut self, now: Tick, out: &mut dyn Outlet) {
        self.state = State::Talking(Talking { since: now, polarity: self.polarity.level() });
        let _ = out.event(LineEvent::Answered);
    }

    fn release(&mut self, sign: ReleaseSign, out: &mut dyn Outlet) {
        self.state = State::Over;
        // If the core released first, its command is on its way, and is taken as it would be from Talking.
        let _ = out.event(LineEvent::Released(sign));
    }

    fn fail(&mut self, failure: LineFailure, out: &mut dyn Outlet) {
        self.state = State::Over;
        let _ = out.event(LineEvent::Failed(failure));
    }

    /// The line is at rest. Should it ring already, that is a new call.
    fn rest(&mut self, now: Tick, out: &mut dyn Outlet) {
        self.state = State::Idle;
        let _ = out.event(LineEvent::Rested);
        if !self.battery.level() {
            self.lose_battery(out);
        } else if self.ring.is_ringing() {
            self.offer(now, out);
        }
    }

    /// Since when the line is off hook; none if it is on hook.
    fn off_hook_since(&self) -> Option<Tick> {
        match self.state {
            State::Seized { since, .. } | State::Ready { since, .. } | State::Dialling { since } => Some(since),
            State::Proceeding(Proceeding { since, .. }) | State::Talking(Talking { since, .. }) => Some(since),
            // For as long as it may take; whatever is seen does not count any more.
            State::Over => Some(Tick::ZERO),
            State::NoBattery | State::Idle | State::Offered { .. } | State::Glared | State::Refused => None,
            State::Guard { .. } => None,
        }
    }
}

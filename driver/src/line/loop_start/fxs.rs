//! The station side: feeds and rings a telephone, and says what its hook does.
//!
//! | state | told | does | next |
//! |---|---|---|---|
//! | OnHook | loop closed, steady | says *OffHook* | OffHook |
//! | OnHook | Ring | ringing voltage | Ringing |
//! | OnHook | Release | says *Rested* | OnHook |
//! | Ringing | time | the next burst or silence; who calls, in the first long silence | Ringing |
//! | Ringing | loop closed, steady | ringing off, says *OffHook* | OffHook |
//! | Ringing | Release | ringing off, says *Rested* | OnHook |
//! | OffHook | a break of a flash's length | says *Flash* | OffHook |
//! | OffHook | breaks of a dial pulse's length, then none | says *Digit* | OffHook |
//! | OffHook | a break longer than a flash | says *OnHook* | OnHook |
//! | OffHook | Ring, Release | nothing: the hand at the telephone decides | OffHook |
//!
//! An *OnHook* that comes second to a command means that the core has let go of the station already: it is told *Rested*.
//!
//! Never: sounds a tone; what a lifted telephone hears is for the core to say.

use super::ticks;
use crate::card::{Linefeed, PortCommand, PortCondition};
use crate::country::{CallerIdPlace, Country};
use crate::engine::Verdict;
use crate::line::cadence::RingCadence;
use crate::line::debounce::Debounce;
use crate::line::{CallerId, Digit, Ears, Heard, LineCommand, LineEvent, LineKind, Outgoing, Outlet};
use crate::time::{Tick, Ticks};

/// Breaks shorter than this are no dial pulse (field limit: 15 to 200 ms; here up to the shortest flash).
const PULSE_MIN: Ticks = Ticks::from_ms(15);
/// The loop closed for so long after a pulse ends the digit (field value: 200 to 250 ms).
const PULSE_END: Ticks = Ticks::from_ms(250);
/// After lifting, breaks are contact bounce for so long.
const LIFT_BOUNCE: Ticks = Ticks::from_ms(200);
/// The shortest message of a caller's identity takes about so long; a shorter silence of the cadence is passed over.
const IDENTITY_MIN: Ticks = Ticks::from_ms(600);

/// The machine of one station.
#[derive(Debug, Clone)]
pub struct Fxs {
    country: &'static Country,
    state: State,
    /// Whether the loop is closed, for lifting.
    lifted: Debounce<bool>,
}

#[derive(Debug, Clone)]
enum State {
    OnHook,
    Ringing(Bell),
    OffHook(Loop),
}

/// Ringing, or the silences between.
#[derive(Debug, Clone)]
struct Bell {
    cadence: RingCadence,
    phase: Phase,
    /// Who calls, until it has been sent.
    caller: Option<CallerId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Ringing voltage, or silence, until then.
    Until(Tick),
    /// Silence before the caller's identity, and when the next burst is due.
    Lead { send_at: Tick, ring_at: Tick },
    /// The caller's identity goes out.
    Sending { ring_at: Tick },
}

/// A closed loop, and what its breaks may mean.
#[derive(Debug, Clone, Copy)]
struct Loop {
    lifted_at: Tick,
    /// Since when the loop is open.
    open_since: Option<Tick>,
    /// Dial pulses counted.
    pulses: u8,
    /// When the last pulse ended.
    pulse_at: Tick,
}

impl Fxs {
    /// A station that has come into service, on hook as far as is known.
    pub fn new(country: &'static Country, _now: Tick, out: &mut dyn Outlet) -> Fxs {
        out.port(PortCommand::Linefeed(Linefeed::ForwardActive));
        // Nothing can be won against a line that was not there.
        let _ = out.event(LineEvent::InService(LineKind::Station));
        Fxs { country, state: State::OnHook, lifted: Debounce::new(false) }
    }

    /// What the sound of the line is to be searched for.
    pub fn ears(&self) -> Ears {
        Ears { dtmf: matches!(self.state, State::OffHook(_)), ..Ears::default() }
    }

    /// When the machine wants to be woken.
    pub fn due(&self) -> Option<Tick> {
        match &self.state {
            State::OnHook => None,
            State::Ringing(bell) => match bell.phase {
                Phase::Until(at) | Phase::Lead { send_at: at, .. } => Some(at),
                Phase::Sending { .. } => None,
            },
            State::OffHook(closed) => match closed.open_since {
                Some(since) => Some(since + self.flash_max() + Ticks(1)),
                None => (closed.pulses > 0).then(|| closed.pulse_at + PULSE_END),
            },
        }
    }

    /// The card saw something at the port.
    pub fn handle_condition(&mut self, now: Tick, condition: PortCondition, out: &mut dyn Outlet) {
        let loop_closed = match condition {
            PortCondition::Fxs { loop_closed, .. } => loop_closed,
            // Not of a station.
            PortCondition::Fxo { .. } | PortCondition::Service(_) => return,
        };
        match &mut self.state {
            State::OnHook | State::Ringing(_) => {
                let steady = ticks(self.country.timers.off_hook_debounce_ms);
                if self.lifted.observe(now, loop_closed, steady).is_some_and(|settled| settled.level) {
                    self.lift(now, out);
                }
            }
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
    pub fn handle_heard(&mut self, now: Tick, heard: Heard, out: &mut dyn Outlet) {
        match (heard, &mut self.state) {
            (Heard::Digit(digit), State::OffHook(_)) => {
                let _ = out.event(LineEvent::Digit(digit));
            }
            (Heard::Sent, State::Ringing(bell)) => {
                if let Phase::Sending { ring_at } = bell.phase {
                    let trail = now + ticks(self.country.caller_id.trail_ms);
                    bell.phase = Phase::Until(ring_at.max(trail));
                }
            }
            (Heard::Digit(_) | Heard::Sent, State::OnHook | State::Ringing(_) | State::OffHook(_)) => {}
            // Not listened for on a station.
            (Heard::CallerId(_) | Heard::ToneBegun | Heard::Tone(_) | Heard::ToneEnded(_), _)
            | (Heard::VoiceBegun | Heard::VoiceEnded | Heard::SilenceBegun | Heard::SilenceEnded, _) => {}
        }
    }

    /// The core wants something. False if a station cannot do it.
    pub fn handle_command(&mut self, now: Tick, command: LineCommand, out: &mut dyn Outlet) -> bool {
        match (command, &self.state) {
            (LineCommand::Ring(caller), State::OnHook | State::Ringing(_)) => self.ring(now, caller, out),
            (LineCommand::Ring(_) | LineCommand::Release, State::OffHook(_)) => {}
            (LineCommand::Release, State::Ringing(_)) => {
                self.stop_ringing(out);
                self.state = State::OnHook;
                let _ = out.event(LineEvent::Rested);
            }
            (LineCommand::Release, State::OnHook) => {
                let _ = out.event(LineEvent::Rested);
            }
            (LineCommand::Answer | LineCommand::Dial(_) | LineCommand::SendDigits(_) | LineCommand::Flash, _) => {
                return false;
            }
        }
        true
    }

    /// A time that the machine asked for has come.
    pub fn handle_time(&mut self, now: Tick, out: &mut dyn Outlet) {
        match &mut self.state {
            State::OnHook => {}
            State::Ringing(bell) => match bell.phase {
                Phase::Until(until) if until <= now => self.ring_step(now, out),
                Phase::Lead { send_at, ring_at } if send_at <= now => {
                    bell.phase = Phase::Sending { ring_at };
                    if let Some(caller) = bell.caller.take() {
                        out.send(Outgoing::CallerId(&caller));
                    }
                }
                Phase::Until(_) | Phase::Lead { .. } | Phase::Sending { .. } => {}
            },
            State::OffHook(closed) => match closed.open_since {
                Some(since) if now.since(since) > ticks(self.country.timers.flash_max_ms) => self.put_down(out),
                None if closed.pulses > 0 && now.since(closed.pulse_at) >= PULSE_END => {
                    let pulses = core::mem::take(&mut closed.pulses);
                    if let Some(digit) = digit_of(pulses) {
                        let _ = out.event(LineEvent::Digit(digit));
                    }
                }
                Some(_) | None => {}
            },
        }
    }

    fn lift(&mut self, now: Tick, out: &mut dyn Outlet) {
        self.stop_ringing(out);
        self.state = State::OffHook(Loop { lifted_at: now, open_since: None, pulses: 0, pulse_at: now });
        let _ = out.event(LineEvent::OffHook);
    }

    fn put_down(&mut self, out: &mut dyn Outlet) {
        self.state = State::OnHook;
        self.lifted.settle(false);
        if out.event(LineEvent::OnHook) == Verdict::Glare {
            let _ = out.event(LineEvent::Rested);
        }
    }

    /// The loop was open for `length` and is closed again.
    fn close_again(&mut self, now: Tick, length: Ticks, out: &mut dyn Outlet) {
        let (flash_min, flash_max) = (ticks(self.country.timers.flash_min_ms), self.flash_max());
        let State::OffHook(closed) = &mut self.state else { return };
        if now.since(closed.lifted_at) < LIFT_BOUNCE || length < PULSE_MIN {
            return;
        }
        if length < flash_min {
            closed.pulses = closed.pulses.saturating_add(1);
            closed.pulse_at = now;
        } else if length <= flash_max {
            closed.pulses = 0;
            let _ = out.event(LineEvent::Flash);
        } else {
            // Put down and lifted again between two looks.
            self.put_down(out);
            self.lift(now, out);
        }
    }

    fn ring(&mut self, now: Tick, caller: Option<CallerId>, out: &mut dyn Outlet) {
        let cadence = RingCadence::new(&self.country.ringing);
        let before = self.country.caller_id.place == CallerIdPlace::BeforeFirstRing;
        let phase = match caller {
            Some(_) if before => {
                out.port(PortCommand::Linefeed(Linefeed::ForwardOnHookTransmission));
                let send_at = now + ticks(self.country.caller_id.lead_ms);
                Phase::Lead { send_at, ring_at: now }
            }
            Some(_) | None => Phase::Until(now),
        };
        self.state = State::Ringing(Bell { cadence, phase, caller });
        self.handle_time(now, out);
    }

    /// The next burst or silence.
    fn ring_step(&mut self, now: Tick, out: &mut dyn Outlet) {
        let service = &self.country.caller_id;
        let State::Ringing(bell) = &mut self.state else { return };
        let step = bell.cadence.step();
        let ring_at = now + step.length;
        bell.phase = Phase::Until(ring_at);
        if step.on {
            out.port(PortCommand::Linefeed(Linefeed::Ringing));
            return;
        }
        out.port(PortCommand::Linefeed(Linefeed::ForwardOnHookTransmission));
        let room = ticks(service.lead_ms) + ticks(service.trail_ms) + IDENTITY_MIN;
        if bell.caller.is_some() && step.length >= room {
            bell.phase = Phase::Lead { send_at: now + ticks(service.lead_ms), ring_at };
        }
    }

    fn stop_ringing(&mut self, out: &mut dyn Outlet) {
        if let State::Ringing(bell) = &self.state {
            if matches!(bell.phase, Phase::Sending { .. }) {
                out.send(Outgoing::Nothing);
            }
            out.port(PortCommand::Linefeed(Linefeed::ForwardActive));
        }
    }

    fn flash_max(&self) -> Ticks {
        ticks(self.country.timers.flash_max_ms)
    }
}

/// The digit of so many pulses: one to nine, and ten for 0.
fn digit_of(pulses: u8) -> Option<Digit> {
    match pulses {
        1..=9 => Digit::new(char::from(b'0' + pulses)),
        10 => Digit::new('0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Did, Recorder};
    use super::*;
    use crate::country::CHINA;
    use crate::line::Number;

    /// A station looked at every 16 ms, on virtual time.
    struct Rig {
        station: Fxs,
        out: Recorder,
        now: Tick,
    }

    impl Rig {
        fn new() -> Rig {
            let mut out = Recorder::default();
            let station = Fxs::new(&CHINA, Tick::ZERO, &mut out);
            assert_eq!(
                out.take(),
                [
                    Did::Port(PortCommand::Linefeed(Linefeed::ForwardActive)),
                    Did::Event(LineEvent::InService(LineKind::Station))
                ]
            );
            Rig { station, out, now: Tick::ZERO }
        }

        /// The loop is as it is for so long. Returns what the machine did, and when.
        fn hold(&mut self, ms: u64, loop_closed: bool) -> Vec<(u64, Did)> {
            let mut did = Vec::new();
            for _ in 0..ms {
                self.now += Ticks(1);
                if self.now.0.is_multiple_of(16) {
                    let condition =
                        PortCondition::Fxs { loop_closed, linefeed: Linefeed::ForwardActive, power_alarm: false };
                    self.station.handle_condition(self.now, condition, &mut self.out);
                }
                if self.station.due().is_some_and(|due| due <= self.now) {
                    self.station.handle_time(self.now, &mut self.out);
                }
                did.extend(self.out.take().into_iter().map(|what| (self.now.0, what)));
            }
            did
        }

        fn events(&mut self, ms: u64, loop_closed: bool) -> Vec<LineEvent> {
            let did = self.hold(ms, loop_closed);
            did.into_iter()
                .filter_map(|(_, did)| if let Did::Event(event) = did { Some(event) } else { None })
                .collect()
        }

        fn command(&mut self, command: LineCommand) -> Vec<Did> {
            assert!(self.station.handle_command(self.now, command, &mut self.out));
            self.out.take()
        }
    }

    fn feed(linefeed: Linefeed) -> Did {
        Did::Port(PortCommand::Linefeed(linefeed))
    }

    #[test]
    fn a_lifted_station_is_off_hook_and_a_put_down_one_on_hook() {
        let mut rig = Rig::new();
        assert_eq!(rig.events(100, true), [LineEvent::OffHook]);
        assert!(rig.station.ears().dtmf);
        assert_eq!(rig.events(500, true), []);
        assert_eq!(rig.events(600, false), [LineEvent::OnHook]);
        assert!(!rig.station.ears().dtmf);
    }

    #[test]
    fn a_closure_shorter_than_the_debounce_is_not_off_hook() {
        let mut rig = Rig::new();
        assert_eq!(rig.events(30, true), []);
        assert_eq!(rig.events(500, false), []);
    }

    #[test]
    fn a_break_within_the_window_is_a_flash_and_not_a_hang_up() {
        let mut rig = Rig::new();
        rig.events(1000, true);
        assert_eq!(rig.events(100, false), []);
        assert_eq!(rig.events(1000, true), [LineEvent::Flash]);
        assert_eq!(rig.events(400, false), []);
        assert_eq!(rig.events(1000, true), [LineEvent::Flash]);
    }

    #[test]
    fn dial_pulses_make_digits() {
        let mut rig = Rig::new();
        rig.events(1000, true);
        for (pulses, digit) in [(1, '1'), (5, '5'), (10, '0')] {
            for _ in 0..pulses {
                assert_eq!(rig.events(61, false), []);
                assert_eq!(rig.events(39, true), []);
            }
            assert_eq!(rig.events(600, true), [LineEvent::Digit(Digit::new(digit).unwrap())]);
        }
    }

    #[test]
    fn keys_are_told_while_off_hook_only() {
        let mut rig = Rig::new();
        let five = Heard::Digit(Digit::new('5').unwrap());
        rig.station.handle_heard(rig.now, five, &mut rig.out);
        assert_eq!(rig.out.take(), []);
        rig.events(100, true);
        rig.station.handle_heard(rig.now, five, &mut rig.out);
        assert_eq!(rig.out.take(), [Did::Event(LineEvent::Digit(Digit::new('5').unwrap()))]);
    }

    #[test]
    fn ringing_follows_the_cadence_until_released() {
        let mut rig = Rig::new();
        assert_eq!(rig.command(LineCommand::Ring(None)), [feed(Linefeed::Ringing)]);
        assert_eq!(
            rig.hold(6500, false),
            [
                (1000, feed(Linefeed::ForwardOnHookTransmission)),
                (5000, feed(Linefeed::Ringing)),
                (6000, feed(Linefeed::ForwardOnHookTransmission))
            ]
        );
        assert_eq!(rig.command(LineCommand::Release), [feed(Linefeed::ForwardActive), Did::Event(LineEvent::Rested)]);
        assert_eq!(rig.hold(10_000, false), []);
    }

    #[test]
    fn the_caller_is_told_in_the_first_silence_and_the_next_ring_waits_for_its_end() {
        let mut rig = Rig::new();
        let caller = CallerId { number: Number::from("5551234").unwrap(), ..CallerId::default() };
        rig.command(LineCommand::Ring(Some(caller)));
        assert_eq!(
            rig.hold(6000, false),
            [(1000, feed(Linefeed::ForwardOnHookTransmission)), (1600, Did::SentCallerId("5551234".into()))]
        );
        rig.station.handle_heard(rig.now, Heard::Sent, &mut rig.out);
        assert_eq!(rig.hold(300, false), [(6200, feed(Linefeed::Ringing))]);
    }

    #[test]
    fn lifting_while_it_rings_stops_the_ringing_and_the_identity() {
        let mut rig = Rig::new();
        rig.command(LineCommand::Ring(Some(CallerId::default())));
        rig.hold(1700, false);
        assert_eq!(
            rig.hold(100, true).into_iter().map(|(_, did)| did).collect::<Vec<_>>(),
            [Did::SentNothing, feed(Linefeed::ForwardActive), Did::Event(LineEvent::OffHook)]
        );
        rig.station.handle_heard(rig.now, Heard::Sent, &mut rig.out);
        assert_eq!(rig.hold(10_000, true), []);
    }

    #[test]
    fn a_hang_up_that_lost_to_a_release_is_told_as_rested() {
        let mut rig = Rig::new();
        rig.events(1000, true);
        rig.out.glare_on.push(LineEvent::OnHook);
        assert_eq!(rig.command(LineCommand::Release), []);
        assert_eq!(rig.events(1000, false), [LineEvent::OnHook, LineEvent::Rested]);
    }
}

//! Behaviour of the trunk machine, a sentence a test.

use super::Fxo;
use super::testing::{Did, Recorder};
use crate::card::{PortCommand, PortCondition};
use crate::country::{
    AnswerSignals, CHINA, CallerIdKind, CallerIdService, CallerIdTiming, DialBy, DisconnectSignals, LineProfile,
};
use crate::line::{
    CallerId, Detection, Digit, DisconnectSignal, LineCommand, LineEvent, LineFailure, LineKind, Number,
};
use crate::refusal::Refusal;
use crate::signal::FaxModemTone;
use crate::signal::SpecialInformationTone;
use crate::signal::ToneKind;
use crate::time::{Tick, Ticks};

const ORDINARY: LineProfile = CHINA.line;

const REVERSING: LineProfile = LineProfile {
    answer: AnswerSignals { polarity: true, voice_ms: None, after_ringback_ms: None, after_dialling_ms: None },
    disconnect: DisconnectSignals { tone: true, loop_break_ms: Some(200), polarity: true, silence_ms: None, votes: 1 },
    ..ORDINARY
};

/// Caller ID comes as keys before the first ring.
const KEYED: LineProfile = LineProfile {
    caller_id: Some(CallerIdService {
        kind: CallerIdKind::Dtmf { start: 'D', end: 'C' },
        timing: CallerIdTiming::BeforeFirstRing { reversal: false, alert: false },
    }),
    ..ORDINARY
};

const CAREFUL: LineProfile = LineProfile {
    disconnect: DisconnectSignals { silence_ms: Some(30_000), votes: 2, ..ORDINARY.disconnect },
    ..ORDINARY
};

/// Condition of the module.
#[derive(Debug, Clone, Copy)]
struct Shown {
    ringing: bool,
    volts: i8,
    milliamps: u8,
}

const QUIET: Shown = Shown { ringing: false, volts: 48, milliamps: 0 };
const RINGING: Shown = Shown { ringing: true, ..QUIET };
const OPEN: Shown = Shown { volts: 0, ..QUIET };
const LOOP: Shown = Shown { ringing: false, volts: 7, milliamps: 22 };
const REVERSED_LOOP: Shown = Shown { volts: -7, ..LOOP };

/// A trunk looked at every 8 ms, on virtual time.
struct Rig {
    trunk: Fxo,
    out: Recorder,
    now: Tick,
}

impl Rig {
    fn new(line: &LineProfile) -> Rig {
        let mut out = Recorder::default();
        let trunk = Fxo::new(&CHINA, line, &mut out);
        let mut rig = Rig { trunk, out, now: Tick::ZERO };
        assert_eq!(rig.hold(100, QUIET), [LineEvent::InService(LineKind::Trunk)]);
        rig.out.take();
        rig
    }

    /// An idle trunk that was taken for a call out and has dialled.
    fn dialled(line: &LineProfile) -> Rig {
        let mut rig = Rig::new(line);
        rig.command(dial());
        rig.hold(500, LOOP);
        rig.hear(Detection::Tone(ToneKind::Dial));
        rig.hold(600, LOOP);
        assert_eq!(rig.hear(Detection::Sent), [LineEvent::Dialled]);
        rig
    }

    /// A trunk that was answered.
    fn answered(line: &LineProfile) -> Rig {
        let mut rig = Rig::new(line);
        assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
        assert_eq!(rig.command(LineCommand::Answer), [Did::Port(PortCommand::Hook(true))]);
        rig
    }

    /// The line shows this for so long.
    fn hold(&mut self, ms: u64, shown: Shown) -> Vec<LineEvent> {
        let Shown { ringing, volts, milliamps } = shown;
        for _ in 0..ms {
            self.now += Ticks(1);
            if self.now.0.is_multiple_of(8) {
                let condition = PortCondition::Fxo { ringing, volts, milliamps, off_hook: milliamps > 0 };
                self.trunk.handle_condition(self.now, condition, &mut self.out);
            }
            if self.trunk.due().is_some_and(|due| due <= self.now) {
                self.trunk.handle_time(self.now, &mut self.out);
            }
        }
        self.events()
    }

    fn hear(&mut self, heard: Detection) -> Vec<LineEvent> {
        self.trunk.handle_detection(self.now, heard, &mut self.out);
        self.events()
    }

    fn command(&mut self, command: LineCommand) -> Vec<Did> {
        self.trunk.handle_command(self.now, command, &mut self.out).expect("the line does it");
        self.out.take()
    }

    fn events(&mut self) -> Vec<LineEvent> {
        let did = self.out.did.iter();
        let events = did.filter_map(|did| if let Did::Event(event) = did { Some(*event) } else { None }).collect();
        self.out.did.retain(|did| !matches!(did, Did::Event(_)));
        events
    }
}

fn dial() -> LineCommand {
    LineCommand::Dial(Number::from("13800138000").unwrap())
}

fn caller() -> CallerId {
    CallerId { number: Number::from("01062345678").unwrap(), ..CallerId::default() }
}

#[test]
fn a_trunk_is_in_service_once_it_has_battery_and_not_before() {
    let mut out = Recorder::default();
    let mut rig = Rig { trunk: Fxo::new(&CHINA, &ORDINARY, &mut out), out, now: Tick::ZERO };
    assert_eq!(rig.hold(5000, OPEN), []);
    assert_eq!(rig.hold(100, QUIET), [LineEvent::InService(LineKind::Trunk)]);
}

#[test]
fn a_line_pulled_out_goes_out_of_service_and_comes_back() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.hold(900, OPEN), []);
    assert_eq!(rig.hold(200, OPEN), [LineEvent::OutOfService]);
    assert_eq!(rig.hold(200, QUIET), [LineEvent::InService(LineKind::Trunk)]);
}

#[test]
fn a_validated_ring_is_offered_before_its_first_burst_ends() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.hold(190, RINGING), []);
    assert_eq!(rig.hold(30, RINGING), [LineEvent::Offered]);
}

#[test]
fn a_ring_shorter_than_the_minimum_is_not_offered() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.hold(180, RINGING), []);
    assert_eq!(rig.hold(20_000, QUIET), []);
}

#[test]
fn ringing_is_one_call_however_long_and_ends_after_its_longest_silence() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
    for ring in 0..5 {
        assert_eq!(rig.hold(4000, QUIET), []);
        let nobody = LineEvent::CallerIdentity(CallerId::default());
        assert_eq!(rig.hold(1000, RINGING), if ring == 0 { vec![nobody] } else { vec![] });
    }
    assert_eq!(rig.hold(5900, QUIET), []);
    assert_eq!(rig.hold(200, QUIET), [LineEvent::RingingStopped]);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
}

#[test]
fn who_calls_is_listened_for_in_the_silence_and_told_once() {
    let mut rig = Rig::new(&ORDINARY);
    rig.hold(1000, RINGING);
    assert!(!rig.trunk.detectors().caller_id);
    rig.hold(200, QUIET);
    assert!(rig.trunk.detectors().caller_id);
    assert_eq!(rig.hear(Detection::CallerId(caller())), [LineEvent::CallerIdentity(caller())]);
    assert!(!rig.trunk.detectors().caller_id);
    assert_eq!(rig.hear(Detection::CallerId(caller())), []);
}

#[test]
fn an_offer_lost_to_a_seizure_leaves_the_line_to_its_caller() {
    let mut rig = Rig::new(&ORDINARY);
    rig.out.glare_on = vec![LineEvent::Offered];
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
    rig.out.glare_on.clear();
    assert_eq!(rig.command(dial()), [Did::Event(LineEvent::Failed(LineFailure::Glare))]);
    rig.hold(100, QUIET);
    assert_eq!(rig.command(LineCommand::Release), [Did::Event(LineEvent::Idle)]);
    assert_eq!(rig.hold(3900, QUIET), []);
    assert_eq!(rig.hold(300, RINGING), [LineEvent::Offered]);
}

#[test]
fn a_lost_offer_is_made_again_with_the_next_burst_if_no_command_comes() {
    let mut rig = Rig::new(&ORDINARY);
    rig.out.glare_on = vec![LineEvent::Offered];
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
    rig.out.glare_on.clear();
    assert_eq!(rig.hold(4000, QUIET), []);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
    assert_eq!(rig.hold(7000, QUIET), [LineEvent::RingingStopped]);
}

#[test]
fn a_line_that_has_just_begun_to_ring_is_not_seized() {
    let mut rig = Rig::new(&ORDINARY);
    rig.hold(50, RINGING);
    assert_eq!(rig.command(dial()), [Did::Event(LineEvent::Failed(LineFailure::Glare))]);
    assert_eq!(rig.hold(300, RINGING), []);
    assert_eq!(
        rig.command(LineCommand::Release),
        [Did::Event(LineEvent::Idle), Did::Event(LineEvent::Offered)],
        "it has been ringing all the while"
    );
}

#[test]
fn an_answer_that_comes_just_after_the_caller_gave_up_still_takes_the_line() {
    let mut rig = Rig::new(&ORDINARY);
    rig.hold(1000, RINGING);
    rig.out.glare_on = vec![LineEvent::RingingStopped];
    assert_eq!(rig.hold(7000, QUIET), [LineEvent::RingingStopped]);
    assert_eq!(rig.command(LineCommand::Answer), [Did::Port(PortCommand::Hook(true))]);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Dial)), []);
    assert_eq!(rig.hold(3100, LOOP), [LineEvent::Released(DisconnectSignal::Tone)], "dial tone that stands");
}

#[test]
fn busy_tone_releases_an_answered_trunk_and_the_line_rests_after_its_guard_time() {
    let mut rig = Rig::answered(&ORDINARY);
    assert!(rig.trunk.detectors().dtmf && rig.trunk.detectors().progress);
    assert_eq!(rig.hold(5000, LOOP), []);
    assert_eq!(rig.hear(Detection::Digit(Digit::new('1').unwrap())), [LineEvent::Digit(Digit::new('1').unwrap())]);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), [LineEvent::Released(DisconnectSignal::Tone)]);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), []);
    assert_eq!(rig.command(LineCommand::Release), [Did::Port(PortCommand::Hook(false))]);
    assert_eq!(rig.hold(1400, QUIET), []);
    assert_eq!(rig.hold(200, QUIET), [LineEvent::Idle]);
}

#[test]
fn a_loop_break_releases_and_a_shorter_one_does_not() {
    let mut rig = Rig::answered(&ORDINARY);
    rig.hold(1000, LOOP);
    assert_eq!(rig.hold(150, OPEN), []);
    assert_eq!(rig.hold(1000, LOOP), []);
    assert_eq!(rig.hold(300, OPEN), [LineEvent::Released(DisconnectSignal::LoopBreak)]);
}

#[test]
fn the_moment_after_lifting_is_no_loop_break() {
    let mut rig = Rig::answered(&ORDINARY);
    assert_eq!(rig.hold(350, OPEN), []);
    assert_eq!(rig.hold(1000, LOOP), []);
}

#[test]
fn a_call_out_waits_until_it_is_sure_of_dial_tone() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.command(dial()), [Did::Port(PortCommand::Hook(true))]);
    assert_eq!(rig.hold(2000, LOOP), []);
    assert_eq!(rig.hear(Detection::ToneBegun), []);
    rig.hold(700, LOOP);
    assert_eq!(rig.out.take(), [], "a burst of busy tone would begin so, too");
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Dial)), []);
    assert_eq!(rig.out.take(), [Did::SentDigits("13800138000".into())]);
    assert_eq!(rig.hear(Detection::Sent), [LineEvent::Dialled]);
}

#[test]
fn without_dial_tone_a_call_out_fails() {
    let mut rig = Rig::new(&ORDINARY);
    rig.command(dial());
    assert_eq!(rig.hold(4990, LOOP), []);
    assert_eq!(rig.hold(20, LOOP), [LineEvent::Failed(LineFailure::NoDialTone)]);
    assert_eq!(rig.command(LineCommand::Release), [Did::Port(PortCommand::Hook(false))]);
    assert_eq!(rig.hold(1600, QUIET), [LineEvent::Idle]);
}

#[test]
fn a_dead_line_fails_for_want_of_battery() {
    let mut rig = Rig::new(&ORDINARY);
    rig.command(dial());
    assert_eq!(rig.hold(1000, OPEN), [LineEvent::Failed(LineFailure::NoBattery)]);
    rig.command(LineCommand::Release);
    assert_eq!(rig.hold(1600, OPEN), [LineEvent::Idle, LineEvent::OutOfService]);
}

#[test]
fn busy_and_congestion_after_dialling_fail_the_call() {
    for (tone, failure) in [(ToneKind::Busy, LineFailure::Busy), (ToneKind::Congestion, LineFailure::Congestion)] {
        let mut rig = Rig::dialled(&ORDINARY);
        assert_eq!(rig.hear(Detection::Tone(tone)), [LineEvent::Failed(failure)]);
    }
}

#[test]
fn special_information_tones_fail_the_call_and_say_why() {
    for (sit, failure) in [
        (SpecialInformationTone::VacantCode, LineFailure::Unassigned),
        (SpecialInformationTone::Intercept, LineFailure::Intercepted),
        (SpecialInformationTone::Reorder, LineFailure::Congestion),
        (SpecialInformationTone::NoCircuit, LineFailure::Congestion),
        (SpecialInformationTone::Announcement, LineFailure::Announced),
    ] {
        let mut rig = Rig::dialled(&ORDINARY);
        assert_eq!(rig.hear(Detection::SpecialInformationTone(sit)), [LineEvent::Failed(failure)]);
    }
}

#[test]
fn an_answer_is_known_when_ringback_has_ended_for_long_enough() {
    let mut rig = Rig::dialled(&ORDINARY);
    rig.hold(1000, LOOP);
    rig.hear(Detection::Tone(ToneKind::Ringback));
    assert_eq!(rig.hold(30_000, LOOP), []);
    rig.hear(Detection::ToneEnded(ToneKind::Ringback));
    assert_eq!(rig.hold(2990, LOOP), []);
    assert_eq!(rig.hold(20, LOOP), [LineEvent::Answered]);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), [LineEvent::Released(DisconnectSignal::Tone)]);
}

#[test]
fn the_answer_tone_of_a_machine_is_an_answer_even_before_any_other_sign() {
    let mut rig = Rig::dialled(&ORDINARY);
    rig.hear(Detection::Tone(ToneKind::Ringback));
    let answered = [LineEvent::Answered, LineEvent::FaxModemTone(FaxModemTone::Answers)];
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::Answers)), answered);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::Answers)), []);
}

#[test]
fn a_machine_that_calls_the_called_party_is_no_answer() {
    let mut rig = Rig::dialled(&ORDINARY);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::FaxCalls)), []);
}

#[test]
fn a_machine_heard_after_the_answer_is_told_once() {
    let mut rig = Rig::answered(&ORDINARY);
    assert!(rig.trunk.detectors().machine);
    rig.hold(10_000, LOOP);
    assert_eq!(
        rig.hear(Detection::FaxModemTone(FaxModemTone::FaxCalls)),
        [LineEvent::FaxModemTone(FaxModemTone::FaxCalls)]
    );
    assert!(!rig.trunk.detectors().machine);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::Answers)), []);
}

#[test]
fn the_echo_of_a_machine_at_this_end_is_none_at_the_far_end() {
    let mut rig = Rig::answered(&ORDINARY);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::Answers)), []);
    assert_eq!(
        rig.hear(Detection::FaxModemTone(FaxModemTone::ModemCalls)),
        [LineEvent::FaxModemTone(FaxModemTone::ModemCalls)]
    );
    let mut rig = Rig::dialled(&REVERSING);
    assert_eq!(rig.hold(1000, REVERSED_LOOP), [LineEvent::Answered]);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::FaxCalls)), []);
    assert_eq!(
        rig.hear(Detection::FaxModemTone(FaxModemTone::Answers)),
        [LineEvent::FaxModemTone(FaxModemTone::Answers)]
    );
}

#[test]
fn a_machine_is_listened_for_no_longer_than_a_minute() {
    let mut rig = Rig::answered(&ORDINARY);
    rig.hold(59_900, LOOP);
    assert!(rig.trunk.detectors().machine);
    rig.hold(200, LOOP);
    assert!(!rig.trunk.detectors().machine);
    assert_eq!(rig.hear(Detection::FaxModemTone(FaxModemTone::FaxCalls)), []);
}

#[test]
fn busy_after_ringback_is_a_failure_and_no_answer() {
    let mut rig = Rig::dialled(&ORDINARY);
    rig.hear(Detection::Tone(ToneKind::Ringback));
    rig.hear(Detection::ToneEnded(ToneKind::Ringback));
    assert_eq!(rig.hold(2500, LOOP), []);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), [LineEvent::Failed(LineFailure::Busy)]);
}

#[test]
fn where_the_exchange_reverses_it_answers_and_releases_by_it() {
    let mut rig = Rig::dialled(&REVERSING);
    assert_eq!(rig.hold(60_000, LOOP), []);
    assert_eq!(rig.hold(50, REVERSED_LOOP), []);
    assert_eq!(rig.hold(1000, REVERSED_LOOP), [LineEvent::Answered]);
    assert_eq!(rig.hold(60_000, REVERSED_LOOP), []);
    assert_eq!(rig.hold(100, LOOP), [LineEvent::Released(DisconnectSignal::Polarity)]);
}

#[test]
fn a_command_that_does_not_fit_is_refused() {
    let mut rig = Rig::new(&ORDINARY);
    let refused = rig.trunk.handle_command(rig.now, LineCommand::Ring(None), &mut rig.out);
    assert_eq!(refused, Err(Refusal::WrongKind));
    rig.command(dial());
    let refused = rig.trunk.handle_command(rig.now, LineCommand::Answer, &mut rig.out);
    assert_eq!(refused, Err(Refusal::WrongState));
    let refused = rig.trunk.handle_command(rig.now, dial(), &mut rig.out);
    assert_eq!(refused, Err(Refusal::WrongState));
}

fn keys(rig: &mut Rig, keys: &str) -> Vec<LineEvent> {
    let mut events = Vec::new();
    for key in keys.chars() {
        events.extend(rig.hear(Detection::Digit(Digit::new(key).unwrap())));
        events.extend(rig.hold(140, QUIET));
    }
    events
}

#[test]
fn who_calls_by_keys_before_the_ring_is_told_with_the_offer() {
    let mut rig = Rig::new(&KEYED);
    assert!(rig.trunk.detectors().dtmf);
    assert_eq!(keys(&mut rig, "D01062345678C"), []);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered, LineEvent::CallerIdentity(caller())]);
    assert!(!rig.trunk.detectors().dtmf);
}

#[test]
fn who_called_long_ago_does_not_call_now() {
    let mut rig = Rig::new(&KEYED);
    keys(&mut rig, "D01062345678C");
    rig.hold(11_000, QUIET);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::Offered]);
}

#[test]
fn who_calls_by_keys_in_the_silence_is_told_where_the_other_kind_is_usual() {
    let mut rig = Rig::new(&ORDINARY);
    assert!(!rig.trunk.detectors().dtmf && !rig.trunk.detectors().caller_id, "an idle line costs nothing");
    rig.hold(1000, RINGING);
    rig.hold(500, QUIET);
    assert_eq!(keys(&mut rig, "A01062345678#"), [LineEvent::CallerIdentity(caller())]);
}

#[test]
fn with_two_votes_a_tone_that_comes_and_goes_is_no_release() {
    let mut rig = Rig::answered(&CAREFUL);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), []);
    rig.hold(1000, LOOP);
    rig.hear(Detection::ToneEnded(ToneKind::Busy));
    rig.hear(Detection::VoiceBegun);
    assert_eq!(rig.hold(60_000, LOOP), []);
    assert_eq!(rig.hear(Detection::Tone(ToneKind::Busy)), []);
    assert_eq!(rig.hold(3100, LOOP), [LineEvent::Released(DisconnectSignal::Tone)]);
}

#[test]
fn pulses_go_out_without_being_taken_for_a_loop_break() {
    const BY_PULSES: LineProfile = LineProfile { dial_by: DialBy::Pulses, ..ORDINARY };
    let mut rig = Rig::new(&BY_PULSES);
    rig.command(LineCommand::Dial(Number::from("90").unwrap()));
    rig.hold(1000, LOOP);
    rig.hear(Detection::Tone(ToneKind::Dial));
    // 9 pulses, a pause, 10 pulses, a pause; the module sees a break 20 ms late.
    let mut events = Vec::new();
    for _ in 0..400 {
        let closed = rig.out.did.last() != Some(&Did::Port(PortCommand::Hook(false)));
        events.extend(rig.hold(10, if closed { LOOP } else { OPEN }));
    }
    assert_eq!(events, [LineEvent::Dialled]);
    let breaks = rig.out.did.iter().filter(|did| **did == Did::Port(PortCommand::Hook(false))).count();
    assert_eq!(breaks, 19);
    assert_eq!(rig.out.did.last(), Some(&Did::Port(PortCommand::Hook(true))));
}

#[test]
fn keys_and_flashes_are_sent_in_a_call() {
    let mut rig = Rig::answered(&ORDINARY);
    rig.hold(1000, LOOP);
    let digits = LineCommand::SendDigits(Number::from("12#").unwrap());
    assert_eq!(rig.command(digits), [Did::SentDigits("12#".into())]);
    let refused = rig.trunk.handle_command(rig.now, digits, &mut rig.out);
    assert_eq!(refused, Err(Refusal::Sending), "one at a time");
    rig.hear(Detection::Sent);
    assert_eq!(rig.command(LineCommand::Flash), [Did::Port(PortCommand::Hook(false))]);
    assert_eq!(rig.hold(100, OPEN), []);
    assert_eq!(rig.out.take(), [Did::Port(PortCommand::Hook(true))]);
    assert_eq!(rig.hold(5000, LOOP), []);
    assert_eq!(rig.command(LineCommand::Release), [Did::Port(PortCommand::Hook(false))]);
}

const REVERSED: Shown = Shown { volts: -48, ..QUIET };

fn with_caller_id(kind: CallerIdKind, timing: CallerIdTiming) -> LineProfile {
    LineProfile { caller_id: Some(CallerIdService { kind, timing }), ..ORDINARY }
}

#[test]
fn who_calls_after_a_reversal_and_the_alerting_tone_comes_with_the_first_ring() {
    let timing = CallerIdTiming::BeforeFirstRing { reversal: true, alert: true };
    let mut rig = Rig::new(&with_caller_id(CallerIdKind::V23, timing));
    assert!(rig.trunk.detectors().alert && !rig.trunk.detectors().caller_id);
    rig.hold(200, REVERSED);
    assert!(rig.trunk.detectors().caller_id);
    assert_eq!(rig.hear(Detection::Alert), []);
    assert_eq!(rig.hear(Detection::CallerId(caller())), []);
    rig.hold(400, QUIET);
    assert_eq!(rig.hold(400, RINGING), [LineEvent::Offered, LineEvent::CallerIdentity(caller())]);
}

#[test]
fn who_calls_by_keys_after_a_reversal_is_told_and_keys_without_one_are_not_heard() {
    let timing = CallerIdTiming::BeforeFirstRing { reversal: true, alert: false };
    let mut rig = Rig::new(&with_caller_id(CallerIdKind::Dtmf { start: 'D', end: 'C' }, timing));
    assert!(!rig.trunk.detectors().dtmf && !rig.trunk.detectors().alert);
    rig.hold(200, REVERSED);
    assert!(rig.trunk.detectors().dtmf);
    assert_eq!(keys(&mut rig, "D01062345678C"), []);
    rig.hold(300, QUIET);
    assert_eq!(rig.hold(400, RINGING), [LineEvent::Offered, LineEvent::CallerIdentity(caller())]);
}

#[test]
fn a_ring_pulse_is_no_call_but_opens_the_ears() {
    let mut rig = Rig::new(&with_caller_id(CallerIdKind::V23, CallerIdTiming::AfterRingPulse));
    assert_eq!(rig.hold(250, RINGING), []);
    assert_eq!(rig.hold(200, QUIET), []);
    assert!(rig.trunk.detectors().caller_id);
    rig.hear(Detection::CallerId(caller()));
    rig.hold(400, QUIET);
    assert_eq!(rig.hold(500, RINGING), [LineEvent::Offered, LineEvent::CallerIdentity(caller())]);
    let mut rig = Rig::new(&with_caller_id(CallerIdKind::V23, CallerIdTiming::AfterRingPulse));
    rig.hold(250, RINGING);
    assert_eq!(rig.hold(60_000, QUIET), [], "a pulse that nothing follows is nothing");
    assert!(!rig.trunk.detectors().caller_id);
}

const NUMBER_DISPLAY: LineProfile = LineProfile {
    caller_id: Some(CallerIdService { kind: CallerIdKind::Ntt, timing: CallerIdTiming::AfterPrimaryAnswer }),
    ..ORDINARY
};

/// A trunk in Japan that has answered for the first time.
fn answered_first() -> Rig {
    let mut rig = Rig::new(&NUMBER_DISPLAY);
    rig.hold(200, REVERSED);
    assert_eq!(rig.hold(230, Shown { ringing: true, ..REVERSED }), []);
    assert_eq!(rig.out.take(), [Did::Port(PortCommand::Hook(true))]);
    rig
}

#[test]
fn in_japan_the_primary_answer_is_for_the_message_and_the_call_is_offered_after_it() {
    let mut rig = answered_first();
    assert!(rig.trunk.detectors().caller_id);
    assert_eq!(rig.hold(900, REVERSED_LOOP), []);
    assert_eq!(rig.hear(Detection::CallerId(caller())), []);
    assert_eq!(rig.out.take(), [Did::Port(PortCommand::Hook(false))]);
    rig.hold(400, QUIET);
    assert_eq!(rig.hold(500, RINGING), [LineEvent::Offered, LineEvent::CallerIdentity(caller())]);
    assert_eq!(rig.command(LineCommand::Answer), [Did::Port(PortCommand::Hook(true))]);
}

#[test]
fn a_message_that_does_not_come_leaves_a_line_that_rings_without_a_name() {
    let mut rig = answered_first();
    assert_eq!(rig.hold(4100, REVERSED_LOOP), []);
    assert_eq!(rig.out.take(), [Did::Port(PortCommand::Hook(false))]);
    // Still reversed: what rings now is the call itself.
    assert_eq!(rig.hold(500, Shown { ringing: true, ..REVERSED }), [LineEvent::Offered]);
}

#[test]
fn a_line_of_japan_that_rings_without_a_reversal_is_offered_at_once() {
    let mut rig = Rig::new(&NUMBER_DISPLAY);
    assert_eq!(rig.hold(500, RINGING), [LineEvent::Offered]);
}

#[test]
fn a_line_being_told_who_calls_is_not_taken_for_a_call_out() {
    let mut rig = answered_first();
    assert_eq!(
        rig.command(dial()),
        [Did::Port(PortCommand::Hook(false)), Did::Event(LineEvent::Failed(LineFailure::Glare))]
    );
    assert_eq!(rig.command(LineCommand::Release), [Did::Event(LineEvent::Idle)]);
    rig.hold(400, QUIET);
    assert_eq!(rig.hold(500, RINGING), [LineEvent::Offered]);
}

#[test]
fn a_second_ring_tells_that_nobody_will_be_told() {
    let mut rig = Rig::new(&ORDINARY);
    assert_eq!(rig.hold(400, RINGING), [LineEvent::Offered]);
    rig.hold(200, QUIET);
    assert_eq!(rig.hold(400, RINGING), [], "the other half of the same ring");
    rig.hold(4000, QUIET);
    assert_eq!(rig.hold(1000, RINGING), [LineEvent::CallerIdentity(CallerId::default())]);
    rig.hold(4000, QUIET);
    assert_eq!(rig.hold(1000, RINGING), [], "once");
}

#[test]
fn a_reversal_that_returns_within_its_guard_releases_when_that_is_over() {
    let mut rig = Rig::dialled(&REVERSING);
    rig.hold(500, LOOP);
    assert_eq!(rig.hold(100, REVERSED_LOOP), [LineEvent::Answered]);
    assert_eq!(rig.hold(300, LOOP), []);
    assert_eq!(rig.hold(400, LOOP), [LineEvent::Released(DisconnectSignal::Polarity)]);
}

#[test]
fn a_reversal_that_goes_with_our_own_answer_is_no_release_and_its_return_is() {
    let mut rig = Rig::answered(&REVERSING);
    assert_eq!(rig.hold(5000, REVERSED_LOOP), []);
    assert_eq!(rig.hold(100, LOOP), [LineEvent::Released(DisconnectSignal::Polarity)]);
}

#[test]
fn dial_tone_after_a_flash_is_no_release() {
    let mut rig = Rig::answered(&ORDINARY);
    rig.hold(1000, LOOP);
    rig.command(LineCommand::Flash);
    rig.hold(1000, LOOP);
    rig.hear(Detection::Tone(ToneKind::Dial));
    assert_eq!(rig.hold(10_000, LOOP), []);
}

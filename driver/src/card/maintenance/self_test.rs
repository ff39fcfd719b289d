//! The self test of a module in service whose line is at rest.
//!
//! | step | what is done | which modules |
//! |---|---|---|
//! | registers | twelve values are written to a register and read back | FXS, FXO |
//! | sound | the chip sends back what is played to it, octet for octet, for 100 ms | FXS, FXO |
//! | supply | the supply behind the line is measured | FXS |
//!
//! One module of a card is tested at a time. What is heard from it meanwhile is silence for all others. A call that
//! comes, or a command to the line, ends the test before its end.
//!
//! Never: seizes or rings a line, or leaves a chip in its loopback.

use core::fmt;

use super::TestReport;
use crate::card::module_test::{ModuleTest, Outcome};
use crate::card::{Card, CardState, Frame, Law, PortCondition, PortKind};
use crate::ids::{PortId, TaskId};
use crate::time::SAMPLES_PER_TICK;

/// Length of the comparison, in samples; and of what goes before it, until the loopback is filled.
const COMPARED: u32 = 800;
const FILL: u32 = 128;
/// The most samples by which a chip sends sound back later than it was played.
const DELAY_MAX: usize = 64;
/// The part of the samples that may differ: a tick that was served late breaks the comparison.
const WRONG_MAX: u32 = COMPARED / 100;
/// Services until a module must have answered.
const ANSWER_MAX: u32 = 1000;
/// The least supply of an FXS module, in volts: below, its power cable is missing.
const SUPPLY_VOLTS: f32 = 20.0;

/// Result of a module's test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TestResult {
    /// All steps passed.
    Passed,
    /// The line came into use before the end.
    InUse,
    /// No module is in service in the port, or it went out of service.
    OutOfService,
    /// The module does not answer.
    Silent,
    /// A register does not hold what is written to it.
    Register {
        /// The register.
        register: u8,
        /// The value written.
        wrote: u8,
        /// The value read.
        read: u8,
    },
    /// Sound does not come back as it was played.
    Sound {
        /// Samples that differ, of 800.
        wrong: u32,
    },
    /// The supply is too low.
    Supply {
        /// The measured supply, in volts.
        volts: f32,
    },
}

impl fmt::Display for TestResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TestResult::Passed => f.write_str("passed"),
            TestResult::InUse => f.write_str("the line came into use; test it again when it is at rest"),
            TestResult::OutOfService => f.write_str("no module is in service"),
            TestResult::Silent => f.write_str("the module does not answer; reseat it, with the computer off"),
            TestResult::Register { register, wrote, read } => write!(
                f,
                "register {register} reads {read:#04x} after {wrote:#04x} was written; reseat the module, with the \
                 computer off"
            ),
            TestResult::Sound { wrong } => write!(
                f,
                "{wrong} of {COMPARED} samples did not come back as they were played; reseat the card and the module"
            ),
            TestResult::Supply { volts } => {
                write!(f, "the supply is only {volts:.0} V; is the power cable plugged into the card?")
            }
        }
    }
}

/// A step of the test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Registers,
    LoopOn,
    Sound,
    LoopOff,
    Supply,
}

impl Step {
    /// The module test that belongs to it.
    const fn module_test(self) -> Option<ModuleTest> {
        match self {
            Step::Registers => Some(ModuleTest::RegisterWalk),
            Step::LoopOn => Some(ModuleTest::LoopbackOn),
            Step::Sound => None,
            Step::LoopOff => Some(ModuleTest::LoopbackOff),
            Step::Supply => Some(ModuleTest::Measure),
        }
    }
}

/// A test under way.
#[derive(Debug, Clone, Copy)]
struct Test {
    task: TaskId,
    port: PortId,
    step: Step,
    asked: bool,
    services: u32,
    /// The sound step's finding, until the loopback is off.
    sound: TestResult,
}

/// The tests of a card: at most one a port waits or is under way.
#[derive(Debug)]
pub(crate) struct SelfTests {
    law: Law,
    waiting: Box<[Option<TaskId>]>,
    test: Option<Test>,
    done: Box<[Option<TestReport>]>,
    /// Sound given to the card in place of the engine's.
    sent: Box<[Frame]>,
    loopback: Loopback,
}

impl SelfTests {
    /// No tests yet.
    pub(crate) fn new(ports: usize, law: Law) -> SelfTests {
        SelfTests {
            law,
            waiting: vec![None; ports].into(),
            test: None,
            done: vec![None; ports].into(),
            sent: vec![[law.idle(); SAMPLES_PER_TICK]; ports].into(),
            loopback: Loopback::default(),
        }
    }

    /// Asks for the test of a port.
    pub(crate) fn ask(&mut self, task: TaskId, port: PortId) {
        if let Some(waiting) = self.waiting.get_mut(usize::from(port.0)) {
            *waiting = Some(task);
        }
    }

    /// Ends the tests of a task without a report.
    pub(crate) fn end(&mut self, task: TaskId, card: &mut dyn Card) {
        self.waiting.iter_mut().filter(|waiting| **waiting == Some(task)).for_each(|waiting| *waiting = None);
        self.done
            .iter_mut()
            .filter(|done| done.is_some_and(|report| report.task == task))
            .for_each(|done| *done = None);
        if let Some(test) = self.test.filter(|test| test.task == task) {
            card.module_test(test.port, ModuleTest::LoopbackOff);
            self.test = None;
        }
    }

    /// The next result.
    pub(crate) fn poll(&mut self) -> Option<TestReport> {
        self.done.iter_mut().find_map(Option::take)
    }

    /// The card failed: nothing of it is in service.
    pub(crate) fn card_failed(&mut self) {
        if self.test.is_some() {
            self.finish(TestResult::OutOfService);
        }
    }

    /// A command is about to be given to a line: its test gives way.
    pub(crate) fn line_used(&mut self, port: PortId, card: &mut dyn Card) {
        self.abandon(port, TestResult::InUse, card);
    }

    /// Takes a port condition: a line that comes into use, or goes out of service, ends its test.
    pub(crate) fn condition(&mut self, port: PortId, condition: PortCondition, card: &mut dyn Card) {
        match condition {
            PortCondition::Fxs { loop_closed: true, .. } | PortCondition::Fxo { ringing: true, .. } => {
                self.abandon(port, TestResult::InUse, card);
            }
            PortCondition::Service(_) => self.abandon(port, TestResult::OutOfService, card),
            PortCondition::Fxs { .. } | PortCondition::Fxo { .. } => {}
        }
    }

    fn abandon(&mut self, port: PortId, result: TestResult, card: &mut dyn Card) {
        if self.test.is_some_and(|test| test.port == port) {
            card.module_test(port, ModuleTest::LoopbackOff);
            self.finish(result);
        }
    }

    fn finish(&mut self, result: TestResult) {
        if let Some(Test { task, port, .. }) = self.test.take() {
            self.done[usize::from(port.0)] = Some(TestReport { task, port, result });
        }
    }

    /// One service of the card.
    pub(crate) fn step(&mut self, card: &mut dyn Card) {
        if self.test.is_none() {
            self.next(card);
        }
        let Some(test) = &mut self.test else { return };
        let Some(module_test) = test.step.module_test() else {
            test.services += 1;
            let late = test.services > ANSWER_MAX;
            if late || self.loopback.is_over() {
                test.sound = self.loopback.result();
                self.enter(Step::LoopOff);
            }
            return;
        };
        if !test.asked {
            test.asked = true;
            card.module_test(test.port, module_test);
            return;
        }
        test.services += 1;
        let (port, step, late) = (test.port, test.step, test.services > ANSWER_MAX);
        match card.poll_outcome(port) {
            None if late => {
                card.module_test(port, ModuleTest::LoopbackOff);
                self.finish(TestResult::Silent);
            }
            None => {}
            Some(outcome) => self.answered(step, outcome, card.kind(port)),
        }
    }

    /// Begins the next test that waits.
    fn next(&mut self, card: &mut dyn Card) {
        let Some(at) = self.waiting.iter().position(Option::is_some) else { return };
        let Some(task) = self.waiting[at].take() else { return };
        let port = PortId(at as u8);
        self.test =
            Some(Test { task, port, step: Step::Registers, asked: false, services: 0, sound: TestResult::Silent });
        let in_service = card.state() == CardState::Running && matches!(card.kind(port), PortKind::Fxs | PortKind::Fxo);
        if !in_service {
            self.finish(TestResult::OutOfService);
        }
    }

    fn enter(&mut self, step: Step) {
        if let Some(test) = &mut self.test {
            (test.step, test.asked, test.services) = (step, false, 0);
        }
    }

    fn answered(&mut self, step: Step, outcome: Outcome, kind: PortKind) {
        let sound = self.test.map_or(TestResult::Silent, |test| test.sound);
        match (step, outcome) {
            (Step::Registers, Outcome::Passed) => self.enter(Step::LoopOn),
            (Step::LoopOn, Outcome::Passed) => {
                self.loopback = Loopback::default();
                self.enter(Step::Sound);
            }
            (Step::LoopOff, Outcome::Passed) if sound == TestResult::Passed && kind == PortKind::Fxs => {
                self.enter(Step::Supply);
            }
            (Step::LoopOff, Outcome::Passed) => self.finish(sound),
            (Step::Supply, Outcome::Measured { battery_volts, .. }) if battery_volts < SUPPLY_VOLTS => {
                self.finish(TestResult::Supply { volts: battery_volts });
            }
            (Step::Supply, Outcome::Measured { .. }) => self.finish(TestResult::Passed),
            (_, Outcome::Mismatch { register, wrote, read }) => {
                self.finish(TestResult::Register { register, wrote, read });
            }
            (_, Outcome::Passed | Outcome::Measured { .. } | Outcome::NotPossible) => self.finish(TestResult::Silent),
        }
    }

    /// Sound that the card is to play: the engine's, but the test's on the port under test.
    pub(crate) fn sound_for<'a>(&'a mut self, transmit: &'a [Frame]) -> &'a [Frame] {
        let Some(test) = self.test.filter(|test| test.step == Step::Sound) else { return transmit };
        self.sent.copy_from_slice(transmit);
        self.sent[usize::from(test.port.0)] = self.loopback.next();
        &self.sent
    }

    /// Takes what came back, and leaves silence in its place.
    pub(crate) fn hear(&mut self, received: &mut [Frame], played: &mut [Frame]) {
        let Some(test) = self.test.filter(|test| matches!(test.step, Step::LoopOn | Step::Sound | Step::LoopOff))
        else {
            return;
        };
        let at = usize::from(test.port.0);
        if test.step == Step::Sound {
            self.loopback.compare(&received[at], &played[at]);
        }
        received[at] = [self.law.idle(); SAMPLES_PER_TICK];
        played[at] = [self.law.idle(); SAMPLES_PER_TICK];
    }
}

/// The comparison of what was played with what came back, for every delay at once.
#[derive(Debug, Clone, Copy)]
struct Loopback {
    /// Samples made.
    made: u64,
    /// Samples heard.
    heard: u32,
    /// The last samples that were played, newest first.
    played: [u8; DELAY_MAX],
    /// Of each delay, the samples that came back right.
    right: [u32; DELAY_MAX],
}

impl Default for Loopback {
    fn default() -> Loopback {
        Loopback { made: 0, heard: 0, played: [0; DELAY_MAX], right: [0; DELAY_MAX] }
    }
}

impl Loopback {
    /// The next tick of a pattern that does not repeat within the comparison.
    fn next(&mut self) -> Frame {
        core::array::from_fn(|_| {
            self.made += 1;
            (self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8
        })
    }

    fn compare(&mut self, received: &Frame, played: &Frame) {
        for (received, played) in received.iter().zip(played) {
            self.played.copy_within(..DELAY_MAX - 1, 1);
            self.played[0] = *played;
            self.heard += 1;
            if self.heard <= FILL || self.is_over() {
                continue;
            }
            for (right, played) in self.right.iter_mut().zip(&self.played) {
                *right += u32::from(played == received);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.heard > FILL + COMPARED
    }

    fn result(&self) -> TestResult {
        let right = self.right.iter().copied().max().unwrap_or(0);
        match COMPARED.saturating_sub(right) {
            wrong if wrong <= WRONG_MAX => TestResult::Passed,
            wrong => TestResult::Sound { wrong },
        }
    }
}

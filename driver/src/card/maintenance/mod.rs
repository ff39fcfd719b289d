//! Maintenance of a card in service: self tests of its modules, and traces of what goes in and out of it.
//!
//! A [`Maintained`] card stands between the engine and the card itself and is a [`Card`] like any other. Its
//! [`Maintenance`] belongs to another thread; requests, reports and trace records pass through bounded rings.
//!
//! | file | what it holds |
//! |---|---|
//! | `self_test` | the steps of a module's test, and its results |
//! | `trace` | the record of a trace, its place in a file, and the tap that makes records |
//! | `replay` | a card that says again what a trace has |
//!
//! Never: waits, allocates or does I/O on the media thread.

mod replay;
mod self_test;
mod trace;

use core::fmt;

pub use self::replay::{Replay, ReplayClock};
use self::self_test::SelfTests;
pub use self::self_test::TestResult;
use self::trace::Tap;
pub use self::trace::{Entry, Header, NoTrace, Record};
use super::module_test::{ModuleTest, Outcome};
use super::{Card, CardCounters, CardError, CardState, Frame, Law, PortCommand, PortCondition, PortKind};
use crate::ids::{PortId, TaskId};
use crate::spsc::{Consumer, Full, Producer, queue, queue_with_reserve};

/// Requests and reports that wait.
const REQUESTS: usize = 64;
/// Records that wait for their file: a second of four ports that all sound; and those kept back for its end.
const RECORDS: usize = 4096;
const RECORDS_RESERVE: usize = 8;

/// Request of maintenance to a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MaintenanceRequest {
    /// Tests the module of a port, for a task.
    Test(TaskId, PortId),
    /// Ends the tests of a task.
    EndTests(TaskId),
    /// Begins a trace.
    Trace,
    /// Ends the trace.
    EndTrace,
}

/// Result of the test of one port.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestReport {
    /// The task for which the port was tested.
    pub task: TaskId,
    /// The port.
    pub port: PortId,
    /// The result.
    pub result: TestResult,
}

/// The end of a maintained card for another thread.
#[derive(Debug)]
pub struct Maintenance {
    requests: Producer<MaintenanceRequest>,
    reports: Consumer<TestReport>,
}

/// Places of the requests' ring that are kept for the ends of a test and of a trace.
const ENDS: usize = 4;

impl Maintenance {
    /// Number of further tests and traces that are sure to be taken, with a place left for the end of each.
    pub fn room(&mut self) -> usize {
        self.requests.room().saturating_sub(ENDS)
    }

    /// Has the module of a port tested; a [`TestReport`] follows.
    ///
    /// # Errors
    /// [`Full`] when too many requests wait.
    pub fn test(&mut self, task: TaskId, port: PortId) -> Result<(), Full> {
        self.requests.push(MaintenanceRequest::Test(task, port))
    }

    /// Ends the tests of a task; no report follows.
    ///
    /// # Errors
    /// [`Full`] when too many requests wait.
    pub fn end_tests(&mut self, task: TaskId) -> Result<(), Full> {
        self.requests.push(MaintenanceRequest::EndTests(task))
    }

    /// Begins a trace: records follow, from the present condition of each port on.
    ///
    /// # Errors
    /// [`Full`] when too many requests wait.
    pub fn begin_trace(&mut self) -> Result<(), Full> {
        self.requests.push(MaintenanceRequest::Trace)
    }

    /// Ends a trace: the last record is [`trace::Entry::End`].
    ///
    /// # Errors
    /// [`Full`] when too many requests wait.
    pub fn end_trace(&mut self) -> Result<(), Full> {
        self.requests.push(MaintenanceRequest::EndTrace)
    }

    /// The next result of a test.
    pub fn poll(&mut self) -> Option<TestReport> {
        self.reports.pop()
    }
}

/// A card under maintenance.
pub struct Maintained {
    card: Box<dyn Card>,
    requests: Consumer<MaintenanceRequest>,
    reports: Producer<TestReport>,
    tests: SelfTests,
    tap: Tap,
}

impl Maintained {
    /// A card, its maintenance, and the records of its traces.
    pub fn new(card: Box<dyn Card>) -> (Maintained, Maintenance, Consumer<Record>) {
        let (requests_in, requests) = queue(REQUESTS);
        let (reports, reports_out) = queue(REQUESTS);
        let (records, records_out) = queue_with_reserve(RECORDS, RECORDS_RESERVE);
        let (ports, law) = (card.ports(), card.law());
        let card = Maintained {
            requests,
            reports,
            tests: SelfTests::new(ports, law),
            tap: Tap::new(ports, law, records),
            card,
        };
        (card, Maintenance { requests: requests_in, reports: reports_out }, records_out)
    }

    fn handle_requests(&mut self) {
        while let Some(request) = self.requests.pop() {
            match request {
                MaintenanceRequest::Test(task, port) => self.tests.ask(task, port),
                MaintenanceRequest::EndTests(task) => self.tests.end(task, self.card.as_mut()),
                MaintenanceRequest::Trace => self.tap.begin(),
                MaintenanceRequest::EndTrace => self.tap.end(),
            }
        }
    }

    fn report_tests(&mut self) {
        while let Some(report) = self.tests.poll() {
            // As many reports fit as requests: one that finds no room has no reader any more.
            let _ = self.reports.push(report);
        }
    }
}

impl Card for Maintained {
    fn ports(&self) -> usize {
        self.card.ports()
    }

    fn law(&self) -> Law {
        self.card.law()
    }

    fn state(&self) -> CardState {
        self.card.state()
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.card.kind(port)
    }

    fn fault(&self, port: PortId) -> Option<&dyn fmt::Display> {
        self.card.fault(port)
    }

    fn glue_version(&self) -> Option<u8> {
        self.card.glue_version()
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        let was_running = self.card.state() == CardState::Running;
        let polled = self.card.poll();
        let is_running = self.card.state() == CardState::Running;
        if polled.is_err() {
            self.tests.card_failed();
        }
        self.handle_requests();
        self.tests.step(self.card.as_mut());
        self.report_tests();
        match (was_running, is_running) {
            (true, false) => self.tap.card_failed(),
            // A card that does not run has a tick in each service: the engine steps without it.
            (false, false) => self.tap.idle_tick(),
            (_, true) => {}
        }
        polled
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        let transmit = self.tests.sound_for(transmit);
        self.card.exchange(received, played, transmit);
        self.tests.hear(received, played);
        self.tap.tick(received, played);
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        let (port, condition) = self.card.poll_condition()?;
        self.tests.condition(port, condition, self.card.as_mut());
        self.tap.condition(port, condition);
        Some((port, condition))
    }

    fn command(&mut self, port: PortId, command: PortCommand) {
        self.tests.line_used(port, self.card.as_mut());
        self.tap.command(port, command);
        self.card.command(port, command);
    }

    fn module_test(&mut self, port: PortId, module_test: ModuleTest) {
        self.card.module_test(port, module_test);
    }

    fn poll_outcome(&mut self, port: PortId) -> Option<Outcome> {
        self.card.poll_outcome(port)
    }

    fn counters(&self) -> CardCounters {
        self.card.counters()
    }

    fn stop(&mut self) {
        self.tap.end();
        self.card.stop();
    }
}

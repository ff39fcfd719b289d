//! Operations on a card as a whole: self tests of its modules, and traces.
//!
//! Never: touches a line that is in use.

use std::ops::Range;
use std::path::Path;

use tipring_core::channel::State;
use tipring_driver::card::maintenance::{Maintenance, TestReport, TestResult};
use tipring_driver::ids::{PortId, TaskId};

use super::Machine;
use super::event::state_name;
use super::op::{Op, OpKind, Place};
use crate::abi::number;
use crate::failure::{Outcome, fail};
use crate::traces::Traces;

/// Services between two looks at a test that runs, in ms.
const TEST_POLL_MS: u64 = 5;

/// A card of the context: the end of its maintenance, and the operations on it.
#[derive(Debug)]
pub struct CardOps {
    /// None for a trace that is replayed: it has no modules to be tested.
    pub maintenance: Option<Maintenance>,
    /// Its ports, counted over all cards.
    pub ports: Range<usize>,
    /// Operations at work, one of a kind.
    pub(super) ops: [Option<u64>; 2],
    /// Ports that have yet to be reported by the test under way.
    untested: usize,
}

impl CardOps {
    /// A card without operations.
    pub fn new(maintenance: Option<Maintenance>, ports: Range<usize>) -> CardOps {
        CardOps { maintenance, ports, ops: [None; 2], untested: 0 }
    }
}

impl Machine {
    fn maintenance(&mut self, card: usize) -> Outcome<&mut Maintenance> {
        let Some(card) = self.cards.get_mut(card) else { fail!(E_ARGUMENT, "There is no card {card}") };
        match &mut card.maintenance {
            Some(maintenance) => Ok(maintenance),
            None => fail!(E_UNSUPPORTED, "A trace that is replayed has no modules to be tested or traced"),
        }
    }

    fn is_free(&self, card: usize, kind: OpKind) -> Outcome<()> {
        if self.cards[card].ops[kind.slot()].is_some() {
            fail!(E_BUSY, "An operation of this kind is at work on the card; stop it and wait for its end first");
        }
        self.room_for_completion()
    }

    fn enter_card(&mut self, card: usize, kind: OpKind, task: TaskId) -> Outcome<u64> {
        let op = Op::new(Place::Card(card), kind, self.now_ms, Some(task));
        let Some(handle) = self.ops.insert(op) else { fail!(E_INTERNAL, "An operation that was counted has no slot") };
        self.tasks.insert(task.0, handle);
        self.cards[card].ops[kind.slot()] = Some(handle);
        Ok(handle)
    }

    /// Tests the module of one port of a card, or of each.
    ///
    /// # Errors
    /// `E_ARGUMENT` for no such card or port, `E_STATE` for a line in use or no module in service, `E_BUSY`,
    /// `E_RESOURCE`, `E_UNSUPPORTED`.
    pub fn self_test(&mut self, card: usize, port: Option<usize>) -> Outcome<u64> {
        self.maintenance(card)?;
        self.is_free(card, OpKind::SelfTest)?;
        let all = self.cards[card].ports.clone();
        let wanted = match port {
            None => all.clone(),
            Some(port) if port < all.len() => all.start + port..all.start + port + 1,
            Some(port) => fail!(E_ARGUMENT, "Card {card} has no port {port}"),
        };
        let mut ports = Vec::new();
        for at in wanted {
            match self.table.read(Machine::id(at)).state {
                State::Idle => ports.push(at - all.start),
                State::OutOfService if port.is_none() => {}
                State::OutOfService => fail!(E_STATE, "No module is in service in port {}", at - all.start),
                state => {
                    let (port, state) = (at - all.start, state_name(state));
                    fail!(E_STATE, "The line at port {port} is {state}; a test needs it at rest")
                }
            }
        }
        if ports.is_empty() {
            fail!(E_STATE, "No module of card {card} is in service");
        }
        let task = self.next_task();
        let count = ports.len();
        let maintenance = self.maintenance(card)?;
        if maintenance.room() <= count {
            fail!(E_RESOURCE, "Too many commands are under way; try again in a millisecond");
        }
        for port in ports {
            let _ = maintenance.test(task, PortId(port as u8));
        }
        self.cards[card].untested = count;
        self.enter_card(card, OpKind::SelfTest, task)
    }

    /// Writes what goes in and out of a card into a file, until it is stopped.
    ///
    /// # Errors
    /// `E_ARGUMENT` for no such card, `E_IO` for a file that exists or cannot be made, `E_BUSY`, `E_RESOURCE`,
    /// `E_UNSUPPORTED`.
    pub fn trace(&mut self, card: usize, path: &Path, traces: &Traces) -> Outcome<u64> {
        self.maintenance(card)?;
        self.is_free(card, OpKind::Trace)?;
        let task = self.next_task();
        let maintenance = self.maintenance(card)?;
        if maintenance.room() == 0 {
            fail!(E_RESOURCE, "Too many commands are under way; try again in a millisecond");
        }
        traces.begin(card, task, path)?;
        let _ = maintenance.begin_trace();
        self.enter_card(card, OpKind::Trace, task)
    }

    /// Takes the results of tests.
    pub fn poll_cards(&mut self) {
        for card in 0..self.cards.len() {
            while let Some(report) = self.cards[card].maintenance.as_mut().and_then(Maintenance::poll) {
                self.tested(card, report);
            }
        }
    }

    fn tested(&mut self, card: usize, TestReport { task, port, result }: TestReport) {
        let Some(&handle) = self.tasks.get(&task.0) else { return };
        let state = &mut self.cards[card];
        state.untested = state.untested.saturating_sub(1);
        let last = state.untested == 0;
        let Some(op) = self.ops.get_mut(handle) else { return };
        let reason = match result {
            TestResult::Passed => number::REASON_END,
            TestResult::InUse => number::REASON_IN_USE,
            _ => number::REASON_FAILED,
        };
        op.met |= 1 << reason;
        // A module that failed outranks one that was not tested to the end, and that one those that passed.
        let outranks = op.worst.is_none_or(|worst| rank(reason) > rank(worst));
        if outranks {
            op.worst = Some(reason);
            op.failure =
                if reason == number::REASON_END { String::new() } else { format!("Port {}: {result}", port.0) };
        }
        if last {
            let worst = op.worst.unwrap_or(reason);
            self.end(handle, worst, number::CAUSE_NORMAL);
        }
    }

    /// Ends the operations on all cards.
    pub(super) fn close_cards(&mut self) {
        let ops: Vec<u64> = self.cards.iter().flat_map(|card| card.ops).flatten().collect();
        for op in ops {
            self.end(op, number::REASON_STOPPED, number::CAUSE_NORMAL);
        }
    }

    /// Returns true while an operation is at work on a card.
    pub fn is_card_busy(&self) -> bool {
        self.cards.iter().any(|card| card.ops.iter().any(Option::is_some))
    }

    /// The next poll of a test that runs, in ms.
    pub(super) fn next_test_poll_ms(&self) -> Option<u64> {
        let tests = self.cards.iter().any(|card| card.ops[OpKind::SelfTest.slot()].is_some());
        tests.then_some(self.now_ms + TEST_POLL_MS)
    }

    /// An operation on a card comes to its end: a test at once, a trace when its file is whole.
    pub(super) fn end_card_op(&mut self, handle: u64, card: usize, kind: OpKind, task: Option<TaskId>) {
        let Some(maintenance) = &mut self.cards[card].maintenance else { return self.finish(handle) };
        // The places of these two are set aside: see Maintenance::room.
        if kind == OpKind::Trace {
            let _ = maintenance.end_trace();
            return;
        }
        if let Some(task) = task {
            let _ = maintenance.end_tests(task);
        }
        self.finish(handle);
    }
}

const fn rank(reason: u32) -> u32 {
    match reason {
        number::REASON_FAILED => 2,
        number::REASON_IN_USE => 1,
        _ => 0,
    }
}

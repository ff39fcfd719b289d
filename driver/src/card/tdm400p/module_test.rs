//! Tests of a module in service: a walk over one of its registers, and sound sent back by the chip itself.
//!
//! The registers walked over have no effect in service: cadence timers of an FXS chip that are not enabled, a threshold
//! of an FXO chip whose interrupt is not. They get back what they held.
//!
//! Never: disturbs a call. A walk is one write and one read a service.

use super::daa::registers as daa;
use super::proslic::bits;
use super::proslic::registers::{LOOP_CURRENT_MAGNITUDE, MILLIAMPS_PER_STEP, Register, VOLTS_PER_STEP};
use super::spi::{ReadSlot, Socket, Transaction};
use crate::card::PortKind;
use crate::card::module_test::{ModuleTest, Outcome};

/// The module register that is walked over, and its content otherwise.
const FXS_REGISTER: (u8, u8) = (Register::RingingActiveLow as u8, bits::RINGING_ACTIVE as u8);
/// The register of an FXO chip that is walked over, and its content otherwise.
const FXO_REGISTER: (u8, u8) = (daa::Register::CurrentThreshold as u8, 0);

/// All zeros and ones, alternating bits, and each bit alone.
const PATTERNS: [u8; 12] = [0x00, 0xff, 0x55, 0xaa, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80];

/// A module test under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct RunningTest {
    socket: Socket,
    kind: PortKind,
    module_test: ModuleTest,
    /// Number of patterns tried.
    at: usize,
    answers: [Option<ReadSlot>; 2],
}

impl RunningTest {
    /// A test of the module in `socket`, or that it cannot be done.
    pub(super) fn new(socket: Socket, kind: PortKind, module_test: ModuleTest) -> Result<RunningTest, Outcome> {
        let possible = match (kind, module_test) {
            (PortKind::Fxs, _) => true,
            (PortKind::Fxo, ModuleTest::RegisterWalk | ModuleTest::LoopbackOn | ModuleTest::LoopbackOff) => true,
            (PortKind::Fxo, ModuleTest::AnalogLoopbackOn | ModuleTest::Measure) => false,
            (PortKind::Absent | PortKind::Broken, _) => false,
        };
        if possible {
            Ok(RunningTest { socket, kind, module_test, at: 0, answers: [None; 2] })
        } else {
            Err(Outcome::NotPossible)
        }
    }

    /// Plans the accesses of one service.
    pub(super) fn plan(&mut self, transaction: &mut Transaction) {
        match self.module_test {
            ModuleTest::LoopbackOn => self.loop_back(transaction, bits::DIGITAL_LOOPBACK),
            ModuleTest::AnalogLoopbackOn => self.loop_back(transaction, bits::ANALOG_LOOPBACK),
            ModuleTest::LoopbackOff => self.loop_back(transaction, bits::LOOPBACK_OFF),
            ModuleTest::RegisterWalk => {
                let (register, usual) = self.register();
                self.write(transaction, register, PATTERNS.get(self.at).copied().unwrap_or(usual));
                self.answers[0] = Some(self.read(transaction, register));
            }
            ModuleTest::Measure => {
                self.answers = [Register::BatteryVoltage, Register::LoopCurrent]
                    .map(|register| Some(self.read(transaction, register as u8)));
            }
        }
    }

    /// Takes the answers of one service. Gives the outcome at the end.
    pub(super) fn handle(&mut self, transaction: &Transaction) -> Option<Outcome> {
        let answer = match self.answers {
            [None, _] => return Some(Outcome::Passed),
            [Some(answer), None] => answer,
            [Some(battery), Some(current)] => {
                let steps = |answer| transaction.module_octet(answer);
                return Some(Outcome::Measured {
                    battery_volts: f32::from(steps(battery)) * VOLTS_PER_STEP,
                    loop_milliamps: f32::from(steps(current) & LOOP_CURRENT_MAGNITUDE) * MILLIAMPS_PER_STEP,
                });
            }
        };
        let (register, usual) = self.register();
        let wrote = PATTERNS.get(self.at).copied().unwrap_or(usual);
        let read = transaction.module_octet(answer);
        if read != wrote {
            return Some(Outcome::Mismatch { register, wrote, read });
        }
        self.at += 1;
        (self.at > PATTERNS.len()).then_some(Outcome::Passed)
    }

    /// Sets the loopback of either kind of chip; `fxs` is what an FXS chip's register is to hold.
    fn loop_back(&self, transaction: &mut Transaction, fxs: u8) {
        match self.kind {
            PortKind::Fxo => {
                let loopback = if fxs == bits::LOOPBACK_OFF { daa::LOOPBACK_OFF } else { daa::DATA_LOOPBACK };
                self.write(transaction, daa::Register::DaaControl3 as u8, loopback);
            }
            PortKind::Fxs | PortKind::Absent | PortKind::Broken => {
                self.write(transaction, Register::Loopback as u8, fxs);
            }
        }
    }

    fn register(&self) -> (u8, u8) {
        if self.kind == PortKind::Fxo { FXO_REGISTER } else { FXS_REGISTER }
    }

    fn write(&self, transaction: &mut Transaction, register: u8, value: u8) {
        if self.kind == PortKind::Fxo {
            transaction.daa_write(self.socket, register, value);
        } else {
            transaction.proslic_write(self.socket, register, value);
        }
    }

    fn read(&self, transaction: &mut Transaction, register: u8) -> ReadSlot {
        if self.kind == PortKind::Fxo {
            transaction.daa_read(self.socket, register)
        } else {
            transaction.proslic_read(self.socket, register)
        }
    }
}

//! Faults of simulated cards, switched by the program.
//!
//! Never: makes a fault that a real card could not have.

use tipring_hw_sim::fault::Fault;

use super::{End, Port};
use crate::abi::number;
use crate::failure::{Outcome, fail};

/// A register of a station module that a self test walks over, and the bit that reads as 0.
const FLAWED_REGISTER: u8 = 48;
const FLAWED_BIT: u8 = 0x10;

impl Port {
    /// Switches a fault on or off.
    ///
    /// # Errors
    /// `E_ARGUMENT` for no fault, `E_UNSUPPORTED` for one that a module of this kind does not have.
    pub fn fault(&mut self, fault: u32, on: bool) -> Outcome<()> {
        let port = self.place;
        let fault = match (fault, &self.end) {
            (number::SIM_FAULT_CLOCK, _) => Fault::StoppedClock,
            (_, End::Empty) => fail!(E_UNSUPPORTED, "This socket is empty"),
            (number::SIM_FAULT_DEAD, _) => Fault::DeadModule { port },
            (number::SIM_FAULT_CUT, _) => Fault::CutLine { port },
            (number::SIM_FAULT_SUPPLY, End::Station(..)) => Fault::NoLinePower { port },
            (number::SIM_FAULT_SHORT, End::Station(..)) => Fault::ShortCircuit { port },
            (number::SIM_FAULT_REGISTER, End::Station(..)) => {
                Fault::BadRegister { port, register: FLAWED_REGISTER, bits: FLAWED_BIT }
            }
            (number::SIM_FAULT_SUPPLY | number::SIM_FAULT_SHORT | number::SIM_FAULT_REGISTER, End::Trunk(_)) => {
                fail!(E_UNSUPPORTED, "A trunk module has no such fault")
            }
            (other, _) => fail!(E_ARGUMENT, "{other} is no fault"),
        };
        self.faults.set(fault, on);
        Ok(())
    }
}

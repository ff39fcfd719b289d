//! FXO module (DAA): Si3050 and its line side (Si3018, Si3019). Ring detection, loop current, hook switch.
//!
//! In service one register is read a visit: control (ringing, and whether the hook switch is as asked) every other
//! time, line voltage and loop current between. A line without voltage is cut, or the isolation link is down: the next
//! look at it tells which. A control register that reads otherwise is written again; if that does not help and the PCM
//! mode reads its reset value, the chip was reset and is brought up again.
//!
//! Register numbers and names follow the Si3050 data sheet; the order of bring-up is that of DAHDI's `wctdm`.
//!
//! A trunk cannot be ground start: the chip has a register for it (32), which works a relay to ground ring and reads a
//! detector of grounded tip beside the chip, and the module has neither; it is wired to tip and ring and closes a loop,
//! nothing else.
//!
//! Never: judges a ringing cadence. That is for the line.

pub(super) mod registers;

use arrayvec::ArrayVec;

use self::registers::{
    CONTROL_2_RESET, CONTROL_MASK, GAIN_0_DB, HALF_WAVES, LINE_MONITOR, LINE_SIDE_POWERED, OFF_HOOK,
    RING_VALIDATION_OFF, RINGING, Register, SOFTWARE_RESET,
};
use super::line_settings::TrunkLine;
use super::module::{ModuleFault, ModuleStep, pcm_mode, slot};
use super::spi::{ReadSlot, Socket, Transaction};
use crate::card::{Law, PortCondition};

/// Settling time of the chip after a reset, in milliseconds.
const RESET_MS: u32 = 100;
/// The longest that the isolation link may take, in milliseconds.
const LINK_MS: u32 = 2000;
/// Visits in a row in which the control register read otherwise, after which the chip is looked at more closely.
const ASTRAY_VISITS: u8 = 3;
/// Looks in a row that found the isolation link down, after which the line side counts as gone.
const LINK_LOST_LOOKS: u8 = 4;
/// Visits in a row in which nothing but ones was read, after which the module counts as gone.
const SILENT_VISITS: u8 = 8;

/// Settings of a module.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    /// The module's socket.
    pub socket: Socket,
    /// The law of its samples.
    pub law: Law,
    /// The settings for its line.
    pub line: TrunkLine,
}

/// Stage of the module's bring-up or service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Back into step, then: is it one?
    Identify,
    /// All registers to default.
    Reset,
    /// Waiting for that.
    Settle,
    /// Line settings, slots, line side powered up.
    Set,
    /// Waiting for the line side.
    Link,
    /// Line monitor on, gains.
    Finish,
    /// In service.
    Service,
}

/// An FXO module.
pub(super) struct Daa {
    setup: Setup,
    stage: Stage,
    waited: u32,
    answers: ArrayVec<ReadSlot, 2>,
    /// The hook switch as asked for, and whether it has still to be written.
    off_hook: bool,
    hook_pending: bool,
    visit: u8,
    looking: Looking,
    ringing: bool,
    really_off_hook: bool,
    volts: i8,
    milliamps: u8,
    astray: u8,
    silent: u8,
    /// The line had no voltage when it was last looked at: cut, or out of reach.
    doubtful: bool,
    link_lost: u8,
}

/// Values read in this service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Looking {
    Nothing,
    AtControl,
    AtControlClosely,
    AtVoltage,
    /// At the line side's identity, which is 0 while the isolation link is down.
    AtLink,
    AtCurrent,
}

impl Daa {
    /// A module that is yet to be identified and brought up, on hook.
    pub(super) fn new(setup: Setup) -> Daa {
        Daa {
            setup,
            stage: Stage::Identify,
            waited: 0,
            answers: ArrayVec::new(),
            off_hook: false,
            hook_pending: false,
            visit: 0,
            looking: Looking::Nothing,
            ringing: false,
            really_off_hook: false,
            volts: 0,
            milliamps: 0,
            astray: 0,
            silent: 0,
            doubtful: false,
            link_lost: 0,
        }
    }

    /// Closes or opens the hook switch with the next service.
    pub(super) fn hook(&mut self, off_hook: bool) {
        self.off_hook = off_hook;
        self.hook_pending = true;
    }

    /// Plans one service: bring-up, or a pending hook command and, if it is this module's `turn`, one look.
    pub(super) fn plan(&mut self, transaction: &mut Transaction, turn: bool) {
        self.answers.clear();
        self.looking = Looking::Nothing;
        match self.stage {
            Stage::Identify => {
                transaction.daa_resynchronise(self.setup.socket);
                transaction.daa_resynchronise(self.setup.socket);
                self.read(transaction, Register::Control2);
            }
            Stage::Reset => self.write(transaction, Register::Control1, SOFTWARE_RESET),
            Stage::Settle => {}
            Stage::Set => self.plan_settings(transaction),
            Stage::Link => self.read(transaction, Register::ChipId),
            Stage::Finish => {
                self.write(transaction, Register::DaaControl1, LINE_MONITOR);
                for gain in
                    [Register::TransmitGain, Register::ReceiveGain, Register::TransmitFine, Register::ReceiveFine]
                {
                    self.write(transaction, gain, GAIN_0_DB);
                }
            }
            Stage::Service => self.plan_service(transaction, turn),
        }
    }

    fn plan_settings(&self, transaction: &mut Transaction) {
        let Setup { socket, law, line } = self.setup;
        let [slot_low, slot_high] = slot(socket).to_le_bytes();
        for (register, value) in [
            (Register::PcmMode, pcm_mode(law)),
            (Register::International1, line.international_1),
            (Register::International3, HALF_WAVES),
            (Register::RingValidation3, RING_VALIDATION_OFF),
            (Register::DcTermination, line.dc_termination),
            (Register::AcTermination, line.ac_termination),
            (Register::DaaControl5, line.daa_control_5),
            (Register::TransmitSlotLow, slot_low),
            (Register::TransmitSlotHigh, slot_high),
            (Register::ReceiveSlotLow, slot_low),
            (Register::ReceiveSlotHigh, slot_high),
            (Register::DaaControl2, LINE_SIDE_POWERED),
        ] {
            self.write(transaction, register, value);
        }
    }

    fn plan_service(&mut self, transaction: &mut Transaction, turn: bool) {
        if self.hook_pending {
            self.write(transaction, Register::DaaControl1, self.control());
            self.hook_pending = false;
        }
        if !turn {
            return;
        }
        self.visit = (self.visit + 1) % 4;
        self.looking = match self.visit {
            1 if self.doubtful => Looking::AtLink,
            1 => Looking::AtVoltage,
            3 if self.off_hook => Looking::AtCurrent,
            _ if self.astray >= ASTRAY_VISITS => Looking::AtControlClosely,
            _ => Looking::AtControl,
        };
        match self.looking {
            Looking::AtVoltage => self.read(transaction, Register::LineVoltage),
            Looking::AtLink => self.read(transaction, Register::ChipId),
            Looking::AtCurrent => self.read(transaction, Register::LoopCurrent),
            Looking::AtControl => self.read(transaction, Register::DaaControl1),
            Looking::AtControlClosely => {
                self.read(transaction, Register::DaaControl1);
                self.read(transaction, Register::PcmMode);
            }
            Looking::Nothing => {}
        }
    }

    /// Takes the answers of one service, `elapsed` milliseconds after the one before.
    pub(super) fn handle(&mut self, transaction: &Transaction, elapsed: u32) -> ModuleStep {
        self.waited = self.waited.saturating_add(elapsed);
        let first = self.answers.first().map(|answer| transaction.module_octet(*answer));
        match self.stage {
            Stage::Identify => {
                if first == Some(CONTROL_2_RESET) {
                    self.enter(Stage::Reset)
                } else {
                    ModuleStep::NotThisKind
                }
            }
            Stage::Reset => self.enter(Stage::Settle),
            Stage::Settle => {
                if self.waited < RESET_MS {
                    return ModuleStep::Working;
                }
                self.enter(Stage::Set)
            }
            Stage::Set => self.enter(Stage::Link),
            Stage::Link => match first {
                Some(id) if id != 0xff && id >> 4 != 0 => self.enter(Stage::Finish),
                Some(read) if self.waited >= LINK_MS => ModuleStep::Failed(ModuleFault::NoLineSide { read }),
                Some(_) | None => ModuleStep::Working,
            },
            Stage::Finish => {
                // A hook command given meanwhile is carried out now.
                self.hook_pending = self.off_hook;
                self.enter(Stage::Service);
                ModuleStep::Up
            }
            Stage::Service => first.map_or(ModuleStep::Up, |octet| self.seen(transaction, octet)),
        }
    }

    /// Condition found in this scan, if there was one.
    pub(super) fn condition(&self) -> Option<PortCondition> {
        (self.looking != Looking::Nothing).then_some(PortCondition::Fxo {
            ringing: self.ringing,
            volts: self.volts,
            milliamps: self.milliamps,
            off_hook: self.really_off_hook,
        })
    }

    /// Plans the last thing: on hook.
    pub(super) fn plan_stop(&self, transaction: &mut Transaction) {
        self.write(transaction, Register::DaaControl1, LINE_MONITOR);
    }

    /// Judges one look.
    fn seen(&mut self, transaction: &Transaction, octet: u8) -> ModuleStep {
        match self.looking {
            Looking::Nothing => ModuleStep::Up,
            Looking::AtVoltage => {
                // All ones is -1 V, which a line does not have: the chip shows 0 at 3 V or less.
                if octet != 0xff {
                    self.volts = octet as i8;
                    self.doubtful = octet == 0;
                }
                ModuleStep::Up
            }
            Looking::AtLink => {
                self.doubtful = false;
                self.link_lost = if octet >> 4 == 0 { self.link_lost + 1 } else { 0 };
                if self.link_lost < LINK_LOST_LOOKS {
                    return ModuleStep::Up;
                }
                ModuleStep::Failed(ModuleFault::NoLineSide { read: octet })
            }
            Looking::AtCurrent => {
                self.milliamps = (u16::from(octet) * 11 / 10).min(u8::MAX.into()) as u8;
                ModuleStep::Up
            }
            Looking::AtControl => self.controlled(octet),
            Looking::AtControlClosely => {
                let mode = self.answers.get(1).map(|answer| transaction.module_octet(*answer));
                if octet != 0xff && mode != Some(pcm_mode(self.setup.law)) {
                    self.astray = 0;
                    return self.enter(Stage::Identify);
                }
                self.controlled(octet)
            }
        }
    }

    /// Judges the control register.
    fn controlled(&mut self, control: u8) -> ModuleStep {
        if control == 0xff {
            self.silent += 1;
            let gone = self.silent >= SILENT_VISITS;
            return if gone { ModuleStep::Failed(ModuleFault::Silent) } else { ModuleStep::Up };
        }
        self.silent = 0;
        self.really_off_hook = control & OFF_HOOK != 0;
        self.ringing = !self.really_off_hook && control & RINGING != 0;
        if !self.really_off_hook {
            self.milliamps = 0;
        }
        if self.hook_pending {
            return ModuleStep::Up;
        }
        if control & CONTROL_MASK == self.control() {
            // A chip that was reset and whose control has been written again looks sound: the closer look is still due.
            if self.astray < ASTRAY_VISITS || self.looking == Looking::AtControlClosely {
                self.astray = 0;
            }
            return ModuleStep::Up;
        }
        // The line monitor is always on, and off after a reset.
        let reset = control & LINE_MONITOR == 0;
        self.astray = if reset { ASTRAY_VISITS } else { self.astray.saturating_add(1) };
        self.hook_pending = true;
        ModuleStep::Up
    }

    /// Wanted value of the control register.
    fn control(&self) -> u8 {
        LINE_MONITOR | if self.off_hook { OFF_HOOK } else { 0 }
    }

    fn enter(&mut self, stage: Stage) -> ModuleStep {
        self.stage = stage;
        self.waited = 0;
        ModuleStep::Working
    }

    fn write(&self, transaction: &mut Transaction, register: Register, value: u8) {
        transaction.daa_write(self.setup.socket, register as u8, value);
    }

    fn read(&mut self, transaction: &mut Transaction, register: Register) {
        self.answers.push(transaction.daa_read(self.setup.socket, register as u8));
    }
}

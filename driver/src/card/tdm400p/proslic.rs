//! FXS module: Si3210 ProSLIC and line driver. Linefeed, ringing, ring trip, loop closure, power alarms.
//!
//! In service one register is read a visit: loop status three times of four, line feed (what the chip really does)
//! once, and now and then the supply instead of the loop. A supply that is gone makes the module fail, since its
//! telephone is dead. A line feed that reads open although another was asked for is looked into: if the PCM mode is not
//! as it was set the chip was reset and is brought up again, calibration kept; otherwise it has protected itself, and
//! the feed is set again, a bounded number of times.
//!
//! Never: decides when a telephone is rung. That is for the line.

pub(super) mod bits;
mod bring_up;
pub(crate) mod registers;
mod steps;

pub(super) use self::bring_up::Setup;
use self::bring_up::{BringUp, Calibration};
use self::registers::{Register, linefeed, linefeed_code};
use self::steps::{AGAIN, BY_HAND, FULL, RETURNED};
use super::module::{ModuleFault, ModuleStep, pcm_mode};
use super::spi::{ReadSlot, Transaction};
use crate::card::{Linefeed, PortCondition};

/// Power alarms forgiven in a row; one is forgotten every [`ALARM_CREDIT_MS`].
const ALARMS_MAX: u8 = 10;
/// Milliseconds for which a line that the chip has opened is left open before it is fed again.
const ALARM_PAUSE_MS: u32 = 250;
/// Milliseconds after which an alarm is forgotten.
const ALARM_CREDIT_MS: u32 = 10_000;
/// Every this many visits the supply is looked at instead of the loop.
const SUPPLY_VISITS: u8 = 16;
/// The battery below which a line that is fed counts as without supply: 15 V. The lowest asked for is 24 V.
const SUPPLY_DEAD: u8 = 40;
/// Looks in a row that found no supply, after which the module has failed.
const SUPPLY_DEAD_LOOKS: u8 = 4;
/// Visits without an answer, after which the module counts as gone.
const SILENT_VISITS: u8 = 8;

/// An FXS module.
pub(super) struct Proslic {
    setup: Setup,
    bring_up: Option<BringUp>,
    calibration: Calibration,
    /// The line feed asked for, and whether it has still to be written.
    feed: Linefeed,
    feed_pending: bool,
    visit: u8,
    looking: Looking,
    loop_closed: bool,
    actual: Linefeed,
    power_alarm: bool,
    alarms: u8,
    alarm_ms: u32,
    /// Milliseconds for which the line has been open because of an alarm.
    open_ms: u32,
    silent: u8,
    /// Looks in a row that found no supply.
    unsupplied: u8,
}

/// Values read in this service.
#[derive(Debug, Clone, Copy)]
enum Looking {
    Nothing,
    AtLoop(ReadSlot),
    AtSupply(ReadSlot),
    AtFeed {
        feed: ReadSlot,
        /// The PCM mode, read in case the line feed reads open.
        mode: ReadSlot,
    },
}

impl Proslic {
    /// A module that is yet to be identified and brought up; its line is then fed forward.
    pub(super) fn new(setup: Setup) -> Proslic {
        Proslic {
            setup,
            bring_up: Some(BringUp::new(setup, FULL, Calibration::default())),
            calibration: Calibration::default(),
            feed: Linefeed::ForwardActive,
            feed_pending: true,
            visit: 0,
            looking: Looking::Nothing,
            loop_closed: false,
            actual: Linefeed::Open,
            power_alarm: false,
            alarms: 0,
            alarm_ms: 0,
            open_ms: 0,
            silent: 0,
            unsupplied: 0,
        }
    }

    /// A module that fell silent in service and may be in any state.
    pub(super) fn returned(setup: Setup) -> Proslic {
        Proslic { bring_up: Some(BringUp::new(setup, RETURNED, Calibration::default())), ..Proslic::new(setup) }
    }

    /// Begins bring-up again from the start, calibrating by hand this time.
    pub(super) fn try_by_hand(&mut self) {
        self.bring_up = Some(BringUp::new(self.setup, BY_HAND, Calibration::default()));
    }

    /// Returns true while it raises its supply, so that no other may.
    pub(super) fn raises_supply(&self) -> bool {
        self.bring_up.as_ref().is_some_and(BringUp::raises_supply)
    }

    /// Sets the line feed with the next service.
    pub(super) fn feed(&mut self, feed: Linefeed) {
        self.feed = feed;
        self.feed_pending = true;
    }

    /// Plans one service: bring-up, or a pending line feed and, if it is this module's `turn`, one look.
    pub(super) fn plan(&mut self, transaction: &mut Transaction, supply: &mut bool, turn: bool) {
        self.looking = Looking::Nothing;
        if let Some(bring_up) = &mut self.bring_up {
            bring_up.plan(transaction, supply);
            return;
        }
        let socket = self.setup.socket;
        if self.feed_pending {
            transaction.proslic_write(socket, Register::Linefeed as u8, linefeed_code(self.feed));
            self.feed_pending = false;
        }
        if turn {
            self.visit = (self.visit + 1) % SUPPLY_VISITS;
            self.looking = if self.visit == 3 {
                Looking::AtSupply(transaction.proslic_read(socket, Register::BatteryVoltage as u8))
            } else if self.visit % 4 == 1 {
                Looking::AtFeed {
                    feed: transaction.proslic_read(socket, Register::Linefeed as u8),
                    mode: transaction.proslic_read(socket, Register::PcmMode as u8),
                }
            } else {
                Looking::AtLoop(transaction.proslic_read(socket, Register::LoopStatus as u8))
            };
        }
    }

    /// Takes the answers of one service, `elapsed` milliseconds after the one before.
    pub(super) fn handle(&mut self, transaction: &Transaction, elapsed: u32) -> ModuleStep {
        if let Some(bring_up) = &mut self.bring_up {
            let verdict = bring_up.handle(transaction, elapsed);
            if verdict == ModuleStep::Up {
                self.calibration = bring_up.calibration;
                self.bring_up = None;
                self.feed_pending = true;
            }
            return verdict;
        }
        self.forgive(elapsed);
        match self.looking {
            Looking::Nothing => ModuleStep::Up,
            Looking::AtLoop(answer) => {
                let status = transaction.module_octet(answer);
                if status != 0xff {
                    self.loop_closed = status & bits::LOOP_CLOSED != 0;
                }
                self.heard(status)
            }
            Looking::AtSupply(answer) => self.supplied(transaction.module_octet(answer)),
            Looking::AtFeed { feed, mode } => self.fed(transaction.module_octet(feed), transaction.module_octet(mode)),
        }
    }

    /// Condition found in this scan, if there was one.
    pub(super) fn condition(&self) -> Option<PortCondition> {
        match self.looking {
            Looking::Nothing | Looking::AtSupply(_) => None,
            Looking::AtLoop(_) | Looking::AtFeed { .. } => Some(PortCondition::Fxs {
                loop_closed: self.loop_closed,
                linefeed: self.actual,
                power_alarm: self.power_alarm,
            }),
        }
    }

    /// Plans the last thing: line open, converter off.
    pub(super) fn plan_stop(&self, transaction: &mut Transaction) {
        transaction.proslic_write(self.setup.socket, Register::Linefeed as u8, linefeed_code(Linefeed::Open));
        transaction.proslic_write(self.setup.socket, Register::PowerDown1 as u8, bits::CONVERTER_OFF);
    }

    /// Judges the line feed register: commanded state in bits 2:0, actual in bits 6:4.
    fn fed(&mut self, feed: u8, mode: u8) -> ModuleStep {
        // Bits that are always 0 in the one, and a value that the other never has: there is no answer.
        if feed & bits::LINEFEED_UNUSED != 0 || mode == 0 || mode == 0xff {
            return self.heard(0xff);
        }
        self.silent = 0;
        self.actual = linefeed(feed >> 4);
        if feed != 0 || self.feed == Linefeed::Open || self.feed_pending {
            self.power_alarm = false;
            return ModuleStep::Up;
        }
        if mode != pcm_mode(self.setup.law) {
            self.bring_up = Some(BringUp::new(self.setup, AGAIN, self.calibration));
            return ModuleStep::Working;
        }
        if !self.power_alarm {
            self.power_alarm = true;
            self.open_ms = 0;
        }
        if self.open_ms < ALARM_PAUSE_MS {
            return ModuleStep::Up;
        }
        self.open_ms = 0;
        self.alarms += 1;
        if self.alarms > ALARMS_MAX {
            return ModuleStep::Failed(ModuleFault::PowerAlarm);
        }
        if self.feed == Linefeed::Ringing {
            self.feed = Linefeed::ForwardActive;
        }
        self.feed_pending = true;
        ModuleStep::Up
    }

    /// True if the chip has opened the line to protect itself.
    pub(super) fn is_alarmed(&self) -> bool {
        self.power_alarm
    }

    /// Judges the battery of a line that is fed.
    fn supplied(&mut self, battery: u8) -> ModuleStep {
        let dead = battery < SUPPLY_DEAD && self.actual != Linefeed::Open;
        self.unsupplied = if dead { self.unsupplied + 1 } else { 0 };
        if self.unsupplied >= SUPPLY_DEAD_LOOKS {
            return ModuleStep::Failed(ModuleFault::NoSupply { steps: battery });
        }
        ModuleStep::Up
    }

    /// Counts visits without an answer, until the line feed is read again as it can be.
    fn heard(&mut self, octet: u8) -> ModuleStep {
        self.silent += u8::from(octet == 0xff);
        if self.silent >= SILENT_VISITS { ModuleStep::Failed(ModuleFault::Silent) } else { ModuleStep::Up }
    }

    fn forgive(&mut self, elapsed: u32) {
        self.open_ms = self.open_ms.saturating_add(elapsed);
        self.alarm_ms = self.alarm_ms.saturating_add(elapsed);
        if self.alarm_ms >= ALARM_CREDIT_MS {
            self.alarm_ms = 0;
            self.alarms = self.alarms.saturating_sub(1);
        }
    }
}

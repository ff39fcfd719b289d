//! Bringing an FXS module up: a list of steps, worked off a few registers a service.
//!
//! The order and the waits are those that DAHDI's `wctdm` keeps on live modules, and must be kept: wrong settings of
//! the DC-DC converter can damage its transistors. Only one module of a card raises its supply at a time, so that the
//! 12 V cable sees one inrush, not four.
//!
//! Never: waits. A step that isn't done is looked at again in the next service.

use super::bits;
use super::registers::{
    BALANCE, CALIBRATION_COUNT, CALIBRATION_FIRST, FILTERS, FLUSHED, INDIRECT, LOOP_CLOSURE, LOOP_CLOSURE_LOWER,
    RESET_VALUES, RING_AMPLITUDE, RING_FREQUENCY, RING_OFFSET, RING_PHASE, RING_TRIP, RING_TRIP_FILTER, Register,
    SCRATCH, SUPPLY_EMPTY, SUPPLY_UP, current_threshold, high_battery, linefeed_code, loop_current_limit, ring_trip,
    ringing, ringing_offset,
};
use super::steps::Step;
use crate::card::Law;
use crate::card::Linefeed;
use crate::card::tdm400p::line_settings::StationLine;
use crate::card::tdm400p::module::{ModuleFault, ModuleStep, pcm_mode, slot};
use crate::card::tdm400p::spi::{ReadSlot, Socket, Transaction};

/// The longest that the supply may take to rise or fall, in milliseconds.
const SUPPLY_MS: u32 = 500;
/// The longest that a calibration may take, in milliseconds.
const CALIBRATION_MS: u32 = 2000;
/// The longest that an indirect access may take, in milliseconds; it should take one.
const INDIRECT_MS: u32 = 100;
/// Longest time of the converter's own calibration, in milliseconds.
const CONVERTER_MS: u32 = 100;
/// The registers of a calibration read in one service.
const CALIBRATION_CHUNK: usize = 4;

/// Settings of a module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    /// The module's socket.
    pub socket: Socket,
    /// The law of its samples.
    pub law: Law,
    /// Ringing and feed of its telephone.
    pub line: StationLine,
}

/// Results of the calibration: registers 96 to 107.
pub(super) type Calibration = [u8; CALIBRATION_COUNT];

/// The machine: which step, and how far in it.
pub(super) struct BringUp {
    setup: Setup,
    steps: &'static [Step],
    at: usize,
    /// Progress within the step.
    index: usize,
    /// Milliseconds spent in this step, or in waiting for one of its parts.
    waited: u32,
    /// A step was begun whose end is awaited.
    begun: bool,
    /// The reads of this service.
    answers: arrayvec::ArrayVec<ReadSlot, 8>,
    filters: [u16; FILTERS.end as usize - FILTERS.start as usize],
    /// Results of the calibration.
    pub calibration: Calibration,
    /// The least that the battery fell to in the leak test, in steps.
    pub held: u8,
}

/// The state of an indirect access after this service.
enum Indirect {
    Busy,
    Done(u16),
}

impl BringUp {
    /// A machine that has done nothing yet.
    pub(super) fn new(setup: Setup, steps: &'static [Step], calibration: Calibration) -> BringUp {
        BringUp {
            setup,
            steps,
            at: 0,
            index: 0,
            waited: 0,
            begun: false,
            answers: arrayvec::ArrayVec::new(),
            filters: [0; 5],
            calibration,
            held: u8::MAX,
        }
    }

    /// Returns true while the supply is being raised.
    pub(super) fn raises_supply(&self) -> bool {
        self.step() == Some(Step::RaiseSupply) && self.begun
    }

    fn step(&self) -> Option<Step> {
        self.steps.get(self.at).copied()
    }

    /// Plans the accesses of one service. `supply` is whether a supply may be raised, and is taken by doing so.
    pub(super) fn plan(&mut self, transaction: &mut Transaction, supply: &mut bool) {
        self.answers.clear();
        let Some(step) = self.step() else { return };
        match step {
            Step::Identify => {
                self.read(transaction, Register::Identity);
                self.read(transaction, Register::PcmMode);
                for (register, _) in RESET_VALUES {
                    self.read(transaction, register);
                }
            }
            Step::Recognise => {
                self.read(transaction, Register::Identity);
                self.read(transaction, Register::PcmMode);
            }
            Step::Hold => {
                self.write(transaction, Register::PowerDown1, bits::CONVERTER_OFF);
                self.write(transaction, Register::Linefeed, linefeed_code(Linefeed::Open));
            }
            Step::LoadTable => match INDIRECT.get(self.index) {
                Some(&value) => self.plan_indirect_write(transaction, self.index as u8, value),
                None => self.plan_indirect_write(transaction, SCRATCH, 0),
            },
            Step::Defaults => {
                self.write(transaction, Register::Loopback, bits::LOOPBACK_OFF);
                self.write(transaction, Register::Enhancements, bits::ENHANCEMENTS);
                let automatic = bits::OPEN_ON_ALARM | bits::FOLLOW_LOOP | bits::FOLLOW_RING_TRIP;
                self.write(transaction, Register::Automatic, automatic);
                self.write(transaction, Register::BatteryFeed, bits::BATTERY_TRACKS);
            }
            Step::KeepFilters => self.plan_indirect_read(transaction, FILTERS.start + self.index as u8),
            Step::FlushFilters => self.plan_indirect_write(transaction, FILTERS.start + self.index as u8, FLUSHED),
            Step::RestoreFilters => {
                self.plan_indirect_write(transaction, FILTERS.start + self.index as u8, self.filters[self.index]);
            }
            Step::VerifyTable => self.plan_indirect_read(transaction, self.index as u8),
            Step::RaiseSupply => {
                if !self.begun {
                    if !core::mem::take(supply) {
                        return;
                    }
                    self.write(transaction, Register::ConverterPeriod, bits::CONVERTER_PERIOD);
                    self.write(transaction, Register::PowerDown1, bits::POWER_ALL_ON);
                    self.begun = true;
                    self.waited = 0;
                }
                self.read(transaction, Register::BatteryVoltage);
            }
            Step::SetSupply => {
                let limit = loop_current_limit(self.setup.line.loop_current_ma);
                self.write(transaction, Register::LoopCurrentLimit, limit);
                self.write(transaction, Register::ConverterSwitching, bits::CONVERTER_OFF_TIME);
            }
            Step::LeakTest => {
                if !self.begun {
                    self.write(transaction, Register::Linefeed, linefeed_code(Linefeed::Open));
                    self.write(transaction, Register::PowerDown1, bits::CONVERTER_OFF);
                    self.begun = true;
                }
                self.read(transaction, Register::BatteryVoltage);
            }
            Step::Calibrate => {
                let blocks = bits::CALIBRATE_MONITORS | bits::CALIBRATE_SOUND | bits::CALIBRATE_COMMON_MODE;
                self.plan_calibration(transaction, bits::CALIBRATE_BALANCE | bits::CALIBRATE_GAINS, blocks);
            }
            Step::CalibrateByHand => {
                if !self.begun {
                    for mask in [Register::EventMask1, Register::EventMask2, Register::EventMask3] {
                        self.write(transaction, mask, bits::EVENT_MASK_NONE);
                    }
                    self.write(transaction, Register::Linefeed, linefeed_code(Linefeed::Open));
                }
                self.plan_calibration(transaction, bits::CALIBRATE_GAINS, bits::CALIBRATE_MONITORS);
            }
            Step::PrepareBalance => {
                if self.index == 0 && !self.begun {
                    self.write(transaction, Register::BalanceRing, bits::BALANCE_MIDDLE);
                    self.write(transaction, Register::BalanceTip, bits::BALANCE_MIDDLE);
                }
                self.plan_indirect_write(transaction, BALANCE.start + self.index as u8, 0);
            }
            Step::BalanceRing => {
                self.plan_balance(transaction, Register::BalanceRing, Register::Transistor5Current);
            }
            Step::BalanceTip => {
                self.plan_balance(transaction, Register::BalanceTip, Register::Transistor6Current);
            }
            Step::FinishByHand => self.plan_finish_by_hand(transaction),
            Step::CalibrateConverter => {
                if self.index == 1 {
                    self.write(transaction, Register::ConverterPeak, bits::CONVERTER_PEAK_USUAL);
                } else if !self.begun {
                    let calibrate = bits::CONVERTER_CALIBRATES | bits::CONVERTER_OFF_TIME;
                    self.write(transaction, Register::ConverterSwitching, calibrate);
                    self.begun = true;
                }
                self.read(transaction, Register::ConverterSwitching);
                self.read(transaction, Register::ConverterPeak);
            }
            Step::KeepCalibration => {
                for offset in 0..CALIBRATION_CHUNK {
                    let register = CALIBRATION_FIRST + (self.index + offset) as u8;
                    self.answers.push(transaction.proslic_read(self.setup.socket, register));
                }
            }
            Step::RestoreCalibration => {
                for offset in 0..CALIBRATION_CHUNK {
                    let place = self.index + offset;
                    let register = CALIBRATION_FIRST + place as u8;
                    transaction.proslic_write(self.setup.socket, register, self.calibration[place]);
                }
            }
            Step::Sound => self.plan_sound(transaction),
            Step::Ringing => self.plan_ringing(transaction),
        }
    }

    /// Takes the answers of one service, `elapsed` milliseconds after the one before.
    pub(super) fn handle(&mut self, transaction: &Transaction, elapsed: u32) -> ModuleStep {
        self.waited = self.waited.saturating_add(elapsed);
        let Some(step) = self.step() else { return ModuleStep::Up };
        match step {
            Step::Identify | Step::Recognise => self.identified(transaction),
            Step::Hold | Step::Defaults | Step::SetSupply | Step::Sound => self.next(),
            Step::LoadTable => self.written(transaction, INDIRECT.len() + 1),
            Step::FlushFilters | Step::RestoreFilters => self.written(transaction, FILTERS.len()),
            Step::KeepFilters => match self.indirect(transaction) {
                Err(fault) => ModuleStep::Failed(fault),
                Ok(Indirect::Busy) => ModuleStep::Working,
                Ok(Indirect::Done(value)) => {
                    self.filters[self.index] = value;
                    self.part_done(FILTERS.len())
                }
            },
            Step::VerifyTable => match self.indirect(transaction) {
                Err(fault) => ModuleStep::Failed(fault),
                Ok(Indirect::Busy) => ModuleStep::Working,
                Ok(Indirect::Done(read)) => {
                    let (address, wrote) = (self.index as u8, INDIRECT[self.index]);
                    if read != wrote {
                        return ModuleStep::Failed(ModuleFault::IndirectMismatch { address, wrote, read });
                    }
                    self.part_done(INDIRECT.len())
                }
            },
            Step::RaiseSupply => {
                let Some(battery) = self.first(transaction) else { return ModuleStep::Working };
                if battery >= SUPPLY_UP {
                    return self.next();
                }
                if self.waited >= SUPPLY_MS {
                    return ModuleStep::Failed(ModuleFault::NoSupply { steps: battery });
                }
                ModuleStep::Working
            }
            Step::LeakTest => {
                let Some(battery) = self.first(transaction) else { return ModuleStep::Working };
                self.held = self.held.min(battery);
                if battery <= SUPPLY_EMPTY || self.waited >= SUPPLY_MS { self.next() } else { ModuleStep::Working }
            }
            Step::Calibrate | Step::CalibrateByHand => {
                let Some(left) = self.first(transaction) else { return ModuleStep::Working };
                if left == 0 {
                    return self.next();
                }
                if self.waited < CALIBRATION_MS {
                    return ModuleStep::Working;
                }
                self.index += 1;
                (self.begun, self.waited) = (false, 0);
                if self.index == 2 {
                    ModuleStep::Failed(ModuleFault::NotCalibrated { left })
                } else {
                    ModuleStep::Working
                }
            }
            Step::PrepareBalance => self.written(transaction, BALANCE.len()),
            Step::BalanceRing | Step::BalanceTip => self.balanced(transaction),
            Step::FinishByHand => {
                // Fed for 10 ms between its two parts, then the rest calibrates for as long again.
                if self.waited < 10 {
                    return ModuleStep::Working;
                }
                self.waited = 0;
                self.begun = false;
                self.part_done(3)
            }
            Step::CalibrateConverter => self.converter_calibrated(transaction),
            Step::KeepCalibration => {
                for (offset, answer) in self.answers.iter().enumerate() {
                    self.calibration[self.index + offset] = transaction.module_octet(*answer);
                }
                self.chunk_done()
            }
            Step::RestoreCalibration => self.chunk_done(),
            Step::Ringing => self.written(transaction, RINGING_PARTS),
        }
    }

    /// Judges the identity, and the reset values as far as they were read.
    fn identified(&mut self, transaction: &Transaction) -> ModuleStep {
        let octets = |from: usize| self.answers[from..].iter().map(|answer| transaction.module_octet(*answer));
        let known = octets(0).next().is_some_and(|identity| !bits::NO_REVISION.contains(&(identity & bits::REVISION)));
        if !known || octets(1).next().is_none_or(|pcm_mode| pcm_mode & bits::IS_SI3215 != 0) {
            return ModuleStep::NotThisKind;
        }
        for ((register, expected), read) in RESET_VALUES.into_iter().zip(octets(2)) {
            if read != expected {
                return ModuleStep::Failed(ModuleFault::NotReset { register: register as u8, expected, read });
            }
        }
        self.next()
    }

    /// Begins the chip's calibration of `blocks` (register 96) and of `further` ones (register 97), and reads what
    /// is left.
    fn plan_calibration(&mut self, transaction: &mut Transaction, blocks: u8, further: u8) {
        if !self.begun {
            self.write(transaction, Register::Calibration2, further);
            self.write(transaction, Register::Calibration1, bits::CALIBRATE | blocks);
            self.begun = true;
        }
        self.read(transaction, Register::Calibration1);
    }

    /// The balance is stepped down from the highest, 4 ms a step, until the transistor carries no current.
    fn plan_balance(&mut self, transaction: &mut Transaction, balance: Register, current: Register) {
        if !self.begun {
            self.write(transaction, balance, bits::BALANCE_HIGHEST.saturating_sub(self.index as u8));
            self.begun = true;
            self.waited = 0;
        }
        self.read(transaction, current);
    }

    fn balanced(&mut self, transaction: &Transaction) -> ModuleStep {
        if self.waited < 4 {
            return ModuleStep::Working;
        }
        let Some(current) = self.first(transaction) else { return ModuleStep::Working };
        if current == 0 {
            return self.next();
        }
        self.index += 1;
        self.begun = false;
        if self.index > bits::BALANCE_HIGHEST.into() {
            ModuleStep::Failed(ModuleFault::NotBalanced { current })
        } else {
            ModuleStep::Working
        }
    }

    fn plan_finish_by_hand(&mut self, transaction: &mut Transaction) {
        if self.begun {
            return;
        }
        self.begun = true;
        match self.index {
            0 => self.write(transaction, Register::Linefeed, linefeed_code(Linefeed::ForwardActive)),
            1 => self.write(transaction, Register::Linefeed, linefeed_code(Linefeed::Open)),
            _ => {
                self.write(transaction, Register::EventMask3, bits::EVENT_COMMON_MODE);
                self.write(transaction, Register::Calibration2, bits::CALIBRATE_COMMON_MODE);
                self.write(transaction, Register::Calibration1, bits::CALIBRATE);
            }
        }
    }

    fn converter_calibrated(&mut self, transaction: &Transaction) -> ModuleStep {
        let [switching, peak] = self.answers[..] else { return ModuleStep::Working };
        let running = transaction.module_octet(switching) & bits::CONVERTER_CALIBRATES != 0;
        if running && self.waited < CONVERTER_MS {
            return ModuleStep::Working;
        }
        if self.index == 1 || bits::CONVERTER_PEAK_SOUND.contains(&transaction.module_octet(peak)) {
            return self.next();
        }
        // An unsound result is replaced by the usual one in the next service.
        self.index = 1;
        ModuleStep::Working
    }

    fn plan_sound(&self, transaction: &mut Transaction) {
        let [slot_low, slot_high] = slot(self.setup.socket).to_le_bytes();
        for (register, value) in [
            (Register::PcmMode, pcm_mode(self.setup.law)),
            (Register::TransmitSlotLow, slot_low),
            (Register::TransmitSlotHigh, slot_high),
            (Register::ReceiveSlotLow, slot_low),
            (Register::ReceiveSlotHigh, slot_high),
            (Register::TwoWireImpedance, bits::IMPEDANCE_ON | self.setup.line.impedance as u8),
            (Register::Events1, bits::EVENTS_ALL),
            (Register::Events2, bits::EVENTS_ALL),
            (Register::Events3, bits::EVENTS_ALL),
            (Register::CommonMode, bits::COMMON_MODE_6_V),
        ] {
            self.write(transaction, register, value);
        }
    }

    fn plan_ringing(&mut self, transaction: &mut Transaction) {
        let line = self.setup.line;
        let (frequency, amplitude) = ringing(line.ringing_hz, line.ringing_volts_rms);
        let (filter, debounce) = ring_trip(line.ringing_hz);
        let closed = current_threshold(line.off_hook_ma);
        if self.index == 0 && !self.begun {
            let control = if line.ringing_offset_volts == 0.0 { bits::RINGING_SINE } else { bits::RINGING_OFFSET_ON };
            let [active_low, active_high] = bits::RINGING_ACTIVE.to_le_bytes();
            let [inactive_low, inactive_high] = bits::RINGING_INACTIVE.to_le_bytes();
            for (register, value) in [
                (Register::RingingControl, control),
                (Register::RingingActiveLow, active_low),
                (Register::RingingActiveHigh, active_high),
                (Register::RingingInactiveLow, inactive_low),
                (Register::RingingInactiveHigh, inactive_high),
                (Register::RingTripDebounce, debounce),
                (Register::HighBattery, high_battery(line.ringing_volts_rms, line.ringing_offset_volts)),
            ] {
                self.write(transaction, register, value);
            }
        }
        let parts = [
            (RING_PHASE, 0),
            (RING_OFFSET, ringing_offset(line.ringing_offset_volts)),
            (RING_TRIP, current_threshold(line.ring_trip_ma)),
            (RING_TRIP_FILTER, filter),
            (LOOP_CLOSURE, closed),
            (LOOP_CLOSURE_LOWER, closed),
            (RING_FREQUENCY, frequency),
            (RING_AMPLITUDE, amplitude),
        ];
        if let Some(&(address, value)) = parts.get(self.index) {
            self.plan_indirect_write(transaction, address, value);
        }
    }

    fn plan_indirect_write(&mut self, transaction: &mut Transaction, address: u8, value: u16) {
        if !self.begun {
            let [low, high] = value.to_le_bytes();
            self.write(transaction, Register::IndirectLow, low);
            self.write(transaction, Register::IndirectHigh, high);
            self.write(transaction, Register::IndirectAddress, address);
        }
        self.read(transaction, Register::IndirectStatus);
    }

    fn plan_indirect_read(&mut self, transaction: &mut Transaction, address: u8) {
        if !self.begun {
            self.write(transaction, Register::IndirectAddress, address);
        }
        self.read(transaction, Register::IndirectStatus);
        self.read(transaction, Register::IndirectLow);
        self.read(transaction, Register::IndirectHigh);
    }

    /// Progress of the indirect access: the first answer is the status, the others the data, if it was a read.
    fn indirect(&mut self, transaction: &Transaction) -> Result<Indirect, ModuleFault> {
        let mut octets = [0; 3];
        for (octet, answer) in octets.iter_mut().zip(&self.answers) {
            *octet = transaction.module_octet(*answer);
        }
        let [status, low, high] = octets;
        if status == bits::INDIRECT_DONE {
            (self.begun, self.waited) = (false, 0);
            return Ok(Indirect::Done(u16::from_le_bytes([low, high])));
        }
        if !self.begun {
            (self.begun, self.waited) = (true, 0);
        }
        if self.waited >= INDIRECT_MS { Err(ModuleFault::IndirectBusy { status }) } else { Ok(Indirect::Busy) }
    }

    fn written(&mut self, transaction: &Transaction, parts: usize) -> ModuleStep {
        match self.indirect(transaction) {
            Err(fault) => ModuleStep::Failed(fault),
            Ok(Indirect::Busy) => ModuleStep::Working,
            Ok(Indirect::Done(_)) => self.part_done(parts),
        }
    }

    fn part_done(&mut self, parts: usize) -> ModuleStep {
        self.index += 1;
        if self.index < parts { ModuleStep::Working } else { self.next() }
    }

    fn chunk_done(&mut self) -> ModuleStep {
        self.index += CALIBRATION_CHUNK;
        if self.index < CALIBRATION_COUNT { ModuleStep::Working } else { self.next() }
    }

    fn next(&mut self) -> ModuleStep {
        self.at += 1;
        (self.index, self.waited, self.begun) = (0, 0, false);
        if self.at < self.steps.len() { ModuleStep::Working } else { ModuleStep::Up }
    }

    fn first(&self, transaction: &Transaction) -> Option<u8> {
        self.answers.first().map(|answer| transaction.module_octet(*answer))
    }

    fn write(&self, transaction: &mut Transaction, register: Register, value: u8) {
        transaction.proslic_write(self.setup.socket, register as u8, value);
    }

    fn read(&mut self, transaction: &mut Transaction, register: Register) {
        self.answers.push(transaction.proslic_read(self.setup.socket, register as u8));
    }
}

/// Indirect registers of ringing and of the loop's thresholds.
const RINGING_PARTS: usize = 8;

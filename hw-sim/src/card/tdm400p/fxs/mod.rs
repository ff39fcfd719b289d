//! The FXS module: a Si3210. It feeds and rings a telephone, as an exchange does.
//!
//! Source: Si3210 ProSLIC data sheet, register summary. Registers it does not interpret are storage. The parts:
//! [`line_power`] (the converter that makes the line's voltage), [`linefeed`] (the states of the line), and here the
//! register file with its indirect half, the loop detectors, calibration and sound.
//!
//! The indirect registers are memory without defaults: until they are written, gains are 0 and nothing is heard.

mod line_power;
mod linefeed;
mod sense;

use super::bridge::Frames;
use super::codec::{Format, Gain};
use super::pcm::Slot;
use super::serial::Registers;
use crate::fault::{Flaws, PortNow};
use crate::network::{StationFeed, StationLoad};
use line_power::LinePower;
use linefeed::Linefeed;

const ID: usize = 0;
const PCM_MODE: usize = 1;
const TRANSMIT_START: usize = 2;
const RECEIVE_START: usize = 4;
const LOOPBACK: usize = 8;
const AUDIO_GAIN: usize = 9;
const POWER_DOWN_1: usize = 14;
const INTERRUPT_1: usize = 18;
const INTERRUPT_2: usize = 19;
const INTERRUPT_3: usize = 20;
const INDIRECT_LOW: usize = 28;
const INDIRECT_HIGH: usize = 29;
const INDIRECT_ADDRESS: usize = 30;
const INDIRECT_STATUS: usize = 31;
const RINGING_CONTROL: usize = 34;
const RINGING_ACTIVE_TIMER: usize = 48;
const RINGING_INACTIVE_TIMER: usize = 50;
const LINEFEED: usize = 64;
const BATTERY_FEED: usize = 66;
const AUTOMATIC: usize = 67;
const LOOP_STATUS: usize = 68;
const LOOP_CLOSURE_DEBOUNCE: usize = 69;
const RING_TRIP_DEBOUNCE: usize = 70;
const LOOP_CURRENT_LIMIT: usize = 71;
const ON_HOOK_VOLTAGE: usize = 72;
const COMMON_MODE_VOLTAGE: usize = 73;
const HIGH_BATTERY: usize = 74;
const LOW_BATTERY: usize = 75;
const FIRST_SENSE: usize = 78;
const LAST_SENSE: usize = 89;
const DC_DC_SWITCHING: usize = 93;
const CALIBRATION_1: usize = 96;
const DC_PEAK_CALIBRATION: usize = 107;
const REGISTERS: usize = 109;
const INDIRECT_REGISTERS: usize = 128;

/// Registers 0 to 108 after reset.
const DEFAULTS: [(usize, u8); 31] = [
    (ID, 0x05),
    (PCM_MODE, 0x08),
    (LOOPBACK, 0x02),
    (10, 0x08),
    (11, 0x33),
    (POWER_DOWN_1, 0x10),
    (65, 0x61),
    (BATTERY_FEED, 0x03),
    (AUTOMATIC, 0x1f),
    (LOOP_CLOSURE_DEBOUNCE, 0x0a),
    (RING_TRIP_DEBOUNCE, 0x0a),
    (ON_HOOK_VOLTAGE, 0x20),
    (COMMON_MODE_VOLTAGE, 0x02),
    (HIGH_BATTERY, 0x32),
    (LOW_BATTERY, 0x10),
    (92, 0xff),
    (DC_DC_SWITCHING, 0x14),
    (CALIBRATION_1, 0x1f),
    (97, 0x1f),
    (98, 0x10),
    (99, 0x10),
    (100, 0x11),
    (101, 0x11),
    (102, 0x08),
    (103, 0x88),
    (104, 0x00),
    (105, 0x00),
    (106, 0x20),
    (DC_PEAK_CALIBRATION, 0x08),
    (LINEFEED, 0x00),
    (LOOP_STATUS, 0x00),
];

const PCM_ENABLE: u8 = 1 << 5;
/// Loopback, bit 1: what the host sends goes straight back to it, code for code.
const LOOPBACK_DIGITAL: u8 = 0b010;
/// Loopback, bits 2 and 0: it goes back through both converters, with their gains, while these run.
const LOOPBACK_ANALOG: u8 = 0b101;
const MUTE_TRANSMIT: u8 = 1 << 5;
const MUTE_RECEIVE: u8 = 1 << 4;
/// Interrupt status 2: power alarm of transistors 1 and 2.
const ALARM_Q1_Q2: u8 = 0b0000_1100;
/// Interrupt status 2: power alarm of transistors 5 and 6.
const ALARM_Q5_Q6: u8 = 0b1100_0000;
const LOOP_CLOSURE_CHANGED: u8 = 1 << 1;
const RING_TRIPPED: u8 = 1 << 0;
/// Automatic control: the line opens on a power alarm.
const OPEN_ON_ALARM: u8 = 1 << 0;
/// Automatic control: on-hook transmission becomes active when the loop closes.
const ACTIVE_ON_CLOSURE: u8 = 1 << 1;
/// Automatic control: ringing becomes active when the loop closes.
const ACTIVE_ON_RING_TRIP: u8 = 1 << 2;
const LOOP_CLOSED: u8 = 1 << 0;
const RING_TRIP: u8 = 1 << 1;
const LOOP_RAW: u8 = 1 << 2;
/// Calibration 1 and DC-DC switching: the bit that starts each, and clears itself at the end.
const START_CALIBRATION: u8 = 1 << 6;
const START_DC_CALIBRATION: u8 = 1 << 7;
/// Calibration 1: the two blocks that balance the line driver's ring and tip side.
const BALANCE_BLOCKS: u8 = 0b0001_1000;
/// Interrupt status 3: an indirect access has ended.
const INDIRECT_DONE: u8 = 1 << 1;

/// Indirect register addresses.
mod indirect {
    /// Direct voltage under ringing.
    pub(super) const RINGING_OFFSET: usize = 19;
    /// Cosine of the ringing frequency.
    pub(super) const RINGING_FREQUENCY: usize = 20;
    /// Amplitude of ringing.
    pub(super) const RINGING_AMPLITUDE: usize = 21;
    /// Initial phase of ringing; half the period of a trapezoid.
    pub(super) const RINGING_PHASE: usize = 22;
    /// Current from which on the loop counts as closed: bits 14:9, 1.27 mA each.
    pub(super) const LOOP_CLOSURE_THRESHOLD: usize = 28;
    /// Current from which on a ringing telephone counts as lifted: bits 14:9, 1.27 mA each.
    pub(super) const RING_TRIP_THRESHOLD: usize = 29;
    /// Digital gain towards the telephone; 0x4000 is 1.
    pub(super) const RECEIVE_GAIN: usize = 26;
    /// Digital gain towards the host; 0x4000 is 1.
    pub(super) const TRANSMIT_GAIN: usize = 27;
}

/// Length of a calibration, in milliseconds.
const CALIBRATION_MS: u32 = 120;
const DC_CALIBRATION_MS: u32 = 10;
/// Time an overheated transistor carries a line before the alarm, in milliseconds.
const OVERHEATING_MS: u32 = 500;

/// An FXS module.
#[derive(Debug, Clone)]
pub(super) struct Fxs {
    registers: [u8; REGISTERS],
    indirect: [u16; INDIRECT_REGISTERS],
    /// Indirect data was written since the last indirect access: the next one is a write.
    indirect_data_written: bool,
    /// Linefeed state, which the chip may change by itself.
    actual: Linefeed,
    power: LinePower,
    calibration_ms: u32,
    dc_calibration_ms: u32,
    ringing_ms: u32,
    heating_ms: u32,
    telephone_off_hook: bool,
    /// Ring is grounded at the far end, as a ground-start line is seized.
    ring_grounded: bool,
    loop_closure: Debounced,
    ring_trip: Debounced,
    transmit: Gain,
    receive: Gain,
    flaws: Flaws,
}

/// A detector behind its debounce filter.
#[derive(Debug, Clone, Copy, Default)]
struct Debounced {
    state: bool,
    differs_ms: u32,
}

impl Debounced {
    /// Takes the raw state of a millisecond; true when the debounced one has changed. `interval` is in 1.25 ms.
    fn step(&mut self, raw: bool, interval: u8) -> bool {
        self.differs_ms = if raw == self.state { 0 } else { self.differs_ms + 1 };
        let changes = self.differs_ms > 0 && self.differs_ms >= (u32::from(interval & 0x7f) * 5).div_ceil(4);
        if changes {
            *self = Debounced { state: raw, differs_ms: 0 };
        }
        changes
    }
}

impl Default for Fxs {
    fn default() -> Self {
        let mut registers = [0; REGISTERS];
        for (register, value) in DEFAULTS {
            registers[register] = value;
        }
        let mut fxs = Fxs {
            registers,
            indirect: [0; INDIRECT_REGISTERS],
            indirect_data_written: false,
            actual: Linefeed::Open,
            power: LinePower::default(),
            calibration_ms: 0,
            dc_calibration_ms: 0,
            ringing_ms: 0,
            heating_ms: 0,
            telephone_off_hook: false,
            ring_grounded: false,
            loop_closure: Debounced::default(),
            ring_trip: Debounced::default(),
            transmit: Gain::MUTE,
            receive: Gain::MUTE,
            flaws: Flaws::default(),
        };
        fxs.set_gains();
        fxs
    }
}

impl Fxs {
    /// Condition at the telephone in this millisecond, with the host's sound from the bus.
    pub(super) fn present(&mut self, frames: &Frames, broken: &PortNow) -> StationFeed {
        self.flaws = broken.flaws;
        self.calibrate(broken);
        self.guard_power(broken);
        let registers = &self.registers;
        let wanted = if registers[POWER_DOWN_1] & 0x10 != 0 || broken.no_line_power {
            None
        } else {
            Some(self.battery_target())
        };
        self.power.step(wanted);
        self.time_ringing();

        let ringing = self.ringing();
        let mut feed = StationFeed {
            ringing_volts: ringing.volts,
            ringing_hertz: ringing.hertz,
            ringing_offset_volts: ringing.offset_volts,
            ..StationFeed::default()
        };
        feed.tip_connected = !matches!(self.actual, Linefeed::Open | Linefeed::TipOpen);
        feed.battery_volts = self.open_loop_volts() * if self.actual.is_reverse() { -1.0 } else { 1.0 };
        if self.passes_sound()
            && self.registers[AUDIO_GAIN] & MUTE_RECEIVE == 0
            && let Some(slot) = self.slot(RECEIVE_START)
        {
            feed.sound = slot.take(frames);
            self.receive.apply(&mut feed.sound);
        }
        feed
    }

    /// Takes what the telephone does in this millisecond; `from_host` and `to_host` are the two ways of the bus.
    pub(super) fn listen(&mut self, load: &StationLoad, from_host: &Frames, to_host: &mut Frames) {
        self.telephone_off_hook = load.off_hook;
        self.ring_grounded = load.ring_grounded;
        self.detect();
        let Some(slot) = self.slot(TRANSMIT_START) else { return };
        let mut sound = [0; 8];
        if self.registers[LOOPBACK] & LOOPBACK_DIGITAL != 0 {
            let Some(received) = self.slot(RECEIVE_START) else { return };
            return slot.put_codes(&received.take_codes(from_host), to_host);
        }
        if self.registers[LOOPBACK] & LOOPBACK_ANALOG != 0 && self.passes_sound() {
            sound = self.slot(RECEIVE_START).map_or(sound, |slot| slot.take(from_host));
            self.receive.and(self.transmit).apply(&mut sound);
        } else if self.passes_sound() && self.registers[AUDIO_GAIN] & MUTE_TRANSMIT == 0 {
            sound = load.sound;
            self.transmit.apply(&mut sound);
        }
        slot.put(&sound, to_host);
    }

    /// The loop detectors, and what the chip does by itself when they change.
    fn detect(&mut self) {
        let closed = self.loop_current_ma() > self.threshold_ma(indirect::LOOP_CLOSURE_THRESHOLD);
        let tripped = self.ringing_current_ma() > self.threshold_ma(indirect::RING_TRIP_THRESHOLD);
        let active = matches!(
            self.actual,
            Linefeed::ForwardActive
                | Linefeed::ForwardOnHookTransmission
                | Linefeed::ReverseActive
                | Linefeed::ReverseOnHookTransmission
        );
        let ringing = self.actual == Linefeed::Ringing;
        let trips = if ringing { tripped } else { self.ring_trip.state && closed };
        if self.ring_trip.step(trips, self.registers[RING_TRIP_DEBOUNCE]) && self.ring_trip.state {
            self.registers[INTERRUPT_2] |= RING_TRIPPED;
            if self.registers[AUTOMATIC] & ACTIVE_ON_RING_TRIP != 0 {
                self.set_linefeed(Linefeed::ForwardActive);
            }
        }
        let watched = active || self.actual == Linefeed::TipOpen;
        if self.loop_closure.step(closed && watched, self.registers[LOOP_CLOSURE_DEBOUNCE]) {
            self.registers[INTERRUPT_2] |= LOOP_CLOSURE_CHANGED;
            if self.loop_closure.state && self.registers[AUTOMATIC] & ACTIVE_ON_CLOSURE != 0 {
                match self.actual {
                    Linefeed::ForwardOnHookTransmission => self.set_linefeed(Linefeed::ForwardActive),
                    Linefeed::ReverseOnHookTransmission => self.set_linefeed(Linefeed::ReverseActive),
                    Linefeed::Open
                    | Linefeed::ForwardActive
                    | Linefeed::TipOpen
                    | Linefeed::Ringing
                    | Linefeed::ReverseActive
                    | Linefeed::RingOpen => {}
                }
            }
        }
    }

    fn calibrate(&mut self, broken: &PortNow) {
        // The chip stays at the block that it cannot do.
        let stuck = self.flaws.unbalanced.is_some() && self.registers[CALIBRATION_1] & BALANCE_BLOCKS != 0;
        if !broken.endless_calibration && !stuck && self.calibration_ms > 0 {
            self.calibration_ms -= 1;
            if self.calibration_ms == 0 {
                self.registers[CALIBRATION_1] = 0;
            }
        }
        if self.dc_calibration_ms > 0 {
            self.dc_calibration_ms -= 1;
            if self.dc_calibration_ms == 0 {
                self.registers[DC_DC_SWITCHING] &= !START_DC_CALIBRATION;
                self.registers[DC_PEAK_CALIBRATION] = if self.flaws.unsound_converter { 0x00 } else { 0x08 };
            }
        }
    }

    /// The power alarms: a shorted line at once, an overheated transistor after a while.
    fn guard_power(&mut self, broken: &PortNow) {
        let feeding = self.actual != Linefeed::Open && self.power.volts() > 20.0;
        self.heating_ms = if broken.overheating && feeding { self.heating_ms + 1 } else { 0 };
        let mut alarm = 0;
        if broken.short_circuit && feeding {
            alarm |= ALARM_Q5_Q6;
        }
        if self.heating_ms > OVERHEATING_MS {
            alarm |= ALARM_Q1_Q2;
        }
        if alarm != 0 {
            self.registers[INTERRUPT_2] |= alarm;
            if self.registers[AUTOMATIC] & OPEN_ON_ALARM != 0 {
                self.set_linefeed(Linefeed::Open);
            }
        }
    }

    /// Enters a state, for the host or by itself.
    fn set_linefeed(&mut self, state: Linefeed) {
        self.registers[LINEFEED] = state.code();
        if self.actual != state {
            self.ringing_ms = 0;
        }
        self.actual = state;
        if state == Linefeed::Open {
            self.ring_trip = Debounced::default();
        }
    }

    fn set_gains(&mut self) {
        let step = |code: u8| match code & 0b11 {
            0b00 => Gain::UNITY,
            0b01 => Gain::from_db(-3.5),
            0b10 => Gain::from_db(3.5),
            _ => Gain::MUTE,
        };
        let digital = |register: usize| Gain::from_factor(f32::from(self.indirect[register]) / 16_384.0);
        let gain = self.registers[AUDIO_GAIN];
        self.transmit = step(gain >> 2).and(digital(indirect::TRANSMIT_GAIN));
        self.receive = step(gain).and(digital(indirect::RECEIVE_GAIN));
    }

    /// Place of a direction's samples on the bus; `None` while the module keeps off it.
    fn slot(&self, start: usize) -> Option<Slot> {
        let mode = self.registers[PCM_MODE];
        let start = u16::from_le_bytes([self.registers[start], self.registers[start + 1] & 0x03]);
        (mode & PCM_ENABLE != 0).then_some(Slot { start, format: Format::from_mode(mode) })
    }

    /// An indirect access: a write if data was written since the last one, else a read.
    fn access_indirect(&mut self, address: u8) {
        let Some(cell) = self.indirect.get_mut(usize::from(address)) else { return };
        if std::mem::take(&mut self.indirect_data_written) {
            *cell = u16::from_le_bytes([self.registers[INDIRECT_LOW], self.registers[INDIRECT_HIGH]]);
            self.set_gains();
        } else {
            let mut value = *cell;
            if let Some((_, bits)) = self.flaws.memory.filter(|(flawed, _)| *flawed == address) {
                value &= !bits;
            }
            [self.registers[INDIRECT_LOW], self.registers[INDIRECT_HIGH]] = value.to_le_bytes();
        }
        self.registers[INTERRUPT_3] |= INDIRECT_DONE;
    }

    /// A threshold of a loop detector. Source: Si3210 data sheet, indirect registers 28 and 29: 0x3600 is 34 mA.
    fn threshold_ma(&self, register: usize) -> f32 {
        f32::from(self.indirect[register] >> 9 & 0x3f) * 1.27
    }

    /// Returns true if a current can flow through ring: to tip through a telephone, or to ground.
    fn ring_carries_current(&self) -> bool {
        match self.actual {
            Linefeed::Open => false,
            // Nothing returns through tip.
            Linefeed::TipOpen => self.ring_grounded,
            Linefeed::RingOpen => false,
            Linefeed::ForwardActive
            | Linefeed::ForwardOnHookTransmission
            | Linefeed::Ringing
            | Linefeed::ReverseActive
            | Linefeed::ReverseOnHookTransmission => self.telephone_off_hook || self.ring_grounded,
        }
    }

    fn loop_status(&self) -> u8 {
        let current = self.loop_current_ma().max(self.ringing_current_ma()) > 0.0;
        let raw = current && self.ring_carries_current();
        let bit = |state: bool, bit: u8| if state { bit } else { 0 };
        bit(self.loop_closure.state, LOOP_CLOSED) | bit(self.ring_trip.state, RING_TRIP) | bit(raw, LOOP_RAW)
    }
}

impl Registers for Fxs {
    fn read(&mut self, register: u8) -> u8 {
        let bad = self.flaws.register.filter(|(flawed, _)| *flawed == register).map_or(0, |(_, bits)| bits);
        let register = usize::from(register);
        let Some(&stored) = self.registers.get(register) else { return 0 };
        let value = match register {
            INDIRECT_STATUS => u8::from(self.flaws.endless_indirect),
            RINGING_CONTROL => stored & !0x04 | if self.actual == Linefeed::Ringing { 0x04 } else { 0 },
            LINEFEED => stored | self.actual.code() << 4,
            LOOP_STATUS => self.loop_status(),
            FIRST_SENSE..=LAST_SENSE => self.sense(register),
            _ => stored,
        };
        value & !bad
    }

    fn write(&mut self, register: u8, value: u8) {
        let register = usize::from(register);
        match register {
            ID | INDIRECT_STATUS | LOOP_STATUS | FIRST_SENSE..=LAST_SENSE | REGISTERS.. => {}
            INTERRUPT_1 | INTERRUPT_2 | INTERRUPT_3 => self.registers[register] &= !value,
            INDIRECT_LOW | INDIRECT_HIGH => {
                self.registers[register] = value;
                self.indirect_data_written = true;
            }
            INDIRECT_ADDRESS => {
                self.registers[register] = value;
                self.access_indirect(value);
            }
            LINEFEED => {
                self.set_linefeed(Linefeed::from_code(value));
                self.ring_trip = Debounced::default();
            }
            DC_DC_SWITCHING => {
                self.registers[register] = value;
                if value & START_DC_CALIBRATION != 0 {
                    self.dc_calibration_ms = DC_CALIBRATION_MS;
                }
            }
            CALIBRATION_1 => {
                self.registers[register] = value;
                self.calibration_ms = if value & START_CALIBRATION != 0 { CALIBRATION_MS } else { 0 };
            }
            AUDIO_GAIN => {
                self.registers[register] = value;
                self.set_gains();
            }
            _ => self.registers[register] = value,
        }
    }
}

//! Measurements of the chip and its line: registers 78 to 89, and the voltages behind them.

use super::linefeed::Linefeed;
use super::{BATTERY_FEED, COMMON_MODE_VOLTAGE, Fxs, HIGH_BATTERY, LOOP_CURRENT_LIMIT, LOW_BATTERY, ON_HOOK_VOLTAGE};

/// Volts in a unit of registers 80 to 83, and of 78; milliamperes in one of 79.
const FINE_VOLTS: f32 = 0.376;
const COARSE_VOLTS: f32 = 1.5;
const COARSE_MILLIAMPERES: f32 = 1.25;
/// Headroom of the line drivers between battery and line, in volts.
const HEADROOM_VOLTS: f32 = 2.0;
/// The resistance of a telephone off hook, in ohms.
const TELEPHONE_OHMS: f32 = 300.0;
/// The impedance of a bell to ringing, in ohms: one REN.
const BELL_OHMS: f32 = 7_000.0;
/// Battery feed: the battery follows the line's needs.
const TRACK: u8 = 1 << 0;

impl Fxs {
    /// Target of the converter: the high battery while open or ringing, else as little as the line needs.
    pub(super) fn battery_target(&self) -> f32 {
        let high = volts(self.registers[HIGH_BATTERY]);
        match self.actual {
            Linefeed::Open | Linefeed::Ringing => high,
            _ if self.registers[BATTERY_FEED] & TRACK == 0 => high,
            _ if self.loop_current_ma() > 0.0 => volts(self.registers[LOW_BATTERY]),
            _ => volts(self.registers[COMMON_MODE_VOLTAGE]) + volts(self.registers[ON_HOOK_VOLTAGE]) + HEADROOM_VOLTS,
        }
    }

    /// The voltage between tip and ring with nothing connected.
    pub(super) fn open_loop_volts(&self) -> f32 {
        match self.actual {
            // With one wire open, no current flows through a telephone.
            Linefeed::Open | Linefeed::TipOpen | Linefeed::RingOpen => 0.0,
            Linefeed::ForwardActive
            | Linefeed::ForwardOnHookTransmission
            | Linefeed::Ringing
            | Linefeed::ReverseActive
            | Linefeed::ReverseOnHookTransmission => {
                let supply = self.power.volts() - volts(self.registers[COMMON_MODE_VOLTAGE]) - HEADROOM_VOLTS;
                // With the loop closed the supply is lowered; what the line would have when open is not.
                let wanted = volts(self.registers[ON_HOOK_VOLTAGE]);
                if self.loop_current_ma() > 0.0 { wanted } else { wanted.min(supply.max(0.0)) }
            }
        }
    }

    /// Returns true if speech passes the line now.
    pub(super) fn passes_sound(&self) -> bool {
        match self.actual {
            Linefeed::ForwardActive | Linefeed::ReverseActive => self.telephone_off_hook && self.power.volts() > 20.0,
            Linefeed::ForwardOnHookTransmission | Linefeed::ReverseOnHookTransmission => self.power.volts() > 20.0,
            Linefeed::Open | Linefeed::TipOpen | Linefeed::Ringing | Linefeed::RingOpen => false,
        }
    }

    /// The current through ring: through the telephone, or to ground.
    pub(super) fn loop_current_ma(&self) -> f32 {
        if !self.ring_carries_current() || self.actual == Linefeed::Ringing || self.power.volts() < 20.0 {
            return 0.0;
        }
        20.0 + 3.0 * f32::from(self.registers[LOOP_CURRENT_LIMIT] & 0b111)
    }

    /// The current that ringing drives: through a bell while on hook, through the telephone itself when it is lifted.
    pub(super) fn ringing_current_ma(&self) -> f32 {
        let ohms = if self.telephone_off_hook { TELEPHONE_OHMS } else { BELL_OHMS };
        let ringing = self.ringing();
        (ringing.volts + ringing.offset_volts.abs()) / ohms * 1_000.0
    }

    /// The voltage between tip and ring as it is.
    fn loop_volts(&self) -> f32 {
        match self.loop_current_ma() {
            current if current > 0.0 => current * TELEPHONE_OHMS / 1_000.0,
            _ => self.open_loop_volts(),
        }
    }

    /// Reads a sense register, 78 to 89.
    pub(super) fn sense(&self, register: usize) -> u8 {
        let signed = |value: f32, unit: f32| {
            let sign = if self.actual.is_reverse() { 0x40 } else { 0 };
            sign | (value / unit).round().clamp(0.0, 63.0) as u8
        };
        let fine = |value: f32| (value / FINE_VOLTS).round().clamp(0.0, 255.0) as u8;
        match register {
            78 => signed(self.loop_volts(), COARSE_VOLTS),
            79 => signed(self.loop_current_ma(), COARSE_MILLIAMPERES),
            80 => fine(self.wire_volts(!self.actual.is_reverse())),
            81 => fine(self.wire_volts(self.actual.is_reverse())),
            82 | 83 => fine(self.power.volts()),
            // Transistors 5 and 6 carry a little current until their offsets (98, 99) are trimmed low enough.
            88 => self.registers[98].saturating_sub(0x12).max(self.flaws.unbalanced.unwrap_or(0)),
            89 => self.registers[99].saturating_sub(0x12).max(self.flaws.unbalanced.unwrap_or(0)),
            _ => 0,
        }
    }

    /// The voltage of the wire near ground, or of the one near battery, below ground.
    fn wire_volts(&self, near_ground: bool) -> f32 {
        let common = volts(self.registers[COMMON_MODE_VOLTAGE]).min(self.power.volts());
        match self.actual {
            Linefeed::Open => 0.0,
            Linefeed::Ringing => self.power.volts() / 2.0,
            Linefeed::TipOpen | Linefeed::RingOpen => {
                // Tip is near ground in the first of them and open; ring is near battery in the second and open.
                let fed = near_ground == (self.actual == Linefeed::RingOpen);
                match (fed, near_ground) {
                    (false, _) => 0.0,
                    (true, true) => common,
                    (true, false) => (self.power.volts() - HEADROOM_VOLTS).max(0.0),
                }
            }
            Linefeed::ForwardActive
            | Linefeed::ForwardOnHookTransmission
            | Linefeed::ReverseActive
            | Linefeed::ReverseOnHookTransmission => {
                if near_ground {
                    common
                } else {
                    common + self.loop_volts()
                }
            }
        }
    }
}

/// A voltage in units of 1.5 V, bits 5:0.
fn volts(register: u8) -> f32 {
    f32::from(register & 0x3f) * COARSE_VOLTS
}

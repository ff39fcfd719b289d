//! Registers of the Si3210 ProSLIC, and the table of its indirect registers.
//!
//! Direct registers are octets on the serial bus; indirect ones are 16-bit words of the chip's signal processor,
//! reached through four direct ones. Names follow the Si3210 data sheet; values are those that DAHDI's `wctdm` writes
//! to this module on this card. Never: talks to a module.

use super::bits::{DIGITAL_LOOPBACK, HYBRID_RESET};
use crate::card::Linefeed;

/// A direct register by its decimal number in the data sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Register {
    /// 0: revision in bits 3:0 (2 is B, 5 is E), part in bits 5:4 (0 is Si3210).
    Identity = 0,
    /// 1: PCM mode; bit 5 enables, bits 4:3 the law (00 A, 01 mu). Bit 7 set marks another part, the Si3215.
    PcmMode = 1,
    /// 2, 3: the bit after frame sync at which the module begins to speak (low, high).
    TransmitSlotLow = 2,
    /// See [`TransmitSlotLow`](Register::TransmitSlotLow).
    TransmitSlotHigh = 3,
    /// 4, 5: the same for what it hears.
    ReceiveSlotLow = 4,
    /// See [`ReceiveSlotLow`](Register::ReceiveSlotLow).
    ReceiveSlotHigh = 5,
    /// 8: loopbacks. Resets to 2 and is cleared at bring-up, so a value other than 0 later tells of a reset.
    Loopback = 8,
    /// 10: the impedance the line sees; bit 3 enables, bits 2:0 the network.
    TwoWireImpedance = 10,
    /// 11: hybrid; resets to 0x33.
    Hybrid = 11,
    /// 14: power-down 1; bit 4 switches the DC-DC converter off.
    PowerDown1 = 14,
    /// 18 to 20: events; a bit written as 1 is cleared.
    Events1 = 18,
    /// See [`Events1`](Register::Events1).
    Events2 = 19,
    /// See [`Events1`](Register::Events1).
    Events3 = 20,
    /// 21 to 23: which events raise the module's interrupt, which is not wired on this card.
    EventMask1 = 21,
    /// See [`EventMask1`](Register::EventMask1).
    EventMask2 = 22,
    /// See [`EventMask1`](Register::EventMask1).
    EventMask3 = 23,
    /// 28, 29: data of an indirect access (low, high).
    IndirectLow = 28,
    /// See [`IndirectLow`](Register::IndirectLow).
    IndirectHigh = 29,
    /// 30: address of an indirect access; writing it begins the access: a write if the data was written before.
    IndirectAddress = 30,
    /// 31: bit 0 is set while an indirect access is under way.
    IndirectStatus = 31,
    /// 34: ringing oscillator; bit 1 lays it upon a direct voltage.
    RingingControl = 34,
    /// 48 to 51: ringing cadence timers in units of 125 us; only used when enabled in 34, which they are not.
    RingingActiveLow = 48,
    /// See [`RingingActiveLow`](Register::RingingActiveLow).
    RingingActiveHigh = 49,
    /// See [`RingingActiveLow`](Register::RingingActiveLow).
    RingingInactiveLow = 50,
    /// See [`RingingActiveLow`](Register::RingingActiveLow).
    RingingInactiveHigh = 51,
    /// 64: line feed; bits 2:0 commanded, bits 6:4 actual.
    Linefeed = 64,
    /// 66: battery feed; bit 0 lets the supply track the line.
    BatteryFeed = 66,
    /// 67: what the chip does by itself: bit 0 opens the line on a power alarm, bits 1 and 2 leave ringing on off-hook.
    Automatic = 67,
    /// 68: loop status; bit 0 loop closed (debounced), bit 1 ring trip.
    LoopStatus = 68,
    /// 70: how long the current of ringing must stand before it trips, in 1.25 ms.
    RingTripDebounce = 70,
    /// 71: loop current limit, 20 mA + 3 mA for each step.
    LoopCurrentLimit = 71,
    /// 73: common-mode voltage, 1.5 V a step.
    CommonMode = 73,
    /// 74: high battery, 1.5 V a step.
    HighBattery = 74,
    /// 79: loop current; bit 6 sign, bits 5:0 1.25 mA a step.
    LoopCurrent = 79,
    /// 82: battery voltage, -0.376 V a step.
    BatteryVoltage = 82,
    /// 88: current of transistor 5, for balancing by hand.
    Transistor5Current = 88,
    /// 89: current of transistor 6.
    Transistor6Current = 89,
    /// 92: period of the DC-DC converter.
    ConverterPeriod = 92,
    /// 93: switching of the DC-DC converter; bit 7 begins its calibration and clears itself.
    ConverterSwitching = 93,
    /// 96: calibration; bit 6 begins it; reads 0 when it is done.
    Calibration1 = 96,
    /// 97: which further blocks are calibrated.
    Calibration2 = 97,
    /// 98: result of the ring side's balance, and the first of the results up to 107.
    BalanceRing = 98,
    /// 99: result of the tip side's balance.
    BalanceTip = 99,
    /// 107: result of the converter's calibration; 2 to 13 is sound.
    ConverterPeak = 107,
    /// 108: enhancements.
    Enhancements = 108,
}

/// Reset values of the registers, in the order in which they are checked.
pub(crate) const RESET_VALUES: [(Register, u8); 3] = [
    (Register::Loopback, DIGITAL_LOOPBACK),
    (Register::Linefeed, linefeed_code(Linefeed::Open)),
    (Register::Hybrid, HYBRID_RESET),
];

/// Registers 96 to 107: all that calibration finds, to be put back after a reset.
pub(crate) const CALIBRATION_FIRST: u8 = 96;
/// Their number.
pub(crate) const CALIBRATION_COUNT: usize = 12;

/// The bits of the loop current that are not its sign.
pub(crate) const LOOP_CURRENT_MAGNITUDE: u8 = 0x3f;
/// Milliamperes of a step of the loop current.
pub(crate) const MILLIAMPS_PER_STEP: f32 = 1.25;
/// Volts of a step of the battery voltage.
pub(crate) const VOLTS_PER_STEP: f32 = 0.376;
/// Least value of [`BatteryVoltage`](Register::BatteryVoltage) while the converter runs: 72 V.
pub(crate) const SUPPLY_UP: u8 = 0xc0;
/// Below this (2.3 V) the supply counts as discharged.
pub(crate) const SUPPLY_EMPTY: u8 = 6;
/// The code of a line feed in register 64 (data sheet, linefeed states).
pub(crate) const fn linefeed_code(linefeed: Linefeed) -> u8 {
    match linefeed {
        Linefeed::Open => 0,
        Linefeed::ForwardActive => 1,
        Linefeed::ForwardOnHookTransmission => 2,
        Linefeed::TipOpen => 3,
        Linefeed::Ringing => 4,
        Linefeed::ReverseActive => 5,
        Linefeed::ReverseOnHookTransmission => 6,
        Linefeed::RingOpen => 7,
    }
}

/// The line feed that a code of three bits means.
pub(crate) const fn linefeed(code: u8) -> Linefeed {
    match code & 7 {
        0 => Linefeed::Open,
        1 => Linefeed::ForwardActive,
        2 => Linefeed::ForwardOnHookTransmission,
        3 => Linefeed::TipOpen,
        4 => Linefeed::Ringing,
        5 => Linefeed::ReverseActive,
        6 => Linefeed::ReverseOnHookTransmission,
        _ => Linefeed::RingOpen,
    }
}

/// The filter registers among the indirect ones: flushed to 0x8000 before power-up so that they settle at once.
pub(crate) const FILTERS: core::ops::Range<u8> = 35..40;
/// The value they are cleared to.
pub(crate) const FLUSHED: u16 = 0x8000;

/// The indirect registers of the ringing generator: direct voltage under it,
pub(crate) const RING_OFFSET: u8 = 19;
/// frequency coefficient,
pub(crate) const RING_FREQUENCY: u8 = 20;
/// amplitude,
pub(crate) const RING_AMPLITUDE: u8 = 21;
/// initial phase.
pub(crate) const RING_PHASE: u8 = 22;
/// The current from which on the loop counts as closed, and, where it differs, down to which it stays so.
pub(crate) const LOOP_CLOSURE: u8 = 28;
/// See [`LOOP_CLOSURE`].
pub(crate) const LOOP_CLOSURE_LOWER: u8 = 43;
/// The ring-trip threshold.
pub(crate) const RING_TRIP: u8 = 29;
/// The filter that takes ringing itself out of the current it is compared with.
pub(crate) const RING_TRIP_FILTER: u8 = 36;
/// 88 to 93: sums of the balance, which calibration by hand wants cleared.
pub(crate) const BALANCE: core::ops::Range<u8> = 88..94;
/// 97: cleared with the table.
pub(crate) const SCRATCH: u8 = 97;

/// The indirect registers 0 to 43 in order, each with its address and meaning (data sheet, indirect registers).
#[rustfmt::skip]
pub(crate) const INDIRECT: [u16; 44] = [
    // DTMF decoding: thresholds of the chip's own decoder.
    0x55c2, // 0: row 0, peak to the others.
    0x51e6, // 1: row 1.
    0x4b85, // 2: row 2.
    0x4937, // 3: row 3.
    0x3333, // 4: columns, peak to the others.
    0x0202, // 5: forward twist.
    0x0202, // 6: reverse twist.
    0x0198, // 7: row ratio.
    0x0198, // 8: column ratio.
    0x0611, // 9: second harmonic of rows.
    0x0202, // 10: second harmonic of columns.
    0x00e5, // 11: least power.
    0x0a1c, // 12: overload.
    // Oscillators.
    0x7b30, // 13: tone oscillator 1, coefficient.
    0x0063, // 14: oscillator 1, amplitude.
    0x0000, // 15: oscillator 1, initial phase.
    0x7870, // 16: tone oscillator 2, coefficient.
    0x007d, // 17: oscillator 2, amplitude.
    0x0000, // 18: oscillator 2, initial phase.
    0x0000, // 19: ringing, direct voltage under it: see `RING_OFFSET`.
    0x7ef0, // 20: ringing, frequency coefficient: set by country afterwards.
    0x0160, // 21: ringing, amplitude: set by country afterwards.
    0x0000, // 22: ringing, initial phase.
    0x2000, // 23: metering pulses, envelope.
    0x2000, // 24: metering pulses, amplitude.
    0x0000, // 25: metering pulses, initial phase.
    // Digital gain: 0 dB both ways (`wctdm` takes 6 dB off the first).
    0x4000, // 26: receive.
    0x4000, // 27: transmit.
    // SLIC control.
    0x1000, // 28: loop closure, threshold: see `LOOP_CLOSURE`.
    0x3600, // 29: ring trip, threshold: see `RING_TRIP`.
    0x1000, // 30: common mode, least.
    0x0200, // 31: common mode, greatest.
    0x07c0, // 32: power alarm of transistors Q1 and Q2.
    0x2600, // 33: power alarm of transistors Q3 and Q4.
    0x1b80, // 34: power alarm of transistors Q5 and Q6.
    0x8000, // 35: loop closure, filter: the first of `FILTERS`.
    0x0320, // 36: ring trip, filter: see `RING_TRIP_FILTER`.
    0x008c, // 37: thermal model of Q1 and Q2.
    0x0100, // 38: thermal model of Q3 and Q4.
    0x0010, // 39: thermal model of Q5 and Q6.
    0x0c00, // 40: common mode in ringing.
    0x0c00, // 41: least voltage of the DC-DC converter.
    0x1000, // 42: DC-DC converter, extra voltage.
    0x1000, // 43: loop closure, lower threshold: see `LOOP_CLOSURE_LOWER`.
];

/// Full scale of the ringing generator, in volts.
const FULL_SCALE_VOLTS: f64 = 96.0;
/// Headroom of the line drivers while they ring: what `wctdm`'s pairs leave at least (66 V at 75 V).
const HEADROOM_VOLTS: f64 = 9.0;

/// The ringing generator's frequency coefficient and amplitude.
///
/// With c = cos(2 pi f / 1000): frequency c * 32768, amplitude 8192 * sqrt((1 - c) / (1 + c)) * peak / 96 V.
pub(crate) fn ringing(hz: f64, volts_rms: f64) -> (u16, u16) {
    let c = (core::f64::consts::TAU * hz / 1000.0).cos();
    let peak = volts_rms * core::f64::consts::SQRT_2;
    let amplitude = 8192.0 * ((1.0 - c) / (1.0 + c)).sqrt() * peak / FULL_SCALE_VOLTS;
    ((c * 32768.0) as u16, amplitude as u16)
}

/// The direct voltage under ringing, at the generator's scale.
pub(crate) fn ringing_offset(volts: f64) -> u16 {
    (volts / FULL_SCALE_VOLTS * 32768.0) as i16 as u16
}

/// High battery (register 74, 1.5 V a step) for the most that ringing comes to: 75 V at least, 94.5 V at most.
pub(crate) fn high_battery(volts_rms: f64, offset_volts: f64) -> u8 {
    let most = volts_rms * core::f64::consts::SQRT_2 + offset_volts.abs() + HEADROOM_VOLTS;
    (most / 1.5).ceil().clamp(50.0, 63.0) as u8
}

/// A threshold of the loop detectors, bits 14:9 of 1.27 mA each: 34 mA is 0x3600.
pub(crate) fn current_threshold(milliamps: f64) -> u16 {
    ((milliamps / 1.27).round().clamp(0.0, 63.0) as u16) << 9
}

/// Filter (indirect) and debounce (register 70) of ring trip for a frequency of ringing: the row of the data sheet's
/// table of recommended values that is not above it, or the first.
pub(crate) fn ring_trip(hz: f64) -> (u16, u8) {
    const ROWS: [(f64, u16, u8); 6] = [
        (16.667, 0x0200, 0x0f),
        (20.0, 0x0320, 0x0b),
        (30.0, 0x0380, 0x09),
        (40.0, 0x0400, 0x07),
        (50.0, 0x06a8, 0x05),
        (60.0, 0x0800, 0x05),
    ];
    let (_, filter, debounce) = ROWS.into_iter().rfind(|(from, ..)| *from <= hz).unwrap_or(ROWS[0]);
    (filter, debounce)
}

/// Register 71 for a loop current in milliamperes; out of 20 to 41 mA it is 20 mA.
pub(crate) const fn loop_current_limit(milliamps: u8) -> u8 {
    match milliamps {
        20..=41 => (milliamps - 20) / 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ringing_formula_gives_the_values_others_use() {
        // wctdm's 20.5 Hz at 64 V, 25 Hz at 85 V (its TBR21) and 25 Hz at 66 V, all of them peaks, to the last step or
        // two.
        for (hz, volts, frequency, amplitude) in
            [(20.5, 64.0, 0x7ef0u16, 0x0160u16), (25.0, 85.0, 0x7e6c, 0x023a), (25.0, 66.0, 0x7e6d, 0x01b9)]
        {
            let (f, a) = ringing(hz, volts / core::f64::consts::SQRT_2);
            assert!(f.abs_diff(frequency) <= 8, "{hz} Hz: {f:#x}");
            assert!(a.abs_diff(amplitude) <= 3, "{hz} Hz {volts} V: {a:#x}");
        }
    }

    #[test]
    fn supply_thresholds_and_filters_are_those_of_the_data_sheet_and_of_others() {
        assert_eq!((high_battery(45.0, 0.0), high_battery(60.0, 0.0), high_battery(60.0, 20.0)), (0x32, 0x3f, 0x3f));
        assert_eq!(
            (current_threshold(34.0), current_threshold(10.0), current_threshold(500.0)),
            (0x3600, 0x1000, 0x7e00)
        );
        assert_eq!([16.0, 20.0, 25.0, 60.0].map(ring_trip), [(0x200, 15), (0x320, 11), (0x320, 11), (0x800, 5)]);
        assert_eq!((ringing_offset(0.0), ringing_offset(48.0), ringing_offset(-48.0)), (0, 0x4000, 0xc000));
    }

    #[test]
    fn linefeed_codes_go_both_ways() {
        for code in 0..8 {
            assert_eq!(linefeed_code(linefeed(code)), code);
        }
    }
}

//! Registers of the Si3050 DAA and their values, bit by bit.
//!
//! The data sheet describes each register under its number. Values that are not the chip's but the line's are composed
//! in `line_settings`. Never: talks to a module.

/// A register by its decimal number in the data sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Register {
    /// 1: bit 7 resets everything and clears itself.
    Control1 = 1,
    /// 2: resets to 3, by which the chip is recognised.
    Control2 = 2,
    /// 5: hook and ringing: bits 6 and 5 ringing voltage negative and positive, bit 3 line monitor, bit 0 off hook.
    DaaControl1 = 5,
    /// 6: bit 4 powers the line side down.
    DaaControl2 = 6,
    /// 10: bit 0 loops data back.
    DaaControl3 = 10,
    /// 11: bits 7:4 line side's identity, 0 until its isolation link is up; bits 3:0 revision of the system side.
    ChipId = 11,
    /// 16: ringing threshold and impedance.
    International1 = 16,
    /// 18: bit 1 full-wave ringing detector.
    International3 = 18,
    /// 24: ringing validation.
    RingValidation3 = 24,
    /// 26: DC termination.
    DcTermination = 26,
    /// 28: loop current, 1.1 mA a step.
    LoopCurrent = 28,
    /// 29: line voltage, signed, 1 V a step; 0 at 3 V or less.
    LineVoltage = 29,
    /// 30: AC termination.
    AcTermination = 30,
    /// 31: how long sound waits after off-hook.
    DaaControl5 = 31,
    /// 33: PCM mode; bit 5 enables, bits 4:3 the law (00 A, 01 mu).
    PcmMode = 33,
    /// 34, 35: the bit after frame sync at which the module begins to speak (low, high).
    TransmitSlotLow = 34,
    /// See [`TransmitSlotLow`](Register::TransmitSlotLow).
    TransmitSlotHigh = 35,
    /// 36, 37: the same for what it hears.
    ReceiveSlotLow = 36,
    /// See [`ReceiveSlotLow`](Register::ReceiveSlotLow).
    ReceiveSlotHigh = 37,
    /// 38 to 41: gains, coarse (1 dB) and fine (0.1 dB) for both ways; bit 4 attenuates.
    TransmitGain = 38,
    /// See [`TransmitGain`](Register::TransmitGain).
    ReceiveGain = 39,
    /// See [`TransmitGain`](Register::TransmitGain).
    TransmitFine = 40,
    /// See [`TransmitGain`](Register::TransmitGain).
    ReceiveFine = 41,
    /// 43: loop current threshold of an interrupt that is not enabled.
    CurrentThreshold = 43,
}

/// Register 1, bit 7: resets everything and clears itself.
pub(crate) const SOFTWARE_RESET: u8 = 1 << 7;

/// Register 2 after a reset: hybrid (bit 1) and receive path (bit 0) enabled.
pub(crate) const CONTROL_2_RESET: u8 = 1 << 1 | 1 << 0;

/// Register 5, bits that always read 0.
const CONTROL_ZERO: u8 = 1 << 7 | 1 << 4 | 1 << 1;
/// Register 5, bit 3: the line monitor, always on.
pub(crate) const LINE_MONITOR: u8 = 1 << 3;
/// Register 5, bit 0: off hook.
pub(crate) const OFF_HOOK: u8 = 1 << 0;
/// Register 5, bits 6 and 5: ringing voltage, negative or positive.
pub(crate) const RINGING: u8 = 1 << 6 | 1 << 5;
/// Register 5: bits that must be as commanded; ringing detection (bits 6, 5 and 2) is left out.
pub(crate) const CONTROL_MASK: u8 = CONTROL_ZERO | LINE_MONITOR | OFF_HOOK;

/// Register 6: the line side has power; bit 4 takes it away.
pub(crate) const LINE_SIDE_POWERED: u8 = 0;

/// Register 10, no loopback.
pub(crate) const LOOPBACK_OFF: u8 = 0;
/// Register 10, bit 0: what comes on the PCM bus goes back before any filter.
pub(crate) const DATA_LOOPBACK: u8 = 1 << 0;

/// Register 16, bit 6: the hook switch opens slowly.
pub(crate) const ON_HOOK_SLOW: u8 = 1 << 6;
/// Register 16, bit 1: the ringer impedance is synthesised.
pub(crate) const RINGER_IMPEDANCE: u8 = 1 << 1;
/// Register 16, bit 0: the higher ringing threshold, about 21 V instead of 15 V.
pub(crate) const RINGING_ABOVE_21_V: u8 = 1 << 0;

/// Register 18: ringing is detected in half waves; bit 1 would make it full waves.
pub(crate) const HALF_WAVES: u8 = 0;

/// Register 24: ringing validation off (bit 7); its other fields as after a reset.
pub(crate) const RING_VALIDATION_OFF: u8 = 0x19;

/// Register 26, bits 7:6: the voltage between tip and ring, high.
pub(crate) const TIP_RING_HIGH: u8 = 3 << 6;
/// Register 26, bits 5:4: the least loop current, highest.
pub(crate) const LOOP_CURRENT_MIN_HIGHEST: u8 = 3 << 4;
/// Register 26, bit 1: current limit (TBR 21).
pub(crate) const CURRENT_LIMIT: u8 = 1 << 1;

/// Register 30, bits 3:0: 600 ohm.
pub(crate) const OHM_600: u8 = 0;
/// Register 30: 270 ohm + (750 ohm // 150 nF), TBR 21.
pub(crate) const IMPEDANCE_TBR_21: u8 = 2;
/// Register 30: 220 ohm + (820 ohm // 115 or 120 nF), Germany and Australia.
pub(crate) const IMPEDANCE_220_820: u8 = 3;
/// Register 30: 320 ohm + (1050 ohm // 230 nF), United Kingdom.
pub(crate) const IMPEDANCE_UNITED_KINGDOM: u8 = 5;
/// Register 30: 370 ohm + 620 ohm // 310 nF.
pub(crate) const IMPEDANCE_370_620: u8 = 4;
/// Register 30: the global complex impedance.
pub(crate) const IMPEDANCE_COMPLEX: u8 = 15;

/// Register 31, bit 7: full scale.
const FULL_SCALE: u8 = 1 << 7;
/// Register 31, bits 6:5: sound waits 128 ms after off-hook.
const OFF_HOOK_WAIT_128_MS: u8 = 1 << 5;
/// Register 31, bit 1: the corner of the high-pass filter at 200 Hz.
const CORNER_200_HZ: u8 = 1 << 1;
/// Register 31, bit 0: register 29 shows voltages of 3 V or less, too.
const SMALL_VOLTAGES: u8 = 1 << 0;
/// Register 31 in every country.
pub(crate) const CONTROL_5: u8 = FULL_SCALE | OFF_HOOK_WAIT_128_MS | CORNER_200_HZ | SMALL_VOLTAGES;
/// Register 31, bit 3: the second speed of the hook switch.
pub(crate) const ON_HOOK_SPEED_2: u8 = 1 << 3;

/// Registers 38 to 41: 0 dB, written as an attenuation (bit 4) by 0 as `wctdm` does.
pub(crate) const GAIN_0_DB: u8 = 1 << 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_composed_values_are_those_that_are_written_to_live_modules() {
        assert_eq!((CONTROL_MASK, CONTROL_2_RESET, CONTROL_5), (0x9b, 0x03, 0xa3));
    }
}

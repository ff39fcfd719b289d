//! Values of the Si3210's direct registers, bit by bit: all that bring-up and service write or test.
//!
//! The data sheet describes each register under its number, which heads every group here. Where the values are not the
//! chip's but this module's (its converter, for example) they are those that DAHDI's `wctdm` writes. Never: talks to a
//! module.

/// Register 0, bits 3:0: the revision.
pub(crate) const REVISION: u8 = 0x0f;
/// Register 0: revisions of no working chip: 0 and 15 are read where there is none, and 1 is too old.
pub(crate) const NO_REVISION: [u8; 3] = [0, 1, 15];

/// Register 1, bit 7: the chip is an Si3215, with another map of indirect registers.
pub(crate) const IS_SI3215: u8 = 1 << 7;

/// Register 8, no loopback.
pub(crate) const LOOPBACK_OFF: u8 = 0;
/// Register 8, bit 1: digital loopback, from the PCM bus back to it. The reset value.
pub(crate) const DIGITAL_LOOPBACK: u8 = 1 << 1;
/// Register 8, bit 2: analog loopback, behind the converters.
pub(crate) const ANALOG_LOOPBACK: u8 = 1 << 2;

/// Register 10, bit 3: the impedance of bits 2:0 is synthesised.
pub(crate) const IMPEDANCE_ON: u8 = 1 << 3;

/// Register 11: the hybrid's reset value, two fields of 3.
pub(crate) const HYBRID_RESET: u8 = 3 << 4 | 3;

/// Register 14: every block runs.
pub(crate) const POWER_ALL_ON: u8 = 0;
/// Register 14, bit 4: the DC-DC converter is off.
pub(crate) const CONVERTER_OFF: u8 = 1 << 4;

/// Registers 18 to 20: every event, for clearing.
pub(crate) const EVENTS_ALL: u8 = 0xff;
/// Registers 21 to 23: no event raises the interrupt.
pub(crate) const EVENT_MASK_NONE: u8 = 0;
/// Register 23, bit 2: the event of the common-mode balance, as calibration by hand wants it.
pub(crate) const EVENT_COMMON_MODE: u8 = 1 << 2;

/// Register 31, bit 0 and the others, which are 0: the indirect access is done.
pub(crate) const INDIRECT_DONE: u8 = 0;

/// Register 34: a sine upon no direct voltage, cadence timers off.
pub(crate) const RINGING_SINE: u8 = 0;
/// Register 34, bit 1: the direct voltage of indirect register 19 lies under the sine.
pub(crate) const RINGING_OFFSET_ON: u8 = 1 << 1;

/// Registers 48 and 49: 60 ms in 125 us; without effect while the timers of register 34 are off.
pub(crate) const RINGING_ACTIVE: u16 = 60 * 8;
/// Registers 50 and 51: 190 ms in 125 us; as before.
pub(crate) const RINGING_INACTIVE: u16 = 190 * 8;

/// Register 64, bits that are always 0.
pub(crate) const LINEFEED_UNUSED: u8 = 1 << 7 | 1 << 3;

/// Register 66, bit 0: the supply tracks the line.
pub(crate) const BATTERY_TRACKS: u8 = 1 << 0;

/// Register 67, bit 0: the line is opened on a power alarm.
pub(crate) const OPEN_ON_ALARM: u8 = 1 << 0;
/// Register 67, bit 1: an active feed follows loop closure.
pub(crate) const FOLLOW_LOOP: u8 = 1 << 1;
/// Register 67, bit 2: ringing ends with ring trip.
pub(crate) const FOLLOW_RING_TRIP: u8 = 1 << 2;

/// Register 68, bit 0: the loop is closed, debounced.
pub(crate) const LOOP_CLOSED: u8 = 1 << 0;

/// Register 73: 6 V of common mode, in steps of 1.5 V.
pub(crate) const COMMON_MODE_6_V: u8 = 4;

/// Register 92: the longest period of the converter, and its reset value.
pub(crate) const CONVERTER_PERIOD: u8 = 0xff;
/// Register 93, bits 4:0: the least time that the converter's switch is off; of this module's converter.
pub(crate) const CONVERTER_OFF_TIME: u8 = 0x19;
/// Register 93, bit 7: begins the converter's calibration, and clears itself.
pub(crate) const CONVERTER_CALIBRATES: u8 = 1 << 7;

/// Register 96, bit 6: begins calibration. The register reads 0 when it is done.
pub(crate) const CALIBRATE: u8 = 1 << 6;
/// Register 96, bits 4 and 3: the balance of the ring side and of the tip side.
pub(crate) const CALIBRATE_BALANCE: u8 = 1 << 4 | 1 << 3;
/// Register 96, bits 2 to 0: differential gain, common-mode gain, current limit.
pub(crate) const CALIBRATE_GAINS: u8 = 1 << 2 | 1 << 1 | 1 << 0;
/// Register 97, bits 4 and 3: the two monitoring converters.
pub(crate) const CALIBRATE_MONITORS: u8 = 1 << 4 | 1 << 3;
/// Register 97, bits 2 and 1: the converters of sound.
pub(crate) const CALIBRATE_SOUND: u8 = 1 << 2 | 1 << 1;
/// Register 97, bit 0: the common-mode balance.
pub(crate) const CALIBRATE_COMMON_MODE: u8 = 1 << 0;

/// Registers 98 and 99: the balance in the middle.
pub(crate) const BALANCE_MIDDLE: u8 = 0x10;
/// Registers 98 and 99: the highest balance, from which calibration by hand steps down.
pub(crate) const BALANCE_HIGHEST: u8 = 0x1f;

/// Register 107: sound results of the converter's calibration.
pub(crate) const CONVERTER_PEAK_SOUND: core::ops::RangeInclusive<u8> = 0x02..=0x0d;
/// Register 107: the usual result, for when the chip's own is unsound.
pub(crate) const CONVERTER_PEAK_USUAL: u8 = 8;

/// Register 108: all enhancements but bits 4 and 2; bit 2 would have the loop closed by voltage instead of current.
pub(crate) const ENHANCEMENTS: u8 = !(1 << 4 | 1 << 2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_composed_values_are_those_that_are_written_to_live_modules() {
        assert_eq!((ENHANCEMENTS, OPEN_ON_ALARM | FOLLOW_LOOP | FOLLOW_RING_TRIP, HYBRID_RESET), (0xeb, 0x07, 0x33));
        assert_eq!((RINGING_ACTIVE, RINGING_INACTIVE), (0x01e0, 0x05f0));
        assert_eq!(CONVERTER_CALIBRATES | CONVERTER_OFF_TIME, 0x99);
        assert_eq!((CALIBRATE | CALIBRATE_BALANCE | CALIBRATE_GAINS, CALIBRATE | CALIBRATE_GAINS), (0x5f, 0x47));
        assert_eq!(CALIBRATE_MONITORS | CALIBRATE_SOUND | CALIBRATE_COMMON_MODE, 0x1f);
    }
}

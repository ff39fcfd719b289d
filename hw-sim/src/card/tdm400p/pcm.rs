//! The PCM bus of the card: 32 bits after each frame sync, and which of them belong to whom.
//!
//! The start count of a module is the number of bits after frame sync at which its sample begins. Bits beyond the 32
//! that the bridge carries are lost. An undriven bus reads as ones; where two modules drive it, zeros win.

use super::bridge::Frames;
use super::codec::Format;
use crate::network::Sound;

/// Place of a module's sample on the bus, and its coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Bits after frame sync.
    pub start: u16,
    /// Coding of the sample.
    pub format: Format,
}

impl Slot {
    /// Shift of a sample, if it stands within the frame.
    fn shift(self) -> Option<u32> {
        32u32.checked_sub(u32::from(self.start))?.checked_sub(self.format.bits())
    }

    /// Takes the samples of this slot off the bus. Silence where the slot is beyond the frame.
    pub(super) fn take(self, frames: &Frames) -> Sound {
        let Some(shift) = self.shift() else { return [0; 8] };
        frames.map(|frame| self.format.decode((frame >> shift) as u16))
    }

    /// Takes the codes of this slot off the bus as they are. Ones where the slot is beyond the frame.
    pub(super) fn take_codes(self, frames: &Frames) -> [u16; 8] {
        let mask = ((1u32 << self.format.bits()) - 1) as u16;
        let Some(shift) = self.shift() else { return [mask; 8] };
        frames.map(|frame| (frame >> shift) as u16 & mask)
    }

    /// Puts codes on the bus as they are.
    pub(super) fn put_codes(self, codes: &[u16; 8], frames: &mut Frames) {
        let Some(shift) = self.shift() else { return };
        let others = !(((1u64 << self.format.bits()) - 1) << shift) as u32;
        for (frame, &code) in frames.iter_mut().zip(codes) {
            *frame &= others | u32::from(code) << shift;
        }
    }

    /// Puts samples on the bus.
    pub(super) fn put(self, sound: &Sound, frames: &mut Frames) {
        self.put_codes(&sound.map(|sample| self.format.encode(sample)), frames);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_of_four_ports_stand_in_reversed_slots() {
        let mut frames = [u32::MAX; 8];
        for port in 0..4u16 {
            let slot = Slot { start: (3 - port) * 8, format: Format::ALaw };
            let sound = [Format::ALaw.decode(0x10 + port); 8];
            slot.put(&sound, &mut frames);
            assert_eq!(slot.take(&frames), sound);
        }
        assert_eq!(frames[0].to_le_bytes(), [0x10, 0x11, 0x12, 0x13]);
    }

    #[test]
    fn what_lies_beyond_the_frame_is_silent_and_touches_nothing() {
        let slot = Slot { start: 25, format: Format::MuLaw };
        let mut frames = [0x1234_5678; 8];
        slot.put(&[1000; 8], &mut frames);
        assert_eq!(frames, [0x1234_5678; 8]);
        assert_eq!(slot.take(&frames), [0; 8]);
    }

    #[test]
    fn codes_pass_as_they_are() {
        // Negative zero of mu-law, which no sample can say.
        let slot = Slot { start: 8, format: Format::MuLaw };
        let mut frames = [u32::MAX; 8];
        slot.put_codes(&[0x7f; 8], &mut frames);
        assert_eq!((slot.take_codes(&frames), frames), ([0x7f; 8], [0xff7f_ffff; 8]));
    }

    #[test]
    fn linear_samples_take_two_octets_high_one_first() {
        let mut frames = [u32::MAX; 8];
        Slot { start: 0, format: Format::Linear }.put(&[0x1234; 8], &mut frames);
        assert_eq!(frames, [0x1234_ffff; 8]);
    }
}

//! One DMA ring of the bridge: four address registers, and the DMA position.

/// A ring. Addresses are on the bus, of 32-bit words.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ring {
    start: u32,
    interrupt: u32,
    end: u32,
    current: u32,
    stopped: bool,
    /// The driver has read the position at all since DMA began.
    watched: bool,
    /// It has done so since the last millisecond.
    looked: bool,
}

/// Positions of a ring passed in a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passed {
    /// The word at the interrupt address.
    pub interrupt: bool,
    /// The word at the end address.
    pub end: bool,
}

impl Ring {
    /// Reads an octet of the four registers: start, interrupt, end and current address.
    pub(super) fn read(&mut self, offset: u64) -> u8 {
        let word = match offset / 4 {
            0 => self.start,
            1 => self.interrupt,
            2 => self.end,
            _ => {
                (self.watched, self.looked) = (true, true);
                self.current
            }
        };
        word.to_le_bytes()[(offset % 4) as usize]
    }

    /// Writes an octet of the registers; the current address cannot be written.
    pub(super) fn write(&mut self, offset: u64, value: u8) {
        let word = match offset / 4 {
            0 => &mut self.start,
            1 => &mut self.interrupt,
            2 => &mut self.end,
            _ => return,
        };
        let shift = 8 * (offset % 4);
        *word = *word & !(0xff << shift) | u32::from(value) << shift;
    }

    /// Goes back to the start address.
    pub(super) fn rewind(&mut self) {
        self.current = self.start;
        self.stopped = false;
    }

    /// DMA begins. A position from before the addresses were set is no position: then the engine begins at the start.
    pub(super) fn begin(&mut self) {
        (self.watched, self.looked) = (false, false);
        if self.current < self.start || self.current > self.end {
            self.rewind();
        }
    }

    /// The word to be transferred now, if the ring has not stopped at its end.
    pub(super) fn word(&self) -> Option<u64> {
        (!self.stopped).then_some(u64::from(self.current & !3))
    }

    /// Moves on by one word.
    pub(super) fn advance(&mut self, stop_at_end: bool) -> Passed {
        let passed = Passed { interrupt: self.current == self.interrupt, end: self.current == self.end };
        if !passed.end {
            self.current = self.current.wrapping_add(4);
        } else if stop_at_end {
            self.stopped = true;
        } else {
            self.current = self.start;
        }
        passed
    }

    /// The length in words.
    pub(super) fn words(&self) -> u32 {
        self.end.wrapping_sub(self.start) / 4 + 1
    }

    /// A millisecond has passed; the driver has not read the position since.
    pub(super) fn lived(&mut self) {
        self.looked = false;
    }

    /// Returns true if the driver follows this ring by its position.
    pub(super) fn is_watched(&self) -> bool {
        self.watched
    }

    /// Returns true if it has read the position since the last millisecond, or never does.
    pub(super) fn is_seen(&self) -> bool {
        self.looked || !self.watched
    }
}

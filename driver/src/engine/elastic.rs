//! The elastic buffer of a board beside the clock: a few ticks deep, so that neither side waits for the other.
//!
//! It starts two ticks deep. Whoever finds it empty puts a tick of silence in, and when it has grown beyond four ticks
//! one is left out: a slip, counted by the board.

use crate::card::Frame;

/// Depth of the buffer when a board joins, in ticks.
const START_TICKS: usize = 2;
/// Deeper than this at the end of a wake-up, a tick is left out.
const DEEP_TICKS: usize = 4;
/// The room, in ticks: one side may be so far ahead of the other within a wake-up.
const ROOM_TICKS: usize = 16;

/// A queue of ticks, each of the same number of frames: one or more for every port.
pub(super) struct Elastic {
    frames: Vec<Frame>,
    width: usize,
    /// The oldest tick; in range `0 .. ROOM_TICKS`.
    first: usize,
    /// Ticks in the buffer; in range `0 ..= ROOM_TICKS`.
    depth: usize,
    idle: Vec<Frame>,
}

impl Elastic {
    /// An empty buffer for ticks of `width` frames, of which each is `idle` in silence.
    pub(super) fn new(width: usize, idle: Frame) -> Elastic {
        Elastic { frames: vec![idle; width * ROOM_TICKS], width, first: 0, depth: 0, idle: vec![idle; width] }
    }

    /// Begins afresh with silence of the starting depth.
    pub(super) fn start(&mut self) {
        self.frames.fill(*self.idle.first().unwrap_or(&[0; _]));
        self.first = 0;
        self.depth = START_TICKS;
    }

    /// Returns true without room for more.
    pub(super) fn is_full(&self) -> bool {
        self.depth == ROOM_TICKS
    }

    /// A place at the end, to be filled; none if there is no more room.
    pub(super) fn place(&mut self) -> Option<&mut [Frame]> {
        if self.is_full() {
            return None;
        }
        let at = (self.first + self.depth) % ROOM_TICKS * self.width;
        self.depth += 1;
        Some(&mut self.frames[at..at + self.width])
    }

    /// The oldest tick, taken out; none if there is none.
    pub(super) fn take(&mut self) -> Option<&[Frame]> {
        if self.depth == 0 {
            return None;
        }
        let at = self.first * self.width;
        self.first = (self.first + 1) % ROOM_TICKS;
        self.depth -= 1;
        Some(&self.frames[at..at + self.width])
    }

    /// Leaves the oldest tick out if the buffer has grown too deep. Returns how many were left out.
    pub(super) fn leave_out(&mut self) -> u64 {
        u64::from(self.depth > DEEP_TICKS && self.take().is_some())
    }

    /// A tick of silence.
    pub(super) fn idle(&self) -> &[Frame] {
        &self.idle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_come_out_in_order_and_too_many_are_left_out_one_by_one() {
        let mut buffer = Elastic::new(1, [0; 8]);
        buffer.start();
        for tick in 1..=4u8 {
            buffer.place().unwrap()[0] = [tick; 8];
        }
        assert_eq!(buffer.leave_out(), 1);
        assert_eq!(buffer.leave_out(), 1);
        assert_eq!(buffer.leave_out(), 0);
        for tick in 1..=4u8 {
            assert_eq!(buffer.take(), Some(&[[tick; 8]][..]));
        }
        assert_eq!(buffer.take(), None);
    }

    #[test]
    fn a_full_buffer_gives_no_place() {
        let mut buffer = Elastic::new(2, [0; 8]);
        while buffer.place().is_some() {}
        assert!(buffer.is_full());
        assert_eq!(buffer.take().map(<[Frame]>::len), Some(2));
        assert!(buffer.place().is_some());
    }
}

//! The bounds of this crate: name, unit, and what happens when one is reached.

/// Channels of one engine, over all boards. Ports beyond it are left alone, and their number is reported as a trouble.
pub(crate) const CHANNELS_MAX: usize = crate::dsp::LANES_MAX;

/// Commands taken in one tick. More wait in their ring for the next tick.
pub(crate) const COMMANDS_PER_TICK_MAX: usize = 64;

/// Ticks caught up in one wake-up of the media thread. More are caught up in the next wake-ups.
pub(crate) const CATCH_UP_TICKS_MAX: u64 = 1000;

/// Troubles waiting to be read and logged. Further ones are counted and lost.
pub(crate) const TROUBLES_MAX: usize = 64;

/// Octets of the text of a trouble. A longer text is cut.
pub(crate) const TROUBLE_TEXT_MAX: usize = 240;

/// Ticks that another board may have waiting while the clock's board has none; then the clock goes to the other board.
/// Less than the usual time by which transmit runs ahead, so that the other boards play without a gap.
pub(crate) const CLOCK_LAG_TICKS: usize = 3;

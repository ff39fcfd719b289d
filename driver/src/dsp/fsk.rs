//! Frequency-shift keying at 1200 bit/s.

/// Which pair of frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modem {
    /// Mark 1200 Hz, space 2200 Hz.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz.
    V23,
}

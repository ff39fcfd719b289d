//! Ringing counted in rings: the length of a lease, and the count of bursts at an answer.
//!
//! A ring is one burst and the silence after it, so *answered within three rings* means before the fourth burst begins.
//!
//! Never: knows which station rings.

use tipring_driver::time::Ticks;

/// The cadence of a station's ringing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RingCadence {
    /// Length of a burst.
    pub on: Ticks,
    /// Silence after it.
    pub off: Ticks,
}

impl Default for RingCadence {
    fn default() -> RingCadence {
        CHINA
    }
}

/// China's national cadence (GF 002-9002.1): 1 s on, 4 s off.
pub const CHINA: RingCadence = RingCadence { on: Ticks::from_secs(1), off: Ticks::from_secs(4) };

impl RingCadence {
    /// Length of `rings` rings; a lease of this length ends as the next burst would begin. At least one ring.
    pub fn length(self, rings: u8) -> Ticks {
        Ticks((self.on.0 + self.off.0) * u64::from(rings.max(1)))
    }

    /// Bursts begun when a telephone has rung for `rung`: 1 at once.
    pub fn bursts(self, rung: Ticks) -> u64 {
        1 + rung.0 / (self.on.0 + self.off.0).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_three_rings_is_before_the_fourth_burst() {
        assert_eq!(CHINA.length(3), Ticks::from_secs(15));
        assert_eq!(CHINA.bursts(Ticks::from_ms(14_999)), 3);
        assert_eq!(CHINA.bursts(CHINA.length(3)), 4);
        assert_eq!(CHINA.length(0), Ticks::from_secs(5), "a telephone rings at least once");
    }
}

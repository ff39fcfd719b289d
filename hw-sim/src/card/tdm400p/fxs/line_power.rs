//! The converter that makes a station line's voltage from 12 V.
//!
//! It climbs to its target within a tenth of a second; switched off, its capacitor empties slowly, in seconds, which is
//! what a driver's test for leakage looks at.

/// Slew rate of the voltage, in volts per millisecond.
const CLIMB: f32 = 1.0;
/// Part of the way down to a lower target covered each millisecond while the converter runs.
const FALL: f32 = 0.02;
/// Part of the voltage left after a millisecond without converter: half after 0.47 s.
const DECAY: f32 = 0.998_53;

/// The battery voltage of a line; negative against ground in truth, its magnitude here.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LinePower {
    volts: f32,
}

impl LinePower {
    /// Runs one millisecond towards a target in volts, or without supply.
    pub(super) fn step(&mut self, target: Option<f32>) {
        match target {
            None => self.volts *= DECAY,
            Some(target) if self.volts < target => self.volts = (self.volts + CLIMB).min(target),
            Some(target) => self.volts += (target - self.volts) * FALL,
        }
    }

    /// The voltage now.
    pub(super) fn volts(&self) -> f32 {
        self.volts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_climbs_within_100_ms_and_decays_slowly() {
        let mut power = LinePower::default();
        for _ in 0..100 {
            power.step(Some(75.0));
        }
        assert_eq!(power.volts(), 75.0);
        for _ in 0..500 {
            power.step(None);
        }
        assert!((30.0..40.0).contains(&power.volts()), "{}", power.volts());
    }
}

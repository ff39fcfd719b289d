//! Ringing cadence: ring validation on a trunk ([`RingDetector`]), and the bursts of a station's ringing
//! ([`RingCadence`]).
//!
//! A trunk module is looked at every 4 to 16 ms, and a half-wave ring detector shows ringing for less than half of each
//! cycle of 25 Hz. So a burst is not a level that is steady: it is a stretch in which ringing was seen often enough and
//! never away for longer than the debounce time.

use crate::country::{Burst, Ringing};
use crate::time::{Tick, Ticks};

/// Ringing must have been there for at least one part in this many of a burst: a half-wave detector sees 45 % of it.
const PRESENT_PART: u64 = 5;
/// A ring pulse lasts 200 to 300 ms (EN 300 659-1); a half-wave detector and a look every 16 ms take up to 56 ms of it.
const PULSE_MIN: Ticks = Ticks::from_ms(140);

/// Finds bursts of ringing.
#[derive(Debug, Clone)]
pub(crate) struct RingDetector {
    /// A burst shorter than this is none.
    burst_min: Ticks,
    /// Ringing away for so long has ended.
    debounce: Ticks,
    looked_at: Tick,
    level: bool,
    burst: Option<Found>,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    first: Tick,
    last: Tick,
    /// For how long ringing was there between the two.
    present: u64,
    told: bool,
}

/// Result of one scan of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RingChange {
    /// It rings: the burst is long enough to be one.
    Began,
    /// The burst is over; it ended at that moment.
    Ended(Tick),
    /// There was a burst, too short to be ringing but long enough for an alert (RP-AS); it ended at that moment.
    Pulse(Tick),
}

impl RingDetector {
    /// A detector that takes a burst of `burst_min` for ringing, and its absence for `debounce` for its end.
    pub(crate) fn new(burst_min: Ticks, debounce: Ticks) -> RingDetector {
        RingDetector { burst_min, debounce, looked_at: Tick::ZERO, level: false, burst: None }
    }

    /// Takes a look at the line.
    pub(crate) fn observe(&mut self, now: Tick, ringing: bool) -> Option<RingChange> {
        let change = self.poll(now);
        self.level = ringing;
        if ringing && self.burst.is_none() {
            self.burst = Some(Found { first: now, last: now, present: 0, told: false });
        }
        change
    }

    /// Lets time pass since the last look.
    pub(crate) fn poll(&mut self, now: Tick) -> Option<RingChange> {
        let passed = now.since(self.looked_at).0;
        self.looked_at = now;
        let found = self.burst.as_mut()?;
        if self.level {
            found.last = now;
            found.present += passed;
        }
        let Found { first, last, present, told } = *found;
        let length = last.since(first);
        if !self.level && now.since(last) >= self.debounce {
            self.burst = None;
            let pulse = length >= PULSE_MIN && present * PRESENT_PART >= length.0;
            return if told { Some(RingChange::Ended(last)) } else { pulse.then_some(RingChange::Pulse(last)) };
        }
        if !told && length >= self.burst_min && present * PRESENT_PART >= length.0 {
            found.told = true;
            return Some(RingChange::Began);
        }
        None
    }

    /// Time of the next [`poll`](RingDetector::poll) if no condition comes before.
    pub(crate) fn due(&self) -> Option<Tick> {
        let found = self.burst.as_ref()?;
        match (self.level, found.told) {
            (true, false) => Some(found.first + self.burst_min),
            (true, true) => None,
            (false, _) => Some(found.last + self.debounce),
        }
    }

    /// True while ringing is present or was a moment ago; it may yet turn out too short to be a burst.
    pub(crate) fn is_active(&self) -> bool {
        self.burst.is_some()
    }

    /// True while it rings.
    pub(crate) fn is_ringing(&self) -> bool {
        self.burst.is_some_and(|found| found.told)
    }

    /// Forgets what was seen.
    pub(crate) fn reset(&mut self) {
        self.level = false;
        self.burst = None;
    }
}

/// A step of a station's ringing cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RingStep {
    /// Ringing voltage, or the silence after a burst.
    pub on: bool,
    /// For how long.
    pub length: Ticks,
}

/// The bursts and silences of a station's ringing, for ever.
#[derive(Debug, Clone)]
pub(crate) struct RingCadence {
    bursts: &'static [Burst],
    at: usize,
    on: bool,
}

impl RingCadence {
    /// Begins with the first burst.
    pub(crate) fn new(ringing: &Ringing) -> RingCadence {
        RingCadence { bursts: ringing.cadence, at: 0, on: false }
    }

    /// The next burst or silence.
    pub(crate) fn step(&mut self) -> RingStep {
        self.on = !self.on;
        let Some(burst) = self.bursts.get(self.at) else {
            // A country without a cadence rings without a pause.
            return RingStep { on: true, length: Ticks::from_secs(1) };
        };
        if self.on {
            return RingStep { on: true, length: Ticks(u64::from(burst.on_ms)) };
        }
        self.at = (self.at + 1) % self.bursts.len();
        RingStep { on: false, length: Ticks(u64::from(burst.off_ms)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::country::CHINA;

    fn detector() -> RingDetector {
        RingDetector::new(Ticks(200), Ticks(64))
    }

    /// Looks every `every` ms at a line that shows ringing as `shown` says, and collects the changes.
    fn look(every: u64, until: u64, shown: impl Fn(u64) -> bool) -> Vec<(u64, RingChange)> {
        let mut detector = detector();
        (0..until)
            .step_by(every as usize)
            .filter_map(|ms| detector.observe(Tick(ms), shown(ms)).map(|change| (ms, change)))
            .collect()
    }

    #[test]
    fn a_burst_is_found_and_ends_with_its_last_sight() {
        let changes = look(4, 2000, |ms| (100..1100).contains(&ms));
        assert_eq!(changes, [(300, RingChange::Began), (1164, RingChange::Ended(Tick(1100)))]);
    }

    #[test]
    fn a_half_wave_detector_looked_at_every_16_ms_shows_one_burst() {
        for hz in [16, 20, 25, 33, 50] {
            let cycle = 1000 / hz;
            let changes = look(16, 2000, |ms| (100..1100).contains(&ms) && ms % cycle < cycle * 45 / 100);
            assert_eq!(changes.len(), 2, "{hz} Hz: {changes:?}");
            assert!(changes[0].0 < 400 && (1100..1200).contains(&changes[1].0), "{hz} Hz: {changes:?}");
        }
    }

    #[test]
    fn a_burst_shorter_than_the_minimum_is_a_pulse_and_a_shorter_one_nothing() {
        assert_eq!(look(4, 1000, |ms| (100..290).contains(&ms)), [(356, RingChange::Pulse(Tick(292)))]);
        assert_eq!(look(4, 1000, |ms| (100..230).contains(&ms)), []);
    }

    #[test]
    fn single_spikes_are_no_burst_however_many() {
        assert_eq!(look(8, 4000, |ms| ms % 56 == 0), []);
    }

    #[test]
    fn without_further_looks_time_alone_shows_begin_and_end() {
        let mut detector = detector();
        detector.observe(Tick(100), true);
        assert_eq!(detector.due(), Some(Tick(300)));
        assert_eq!(detector.poll(Tick(300)), Some(RingChange::Began));
        assert_eq!(detector.due(), None);
        detector.observe(Tick(1100), false);
        assert_eq!(detector.due(), Some(Tick(1164)));
        assert_eq!(detector.poll(Tick(1164)), Some(RingChange::Ended(Tick(1100))));
    }

    #[test]
    fn a_station_rings_in_the_cadence_of_its_country() {
        let mut cadence = RingCadence::new(&CHINA.ringing);
        let steps: Vec<(bool, u64)> = (0..4).map(|_| cadence.step()).map(|step| (step.on, step.length.0)).collect();
        assert_eq!(steps, [(true, 1000), (false, 4000), (true, 1000), (false, 4000)]);
    }
}

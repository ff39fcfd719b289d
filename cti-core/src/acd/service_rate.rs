//! The pace at which a queue has lately been served.
//!
//! Never: gives a figure to a report.

use arrayvec::ArrayVec;
use tipring_driver::time::{Tick, Ticks};

/// Gaps remembered.
const GAPS_MAX: usize = 16;
/// Gaps needed before they are trusted more than the handling time.
const GAPS_MIN: usize = 4;

/// The pace of a queue.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(super) struct ServiceRate {
    gaps: ArrayVec<Ticks, GAPS_MAX>,
    /// The last service, if contacts were left waiting behind it.
    last: Option<Tick>,
    handling: Ticks,
}

impl ServiceRate {
    pub(super) fn new(handling: Ticks) -> ServiceRate {
        ServiceRate { gaps: ArrayVec::new(), last: None, handling }
    }

    /// A contact was answered, with `behind` still waiting.
    pub(super) fn served(&mut self, now: Tick, behind: usize) {
        if let Some(last) = self.last {
            if self.gaps.is_full() {
                self.gaps.remove(0);
            }
            self.gaps.push(now.since(last));
        }
        self.last = (behind > 0).then_some(now);
    }

    /// The queue ran empty: the gap to the next service is no measure of the pace.
    pub(super) fn ran_empty(&mut self) {
        self.last = None;
    }

    /// The mean gap between two services with `staffed` agents logged on; none without any.
    pub(super) fn gap(&self, staffed: usize) -> Option<Ticks> {
        if staffed == 0 {
            return None;
        }
        if self.gaps.len() < GAPS_MIN {
            return Some(Ticks(self.handling.0 / staffed as u64));
        }
        Some(Ticks(self.gaps.iter().map(|gap| gap.0).sum::<u64>() / self.gaps.len() as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_the_mean_gap_between_services_that_were_waited_for() {
        let mut pace = ServiceRate::new(Ticks::from_secs(180));
        assert_eq!(pace.gap(0), None);
        assert_eq!(pace.gap(6), Some(Ticks::from_secs(30)));
        for second in [0, 10, 20, 30, 40] {
            pace.served(Tick(second * 1000), 3);
        }
        assert_eq!(pace.gap(6), Some(Ticks::from_secs(10)));
        pace.ran_empty();
        pace.served(Tick(3_600_000), 3);
        assert_eq!(pace.gap(6), Some(Ticks::from_secs(10)), "an hour without callers is no gap");
    }
}

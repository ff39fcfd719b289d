//! The intervals of a report.
//!
//! Never: knows a time zone; days of 23 h and months come as bounds.

use super::event::Moment;

/// Bounds of intervals: interval *i* holds the moments from bound *i* up to, not including, bound *i* + 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds(Vec<Moment>);

impl Bounds {
    /// One interval that no moment lies in, before all others.
    pub fn none() -> Bounds {
        Bounds(vec![0, 0])
    }

    /// Intervals between ascending bounds, of any lengths: days of 23 h and months too. None for less than two bounds
    /// or bounds that do not ascend.
    pub fn new(bounds: Vec<Moment>) -> Option<Bounds> {
        (bounds.len() >= 2 && bounds.is_sorted_by(|a, b| a < b)).then_some(Bounds(bounds))
    }

    /// Equal intervals of `length` ms.
    pub fn regular(begin: Moment, length: u64, count: usize) -> Option<Bounds> {
        Bounds::new((0..=count as u64).map(|n| begin + n * length).collect())
    }

    /// Number of intervals.
    pub fn count(&self) -> usize {
        self.0.len() - 1
    }

    /// Begin and end of an interval.
    pub fn interval(&self, ix: usize) -> (Moment, Moment) {
        (self.0[ix], self.0[ix + 1])
    }

    /// The bounds of one interval alone.
    pub fn only(&self, ix: usize) -> Bounds {
        let (begin, end) = self.interval(ix);
        Bounds(vec![begin, end])
    }

    /// The intervals that have begun before a moment; the one that runs then ends there. The first stays in any case.
    pub fn until(mut self, now: Moment) -> Bounds {
        let begun = self.0.partition_point(|&bound| bound < now).max(1);
        if begun < self.0.len() {
            self.0.truncate(begun);
            self.0.push(now.max(self.0[begun - 1] + 1));
        }
        self
    }

    pub(super) fn find(&self, at: Moment) -> Option<usize> {
        let ix = self.0.partition_point(|&bound| bound <= at);
        (1..self.0.len()).contains(&ix).then(|| ix - 1)
    }

    /// The parts of a span that lie in intervals.
    pub(super) fn parts(&self, from: Moment, to: Moment) -> impl Iterator<Item = (usize, u64)> + '_ {
        let first = self.0.partition_point(|&bound| bound <= from).saturating_sub(1);
        (first..self.count()).map_while(move |ix| {
            let (begin, end) = self.interval(ix);
            (begin < to).then(|| (ix, end.min(to).saturating_sub(begin.max(from))))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_that_runs_ends_now_and_those_to_come_are_left_out() {
        let hours = Bounds::regular(1000, 100, 3).unwrap();
        let of = |now| hours.clone().until(now).0;
        assert_eq!(of(1350), [1000, 1100, 1200, 1300]);
        assert_eq!(of(1300), [1000, 1100, 1200, 1300]);
        assert_eq!(of(1150), [1000, 1100, 1150]);
        assert_eq!(of(1100), [1000, 1100]);
        assert_eq!(of(500), [1000, 1001], "a span in the future");
    }
}

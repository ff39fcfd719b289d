//! Position and expected wait, from the pace at which a queue has lately been served.
//!
//! Expected wait = position × mean gap between the last services that a caller was waiting for. Until there are four
//! such gaps it is position × handling time ÷ agents logged on. Without an agent there is no figure, and none is
//! invented. The mean runs over the last sixteen gaps and serves announcements alone; it is not an average speed of
//! answer.
//!
//! Never: a figure for a report.

use arrayvec::ArrayVec;
use tipring_driver::time::{Tick, Ticks};

use super::floor::Floor;
use super::ids::{Contact, QueueIx};

/// Gaps remembered.
const GAPS_MAX: usize = 16;
/// Gaps needed before they are trusted more than the handling time.
const GAPS_MIN: usize = 4;

/// The pace of a queue.
#[derive(Debug, Clone)]
pub(super) struct Pace {
    gaps: ArrayVec<Ticks, GAPS_MAX>,
    /// The last service, if contacts were left waiting behind it.
    last: Option<Tick>,
    handling: Ticks,
}

impl Pace {
    pub fn new(handling: Ticks) -> Pace {
        Pace { gaps: ArrayVec::new(), last: None, handling }
    }

    /// A contact was answered, with `behind` still waiting.
    pub fn served(&mut self, now: Tick, behind: usize) {
        if let Some(last) = self.last {
            if self.gaps.is_full() {
                self.gaps.remove(0);
            }
            self.gaps.push(now.since(last));
        }
        self.last = (behind > 0).then_some(now);
    }

    /// The queue ran empty: the gap to the next service is no measure of the pace.
    pub fn ran_empty(&mut self) {
        self.last = None;
    }

    /// The mean gap between two services with `staffed` agents logged on; none without any.
    fn gap(&self, staffed: usize) -> Option<Ticks> {
        if staffed == 0 {
            return None;
        }
        if self.gaps.len() < GAPS_MIN {
            return Some(Ticks(self.handling.0 / staffed as u64));
        }
        Some(Ticks(self.gaps.iter().map(|gap| gap.0).sum::<u64>() / self.gaps.len() as u64))
    }
}

/// Contacts of a queue that come before one that waits.
pub(super) struct Ahead {
    /// Those with a greater head start, who may have come later.
    pub favoured: usize,
    /// All others.
    pub others: usize,
}

impl Floor {
    /// The position of a waiting contact in its queue, counted from 1; none while it is offered or not on the floor.
    pub fn position(&self, contact: Contact) -> Option<usize> {
        self.ahead(contact).map(|ahead| 1 + ahead.favoured + ahead.others)
    }

    /// The position to be announced. A contact that returns to its place from a missed offer does not make it grow
    /// between two announcements; one with a greater head start does.
    pub(super) fn announced_position(&self, contact: Contact) -> Option<usize> {
        let announced = self.contacts.get(&contact)?.announced;
        let ahead = self.ahead(contact)?;
        Some(1 + ahead.favoured + announced.map_or(ahead.others, |announced| announced.min(ahead.others)))
    }

    pub(super) fn ahead(&self, contact: Contact) -> Option<Ahead> {
        let waiting = self.contacts.get(&contact).filter(|waiting| waiting.offer.is_none())?;
        let (lanes, credit) = (&self.queue(waiting.queue).lanes, self.credit(waiting));
        let favoured = lanes.ahead_of(waiting.place, credit, |lane| lane.credit > credit);
        Some(Ahead { favoured, others: lanes.ahead_of(waiting.place, credit, |lane| lane.credit <= credit) })
    }

    /// The expected wait of the contact at `position`; zero where a free agent is to be had, none without an agent.
    pub fn expected_wait(&self, queue: QueueIx, position: usize) -> Option<Ticks> {
        let gap = self.queue(queue).pace.gap(self.staffed(queue))?;
        if position <= self.free(queue) {
            return Some(Ticks::ZERO);
        }
        Some(Ticks(gap.0 * position as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_the_mean_gap_between_services_that_were_waited_for() {
        let mut pace = Pace::new(Ticks::from_secs(180));
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

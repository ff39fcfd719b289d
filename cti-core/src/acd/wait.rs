//! Position and expected wait (EWT), from the pace at which a queue has lately been served.
//!
//! Expected wait = position × mean gap between the last services that a caller was waiting for. Until there are four
//! such gaps it is position × handling time ÷ agents logged on. Without a logged-on agent there is no
//! estimate. The mean runs over the last sixteen gaps and serves announcements alone; it is not an average speed of
//! answer.
//!
//! Never: gives a figure to a report.

use tipring_driver::time::Ticks;

use super::floor::Floor;
use super::ids::{Contact, QueueIx};

/// Contacts of a queue that come before one that waits.
pub(super) struct Ahead {
    /// Contacts with a greater head start, who may have come later.
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

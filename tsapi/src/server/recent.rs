//! The last reports: an event that goes to many monitors is one report, and a report that all of them have had is made
//! of the next event.
//!
//! Never: knows a session.

use std::collections::VecDeque;
use std::sync::Arc;

use tipring_csta_types::event::Event;
use tipring_csta_types::private::ReportData;

use crate::session::Report;

/// Reports in which a further monitor's event is looked for: one a local state.
const KNOWN: usize = 4;
/// Older reports that are kept: more than wait for clients that read.
const KEPT: usize = 256;
/// Older reports that are tried for an event; a client that does not read holds some of them.
const TRIED: usize = 4;

/// The last reports.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Newest first.
    known: VecDeque<Arc<Report>>,
    /// Older ones, to be made of another event once all monitors have had them.
    older: VecDeque<Arc<Report>>,
}

impl Recent {
    /// Returns the report of an event: the one that another monitor has had already, if it is still known.
    pub(super) fn of(&mut self, event: &Event, data: &ReportData) -> Arc<Report> {
        if let Some(known) = self.known.iter().find(|report| report.is(event, data)) {
            return Arc::clone(known);
        }
        let mut free = self.free();
        let report = match free.as_mut().and_then(Arc::get_mut) {
            Some(report) => {
                report.renew(event.clone(), data.clone());
                free
            }
            None => None,
        };
        let report = report.unwrap_or_else(|| Arc::new(Report::new(event.clone(), data.clone())));
        self.known.push_front(Arc::clone(&report));
        if self.known.len() > KNOWN
            && let Some(oldest) = self.known.pop_back()
            && self.older.len() < KEPT
        {
            self.older.push_back(oldest);
        }
        report
    }

    /// Takes an older report that no monitor waits for any more.
    fn free(&mut self) -> Option<Arc<Report>> {
        for _ in 0..TRIED.min(self.older.len()) {
            let oldest = self.older.pop_front()?;
            if Arc::strong_count(&oldest) == 1 {
                return Some(oldest);
            }
            self.older.push_back(oldest);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use tipring_csta_types::cause::EventCause;
    use tipring_csta_types::{CallId, ConnectionId, LocalConnectionState};

    use super::*;

    fn event(call: i32) -> Event {
        Event::CallCleared {
            cleared_call: ConnectionId::of_call(CallId(call)),
            local: LocalConnectionState::None,
            cause: EventCause::None,
        }
    }

    #[test]
    fn monitors_share_a_report_and_a_report_that_all_have_had_serves_the_next_event() {
        let mut recent = Recent::default();
        let first = recent.of(&event(1), &None);
        assert!(Arc::ptr_eq(&first, &recent.of(&event(1), &None)));
        let place = Arc::as_ptr(&first);
        drop(first);
        let places: Vec<_> = (2..50).map(|call| Arc::as_ptr(&recent.of(&event(call), &None))).collect();
        assert!(recent.older.len() <= 1, "{} reports for one client", recent.older.len());
        assert!(places.contains(&place), "its memory is used again");
    }

    #[test]
    fn reports_that_wait_for_clients_keep_their_event_and_are_bounded() {
        let mut recent = Recent::default();
        let held: Vec<_> = (0..1_000).map(|call| recent.of(&event(call), &None)).collect();
        assert!(held.iter().zip(0..).all(|(report, call)| report.is(&event(call), &None)));
        assert!(recent.older.len() <= KEPT);
        let places: Vec<_> = held.iter().map(Arc::as_ptr).collect();
        drop(held);
        let next = recent.of(&event(5_000), &None);
        assert!(next.is(&event(5_000), &None) && places.contains(&Arc::as_ptr(&next)));
    }
}

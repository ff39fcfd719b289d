//! Replies and events on their way to one session, and the note that tells its worker of them. Bounded; posting never
//! waits. Past its bound the client is a slow reader, and `connection` ends its stream.
//!
//! Never: touches a socket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId};
use tipring_csta_types::private::{ReplyData, ReportData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::Rights;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{AgentPassword, SystemStatus};

use crate::pdu::acs::AcsFailure;
use crate::session::{Counters, Report};

/// Deliveries for which an empty outbox keeps room.
const IDLE_DELIVERIES: usize = 64;

/// A delivery to a session. What is large is boxed: an event, the most frequent of them, is two words.
pub(super) enum Delivery {
    Reply(Box<Answer>),
    Report {
        monitor: MonitorCrossRefId,
        report: Arc<Report>,
    },
    SwitchRequest(Box<(SwitchRequest, ReportData)>),
    EventReport(Box<(EventReport, ReportData)>),
    SystemStatus(SystemStatus),
    /// The user's rights have changed.
    Rights(Arc<Rights>),
    /// The user's password has been verified.
    LogIn(Result<Arc<Rights>, AcsFailure>),
    /// The password of the agent who logs on has been verified: the one that the switch knows, or none.
    AgentVerified(Option<AgentPassword>),
    /// The server ends the session.
    End(AcsFailure),
}

const _: () = assert!(size_of::<Delivery>() <= 48, "a thousand of them may wait for a session");

/// The core's answer to a request.
pub(super) struct Answer {
    pub(super) invoke: InvokeId,
    pub(super) result: Result<Reply, UniversalFailure>,
    pub(super) data: Option<Box<ReplyData>>,
}

/// Deliveries that wait for one session.
pub(super) struct Outbox {
    /// The worker that serves the session.
    pub(super) worker: usize,
    queue: Mutex<Queue>,
    deliveries_max: usize,
    /// True once the core knows of the session and must learn of its end.
    open: AtomicBool,
    /// Counters of the session, as of its last step.
    pub(super) counters: Mutex<Counters>,
}

#[derive(Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    /// True while the worker has a note of the session.
    noted: bool,
    overflowed: bool,
}

/// Deliveries were lost because there were too many.
pub(super) struct Overflowed;

impl Outbox {
    pub(super) fn new(worker: usize, deliveries_max: usize) -> Outbox {
        Outbox {
            worker,
            queue: Mutex::default(),
            deliveries_max,
            open: AtomicBool::new(false),
            counters: Mutex::default(),
        }
    }

    /// Appends a delivery. Returns true if the worker needs a note of it. A delivery without room is lost, and so
    /// will the stream be: a client must not miss an event without knowing.
    pub(super) fn post(&self, delivery: Delivery) -> bool {
        let mut queue = self.queue.lock();
        if queue.deliveries.len() < self.deliveries_max {
            queue.deliveries.push_back(delivery);
        } else {
            queue.overflowed = true;
        }
        !core::mem::replace(&mut queue.noted, true)
    }

    /// Moves at most `most` deliveries out, oldest first. Returns true if some are left; else the next one is a note
    /// again.
    pub(super) fn pop(&self, most: usize, into: &mut Vec<Delivery>) -> Result<bool, Overflowed> {
        let mut queue = self.queue.lock();
        if queue.overflowed {
            return Err(Overflowed);
        }
        let count = most.min(queue.deliveries.len());
        into.extend(queue.deliveries.drain(..count));
        let left = !queue.deliveries.is_empty();
        queue.noted = left;
        if !left && queue.deliveries.capacity() > IDLE_DELIVERIES {
            queue.deliveries.shrink_to(IDLE_DELIVERIES);
        }
        Ok(left)
    }

    pub(super) fn mark_open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }
}

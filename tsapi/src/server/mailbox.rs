//! What waits for a session's thread, and the bell that wakes it. Bounded; posting never waits.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::eventfd::{EfdFlags, EventFd};
use tipring_csta_types::SystemStatus;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{InvokeId, MonitorCrossRefId};
use tipring_csta_types::private::{ReplyData, ReportData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::switch::{EventReport, SwitchRequest};

use super::locked;
use crate::session::Counters;

/// Something for a session.
#[expect(clippy::large_enum_variant, reason = "the largest, a report, is also the most frequent")]
pub(super) enum Delivery {
    Reply { invoke: InvokeId, result: Result<Reply, UniversalFailure>, data: Option<Box<ReplyData>> },
    SwitchRequest { request: SwitchRequest, data: ReportData },
    EventReport { report: EventReport, data: ReportData },
    Report { monitor: MonitorCrossRefId, event: Event, data: ReportData },
    SystemStatus(SystemStatus),
    Stop,
}

/// What waits for one session.
pub(super) struct Mailbox {
    queue: Mutex<Queue>,
    bell: EventFd,
    deliveries_max: usize,
    /// Whether the core knows of the session and must be told of its end.
    open: AtomicBool,
    /// What the session has seen, as of its last step.
    pub(super) counters: Mutex<Counters>,
}

#[derive(Default)]
struct Queue {
    deliveries: VecDeque<Delivery>,
    overflowed: bool,
}

/// Deliveries were lost because there were too many.
pub(super) struct Overflowed;

impl Mailbox {
    pub(super) fn new(deliveries_max: usize) -> io::Result<Mailbox> {
        Ok(Mailbox {
            queue: Mutex::default(),
            bell: EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?,
            deliveries_max,
            open: AtomicBool::new(false),
            counters: Mutex::default(),
        })
    }

    /// Puts something in. What finds no room is lost, and so will the stream be: a client must not miss an event
    /// without knowing.
    pub(super) fn post(&self, delivery: Delivery) {
        let mut queue = locked(&self.queue);
        let first = queue.deliveries.is_empty();
        if queue.deliveries.len() < self.deliveries_max {
            queue.deliveries.push_back(delivery);
        } else {
            queue.overflowed = true;
        }
        drop(queue);
        if first {
            // Cannot fail before the bell has been rung 2^64 - 2 times unheard.
            let _ = self.bell.write(1);
        }
    }

    /// Takes everything out, oldest first.
    pub(super) fn take(&self) -> Result<VecDeque<Delivery>, Overflowed> {
        let mut queue = locked(&self.queue);
        // Silent, or rung once: both are right.
        let _ = self.bell.read();
        if queue.overflowed { Err(Overflowed) } else { Ok(core::mem::take(&mut queue.deliveries)) }
    }

    /// Becomes readable when something is put into the empty box.
    pub(super) fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    pub(super) fn mark_open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }
}

//! The event that wakes the core's thread, and the sink of the media thread that gives it once a tick.
//!
//! Never: waits or allocates on the media thread.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use nix::errno::Errno;
use nix::sys::eventfd::{EfdFlags, EventFd};
use tipring_core::channel::TableSink;
use tipring_driver::engine::{Acceptance, CommandRefused, EventSink};
use tipring_driver::ids::ChannelId;
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::time::Tick;

use super::Meter;

/// Wakes the core's thread.
pub struct CoreWaker(EventFd);

impl CoreWaker {
    /// Makes one.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn new() -> Result<CoreWaker, Errno> {
        Ok(CoreWaker(EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?))
    }

    /// Wakes the core.
    pub fn wake(&self) {
        // Only a counter near its end could refuse, and the core empties it a thousand times a second.
        let _ = self.0.write(1);
    }

    /// Waits until it is woken; returns at once if it was since the last time.
    pub fn wait(&self) {
        while self.0.read() == Err(Errno::EINTR) {}
    }
}

impl AsFd for CoreWaker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl From<OwnedFd> for CoreWaker {
    /// The event that another process has handed over.
    fn from(descriptor: OwnedFd) -> CoreWaker {
        // SAFETY: the descriptor is owned, and handed on with its ownership.
        #[allow(unsafe_code)]
        CoreWaker(unsafe { EventFd::from_owned_fd(descriptor) })
    }
}

/// The table's sink, which also wakes the core: once a tick, after everything in it has been said.
pub struct WakingSink<M> {
    pub(super) inner: TableSink,
    pub(super) waker: Arc<CoreWaker>,
    pub(super) meter: M,
}

impl<M: Meter> EventSink for WakingSink<M> {
    fn line_event(&mut self, now: Tick, channel: ChannelId, event: LineEvent) -> Acceptance {
        self.inner.line_event(now, channel, event)
    }

    fn media_event(&mut self, now: Tick, event: MediaEvent) {
        self.inner.media_event(now, event);
    }

    fn command_refused(&mut self, now: Tick, refused: CommandRefused) {
        self.inner.command_refused(now, refused);
    }

    fn tick(&mut self, now: Tick) {
        self.inner.tick(now);
        self.meter.tick(now);
        self.waker.wake();
    }
}

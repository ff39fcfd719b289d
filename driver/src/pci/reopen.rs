//! Opening a function again after it is gone, without the media thread waiting for it.
//!
//! Opening a socket or a VFIO group can take up to a deadline, closing one can wait for the kernel, and DMA memory is
//! allocated, mapped and unmapped on the way. [`InBackground`] does all of it in a thread of its own, which sleeps
//! while there is nothing to open.
//!
//! Never: tries more often than it was set to.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use nix::sys::eventfd::{EfdFlags, EventFd};

use super::attach::{Attached, Needs};
use super::{PciError, PciFunction};

/// The pause between two attempts to open a function that is gone.
pub const RETRY: Duration = Duration::from_millis(500);

/// Gives a fresh function after the old one is gone. Called from the media thread: must not wait.
pub trait Reopen: Send {
    /// Takes the function that failed, to be closed; opening a fresh one begins. If it was never open, none is given.
    /// Not called again before [`poll`](Reopen::poll) has given one.
    fn begin(&mut self, gone: Option<Attached>);

    /// The fresh function once it is there; given once for each [`begin`](Reopen::begin).
    fn poll(&mut self) -> Option<Attached>;
}

/// For a function that cannot be opened twice, or need not be: what is gone stays gone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Never;

impl Reopen for Never {
    fn begin(&mut self, gone: Option<Attached>) {
        drop(gone);
    }

    fn poll(&mut self) -> Option<Attached> {
        None
    }
}

/// Opener of a function: [`VfioUser::connect`](super::vfio_user::VfioUser::connect) with its path, for example.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn PciFunction>, PciError> + Send>;

/// Opens in a thread of its own, again and again until it succeeds.
///
/// The thread sleeps at an event of the kernel's and not at the channel: so the media thread, which puts something into
/// the channel or takes something out, meets no waiting thread, and neither locks nor frees anything.
pub struct InBackground {
    /// None once the thread is to end.
    requests: Option<SyncSender<Option<Attached>>>,
    wakeup: Arc<EventFd>,
    opened: Receiver<Attached>,
}

impl InBackground {
    /// Starts the thread, which calls `open` when asked to, every `pause` until it succeeds, and gets what it opened
    /// ready as a card `needs` it.
    ///
    /// The thread ends, at the latest a `pause` and an `open` later, when this is dropped.
    ///
    /// # Errors
    /// The system has no descriptor or no thread left.
    pub fn new(open: Open, needs: Needs, pause: Duration) -> std::io::Result<InBackground> {
        let (requests, asked) = sync_channel(1);
        let (give, opened) = sync_channel(1);
        let wakeup = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?);
        let heard = Arc::clone(&wakeup);
        let thread = thread::Builder::new().name("pci-reopen".into());
        thread.spawn(move || serve(open, &needs, pause, (&asked, &heard), &give))?;
        Ok(InBackground { requests: Some(requests), wakeup, opened })
    }
}

fn serve(
    mut open: Open,
    needs: &Needs,
    pause: Duration,
    (asked, wakeup): (&Receiver<Option<Attached>>, &EventFd),
    give: &SyncSender<Attached>,
) {
    loop {
        match asked.try_recv() {
            Ok(gone) => drop(gone),
            Err(TryRecvError::Disconnected) => return,
            Err(TryRecvError::Empty) => {
                // A wait that fails, by a signal, is begun again.
                let _ = wakeup.read();
                continue;
            }
        }
        let attached = loop {
            match open().and_then(|function| needs.attach(function)) {
                Ok(attached) => break attached,
                Err(_) => thread::sleep(pause),
            }
            if let Err(TryRecvError::Disconnected) = asked.try_recv() {
                return;
            }
        };
        if give.send(attached).is_err() {
            return;
        }
    }
}

impl Reopen for InBackground {
    fn begin(&mut self, gone: Option<Attached>) {
        // The thread has taken the last request before it gave a function, and only ends when this sender does: there
        // is room, and sending neither fails nor waits.
        if let Some(requests) = &self.requests {
            let _ = requests.try_send(gone);
        }
        // An event that cannot take one more is signalled already.
        let _ = self.wakeup.write(1);
    }

    fn poll(&mut self) -> Option<Attached> {
        self.opened.try_recv().ok()
    }
}

impl Drop for InBackground {
    fn drop(&mut self) {
        self.requests = None;
        let _ = self.wakeup.write(1);
    }
}

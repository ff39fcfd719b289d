//! Opening a function again after it is gone, without the media thread waiting for it.
//!
//! Opening a socket or a VFIO group can take up to a deadline, and closing one can wait for the kernel. [`InBackground`]
//! does both in a thread of its own, which sleeps while there is nothing to open.
//!
//! Never: tries more often than it was told to.

use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::{PciError, PciFunction};

/// The pause between two attempts to open a function that is gone.
pub const RETRY: Duration = Duration::from_millis(500);

/// Gives a fresh function after the old one is gone. Called from the media thread: must not wait.
pub trait Reopen: Send {
    /// Takes the function that failed, to be closed; opening a fresh one begins. If it was never open, none is given.
    fn begin(&mut self, gone: Option<Box<dyn PciFunction>>);

    /// The fresh function once it is there; given once for each [`begin`](Reopen::begin).
    fn poll(&mut self) -> Option<Box<dyn PciFunction>>;
}

/// For a function that cannot be opened twice, or need not be: what is gone stays gone.
#[derive(Debug, Clone, Copy, Default)]
pub struct Never;

impl Reopen for Never {
    fn begin(&mut self, gone: Option<Box<dyn PciFunction>>) {
        drop(gone);
    }

    fn poll(&mut self) -> Option<Box<dyn PciFunction>> {
        None
    }
}

/// What opens a function: [`VfioUser::connect`](super::vfio_user::VfioUser::connect) with its path, for example.
pub type Open = Box<dyn FnMut() -> Result<Box<dyn PciFunction>, PciError> + Send>;

/// Opens in a thread of its own, again and again until it succeeds.
pub struct InBackground {
    requests: Sender<Option<Box<dyn PciFunction>>>,
    opened: Receiver<Box<dyn PciFunction>>,
}

impl InBackground {
    /// Starts the thread, which calls `open` when asked to, every `pause` (by custom [`RETRY`]) until it succeeds.
    ///
    /// The thread ends, at the latest a `pause` and an `open` later, when this is dropped.
    pub fn new(open: Open, pause: Duration) -> std::io::Result<InBackground> {
        let (requests, asked) = channel();
        let (give, opened) = sync_channel(1);
        thread::Builder::new().name("pci-reopen".into()).spawn(move || serve(open, pause, &asked, &give))?;
        Ok(InBackground { requests, opened })
    }
}

fn serve(
    mut open: Open,
    pause: Duration,
    asked: &Receiver<Option<Box<dyn PciFunction>>>,
    give: &SyncSender<Box<dyn PciFunction>>,
) {
    while let Ok(gone) = asked.recv() {
        drop(gone);
        let function = loop {
            match open() {
                Ok(function) => break function,
                Err(_) => thread::sleep(pause),
            }
            if let Err(TryRecvError::Disconnected) = asked.try_recv() {
                return;
            }
        };
        if give.send(function).is_err() {
            return;
        }
    }
}

impl Reopen for InBackground {
    fn begin(&mut self, gone: Option<Box<dyn PciFunction>>) {
        // The thread only ends when this sender does, so sending cannot fail.
        let _ = self.requests.send(gone);
    }

    fn poll(&mut self) -> Option<Box<dyn PciFunction>> {
        self.opened.try_recv().ok()
    }
}

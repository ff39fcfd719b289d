//! Events delivered by calls: the thread that takes events and calls the program's handler.
//!
//! Never: holds a lock while the program's function runs.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle, ThreadId};
use std::time::Duration;

use super::{Context, SERVICE_MS};
use crate::abi::{EventFn, error};
use crate::failure::{Failure, Outcome, fail};
use crate::leases;

/// The thread that calls the program's handler.
pub(super) struct HandlerThread {
    thread: JoinHandle<()>,
    id: ThreadId,
    stop: Arc<AtomicBool>,
}

impl Context {
    /// Returns true on the handler's own thread.
    pub(super) fn is_handler(&self) -> bool {
        self.handler.lock().as_ref().is_some_and(|handler| handler.id == thread::current().id())
    }

    /// Delivers events by calls from now on, or no longer.
    ///
    /// # Errors
    /// `E_STATE` from the handler itself.
    pub fn set_handler(self: &Arc<Context>, handler: Option<(EventFn, usize)>) -> Outcome<()> {
        if self.is_handler() || leases::is_inside() {
            fail!(E_STATE, "The handler cannot be changed within a function that the context calls");
        }
        let before = self.handler.lock().take();
        if let Some(HandlerThread { thread, stop, .. }) = before {
            stop.store(true, Ordering::Release);
            drop(self.lock());
            self.changed.notify_all();
            if thread.join().is_err() {
                fail!(E_INTERNAL, "The event handler's thread panicked");
            }
        }
        let Some((function, user)) = handler else { return Ok(()) };
        let (context, stop) = (Arc::clone(self), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new()
            .name("tipring-handler".into())
            .spawn(move || context.handle_events(function, user, &stopped))
            .map_err(|why| Failure::new(error::E_RESOURCE, format!("The handler's thread cannot be started: {why}")))?;
        let id = thread.thread().id();
        *self.handler.lock() = Some(HandlerThread { thread, id, stop });
        Ok(())
    }

    fn handle_events(&self, function: EventFn, user: usize, stop: &AtomicBool) {
        while !stop.load(Ordering::Acquire) {
            match self.next_event(Some(Duration::from_millis(SERVICE_MS))) {
                Ok(Some((sequence, event))) => {
                    let event = event.to_abi(sequence);
                    let user: *mut c_void = std::ptr::with_exposed_provenance_mut(user);
                    // SAFETY: the program promised in tr_set_handler that its function may be called with its pointer
                    // and an event that is valid during the call.
                    #[allow(unsafe_code)]
                    unsafe {
                        function(user, &raw const event);
                    }
                }
                Ok(None) => {}
                Err(_) => return,
            }
        }
    }
}

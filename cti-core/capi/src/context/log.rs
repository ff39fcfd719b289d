//! The program's log: a function that is given a line at a time.
//!
//! Never: writes two lines at once, or calls the function while a lock of the context is held: it may take as long as
//! it likes.

use std::cell::Cell;
use std::ffi::CString;

use parking_lot::Mutex;

use crate::abi::LogFn;

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Returns true while the log's function runs on this thread: a call of a context is refused then.
pub fn is_inside() -> bool {
    INSIDE.get()
}

/// The program's log.
#[derive(Debug)]
pub struct Log {
    function: Option<LogFn>,
    /// Its first argument, as a number.
    user: usize,
    /// Held by the thread whose line it is.
    turn: Mutex<()>,
}

impl Log {
    /// A log that goes to this function with this argument; without one, nowhere.
    pub fn new(function: Option<LogFn>, user: usize) -> Log {
        Log { function, user, turn: Mutex::new(()) }
    }

    /// Hands a line over.
    pub(super) fn line(&self, level: u32, text: &str) {
        let (Some(function), Ok(text)) = (self.function, CString::new(text.replace('\0', " "))) else { return };
        let _turn = self.turn.lock();
        INSIDE.set(true);
        // SAFETY: the program promised in tr_config that its function may be called with its pointer and a text that is
        // valid during the call.
        #[allow(unsafe_code)]
        unsafe {
            function(std::ptr::with_exposed_provenance_mut(self.user), level, text.as_ptr());
        }
        INSIDE.set(false);
    }
}

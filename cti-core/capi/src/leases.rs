//! Leases of a program to an operation until its completion: memory to record into, functions that give and take
//! sound.
//!
//! Never: touches any of it once the lease is over, or lets a function of the program wait for its own context.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::abi::{ReadFn, WriteFn};

thread_local! {
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Returns true while a function of the program gives or takes sound on this thread: a call that waits is refused then.
pub fn is_inside() -> bool {
    INSIDE.get()
}

fn inside<R>(call: impl FnOnce() -> R) -> R {
    let before = INSIDE.replace(true);
    let result = call();
    INSIDE.set(before);
    result
}

/// Ends the use of what a program lent: once it is set, its functions are not called again.
#[derive(Debug, Clone, Default)]
pub struct Recall(Arc<AtomicBool>);

impl Recall {
    /// The call under way, if there is one, is the last.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Returns true if no further call is to be made.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A function of the program that gives sound.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// The function.
    pub function: ReadFn,
    /// Its first argument, as a number.
    pub user: usize,
}

impl Reader {
    /// Asks for samples. Returns their number, 0 for none at this moment, or `None` at the end.
    pub fn read(self, into: &mut [i16]) -> Option<usize> {
        let user: *mut c_void = std::ptr::with_exposed_provenance_mut(self.user);
        // SAFETY: the program promised in tr_source that its function may be called with its pointer and this room
        // until the completion of the operation.
        let count = inside(|| unsafe { (self.function)(user, into.as_mut_ptr(), into.len()) });
        usize::try_from(count).ok().map(|count| count.min(into.len()))
    }
}

/// A function of the program that takes sound.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    /// The function.
    pub function: WriteFn,
    /// Its first argument, as a number.
    pub user: usize,
}

impl Writer {
    /// Hands samples over. Returns false when the program wants no more.
    pub fn write(self, samples: &[i16]) -> bool {
        let user: *mut c_void = std::ptr::with_exposed_provenance_mut(self.user);
        // SAFETY: the program promised in tr_sink that its function may be called with its pointer and samples that are
        // valid during the call, until the completion of the operation.
        inside(|| unsafe { (self.function)(user, samples.as_ptr(), samples.len()) }) == 0
    }
}

/// Room for samples in the program's memory.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Its address, as a number.
    pub at: usize,
    /// Samples that fit.
    pub capacity: usize,
}

impl Room {
    /// Stores samples from place `from` on, as many as fit. Returns their number.
    pub fn put(self, from: usize, samples: &[i16]) -> usize {
        let count = samples.len().min(self.capacity.saturating_sub(from));
        let place: *mut i16 = std::ptr::with_exposed_provenance_mut(self.at);
        // SAFETY: the program promised in tr_sink that `capacity` samples at this place are the operation's until its
        // completion; `from + count` is at most that.
        unsafe { std::ptr::copy_nonoverlapping(samples.as_ptr(), place.add(from), count) };
        count
    }
}

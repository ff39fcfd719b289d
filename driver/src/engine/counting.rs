//! An allocator that counts what one thread allocates or frees, while it is switched on.
//!
//! Never: takes part in the program; tests alone install it.

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static COUNT: Cell<Option<u64>> = const { Cell::new(None) };
}

pub(crate) struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn count() {
    // While a thread ends its cell is gone already, and nothing is counted.
    let _ = COUNT.try_with(|count| count.set(count.get().map(|count| count + 1)));
}

// SAFETY: everything is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the rules of `alloc`, which are the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the pointer came from `System` with this layout.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Number of allocations and frees in `work`.
pub(crate) fn during(work: impl FnOnce()) -> u64 {
    COUNT.with(|count| count.set(Some(0)));
    work();
    COUNT.with(|count| count.take()).unwrap_or(0)
}

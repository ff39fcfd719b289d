//! Atomics, shared pointers and cells: the standard library's, or loom's or shuttle's when a model is being checked.
//!
//! With that of the file thread's own thread the only such switch of the whole workspace. What is shared between
//! threads without a lock takes its atomics from here, so that its hand-over can be explored by
//! `RUSTFLAGS="--cfg loom" cargo test --test loom`, and the order of the steps of whole threads by
//! `RUSTFLAGS="--cfg shuttle" cargo test --test shuttle`: loom takes every order that the memory model allows of a few
//! steps, shuttle random orders of thousands, all of them sequentially consistent.
//!
//! Never: serves memory that a card shares with us; no model checker can follow a card.

#[cfg(loom)]
pub use loom::sync::{Arc, atomic};

#[cfg(not(any(loom, shuttle)))]
pub use std::sync::atomic;

#[cfg(shuttle)]
pub use shuttle::sync::atomic;

#[cfg(not(loom))]
pub use std::sync::Arc;

#[cfg(loom)]
pub(crate) use loom::cell::UnsafeCell;

/// A cell that two threads may reach, in the shape of loom's: the pointer lives only as long as the closure.
#[cfg(not(loom))]
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    /// Wraps a value.
    pub(crate) const fn new(value: T) -> UnsafeCell<T> {
        UnsafeCell(core::cell::UnsafeCell::new(value))
    }

    /// Gives a pointer for reading. The caller ensures that there is no writer meanwhile.
    pub(crate) fn with<R>(&self, look: impl FnOnce(*const T) -> R) -> R {
        look(self.0.get())
    }

    /// Gives a pointer for writing. The caller ensures that there is no other reader or writer meanwhile.
    pub(crate) fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
        change(self.0.get())
    }
}

/// Puts values side by side behind one shared pointer.
pub(crate) fn shared_slice<T>(values: impl IntoIterator<Item = T>) -> Arc<[T]> {
    let values: std::sync::Arc<[T]> = values.into_iter().collect();
    #[cfg(loom)]
    let values = Arc::from_std(values);
    values
}

/// Checks a model in every order that the memory model allows, and that at least `at_least` executions were explored:
/// with fewer, the threads never met.
///
/// # Panics
///
/// If an execution fails, or there were too few.
#[cfg(loom)]
pub fn explore(at_least: usize, model: impl Fn() + Sync + Send + 'static) {
    use std::sync::atomic::{AtomicUsize, Ordering};

    let executions = std::sync::Arc::new(AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&executions);
    loom::model(move || {
        counted.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let executions = executions.load(Ordering::Relaxed);
    assert!(executions >= at_least, "{executions} executions explored, at least {at_least} expected");
}

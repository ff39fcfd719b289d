//! Threads and the channels between them: the standard library's, or shuttle's when a model is being checked.
//!
//! Never: serves the media thread.

#[cfg(not(shuttle))]
pub(super) use std::{sync::mpsc, thread};

#[cfg(shuttle)]
pub(super) use shuttle::{sync::mpsc, thread};

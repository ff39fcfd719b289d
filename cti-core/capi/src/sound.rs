//! Sound of operations on the file thread: play lists, sinks, and what is listened for on the way.
//!
//! Never: locks the machine; what has happened is left as a [`SoundReport`].

mod block;
pub mod list;
pub mod listen;
pub mod signal;
pub mod sink;

use std::sync::Arc;

use parking_lot::Mutex;
use tipring_driver::ids::TaskId;

/// A report about the sound of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoundReport {
    /// The memory or function that the program lent is not touched any more.
    Released(TaskId),
    /// A file could not be used: a sentence.
    Failed(TaskId, String),
    /// A reason to end has come true.
    Met {
        /// The task.
        task: TaskId,
        /// TR_REASON_*.
        reason: u32,
        /// Its place in the program's list of conditions.
        place: u32,
    },
    /// The file of a trace is closed.
    Traced {
        /// The task.
        task: TaskId,
        /// Records written.
        records: u64,
        /// Records that found no room on their way to the file.
        lost: u64,
    },
}

/// SoundReports on their way to the machine.
#[derive(Debug, Clone, Default)]
pub struct SoundReports(Arc<Mutex<Vec<SoundReport>>>);

impl SoundReports {
    /// Leaves a notice.
    pub fn push(&self, notice: SoundReport) {
        self.0.lock().push(notice);
    }

    /// Takes all notices, oldest first.
    pub fn take(&self) -> Vec<SoundReport> {
        std::mem::take(&mut *self.0.lock())
    }

    /// Returns true without a notice.
    pub fn is_empty(&self) -> bool {
        self.0.lock().is_empty()
    }
}

/// The use of what a program lent; its end is noticed.
#[derive(Debug)]
pub struct Lease {
    task: TaskId,
    notices: SoundReports,
}

impl Lease {
    /// A lease for a task.
    pub fn new(task: TaskId, notices: SoundReports) -> Lease {
        Lease { task, notices }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.notices.push(SoundReport::Released(self.task));
    }
}

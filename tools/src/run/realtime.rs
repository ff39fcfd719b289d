//! Means that keep a card's time against everything else on the computer, where the system allows them: real-time
//! priority, memory that stays where it is, a processor for the media thread alone.
//!
//! Never: fails a site. A means that is not allowed is a sentence for the log; ticks that come late are caught up and
//! counted.

#![allow(unsafe_code)]

use std::io;

use nix::errno::Errno;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::mman::{MlockAllFlags, mlockall};
use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use nix::unistd::{Pid, geteuid};

/// The priority asked for: above everything ordinary, below the kernel's own threads at 99.
const PRIORITY: i32 = 80;
/// The calling thread, where a process is asked for.
const THIS_THREAD: Pid = Pid::from_raw(0);

/// Asks for `SCHED_FIFO` for the calling thread.
///
/// # Errors
/// It is not allowed here: a sentence with the remedy.
pub fn ask() -> Result<(), String> {
    fifo().map_err(|error| {
        format!(
            "This runs without real-time priority ({error}); under load, ticks will come late. \
             CAP_SYS_NICE or a limit `rtprio {PRIORITY}` allows it"
        )
    })
}

fn fifo() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: thread 0 is the calling one, and the parameters outlive the call.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Keeps the process's memory from being paged out, pages that are there and pages to come.
///
/// With a limit on locked memory nothing is locked at all: later allocations would fail at the limit.
///
/// # Errors
/// It is not allowed here: a sentence with the remedy.
pub fn lock_memory() -> Result<(), String> {
    let explain = |why: String| {
        format!(
            "Memory is not locked ({why}); if it is paged out, ticks will come late. CAP_IPC_LOCK or a limit \
             `memlock unlimited` allows it"
        )
    };
    let (limit, _) = getrlimit(Resource::RLIMIT_MEMLOCK).map_err(|error| explain(error.to_string()))?;
    if limit != RLIM_INFINITY && !geteuid().is_root() {
        return Err(explain(format!("it is limited to {} KiB", limit / 1024)));
    }
    // Pages are locked as they are first used: stacks and buffers that are mostly empty cost nothing.
    let flags =
        MlockAllFlags::MCL_CURRENT | MlockAllFlags::MCL_FUTURE | MlockAllFlags::from_bits_retain(libc::MCL_ONFAULT);
    mlockall(flags).map_err(|error| explain(error.to_string()))
}

/// Keeps the calling thread on one processor, counted from 0.
///
/// # Errors
/// There is no such processor, or it is not allowed: a sentence.
pub fn keep_to(processor: usize) -> Result<(), String> {
    let pin = || {
        let mut set = CpuSet::new();
        set.set(processor)?;
        sched_setaffinity(THIS_THREAD, &set)
    };
    pin().map_err(|error: Errno| format!("The media thread is not kept to processor {processor} ({error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_that_is_not_there_is_named() {
        for processor in [1_000_000, libc::CPU_SETSIZE as usize - 1] {
            let why = keep_to(processor).unwrap_err();
            assert!(why.contains(&processor.to_string()), "{why}");
        }
    }
}

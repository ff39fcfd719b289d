//! What keeps a card's time against everything else on the computer, where the system allows it: real-time priority,
//! memory that stays where it is, a processor of one's own.
//!
//! What is not allowed is said in a sentence, and nothing fails for it: ticks that come late are caught up and counted.

#![allow(unsafe_code)]

use std::io;

/// The priority asked for: above everything ordinary, below the kernel's own threads at 99.
const PRIORITY: i32 = 80;

/// Asks for `SCHED_FIFO` for the calling thread. A sentence says so if it is not allowed here.
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

/// Keeps the process's memory from being paged out, what is there and what will come. A sentence says so if it is not
/// allowed here.
///
/// With a limit on locked memory nothing is locked at all: later allocations would fail at the limit.
pub fn lock_memory() -> Result<(), String> {
    let explain = |why: String| {
        format!(
            "Memory is not locked ({why}); if it is paged out, ticks will come late. CAP_IPC_LOCK or a limit \
             `memlock unlimited` allows it"
        )
    };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the limit is written into a structure of ours that outlives the call.
    if unsafe { libc::getrlimit(libc::RLIMIT_MEMLOCK, &raw mut limit) } != 0 {
        return Err(explain(io::Error::last_os_error().to_string()));
    }
    // SAFETY: asks who we are; touches no memory.
    let root = unsafe { libc::geteuid() } == 0;
    if limit.rlim_cur != libc::RLIM_INFINITY && !root {
        return Err(explain(format!("it is limited to {} KiB", limit.rlim_cur / 1024)));
    }
    // Pages are locked as they are first used: stacks and buffers that are mostly empty cost nothing.
    let flags = libc::MCL_CURRENT | libc::MCL_FUTURE | libc::MCL_ONFAULT;
    // SAFETY: changes how the kernel keeps our pages, not what is in them.
    match unsafe { libc::mlockall(flags) } {
        0 => Ok(()),
        _ => Err(explain(io::Error::last_os_error().to_string())),
    }
}

/// Keeps the calling thread on one processor, counted from 0. A sentence says so if it cannot be had.
pub fn keep_to(processor: usize) -> Result<(), String> {
    let failed = |why: String| format!("The media thread is not kept to processor {processor} ({why})");
    if processor >= libc::CPU_SETSIZE as usize {
        return Err(failed("there is no such processor".into()));
    }
    // SAFETY: a set of processors is plain bits, for which all zeros is the empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the number is below the size of the set, as checked above.
    unsafe { libc::CPU_SET(processor, &mut set) };
    // SAFETY: thread 0 is the calling one; the set outlives the call and has the size given.
    match unsafe { libc::sched_setaffinity(0, std::mem::size_of::<libc::cpu_set_t>(), &raw const set) } {
        0 => Ok(()),
        _ => Err(failed(io::Error::last_os_error().to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_processor_that_is_not_there_is_told() {
        for processor in [1_000_000, libc::CPU_SETSIZE as usize - 1] {
            let why = keep_to(processor).unwrap_err();
            assert!(why.contains(&processor.to_string()), "{why}");
        }
    }
}

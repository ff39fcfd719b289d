//! Real-time priority for the threads that keep a card's time, where the system allows it.

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

#[allow(unsafe_code)]
fn fifo() -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: PRIORITY };
    // SAFETY: thread 0 is the calling one, and the parameters outlive the call.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

//! TSAPI on the wire, octet by octet, and what sessions and sockets make of what should not be there.
//!
//! `golden/` holds frames with their origin. A random test that fails prints what it failed on and a seed line for
//! `tests/wire/*.proptest-regressions`; `PROPTEST_CASES=100000 cargo test -p tipring-tests --test wire` looks harder.

use core::time::Duration;

/// A moment, or a length, in milliseconds.
const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

mod allocation;
mod conversation;
mod corpus;
mod golden;
mod hostile;
mod memory;
mod messages;
mod pulled_cable;
mod random;
mod round_trip;
mod samples;
mod security;
mod sockets;
mod vendor;

//! Automatic call distribution: who waits, who is free, and who gets whom.
//!
//! Calls are served in the order in which they were queued; of the agents who are ready and whose telephone is free,
//! the one who has been idle longest is rung.

pub mod agent;
pub mod queue;
pub mod select;

pub(crate) mod change;
mod distribute;

//! libtipring: voice cards for C programs. `include/tipring.h` documents the interface; this crate implements it.
//!
//! | file | what it holds |
//! |---|---|
//! | `functions` | the functions of the headers: arguments checked, then handed over |
//! | `border` | the FFI boundary: pointer checks, structure sizes, panics caught, the last failure of each thread |
//! | `abi`, `text` | structures, numbers and texts of the headers |
//! | `failure` | failures: a number and a sentence for each |
//! | `context` | cards, engine, threads, and the lock around the machine |
//! | `machine` | channels, operations, timers and conferences as one state machine |
//! | `queue`, `slots` | the event queue; handles |
//! | `sim` | the far ends of simulated cards |
//! | `library` | WAV files and buffers by number, for the file thread |
//! | `traces` | files of traces, for the file thread |
//! | `sound`, `leases` | play lists, sinks, conditions on what is heard; the caller's buffers and call-backs |
//!
//! Never: uses calls, CSTA, queues or agents.

mod abi;
mod border;
mod context;
mod failure;
mod functions;
mod leases;
mod library;
#[cfg(test)]
mod load;
mod machine;
mod queue;
mod sim;
mod slots;
mod sound;
mod text;
mod traces;

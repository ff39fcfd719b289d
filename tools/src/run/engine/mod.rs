//! The engine in a process of its own: cards, media thread and file thread go on while the middleware is started anew.
//!
//! | file | part |
//! |---|---|
//! | [`boundary`] | rings, channel table, counters and waker between the two sides |
//! | [`composed`] | prompts made of others, on their way to the file thread |
//! | [`fingerprint`](fn@fingerprint) | the hash of what the engine reads of the configuration |
//! | [`message`] | the messages over the engine's socket |
//! | [`host`] | the engine's end of the socket |
//! | [`link`] | the middleware's end of it |
//!
//! Never: adds a second way over the boundary; a site in one process has the same ends on its heap.

pub mod boundary;
pub mod composed;
mod fingerprint;
pub mod host;
pub mod link;
pub mod message;

pub use fingerprint::fingerprint;

/// The number of the messages between engine and middleware: counted on with each change of one or of its meaning. The
/// rings have a hash of their own.
const PROTOCOL: u32 = 2;
/// The program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

//! The engine in a process of its own: cards, media thread and file thread go on while the middleware is started anew.
//!
//! | file | part |
//! |---|---|
//! | [`boundary`] | rings, channel table, counters and waker between the two sides |
//! | [`composed`] | prompts made of others, on their way to the file thread |
//! | [`message`] | the messages over the engine's socket |
//! | [`host`] | the engine's end of the socket |
//! | [`link`] | the middleware's end of it |
//!
//! Never: a second way of the boundary; a site in one process has the same ends on its heap.

pub mod boundary;
pub mod composed;
pub mod host;
pub mod link;
pub mod message;

use tipring_driver::shared::Shape;

use crate::config::SiteConfig;

/// The number of the messages between engine and middleware: counted on with each change of one or of its meaning. The
/// rings have a hash of their own.
const PROTOCOL: u32 = 1;
/// The program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The hash of the parts of a configuration that the engine reads. Where two processes differ in it, they would drive
/// other lines, or write recordings elsewhere.
pub fn fingerprint(site: &SiteConfig) -> u64 {
    let parts = (&site.country.to_string(), &site.tones, &site.boards, &site.sound, &site.store.recordings);
    let lines = (&site.trunks, &site.stations);
    Shape::EMPTY.with(format!("{parts:?}{lines:?}").as_bytes()).0
}

//! The state of every line and station, as one atomic word each: where the media thread and the core meet.
//!
//! Line events and the core's intents race on a channel's word, and exactly one of them wins each step.
//! [`transition`] is the table of the steps and the side that may take each (seizing of a trunk), [`table`] holds the
//! words, [`sink`] is the media thread's end (the engine's [`EventSink`](tipring_driver::engine::EventSink)), `view`
//! the core's.
//!
//! ```text
//!              offered                answer                 far end gone
//!      ┌───── line ────► Offered ───── core ────► InUse ───────── line ────► Released
//!      │                    │                     ▲ │ ▲ │                        │
//!      │ ◄─ringing stopped──┘          answered───┘ │ │ └──── release (core) ─┐  │ release
//!     Idle ◄───────────── put down (line) ──────────┘ └─ lifted (line) ─┐     ▼  ▼ (core)
//!      │ ├─── dial (core) ─► Dialling ─ failed ► Released            Ringing  Releasing
//!      │ └─── ring (core) ──────────────────────────────────────────►─┘ └─ stop ─► │
//!      └ ◄────────────────────────────── idle (line) ──────────────────────────────┘
//!     OutOfService: from everywhere, and back to Idle, by the line alone.
//! ```
//!
//! Never: waits, locks or allocates after the table was made; knows what a call is.

pub mod sink;
pub mod table;
pub mod transition;
mod view;
mod word;

pub use sink::{ChannelEvent, TableSink, What};
pub use table::{ChannelTable, Claim, Reread, Superseded, TableCounters, TableSpot};
pub use transition::Intent;
pub(crate) use view::ChannelView;
pub use view::{Found, Look, OtherChannels};
pub use word::{Cause, Generation, Owner, State, Word};

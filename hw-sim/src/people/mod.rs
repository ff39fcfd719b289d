//! The people at the far ends of the wires: callers and agents, with a check of their speech paths.
//!
//! Never: opens a socket, or knows call control. People hear, speak, press keys and work the hook switch. [`Town`] is
//! all of them together with the exchange and the telephones: the [`World`] of a card.
//!
//! [`World`]: crate::network::World

mod agent;
mod context;
pub mod listen;
mod path_check;
mod remote;
mod talker;
mod town;
pub mod truth;
pub mod voice;

pub use town::Town;

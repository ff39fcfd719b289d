//! The people at the far ends of the wires: callers, agents, and a witness who knows what they said and heard.
//!
//! They have ears, hands and a voice, and nothing else: no socket, no knowledge of how calls are handled.
//! [`Town`] is all of them together with the exchange and the telephones: the [`World`] of a card.
//!
//! [`World`]: crate::network::World

mod agent;
pub mod listen;
mod mouth;
mod remote;
mod scene;
mod town;
pub mod truth;
pub mod voice;
mod witness;

pub use town::Town;

//! The people at the far ends of the wires: callers, agents, and a witness who knows what they said and heard.
//!
//! They have ears, hands and a voice, and nothing else: no socket, no knowledge of how calls are handled.

pub mod listen;
pub mod truth;
pub mod voice;

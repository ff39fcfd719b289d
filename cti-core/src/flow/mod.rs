//! Call flows as data (IVR): nodes with named exits, checked at load, walked by a pure function.
//!
//! ```text
//! FlowSource (names, lines) ──check──► Flow (indices) ──step(&Flows, &mut Walk, Input)──► Do
//! ```
//!
//! A flow that has passed the check always ends: each node has a way on for every outcome, and each circle passes a
//! [`Count`](node::Node::Count). A call walks the version it began with.
//!
//! | file | holds |
//! |---|---|
//! | [`node`] | the nodes, as written in a flow's file |
//! | [`one_key_menu`] | the short form of an IVR menu: one prompt, one key |
//! | [`check`] | the check, with file lines, all faults at once |
//! | [`walk`] | the walk of one caller |
//! | [`book`] | the flows of a site with the sounds that they name |
//! | [`calendar`] | the routes of a calendar as a table of moments |
//! | [`picture`] | a flow as a picture has it |
//! | [`queue_position`] | a place in line and an expected wait, for callers in a queue |
//! | [`say`] | numbers, digits, money and dates as lists of phrases in Mandarin, Cantonese and English |
//!
//! Never: plays, waits or looks anything up itself; the answer of a step says what is to be done.

pub mod book;
pub mod calendar;
pub mod check;
pub mod node;
pub mod one_key_menu;
pub mod picture;
pub mod queue_position;
pub mod say;
pub mod walk;

#[cfg(test)]
mod tests;

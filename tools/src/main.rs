//! Connects cards, core and clients. Never decides anything about a call.

fn main() {}

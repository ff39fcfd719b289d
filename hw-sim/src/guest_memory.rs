//! The memory of whoever drives a card, as the card sees it: pieces of memory files at bus addresses.

/// The pieces of memory that a card may reach.
#[derive(Default)]
pub struct GuestMemory {}

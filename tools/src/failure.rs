//! The failure of a command: a sentence that says what to do.
//!
//! Never: printed here.

/// A failure as a sentence for the person at the keyboard, with the remedy where there is one.
pub type Failure = Box<dyn std::error::Error>;

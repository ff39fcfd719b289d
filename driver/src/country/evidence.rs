//! Sources of a profile, and the confidence in its parts.
//!
//! Never: changes what a profile does.

use std::fmt;

/// Sources of a profile, and the confidence in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// Frequencies and cadences.
    pub tones: Confidence,
    /// Coding of caller ID and its place.
    pub caller_id: Confidence,
    /// Length of a hook flash.
    pub flash: Confidence,
    /// Standards and tables that the values are from.
    pub sources: &'static str,
}

/// Confidence in a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// A national or international standard, which a second public source agrees with.
    Standard,
    /// One public table or report of lines.
    Table,
    /// The setting of common equipment: to be tried on the line first.
    Practice,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Confidence::Standard => "standard",
            Confidence::Table => "table",
            Confidence::Practice => "practice",
        })
    }
}

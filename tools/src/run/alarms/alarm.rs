//! An alarm, and its severity (ITU-T X.733).
//!
//! Never: judges a condition; that is [`rules`](super::rules).

use serde::{Deserialize, Serialize};

use crate::log::Level;

/// Severity of an alarm (ITU-T X.733, section 8.1.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Service has ended; act at once.
    Critical,
    /// Service is impaired; act soon.
    Major,
    /// A part is impaired that others stand in for.
    Minor,
    /// Service may be impaired later.
    Warning,
}

impl Severity {
    pub(super) const fn level(self) -> Level {
        match self {
            Severity::Critical | Severity::Major => Level::Error,
            Severity::Minor | Severity::Warning => Level::Warning,
        }
    }

    /// The word.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Critical => "critical",
            Severity::Major => "major",
            Severity::Minor => "minor",
            Severity::Warning => "warning",
        }
    }
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// The name of its rule.
    pub id: String,
    /// The severity.
    pub severity: Severity,
    /// The card, line, disk or queue; empty for the site.
    pub subject: String,
    /// The condition, as a sentence.
    pub text: String,
    /// The remedy, as a sentence.
    pub remedy: String,
    /// Time at which it was raised, ms since 1970.
    pub raised_ms: u64,
    /// Time at which it was cleared, ms since 1970; none while it is active.
    pub cleared_ms: Option<u64>,
}

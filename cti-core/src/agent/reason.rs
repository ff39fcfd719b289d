//! Reasons of *not ready* and of a log-out, by code: names, and limits of the time that a break may take.
//!
//! A code that has no rule is accepted like any other; it has no name and no limit.
//!
//! Never: knows an agent.

use tipring_driver::time::Ticks;

use crate::acd::ids::Reason;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReasonRule {
    /// The code, 1 to 99.
    pub code: Reason,
    /// The name.
    pub name: String,
    /// The longest time *not ready* for it; none without a limit.
    pub limit: Option<Ticks>,
}

/// The reasons of a site, in the order of their codes.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Reasons(Vec<ReasonRule>);

impl Reasons {
    /// The reasons of these rules; of two with one code the first counts.
    pub fn new(mut rules: Vec<ReasonRule>) -> Reasons {
        rules.sort_by_key(|rule| rule.code);
        rules.dedup_by_key(|rule| rule.code);
        Reasons(rules)
    }

    /// All of them, by ascending code.
    pub fn iter(&self) -> impl Iterator<Item = &ReasonRule> {
        self.0.iter()
    }

    /// Returns the rule of a code.
    pub fn find(&self, code: Reason) -> Option<&ReasonRule> {
        self.0.binary_search_by_key(&code, |rule| rule.code).ok().map(|at| &self.0[at])
    }

    /// Returns the limit of a code.
    pub fn limit(&self, code: Reason) -> Option<Ticks> {
        self.find(code)?.limit
    }

    /// Returns the code for people: with its name if it has one; empty for code 0.
    pub fn shown(&self, code: Reason) -> String {
        match self.find(code) {
            Some(rule) => format!("{}, {}", code.0, rule.name),
            None if code == Reason::default() => String::new(),
            None => code.0.to_string(),
        }
    }
}

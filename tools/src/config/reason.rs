//! Reasons of *not ready* and of log-outs, with names and limits.
//!
//! Never: knows which reason an agent gives; a code without a name is accepted too.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tipring_core::acd::ids::Reason;
use tipring_core::agent::{ReasonRule, Reasons};
use tipring_core::csta::tipring::REASON_NAME_MAX;

use super::SiteConfig;
use super::fault::Faults;
use super::queue::seconds;

/// Codes that a telephone's keys and private data can carry.
const CODES: std::ops::RangeInclusive<u8> = 1..=99;

/// A reason.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonConfig {
    /// The code, 1 to 99.
    pub code: u8,
    /// The name, in any script.
    pub name: String,
    /// The longest time *not ready* for it, in s; no limit if left out.
    #[serde(default)]
    pub limit_s: Option<u32>,
}

impl SiteConfig {
    /// The core's rules of reasons.
    pub fn reason_rules(&self) -> Vec<ReasonRule> {
        let rule = |reason: &ReasonConfig| ReasonRule {
            code: Reason(reason.code),
            name: reason.name.trim().to_owned(),
            limit: reason.limit_s.map(seconds),
        };
        self.reasons.iter().map(rule).collect()
    }

    /// The reasons by code.
    pub fn reasons(&self) -> Reasons {
        Reasons::new(self.reason_rules())
    }
}

/// Codes out of range, names that cannot be shown, limits of no time, and what stands there twice.
pub(super) fn check_reasons(site: &SiteConfig, faults: &mut Faults<'_>) {
    let (mut codes, mut names) = (BTreeMap::new(), BTreeSet::new());
    for (index, reason) in site.reasons.iter().enumerate() {
        let (code, name) = (reason.code, reason.name.trim());
        let mut add = |key, text: String| faults.add(("reason", Some(index), key), text);
        if !CODES.contains(&code) {
            let (least, most) = (CODES.start(), CODES.end());
            add("code", format!("the code of a reason is {least} to {most}, not {code}; 0 stands for no reason"));
        } else if let Some(first) = codes.insert(code, name) {
            add("code", format!("two reasons have the code {code}: {first} and {name}; give one of them another"));
        }
        if name.is_empty() || name.len() > REASON_NAME_MAX || name.chars().any(|c| c.is_control() || c == '"') {
            let text = format!(
                "the name of the reason {code} is 1 to {REASON_NAME_MAX} octets of UTF-8 without quotes and control \
                 characters, not {:?}",
                reason.name
            );
            add("name", text);
        } else if !names.insert(name) {
            add("name", format!("two reasons have the name {name}; give one of them another"));
        }
        if reason.limit_s == Some(0) {
            add("limit_s", format!("limit_s of the reason {code} is 0: leave it out for no limit, or give seconds"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};

    fn with(reasons: &str) -> Result<SiteConfig, String> {
        SiteConfig::parse(&format!("{TEMPLATE}\n{reasons}")).map_err(|error| error.to_string())
    }

    #[test]
    fn reasons_have_codes_names_in_any_script_and_limits() {
        let text = "[[reason]]\ncode = 2\nname = \"用餐\"\nlimit_s = 1800\n[[reason]]\ncode = 1\nname = \"break\"\n";
        let reasons = with(text).expect("reasons that can be").reasons();
        let shown: Vec<_> = [0, 1, 2, 3].map(tipring_core::acd::ids::Reason).map(|code| reasons.shown(code)).into();
        assert_eq!(shown, ["", "1, break", "2, 用餐", "3"], "a code without a rule has no name");
        assert_eq!(reasons.limit(tipring_core::acd::ids::Reason(2)).map(|limit| limit.as_ms()), Some(1_800_000));
    }

    #[test]
    fn each_fault_of_a_reason_is_found_with_its_line() {
        let text = "[[reason]]\ncode = 1\nname = \"break\"\n\
                    [[reason]]\ncode = 1\nname = \"meal\"\n\
                    [[reason]]\ncode = 3\nname = \"break\"\n\
                    [[reason]]\ncode = 100\nname = \" \"\nlimit_s = 0\n";
        let why = with(text).expect_err("five faults");
        let first = TEMPLATE.lines().count() + 2;
        for (line, fault) in [
            (first + 4, "two reasons have the code 1: break and meal"),
            (first + 8, "two reasons have the name break"),
            (first + 10, "the code of a reason is 1 to 99, not 100"),
            (first + 11, "the name of the reason 100 is 1 to 40 octets"),
            (first + 12, "limit_s of the reason 100 is 0"),
        ] {
            assert!(why.contains(&format!("line {line}: {fault}")), "{fault} at {line}:\n{why}");
        }
        let long = format!("[[reason]]\ncode = 1\nname = \"{}\"\n", "休".repeat(14));
        assert!(with(&long).is_err_and(|why| why.contains("40 octets")));
    }
}

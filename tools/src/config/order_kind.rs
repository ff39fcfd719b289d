//! Kinds of work orders with the limits of their clocks.
//!
//! Never: a kind beside those of the file; a site with one has its own alone.

use std::collections::BTreeSet;

use serde::Deserialize;
use tipring_core::work_order::{Kinds, OrderKind};

use super::SiteConfig;
use super::fault::Faults;

const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// A kind of work orders.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderKindConfig {
    /// The name by which it is asked for and reported.
    pub name: String,
    /// The title for people, in any script; the name if left out.
    #[serde(default)]
    pub title: Option<String>,
    /// Limit from the call to the dispatch, min; none if left out.
    #[serde(default)]
    pub dispatch_within_min: Option<u32>,
    /// Limit from the call to the answer, days; none if left out.
    #[serde(default)]
    pub answer_within_days: Option<u32>,
}

impl SiteConfig {
    /// The kinds of work orders: those of the file, or the usual ones where it has none.
    pub fn kinds(&self) -> Kinds {
        if self.order_kinds.is_empty() {
            return Kinds::default();
        }
        let kind = |kind: &OrderKindConfig| OrderKind {
            name: kind.name.clone(),
            title: kind.title.clone().unwrap_or_else(|| kind.name.clone()),
            dispatch_within_ms: kind.dispatch_within_min.map(|limit| u64::from(limit) * MINUTE_MS),
            answer_within_ms: kind.answer_within_days.map(|limit| u64::from(limit) * DAY_MS),
        };
        Kinds(self.order_kinds.iter().map(kind).collect())
    }
}

/// Names that cannot be typed or stand there twice, and limits of no time.
pub(super) fn check_order_kinds(site: &SiteConfig, faults: &mut Faults<'_>) {
    let mut names = BTreeSet::new();
    for (index, kind) in site.order_kinds.iter().enumerate() {
        let name = kind.name.as_str();
        let mut add = |key, text: String| faults.add(("order_kind", Some(index), key), text);
        if name.is_empty()
            || name.len() > 32
            || name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"')
        {
            add("name", format!("the name of a kind of orders is 1 to 32 octets without spaces, not {name:?}"));
        } else if !names.insert(name) {
            add("name", format!("two kinds of orders have the name {name}; give one of them another"));
        }
        let limits =
            [("dispatch_within_min", kind.dispatch_within_min), ("answer_within_days", kind.answer_within_days)];
        for (key, _) in limits.into_iter().filter(|(_, limit)| *limit == Some(0)) {
            add(key, format!("{key} of the kind {name} is 0: leave it out for no limit"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{SiteConfig, TEMPLATE};

    fn with(kinds: &str) -> Result<SiteConfig, String> {
        SiteConfig::parse(&format!("{TEMPLATE}\n{kinds}")).map_err(|error| error.to_string())
    }

    #[test]
    fn a_site_has_the_usual_kinds_or_its_own_alone() {
        assert!(with("").expect("a site").kinds().find("complaint").is_some());
        let text = "[[order_kind]]\nname = \"leak\"\ntitle = \"漏水\"\ndispatch_within_min = 10\n";
        let kinds = with(text).expect("a kind that can be").kinds();
        assert_eq!(kinds.names(), "leak");
        assert_eq!(kinds.0[0].dispatch_within_ms, Some(600_000));
    }

    #[test]
    fn each_fault_of_a_kind_is_found_with_its_line() {
        let text = "[[order_kind]]\nname = \"leak\"\n[[order_kind]]\nname = \"leak\"\n\
                    [[order_kind]]\nname = \"a b\"\nanswer_within_days = 0\n";
        let why = with(text).expect_err("three faults");
        let first = TEMPLATE.lines().count() + 2;
        for (line, fault) in [
            (first + 3, "two kinds of orders have the name leak"),
            (first + 5, "the name of a kind of orders is 1 to 32 octets without spaces, not \"a b\""),
            (first + 6, "answer_within_days of the kind a b is 0"),
        ] {
            assert!(why.contains(&format!("line {line}: {fault}")), "{fault} at {line}:\n{why}");
        }
    }
}

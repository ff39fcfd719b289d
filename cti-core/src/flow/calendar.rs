//! A calendar's routes as a table of moments. Business hours, holidays and the time zone, from which it is computed,
//! are in the site's configuration (`tipring::config::calendar`).
//!
//! Never: reads a clock or knows a date.

/// The routes of one calendar: the first one, and each change with its moment.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Routes {
    /// Route before the first change.
    pub first: String,
    /// Changes in the order of their moments: the moment in milliseconds since 1970, and the route from then on.
    pub changes: Vec<(u64, String)>,
}

impl Routes {
    /// The route at a moment, in milliseconds since 1970.
    pub fn at(&self, unix_ms: u64) -> &str {
        let passed = self.changes.partition_point(|(at, _)| *at <= unix_ms);
        passed.checked_sub(1).map_or(&self.first, |last| &self.changes[last].1)
    }

    /// The moment of the first change after a moment; none if no change is known.
    pub fn next_change(&self, unix_ms: u64) -> Option<u64> {
        let passed = self.changes.partition_point(|(at, _)| *at <= unix_ms);
        self.changes.get(passed).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_begins_with_the_moment_of_its_change() {
        let changes = vec![(10, "open".to_owned()), (20, "night".to_owned())];
        let routes = Routes { first: "closed".to_owned(), changes };
        let at = [0, 9, 10, 19, 20, 99].map(|moment| routes.at(moment));
        assert_eq!(at, ["closed", "closed", "open", "open", "night", "night"]);
        let next = [0, 9, 10, 19, 20].map(|moment| routes.next_change(moment));
        assert_eq!(next, [Some(10), Some(10), Some(20), Some(20), None]);
    }
}

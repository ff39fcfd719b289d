//! The health of a site: the reasons for which it does not serve, each a sentence for the person who is called out.
//!
//! A site serves while its core and its media thread run (each beats within its limit), the sound of every card moves,
//! and the database takes records. A site that is to stop does not serve: new calls go elsewhere.
//!
//! Never: computes a figure of its own; it judges a snapshot.

use serde::Serialize;

use super::snapshot::Snapshot;

/// Time for which core or media thread may stand still, s.
const STILL_MAX_S: f64 = 1.0;
/// Time that one commit may take, s.
const COMMIT_MAX_S: f64 = 5.0;

/// The answer of `/healthz`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthReport<'a> {
    /// True while the site serves.
    pub serves: bool,
    /// The reasons for which it does not.
    pub reasons: &'a [String],
    /// Time since the start, s.
    pub up_s: f64,
    /// Calls in progress.
    pub calls: usize,
}

impl HealthReport<'_> {
    /// The answer for a snapshot.
    pub fn new(snapshot: &Snapshot) -> HealthReport<'_> {
        HealthReport {
            serves: snapshot.not_serving.is_empty(),
            reasons: &snapshot.not_serving,
            up_s: snapshot.up_s,
            calls: snapshot.status.calls.len(),
        }
    }
}

/// The reasons for which a site does not serve.
pub fn reasons(snapshot: &Snapshot) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(calls) = snapshot.calls_left {
        reasons.push(format!("The site is to stop and takes no new calls; {calls} are left"));
    }
    let (core, media) = snapshot.still_s;
    for (thread, still) in [("core", core), ("media", media)] {
        if still > STILL_MAX_S {
            reasons.push(format!("The {thread} thread has stood still for {still:.1} s"));
        }
    }
    for card in snapshot.cards.iter().filter(|card| !card.running) {
        reasons.push(format!("The card {} does not run: its lines are out of service", card.card));
    }
    let store = &snapshot.store;
    if let Some(refusing) = store.refusing_s {
        let pending = store.pending;
        reasons.push(format!("The database has taken no records for {refusing:.0} s; {pending} wait in memory"));
    }
    if let Some(committing) = store.committing_s.filter(|time| *time > COMMIT_MAX_S) {
        reasons.push(format!("A commit of the database has taken {committing:.0} s so far"));
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::sources::tests::example;

    #[test]
    fn each_part_that_fails_is_named_with_its_figure() {
        let mut snapshot = example();
        assert_eq!(reasons(&snapshot), ["The card socket:card.sock does not run: its lines are out of service"]);
        snapshot.cards[0].running = true;
        assert_eq!(reasons(&snapshot), [""; 0]);
        snapshot.calls_left = Some(2);
        snapshot.still_s = (1.5, 0.5);
        snapshot.store.refusing_s = Some(3.0);
        snapshot.store.committing_s = Some(6.0);
        assert_eq!(
            reasons(&snapshot),
            [
                "The site is to stop and takes no new calls; 2 are left",
                "The core thread has stood still for 1.5 s",
                "The database has taken no records for 3 s; 4 wait in memory",
                "A commit of the database has taken 6 s so far",
            ]
        );
        snapshot.not_serving = reasons(&snapshot);
        let report = serde_json::to_value(HealthReport::new(&snapshot)).unwrap();
        assert_eq!((report["serves"].as_bool(), report["reasons"].as_array().map(Vec::len)), (Some(false), Some(4)));
    }
}

//! The table of alarms: name, severity, the time for which a condition must hold, the condition, the remedy.
//!
//! Never: raises or clears one; that is [`Alarms`](super::Alarms).

use std::collections::BTreeMap;

use super::alarm::Severity;
use crate::run::gauges::PostgresStatus;
use crate::run::observe::{ShiftStatus, ToReturnStatus};
use crate::run::readings::Readings;
use crate::run::snapshot::Snapshot;

/// Time that one commit may take, s.
const COMMIT_MAX_S: f64 = 5.0;
/// Age of sound that is not on the disk yet, s. It is less than a second while the disk keeps up.
const UNSYNCED_MAX_S: f64 = 5.0;
/// Time for which core or media thread may stand still, s.
const STILL_MAX_S: f64 = 1.0;

/// Time for which PostgreSQL may be behind, s.
const REPLICA_BEHIND_MAX_S: f64 = 60.0;

/// A row of the table of alarms.
#[derive(Debug)]
pub struct Rule {
    /// The name.
    pub id: &'static str,
    /// The severity.
    pub severity: Severity,
    /// Time for which the condition must hold, s.
    pub(super) hold_s: f64,
    /// The subjects for which the condition holds, each with its sentence.
    pub(super) judge: fn(&Facts<'_>) -> Vec<(String, String)>,
    pub(super) remedy: &'static str,
}

/// Everything that rules judge.
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) readings: &'a Readings,
    pub(super) recent: Recent,
}

/// Things that have happened in the last ten minutes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Recent {
    pub(super) recordings_failed: u64,
    pub(super) calls_not_taken: u64,
    pub(super) log_lost: u64,
    pub(super) samples_lost: u64,
    pub(super) clock_jump_ms: i64,
}

/// The table.
pub const RULES: &[Rule] = &[
    Rule {
        id: "card-gone",
        severity: Severity::Critical,
        hold_s: 3.0,
        judge: |facts| {
            let gone = facts.snapshot.cards.iter().filter(|card| !card.running);
            gone.map(|card| (card.card.clone(), format!("The card {} does not run", card.card))).collect()
        },
        remedy: "Look at the card's power and slot, and at dmesg; it is attached again by itself once it answers",
    },
    Rule {
        id: "line-out-of-service",
        severity: Severity::Minor,
        hold_s: 30.0,
        judge: |facts| {
            let out = facts.snapshot.status.out_of_service.iter();
            out.map(|device| (device.clone(), format!("{device} is out of service"))).collect()
        },
        remedy: "Look at its plug and module; `tipring board test` measures the line",
    },
    Rule {
        id: "trunk-group-empty",
        severity: Severity::Major,
        hold_s: 30.0,
        judge: |facts| {
            let empty = facts.snapshot.status.trunks.iter().filter(|group| group.trunks > 0 && group.available == 0);
            empty
                .map(|group| {
                    (group.group.clone(), format!("The trunk group {} has no trunk left in service", group.group))
                })
                .collect()
        },
        remedy: "Look at the lines with `tipring status`; unblock trunks with `tipring site trunk unblock NAME --site FILE`",
    },
    Rule {
        id: "trunk-blocked",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            let blocked = facts.snapshot.status.trunks.iter().flat_map(|group| &group.blocked);
            blocked.map(|trunk| (trunk.clone(), format!("The trunk {trunk} is blocked for calls out"))).collect()
        },
        remedy: "When its line is mended: `tipring site trunk unblock NAME --site FILE`",
    },
    Rule {
        id: "thread-still",
        severity: Severity::Critical,
        hold_s: 0.0,
        judge: |facts| {
            let (core, media) = facts.snapshot.still_s;
            let still = [("core", core), ("media", media)].into_iter().filter(|(_, still)| *still > STILL_MAX_S);
            still
                .map(|(name, still)| (name.into(), format!("The {name} thread stands still for {still:.1} s")))
                .collect()
        },
        remedy: "The program ends by itself after 5 s and is started again; send the log to its makers",
    },
    Rule {
        id: "sound-lost",
        severity: Severity::Minor,
        hold_s: 0.0,
        judge: |facts| {
            site(facts.recent.samples_lost > 0, || {
                format!("{} samples of received sound were lost in the last minutes", facts.recent.samples_lost)
            })
        },
        remedy: "Give the media thread a processor of its own (media_processor), or raise receive_ring_ms",
    },
    Rule {
        id: "store-refused",
        severity: Severity::Critical,
        hold_s: 2.0,
        judge: |facts| {
            let store = &facts.snapshot.store;
            site(store.refusing_s.is_some(), || {
                format!("The database takes no records; {} wait in memory", store.pending)
            })
        },
        remedy: "Look at the disk, its room and its permissions; the log has the reason. Records go on when it is mended",
    },
    Rule {
        id: "store-slow",
        severity: Severity::Major,
        hold_s: 0.0,
        judge: |facts| {
            let time = facts.snapshot.store.committing_s.unwrap_or(0.0);
            site(time > COMMIT_MAX_S, || format!("A commit of the database takes {time:.0} s so far"))
        },
        remedy: "Look at the disk's health (smartctl) and at what else writes to it",
    },
    Rule {
        id: "store-behind",
        severity: Severity::Critical,
        hold_s: 0.0,
        judge: |facts| {
            site(facts.snapshot.store.behind || facts.recent.calls_not_taken > 0, || {
                format!(
                    "{} new calls were not taken in the last minutes: records wait for the database faster than it takes them",
                    facts.recent.calls_not_taken
                )
            })
        },
        remedy: "Look at the disk's health and at what else writes to it; callers left ringing are taken as it catches up",
    },
    Rule {
        id: "postgres-behind",
        severity: Severity::Minor,
        hold_s: 0.0,
        judge: |facts| {
            let behind = facts.snapshot.postgres.filter(|it| it.behind_s > REPLICA_BEHIND_MAX_S);
            let text = |it: PostgresStatus| {
                let state = match (it.connected, it.filling) {
                    (false, _) => "takes no records",
                    (true, true) => "is still being filled",
                    (true, false) => "is behind",
                };
                format!("PostgreSQL {state}: {} changes wait in the site's own database", it.waiting)
            };
            behind.map(|it| (String::new(), text(it))).into_iter().collect()
        },
        remedy: "The log has the reason. Nothing is lost: calls go on, and it is caught up with by itself when it is back",
    },
    Rule {
        id: "postgres-refused",
        severity: Severity::Minor,
        hold_s: 0.0,
        judge: |facts| {
            let refused = facts.snapshot.postgres.map_or(0, |it| it.refused);
            site(refused > 0, || format!("{refused} rows are not in PostgreSQL: it does not take them"))
        },
        remedy: "Its table replica_refused has the reason of each; then `tipring store postgres fill --site FILE`",
    },
    Rule {
        id: "disk-low",
        severity: Severity::Major,
        hold_s: 0.0,
        judge: |facts| {
            let low = facts.readings.disks.iter().filter(|disk| disk.free < disk.wanted);
            low.map(|disk| {
                let [free, wanted] = [disk.free, disk.wanted].map(|octets| octets / 1_000_000);
                let folder = disk.folder.display();
                (
                    disk.name.clone(),
                    format!("The disk of the {} ({folder}) has {free} MB left of {wanted} wanted", disk.name),
                )
            })
            .collect()
        },
        remedy: "Move recordings away or make room, before the disk is full",
    },
    Rule {
        id: "keys-unusable",
        severity: Severity::Major,
        hold_s: 3.0,
        judge: |facts| {
            let fault = facts.readings.keys_fault.iter();
            fault.map(|why| ("recordings".into(), format!("Recordings go on with the keys in memory. {why}"))).collect()
        },
        remedy: "Do what the sentence says before the site starts again: it is refused without its keys",
    },
    Rule {
        id: "recording-failed",
        severity: Severity::Major,
        hold_s: 0.0,
        judge: |facts| {
            site(facts.recent.recordings_failed > 0, || {
                format!("{} recordings have failed in the last minutes", facts.recent.recordings_failed)
            })
        },
        remedy: "The log has the reason of each; look at the folder's permissions and the disk's room",
    },
    Rule {
        id: "recordings-unsynced",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            let age_s = facts.snapshot.recordings.unsynced_s;
            site(age_s > UNSYNCED_MAX_S, || {
                format!("The last {age_s:.0} s of the recordings are not on the disk: a loss of power would lose them")
            })
        },
        remedy: "The disk of recordings is busy with other work, too slow, or fails: look at the log and at iostat",
    },
    Rule {
        id: "queue-unstaffed",
        severity: Severity::Major,
        hold_s: 30.0,
        judge: |facts| {
            let queues = facts.snapshot.status.queues.iter();
            let left = queues.filter(|queue| queue.waiting > 0 && queue.logged_in == 0);
            left.map(|queue| {
                let text = format!(
                    "{} callers wait at {} ({}) and no agent is logged in",
                    queue.waiting, queue.queue, queue.name
                );
                (queue.queue.clone(), text)
            })
            .collect()
        },
        remedy: "Have an agent log in, close the queue by its calendar, or give it a gate for staff = \"no-agents\"",
    },
    Rule {
        id: "break-too-long",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            let over = facts.snapshot.status.agents.iter().filter(|agent| agent.over_limit);
            over.map(|agent| {
                let reason = agent.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
                let text = format!(
                    "The break of agent {} ({}) is longer than its reason allows{reason}",
                    agent.agent, agent.name
                );
                (agent.agent.clone(), text)
            })
            .collect()
        },
        remedy: "Ask the agent to return, force the state from the console, or raise limit_s of the reason",
    },
    Rule {
        id: "order-late",
        severity: Severity::Major,
        hold_s: 0.0,
        judge: |facts| {
            let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for late in &facts.readings.late_orders {
                kinds.entry(&late.kind).or_default().push(&late.text);
            }
            let text = |(kind, late): (&str, Vec<&str>)| {
                let text = format!("{} work orders of the kind {kind} are late; {}", late.len(), late[0]);
                (kind.to_owned(), text)
            };
            kinds.into_iter().map(text).collect()
        },
        remedy: "`tipring order list --late --site FILE` shows them; the clock runs from the call until the step is taken",
    },
    Rule {
        id: "return-due",
        severity: Severity::Major,
        hold_s: 0.0,
        judge: |facts| {
            let queues = facts.snapshot.status.queues.iter();
            let pressing = queues.filter(|queue| queue.to_return.late > 0 || queue.to_return.is_near);
            pressing
                .map(|queue| {
                    let ToReturnStatus { count, late, due_ms, .. } = queue.to_return;
                    let by = due_ms.map_or(String::new(), |due| {
                        format!(" by {}", facts.snapshot.status.clock().at(due).format("%H:%M"))
                    });
                    let late = if late > 0 { format!(", {late} of them late") } else { String::new() };
                    let text = format!(
                        "{count} callers who hung up at {} ({}) are to be called back{by}{late}",
                        queue.queue, queue.name
                    );
                    (queue.queue.clone(), text)
                })
                .collect()
        },
        remedy: "`tipring report abandoned --site FILE` lists them; `tipring callback add --from-abandoned QUEUE` calls them",
    },
    Rule {
        id: "shift-unled",
        severity: Severity::Warning,
        hold_s: 300.0,
        judge: |facts| {
            let shifts = facts.snapshot.status.shifts.iter();
            let text = |shift: &ShiftStatus| {
                let places = [("principal", &shift.principal), ("deputy", &shift.deputy)].into_iter();
                let missing: Vec<String> = places
                    .filter(|(_, leader)| !leader.is_signed_in)
                    .map(|(place, leader)| format!("its {place} is {leader}"))
                    .collect();
                let text = format!("The shift {} is not led by two: {}", shift.shift, missing.join(", "));
                (!missing.is_empty()).then(|| (shift.shift.clone(), text))
            };
            shifts.filter_map(text).collect()
        },
        remedy: "Have them sign in, or name others: `tipring shift lead SHIFT --principal AGENT --deputy AGENT --site FILE`",
    },
    Rule {
        id: "event-mode",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            let mode = facts.snapshot.status.event_mode.iter();
            mode.map(|mode| (mode.clone(), format!("The event mode {mode} is in force"))).collect()
        },
        remedy: "When the event is over: `tipring site mode normal --site FILE`",
    },
    Rule {
        id: "clock-jumped",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            site(facts.recent.clock_jump_ms != 0, || {
                format!("The machine's clock was set by {:+.1} s", facts.recent.clock_jump_ms as f64 / 1000.0)
            })
        },
        remedy: "Run a time service that slews (chrony, systemd-timesyncd); times of records around the jump are not exact",
    },
    Rule {
        id: "log-lost",
        severity: Severity::Warning,
        hold_s: 0.0,
        judge: |facts| {
            site(facts.recent.log_lost > 0, || {
                format!("{} lines of the log were lost in the last minutes", facts.recent.log_lost)
            })
        },
        remedy: "Look at the reader of the log: journald's limits, or a pipe that stands still",
    },
];

/// An alarm on the site itself.
fn site(holds: bool, text: impl FnOnce() -> String) -> Vec<(String, String)> {
    holds.then(|| (String::new(), text())).into_iter().collect()
}

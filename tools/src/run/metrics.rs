//! The snapshot in OpenMetrics 1.0, for Prometheus and its like.
//!
//! Labels are bounded by the configuration: queue, trunk group, card, and the names of states. Figures of queues and of
//! calls are those of the reports: they count from the site's midnight, and then begin anew as counters may.
//!
//! Never: gives a label of a call, a caller or an agent.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tipring_core::csta::AgentState;
use tipring_driver::card::CardCounters;
use tipring_driver::engine::Counters;
use tipring_web::probe::{Health, Probe};

use super::alarms::RULES;
use super::gauges::PostgresStatus;
use super::health::HealthReport;
use super::observe::{CallState, QueueStatus, state_words};
use super::snapshot::Snapshot;
use super::sources::Sources;

/// Labels of a figure.
type Labels = Vec<(&'static str, String)>;

/// The figures and the health of a site, for its probe.
pub struct SiteProbe(pub Arc<Sources>);

impl Probe for SiteProbe {
    fn metrics(&self) -> String {
        page(&self.0.take())
    }

    fn health(&self) -> Health {
        let snapshot = self.0.take();
        let report = HealthReport::new(&snapshot);
        // Numbers and text: there is nothing that JSON cannot hold.
        let json = serde_json::to_string(&report).unwrap_or_default() + "\n";
        Health { serves: report.serves, json }
    }
}

/// The page under way.
struct Page(Registry);

impl Page {
    fn gauges(&mut self, name: &str, help: &str, rows: impl IntoIterator<Item = (Labels, f64)>) {
        let family = Family::<Labels, Gauge<f64, AtomicU64>>::default();
        for (labels, value) in rows {
            family.get_or_create(&labels).set(value);
        }
        self.0.register(name, help.trim().trim_end_matches('.'), family);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Into<f64>) {
        self.gauges(name, help, [(Labels::new(), value.into())]);
    }

    fn counters(&mut self, name: &str, help: &str, rows: impl IntoIterator<Item = (Labels, u64)>) {
        let family = Family::<Labels, Counter>::default();
        for (labels, value) in rows {
            family.get_or_create(&labels).inc_by(value);
        }
        self.0.register(name, help.trim().trim_end_matches('.'), family);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.counters(name, help, [(Labels::new(), value)]);
    }
}

/// The page of a snapshot.
pub fn page(snapshot: &Snapshot) -> String {
    let mut page = Page(Registry::with_prefix("tipring"));
    page.gauge("up_seconds", "Time since the site was started", snapshot.up_s);
    page.gauge("serving", "1 while the site serves, 0 while it does not", f64::from(snapshot.not_serving.is_empty()));
    let left = snapshot.calls_left.map(|calls| (Labels::new(), calls as f64));
    page.gauges("calls_left", "Calls left of a site that is to stop; absent while it takes new ones", left);
    let active = RULES.iter().map(|rule| {
        let count = snapshot.alarms.iter().filter(|alarm| alarm.id == rule.id).count();
        (vec![("alarm", rule.id.to_owned()), ("severity", rule.severity.name().to_owned())], count as f64)
    });
    page.gauges("alarms", "Active alarms, by their rule", active);
    calls(&mut page, snapshot);
    queues(&mut page, &snapshot.status.queues);
    agents(&mut page, snapshot);
    lines(&mut page, snapshot);
    media(&mut page, snapshot);
    store(&mut page, snapshot);
    postgres(&mut page, snapshot.postgres.as_ref());
    messages(&mut page, snapshot);
    clients(&mut page, snapshot);
    for (name, value) in [("core", snapshot.still_s.0), ("media", snapshot.still_s.1)] {
        page.gauge(&format!("{name}_still_seconds"), &format!("Time for which the {name} thread stands still"), value);
    }
    let fills = &snapshot.queues_between;
    let label = |name: &str| vec![("queue", name.to_owned())];
    let rows = |of: fn(&super::snapshot::FillStatus) -> f64| {
        fills.iter().map(|fill| (label(&fill.name), of(fill))).collect::<Vec<_>>()
    };
    page.gauges("internal_queue_used", "Entries that wait between two threads", rows(|fill| fill.used as f64));
    page.gauges(
        "internal_queue_capacity",
        "Entries that find room between two threads",
        rows(|fill| fill.capacity as f64),
    );
    let refused = fills.iter().map(|fill| (label(&fill.name), fill.refused));
    page.counters("internal_queue_refused", "Entries that found no room between two threads", refused);
    page.counter("log_lines_lost", "Lines of the log that were lost", snapshot.log_lost);
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = encode(&mut text, &page.0);
    text
}

fn calls(page: &mut Page, Snapshot { status, .. }: &Snapshot) {
    let count = |state| status.calls.iter().filter(|call| call.state == state).count() as f64;
    let rows = CallState::ALL.map(|state| (vec![("state", state.word().to_owned())], count(state)));
    page.gauges("calls", "Calls in progress, by state", rows);
    page.counter("calls_ended", "Calls that have ended", status.ended);
    page.counter("calls_answered", "Calls that have ended and were answered by a person", status.answered);
    let mode = status.event_mode.is_some();
    page.gauge("event_mode", "1 while an event mode is in force", u32::from(mode));
    page.counter("report_entries_missing", "Entries of the log that these figures lack", status.missing_entries);
}

/// A figure of queues: its name, its help, and its value.
type QueueFigure<V> = (&'static str, &'static str, fn(&QueueStatus) -> V);

fn queues(page: &mut Page, queues: &[QueueStatus]) {
    let label = |queue: &QueueStatus| vec![("queue", queue.queue.clone())];
    let gauges: [QueueFigure<Option<f64>>; 7] = [
        ("queue_waiting", "Calls that wait", |queue| Some(queue.waiting as f64)),
        ("queue_longest_wait_seconds", "The longest wait now", |queue| Some(queue.longest_wait)),
        ("queue_agents_logged_in", "Agents logged in", |queue| Some(queue.logged_in as f64)),
        ("queue_agents_ready", "Agents ready and free for a call", |queue| Some(queue.ready as f64)),
        ("queue_callers_to_return", "Callers who hung up and are to be called back", |queue| {
            Some(queue.to_return.count as f64)
        }),
        ("queue_callers_to_return_late", "Those of them whose business day is over", |queue| {
            Some(queue.to_return.late as f64)
        }),
        ("queue_service_level_ratio", "Share of today's calls answered in time", |queue| queue.service_level),
    ];
    for (name, help, of) in gauges {
        page.gauges(name, help, queues.iter().filter_map(|queue| Some((label(queue), of(queue)?))));
    }
    let counters: [QueueFigure<u64>; 3] = [
        ("queue_offered", "Calls that entered, from midnight", |queue| queue.offered),
        ("queue_answered", "Calls answered, from midnight", |queue| queue.answered),
        ("queue_abandoned", "Callers who gave up, from midnight", |queue| queue.abandoned),
    ];
    for (name, help, of) in counters {
        page.counters(name, help, queues.iter().map(|queue| (label(queue), of(queue))));
    }
    let names = queues.iter().map(|queue| (vec![("queue", queue.queue.clone()), ("name", queue.name.clone())], 1.0));
    page.gauges("queue_info", "Names of the queues", names);
}

fn agents(page: &mut Page, Snapshot { status, .. }: &Snapshot) {
    let states =
        [AgentState::Null, AgentState::NotReady, AgentState::Ready, AgentState::WorkNotReady, AgentState::WorkReady];
    let rows = states.map(state_words).map(|state| {
        let count = status.agents.iter().filter(|agent| agent.state == state).count();
        (vec![("state", state.to_owned())], count as f64)
    });
    page.gauges("agents", "Agents, by state", rows);
    let over = status.agents.iter().filter(|agent| agent.over_limit).count();
    page.gauge("agents_over_limit", "Agents not ready beyond the limit of their reason", over as u32);
    let breaks = status.agents.iter().map(|agent| agent.breaks_too_long).sum();
    page.counter("agents_breaks_too_long", "Breaks beyond the limit of their reason, from midnight", breaks);
    let mut activities: BTreeMap<&str, usize> =
        tipring_core::agent::Activity::NAMES.iter().map(|name| (*name, 0)).collect();
    for (activity, _) in status.agents.iter().filter_map(|agent| agent.activity.as_ref()) {
        *activities.entry(activity).or_default() += 1;
    }
    let rows = activities.into_iter().map(|(activity, count)| (vec![("activity", activity.to_owned())], count as f64));
    page.gauges("agents_activity", "Agents who have logged in today, by activity", rows);
}

fn lines(page: &mut Page, Snapshot { lines, status, .. }: &Snapshot) {
    let trunks = lines.iter().filter_map(|lines| {
        let group = lines.group.clone()?;
        Some((vec![("group", group), ("state", lines.state.clone())], lines.count as f64))
    });
    page.gauges("trunks", "Trunks, by group and state", trunks);
    let stations = lines.iter().filter(|lines| lines.group.is_none());
    let stations = stations.map(|lines| (vec![("state", lines.state.clone())], lines.count as f64));
    page.gauges("stations", "Stations, by state", stations);
    page.gauge("devices_out_of_service", "Devices out of service", status.out_of_service.len() as u32);
}

fn media(page: &mut Page, Snapshot { media, cards, .. }: &Snapshot) {
    for (name, help) in Counters::FIELDS {
        let value = media.get(name).copied().unwrap_or(0);
        match name.strip_suffix("_ms") {
            // A greatest value, the only one that is no count.
            Some(stem) => page.gauge(&format!("media_{stem}_seconds"), help, value as f64 / 1000.0),
            None => page.counter(&format!("media_{name}"), help, value),
        }
    }
    let label = |card: &str| vec![("card", card.to_owned())];
    let running = cards.iter().map(|card| (label(&card.card), f64::from(card.running)));
    page.gauges("card_running", "1 while sound moves on the card", running);
    for (name, help) in CardCounters::FIELDS {
        let rows = cards.iter().map(|card| (label(&card.card), card.counters.get(name).copied().unwrap_or(0)));
        page.counters(&format!("card_{name}"), help, rows);
    }
}

fn postgres(page: &mut Page, status: Option<&PostgresStatus>) {
    let rows = |value: fn(&PostgresStatus) -> f64| status.map(|status| (Labels::new(), value(status)));
    page.gauges("postgres_connected", "1 while PostgreSQL takes records", rows(|it| f64::from(it.connected)));
    let filling = "1 while all records are copied to PostgreSQL from the beginning";
    page.gauges("postgres_filling", filling, rows(|it| f64::from(it.filling)));
    let waiting = "Changes of the site's own database that are not in PostgreSQL yet";
    page.gauges("postgres_waiting", waiting, rows(|it| it.waiting as f64));
    page.gauges("postgres_behind_seconds", "Time since PostgreSQL had every record", rows(|it| it.behind_s));
    page.gauges("postgres_refused", "Rows that PostgreSQL does not take", rows(|it| it.refused as f64));
    let carried = status.map(|status| (Labels::new(), status.rows));
    page.counters("postgres_rows", "Rows carried over to PostgreSQL", carried);
}

fn store(page: &mut Page, Snapshot { store, recordings, .. }: &Snapshot) {
    page.gauge("store_queued", "Requests that wait for the store's thread", store.queued as u32);
    page.gauge("store_pending", "Records that wait in memory for a commit", store.pending as f64);
    page.gauge("store_waiting", "Requests with records that are not known to be safe", store.waiting as f64);
    let behind = "1 while new calls are left ringing or refused because too many records wait";
    page.gauge("store_behind", behind, f64::from(store.behind));
    let not_taken = "New calls left ringing or refused because too many records waited";
    page.counter("calls_not_taken", not_taken, store.calls_not_taken);
    page.counter("store_commits", "Commits, each made durable", store.commits);
    page.counter("store_records", "Records committed", store.records);
    page.counter("store_failures", "Commits that the database refused", store.failures);
    page.counter("calls_cut_off", "Calls that the end of the run before has cut off", store.cut_off);
    let ages = [
        ("store_last_commit_age_seconds", "Age of the last commit (fsync)", store.last_commit_s),
        ("store_committing_seconds", "Length of the commit under way", Some(store.committing_s.unwrap_or(0.0))),
        ("store_refusing_seconds", "Time for which commits are refused", Some(store.refusing_s.unwrap_or(0.0))),
    ];
    for (name, help, age) in ages {
        page.gauges(name, help, age.map(|age| (Labels::new(), age)));
    }
    page.gauge("recordings_open", "Recordings being written", recordings.open as f64);
    page.counter("recordings_failed", "Recordings that could not be made, or not to their end", recordings.failed);
    let unsynced = "Age of the oldest sound that is not on the disk yet; 0 without any";
    page.gauge("recordings_unsynced_seconds", unsynced, recordings.unsynced_s);
    let alarms = "Times at which the free space of the disk of recordings fell below a limit";
    page.counter("recordings_space_alarms", alarms, recordings.space_alarms);
    let without = "1 while the disk has no room for new recordings";
    page.gauge("recordings_without_room", without, f64::from(recordings.without_room));
}

fn messages(page: &mut Page, Snapshot { messages, .. }: &Snapshot) {
    page.gauge("messages_open", "Messages of callers that are not done", messages.open as f64);
    page.gauge("messages_unheard", "Messages of callers that were not listened to", messages.unheard as f64);
    let oldest = messages.oldest_s.map(|age| (Labels::new(), age));
    page.gauges("messages_oldest_seconds", "Age of the oldest message that is not done", oldest);
}

fn clients(page: &mut Page, Snapshot { clients, .. }: &Snapshot) {
    let label = |socket: &str| vec![("socket", socket.to_owned())];
    let both = |tsapi: u64, json: u64| [(label("tsapi"), tsapi), (label("json"), json)];
    let now = both(clients.tsapi, clients.json).map(|(labels, count)| (labels, count as f64));
    page.gauges("clients", "Clients connected", now);
    let sessions = [(Labels::new(), clients.json_sessions as f64)];
    page.gauges("json_sessions", "JSON sessions, those without a socket included", sessions);
    let accepted = both(clients.tsapi_accepted, clients.json_accepted);
    page.counters("clients_accepted", "Connections accepted", accepted);
    let help = "Connections turned away, gone without a close, or ended because they did not read";
    page.counters("clients_lost", help, both(clients.tsapi_lost, clients.json_lost));
    page.counter("tsapi_requests", "Requests of TSAPI clients", clients.tsapi_requests);
    page.counter("tsapi_events", "Events to TSAPI clients", clients.tsapi_events);
    page.counter("tsapi_bad_messages", "TSAPI messages that cannot be read or have no place", clients.tsapi_bad);
    page.counter("json_gaps", "Gaps shown to JSON clients", clients.json_gaps);
    page.counter("json_records", "Requests of JSON clients for records", clients.json_records);
    let help = "Requests of JSON clients for records that were refused because too many waited";
    page.counter("json_records_refused", help, clients.json_records_refused);
    page.counter("bad_logins", "Log-ins refused", clients.bad_logins);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::sources::tests::example;

    /// The names of figures in a text.
    fn names(text: &str) -> BTreeSet<&str> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| word.starts_with("tipring_")).collect()
    }

    /// The names of the samples on a page.
    fn samples(page: &str) -> BTreeSet<&str> {
        page.lines()
            .filter(|line| !line.starts_with('#'))
            .flat_map(|line| names(line.split(['{', ' ']).next().unwrap()))
            .collect()
    }

    #[test]
    fn every_query_of_the_dashboard_names_figures_that_exist_and_every_area_is_shown() {
        let page = page(&example());
        let dashboard: serde_json::Value =
            serde_json::from_str(include_str!("../../docs/dashboard.json")).expect("the dashboard is JSON");
        let panels = dashboard["panels"].as_array().expect("panels");
        let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
        let queries: Vec<&str> = targets.map(|target| target["expr"].as_str().expect("a query")).collect();
        assert!(queries.len() > 40, "{} queries", queries.len());
        let exist = samples(&page);
        for query in &queries {
            let named = names(query);
            assert!(!named.is_empty(), "{query} names no figure");
            for name in named {
                assert!(exist.contains(name), "{query} names {name}, which /metrics does not have");
            }
        }
        let shown: BTreeSet<&str> = queries.iter().flat_map(|query| names(query)).collect();
        for area in ["queue", "agents", "trunks", "stations", "card", "media", "store", "recordings", "clients", "log"]
        {
            let prefix = format!("tipring_{area}");
            assert!(shown.iter().any(|name| name.starts_with(&prefix)), "the dashboard shows nothing of {area}");
        }
    }

    #[test]
    fn a_page_is_open_metrics_with_values_and_help() {
        let page = page(&example());
        assert!(page.ends_with("# EOF\n"), "{page}");
        for line in [
            "tipring_serving 0.0",
            "tipring_queue_waiting{queue=\"5000\"} 0.0",
            "tipring_agents{state=\"logged out\"} 2.0",
            "tipring_trunks{group=\"95598\",state=\"idle\"} 1.0",
            "tipring_card_running{card=\"socket:card.sock\"} 0.0",
            "tipring_card_lost_samples_total{card=\"socket:card.sock\"} 7",
            "tipring_media_late_ticks_total 3",
            "tipring_media_longest_wait_seconds 0.012",
            "tipring_store_pending 4.0",
            "tipring_messages_open 3.0",
            "tipring_messages_oldest_seconds 90.0",
            "tipring_log_lines_lost_total 2",
        ] {
            assert!(page.lines().any(|found| found == line), "no line {line} in\n{page}");
        }
        assert!(page.contains("# HELP tipring_media_late_ticks Ticks that were stepped late"), "{page}");
        // A family has one help and one type, and each sample stands once.
        for prefix in ["# HELP ", "# TYPE ", "tipring_"] {
            let mut seen = BTreeSet::new();
            for line in page.lines().filter_map(|line| line.strip_prefix(prefix)) {
                let name = line.split(' ').next().unwrap();
                let label = line.split('}').next().unwrap();
                assert!(seen.insert(if prefix == "tipring_" { label } else { name }), "{line} stands twice");
            }
        }
    }

    #[test]
    fn no_label_is_an_agent_a_caller_or_a_call() {
        let allowed = ["alarm", "severity", "queue", "name", "state", "activity", "group", "card", "socket"];
        let page = page(&example());
        let labels = page.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('{'));
        for (_, rest) in labels {
            for part in rest.split("\",").map(|part| part.split('=').next().unwrap()) {
                assert!(allowed.contains(&part), "the label {part} is not bounded: {rest}");
            }
        }
    }
}

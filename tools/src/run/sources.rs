//! The sources of snapshots: what each thread publishes, read at one moment.
//!
//! Never: waits for the media or the core's thread, or has them compute anything.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossbeam::channel::Receiver;
use parking_lot::Mutex;
use tipring_core::channel::{ChannelEvent, ChannelTable, State};
use tipring_driver::card::CardCounters;
use tipring_driver::engine::{Command, Counters, SharedCounters};
use tipring_driver::ids::ChannelId;
use tipring_driver::spsc::Gauge;
use tipring_tsapi::server::{Dispatcher, ServerCounters};
use tipring_web::{WebCounters, WebGauge};

use super::alarms::Alarms;
use super::gauges::Gauges;
use super::health;
use super::observe::Observer;
use super::snapshot::{CardStatus, ClientsStatus, EngineStatus, FillStatus, LinesStatus, Named, Snapshot};
use crate::clock;
use crate::config::SiteConfig;
use crate::log::Losses;

/// Alarms that a snapshot shows with those that are cleared.
const LAST_ALARMS: usize = 20;

/// The sources of snapshots, for any thread.
pub struct Sources {
    pub(super) observer: Arc<Mutex<Observer>>,
    pub(super) counters: SharedCounters,
    /// The process of the engine, if it has one of its own.
    pub(super) engine: Option<u32>,
    pub(super) table: Arc<ChannelTable>,
    pub(super) gauges: Arc<Gauges>,
    pub(super) events: Gauge<ChannelEvent>,
    pub(super) commands: Gauge<Command>,
    pub(super) sessions: QueueLength,
    pub(super) store: QueueLength,
    pub(super) tsapi: Dispatcher,
    pub(super) web: Option<WebGauge>,
    pub(super) cards: Vec<String>,
    /// Channels of each trunk group, and those of the stations.
    pub(super) lines: BTreeMap<Option<String>, Vec<ChannelId>>,
    pub(super) log: Losses,
    pub(super) alarms: Arc<Mutex<Alarms>>,
}

/// The length and the capacity of a queue.
pub type QueueLength = Arc<dyn Fn() -> (usize, usize) + Send + Sync>;

/// The length of a queue of the standard kind, whatever it carries.
pub(super) fn length_of<T: Send + 'static>(queue: Receiver<T>) -> QueueLength {
    Arc::new(move || (queue.len(), queue.capacity().unwrap_or(usize::MAX)))
}

/// The channels of a site, by group.
pub(super) fn lines_of(site: &SiteConfig) -> BTreeMap<Option<String>, Vec<ChannelId>> {
    let mut lines: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (group, names) in site.groups_of_trunks() {
        let ports = site.trunks.iter().filter(|trunk| names.contains(&trunk.name)).map(|trunk| ChannelId(trunk.port));
        lines.entry(Some(group.0.to_string())).or_default().extend(ports);
    }
    lines.entry(None).or_default().extend(site.stations.iter().map(|station| ChannelId(station.port)));
    lines
}

impl Sources {
    /// The alarms.
    pub(super) fn alarms(&self) -> Arc<Mutex<Alarms>> {
        Arc::clone(&self.alarms)
    }

    /// Takes a snapshot.
    pub fn take(&self) -> Snapshot {
        let now_ms = clock::epoch_ms().max(0) as u64;
        let status = self.observer.lock().status(now_ms);
        let engine = self.counters.engine();
        let cards = self.cards.iter().enumerate().map(|(index, card)| {
            let counters = self.counters.card(index);
            CardStatus {
                card: card.clone(),
                running: self.counters.is_running(index),
                text: counters.to_string(),
                counters: named(&CardCounters::FIELDS, &counters.values()),
            }
        });
        let fill = |name: &str, (used, capacity): (usize, usize), refused| FillStatus {
            name: name.into(),
            used,
            capacity,
            refused,
        };
        let (sessions, store) = ((self.sessions)(), (self.store)());
        let (alarms, last_alarms) = {
            let alarms = self.alarms.lock();
            let last = alarms.kept().skip(alarms.kept().count().saturating_sub(LAST_ALARMS));
            (alarms.active().cloned().collect(), last.cloned().collect())
        };
        let mut snapshot = Snapshot {
            status,
            ticks: engine.ticks,
            late_ticks: engine.late_ticks,
            up_s: self.gauges.up_s(),
            engine: self.engine.map(|process| EngineStatus { process, up_s: engine.ticks as f64 / 1000.0 }),
            calls_left: self.gauges.calls_left(),
            not_serving: Vec::new(),
            alarms,
            last_alarms,
            cards: cards.collect(),
            lines: self.lines.iter().flat_map(|(group, channels)| self.states(group, channels)).collect(),
            media: named(&Counters::FIELDS, &engine.values()),
            store: self.gauges.store(store.0),
            postgres: self.gauges.postgres(),
            recordings: self.gauges.recordings(),
            messages: self.gauges.messages(now_ms),
            clients: clients(&self.tsapi.counters(), self.web.as_ref()),
            queues_between: vec![
                fill("events", (self.events.len(), self.events.capacity()), self.events.refused()),
                fill("commands", (self.commands.len(), self.commands.capacity()), self.commands.refused()),
                fill("sessions", sessions, 0),
                fill("store", store, 0),
            ],
            still_s: self.gauges.still_s(),
            log_lost: self.log.count(),
        };
        snapshot.not_serving = health::reasons(&snapshot);
        snapshot
    }

    /// The lines of a group by state, those without any included.
    fn states<'a>(
        &'a self,
        group: &'a Option<String>,
        channels: &'a [ChannelId],
    ) -> impl Iterator<Item = LinesStatus> + 'a {
        let mut counts = [0; State::ALL.len()];
        for channel in channels {
            counts[self.table.read(*channel).state as usize] += 1;
        }
        State::ALL.iter().zip(counts).map(move |(state, count)| LinesStatus {
            group: group.clone(),
            state: state_name(*state).into(),
            count,
        })
    }
}

fn named(fields: &[(&str, &str)], values: &[u64]) -> Named {
    fields.iter().zip(values).map(|((name, _), value)| ((*name).to_owned(), *value)).collect()
}

/// The name of a channel's state.
const fn state_name(state: State) -> &'static str {
    match state {
        State::OutOfService => "out of service",
        State::Idle => "idle",
        State::Offered => "offered",
        State::Dialling => "dialling",
        State::Ringing => "ringing",
        State::InUse => "in use",
        State::Released => "released",
        State::Releasing => "releasing",
    }
}

fn clients(tsapi: &ServerCounters, web: Option<&WebGauge>) -> ClientsStatus {
    let json = web.map_or_else(WebCounters::default, WebGauge::counters);
    ClientsStatus {
        tsapi: tsapi.connected,
        tsapi_accepted: tsapi.accepted,
        tsapi_lost: tsapi.turned_away + tsapi.evicted + tsapi.lost + tsapi.slow_readers,
        tsapi_requests: tsapi.sessions.requests,
        tsapi_events: tsapi.sessions.reports,
        tsapi_bad: tsapi.sessions.bad_frames + tsapi.sessions.bad_bodies + tsapi.sessions.unsupported,
        json: web.map_or(0, |web| web.sockets() as u64),
        json_sessions: web.map_or(0, |web| web.sessions() as u64),
        json_accepted: json.sockets,
        json_lost: json.turned_away + json.dead,
        json_gaps: json.gaps,
        json_records: json.records,
        json_records_refused: json.records_refused,
        bad_logins: tsapi.sessions.bad_logins + json.bad_logins,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::config::TEMPLATE;
    use crate::run::gauges::{MessagesStatus, RecordingsStatus, StoreStatus};

    /// A snapshot of the printed configuration, with a card that does not run.
    pub(crate) fn example() -> Snapshot {
        let site = SiteConfig::parse(TEMPLATE).expect("the template is a configuration");
        let lines = lines_of(&site);
        let (engine, card) = (
            Counters { late_ticks: 3, longest_wait_ms: 12, ..Counters::default() },
            CardCounters { lost_samples: 7, ..CardCounters::default() },
        );
        let mut snapshot = Snapshot {
            status: Observer::new(&site).status(0),
            ticks: 5_000,
            late_ticks: 3,
            up_s: 5.0,
            engine: None,
            calls_left: None,
            not_serving: Vec::new(),
            alarms: Vec::new(),
            last_alarms: Vec::new(),
            cards: vec![CardStatus {
                card: site.boards[0].card.to_string(),
                running: false,
                text: card.to_string(),
                counters: named(&CardCounters::FIELDS, &card.values()),
            }],
            lines: lines
                .keys()
                .map(|group| LinesStatus { group: group.clone(), state: "idle".into(), count: 1 })
                .collect(),
            media: named(&Counters::FIELDS, &engine.values()),
            store: StoreStatus { pending: 4, commits: 9, last_commit_s: Some(1.0), ..StoreStatus::default() },
            postgres: None,
            recordings: RecordingsStatus::default(),
            messages: MessagesStatus { open: 3, unheard: 1, oldest_s: Some(90.0) },
            clients: ClientsStatus::default(),
            queues_between: vec![FillStatus { name: "events".into(), used: 1, capacity: 4096, refused: 0 }],
            still_s: (0.0, 0.0),
            log_lost: 2,
        };
        snapshot.status.queues[0].service_level = Some(0.9);
        snapshot.not_serving = health::reasons(&snapshot);
        snapshot
    }

    #[test]
    fn a_snapshot_survives_its_json() {
        let snapshot = example();
        let text = serde_json::to_string(&snapshot).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
    }
}

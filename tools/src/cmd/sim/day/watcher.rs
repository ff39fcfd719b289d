//! Clients that watch every telephone of a simulated day: one takes its events as they come, one is slow, one ends in
//! the middle of it all and begins anew.
//!
//! Each keeps the state of every call at every telephone by events alone. A state that cannot follow the one before is
//! a fault, and so is a snapshot that differs from what the events say.
//!
//! Never: sends a request of call control.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use tipring_core::csta::event::Event;
use tipring_core::csta::{
    CallId, DeviceId, LocalConnectionState as Local, MonitorCrossRefId, MonitorFilter, Reply, Request,
};
use tipring_core::time::{Tick, Ticks};
use tipring_tsapi::session::client::{ClientOutput, Incoming};

use crate::day::people::Dice;
use crate::run::lockstep::Client;

/// Mean time between two snapshots, s.
const LOOK_S: f64 = 2.0;
/// Mean life of a client that ends, s.
const LIFE_S: f64 = 300.0;
/// A slow client takes octets in the first part of each such time, in ms.
const SLOW_CYCLE_MS: u64 = 30_000;
const SLOW_READS_MS: u64 = 10_000;

/// Results of all clients with habits of their own.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Snapshots that were compared.
    pub(super) snapshots: u64,
    /// Events of calls that were followed.
    pub(super) events: u64,
    /// Streams that ended with their client's process.
    pub(super) deaths: u64,
    /// Requests that had to be refused, and were.
    pub(super) lies: u64,
    /// Contradictions.
    pub(super) faults: Vec<String>,
}

/// Notes shared by the clients of a day.
pub(super) type Shared = Rc<RefCell<Notes>>;

/// The bad habit of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Habit {
    /// None.
    Prompt,
    /// Octets wait until it takes them.
    Slow,
    /// Its process ends.
    Dying,
}

/// Purpose of a request.
enum Asked {
    Monitor(DeviceId),
    /// The picture of a telephone begins.
    Begin(DeviceId),
    /// The picture is compared.
    Look(DeviceId),
}

/// A client that watches.
pub(super) struct Watcher {
    habit: Habit,
    stations: Vec<DeviceId>,
    dice: Dice,
    notes: Shared,
    is_open: bool,
    requests: VecDeque<(Asked, Request)>,
    waiting: VecDeque<Asked>,
    monitors: BTreeMap<MonitorCrossRefId, DeviceId>,
    /// The calls at each telephone whose picture has begun.
    picture: BTreeMap<DeviceId, BTreeMap<CallId, Local>>,
    next_look: Tick,
    dies_at: Option<Tick>,
}

impl Watcher {
    /// A client of this habit for all these telephones.
    pub(super) fn new(habit: Habit, stations: &[DeviceId], seed: u64, notes: &Shared) -> Watcher {
        Watcher {
            habit,
            stations: stations.to_vec(),
            dice: Dice(seed),
            notes: Rc::clone(notes),
            is_open: false,
            requests: VecDeque::new(),
            waiting: VecDeque::new(),
            monitors: BTreeMap::new(),
            picture: BTreeMap::new(),
            next_look: Tick::ZERO,
            dies_at: None,
        }
    }

    fn fault(&self, now: Tick, what: &str) {
        self.notes.borrow_mut().faults.push(format!("the {:?} client at {} ms: {what}", self.habit, now.0));
    }

    fn begin(&mut self) {
        self.is_open = true;
        for &device in &self.stations {
            let filter = MonitorFilter::default();
            self.requests.push_back((Asked::Monitor(device), Request::MonitorDevice { device, filter }));
            self.requests.push_back((Asked::Begin(device), Request::SnapshotDevice { device }));
        }
    }

    fn confirmed(&mut self, now: Tick, reply: &Reply) {
        match (self.waiting.pop_front(), reply) {
            (Some(Asked::Monitor(device)), Reply::Monitor { monitor, .. }) => {
                self.monitors.insert(*monitor, device);
            }
            (Some(Asked::Begin(device)), Reply::SnapshotDevice { calls }) => {
                let calls = calls.iter().filter_map(|it| Some((it.connection.call, *it.states.first()?)));
                self.picture.insert(device, calls.collect());
            }
            (Some(Asked::Look(device)), Reply::SnapshotDevice { calls }) => {
                let calls: BTreeMap<_, _> =
                    calls.iter().filter_map(|it| Some((it.connection.call, *it.states.first()?))).collect();
                let picture = self.picture.get(&device).cloned().unwrap_or_default();
                self.notes.borrow_mut().snapshots += 1;
                if picture != calls {
                    self.fault(now, &format!("{device} has {picture:?} by its events, {calls:?} by the snapshot"));
                }
            }
            (_, reply) => self.fault(now, &format!("{reply:?} answers another request")),
        }
    }

    fn event(&mut self, now: Tick, monitor: MonitorCrossRefId, event: &Event) {
        let Some(device) = self.monitors.get(&monitor).copied() else {
            self.fault(now, &format!("{event:?} of a monitor that was not started"));
            return;
        };
        let Some((connection, local)) = event.local_state() else { return };
        self.notes.borrow_mut().events += 1;
        let Some(calls) = self.picture.get_mut(&device) else { return };
        let (call, before) = match event {
            Event::Transferred { primary_old_call, secondary_old_call, transferred_connections: list, .. }
            | Event::Conferenced { primary_old_call, secondary_old_call, conference_connections: list, .. } => {
                let before = [primary_old_call, secondary_old_call].map(|old| calls.remove(&old.call));
                (list.first().map_or(connection.call, |it| it.party.call), before.into_iter().flatten().next())
            }
            _ => (connection.call, calls.remove(&connection.call)),
        };
        if local != Local::Null {
            calls.insert(call, local);
        }
        if !is_legal(event, before, local) {
            let what = format!("{device}: call {} cannot go from {before:?} to {local:?} by {event:?}", call.0);
            self.fault(now, &what);
        }
    }
}

impl Client for Watcher {
    fn handle_output(&mut self, now: Tick, output: &ClientOutput) {
        match output {
            ClientOutput::Opened { .. } => self.begin(),
            ClientOutput::Incoming(Incoming::Confirmation { result: Ok(reply), .. }) => self.confirmed(now, reply),
            ClientOutput::Incoming(Incoming::Confirmation { result: Err(failure), .. }) => {
                self.waiting.pop_front();
                self.fault(now, &format!("was refused: {failure}"));
            }
            ClientOutput::Incoming(Incoming::Report { monitor, event, .. }) => self.event(now, *monitor, event),
            ClientOutput::Closed { why } => self.fault(now, &format!("lost its stream: {why:?}")),
            ClientOutput::Incoming(_) | ClientOutput::Send(_) => {}
        }
    }

    fn handle_time(&mut self, now: Tick) {
        if self.is_open && now >= self.next_look {
            self.next_look = now + self.dice.length(LOOK_S).unwrap_or(Ticks::ZERO);
            let device = self.stations[self.dice.of(self.stations.len())];
            self.requests.push_back((Asked::Look(device), Request::SnapshotDevice { device }));
        }
    }

    fn poll_request(&mut self) -> Option<Request> {
        let (asked, request) = self.requests.pop_front().filter(|_| self.is_open)?;
        self.waiting.push_back(asked);
        Some(request)
    }

    fn reads(&mut self, now: Tick) -> bool {
        self.habit != Habit::Slow || !self.is_open || now.0 % SLOW_CYCLE_MS < SLOW_READS_MS
    }

    fn dies(&mut self, now: Tick) -> bool {
        if self.habit != Habit::Dying {
            return false;
        }
        let due = self.dies_at.is_some_and(|at| now >= at);
        if due || self.dies_at.is_none() {
            self.dies_at = self.dice.length(LIFE_S).map(|life| now + life);
        }
        if due {
            self.notes.borrow_mut().deaths += 1;
            self.is_open = false;
            self.requests.clear();
            self.waiting.clear();
            self.monitors.clear();
            self.picture.clear();
        }
        due
    }
}

/// Returns true if a telephone's state in a call may follow the one before.
fn is_legal(event: &Event, before: Option<Local>, local: Local) -> bool {
    match (before, local) {
        (None, Local::Alerting | Local::Queued | Local::Initiate | Local::Connect | Local::Null) => true,
        (Some(Local::Initiate), Local::Initiate | Local::Connect | Local::Fail | Local::Null) => true,
        (Some(Local::Alerting), Local::Alerting | Local::Connect | Local::Null) => true,
        (Some(Local::Connect), Local::Connect | Local::Hold | Local::Fail | Local::Null) => true,
        (Some(Local::Hold), Local::Hold | Local::Connect | Local::Alerting | Local::Null) => true,
        // A call that waited for a telephone rings there.
        (Some(Local::Queued), Local::Queued | Local::Alerting | Local::Null) => true,
        (Some(Local::Fail), Local::Fail | Local::Null) => true,
        // A caller who heard a tone waits for the station instead.
        (Some(Local::Fail), Local::Connect) => matches!(event, Event::Queued { .. } | Event::Delivered { .. }),
        _ => false,
    }
}

//! The status of a running site over a local socket beside its database: one connection, one JSON object.
//!
//! A socket of the file system, not a service of TSAPI: it needs no user or password but the right to the folder, and
//! it answers when every stream is taken.
//!
//! Never: touches the core; it sends snapshots.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tipring_core::agent::Activity;

use super::alarms::Alarm;
use super::gauges::{MessagesStatus, PostgresStatus, StoreStatus};
use super::observe::{AgentStatus, LeaderStatus, ShiftStatus, Status, ToReturnStatus, TrunksStatus};
use super::snapshot::{CardStatus, ClientsStatus, EngineStatus, Snapshot};
use super::sources::Sources;
use crate::failure::Failure;
use crate::site_clock::SiteClock;

/// Time that a reader of the status may take.
const READER_MAX: Duration = Duration::from_secs(2);

/// The socket of a running site; removed when dropped.
pub struct StatusSocket(PathBuf);

/// The socket that belongs to a database.
pub fn socket_of(database: &Path) -> PathBuf {
    database.with_extension("status")
}

impl StatusSocket {
    /// Listens beside the database. A socket that an ended run has left is replaced: the site's lock is held.
    ///
    /// # Errors
    /// The socket cannot be made.
    pub fn start(database: &Path, sources: Arc<Sources>) -> Result<StatusSocket, Failure> {
        let path = socket_of(database);
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path)
            .map_err(|error| format!("The status socket {} cannot be made: {error}", path.display()))?;
        thread::Builder::new().name("status".into()).spawn(move || {
            for stream in listener.incoming().flatten() {
                // A reader that has gone needs no answer.
                let _ = answer(stream, &sources.take());
            }
        })?;
        Ok(StatusSocket(path))
    }

    /// The socket's path.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StatusSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn answer(mut stream: UnixStream, snapshot: &Snapshot) -> io::Result<()> {
    stream.set_write_timeout(Some(READER_MAX))?;
    stream.write_all(serde_json::to_string(snapshot)?.as_bytes())?;
    stream.write_all(b"\n")
}

/// Reads the snapshot of the site that listens at a socket.
///
/// # Errors
/// No site listens there, or its reply is no snapshot.
pub fn read(socket: &Path) -> Result<Snapshot, Failure> {
    let say = |error: io::Error| {
        format!("No site answers at {}: {error}. Is `tipring serve` running with this database?", socket.display())
    };
    let mut stream = UnixStream::connect(socket).map_err(say)?;
    stream.set_read_timeout(Some(READER_MAX)).map_err(say)?;
    let mut text = String::new();
    stream.read_to_string(&mut text).map_err(say)?;
    Ok(serde_json::from_str(&text)?)
}

impl Status {
    /// The site's clock.
    pub fn clock(&self) -> SiteClock {
        SiteClock::named(&self.time_zone)
    }

    /// One line on calls, callers who wait and agents.
    pub fn summary(&self) -> String {
        let waiting: usize = self.queues.iter().map(|queue| queue.waiting).sum();
        let count = |state: &str| self.agents.iter().filter(|agent| agent.state == state).count();
        let here = self.agents.len() - count("logged out");
        let idle = Activity::NAMES[Activity::Idle.index()];
        let is_idle = |agent: &&AgentStatus| agent.activity.as_ref().is_none_or(|(activity, _)| activity == idle);
        let free = self.agents.iter().filter(|agent| agent.state == "ready").filter(is_idle).count();
        format!("{} calls, {waiting} waiting, {free} of {here} agents free", self.calls.len())
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "calls: {} now, {} ended, {} of them answered", self.calls.len(), self.ended, self.answered)?;
        if let Some(mode) = &self.event_mode {
            writeln!(f, "event mode: {mode}")?;
        }
        for call in &self.calls {
            let caller = if call.caller.is_empty() { "a withheld number" } else { &call.caller };
            writeln!(f, "  call {}: {caller} {} at {}", call.call, call.state.word(), call.device)?;
        }
        for queue in &self.queues {
            writeln!(
                f,
                "queue {} ({}): {} waiting, {} agents logged in, {} free",
                queue.queue, queue.name, queue.waiting, queue.logged_in, queue.ready
            )?;
            let level = queue.service_level.map_or("-".into(), |share| format!("{:.1}%", share * 100.0));
            writeln!(
                f,
                "  longest wait {:.0} s; today {} offered, {} answered, {} abandoned, service level {level}",
                queue.longest_wait, queue.offered, queue.answered, queue.abandoned
            )?;
        }
        for queue in self.queues.iter().filter(|queue| queue.to_return.count > 0) {
            let ToReturnStatus { count, late, due_ms, .. } = queue.to_return;
            let due = due_ms.map_or(String::new(), |due| format!(", by {}", self.clock().second(due)));
            writeln!(f, "queue {}: {count} callers to be called back, {late} of them late{due}", queue.queue)?;
        }
        for ShiftStatus { shift, principal, deputy, .. } in &self.shifts {
            writeln!(f, "shift {shift}: principal {principal}, deputy {deputy}")?;
        }
        for agent in &self.agents {
            let station = agent.station.as_ref().map_or(String::new(), |station| format!(" at {station}"));
            let activity = agent.activity.as_ref();
            let reason = agent.reason.as_ref().map_or(String::new(), |reason| format!(" ({reason})"));
            let over = if agent.over_limit { ", beyond the limit" } else { "" };
            let activity = activity
                .map_or(String::new(), |(activity, length)| format!(", {activity}{reason} for {length:.0} s{over}"));
            let duty = agent.duty.as_ref().map_or(String::new(), |duty| format!(", {duty} of the shift"));
            writeln!(f, "agent {} ({}): {}{station}{activity}{duty}", agent.agent, agent.name, agent.state)?;
        }
        for trunks in &self.trunks {
            let TrunksStatus { group, trunks, busy, out_of_service, blocked, .. } = trunks;
            let blocked = if blocked.is_empty() { String::new() } else { format!(", blocked {}", blocked.join(", ")) };
            writeln!(f, "trunks {group}: {busy} of {trunks} busy, {out_of_service} out of service{blocked}")?;
        }
        if self.missing_entries > 0 {
            writeln!(f, "{} entries of the log are missing from these figures", self.missing_entries)?;
        }
        match self.out_of_service.as_slice() {
            [] => writeln!(f, "devices: all in service"),
            devices => writeln!(f, "devices out of service: {}", devices.join(", ")),
        }
    }
}

impl fmt::Display for LeaderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.agent.as_str(), self.is_signed_in) {
            ("", _) => f.write_str("not named"),
            (agent, true) => write!(f, "{agent}"),
            (agent, false) => write!(f, "{agent} (not signed in)"),
        }
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.status.fmt(f)?;
        for CardStatus { card, running, text, .. } in &self.cards {
            let state = if *running { "" } else { "does not run, " };
            writeln!(f, "card {card}: {state}{text}")?;
        }
        let StoreStatus { queued, pending, commits, records, failures, .. } = self.store;
        let waiting = queued as u64 + pending;
        writeln!(f, "store: {records} records in {commits} commits, {waiting} wait, {failures} commits refused")?;
        if let Some(PostgresStatus { connected, filling, waiting, behind_s, rows, refused }) = self.postgres {
            let state = match (connected, filling) {
                (false, _) => "takes no records",
                (true, true) => "is being filled",
                (true, false) => "follows",
            };
            let behind = if behind_s > 0.0 { format!(", behind for {behind_s:.0} s") } else { String::new() };
            writeln!(f, "PostgreSQL: {state}, {rows} rows, {waiting} changes wait{behind}, {refused} rows refused")?;
        }
        writeln!(f, "recordings: {} open, {} failed", self.recordings.open, self.recordings.failed)?;
        if self.recordings.without_room {
            writeln!(f, "recordings: no new one begins, the disk has no room")?;
        }
        let MessagesStatus { open, unheard, oldest_s } = self.messages;
        let oldest = oldest_s.map_or(String::new(), |age| format!(", the oldest {age:.0} s old"));
        writeln!(f, "messages: {open} open, {unheard} of them not heard{oldest}")?;
        let ClientsStatus { tsapi, json, bad_logins, .. } = self.clients;
        writeln!(f, "clients: {tsapi} TSAPI, {json} JSON, {bad_logins} failed log-ins")?;
        if self.log_lost > 0 {
            writeln!(f, "{} lines of the log were lost", self.log_lost)?;
        }
        for alarm in &self.alarms {
            let Alarm { severity, text, remedy, raised_ms, .. } = alarm;
            writeln!(
                f,
                "alarm since {}, {}: {text}. {remedy}",
                self.status.clock().second(*raised_ms),
                severity.name()
            )?;
        }
        if let Some(left) = self.calls_left {
            writeln!(f, "stopping: {left} calls are left")?;
        }
        for reason in &self.not_serving {
            writeln!(f, "does not serve: {reason}")?;
        }
        if let Some(EngineStatus { process, up_s }) = self.engine {
            writeln!(f, "engine: process {process}, up {up_s:.0} s")?;
        }
        writeln!(f, "up {:.0} s, {} ticks late", self.up_s, self.late_ticks)
    }
}

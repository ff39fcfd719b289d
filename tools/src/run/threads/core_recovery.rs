//! The core of a middleware that comes back while its engine went on: made again from the last checkpoint and the log
//! of inputs after it.
//!
//! The observer is shown what stood at the checkpoint, and sees the replay. Sessions of clients ended with the program
//! that served them, and are closed.
//!
//! Never: gives the engine a command, or the store a record, that it had.

use std::sync::Arc;

use tipring_core::channel::{ChannelEvent, ChannelTable};
use tipring_core::core::{Action, Core};
use tipring_core::csta::{DeviceId, Reply, Request};
use tipring_core::input::{Entry, Input};
use tipring_core::replay::Recovery;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{Record, StoreId, StoreReply, StoreRequest};
use tipring_driver::spsc::Consumer;

use super::core::SITE;
use super::restore::monitored;
use crate::failure::Failure;
use crate::run::input_log::{Beginning, InputLog, ReadLog};
use crate::run::observe::{Observed, Observer, SiteState};

/// A core that has come back.
pub(super) struct CameBack {
    pub(super) core: Core,
    /// Actions that had not been carried out.
    pub(super) unsent: Vec<Action>,
    /// The last answer of the store on records, which may have been lost on its way.
    pub(super) kept: Option<StoreReply>,
    /// The monitors of the site, by the number of the request that began them.
    pub(super) site: Vec<DeviceId>,
    /// The observer, who has seen it all.
    pub(super) observer: Observer,
    /// The log, which goes on.
    pub(super) log: InputLog,
}

/// Makes the core again. `given` is the number of commands that the engine has been given in all; the observer is new.
///
/// # Errors
/// The log does not lead to what the engine was given, the channels are others, or store or log cannot be used: a
/// sentence.
pub(super) fn come_back(
    read: ReadLog,
    table: Arc<ChannelTable>,
    given: u64,
    events: &mut Consumer<ChannelEvent>,
    store: &SqliteStore,
    mut observer: Observer,
    now_ms: u64,
) -> Result<CameBack, Failure> {
    let mut log = InputLog::go_on(&read)?;
    let ReadLog { beginning, entries, taken, engine, .. } = read;
    let Beginning { agent_key, commands, mut site, ended, core, .. } = beginning;
    let last_kept = store.last_kept(engine)?;
    let is_kept = |id: StoreId| last_kept.is_some_and(|last| id <= last);
    observer.read_log(store, now_ms, core.core().last_entry())?;
    observer.begin_with(SiteState::of(core.core(), SITE, ended));
    for request in core.core().unanswered() {
        let StoreRequest::Keep { id, records } = request else { continue };
        for record in records.iter().filter(|record| matches!(record, Record::Event(_)) && !is_kept(*id)) {
            observer.handle(Observed::Record(Box::new(record.clone())));
        }
    }
    let mut recovery = Recovery::new(core, table, given.saturating_sub(commands))?;
    for entry in entries {
        site.extend(site_monitor(&entry));
        recovery.replay(entry, |action| {
            observe(action, &site, &mut observer);
        });
    }
    while events.position() < taken && events.peek(0).is_some() {
        // The core has taken it; the end came before it counted.
        events.advance(1);
    }
    let mut waiting = Vec::new();
    while let Some(event) = events.peek(waiting.len()) {
        waiting.push(event);
    }
    let (core, unsent) = recovery.finish(&waiting)?;
    // A build that is another must not go on with the entries of the one before; it comes here without any, so that
    // nothing is left for the engine to do.
    if !unsent.iter().any(|action| matches!(action, Action::Command(_) | Action::Compose { .. }))
        && let Some(core) = core.checkpoint()
    {
        let (commands, taken, ended) = (given, events.position(), observer.ended_calls());
        log.checkpoint(&Beginning { agent_key, commands, taken, site: site.clone(), ended, core })?;
    }
    let was_kept = |action: &Action| match action {
        Action::Store(StoreRequest::Keep { id, .. }) => is_kept(*id),
        _ => false,
    };
    let unsent = unsent.into_iter().filter(|action| !was_kept(action)).collect();
    let kept = last_kept.map(|up_to| StoreReply::Kept { up_to });
    Ok(CameBack { core, unsent, kept, site, observer, log })
}

/// The device of a request by which the site began to monitor it; such requests are numbered from 0.
fn site_monitor(entry: &Entry) -> Option<DeviceId> {
    match &entry.input {
        Input::Request { session: SITE, request: request @ Request::MonitorDevice { .. }, .. } => monitored(request),
        _ => None,
    }
}

/// Shows the observer its part of an action.
fn observe(action: &Action, site: &[DeviceId], observer: &mut Observer) {
    match action {
        Action::Reply { session: SITE, invoke, result: Ok(Reply::Monitor { monitor, .. }), .. } => {
            if let Some(device) = usize::try_from(invoke.0).ok().and_then(|number| site.get(number)) {
                observer.handle(Observed::Monitor { monitor: *monitor, device: *device });
            }
        }
        Action::Report { session: SITE, monitor, event, .. } => {
            observer.handle(Observed::Event { monitor: *monitor, event: event.clone() });
        }
        Action::Store(StoreRequest::Keep { records, .. }) => {
            for record in records {
                observer.handle(Observed::Record(Box::new(record.clone())));
            }
        }
        _ => {}
    }
}

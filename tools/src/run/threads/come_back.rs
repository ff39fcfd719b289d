//! The core of a middleware that comes back while its engine went on: made again from the log of inputs.
//!
//! The observer sees the replay too, and is what it was. Sessions of clients ended with the program that served them,
//! and are closed.
//!
//! Never: gives the engine a command, or the store a record, that it had.

use std::sync::Arc;

use tipring_core::channel::{ChannelEvent, ChannelTable};
use tipring_core::core::{Action, Core};
use tipring_core::csta::DeviceId;
use tipring_core::csta::request::{Reply, Request};
use tipring_core::input::{Entry, Input};
use tipring_core::replay::Recovery;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::store::{StoreReply, StoreRequest};
use tipring_driver::ring::Consumer;

use super::core::SITE;
use super::restore::monitored;
use crate::failure::Failure;
use crate::run::input_log::ReadLog;
use crate::run::observe::{Observed, Observer};

/// A core that has come back.
pub(super) struct CameBack {
    pub(super) core: Core,
    /// Actions that had not been carried out.
    pub(super) unsent: Vec<Action>,
    /// Answers of the store that were lost on their way.
    pub(super) kept: Vec<StoreReply>,
    /// The monitors of the site, by the number of the request that began them.
    pub(super) site: Vec<DeviceId>,
    /// The observer, who has seen it all.
    pub(super) observer: Observer,
}

/// Makes the core again. `given` is the number of commands that the engine has been given in all; the observer is new.
///
/// # Errors
/// The log does not lead to what the engine was given, its configuration cannot be, or the store cannot be read: a
/// sentence.
pub(super) fn come_back(
    log: ReadLog,
    table: Arc<ChannelTable>,
    given: u64,
    events: &mut Consumer<ChannelEvent>,
    store: &SqliteStore,
    mut observer: Observer,
    now_ms: u64,
) -> Result<CameBack, Failure> {
    let last_kept = store.last_kept(log.beginning.engine)?;
    observer.read_log(store, now_ms, log.beginning.config.last_entry)?;
    let given = given.saturating_sub(log.beginning.commands);
    let mut recovery = Recovery::new(log.beginning.config, table, given)?;
    let mut site = Vec::new();
    for entry in log.entries {
        site.extend(site_monitor(&entry));
        recovery.replay(entry, |action| {
            if let Some(observed) = observed(action, &site) {
                observer.handle(observed);
            }
        });
    }
    while events.position() < log.taken && events.peek(0).is_some() {
        // It is in the log; the end came before it counted.
        events.advance(1);
    }
    let mut waiting = Vec::new();
    while let Some(event) = events.peek(waiting.len()) {
        waiting.push(event);
    }
    let (core, unsent) = recovery.finish(&waiting)?;
    let is_kept = |action: &Action| match action {
        Action::Store(request @ StoreRequest::Keep { .. }) => last_kept.is_some_and(|last| request.id() <= last),
        _ => false,
    };
    let (done, unsent): (Vec<_>, Vec<_>) = unsent.into_iter().partition(is_kept);
    let kept = done.into_iter().filter_map(|action| match action {
        Action::Store(request) => Some(StoreReply::Kept { id: request.id() }),
        _ => None,
    });
    Ok(CameBack { core, unsent, kept: kept.collect(), site, observer })
}

/// The device of a request by which the site began to monitor it; such requests are numbered from 0.
fn site_monitor(entry: &Entry) -> Option<DeviceId> {
    match &entry.input {
        Input::Request { session: SITE, request: request @ Request::MonitorDevice { .. }, .. } => monitored(request),
        _ => None,
    }
}

/// The part of an action that the observer sees.
fn observed(action: &Action, site: &[DeviceId]) -> Option<Observed> {
    match action {
        Action::Reply { session: SITE, invoke, result: Ok(Reply::Monitor { monitor, .. }), .. } => {
            let device = site.get(usize::try_from(invoke.0).ok()?)?;
            Some(Observed::Monitor { monitor: *monitor, device: *device })
        }
        Action::Report { session: SITE, monitor, event, .. } => {
            Some(Observed::Event { monitor: *monitor, event: Box::new(event.clone()) })
        }
        Action::Store(StoreRequest::Keep { record, .. }) => Some(Observed::Record(Box::new(record.clone()))),
        _ => None,
    }
}

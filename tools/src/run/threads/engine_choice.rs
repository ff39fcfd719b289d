//! The engine that a site uses: its own, in this process, or one in a process of its own.
//!
//! Never: differs beyond this file; what uses the ends does not know whose they are.

use std::os::fd::BorrowedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tipring_core::channel::{ChannelEvent, ChannelTable, Intent, State};
use tipring_driver::engine::Command;
use tipring_driver::ids::ChannelId;
use tipring_driver::media::MediaCommand;
use tipring_driver::spsc::{Consumer, Producer};

use super::wake::CoreWaker;
use crate::config::SiteConfig;
use crate::failure::Failure;
use crate::run::cards::{self, Opened};
use crate::run::engine::boundary::{self, BoardEnds, CoreEnds, FileCounts, Size};
use crate::run::engine::fingerprint;
use crate::run::engine::link::Link;
use crate::run::recovery::parts_of;
use crate::run::site::line_settings;
use crate::run::sounds::{Shelf, Sounds};

/// Time that the engine may take to complete the recordings of calls that no middleware knows.
const COMPLETE_MAX: Duration = Duration::from_secs(5);
/// Interval at which it is looked for them.
const COMPLETE_EVERY: Duration = Duration::from_millis(5);

/// The engine of a site.
pub(super) struct Engaged {
    /// The middleware's ends.
    pub(super) ends: CoreEnds,
    /// The place of the sounds of flows.
    pub(super) sounds: Arc<dyn Sounds>,
    /// A sentence on each card.
    pub(super) found: Vec<String>,
    /// The process that the engine is in.
    pub(super) place: Place,
}

/// The process that an engine is in.
pub(super) enum Place {
    /// The engine of this process.
    Here(Box<Own>),
    /// An engine in a process of its own.
    Elsewhere(Arc<Link>),
}

impl Place {
    /// The process of an engine that has one of its own.
    pub(super) fn process(&self) -> Option<u32> {
        match self {
            Place::Here(_) => None,
            Place::Elsewhere(link) => Some(link.process()),
        }
    }

    /// The number of the run of such an engine.
    pub(super) fn run(&self) -> Option<u64> {
        match self {
            Place::Here(_) => None,
            Place::Elsewhere(link) => Some(link.run()),
        }
    }
}

/// The board's side of this process, before its engine is made.
pub(super) struct Own {
    pub(super) opened: Opened,
    pub(super) ends: BoardEnds,
    pub(super) shelf: Arc<Shelf>,
}

/// Opens the cards of a site, or attaches to the engine that has them.
///
/// # Errors
/// No card can be reached, or the engine cannot: a sentence.
pub(super) fn engage(site: &SiteConfig) -> Result<Engaged, Failure> {
    if let Some(engine) = &site.engine {
        let (link, ends) = Link::connect(&engine.socket, fingerprint(site))?;
        let link = Arc::new(link);
        let mut found = vec![format!("attached to the engine (process {})", link.process())];
        found.extend_from_slice(link.found());
        return Ok(Engaged { ends, sounds: Arc::clone(&link) as Arc<_>, found, place: Place::Elsewhere(link) });
    }
    let mut opened = cards::open_all(&site.boards, line_settings(site.country)?)?;
    let found = std::mem::take(&mut opened.found);
    let (board, ends) = boundary::in_process(size_of(&opened), Arc::new(CoreWaker::new()?));
    let shelf = Arc::new(Shelf::default());
    let own = Own { opened, ends: board, shelf: Arc::clone(&shelf) };
    Ok(Engaged { ends, sounds: shelf, found, place: Place::Here(Box::new(own)) })
}

/// The size of the boundary of these cards.
pub fn size_of(opened: &Opened) -> Size {
    Size { channels: opened.cards.iter().map(|card| card.ports()).sum(), boards: opened.cards.len() }
}

/// Ends the calls that a middleware has left in this process's engine, from the middleware's side.
///
/// # Errors
/// Another middleware is attached.
pub fn end_calls(site: &SiteConfig, memory: BorrowedFd<'_>, size: Size, waker: &Arc<CoreWaker>) -> Result<(), Failure> {
    let CoreEnds { table, mut events, mut commands, files, .. } = boundary::attach(size, memory, Arc::clone(waker))?;
    begin_anew(site, &table, &mut commands, &mut events, &files);
    Ok(())
}

/// Ends what an earlier middleware has left in the engine: lines in use are released, sound ends, recordings are
/// completed, and events of that time are dropped. Returns the recordings that were being made.
///
/// A station that is off hook cannot be released; the core finds it lifted as it reads the words.
pub(super) fn begin_anew(
    site: &SiteConfig,
    table: &ChannelTable,
    commands: &mut Producer<Command>,
    events: &mut Consumer<ChannelEvent>,
    files: &FileCounts,
) -> Vec<PathBuf> {
    let recordings = parts_of(&site.store.recordings);
    let deadline = Instant::now() + COMPLETE_MAX;
    // Commands of the earlier middleware come first, so that none of them begins anything behind this.
    while !commands.gauge().is_empty() && Instant::now() < deadline {
        thread::sleep(COMPLETE_EVERY);
    }
    for index in 0..table.len() {
        let channel = ChannelId(index as u16);
        let word = table.read(channel);
        let intent = match word.state {
            State::Ringing => Intent::StopRinging,
            State::Dialling | State::InUse | State::Released => Intent::Release,
            State::OutOfService | State::Idle | State::Offered | State::Releasing => continue,
        };
        if site.stations.iter().any(|station| station.port == channel.0) && word.state == State::InUse {
            continue;
        }
        // A line that steps by itself in this moment is seen by the core.
        if let Ok(claim) = table.claim(channel, word.generation, intent) {
            let _ = commands.push(claim.command);
        }
    }
    let _ = commands.push(Command::Media(MediaCommand::Clear));
    while (!commands.gauge().is_empty() || files.open() > 0) && Instant::now() < deadline {
        while events.pop().is_some() {}
        thread::sleep(COMPLETE_EVERY);
    }
    while events.pop().is_some() {}
    recordings
}

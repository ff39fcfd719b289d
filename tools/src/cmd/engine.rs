//! `tipring engine`: cards, sound and recordings in a process of its own, until a signal stops it. The middleware,
//! `tipring serve` with the same configuration, attaches to it.
//!
//! | signal | meaning |
//! |---|---|
//! | TERM, INT, QUIT | orderly stop: cards stop, recordings are completed; a middleware that is attached ends with it |
//!
//! Calls go on while the middleware is started anew, for `wait_s` at most; then they end as at a stop, cards apart.
//!
//! Never: decides what becomes of a call.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::Args;
use crossbeam::channel::{Receiver, TryRecvError};
use nix::sys::stat::{Mode, umask};
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGUSR1};
use tipring_driver::spsc::Consumer;

use super::serve::{FAILED, log_panics, notify, signals};
use crate::clock;
use crate::clock::Stopwatch;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::log::{Level, Log, LogForm, Writer};
use crate::run::cards;
use crate::run::engine::boundary;
use crate::run::engine::fingerprint;
use crate::run::engine::host::{Host, Offer};
use crate::run::folders;
use crate::run::site::line_settings;
use crate::run::sounds::Shelf;
use crate::run::threads::board::BoardSide;
use crate::run::threads::wake::CoreWaker;
use crate::run::threads::watchdog::{OBSERVE_EVERY, Supervisor, Watchdog};
use crate::run::threads::{end_calls, size_of};

/// Time that the socket is waited at before signals and threads are looked after.
const WAIT: Duration = Duration::from_millis(50);
/// Time that the threads may take to end: the file thread completes its recordings.
const STOP_MAX: Duration = Duration::from_secs(20);

/// Arguments of `tipring engine`.
#[derive(Debug, Args)]
#[command(after_long_help = include_str!("engine/after_help.txt"))]
pub struct EngineArgs {
    /// The site's configuration, with the socket in its part [engine] [default: site.toml here, else
    /// /etc/tipring/site.toml]
    #[arg(long, alias = "site", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    config: PathBuf,
    /// Form of the log
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    log: LogForm,
}

/// Serves until a signal or a failure.
pub fn run(args: &EngineArgs) -> Result<ExitCode, Failure> {
    let site = SiteConfig::load(&args.config)?;
    let Some(socket) = site.engine.as_ref().map(|engine| engine.socket.clone()) else {
        return Err(format!(
            "{} names no socket for an engine; write one, as [engine] socket = \"engine.sock\"",
            args.config.display()
        )
        .into());
    };
    // Before any thread starts, so that none of them takes the signals; before any file is made, so that all are
    // private.
    let signals = signals()?;
    umask(Mode::from_bits_retain(0o077));
    let writer = Writer::start(args.log)?;
    let log = writer.log();
    log_panics(&log);
    let ended = serve(&site, &socket, &signals, &log);
    drop(log);
    let _ = std::panic::take_hook();
    drop(writer);
    ended
}

fn serve(site: &SiteConfig, socket: &Path, signals: &Receiver<i32>, log: &Log) -> Result<ExitCode, Failure> {
    for folder in folders::of(site).iter().filter(|folder| folder.path == site.store.recordings) {
        folder.make().map_err(|fault| fault.sentence())?;
    }
    let mut opened = cards::open_all(&site.boards, line_settings(site.country)?)?;
    let found = std::mem::take(&mut opened.found);
    let (size, waker, shelf) = (size_of(&opened), Arc::new(CoreWaker::new()?), Arc::new(Shelf::default()));
    let (ends, memory) = boundary::create(size, Arc::clone(&waker))?;
    let counters = ends.counters.clone();
    let offer = Offer { memory, waker, size, site: fingerprint(site), found: found.clone(), shelf: Arc::clone(&shelf) };
    let wait_ms = u64::from(site.engine.as_ref().map_or(0, |engine| engine.wait_s)) * 1000;
    let mut host = Host::start(socket.to_owned(), offer, Log::clone(log))?;
    let (board, mut troubles) = BoardSide::new(site, clock::epoch_ms(), opened, ends, (shelf, Arc::default()), ())?;
    let (stop, mut supervisor) = (Arc::new(AtomicBool::new(false)), Supervisor::default());
    board.spawn(&mut supervisor, &stop, log, || {})?;
    found.iter().for_each(|sentence| log(Level::Info, sentence));
    log(Level::Info, &format!("the engine takes a middleware in at {}", socket.display()));
    notify(&[NotifyState::Ready]);
    let mut watchdog = Watchdog::new("media");
    let mut is_refused = false;
    let mut observed = Stopwatch::start();
    let failure = loop {
        host.serve(WAIT);
        log_troubles(&mut troubles, log);
        if host.alone_ms().is_some_and(|alone| alone >= wait_ms) {
            let (memory, waker, size) = host.memory();
            match end_calls(site, memory, size, waker) {
                Ok(()) => {
                    host.begin_anew()?;
                    is_refused = false;
                    let seconds = wait_ms / 1000;
                    let text =
                        format!("no middleware has come for {seconds} s: lines are on hook, recordings are whole");
                    log(Level::Warning, &text);
                }
                // One that is ending holds the memory until its process is gone: the next round tries again.
                Err(why) if !is_refused => {
                    is_refused = true;
                    log(Level::Warning, &format!("{why}; the calls that are left end as soon as it has gone"));
                }
                Err(_) => {}
            }
        }
        match signals.try_recv() {
            Ok(SIGHUP | SIGUSR1) | Err(TryRecvError::Empty) => {}
            Ok(_) | Err(TryRecvError::Disconnected) => break None,
        }
        if let Ok(ended) = supervisor.ends().try_recv() {
            let why = ended.panic.unwrap_or_else(|| "it ended by itself".into());
            break Some(format!("The {} thread has failed: {why}", ended.thread));
        }
        if observed.millis() >= OBSERVE_EVERY.as_millis() as u64 {
            observed = Stopwatch::start();
            if let Err(still) = watchdog.observe(counters.engine().wakes) {
                break Some(still);
            }
            notify(&[NotifyState::Watchdog]);
        }
    };
    notify(&[NotifyState::Stopping]);
    drop(host);
    stop.store(true, Ordering::Release);
    let (still, panicked) = supervisor.join(STOP_MAX);
    log_troubles(&mut troubles, log);
    let engine = counters.engine();
    log(Level::Info, &format!("{} ticks, {} of them late", engine.ticks, engine.late_ticks));
    let failure = failure
        .or_else(|| panicked.first().map(|ended| format!("The {} thread has failed", ended.thread)))
        .or_else(|| (!still.is_empty()).then(|| format!("These threads do not end: {}", still.join(", "))));
    match failure {
        None => {
            log(Level::Info, "stopped; every recording is whole");
            Ok(ExitCode::SUCCESS)
        }
        Some(why) => {
            log(Level::Error, &format!("{why}; the program has ended for it"));
            Ok(ExitCode::from(FAILED))
        }
    }
}

fn log_troubles(troubles: &mut Consumer<tipring_driver::engine::Trouble>, log: &Log) {
    while let Some(trouble) = troubles.pop() {
        log(Level::Warning, &trouble.to_string());
    }
}

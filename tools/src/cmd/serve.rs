//! `tipring serve`: the call centre itself, from a configuration file until a signal stops it.
//!
//! | signal | meaning |
//! |---|---|
//! | TERM | orderly stop: new calls are refused, those in progress have `drain_s` to end; a second TERM is an INT |
//! | TERM, with `[engine]` and without `drain_s` | the program stops, calls go on in the engine until the next start |
//! | INT, QUIT | orderly stop at once: calls end, recordings and records are completed |
//! | HUP | the files that `serve/after_help.txt` lists are read again; calls go on, also without a terminal |
//! | USR1 | the status goes into the log |
//!
//! | exit status | meaning |
//! |---|---|
//! | 0 | stopped by a signal, every record is in the database |
//! | 1 | not started; the sentence says why |
//! | 69 | not started, for no card can be reached, or not the engine; another try may do |
//! | 70 | a part of the program has failed |
//! | 74 | stopped, but the database did not take all records; the sentence says where they are |
//!
//! Never: says that records are safe when they are not.

mod conclusion;
mod reload;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;
use crossbeam::channel::{Receiver, bounded, select, tick};
use nix::sys::stat::{Mode, umask};
use sd_notify::NotifyState;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGXFSZ};
use signal_hook::iterator::Signals;
use tipring_core::store::sqlite::SqliteStore;
use tipring_web::probe::ProbeServer;

use self::conclusion::conclude;
use self::reload::{reload_certificates, reload_customers, reload_site};
use crate::clock::{self, Stopwatch};
use crate::config::fault::Fault;
use crate::config::usual::site_file;
use crate::config::{Device, MetricsConfig, SiteConfig, TEMPLATE};
use crate::customers::{BY_IMPORT, read_customers};
use crate::failure::{self, Failure};
use crate::log::{Level, Log, LogForm, Writer};
use crate::recording::form::Form;
use crate::replication::{self, Step};
use crate::run::alarm_watch::Watch;
use crate::run::control::{Asked, ControlRequest, ControlSocket};
use crate::run::drain::{Drain, DrainStep};
use crate::run::edit;
use crate::run::folders;
use crate::run::lock::SiteLock;
use crate::run::metrics::SiteProbe;
use crate::run::ports;
use crate::run::status::StatusSocket;
use crate::run::threads::{Ended, OBSERVE_EVERY, Running, tlink};

/// Exit status of a failure inside the program (sysexits: EX_SOFTWARE).
pub(super) const FAILED: u8 = 70;
/// Time for which the last records are carried over to PostgreSQL at a stop.
const CARRY_AT_END: Duration = Duration::from_secs(5);
/// Observations between two counts of messages: 2 s.
const MESSAGES_EVERY: u32 = 4;
/// Observations of the pulses between two settings of the wall clock: a minute.
const CLOCK_EVERY: u32 = 120;
/// Observations of the pulses between two of the alarms: 2 s.
const ALARMS_EVERY: u32 = 4;
/// Observations of the pulses between two lines of status for the service manager: 10 s.
const STATUS_EVERY: u32 = 20;
/// Time by which the service manager's limit on stopping is moved on at each observation, in µs: a minute.
const STOP_EXTENSION_US: u32 = 60_000_000;
/// Observations of the pulses between two computations of calendars: an hour.
const CALENDARS_EVERY: u32 = 7200;

/// Arguments of `tipring serve`.
#[derive(Debug, Args)]
#[command(after_long_help = include_str!("serve/after_help.txt"))]
pub struct ServeArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "site", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    config: PathBuf,
    /// Print a commented configuration to start from, and do nothing else
    #[arg(long)]
    print_config: bool,
    /// Check the configuration, report every fault with its line, and do nothing else
    #[arg(long)]
    check: bool,
    /// Form of the log
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    log: LogForm,
    /// Time that calls have to end at a stop (TERM), in place of the configuration's drain_s
    #[arg(long, value_name = "SECONDS")]
    drain: Option<u32>,
}

impl ServeArgs {
    /// Returns true if nothing is served: the configuration is printed or checked.
    pub const fn writes_only(&self) -> bool {
        self.print_config || self.check
    }
}

/// Serves until a signal or a failure.
pub fn run(args: &ServeArgs) -> Result<ExitCode, Failure> {
    if args.print_config {
        print!("{TEMPLATE}");
        return Ok(ExitCode::SUCCESS);
    }
    let path = &args.config;
    let (mut site, warnings) = SiteConfig::inspect(path).usable()?;
    if let Some(forms) = &site.recording.forms {
        Form::load(forms)?;
    }
    site.server.drain_s = args.drain.unwrap_or(site.server.drain_s);
    if args.check {
        for folder in folders::of(&site) {
            folder.prove().map_err(|fault| fault.sentence())?;
        }
        println!("{} can be served: {}", path.display(), site.summary());
        return Ok(ExitCode::SUCCESS);
    }
    // Before any thread starts, so that none of them takes the signals; before any file is made, so that all are
    // private.
    let signals = signals()?;
    umask(Mode::from_bits_retain(0o077));
    let writer = Writer::start(args.log)?;
    let log = writer.log();
    log_panics(&log);
    let ended = serve(&site, path, &warnings, &signals, &log).map_err(|why| {
        let all =
            format!("`tipring doctor --config {}` looks for all that could keep the site from working", path.display());
        failure::with_hint(why, &all)
    });
    drop(log);
    let _ = std::panic::take_hook();
    drop(writer);
    ended
}

/// Signals as they come. A write beyond a limit on files fails as any write does, without a signal of its own.
pub(super) fn signals() -> Result<Receiver<i32>, Failure> {
    let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGXFSZ])?;
    let (forward, received) = bounded(16);
    thread::Builder::new().name("signals".into()).spawn(move || {
        for signal in signals.forever().filter(|signal| *signal != SIGXFSZ) {
            // Beyond sixteen that wait, one more says nothing new.
            let _ = forward.try_send(signal);
        }
    })?;
    Ok(received)
}

/// Sends the messages of panics into the log: the standard error may have no reader.
pub(super) fn log_panics(log: &Log) {
    let log = Log::clone(log);
    std::panic::set_hook(Box::new(move |panic| log(Level::Error, &panic.to_string())));
}

fn serve(
    site: &SiteConfig,
    path: &Path,
    warnings: &[Fault],
    signals: &Receiver<i32>,
    log: &Log,
) -> Result<ExitCode, Failure> {
    let _lock = SiteLock::take(&site.store.database, &site.store.recordings)?;
    for warning in warnings {
        log(Level::Warning, &warning.text);
    }
    let epoch_ms = clock::epoch_ms();
    let mut store = SqliteStore::open(&site.store.database, epoch_ms)?;
    store.check().map_err(|error| {
        format!(
            "{error}. {} is damaged and stays untouched; move it away to start with a new one, or mend it with \
             `sqlite3 FILE .recover`",
            site.store.database.display()
        )
    })?;
    match site.store.postgres {
        Some(_) => store.keep_change_log()?,
        None => store.end_change_log()?,
    }
    store.set_number_plan(&site.number_plan()?)?;
    if let Some(customers) = &site.store.customers {
        let imported = store.import_customers(read_customers(customers)?, BY_IMPORT, epoch_ms)?;
        log(Level::Info, &format!("{imported}, from {}", customers.display()));
    }
    let written = site;
    let (site, mode_gone) = resumed(written, &store)?;
    let site = &site;
    let mut running = Running::start(site, epoch_ms, store, Log::clone(log), ())?;
    match (&site.mode, mode_gone) {
        (Some(mode), _) => log(Level::Warning, &format!("the event mode {} goes on", mode.name.0)),
        (None, Some(why)) => {
            log(Level::Warning, &format!("{why}; the site is normal"));
            running.log_event_mode(site);
        }
        (None, None) => {}
    }
    running.found().iter().for_each(|sentence| log(Level::Info, sentence));
    let views = match Views::open(site, path, &running, log) {
        Ok(views) => views,
        Err(error) => {
            let _ = running.stop();
            return Err(error);
        }
    };
    log(Level::Info, &format!("serving {} at {}", tlink(site)?.as_str(), running.address()));
    if let Some(address) = running.tls_address() {
        log(Level::Info, &format!("TLS at {address}"));
    }
    if let Some((address, _)) = running.web() {
        let secure = if site.server.json.as_ref().is_some_and(|json| json.tls.is_some()) { "s" } else { "" };
        log(Level::Info, &format!("console at http{secure}://{address}/"));
        log(
            Level::Info,
            &format!("JSON at ws{secure}://{address}/csta, its schema at http{secure}://{address}/schema"),
        );
    }
    notify(&[NotifyState::Ready]);
    let stop = watch((written, site), path, &mut running, (signals, &views.requests), log);
    notify(&[NotifyState::Stopping]);
    drop(views);
    let engine = running.counters().engine();
    log(Level::Info, &format!("{} ticks, {} of them late", engine.ticks, engine.late_ticks));
    for (index, board) in site.boards.iter().enumerate() {
        log(Level::Info, &format!("card {}: {}", board.card, running.counters().card(index)));
    }
    log(Level::Info, &running.server_counters().to_string());
    for (name, counters) in running.source_counters() {
        log(Level::Info, &format!("source {name}: {counters}"));
    }
    if let Some((_, counters)) = running.web() {
        log(Level::Info, &counters.to_string());
    }
    let (store, stopped) = match stop {
        Stop::Leaves => running.leave(),
        Stop::Ends | Stop::Failed(_) => running.stop(),
    };
    carry_rest(site, log);
    let failure = match stop {
        Stop::Failed(why) => Some(why),
        Stop::Ends | Stop::Leaves => None,
    };
    conclude(failure, store, stopped, log)
}

/// Carries over to PostgreSQL what the store has committed last.
fn carry_rest(site: &SiteConfig, log: &Log) {
    let carry = || -> Result<Option<Step>, Failure> {
        let Some(mut replica) = replication::replica_at(site.store.replica())? else { return Ok(None) };
        let store = SqliteStore::open_to_read(&site.store.database)?;
        replication::carry_rest(&store, &mut replica, CARRY_AT_END).map(Some)
    };
    match carry() {
        Ok(Some(step)) if step.is_whole() => log(Level::Info, "PostgreSQL has every record"),
        Ok(Some(step)) => {
            log(Level::Warning, &format!("{} changes are carried over to PostgreSQL by the next start", step.waiting));
        }
        Ok(None) => {}
        Err(why) => {
            log(Level::Warning, &format!("PostgreSQL takes no records: {why}. The next start carries them over"))
        }
    }
}

/// A reason to stop.
enum Stop {
    /// Calls end.
    Ends,
    /// Calls go on in the engine.
    Leaves,
    /// A part of the program has failed: a sentence. Calls end.
    Failed(String),
}

/// The views of a running site from outside: its status socket, and its figures over HTTP.
struct Views {
    _status: StatusSocket,
    _control: ControlSocket,
    /// Requests over the control socket.
    requests: Receiver<Asked>,
    _probe: Option<ProbeServer>,
}

impl Views {
    fn open(site: &SiteConfig, path: &Path, running: &Running, log: &Log) -> Result<Views, Failure> {
        let status = StatusSocket::start(&site.store.database, running.sources())?;
        log(Level::Info, &format!("status: tipring status --socket {}", status.path().display()));
        let (control, requests) = ControlSocket::start(&site.store.database)?;
        running.set_administration(path, control.sender());
        let views = |probe| Views { _status: status, _control: control, requests, _probe: probe };
        let Some(MetricsConfig { listen }) = site.server.metrics else {
            return Ok(views(None));
        };
        let probe = ProbeServer::start(listen, Arc::new(SiteProbe(running.sources())))
            .map_err(|error| ports::failure(ports::METRICS, listen, &error))?;
        let address = probe.address();
        log(Level::Info, &format!("metrics at http://{address}/metrics, health at http://{address}/healthz"));
        Ok(views(Some(probe)))
    }
}

/// Serves until there is a reason to stop.
fn watch(
    (written, site): (&SiteConfig, &SiteConfig),
    path: &Path,
    running: &mut Running,
    (signals, requests): (&Receiver<i32>, &Receiver<Asked>),
    log: &Log,
) -> Stop {
    let pulses = tick(OBSERVE_EVERY);
    let ends = running.ends().clone();
    let database = file_id(&site.store.database);
    let (mut observations, mut vanished) = (0, false);
    // The site as it is written, and as it is in the event mode in force.
    let (mut written, mut in_force) = (written.clone(), site.clone());
    let mut drain: Option<(Stopwatch, Drain)> = None;
    let mut over = Watch::new(site, running.sources(), running.alarms(), Log::clone(log));
    loop {
        select! {
            recv(signals) -> signal => match signal {
                Ok(SIGHUP) => {
                    notify(&[NotifyState::Reloading, NotifyState::monotonic_usec_now().unwrap_or(NotifyState::Ready)]);
                    reload_customers(site, running, log);
                    reload_certificates(running, log);
                    if let Some(reloaded) = reload_site(path, running, site, log, &in_force) {
                        (written, in_force) = reloaded;
                    }
                    notify(&[NotifyState::Ready]);
                }
                Ok(SIGTERM) if drain.is_none() && site.server.drain_s > 0 => {
                    running.drain();
                    let limit = site.server.drain_s;
                    log(Level::Info, &format!(
                        "stopping when the calls in progress have ended, after {limit} s at most; new ones are refused. \
                         A second TERM stops at once"
                    ));
                    notify(&[NotifyState::Stopping]);
                    drain = Some((Stopwatch::start(), Drain::new(limit)));
                }
                Ok(SIGUSR1) => running.status().to_string().lines().for_each(|line| log(Level::Info, line)),
                Ok(SIGINT) => {
                    log(Level::Info, "interrupted; stopping");
                    return Stop::Ends;
                }
                Ok(SIGTERM) if drain.is_none() && running.is_apart() => {
                    log(Level::Info, "stopping; calls go on in the engine, and the next start takes them up");
                    return Stop::Leaves;
                }
                Ok(_) | Err(_) => {
                    log(Level::Info, "stopping");
                    return Stop::Ends;
                }
            },
            recv(requests) -> asked => {
                if let Ok(Asked { request, user, answer }) = asked {
                    let (what, done) = match request {
                        ControlRequest::Mode(name) => {
                            let changed = set_mode(running, &written, &name).map(|changed| {
                                in_force = changed;
                                said_mode(&in_force)
                            });
                            (format!("the event mode {name}"), changed)
                        }
                        ControlRequest::Trunk { name, blocked } => {
                            let what = if blocked { "blocked" } else { "unblocked" };
                            let done = in_force.trunks_named(&name).and_then(|trunks| {
                                let one = |trunk: &Device| running.block_trunk(trunk.0.as_str(), blocked);
                                Ok(trunks.iter().map(one).collect::<Result<Vec<_>, _>>()?.join(", "))
                            });
                            (format!("{name} to be {what}"), done)
                        }
                        ControlRequest::Pin { agent, pin } => {
                            let done = edit::set_pin(&written, &agent, &pin);
                            (format!("another PIN of the agent {agent}"), done)
                        }
                        ControlRequest::Change(change) => {
                            let changed = edit::change_site(path, &change, |path| {
                                reload_site(path, running, site, log, &in_force)
                            });
                            (change.to_string(), changed.map(|(reloaded, text)| {
                                (written, in_force) = reloaded;
                                text
                            }))
                        }
                    };
                    let said = done.map_err(|why| format!("{why}; everything stays as it was"));
                    // A refusal is no fault of the site.
                    let (Ok(text) | Err(text)) = &said;
                    log(Level::Warning, &format!("audit: user {user} asked for {what}: {text}"));
                    // A client that has gone needs no answer.
                    let _ = answer.try_send(said);
                }
            }
            recv(ends) -> ended => {
                let Ok(Ended { thread, panic }) = ended else { return Stop::Failed("The supervisor has ended".into()) };
                let why = panic.unwrap_or_else(|| "it ended by itself".into());
                return Stop::Failed(format!("The {thread} thread has failed: {why}"));
            }
            recv(pulses) -> _ => {
                if let Err(still) = running.observe_pulses() {
                    return Stop::Failed(still);
                }
                notify(&[NotifyState::Watchdog]);
                observations += 1;
                if observations % ALARMS_EVERY == 0 {
                    over.observe(&in_force);
                }
                if let Some((began, drain)) = &mut drain {
                    // The manager's limit on stopping is moved on while calls are left.
                    notify(&[NotifyState::ExtendTimeoutUsec(STOP_EXTENSION_US)]);
                    match drain.poll(began.millis(), running.calls_left()) {
                        DrainStep::Wait => {}
                        DrainStep::Say(line) => {
                            notify(&[NotifyState::Status(&line)]);
                            log(Level::Info, &line);
                        }
                        DrainStep::Stop(line) => {
                            log(Level::Info, &line);
                            return Stop::Ends;
                        }
                    }
                } else if observations % STATUS_EVERY == 1 {
                    notify(&[NotifyState::Status(&running.status().summary())]);
                }
                if observations % CLOCK_EVERY == 0 {
                    running.set_wall_clock(clock::epoch_ms());
                }
                if observations % MESSAGES_EVERY == 0 {
                    running.count_messages();
                }
                if observations % CALENDARS_EVERY == 0 {
                    running.set_calendars(&in_force, clock::epoch_ms());
                }
                if !vanished && file_id(&site.store.database) != database {
                    vanished = true;
                    log(Level::Error, &format!(
                        "{} was removed or replaced while in use; what is written now is lost with the end of the \
                         program. Copy it back from /proc/{}/fd, or restart",
                        site.store.database.display(), std::process::id()
                    ));
                }
            }
        }
    }
}

/// Says something to the service manager, if there is one.
pub(super) fn notify(states: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}

/// The device and inode of a file, if it is there.
fn file_id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

/// The site in the event mode in which its last run ended, and the reason if it cannot be in it any more.
fn resumed(site: &SiteConfig, store: &SqliteStore) -> Result<(SiteConfig, Option<String>), Failure> {
    let mode = store.last_event_mode()?;
    if mode.is_empty() {
        return Ok((site.clone(), None));
    }
    Ok(match site.in_mode(Some(&mode)) {
        Ok(site) => (site, None),
        Err(why) => (site.clone(), Some(why)),
    })
}

/// Puts an event mode in force. Returns the site in it.
fn set_mode(running: &Running, written: &SiteConfig, name: &str) -> Result<SiteConfig, String> {
    let site = written.in_mode(Some(name))?;
    running.reload(&site, clock::epoch_ms()).map_err(|error| error.to_string())?;
    running.log_event_mode(&site);
    Ok(site)
}

/// The mode in force, as a sentence.
fn said_mode(site: &SiteConfig) -> String {
    match &site.mode {
        Some(mode) => format!("the event mode {} is in force", mode.name.0),
        None => "the site is normal, as it is written".into(),
    }
}

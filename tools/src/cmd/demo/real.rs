//! A demo by the wall clock: the card in a process of its own behind its vfio-user socket, the site on its threads, and
//! each agent's screen a TSAPI client over TCP.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use tipring_core::csta::SessionId;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::time::Tick;
use tipring_hw_sim::people::truth::{Truth, What};
use tipring_tsapi::client::{Client, ClientError};
use tipring_tsapi::session::client::Incoming;

use super::cast::{CONSOLE_LOGIN, CONSOLE_PASSWORD, Cast, login, stream_password};
use super::desk::{Desk, Seat, Sight};
use super::screen_latency::Latency;
use super::show::Show;
use super::{DemoArgs, Run, desk_settings};
use crate::clock::{self, Stopwatch};
use crate::config::SiteConfig;
use crate::customers::BY_IMPORT;
use crate::failure::Failure;
use crate::log::{Level, Log};
use crate::run::threads::{Running, StoreEnd};

/// Limit until the card's process serves its socket.
const CARD_LIMIT: Duration = Duration::from_secs(10);
/// Interval of the checks for the socket.
const CARD_LOOK: Duration = Duration::from_millis(10);
/// Wait of a screen for its next frame before it reads the time.
const SCREEN_PERIOD: Duration = Duration::from_millis(20);
/// Limit of each operation on a stream.
const STREAM_LIMIT: Duration = Duration::from_secs(10);
/// Time to run on after the last call, in ms.
const SETTLE_MS: u64 = 5000;
/// Limit of a call, everything included.
const CALL_LIMIT: Duration = Duration::from_secs(300);

/// A message of the site's threads to the show.
enum Happening {
    Truth(Truth),
    Frame { ms: u64, client: String, incoming: Option<Box<Incoming>>, latency_us: Option<u64> },
    Sight { ms: u64, client: String, sight: Box<Sight> },
    Trouble(String),
    Ended(String),
}

/// The card's process; killed when dropped.
struct Card(Child);

impl Drop for Card {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs until every call is over.
pub fn run(cast: &Cast, args: &DemoArgs, mut show: Show) -> Result<Run, Failure> {
    let wall = Stopwatch::start();
    let (sender, receiver) = unbounded();
    let (card, truth) = start_card(cast, args)?;
    let truth = spawn("truth", {
        let sender = sender.clone();
        move || read_truth(truth, &sender)
    })?;

    let epoch_ms = clock::epoch_ms();
    let mut store = SqliteStore::open(&cast.site.store.database, epoch_ms)?;
    store.set_number_plan(&cast.site.number_plan()?)?;
    store.import_customers(cast.rows(), BY_IMPORT, epoch_ms)?;
    let log: Log = {
        let sender = sender.clone();
        Log::new(move |line| {
            if line.level < Level::Info {
                let _ = sender.send(Happening::Trouble(line.text));
            }
        })
    };
    let latency = Latency::default();
    let running = Running::start(&cast.site, epoch_ms, store, log, latency.clone())?;
    if !args.json {
        println!("card at {}, TSAPI at {}", args.out.join("card.sock").display(), running.address());
    }
    if let Some((address, _)) = running.web() {
        let station = cast.seats[0].station;
        let page = format!("http://{address}/#login={CONSOLE_LOGIN}&password={CONSOLE_PASSWORD}&station={station}");
        if !args.json {
            println!("console at {page}");
        }
        if args.open {
            open_page(&page);
        }
    }
    let stop = Arc::new(AtomicBool::new(false));
    let desks =
        Desks { cast, site: &cast.site, server: running.address(), latency, wall, sender: &sender, stop: &stop };
    let screens = cast
        .seats
        .iter()
        .zip(1u32..)
        .map(|(seat, number)| desks.start_screen(*seat, SessionId(number)))
        .collect::<Result<Vec<_>, _>>()?;

    let mut latencies_us = Vec::new();
    let mut troubles = Vec::new();
    let outcome = watch(&receiver, &mut show, &mut latencies_us, &mut troubles, args);
    stop.store(true, Ordering::Release);
    for screen in screens {
        screen.join().map_err(|_| "A screen ended by a mistake of ours")?;
    }
    let counters = running.counters().clone();
    let (store, stopped) = running.stop();
    stopped?;
    if store != Some(StoreEnd::Safe) {
        return Err("The database did not take every record".into());
    }
    drop(card);
    truth.join().map_err(|_| "Reading the truth ended by a mistake of ours")?;
    while let Ok(happening) = receiver.try_recv() {
        take(happening, &mut show, &mut latencies_us, &mut troubles)?;
    }
    outcome?;
    let lost: u64 = (0..counters.boards()).map(|board| counters.card(board).lost_samples).sum();
    if lost > 0 {
        troubles.push(format!("{lost} samples were lost between the card and the driver"));
    }
    Ok(Run {
        show,
        store: SqliteStore::open(&cast.site.store.database, epoch_ms)?,
        late_ticks: counters.engine().late_ticks,
        latencies_us,
        virtual_ms: counters.engine().ticks,
        wall_seconds: wall.secs_f64(),
        troubles,
    })
}

/// Opens a page in the desktop's browser. Without a desktop the printed address is there to be copied.
fn open_page(page: &str) {
    let opened = Command::new("xdg-open").arg(page).stdin(Stdio::null()).stdout(Stdio::null()).spawn();
    if let Err(error) = opened {
        eprintln!("tipring: xdg-open: {error}. Open the console's address in a browser");
    }
}

/// Starts this program again as the card, and waits until it serves.
fn start_card(cast: &Cast, args: &DemoArgs) -> Result<(Card, ChildStdout), Failure> {
    let scenario = args.out.join("scenario.toml");
    fs::write(&scenario, toml::to_string(&cast.scenario)?)?;
    let socket = args.out.join("card.sock");
    let modules: Vec<String> =
        cast.modules.iter().flatten().map(|module| format!("{module:?}").to_lowercase()).collect();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["sim", "card", "--model", "tdm400p", "--modules", &modules.join(",")]);
    command.arg("--socket").arg(&socket).arg("--scenario").arg(&scenario);
    command.args(["--seed", &args.seed.to_string()]);
    if let Some(audio) = &args.caller_audio {
        command.arg("--caller-audio").arg(audio);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
    let out = child.stdout.take().ok_or("The card's process has no output")?;
    let mut card = Card(child);
    let watch = Stopwatch::start();
    while !socket.exists() {
        if let Some(status) = card.0.try_wait()? {
            return Err(format!("The card's process ended before it served: {status}").into());
        }
        if watch.millis() > CARD_LIMIT.as_millis() as u64 {
            return Err(format!("The card's process did not serve {} in time", socket.display()).into());
        }
        thread::sleep(CARD_LOOK);
    }
    Ok((card, out))
}

/// Reads the truth and passes it on.
fn read_truth(out: ChildStdout, sender: &Sender<Happening>) {
    for line in BufReader::new(out).lines() {
        let Ok(line) = line else { break };
        let happening = match serde_json::from_str(&line) {
            Ok(truth) => Happening::Truth(truth),
            Err(error) => Happening::Ended(format!("A line of the card's process is not valid: {error}")),
        };
        let _ = sender.send(happening);
    }
    let _ = sender.send(Happening::Ended("The card's process has ended".into()));
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, Failure> {
    Ok(thread::Builder::new().name(name.into()).spawn(body)?)
}

/// The surroundings that all screens share.
struct Desks<'a> {
    cast: &'a Cast,
    site: &'a SiteConfig,
    server: SocketAddr,
    latency: Latency,
    wall: Stopwatch,
    sender: &'a Sender<Happening>,
    stop: &'a Arc<AtomicBool>,
}

impl Desks<'_> {
    /// Starts the screen of a seat, whose stream is the server's next session.
    fn start_screen(&self, seat: Seat, session: SessionId) -> Result<JoinHandle<()>, Failure> {
        let settings = desk_settings(self.site, &login(&seat), &stream_password(&seat))?;
        let client = Client::open_at(self.server, settings, STREAM_LIMIT)?;
        let (latency, wall, sender, stop) =
            (self.latency.clone(), self.wall, self.sender.clone(), Arc::clone(self.stop));
        let desk = Desk::new(seat, &self.cast.programme);
        spawn("screen", move || {
            let name = format!("desk {}", seat.station);
            let say = |incoming| {
                let latency_us = match &incoming {
                    Some(Incoming::Report { .. }) => latency.received(session),
                    Some(_) | None => None,
                };
                let incoming = incoming.map(Box::new);
                let _ = sender.send(Happening::Frame { ms: wall.millis(), client: name.clone(), incoming, latency_us });
            };
            say(None);
            let seen = |sight| {
                let _ =
                    sender.send(Happening::Sight { ms: wall.millis(), client: name.clone(), sight: Box::new(sight) });
            };
            if let Err(error) = sit(client, desk, &wall, &stop, say, seen) {
                let _ = sender.send(Happening::Trouble(format!("{name} lost its stream: {error}")));
            }
        })
    }
}

/// A screen's life: frames in, requests out, until it is time to go.
fn sit(
    mut client: Client,
    mut desk: Desk,
    wall: &Stopwatch,
    stop: &AtomicBool,
    say: impl Fn(Option<Incoming>),
    seen: impl Fn(Sight),
) -> Result<(), ClientError> {
    while !stop.load(Ordering::Acquire) {
        desk.handle_time(Tick(wall.millis()));
        while let Some((request, data)) = desk.poll_request() {
            client.send_with(&request, &data)?;
        }
        if let Some(incoming) = client.receive(SCREEN_PERIOD)? {
            desk.handle_incoming(Tick(wall.millis()), &incoming);
            say(Some(incoming));
        }
        while let Some(sight) = desk.poll_sight() {
            seen(sight);
        }
    }
    client.close()
}

/// Follows the show until everything has settled, or is stuck.
fn watch(
    receiver: &Receiver<Happening>,
    show: &mut Show,
    latencies_us: &mut Vec<u64>,
    troubles: &mut Vec<String>,
    args: &DemoArgs,
) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let limit = CALL_LIMIT.as_millis() as u64 * u64::from(args.calls);
    let mut over = None;
    while over.is_none_or(|over| watch.millis() < over + SETTLE_MS) {
        if watch.millis() > limit {
            return Err(format!("After {} s the calls are not over: something is stuck", watch.millis() / 1000).into());
        }
        match receiver.recv_timeout(SCREEN_PERIOD) {
            Ok(happening) => {
                if matches!(&happening, Happening::Truth(Truth { what: What::Over, .. })) {
                    over = Some(watch.millis());
                }
                take(happening, show, latencies_us, troubles)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err("The threads of the demo ended before its last call".into());
            }
        }
    }
    Ok(())
}

fn take(
    happening: Happening,
    show: &mut Show,
    latencies_us: &mut Vec<u64>,
    troubles: &mut Vec<String>,
) -> Result<(), Failure> {
    match happening {
        Happening::Truth(truth) => show.truth(truth)?,
        Happening::Frame { ms, client, incoming, latency_us } => {
            latencies_us.extend(latency_us);
            show.frame(Tick(ms), &client, incoming.as_deref())?;
        }
        Happening::Sight { ms, client, sight } => show.sight(Tick(ms), &client, *sight),
        // Real-time priority is a wish; the calls do not depend on it.
        Happening::Trouble(line) if line.contains("real-time priority") => show.note(&line),
        Happening::Trouble(line) => {
            show.note(&line);
            troubles.push(line);
        }
        Happening::Ended(why) => {
            if !show.truths.iter().any(|truth| truth.what == What::Over) {
                return Err(why.into());
            }
        }
    }
    Ok(())
}

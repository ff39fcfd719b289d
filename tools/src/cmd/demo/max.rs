//! A demo in virtual time: one thread, the card in this process, as fast as the processor allows.

use std::cell::RefCell;
use std::rc::Rc;

use tipring_core::csta::Request;
use tipring_core::csta::private::RequestData;
use tipring_core::store::sqlite::SqliteStore;
use tipring_core::time::Tick;
use tipring_hw_sim::card::tdm400p::Tdm400p;
use tipring_hw_sim::people::Town;
use tipring_tsapi::session::client::{ClientOutput, Incoming};

use super::cast::{Cast, login, sockets, stream_password};
use super::desk::{Desk, Seat};
use super::programme::Programme;
use super::show::Show;
use super::{Run, desk_settings};
use crate::clock::Stopwatch;
use crate::customers::BY_IMPORT;
use crate::failure::Failure;
use crate::run::lockstep::{Client, Lockstep};

/// Time of tick 0 of seed 0, in ms since 1970: 2026-01-01 00:00 UTC. Each seed has a day of its own.
const EPOCH_MS: i64 = 1_767_225_600_000;
/// The days of the seeds go round after this many.
const DAYS: u64 = 3650;
/// A day in ms.
const DAY_MS: i64 = 86_400_000;
/// Time to run on after the last call, in ms.
const SETTLE_MS: u64 = 5000;
/// Limit of a call, everything included, in ms: beyond, something is stuck.
const CALL_LIMIT_MS: u64 = 900_000;

/// An agent's screen in lock-step.
pub struct Screen {
    name: String,
    seat: Seat,
    programme: Programme,
    desk: Option<Desk>,
    show: Rc<RefCell<Show>>,
    failed: Option<std::io::Error>,
}

impl Screen {
    /// The screen of a seat, not yet opened.
    pub fn new(seat: Seat, programme: &Programme, show: &Rc<RefCell<Show>>) -> Screen {
        let (programme, show) = (programme.clone(), Rc::clone(show));
        Screen { name: format!("desk {}", seat.station), seat, programme, desk: None, show, failed: None }
    }

    fn keep(&mut self, now: Tick, incoming: Option<&Incoming>) {
        if let Err(error) = self.show.borrow_mut().frame(now, &self.name, incoming) {
            self.failed = Some(error);
        }
    }
}

impl Client for Screen {
    fn handle_output(&mut self, now: Tick, output: &ClientOutput) {
        match output {
            ClientOutput::Send(_) => {}
            ClientOutput::Opened { .. } => {
                self.desk = Some(Desk::new(self.seat, &self.programme));
                self.keep(now, None);
            }
            ClientOutput::Incoming(incoming) => {
                self.keep(now, Some(incoming));
                if let Some(desk) = &mut self.desk {
                    desk.handle_incoming(now, incoming);
                }
            }
            ClientOutput::Closed { why } => {
                self.show.borrow_mut().refusals.push(format!("{} lost its stream: {why:?}", self.name));
            }
        }
        while let Some(sight) = self.desk.as_mut().and_then(Desk::poll_sight) {
            self.show.borrow_mut().sight(now, &self.name, sight);
        }
    }

    fn handle_time(&mut self, now: Tick) {
        if let Some(desk) = &mut self.desk {
            desk.handle_time(now);
        }
    }

    fn poll_request(&mut self) -> Option<Request> {
        self.poll_refined().map(|(request, _)| request)
    }

    fn poll_refined(&mut self) -> Option<(Request, RequestData)> {
        self.desk.as_mut().and_then(Desk::poll_request)
    }
}

/// Runs until every call is over.
pub fn run(cast: &Cast, calls: u32, seed: u64, caller_audio: Option<Vec<i16>>, show: Show) -> Result<Run, Failure> {
    let wall = Stopwatch::start();
    let (town, truth) = Town::new(&cast.scenario, seed, &sockets(&cast.modules), caller_audio)?;
    let device = Tdm400p::new(cast.modules[0], Box::new(town));
    let epoch_ms = EPOCH_MS + (seed % DAYS) as i64 * DAY_MS;
    let mut store = SqliteStore::open(&cast.site.store.database, epoch_ms)?;
    store.set_number_plan(&cast.site.number_plan()?)?;
    store.import_customers(cast.rows(), BY_IMPORT, epoch_ms)?;
    let show = Rc::new(RefCell::new(show));
    let clients = cast
        .seats
        .iter()
        .map(|seat| {
            let settings = desk_settings(&cast.site, &login(seat), &stream_password(seat))?;
            Ok((settings, Screen::new(*seat, &cast.programme, &show)))
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let mut site = Lockstep::new(&cast.site, vec![Box::new(device)], epoch_ms, store, clients)?;
    let limit = SETTLE_MS + CALL_LIMIT_MS * u64::from(calls);
    let mut end = None;
    while end.is_none_or(|end| site.now().0 < end) {
        site.step()?;
        while let Some(truth) = truth.poll_truth() {
            show.borrow_mut().truth(truth)?;
        }
        if end.is_none() && truth.finished() {
            end = Some(site.now().0 + SETTLE_MS);
        }
        if site.now().0 > limit {
            return Err(format!("After {} the calls are not over: something is stuck", site.now()).into());
        }
    }
    for screen in site.clients() {
        if let Some(error) = screen.failed.take() {
            return Err(format!("Writing events.jsonl failed: {error}").into());
        }
    }
    let virtual_ms = site.now().0;
    let finished = site.finish()?;
    let show = Rc::into_inner(show).expect("the screens went with the site").into_inner();
    Ok(Run {
        show,
        store: finished.store,
        late_ticks: finished.late_ticks,
        latencies_us: finished.latencies_us,
        virtual_ms,
        wall_seconds: wall.secs_f64(),
        troubles: finished.troubles,
    })
}

//! Days with faults of the card, both drawn from one seed, in virtual time: habits of callers and agents meet lost
//! interrupts, aborts on the bus, noise, cut lines and chips that stop.
//!
//! The checks are those that hold however the card fails: the day comes to its end, each record is one of a real call,
//! its times are in order, and no call is left open.

use tipring_core::csta::{AgentId, AgentMode, AgentPassword, DeviceId, Request};
use tipring_core::store::sqlite::{CallRow, SqliteStore};
use tipring_core::time::Tick;
use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::fault::{Fault, Faults, Planned};
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::truth::{Truth, What};
use tipring_hw_sim::scenario::{Scenario, Socket};
use tipring_tests::seed::{Draw, with_seeds};
use tipring_tests::{Folder, site_users};
use tipring_tools::config::{SiteConfig, TEMPLATE};
use tipring_tools::run::lockstep::{Client, Lockstep};
use tipring_tools::run::threads::tlink;
use tipring_tsapi::pdu::acs::{LoginId, ServerId};
use tipring_tsapi::session::client::{ClientOutput, ClientSettings};

const MODULES: [Module; 4] = [Module::Fxo, Module::Fxo, Module::Fxs, Module::Fxs];
const SOCKETS: [Socket; 4] = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
/// Calls of a day.
const CALLS: u32 = 6;
/// Time in which they come, roughly, in ms: faults are drawn from it.
const BUSY_MS: u64 = 240_000;
/// Time after which a day that goes on is stuck, in ms.
const LIMIT_MS: u64 = 1_500_000;
/// Time for the site to settle when the people are done, in ms: the longest time-out of a line.
const SETTLE_MS: u64 = 60_000;

/// An agent's stream: logs in, and says ready.
struct Screen {
    is_open: bool,
    /// The next request is the last.
    requests: Vec<Request>,
}

impl Screen {
    fn new(agent: &str, station: &str, password: &str) -> Screen {
        let set = |mode| Request::SetAgentState {
            device: DeviceId::new(station).unwrap(),
            mode,
            agent_id: AgentId::new(agent).unwrap(),
            agent_group: DeviceId::EMPTY,
            password: AgentPassword::new(if mode == AgentMode::LogIn { password } else { "" }).unwrap(),
        };
        Screen { is_open: false, requests: vec![set(AgentMode::Ready), set(AgentMode::LogIn)] }
    }
}

impl Client for Screen {
    fn handle_output(&mut self, _: Tick, output: &ClientOutput) {
        self.is_open |= matches!(output, ClientOutput::Opened { .. });
    }

    fn handle_time(&mut self, _: Tick) {}

    fn poll_request(&mut self) -> Option<Request> {
        if self.is_open { self.requests.pop() } else { None }
    }
}

/// One to three faults, anywhere in the busy time, of a few milliseconds to half a minute.
fn draw_faults(draw: &mut Draw) -> Vec<Planned> {
    (0..=draw.below(3))
        .map(|_| {
            let port = draw.below(4) as usize;
            let trunk = port % 2;
            let fault = match draw.below(13) {
                0 => Fault::LateInterrupt,
                1 => Fault::LostInterrupt,
                2 => Fault::SpuriousInterrupt,
                3 => Fault::MasterAbort,
                4 => Fault::TargetAbort,
                5 => Fault::StuckSerial { level: draw.below(2) == 1 },
                6 => Fault::StoppedClock,
                7 => Fault::ShortCircuit { port: 2 + trunk },
                8 => Fault::Overheating { port: 2 + trunk },
                9 => Fault::CutLine { port: trunk },
                10 => Fault::LinkLoss { port: trunk },
                11 => Fault::Noise { port, level_dbm0: -60.0 + draw.below(40) as f32 },
                _ => {
                    Fault::Echo { port, loss_db: 3.0 + draw.below(20) as f32, delay_samples: draw.below(400) as usize }
                }
            };
            Planned::during(fault, draw.below(BUSY_MS), 1 + draw.below(30_000))
        })
        .collect()
}

/// Plays a day to its end: the events as they happened, and the records.
fn day(seed: u64, faults: Vec<Planned>) -> (Vec<Truth>, Vec<CallRow>) {
    let folder = Folder::new("faulty-day");
    let mut site = SiteConfig::parse(&TEMPLATE.replace("kind = \"headset\"", "kind = \"handset\"")).unwrap();
    site.users = site_users();
    site.store.recordings = folder.path("recordings");
    let store = SqliteStore::open(&folder.path("tipring.db"), 0).unwrap();
    let server = ServerId::new(tlink(&site).unwrap().as_str()).unwrap();
    let clients = [("7001", "1001", 1), ("7002", "1002", 2)].map(|(agent, station, number)| {
        let user = LoginId::new(&format!("desk{number}")).unwrap();
        let settings = ClientSettings::new(server.clone(), user, &format!("change-me-too-{number}"));
        let screen = Screen::new(agent, station, &format!("change-me-{number}"));
        (settings, screen)
    });
    let (town, log) = Town::new(&Scenario::of_calls(CALLS), seed, &SOCKETS, None).unwrap();
    let card = Tdm400p::new(MODULES, Box::new(town)).with_faults(Faults::new(seed, faults));
    let mut site = Lockstep::new(&site, vec![Box::new(card)], 0, store, clients.into()).unwrap();
    let mut truths = Vec::new();
    let mut end = None;
    while end.is_none_or(|end| site.now().0 < end) {
        site.step().unwrap();
        truths.extend(std::iter::from_fn(|| log.poll_truth()));
        if end.is_none() && log.finished() {
            end = Some(site.now().0 + SETTLE_MS);
        }
        assert!(site.now().0 < LIMIT_MS, "after {LIMIT_MS} ms the day goes on: {truths:#?}");
    }
    let calls = site.finish().unwrap().store.calls().unwrap();
    (truths, calls)
}

/// The times of a record in the order in which they may follow one another.
fn times(row: &CallRow) -> Vec<i64> {
    let middle = [row.answered_ms, row.queued_ms, row.alerting_ms, row.established_ms];
    [Some(row.offered_ms)].into_iter().chain(middle).chain([Some(row.ended_ms)]).flatten().collect()
}

fn check(truths: &[Truth], calls: &[CallRow], faults: &[Planned]) {
    let count = |is: fn(&What) -> bool| truths.iter().filter(|truth| is(&truth.what)).count();
    let started = count(|what| matches!(what, What::CallStarted { .. }));
    assert_eq!(started, count(|what| matches!(what, What::CallEnded { .. })), "calls that never end: {faults:?}");
    let inbound: Vec<&CallRow> = calls.iter().filter(|row| row.direction == "inbound").collect();
    let established = inbound.iter().filter(|row| row.established_ms.is_some()).count();
    // Faults may cut one call in two for the site; without any, each call has at most one record.
    assert!(inbound.len() <= started + 2 * faults.len(), "{} records of {started} calls: {faults:?}", inbound.len());
    assert!(established >= 1, "no call was answered: {faults:?}: {inbound:#?}");
    for row in calls {
        assert!(times(row).is_sorted(), "times out of order: {row:#?}");
        assert!(!row.outcome.is_empty() && !row.released_by.is_empty(), "{row:#?}");
        // A card that fails ends an established call out of service.
        let may_be_established = ["answered", "out-of-service"].contains(&row.outcome.as_str());
        let is_established = row.established_ms.is_some();
        assert!(if is_established { may_be_established } else { row.outcome != "answered" }, "{row:#?}");
    }
}

#[test]
fn a_day_with_faults_ends_and_its_records_add_up() {
    with_seeds("simulation", "a_day_with_faults_ends_and_its_records_add_up", 1..7, |seed| {
        let faults = draw_faults(&mut Draw::new(seed));
        let (truths, calls) = day(seed, faults.clone());
        check(&truths, &calls, &faults);
    });
}

#[test]
fn the_same_seed_gives_the_same_day_and_the_same_faults() {
    let play = || day(3, draw_faults(&mut Draw::new(3)));
    let (first, second) = (play(), play());
    assert!(first.0 == second.0, "the events of two days of seed 3 differ");
    assert_eq!(format!("{:?}", first.1), format!("{:?}", second.1));
}

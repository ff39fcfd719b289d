//! The call centre killed at random moments of its day, as by a power cut: after each restart nothing that it had
//! acknowledged is missing.
//!
//! | acknowledged | by | afterwards |
//! |---|---|---|
//! | an answered call | the event Established | it has a record with the moment of the answer, whatever became of it |
//! | its devices | the same | it has a leg for its line, and one for its telephone |
//! | sound | its call is in progress | its recording plays to within [`SOUND_LOST_MAX`] of the cut |
//! | an agent's log-in | the confirmation | the agent is logged in, without the client |
//!
//! One card and one site go through all cuts of a run: callers who were cut off hang up and others ring.
//! `TIPRING_CUTS=N` makes N cuts instead of [`CUTS`]. After the first one recordings are encrypted; those before are
//! read beside them.
//!
//! Never: looks into the running program; what its clients were shown is held against its files.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tipring_core::csta::event::Event;
use tipring_core::csta::reply::Reply;
use tipring_core::csta::{AgentId, AgentMode, AgentPassword, AgentState, CallId, DeviceId, MonitorFilter, Request};
use tipring_tests::seed::{Draw, with_seeds};
use tipring_tests::{Folder, Listen, Process, site_config};
use tipring_tools::encryption::key_ring::KeyRing;
use tipring_tools::encryption::keys::{self, Key};
use tipring_tools::encryption::reader::Damage;
use tipring_tools::recording::sound::Recorded;
use tipring_tools::run::snapshot::Snapshot;
use tipring_tools::run::status;
use tipring_tsapi::client::{Client, ClientOptions};
use tipring_tsapi::session::client::Incoming;

use crate::ends_in_a_call::serve;

const SOON: Duration = Duration::from_secs(30);
/// The key file, as the printed configuration names it.
const KEYS: &str = "recordings.keys";
/// Cuts of the ordinary run.
const CUTS: u64 = 3;
/// Most calls that are answered before a cut, less one.
const ANSWERED: u64 = 3;
/// The latest moment of a cut after the last of them is answered, or after the monitor began, ms: phases of ringing and
/// of talking, and the moments after a conversation's end, fit in.
const CUT_MAX_MS: u64 = 12_000;
/// Sound that may be missing at the end of a recording. The program keeps all but a quarter of a second
/// (`driver/src/media/file_io.rs`); the rest is for a machine that comes late.
const SOUND_LOST_MAX: Duration = Duration::from_secs(1);
/// Callers without end who talk for 1 to 8 s and take their turn soon.
const DAY: &str = "[callers]\ncount = 2000\ngap_ms = [200, 1500]\ntalk_ms = [1000, 8000]\nsome_abandon = false\n\
                   [agents]\nreaction_ms = [300, 1500]\n";

/// An answered call as the client saw it.
struct Seen {
    established: Instant,
    cleared: Option<Instant>,
}

fn cuts() -> u64 {
    std::env::var("TIPRING_CUTS").map_or(CUTS, |count| count.parse().expect("TIPRING_CUTS is a number"))
}

fn station() -> DeviceId {
    DeviceId::new("1001").unwrap()
}

fn set_state(client: &mut Client, mode: AgentMode) {
    let request = Request::SetAgentState {
        device: station(),
        mode,
        agent_id: AgentId::new("7001").unwrap(),
        agent_group: DeviceId::EMPTY,
        password: AgentPassword::new("change-me-1").unwrap(),
    };
    client.call(&request).unwrap();
}

/// Watches the station until `answered` calls have been answered there, then for `more`; adds them.
fn watch(client: &mut Client, answered: u64, more: Duration, seen: &mut BTreeMap<CallId, Seen>) {
    let mut until = Instant::now() + if answered == 0 { more } else { SOON * 3 };
    let mut waits = answered > 0;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            assert!(!waits, "{} of {answered} calls were answered in {:?}", seen.len(), SOON * 3);
            return;
        }
        match client.receive(left).unwrap() {
            Some(Incoming::Report { event: Event::Established { established_connection, .. }, .. }) => {
                let now = Instant::now();
                seen.insert(established_connection.call, Seen { established: now, cleared: None });
                if waits && seen.len() as u64 == answered {
                    (waits, until) = (false, now + more);
                }
            }
            Some(Incoming::Report { event: Event::ConnectionCleared { dropped_connection, .. }, .. }) => {
                if let Some(call) = seen.get_mut(&dropped_connection.call) {
                    call.cleared.get_or_insert_with(Instant::now);
                }
            }
            _ => {}
        }
    }
}

fn snapshot(folder: &Folder) -> Snapshot {
    status::read(&status::socket_of(&folder.path("tipring.db"))).unwrap()
}

/// A cut: its moment, and how late the machine was until then.
struct Cut {
    at: Instant,
    late: String,
}

impl Cut {
    /// Kills the call centre, which was like `began` when it began to serve.
    fn now(server: &mut Process, folder: &Folder, began: &Snapshot) -> Cut {
        let machine = snapshot(folder);
        let at = Instant::now();
        server.kill();
        let behind = 1000.0 * (machine.up_s - began.up_s) - (machine.ticks - began.ticks) as f64;
        let [longest, lost] = ["longest_wait_ms", "recorder_lost_ticks"].map(|name| machine.media[name]);
        let late = format!(
            "of {} ticks {} were late, {longest} at once at most; the card's clock fell {behind:.0} ms behind; recorders \
             lost {lost} ticks",
            machine.ticks, machine.late_ticks
        );
        Cut { at, late }
    }
}

/// The outcome of a cut.
#[derive(Default)]
struct Outcome {
    /// Conversations that the cut ended.
    interrupted: usize,
    /// The most sound that a recording lacks.
    lost: Duration,
}

/// Checks the database and the recordings after a restart.
fn check(folder: &Path, seen: &BTreeMap<CallId, Seen>, cut: &Cut) -> Outcome {
    let mut outcome = Outcome::default();
    let keys = KeyRing::new(Some(&folder.join(KEYS)));
    let database = Connection::open(folder.join("tipring.db")).unwrap();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let mut row = database
        .prepare(
            "SELECT call.outcome, call.established_ms IS NOT NULL, recording.file, recording.samples, recording.whole
             FROM call LEFT JOIN recording ON recording.id = call.recording WHERE call.call_id = ?1",
        )
        .unwrap();
    let mut legs = database
        .prepare(
            "SELECT kind FROM leg WHERE call_id = ?1 AND reached = 'connected' AND ended_ms >= began_ms ORDER BY kind",
        )
        .unwrap();
    for (call, seen) in seen {
        let kinds: Vec<String> = legs.query_map([call.0], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(kinds, ["station", "trunk"], "the legs of call {}", call.0);
        type Row = (String, bool, Option<String>, Option<i64>, Option<bool>);
        let found: Vec<Row> = row
            .query_map([call.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let [(ended, true, file, samples, whole)] = &found[..] else {
            panic!("call {} was answered, and its record is {found:?}", call.0);
        };
        let samples = samples.unwrap_or(0);
        if let Some(file) = file {
            let file = folder.join("recordings").join(file);
            let sound = Recorded::open(&file, &keys, Damage::Refused).unwrap();
            assert_eq!(i64::from(sound.samples()), samples, "call {}", call.0);
            sound.each(|_, _| Ok(())).unwrap();
        }
        // What was said until the cut, or until the call ended.
        let talked = seen.cleared.unwrap_or(cut.at) - seen.established;
        let kept = Duration::from_millis(samples as u64 / 8);
        outcome.lost = outcome.lost.max(talked.saturating_sub(kept));
        assert!(
            kept + SOUND_LOST_MAX >= talked,
            "call {} ({ended}, whole: {whole:?}) had talked for {talked:?}, its recording has {kept:?}; {}",
            call.0,
            cut.late
        );
    }
    let open: i64 = database.query_row("SELECT COUNT(*) FROM open_call", [], |row| row.get(0)).unwrap();
    let standing: i64 = 2;
    assert!(open <= standing, "{open} calls are open on {standing} trunks");
    outcome.interrupted = seen.values().filter(|call| call.cleared.is_none()).count();
    outcome
}

#[test]
fn a_power_cut_at_any_moment_loses_nothing_acknowledged() {
    with_seeds("scenarios", "a_power_cut_at_any_moment_loses_nothing_acknowledged", [2], |seed| {
        let mut draw = Draw::new(seed);
        let folder = Folder::new("power-cuts");
        std::fs::write(folder.path("day.toml"), DAY).unwrap();
        let path = |name: &str| folder.path(name).display().to_string();
        let mut card = Process::start(
            [
                "sim",
                "card",
                "--socket",
                &path("card.sock"),
                "--seed",
                &seed.to_string(),
                "--scenario",
                &path("day.toml"),
            ],
            Listen::Out,
            &[],
        );
        card.wait_for_file(&folder.path("card.sock"), SOON);
        let site = site_config().replace("\"headset\"", "\"handset\"").replace("_work_s = 5", "_work_s = 0");
        folder.write_site(&site);
        keys::make(&folder.path(KEYS), &Key::draw(String::new()).unwrap()).unwrap();
        let (mut seen, mut cut) = (BTreeMap::new(), None);
        let (mut answered, mut total) = (0, Outcome::default());
        for number in 0..=cuts() {
            if number == 1 {
                folder.write_site(&site.replace("# keys = \"", "keys = \""));
            }
            let mut server = serve(&folder);
            let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
            let began = snapshot(&folder);
            answered += seen.len();
            if let Some(cut) = &cut {
                let Outcome { interrupted, lost } = check(&folder.path(""), &seen, cut);
                total = Outcome { interrupted: total.interrupted + interrupted, lost: total.lost.max(lost) };
                eprintln!("cut {number}: {lost:?} of sound lost at most; {}", cut.late);
            }
            seen.clear();
            let address = serving.rsplit(' ').next().unwrap();
            let mut client = Client::open(&ClientOptions::new(address, "desk1", "change-me-too-1")).unwrap();
            client.call(&Request::MonitorDevice { device: station(), filter: MonitorFilter::default() }).unwrap();
            if number == 0 {
                [AgentMode::LogIn, AgentMode::Ready].into_iter().for_each(|mode| set_state(&mut client, mode));
            } else {
                let state = client.call(&Request::QueryAgentState { device: station() }).unwrap();
                let logged_in = !matches!(state, Reply::QueryAgentState { state: AgentState::Null });
                assert!(logged_in, "the agent was logged in before cut {number}, and is not after it");
                set_state(&mut client, AgentMode::Ready);
            }
            let (calls, more) = (draw.below(ANSWERED), Duration::from_millis(draw.below(CUT_MAX_MS)));
            watch(&mut client, calls, more, &mut seen);
            cut = Some(Cut::now(&mut server, &folder, &began));
        }
        eprintln!(
            "{} cuts: {answered} calls were answered, {} of them stood at a cut, {:?} of sound lost at most",
            cuts(),
            total.interrupted,
            total.lost
        );
    });
}

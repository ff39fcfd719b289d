//! The engine in a process of its own: the middleware is killed, or stops in order, and comes back, also as another
//! build; the engine goes on.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tipring_core::csta::{AgentState, CallId, ConnectionId, DeviceId, Reply, Request};
use tipring_tests::{Folder, Listen, Process, run, site_config};
use tipring_tools::config::SiteConfig;
use tipring_tools::encryption::key_ring::KeyRing;
use tipring_tools::encryption::reader::{Damage, open};
use tipring_tools::run::engine::fingerprint;
use tipring_tools::run::engine::link::Link;
use tipring_tsapi::client::{Client, ClientOptions};

use crate::ends_in_a_call::{answered, card_of_one_caller, serve};

pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Time of the conversation with a middleware, and without one.
const TALK: Duration = Duration::from_secs(10);
/// Samples of a tick of telephone sound, per ms.
const SAMPLES_PER_MS: u32 = 8;

/// The printed configuration, with the engine in a process of its own.
pub(crate) fn config() -> String {
    let config = site_config().replace("# [engine]\n# socket", "[engine]\nsocket");
    assert!(config.contains("\n[engine]\nsocket = \"engine.sock\""), "{config}");
    config
}

pub(crate) fn start_engine(folder: &Folder) -> Process {
    let site = folder.path("site.toml").display().to_string();
    let mut engine = Process::start(["engine", "--config", &site], Listen::Err, &[]);
    engine.wait_for("the engine", SOON, |line| line.contains("takes a middleware in"));
    engine
}

fn engine_of(folder: &Folder) -> (PathBuf, u64) {
    let site = SiteConfig::load(&folder.path("site.toml")).unwrap();
    (site.engine.as_ref().expect("a part [engine]").socket.clone(), fingerprint(&site))
}

pub(crate) fn has_gone(line: &str) -> bool {
    line.contains("has gone; calls and recordings go on")
}

/// Waits until no device is out of service.
pub(crate) fn in_service(folder: &Folder) {
    let deadline = Instant::now() + SOON;
    loop {
        let status = run(["status", "--config", &folder.path("site.toml").display().to_string()]);
        let status = String::from_utf8(status.stdout).unwrap();
        if !status.contains("devices out of service") {
            return;
        }
        assert!(Instant::now() < deadline, "{status}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The only recording, whole or not.
fn recording(folder: &Folder) -> PathBuf {
    let days = std::fs::read_dir(folder.path("recordings")).unwrap().flatten();
    let mut files: Vec<_> = days.flat_map(|day| std::fs::read_dir(day.path()).unwrap().flatten()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0).path()
}

/// Octets of the only recording, once it is longer than `longer`.
fn grown(folder: &Folder, longer: u64) -> u64 {
    let deadline = Instant::now() + SOON;
    loop {
        let octets = recording(folder).metadata().unwrap().len();
        if octets > longer {
            return octets;
        }
        assert!(Instant::now() < deadline, "the recording does not grow beyond {octets} octets");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn sound_and_recording_go_on_while_the_middleware_is_killed_and_the_next_one_attaches() {
    let folder = Folder::new("apart");
    let keys = folder.path("recordings.keys");
    assert!(run(["store", "key", "new", &keys.display().to_string()]).status.success());
    let _card = card_of_one_caller(&folder, &config().replace("# keys = \"", "keys = \""));
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let _client = answered(&mut server);
    std::thread::sleep(TALK);
    server.kill();
    engine.wait_for("the end of the middleware", SOON, has_gone);
    // Without a middleware: the file grows by seconds of sound.
    let killed = grown(&folder, 0);
    let octets_per_ms = 2 * 2 * u64::from(SAMPLES_PER_MS);
    grown(&folder, killed + octets_per_ms * TALK.as_millis() as u64);

    let mut server = serve(&folder);
    server.wait_for("the engine", SOON, |line| line.contains("attached to the engine"));
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    let status = run(["status", "--json", "--config", &folder.path("site.toml").display().to_string()]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["media"]["recorder_lost_ticks"], 0, "{status:#}");
    assert_eq!(status["engine"]["process"], engine.id(), "{status:#}");
    let ticks = status["ticks"].as_u64().unwrap();
    assert!(ticks > 2 * TALK.as_millis() as u64, "the engine's time goes on, {ticks} ticks");
    in_service(&folder);
    assert!(interrupt(&mut server).success());

    let file = recording(&folder);
    let ring = KeyRing::new(Some(&keys));
    let mut reader = hound::WavReader::new(open(&file, &ring, Damage::Refused).unwrap()).unwrap();
    assert!(hound::WavReader::open(&file).is_err(), "it is encrypted");
    assert!(file.extension().is_some_and(|kind| kind == "wav"), "{} is not whole", file.display());
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let second = 2 * 1000 * SAMPLES_PER_MS as usize;
    assert!(samples.len() >= 2 * 3 * second, "{} samples", samples.len());
    // Customer and agent speak in turns: of each, sound before the kill and after it.
    let at = (killed as usize / 2).min(samples.len());
    for (part, sound) in [("before", &samples[..at]), ("after", &samples[at..])] {
        for (side, track) in [("customer", 0), ("agent", 1)] {
            let seconds: Vec<_> = sound.chunks(second).map(|sound| loudest_of(sound, track)).collect();
            assert!(seconds.iter().max() > Some(&500), "nothing of the {side} {part} the kill: {seconds:?}");
        }
    }
    assert!(engine.terminate().success());
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let noted: i64 = database.query_row("SELECT samples FROM recording", [], |row| row.get(0)).unwrap();
    assert_eq!(noted as usize, samples.len() / 2, "the record of the recording");
}

/// Opens a stream to a middleware that serves.
pub(crate) fn client_of(server: &mut Process) -> Client {
    let serving = server.wait_for("the address", SOON, |line| line.contains("serving "));
    let address = serving.rsplit(' ').next().unwrap();
    Client::open(&ClientOptions::new(address, "desk1", "change-me-too-1")).unwrap()
}

/// The call of the station 1001 and its parties, and the state of the agent there.
pub(crate) fn desk(client: &mut Client) -> (CallId, Vec<DeviceId>, AgentState) {
    let station = DeviceId::new("1001").unwrap();
    let Ok(Reply::SnapshotDevice { calls }) = client.call(&Request::SnapshotDevice { device: station }) else {
        panic!("no snapshot of 1001")
    };
    let connection = calls.first().expect("the call is in progress").connection;
    let Ok(Reply::SnapshotCall { parties }) = client.call(&Request::SnapshotCall { call: connection }) else {
        panic!("no snapshot of the call")
    };
    let Ok(Reply::QueryAgentState { state }) = client.call(&Request::QueryAgentState { device: station }) else {
        panic!("no state of the agent")
    };
    (connection.call, parties.iter().map(|entry| entry.connection.device).collect(), state)
}

#[test]
fn a_call_goes_on_under_each_middleware_that_comes_back_and_leaves_one_record() {
    const LIVES: usize = 20;
    /// Time from the start of a middleware until it serves the calls again.
    const BACK_WITHIN: Duration = Duration::from_secs(1);
    let mut fastest = Duration::MAX;
    let folder = Folder::new("apart-back");
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let mut client = answered(&mut server);
    let before = desk(&mut client);
    for life in 0..LIVES {
        server.kill();
        engine.wait_for("the end of the middleware", SOON, has_gone);
        let began = Instant::now();
        server = serve(&folder);
        server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
        client = client_of(&mut server);
        let (elapsed, worked) = (began.elapsed(), processor_time(&server));
        println!("served again after {} ms, {} ms of processor", elapsed.as_millis(), worked.as_millis());
        // The clock counts what else the machine does: every life is judged by its work, the clock by the best of them.
        assert!(worked < BACK_WITHIN, "life {life} took {worked:?} of processor");
        fastest = fastest.min(elapsed);
        assert_eq!(desk(&mut client), before, "after {life} lives");
    }
    assert!(fastest < BACK_WITHIN, "none of {LIVES} lives served again before {fastest:?}");
    let status = run(["status", "--json", "--config", &folder.path("site.toml").display().to_string()]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["calls"].as_array().map(Vec::len), Some(1), "{status:#}");
    // The call is one of the core's own: it ends as any other.
    let own = ConnectionId { call: before.0, device: DeviceId::new("1001").unwrap(), ..ConnectionId::NONE };
    client.call(&Request::ClearConnection { call: own }).unwrap();
    assert_eq!(outcomes(&folder, 1), [("answered".to_owned(), "7001".to_owned())]);
    assert!(server.terminate().success());
    assert!(engine.terminate().success());
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    let count = |sql: &str| -> i64 { database.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(count("SELECT count(*) FROM recording WHERE whole"), 1);
    // Log-in, ready, the call's states: each once, whatever was killed.
    assert_eq!(count("SELECT count(*) - count(DISTINCT state || at_ms) FROM agent_state"), 0);
    assert_eq!(count("SELECT max(seq) - count(*) FROM event"), 0);
}

/// A copy of the program in a file of its own, as an upgrade brings one.
fn build(folder: &Folder, name: &str) -> PathBuf {
    let copy = folder.path(name);
    std::fs::copy(tipring_tests::tipring(), &copy).unwrap();
    copy
}

fn serve_by(program: &Path, folder: &Folder) -> Process {
    let mut command = Command::new(program);
    command.arg("serve").arg("--config").arg(folder.path("site.toml"));
    Process::spawn(command, Listen::Err)
}

/// Stops a middleware at once: its calls end.
pub(crate) fn interrupt(server: &mut Process) -> ExitStatus {
    server.signal(Signal::SIGINT);
    server.wait_for_end(SOON)
}

#[test]
fn a_call_outlives_an_orderly_stop_and_an_upgrade_but_not_a_kill_under_another_build() {
    let folder = Folder::new("apart-upgrade");
    let builds = [build(&folder, "old"), build(&folder, "new")];
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut server = serve_by(&builds[0], &folder);
    let mut client = answered(&mut server);
    let before = desk(&mut client);
    for life in 1..5 {
        assert!(server.terminate().success());
        assert!(server.seen().iter().any(|line| line.contains("calls go on in the engine")), "{:?}", server.seen());
        engine.wait_for("the end of the middleware", SOON, has_gone);
        server = serve_by(&builds[life % 2], &folder);
        server.wait_for("the call", SOON, |line| line.contains("came back to 1 calls"));
        client = client_of(&mut server);
        assert_eq!(desk(&mut client), before, "after {life} stops");
        assert!(!server.seen().iter().any(|line| line.contains("were lost")), "{:?}", server.seen());
    }
    let status = run(["status", "--json", "--config", &folder.path("site.toml").display().to_string()]);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["calls"][0]["state"], "talks", "{status:#}");
    assert_eq!(status["calls"][0]["device"], "1001", "{status:#}");
    let own = ConnectionId { call: before.0, device: DeviceId::new("1001").unwrap(), ..ConnectionId::NONE };
    client.call(&Request::ClearConnection { call: own }).unwrap();
    let outcomes = outcomes(&folder, 1);
    assert_eq!(outcomes, [("answered".to_owned(), "7001".to_owned())]);
    let count = |sql: &str| -> i64 {
        let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
        database.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    // The recording's file is closed, and its record written, after that of the call.
    let deadline = Instant::now() + SOON;
    while count("SELECT count(*) FROM recording") == 0 && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(count("SELECT count(*) FROM recording WHERE whole"), 1);
    assert_eq!(count("SELECT count(*) - count(DISTINCT state || at_ms) FROM agent_state"), 0);
    assert_eq!(count("SELECT max(seq) - count(*) FROM event"), 0);

    // What the core did after its last checkpoint is for the build that did it.
    server.kill();
    engine.wait_for("the end of the middleware", SOON, has_gone);
    let mut other = serve_by(&builds[1], &folder);
    other.wait_for("the reason", SOON, |line| {
        line.contains("another build of the program, which did not stop in order")
    });
    other.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(other.terminate().success());
    assert!(engine.terminate().success());
}

#[test]
fn an_engine_to_which_nobody_comes_back_ends_the_calls() {
    let folder = Folder::new("apart-alone");
    let _card = card_of_one_caller(&folder, &config().replace("# wait_s = 300", "wait_s = 2"));
    let mut engine = start_engine(&folder);
    let mut server = serve(&folder);
    let _client = answered(&mut server);
    assert!(server.terminate().success());
    engine.wait_for("the end of the calls", SOON, |line| line.contains("no middleware has come for 2 s"));
    assert_eq!(recording(&folder).extension().and_then(|kind| kind.to_str()), Some("wav"), "the recording is whole");
    let mut server = serve(&folder);
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(!server.seen().iter().any(|line| line.contains("came back")), "{:?}", server.seen());
    assert_eq!(outcomes(&folder, 1)[0].0, "interrupted");
    in_service(&folder);
    assert!(server.terminate().success());
    assert!(engine.terminate().success());
}

/// Outcomes and agents of the calls, once `count` of them have a record.
pub(crate) fn outcomes(folder: &Folder, count: usize) -> Vec<(String, String)> {
    let deadline = Instant::now() + SOON;
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    loop {
        let mut select = database.prepare("SELECT outcome, agent FROM call").unwrap();
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        let found: Vec<(String, String)> = rows.map(Result::unwrap).collect();
        if found.len() >= count {
            return found;
        }
        assert!(Instant::now() < deadline, "{count} calls were to have records, there are {found:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Linux counts processor time in these (USER_HZ).
const TICKS_A_SECOND: u64 = 100;

/// The largest sample of one of two tracks.
fn loudest_of(sound: &[i16], track: usize) -> u16 {
    sound.iter().skip(track).step_by(2).map(|sample| sample.unsigned_abs()).max().unwrap_or(0)
}

/// Processor time of a process so far, in steps of 10 ms.
fn processor_time(process: &Process) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap();
    // The name, in brackets, may hold spaces; utime and stime are the 12th and 13th fields after it (proc(5)).
    let (_, fields) = stat.rsplit_once(") ").expect("Linux says it");
    let ticks: u64 = fields.split(' ').skip(11).take(2).map(|field| field.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 1000 / TICKS_A_SECOND)
}

/// Descriptors and memory (kB) of a process.
fn held(process: &Process) -> (usize, u64) {
    let proc = PathBuf::from(format!("/proc/{}", process.id()));
    let status = std::fs::read_to_string(proc.join("status")).unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("Linux says it");
    let kilobytes = resident.trim().trim_end_matches(" kB").parse().unwrap();
    (std::fs::read_dir(proc.join("fd")).unwrap().count(), kilobytes)
}

#[test]
fn twenty_middlewares_killed_in_a_row_leave_nothing_in_the_engine() {
    /// Growth that the first reading of the prompts does not explain, kB.
    const GROWTH_MAX: u64 = 4096;
    let folder = Folder::new("apart-twenty");
    let _card = card_of_one_caller(&folder, &config());
    let mut engine = start_engine(&folder);
    let mut before = None;
    for life in 0..20 {
        let mut server = serve(&folder);
        engine.wait_for("the middleware", SOON, |line| line.contains("is attached"));
        server.wait_for("the engine", SOON, |line| line.contains("attached to the engine"));
        server.kill();
        engine.wait_for("its end", SOON, has_gone);
        let now = held(&engine);
        let (descriptors, memory) = *before.get_or_insert(now);
        assert_eq!(now.0, descriptors, "descriptors after {life} lives");
        assert!(now.1 <= memory + GROWTH_MAX, "{} kB after {life} lives, {memory} kB at first", now.1);
    }
    assert!(engine.terminate().success());
}

#[test]
fn a_second_middleware_another_version_and_another_site_are_refused_with_a_sentence() {
    let folder = Folder::new("apart-refused");
    let _card = card_of_one_caller(&folder, &config());
    let mut server = serve(&folder);
    server.wait_for("no engine", SOON, |line| line.contains("No engine listens at") && line.contains("tipring engine"));
    assert_eq!(server.wait_for_end(SOON).code(), Some(69));

    let mut engine = start_engine(&folder);
    let (socket, site) = engine_of(&folder);
    let refused = |site| Link::connect(&socket, site).map(|_| ()).unwrap_err().to_string();
    let why = refused(site ^ 1);
    assert!(why.contains("other cards, lines or folders") && why.contains("start the engine anew"), "{why}");
    let mut stream = UnixStream::connect(&socket).unwrap();
    stream.write_all(b"{\"hello\":{\"version\":\"0.0.0\",\"site\":0}}\n").unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).unwrap();
    assert!(answer.contains("the middleware tipring 0.0.0"), "{answer}");
    // Another engine has no place beside it.
    let second = run(["engine", "--config", &folder.path("site.toml").display().to_string()]);
    assert_eq!(second.status.code(), Some(69), "{second:?}");

    let mut server = serve(&folder);
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    let why = refused(site);
    assert!(why.contains(&format!("another middleware (process {})", server.id())), "{why}");

    engine.kill();
    server.wait_for("the end of the engine", SOON, |line| {
        line.contains(&format!("The engine (process {}) has ended", engine.id()))
    });
    assert_eq!(server.wait_for_end(SOON).code(), Some(70), "the middleware ends loudly");
}

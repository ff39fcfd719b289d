//! A call centre in trouble: its log without a reader, signals, a second one on its files, a database that takes
//! nothing or is damaged. It goes on, or ends with a reason and a status; nothing is lost without a report.

use std::fs;
use std::io::Read;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::Signal;
use tipring_tests::{Folder, Limit, Listen, Process, site_config, tipring};
use tipring_tsapi::client::{Client, ClientOptions};

use crate::ends_in_a_call::{Talking, answered, card_of_one_caller, serve, talking};

const SOON: Duration = Duration::from_secs(30);
/// Exit status of records that the database did not take.
const NOT_KEPT: i32 = 74;

/// A simulated card for the site of a folder.
fn card(folder: &Folder) -> Process {
    let socket = folder.path("card.sock");
    let mut card = Process::start(["sim", "card", "--socket", &socket.display().to_string()], Listen::Out, &[]);
    card.wait_for_file(&socket, SOON);
    card
}

/// A call centre whose log the test itself holds; killed when dropped.
struct Quiet {
    child: Child,
    address: String,
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a call centre and reads its log as far as its address.
fn quiet(folder: &Folder) -> (Quiet, ChildStderr) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    folder.write_site(&site_config().replace("127.0.0.1:0", &format!("127.0.0.1:{port}")));
    let mut child = Command::new(tipring())
        .args(["serve", "--config", &folder.path("site.toml").display().to_string()])
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut log = child.stderr.take().unwrap();
    let (mut seen, mut octet) = (String::new(), [0]);
    let limit = Limit::of(SOON);
    while !(seen.contains("serving ") && seen.ends_with('\n')) {
        let left = PollTimeout::try_from(limit.left("its address")).expect("seconds");
        let ready = poll(&mut [PollFd::new(log.as_fd(), PollFlags::POLLIN)], left).unwrap();
        assert_eq!(ready, 1, "waited {SOON:?} for its address; it said: {seen}");
        assert_eq!(log.read(&mut octet).unwrap(), 1, "it ended: {seen}");
        seen.push(octet[0].into());
    }
    (Quiet { child, address: format!("127.0.0.1:{port}") }, log)
}

/// Opens a stream, which takes the core, and stops the call centre in order.
fn serves_and_stops(mut server: Quiet) {
    let mut client = Client::open(&ClientOptions::new(&server.address, "desk1", "change-me-too-1")).unwrap();
    let reply = client.call(&tipring_core::csta::Request::SystemStatus);
    assert!(reply.is_ok(), "{reply:?}");
    let pid = nix::unistd::Pid::from_raw(server.child.id() as i32);
    nix::sys::signal::kill(pid, Signal::SIGTERM).unwrap();
    let deadline = Instant::now() + SOON;
    let status = loop {
        match server.child.try_wait().unwrap() {
            Some(status) => break status,
            None => assert!(Instant::now() < deadline, "it does not end"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success(), "{status}");
}

/// Has the status written into the log again and again.
fn log_much(server: &Quiet) {
    let pid = nix::unistd::Pid::from_raw(server.child.id() as i32);
    for _ in 0..400 {
        nix::sys::signal::kill(pid, Signal::SIGUSR1).unwrap();
        std::thread::sleep(Duration::from_millis(4));
    }
}

#[test]
fn a_log_whose_reader_is_gone_stops_nothing() {
    let folder = Folder::new("reader-gone");
    let _card = card(&folder);
    let (server, log) = quiet(&folder);
    drop(log);
    log_much(&server);
    serves_and_stops(server);
}

#[test]
fn a_log_whose_reader_stands_still_stops_nothing() {
    let folder = Folder::new("reader-still");
    let _card = card(&folder);
    let (server, log) = quiet(&folder);
    log_much(&server);
    serves_and_stops(server);
    drop(log);
}

#[test]
fn signals_and_a_second_call_centre_on_its_files_leave_a_call_as_it_is() {
    let Talking { folder, _card, mut server, _client } = talking("signals");
    server.signal(Signal::SIGHUP);
    server.wait_for("the hang-up", SOON, |line| line.contains("HUP: calls go on"));
    server.signal(Signal::SIGUSR1);
    server.wait_for("the status", SOON, |line| line.contains("calls: 1 now"));

    let mut second = serve(&folder);
    assert_eq!(second.wait_for_end(SOON).code(), Some(1));
    let why = second.seen().join("\n");
    assert!(why.contains(&format!("is in use by another tipring (process {})", server.id())), "{why}");

    let mode = |path: std::path::PathBuf| fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    for (name, wanted) in [("tipring.db", 0o600), ("tipring.db.lock", 0o600), ("recordings", 0o700)] {
        assert_eq!(mode(folder.path(name)), wanted, "{name}");
    }
    let day = fs::read_dir(folder.path("recordings")).unwrap().next().unwrap().unwrap().path();
    let part = fs::read_dir(&day).unwrap().next().unwrap().unwrap().path();
    assert_eq!((mode(day), mode(part)), (0o700, 0o600));

    server.signal(Signal::SIGQUIT);
    server.wait_for("the stop", SOON, |line| line.contains("stopped; every record is safe"));
    assert!(server.wait_for_end(SOON).success());
    let outcome: String = rusqlite::Connection::open(folder.path("tipring.db"))
        .unwrap()
        .query_row("SELECT outcome FROM call", [], |row| row.get(0))
        .unwrap();
    assert_eq!(outcome, "answered");
}

#[test]
fn records_that_the_database_does_not_take_at_the_stop_are_set_aside_and_read_in_by_the_next_start() {
    let Talking { folder, _card, mut server, _client } = talking("aside");
    let database = rusqlite::Connection::open(folder.path("tipring.db")).unwrap();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    server.signal(Signal::SIGTERM);
    let line = server.wait_for("the failure", SOON, |line| line.contains("stopped; "));
    assert!(
        line.contains("ERROR") && line.contains("the database did not take") && line.contains(".unsaved.db"),
        "{line}"
    );
    assert_eq!(server.wait_for_end(SOON).code(), Some(NOT_KEPT));
    assert!(!server.seen().iter().any(|line| line.contains("every record is safe")));
    database.execute_batch("ROLLBACK").unwrap();
    let count = || -> i64 { database.query_row("SELECT count(*) FROM call", [], |row| row.get(0)).unwrap() };
    assert_eq!(count(), 0);

    let mut server = serve(&folder);
    server.wait_for("the records", SOON, |line| line.contains("1 calls read in from"));
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(server.terminate().success());
    assert_eq!(count(), 1);
}

/// Starts a call centre to which the disk looks full as soon as one of its files has 64 KiB.
fn serve_on_a_full_disk(folder: &Folder) -> Process {
    // A full disk sends no signal; the limit of a file's size, in blocks of 512 octets, does.
    let limited = "trap '' XFSZ; ulimit -f 128; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh"]).arg(tipring()).args(["serve", "--config"]).arg(folder.path("site.toml"));
    command.stdin(Stdio::null());
    Process::spawn(command, Listen::Err)
}

#[test]
fn a_disk_that_is_full_up_to_the_stop_is_told_at_once_and_the_stop_says_how_many_records_are_lost() {
    let folder = Folder::new("full");
    let _card = card_of_one_caller(&folder, &site_config());
    let mut server = serve(&folder);
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(server.terminate().success());

    let mut server = serve_on_a_full_disk(&folder);
    let _client = answered(&mut server);
    let refused = "The database failed while keeping records: ";
    server.wait_for("the failure", SOON, |line| line.contains(refused) && line.contains("wait in memory"));
    server.signal(Signal::SIGTERM);
    let line = server.wait_for("the stop", SOON, |line| line.contains("stopped; "));
    assert!(line.contains("ERROR") && line.contains(&format!("records are lost: {refused}")), "{line}");
    let lost = line.split("stopped; ").nth(1).and_then(|text| text.split(' ').next()?.parse::<u32>().ok());
    assert!(lost.is_some_and(|lost| lost > 0), "{line}");
    assert_eq!(server.wait_for_end(SOON).code(), Some(NOT_KEPT));
    assert!(!server.seen().iter().any(|line| line.contains("every record is safe")));
    let names = fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name());
    let half: Vec<_> = names.filter(|name| name.to_string_lossy().contains(".unsaved.db")).collect();
    assert!(half.is_empty(), "what could not be put aside leaves nothing behind: {half:?}");

    let mut server = serve(&folder);
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    server.signal(Signal::SIGTERM);
    server.wait_for("the stop", SOON, |line| line.contains("stopped; every record is safe"));
    assert!(server.wait_for_end(SOON).success());
}

#[test]
fn a_damaged_database_is_refused_and_stays_as_it_is() {
    let folder = Folder::new("damaged");
    let _card = card(&folder);
    folder.write_site(&site_config());
    let mut server = serve(&folder);
    server.wait_for("the address", SOON, |line| line.contains("serving "));
    assert!(server.terminate().success());
    let path = folder.path("tipring.db");
    let mut octets = fs::read(&path).unwrap();
    let page = 4096;
    for octet in octets.iter_mut().skip(page).step_by(7) {
        *octet ^= 0x5A;
    }
    fs::write(&path, &octets).unwrap();
    let mut server = serve(&folder);
    assert_eq!(server.wait_for_end(SOON).code(), Some(1));
    let why = server.seen().join("\n");
    assert!(why.contains("tipring.db"), "{why}");
    assert!(why.contains("damaged") || why.contains("malformed"), "{why}");
    assert_eq!(fs::read(&path).unwrap(), octets);
}

//! The driver against the simulated card behind its vfio-user socket: in a thread, and in a process that can be killed.

use std::os::fd::AsFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::eventfd::{EfdFlags, EventFd};
use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::card::{Card, CardState, Frame, PortCommand, PortCondition, PortKind};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Acceptance, CommandRefused, Engine, EventSink, Settings as EngineSettings};
use tipring_driver::ids::{ChannelId, PortId};
use tipring_driver::line::LineEvent;
use tipring_driver::media::MediaEvent;
use tipring_driver::pci::reopen::InBackground;
use tipring_driver::pci::vfio_user::{DEADLINE, VfioUser};
use tipring_driver::pci::{Access, Bar, PciErrorKind, PciFunction};
use tipring_driver::spsc::queue;
use tipring_driver::time::Tick;
use tipring_hw_sim::vfio_user::{Clock, Server};
use tipring_tests::Limit;

use crate::rig;
use crate::sound::{LOOP_TICKS, idle, said};
use crate::wires::{Wires, WiresHandle};

/// The socket that [`serve_in_a_process_of_its_own`] is to serve.
const SOCKET_VARIABLE: &str = "TIPRING_TEST_SOCKET";

/// A path for a socket, unique to the test.
pub fn socket_path() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("tipring-hardware-{}-{number}.sock", std::process::id()))
}

/// A card served by a thread.
pub struct Served {
    /// Its socket.
    pub path: PathBuf,
    wires: WiresHandle,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Served {
    /// A card with these modules, on the wall clock.
    pub fn new(modules: &str) -> Served {
        let (path, wires) = (socket_path(), Wires::handle());
        let mut server = Server::bind(&path, Box::new(rig::card(modules, &wires))).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = thread::spawn(move || server.run(Clock::Wall, &stopped).unwrap());
        Served { path, wires, stop, thread: Some(thread) }
    }

    fn card(&self) -> Tdm400p {
        open(&self.path)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

fn open(path: &Path) -> Tdm400p {
    let function = Box::new(VfioUser::connect(path, DEADLINE).unwrap());
    let path = path.to_owned();
    let again = move || Ok(Box::new(VfioUser::connect(&path, DEADLINE)?) as Box<dyn PciFunction>);
    let settings = Settings::default();
    let reopen = InBackground::new(Box::new(again), settings.needs(), Duration::from_millis(50)).unwrap();
    Tdm400p::new(settings.needs().attach(function).unwrap(), Box::new(reopen), settings)
}

/// Services the card about once a millisecond until `done`, or panics after 10 s. Gives the errors on the way.
fn run_until(card: &mut Tdm400p, mut done: impl FnMut(&mut Tdm400p) -> bool) -> Vec<String> {
    let begun = Instant::now();
    let mut errors = Vec::new();
    while !done(card) {
        assert!(begun.elapsed() < Duration::from_secs(10), "still not there; {errors:?}");
        match card.poll() {
            Ok(ticks) => {
                for _ in 0..ticks {
                    card.exchange(&mut [[0; 8]; 4], &mut [[0; 8]; 4], &[[0xd5; 8]; 4]);
                }
            }
            Err(error) => errors.push(error.to_string()),
        }
        thread::sleep(Duration::from_millis(1));
    }
    errors
}

fn bring_up(card: &mut Tdm400p) {
    let errors = run_until(card, |card| card.state() == CardState::Running);
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn modules_and_ringing_are_seen_through_the_socket() {
    let served = Served::new("xo-o");
    let mut card = served.card();
    bring_up(&mut card);
    let kinds = [0, 1, 2, 3].map(|port| card.kind(PortId(port)));
    assert_eq!(kinds, [PortKind::Fxs, PortKind::Fxo, PortKind::Absent, PortKind::Fxo]);
    served.wires.hold().ringing[3] = 75.0;
    let mut rung = false;
    run_until(&mut card, |card| {
        while let Some((port, condition)) = card.poll_condition() {
            rung |= port == PortId(3) && matches!(condition, PortCondition::Fxo { ringing: true, .. });
        }
        rung
    });
}

/// Sends into looped lines for `ticks` ticks of the wall clock, with a stall of 20 ms in every thousand. Returns the
/// sound heard and the ticks counted as sent too late; `None` if this machine stalled for longer than the ring.
fn talk(card: &mut Tdm400p, ticks: usize) -> Option<(Vec<[Frame; 4]>, u64)> {
    let before = card.counters();
    let mut heard: Vec<[Frame; 4]> = Vec::new();
    let mut next_stall = 500;
    // Ten times the time of the ticks, for a machine that does other things as well.
    let limit = Limit::of(Duration::from_millis(10 * ticks as u64));
    while heard.len() < ticks {
        limit.left("the ticks of a running card");
        let stalls = heard.len() >= next_stall;
        next_stall += if stalls { 1000 } else { 0 };
        thread::sleep(Duration::from_millis(if stalls { 20 } else { 1 }));
        for _ in 0..card.poll().unwrap() {
            let mut received = [[0; 8]; 4];
            card.exchange(&mut received, &mut [[0; 8]; 4], &said(heard.len() as u64));
            heard.push(received);
        }
    }
    let after = card.counters();
    (after.lost_samples == before.lost_samples).then_some((heard, after.underrun_ticks - before.underrun_ticks))
}

#[test]
fn no_sample_is_lost_or_doubled_while_the_wall_clock_runs() {
    let served = Served::new("xxoo");
    let mut card = served.card();
    served.wires.hold().lifted = [true; 4];
    bring_up(&mut card);
    card.command(PortId(2), PortCommand::Hook(true));
    card.command(PortId(3), PortCommand::Hook(true));
    let settled = Instant::now();
    run_until(&mut card, |_| settled.elapsed() > Duration::from_millis(800));

    // A machine so busy that it stalls us for longer than the ring gets another chance: what is lost then is counted,
    // and has a test of its own.
    let mut talks = (0..5).filter_map(|_| talk(&mut card, 2000));
    let (heard, late) = talks.next().expect("this machine stalls for more than 128 ms again and again");
    // What is said into the loop comes back after a fixed time, unless its time was missed: then idle came back.
    let mut silent = 0;
    for (tick, frames) in heard.iter().enumerate().skip(LOOP_TICKS) {
        if *frames == idle() {
            silent += 1;
        } else {
            assert_eq!(*frames, said((tick - LOOP_TICKS) as u64), "tick {tick}");
        }
    }
    // The count goes by the position at the beginning of a service, so it may fall short by what was late within one.
    assert!(late > 0, "stalls of 20 ms are counted");
    assert!(silent < 1500, "{silent} ticks of 2000 were late: nothing has been tested");
    assert_eq!(card.counters().bus_errors, 0);
}

#[test]
fn a_register_access_waits_once_however_many_there_are() {
    let served = Served::new("----");
    let mut function = VfioUser::connect(&served.path, DEADLINE).unwrap();
    let scratch = 0xc4;
    let mut accesses = Vec::new();
    for value in 0..=255 {
        accesses.push(Access::Write8 { bar: Bar(1), offset: scratch, value });
        accesses.push(Access::Read8 { bar: Bar(1), offset: scratch, value: 0 });
    }
    function.transact(&mut accesses).unwrap();
    for pair in accesses.chunks(2) {
        let [Access::Write8 { value: wrote, .. }, Access::Read8 { value: read, .. }] = pair else { unreachable!() };
        assert_eq!(wrote, read);
    }
    function.write32(Bar(1), 0x18, 0x1234_5678).unwrap();
    assert_eq!(function.read32(Bar(1), 0x18).unwrap(), 0x1234_5678);
    let error = function.read8(Bar(1), 4096).unwrap_err();
    assert!(matches!(error.kind, PciErrorKind::OutOfRange), "{error}");
    let error = function.read8(Bar(3), 0).unwrap_err();
    assert!(matches!(error.kind, PciErrorKind::OutOfRange), "{error}");
}

#[test]
fn an_interrupt_arrives_and_fires_again_once_let() {
    let served = Served::new("----");
    let mut function = VfioUser::connect(&served.path, DEADLINE).unwrap();
    let event = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).unwrap();
    assert!(function.irq_arm(event.as_fd()).unwrap(), "the card has an interrupt pin");
    let waits = |ms: u16| {
        let mut poll = [nix::poll::PollFd::new(event.as_fd(), nix::poll::PollFlags::POLLIN)];
        let ready = nix::poll::poll(&mut poll, ms).unwrap() == 1;
        if ready {
            event.read().unwrap();
        }
        ready
    };
    // Rings of 16 words, as the kernel's driver has them, and every event enabled: two a millisecond pair.
    let buffer = function.dma_alloc(4096).unwrap();
    let base = buffer.address();
    for (register, offset) in [(0x08, 0), (0x0c, 28), (0x10, 60), (0x18, 64), (0x1c, 92), (0x20, 124)] {
        function.write32(Bar(1), register, base + offset).unwrap();
    }
    function.write8(Bar(1), 0x00, 0x41).unwrap();
    function.write8(Bar(1), 0x04, 0x3f).unwrap();
    function.write8(Bar(1), 0x01, 0x01).unwrap();
    assert!(waits(1000), "the first interrupt");
    assert!(!waits(20), "masked until it is let fire again");
    for _ in 0..5 {
        let events = function.read8(Bar(1), 0x06).unwrap();
        assert_ne!(events, 0);
        function.write8(Bar(1), 0x06, events).unwrap();
        function.irq_unmask().unwrap();
        assert!(waits(1000), "and the next");
    }
}

#[test]
fn what_is_not_a_card_is_told_so() {
    let nowhere = socket_path();
    let error = VfioUser::connect(&nowhere, DEADLINE).err().expect("nothing is there");
    assert!(matches!(error.kind, PciErrorKind::Io(_)), "{error}");

    let error = VfioUser::connect(Path::new("/dev/null"), DEADLINE).err().expect("no socket");
    assert!(error.to_string().contains("not a socket"), "{error}");

    // One that hangs up, one that says nothing, one that speaks something else.
    for (behaviour, patience, expected) in [
        ("hang up", DEADLINE, "hung up"),
        ("be silent", Duration::from_millis(100), "did not answer"),
        ("HTTP/1.1 400 Bad Request\r\n", DEADLINE, "came message"),
    ] {
        let path = socket_path();
        let listener = UnixListener::bind(&path).unwrap();
        let other = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            match behaviour {
                "hang up" => {}
                "be silent" => thread::sleep(3 * patience),
                words => {
                    std::io::Write::write_all(&mut stream, words.as_bytes()).unwrap();
                    thread::sleep(Duration::from_millis(100));
                }
            }
        });
        let error = VfioUser::connect(&path, patience).err().expect("this is no card");
        let fits = matches!(error.kind, PciErrorKind::Protocol(_))
            || behaviour == "hang up" && matches!(error.kind, PciErrorKind::Busy(_));
        assert!(fits, "{behaviour}: {error}");
        assert!(error.to_string().contains(expected), "{behaviour}: {error}");
        other.join().unwrap();
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_second_driver_is_turned_away_with_a_sentence() {
    let served = Served::new("----");
    let _first = VfioUser::connect(&served.path, DEADLINE).unwrap();
    let error = VfioUser::connect(&served.path, DEADLINE).err().expect("the card is taken");
    assert!(matches!(error.kind, PciErrorKind::Busy(_)), "{error}");
}

/// The card's process: this test program, started once more with only the test below.
struct CardProcess(Child);

impl CardProcess {
    fn start(path: &Path) -> CardProcess {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "socket::serve_in_a_process_of_its_own", "--ignored", "--nocapture"])
            .env(SOCKET_VARIABLE, path)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while VfioUser::connect(path, DEADLINE).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(10), "the card's process does not serve");
            thread::sleep(Duration::from_millis(5));
        }
        CardProcess(child)
    }
}

impl Drop for CardProcess {
    fn drop(&mut self) {
        // SIGKILL: the socket's path stays behind, as after a crash.
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
#[ignore = "not a test: the card's process of the test below"]
fn serve_in_a_process_of_its_own() {
    let Some(path) = std::env::var_os(SOCKET_VARIABLE) else { return };
    let mut server = Server::bind(Path::new(&path), Box::new(rig::card("xxoo", &Wires::handle()))).unwrap();
    server.run(Clock::Wall, &AtomicBool::new(false)).unwrap();
}

/// An event sink that discards all events.
pub struct Discard;

impl EventSink for Discard {
    fn line_event(&mut self, _now: Tick, _channel: ChannelId, _event: LineEvent) -> Acceptance {
        Acceptance::Accepted
    }

    fn media_event(&mut self, _now: Tick, _event: MediaEvent) {}

    fn command_refused(&mut self, _now: Tick, _refused: CommandRefused) {}

    fn tick(&mut self, _now: Tick) {}
}

#[test]
fn a_card_whose_process_stands_still_does_not_hold_up_another() {
    let path = socket_path();
    let process = CardProcess::start(&path);
    let served = Served::new("xxoo");
    let cards: Vec<Box<dyn Card>> = vec![Box::new(open(&path)), Box::new(served.card())];
    let (_commands, commands_end) = queue(1);
    let (mut engine, mut ends) = Engine::new(cards, EngineSettings::new(&CHINA), commands_end, Discard);
    let counters = ends.counters.clone();
    // Wake-ups, a millisecond apart, until `done`; far within the limit, on any machine.
    let mut wakes_until = |done: &mut dyn FnMut() -> bool| {
        let found = (0..60_000).find(|_| {
            thread::sleep(Duration::from_millis(1));
            engine.step_once(1);
            done()
        });
        found.expect("it comes about within a minute")
    };
    wakes_until(&mut || counters.card(0).ticks > 100 && counters.card(1).ticks > 100);

    let pid = nix::unistd::Pid::from_raw(process.0.id() as i32);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGSTOP).unwrap();
    let before = counters.card(1);
    let mut said = None;
    let wakes = wakes_until(&mut || {
        said = ends.troubles.pop();
        said.is_some()
    });
    let said = said.unwrap().to_string();
    assert!(said.starts_with("board 0:") && said.contains("no answer came in time"), "{said}");
    // Waiting for the card until its deadline, the engine would have been woken a few times.
    assert!(wakes > 900, "{wakes} wake-ups until the card counts as gone");
    let after = counters.card(1);
    let lived = after.ticks - before.ticks + (after.lost_samples - before.lost_samples) / 8;
    assert!(lived > 800, "the other card was served meanwhile: {lived} ticks");

    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGCONT).unwrap();
    wakes_until(&mut || counters.card(0).reattached == 1);
    drop(process);
    let _ = std::fs::remove_file(&path);
}

#[test]
fn a_card_whose_process_dies_fails_and_is_attached_again() {
    let path = socket_path();
    let first = CardProcess::start(&path);
    let mut card = open(&path);
    bring_up(&mut card);
    while card.poll_condition().is_some() {}

    drop(first);
    let errors = run_until(&mut card, |card| card.state() == CardState::Failed);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(errors[0].contains("the card is gone"), "{errors:?}");
    let reported: Vec<_> = std::iter::from_fn(|| card.poll_condition()).collect();
    for port in 0..4 {
        assert!(reported.contains(&(PortId(port), PortCondition::Service(PortKind::Broken))), "{reported:?}");
    }
    // Services go on, at once and in vain.
    let begun = Instant::now();
    for _ in 0..1000 {
        assert_eq!(card.poll().unwrap(), 0);
    }
    assert!(begun.elapsed() < Duration::from_millis(500), "a service of a failed card does not wait");

    let second = CardProcess::start(&path);
    let errors = run_until(&mut card, |card| card.state() == CardState::Running);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(card.counters().reattached, 1);
    let reported: Vec<_> = std::iter::from_fn(|| card.poll_condition()).collect();
    assert!(reported.contains(&(PortId(0), PortCondition::Service(PortKind::Fxs))), "{reported:?}");
    assert!(reported.contains(&(PortId(3), PortCondition::Service(PortKind::Fxo))), "{reported:?}");
    drop(second);
    let _ = std::fs::remove_file(&path);
}

//! A card served by its interrupt: woken by it, and every millisecond between by the timer; late, lost or spurious, and
//! in stalls, no sample goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tipring_driver::card::tdm400p::{Settings, Tdm400p};
use tipring_driver::card::{Card, CardCounters, CardState, Frame, PortCommand};
use tipring_driver::country::CHINA;
use tipring_driver::engine::{Engine, Settings as EngineSettings};
use tipring_driver::ids::PortId;
use tipring_driver::pci::attach::Interrupt;
use tipring_driver::pci::reopen::Never;
use tipring_driver::pci::vfio_user::{DEADLINE, VfioUser};
use tipring_driver::spsc::queue;
use tipring_hw_sim::fault::{Fault, Planned};
use tipring_hw_sim::vfio_user::{Clock, Server};
use tipring_tests::Limit;
use tipring_tools::config::{SiteConfig, TEMPLATE};
use tipring_tools::run::cards::{self, Opened};
use tipring_tools::run::site::line_settings;

use crate::rig::{Rig, card};
use crate::socket::{Discard, Served as OnSocket, socket_path};
use crate::sound::{idle, said, silent_ticks};
use crate::wires::Wires;

/// Beginning of the faults of these tests: the card is up and its loops are closed.
const FAULTS_FROM: u64 = 4000;

/// Milliseconds between two interrupts of the usual ring.
const PERIOD: u64 = 32;

/// A card served by interrupt, and the thread that serves it, on virtual time.
struct Served {
    rig: Rig,
    line: Interrupt,
    /// Milliseconds for which the thread does not come.
    away: u64,
    /// Interrupts that came.
    fired: u64,
}

impl Served {
    fn new(faults: Vec<Planned>) -> Served {
        let (settings, line) = (Settings::default(), Interrupt::new().unwrap());
        let rig = Rig::attached("xxoo", settings, settings.needs().with_interrupt(line.clone()), faults);
        let mut served = Served { rig, line, away: 0, fired: 0 };
        while served.rig.card.state() != CardState::Running {
            assert!(served.rig.errors.is_empty() && served.rig.ms < 3000, "{:?}", served.rig.errors);
            served.step(&mut silence);
        }
        served.rig.wires.hold().lifted = [true; 4];
        for port in [2, 3] {
            served.rig.card.command(PortId(port), PortCommand::Hook(true));
        }
        while served.rig.ms < FAULTS_FROM {
            served.step(&mut silence);
        }
        served
    }

    /// A millisecond: the card lives it, and is looked at.
    fn step(&mut self, exchange: &mut impl FnMut(&mut Rig)) {
        self.rig.slot.lock().step();
        self.rig.ms += 1;
        if self.away > 0 {
            self.away -= 1;
            return;
        }
        self.fired += u64::from(self.line.look());
        match self.rig.card.poll() {
            Ok(ticks) => (0..ticks).for_each(|_| exchange(&mut self.rig)),
            Err(error) => self.rig.errors.push(error),
        }
        while self.rig.card.poll_condition().is_some() {}
    }

    /// Talks into the closed loops for `ms` milliseconds; in each, the thread misses as many as `away` gives for it.
    /// Returns the sound heard and the counters' increase.
    fn talk(&mut self, ms: u64, away: impl Fn(u64) -> u64) -> (Vec<[Frame; 4]>, CardCounters) {
        let mut heard = Vec::new();
        let before = self.rig.card.counters();
        for at in 0..ms {
            self.away += away(at);
            self.step(&mut |rig| {
                let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
                rig.card.exchange(&mut received, &mut played, &said(heard.len() as u64));
                heard.push(received);
            });
        }
        assert!(self.rig.errors.is_empty(), "{:?}", self.rig.errors);
        let after = self.rig.card.counters();
        let counted = CardCounters {
            missed_interrupts: after.missed_interrupts - before.missed_interrupts,
            spurious_interrupts: after.spurious_interrupts - before.spurious_interrupts,
            lost_samples: after.lost_samples - before.lost_samples,
            underrun_ticks: after.underrun_ticks - before.underrun_ticks,
            ..after
        };
        (heard, counted)
    }
}

/// Serves a tick in silence and drops the received sound.
fn silence(rig: &mut Rig) {
    rig.card.exchange(&mut idle(), &mut idle(), &idle());
}

/// Checks that the sent octets come back in order: none lost, none twice, none too late.
fn assert_true(heard: &[[Frame; 4]], ms: u64, counted: &CardCounters) {
    assert_eq!((counted.lost_samples, counted.underrun_ticks), (0, 0));
    assert!(heard.len() as u64 + 6 >= ms, "{} of {ms} ticks", heard.len());
    let lag = heard.iter().position(|frames| *frames == said(0)).expect("the loop is closed");
    assert!(lag <= 16 && heard[..lag].iter().all(|frames| *frames == idle()), "{lag} ticks");
    for (tick, frames) in heard.iter().skip(lag).enumerate() {
        assert_eq!(*frames, said(tick as u64), "tick {tick}");
    }
}

/// Never away.
fn in_time(_at: u64) -> u64 {
    0
}

#[test]
fn a_card_interrupts_twice_a_lap_of_its_ring_and_sound_is_true() {
    let mut served = Served::new(vec![]);
    let before = served.fired;
    let (heard, counted) = served.talk(4000, in_time);
    assert_true(&heard, 4000, &counted);
    assert_eq!(served.fired - before, 4000 / PERIOD);
    assert_eq!((counted.missed_interrupts, counted.spurious_interrupts), (0, 0));
}

#[test]
fn by_interrupt_a_stall_of_20_ms_every_second_loses_nothing_and_replays_nothing() {
    let mut served = Served::new(vec![]);
    let (heard, counted) = served.talk(10_000, |at| if at % 1000 == 500 { 20 } else { 0 });
    assert_eq!(counted.lost_samples, 0);
    assert!(heard.len() >= 9_999, "every tick was received");
    let silent = silent_ticks(&heard);
    assert_eq!(counted.underrun_ticks, silent, "each idle tick was counted");
    assert!((100..=200).contains(&silent), "{silent} idle ticks for ten stalls of 20 ms");
    assert_eq!(counted.missed_interrupts, 0, "who comes late has not missed what came meanwhile");
}

#[test]
fn a_lost_interrupt_is_counted_and_costs_no_sample() {
    let lost = Planned { from_ms: FAULTS_FROM, ..Planned::at_random(Fault::LostInterrupt, 0.2) };
    let mut served = Served::new(vec![lost]);
    let (heard, counted) = served.talk(4000, in_time);
    assert_true(&heard, 4000, &counted);
    assert!((10..45).contains(&counted.missed_interrupts), "{} of 125 missed", counted.missed_interrupts);
    assert_eq!(counted.spurious_interrupts, 0);
}

#[test]
fn without_any_interrupt_the_card_is_served_by_the_timer() {
    for fault in [Fault::LostInterrupt, Fault::LateInterrupt] {
        let mut served = Served::new(vec![Planned::during(fault, FAULTS_FROM, 2000)]);
        let (heard, counted) = served.talk(4000, in_time);
        assert_true(&heard, 4000, &counted);
        assert!((61..=64).contains(&counted.missed_interrupts), "{fault:?}: {}", counted.missed_interrupts);
    }
}

#[test]
fn late_interrupts_cost_no_sample() {
    let late = Planned { from_ms: FAULTS_FROM, ..Planned::at_random(Fault::LateInterrupt, 0.5) };
    let mut served = Served::new(vec![late]);
    let (heard, counted) = served.talk(4000, in_time);
    assert_true(&heard, 4000, &counted);
    assert!(counted.missed_interrupts > 10, "{}", counted.missed_interrupts);
}

#[test]
fn spurious_interrupts_are_counted_and_a_stuck_line_does_not_take_the_processor() {
    let spurious = Planned { from_ms: FAULTS_FROM, ..Planned::at_random(Fault::SpuriousInterrupt, 0.1) };
    let mut served = Served::new(vec![spurious]);
    let (heard, counted) = served.talk(4000, in_time);
    assert_true(&heard, 4000, &counted);
    assert!(counted.spurious_interrupts > 100, "{}", counted.spurious_interrupts);

    let mut served = Served::new(vec![Planned::during(Fault::SpuriousInterrupt, FAULTS_FROM, 2000)]);
    let before = served.fired;
    let (heard, counted) = served.talk(4000, in_time);
    assert_true(&heard, 4000, &counted);
    assert!(counted.spurious_interrupts > 100, "{}", counted.spurious_interrupts);
    let fired = served.fired - before;
    assert!(fired <= 1000 + 2000 / PERIOD + 20, "every other millisecond while it is stuck: {fired}");
}

#[test]
fn looked_at_by_its_interrupt_alone_a_strict_chip_loses_no_event_and_no_sample() {
    // The chip forgets events after a frame unless bit 6 of CNTL latches them.
    let (settings, line) = (Settings::default(), Interrupt::new().unwrap());
    let needs = settings.needs().with_interrupt(line.clone());
    let mut rig = Rig::of(|card| card.with_strict_events(), "x--o", settings, needs);
    rig.bring_up();
    let mut looks = 0;
    for _ in 0..400 {
        rig.slot.lock().step();
        if line.look() {
            looks += 1;
            let ticks = rig.card.poll().unwrap();
            (0..ticks).for_each(|_| silence(&mut rig));
        }
    }
    let counters = rig.card.counters();
    assert!((12..=13).contains(&looks), "{looks} looks");
    assert_eq!((counters.missed_interrupts, counters.lost_samples), (0, 0));
    assert!((400 - PERIOD - 2..=400).contains(&counters.ticks), "{}", counters.ticks);
}

#[test]
fn a_board_of_a_site_is_served_by_interrupt_over_its_socket() {
    let served = OnSocket::new("xxoo");
    let board = format!("card = \"socket:{}\"\nservice = \"interrupt\"\n", served.path.display());
    let text = TEMPLATE
        .replace("card = \"socket:card.sock\"\n", &board)
        .replace("receive_ring_ms = 64\ntransmit_ahead_ms = 4\n", "");
    let site = SiteConfig::parse(&text).unwrap();
    let Opened { cards, mut pace, found, .. } =
        cards::open_all(&site.boards, line_settings(site.country).unwrap()).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("is open"), "{found:?}");
    let (_commands, commands_end) = queue(1);
    let (mut engine, ends) = Engine::new(cards, EngineSettings::new(&CHINA), commands_end, Discard);
    // However slow this machine is, the interrupts come, and the ticks with them.
    let counted = || ends.counters.card(0);
    let limit = Limit::of(Duration::from_secs(60));
    while counted().ticks < 1000 {
        limit.left("the first thousand ticks");
        engine.step_once(pace.wait());
    }
    let before = counted();
    while counted().ticks < before.ticks + 1000 {
        limit.left("the second thousand ticks");
        engine.step_once(pace.wait());
    }
    let missed = counted().missed_interrupts - before.missed_interrupts;
    assert!(missed < 16, "{missed} of some 31 interrupts were missed");
    assert_eq!(ends.counters.engine().troubles_lost, 0);
    engine.stop();
}

#[test]
fn a_driver_slower_than_the_wall_clock_loses_nothing_on_the_driven_clock_by_interrupt() {
    let (path, wires) = (socket_path(), Wires::handle());
    let mut server = Server::bind(&path, Box::new(card("xxoo", &wires))).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = std::thread::spawn(move || server.run(Clock::Driven, &stopped).unwrap());
    let (settings, line) = (Settings::default(), Interrupt::new().unwrap());
    let needs = settings.needs().with_interrupt(line.clone());
    let attached = needs.attach(Box::new(VfioUser::connect(&path, DEADLINE).unwrap())).unwrap();
    let mut card = Tdm400p::new(attached, Box::new(Never), settings);
    let mut looks = 0;
    let limit = Limit::of(Duration::from_secs(60));
    while looks < 400 {
        limit.left("400 services of a running card");
        // As under emulation: several milliseconds on the wall for what should take one.
        std::thread::sleep(Duration::from_millis(if card.state() == CardState::Running { 4 } else { 1 }));
        line.look();
        let ticks = card.poll().unwrap();
        (0..ticks).for_each(|_| {
            card.exchange(&mut idle(), &mut idle(), &idle());
        });
        looks += u64::from(card.state() == CardState::Running);
    }
    let counters = card.counters();
    assert_eq!((counters.lost_samples, counters.underrun_ticks), (0, 0), "{counters}");
    assert!((300..=401).contains(&counters.ticks), "a millisecond a look: {counters}");
    card.stop();
    stop.store(true, Ordering::Relaxed);
    drop(card);
    thread.join().unwrap();
}

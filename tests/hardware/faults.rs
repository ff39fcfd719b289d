//! Every fault that the simulated card can have, one by one: what the driver must say of it, how soon, and how it
//! recovers.
//!
//! One table. A fault that is new in the simulator does not compile here until it has a name in [`name`], and fails
//! until it has a row.

use std::collections::BTreeSet;

use tipring_driver::card::tdm400p::{ModuleFault, Settings};
use tipring_driver::card::{Card, CardError, CardState, Frame, Law, PortCommand, PortCondition, PortKind};
use tipring_driver::dsp::g711;
use tipring_driver::ids::PortId;
use tipring_driver::pci::attach::Interrupt;
use tipring_hw_sim::fault::{Fault, Planned};

use crate::rig::Rig;
use crate::wires::Voice;

/// Beginning of faults in service, in milliseconds: the card is up, telephones lifted, lines seized.
const FROM: u64 = 4000;
/// A module that failed in service is looked for again after 5 s, and brought up within 3.
const BACK: u64 = 8500;
/// The moment of proof for one that must feed its line for 2 s first.
const PROVED: u64 = BACK + 2500;
/// The effective value of 0 dBm0 at the scale of samples: 3.14 dB below that of a sine at full scale, 32,256 as A-law
/// has it.
const DBM0_RMS: f64 = 16_141.0;

/// Condition of a card and the sound it receives, since a row's fault began.
struct Witness {
    rig: Rig,
    line: Option<Interrupt>,
    errors: Vec<CardError>,
    conditions: Vec<(PortId, PortCondition)>,
    /// The newest condition of each port, other than service ones.
    newest: [Option<PortCondition>; 4],
    /// The last quarter of a second heard at each port.
    heard: [Vec<i16>; 4],
    /// Sound that the driver sends on all ports.
    says: Voice,
}

/// An observable effect.
type Sign = fn(&Witness) -> bool;

/// A fault, and what must come of it.
struct Row {
    fault: Fault,
    /// From this millisecond.
    from: u64,
    /// Duration in ms; 0 for as long as the row runs.
    lasts: u64,
    /// Sound of the far ends of the wires: peak and frequency.
    far: Voice,
    /// Expected effect: its name, its predicate, and the latest time after the beginning, in ms.
    seen: (&'static str, Sign, u64),
    /// Expected effect after the end of the fault, and the latest time after it, in ms.
    over: Option<(Sign, u64)>,
    /// Nothing received may be lost meanwhile.
    lossless: bool,
}

impl Row {
    /// A fault in service that leaves the card running.
    fn in_service(fault: Fault, lasts: u64, seen: (&'static str, Sign, u64)) -> Row {
        Row { fault, from: FROM, lasts, far: Voice::default(), seen, over: None, lossless: true }
    }

    fn over(self, sign: Sign, within: u64) -> Row {
        Row { over: Some((sign, within)), ..self }
    }

    /// The fault of this row, at the start.
    fn at_the_start(self) -> Row {
        Row { from: 0, ..self }
    }

    /// A row in which the card itself fails: what comes in while it is away is not received.
    fn lossy(self) -> Row {
        Row { lossless: false, ..self }
    }

    fn with_far_end(self, peak: f32, hertz: f32) -> Row {
        Row { far: Voice::new(peak, hertz), ..self }
    }
}

fn table() -> Vec<Row> {
    let row = Row::in_service;
    vec![
        row(Fault::LateInterrupt, 70, ("it is missed and counted", |w| w.counters().missed_interrupts > 0, 40)),
        row(Fault::LostInterrupt, 70, ("it is missed and counted", |w| w.counters().missed_interrupts > 0, 40)),
        row(Fault::SpuriousInterrupt, 40, ("it is counted", |w| w.counters().spurious_interrupts > 0, 10)),
        row(Fault::MasterAbort, 1, ("it is counted", |w| w.counters().bus_errors == 1, 2)),
        row(Fault::TargetAbort, 1, ("it is counted", |w| w.counters().bus_errors == 1, 2)),
        row(Fault::MasterAbort, 200, ("BusAbort", |w| matches!(w.errors[..], [CardError::BusAbort]), 55))
            .over(Witness::is_attached_again, 4000)
            .lossy(),
        row(Fault::TargetAbort, 200, ("BusAbort", |w| matches!(w.errors[..], [CardError::BusAbort]), 55))
            .over(Witness::is_attached_again, 4000)
            .lossy(),
        row(Fault::StuckSerial { level: true }, 600, ("all modules Silent", |w| w.all(Witness::is_silent), 300))
            .over(|w| w.all(Witness::is_back), 2 * BACK),
        row(Fault::StuckSerial { level: false }, 600, ("all modules Silent", |w| w.all(Witness::is_silent), 600))
            .over(|w| w.all(Witness::is_back), 2 * BACK),
        row(
            Fault::StuckSerial { level: true },
            0,
            ("NoModules", |w| matches!(w.errors[..], [CardError::NoModules]), 3000),
        )
        .at_the_start()
        .lossy(),
        row(Fault::DeadModule { port: 1 }, 500, ("Silent", |w| w.is_silent(1), 200)).over(|w| w.is_back(1), BACK),
        row(Fault::DeadModule { port: 3 }, 500, ("Silent", |w| w.is_silent(3), 200)).over(|w| w.is_back(3), BACK),
        row(Fault::BrownOut { port: 1 }, 1, ("out of service", |w| w.is_broken(1), 100)).over(|w| w.is_back(1), 1500),
        row(Fault::BrownOut { port: 2 }, 1, ("out of service", |w| w.is_broken(2), 100)).over(|w| w.is_back(2), 1500),
        row(Fault::NoLinePower { port: 0 }, 0, ("NoSupply", |w| w.is_without_supply(0), 4000)).at_the_start(),
        row(Fault::NoLinePower { port: 1 }, 3000, ("NoSupply", |w| w.is_without_supply(1), 1500))
            .over(|w| w.is_back(1), BACK),
        row(
            Fault::EndlessCalibration { port: 0 },
            0,
            ("NotCalibrated", |w| matches!(w.fault(0), Some(ModuleFault::NotCalibrated { .. })), 12_000),
        )
        .at_the_start(),
        row(
            Fault::BadRegister { port: 0, register: 82, bits: 0xc0 },
            0,
            ("NoSupply", |w| w.is_without_supply(0), 4000),
        )
        .at_the_start(),
        row(
            Fault::BadRegister { port: 3, register: 11, bits: 0xf0 },
            0,
            ("NoLineSide", |w| matches!(w.fault(3), Some(ModuleFault::NoLineSide { .. })), 6000),
        )
        .at_the_start(),
        row(
            Fault::BadMemory { port: 0, address: 21, bits: 0x0100 },
            0,
            (
                "IndirectMismatch",
                |w| {
                    let seen = ModuleFault::IndirectMismatch { address: 21, wrote: 0x0160, read: 0x0060 };
                    w.is_broken(0) && w.fault(0) == Some(&seen)
                },
                8000,
            ),
        )
        .at_the_start(),
        row(
            Fault::EndlessIndirect { port: 1 },
            0,
            ("IndirectBusy", |w| w.is_broken(1) && w.fault(1) == Some(&ModuleFault::IndirectBusy { status: 1 }), 4000),
        )
        .at_the_start(),
        row(
            Fault::Unbalanced { port: 0, current: 5 },
            0,
            ("NotBalanced", |w| w.is_broken(0) && w.fault(0) == Some(&ModuleFault::NotBalanced { current: 5 }), 12_000),
        )
        .at_the_start(),
        row(
            Fault::Unbalanced { port: 0, current: 0 },
            0,
            ("in service, balanced by hand", |w| w.is_in_service(0) && w.fault(0).is_none(), 12_000),
        )
        .at_the_start(),
        row(
            Fault::UnsoundConverter { port: 0 },
            0,
            ("in service, with the usual value", |w| w.is_in_service(0) && w.fault(0).is_none(), 4000),
        )
        .at_the_start(),
        row(Fault::StoppedClock, 400, ("Stalled", |w| matches!(w.errors[..], [CardError::Stalled { .. }]), 300))
            .over(Witness::is_attached_again, 4000)
            .lossy(),
        row(Fault::ShortCircuit { port: 1 }, 60, ("a power alarm", |w| w.is_alarmed(1), 60))
            .over(|w| !w.is_alarmed(1), 500),
        row(Fault::ShortCircuit { port: 1 }, 20_000, ("PowerAlarm", |w| w.has_alarmed_too_often(1), 4000))
            .over(|w| w.is_back(1), PROVED),
        row(Fault::Overheating { port: 0 }, 20_000, ("PowerAlarm", |w| w.has_alarmed_too_often(0), 12_000))
            .over(|w| w.is_back(0), PROVED),
        row(Fault::CutLine { port: 2 }, 500, ("no voltage", |w| w.volts(2) == Some(0), 100))
            .over(|w| w.volts(2).is_some_and(|volts| volts != 0), 100),
        row(
            Fault::LinkLoss { port: 3 },
            500,
            ("NoLineSide", |w| w.is_broken(3) && matches!(w.fault(3), Some(ModuleFault::NoLineSide { .. })), 300),
        )
        .over(|w| w.is_back(3), BACK),
        row(
            Fault::Noise { port: 2, level_dbm0: -30.0 },
            1000,
            ("noise at its level, within a decibel", |w| (w.level_dbm0(2) + 30.0).abs() < 1.0, 500),
        )
        .over(|w| w.level_dbm0(2) < -60.0, 500),
        row(
            Fault::Echo { port: 1, loss_db: 12.0, delay_samples: 40 },
            1000,
            ("what is said, 12 dB weaker", |w| (w.level_dbm0(1) - w.said_dbm0() + 12.0).abs() < 0.5, 500),
        )
        .over(|w| w.level_dbm0(1) < -60.0, 500),
        row(
            Fault::FrequencyOffset { port: 3, hertz: 20.0 },
            1000,
            ("1000 Hz at 1020 Hz", |w| (w.crossings_a_second(3) / 2.0 - 1020.0).abs() < 5.0, 500),
        )
        .with_far_end(8000.0, 1000.0)
        .over(|w| (w.crossings_a_second(3) / 2.0 - 1000.0).abs() < 5.0, 500),
        row(
            Fault::Clipping { port: 0, peak: 4000 },
            1000,
            ("a peak of 4000, within a step of the law", |w| (3850..=4150).contains(&w.peak(0)), 500),
        )
        .with_far_end(16_000.0, 500.0)
        .over(|w| w.peak(0) > 15_000, 500),
    ]
}

/// The name of a fault. A new one is to be given a name here, one in [`NAMES`], and a row.
fn name(fault: &Fault) -> &'static str {
    match *fault {
        Fault::LateInterrupt => "late interrupt",
        Fault::LostInterrupt => "lost interrupt",
        Fault::SpuriousInterrupt => "spurious interrupt",
        Fault::MasterAbort => "master abort",
        Fault::TargetAbort => "target abort",
        Fault::StuckSerial { .. } => "stuck serial line",
        Fault::DeadModule { .. } => "dead module",
        Fault::BrownOut { .. } => "brown-out",
        Fault::NoLinePower { .. } => "no line power",
        Fault::EndlessCalibration { .. } => "endless calibration",
        Fault::BadRegister { .. } => "bad register",
        Fault::BadMemory { .. } => "bad memory",
        Fault::EndlessIndirect { .. } => "endless indirect access",
        Fault::Unbalanced { .. } => "unbalanced line driver",
        Fault::UnsoundConverter { .. } => "unsound converter",
        Fault::StoppedClock => "stopped clock",
        Fault::ShortCircuit { .. } => "short circuit",
        Fault::Overheating { .. } => "overheating",
        Fault::CutLine { .. } => "cut line",
        Fault::LinkLoss { .. } => "link loss",
        Fault::Noise { .. } => "noise",
        Fault::Echo { .. } => "echo",
        Fault::FrequencyOffset { .. } => "frequency offset",
        Fault::Clipping { .. } => "clipping",
    }
}

const NAMES: [&str; 24] = [
    "late interrupt",
    "lost interrupt",
    "spurious interrupt",
    "master abort",
    "target abort",
    "stuck serial line",
    "dead module",
    "brown-out",
    "no line power",
    "endless calibration",
    "bad register",
    "bad memory",
    "endless indirect access",
    "unbalanced line driver",
    "unsound converter",
    "stopped clock",
    "short circuit",
    "overheating",
    "cut line",
    "link loss",
    "noise",
    "echo",
    "frequency offset",
    "clipping",
];

#[test]
fn every_fault_ends_in_a_named_error_or_a_recovery_when_served_by_position() {
    let of_interrupts = |row: &Row| name(&row.fault).contains("interrupt");
    table().iter().filter(|row| !of_interrupts(row)).for_each(|row| judge(row, false));
}

#[test]
fn every_fault_ends_in_a_named_error_or_a_recovery_when_served_by_interrupt() {
    table().iter().for_each(|row| judge(row, true));
}

#[test]
fn every_fault_has_a_row() {
    let rows: BTreeSet<_> = table().iter().map(|row| name(&row.fault)).collect();
    assert_eq!(rows, BTreeSet::from(NAMES));
}

fn judge(row: &Row, by_interrupt: bool) {
    let what =
        format!("{:?} for {} ms, {}", row.fault, row.lasts, if by_interrupt { "by interrupt" } else { "by position" });
    let mut witness = Witness::new(row, by_interrupt);
    let (sign, seen, within) = row.seen;
    let took = witness.run_until(seen, within);
    assert!(took.is_some(), "{what}: {sign} was not seen within {within} ms. {}", witness.account());
    if let Some((over, within)) = row.over {
        while witness.rig.ms < row.from + row.lasts {
            witness.step();
        }
        let took = witness.run_until(over, within);
        assert!(took.is_some(), "{what}: not over within {within} ms of its end. {}", witness.account());
    }
    if let Some(port) = row.fault.port() {
        let services =
            witness.conditions.iter().filter(|(_, condition)| matches!(condition, PortCondition::Service(_)));
        let others: Vec<_> = services.filter(|(of, _)| usize::from(of.0) != port).collect();
        assert!(row.from == 0 || others.is_empty(), "{what}: other ports noticed: {others:?}");
    }
    if row.lossless {
        assert!(witness.errors.is_empty(), "{what}: {:?}", witness.errors);
        let counters = witness.counters();
        assert_eq!((counters.lost_samples, counters.underrun_ticks), (0, 0), "{what}");
    }
}

impl Witness {
    /// A card with this row's fault, brought as far as the fault's beginning.
    fn new(row: &Row, by_interrupt: bool) -> Witness {
        let lasts = (row.lasts > 0).then_some(row.lasts);
        let plan = vec![Planned { from_ms: row.from, for_ms: lasts, ..Planned::always(row.fault) }];
        let line = by_interrupt.then(|| Interrupt::new().unwrap());
        let settings = Settings::default();
        let needs = settings.needs();
        let needs = line.iter().cloned().fold(needs, |needs, line| needs.with_interrupt(line));
        let rig = Rig::attached("xxoo", settings, needs, plan);
        rig.wires.hold().voice = Some(row.far);
        let mut witness = Witness {
            rig,
            line,
            errors: Vec::new(),
            conditions: Vec::new(),
            newest: [None; 4],
            heard: Default::default(),
            says: Voice::new(8000.0, 700.0),
        };
        while witness.rig.ms + 1000 < row.from {
            witness.step();
        }
        if row.from > 0 {
            assert_eq!(witness.rig.card.state(), CardState::Running);
            // Port 1 stays on hook for what happens to a line that is fed and idle; an echo is heard by its telephone
            // only.
            witness.rig.wires.hold().lifted = [true, matches!(row.fault, Fault::Echo { .. }), false, false];
            for port in [2, 3] {
                witness.rig.card.command(PortId(port), PortCommand::Hook(true));
            }
        }
        while witness.rig.ms < row.from {
            witness.step();
        }
        witness.conditions.clear();
        witness
    }

    fn step(&mut self) {
        self.rig.slot.lock().step();
        self.rig.ms += 1;
        if let Some(line) = &self.line {
            line.look();
        }
        let ticks = self.rig.card.poll().unwrap_or_else(|error| {
            self.errors.push(error);
            0
        });
        for _ in 0..ticks {
            let (mut received, mut played) = ([[0; 8]; 4], [[0; 8]; 4]);
            let say: Frame = self.says.next().map(|sample| g711::encode(Law::A, sample));
            self.rig.card.exchange(&mut received, &mut played, &[say; 4]);
            for (heard, frame) in self.heard.iter_mut().zip(received) {
                heard.extend(frame.map(|octet| g711::decode(Law::A, octet)));
                heard.drain(..heard.len().saturating_sub(2000));
            }
        }
        while let Some((port, condition)) = self.rig.card.poll_condition() {
            self.conditions.push((port, condition));
            if !matches!(condition, PortCondition::Service(_)) {
                self.newest[usize::from(port.0)] = Some(condition);
            }
        }
    }

    /// Runs until the effect is seen. Returns its time in ms, or `None` after `within` ms.
    fn run_until(&mut self, sign: Sign, within: u64) -> Option<u64> {
        (0..=within).find(|_| {
            self.step();
            sign(self)
        })
    }

    fn account(&self) -> String {
        let faults = [0, 1, 2, 3].map(|port| self.fault(port));
        let kinds = [0, 1, 2, 3].map(|port| self.rig.card.kind(PortId(port)));
        let services = self.conditions.iter().filter(|(_, condition)| matches!(condition, PortCondition::Service(_)));
        let services: Vec<_> = services.collect();
        let levels = [0, 1, 2, 3].map(|port| self.level_dbm0(port));
        format!(
            "At {} ms: {:?}, {:?}, {kinds:?}, {faults:?}, service conditions {services:?}, {:?}, heard at {levels:.1?} dBm0",
            self.rig.ms,
            self.rig.card.state(),
            self.errors,
            self.counters()
        )
    }

    fn counters(&self) -> tipring_driver::card::CardCounters {
        self.rig.card.counters()
    }

    fn all(&self, of_port: impl Fn(&Witness, u8) -> bool) -> bool {
        (0..4).all(|port| of_port(self, port))
    }

    fn fault(&self, port: u8) -> Option<&ModuleFault> {
        self.rig.card.module_fault(PortId(port))
    }

    fn is_attached_again(&self) -> bool {
        self.rig.card.state() == CardState::Running
            && self.counters().reattached == 1
            && self.all(Witness::is_in_service)
    }

    fn is_in_service(&self, port: u8) -> bool {
        matches!(self.rig.card.kind(PortId(port)), PortKind::Fxs | PortKind::Fxo)
    }

    fn is_broken(&self, port: u8) -> bool {
        self.rig.card.kind(PortId(port)) == PortKind::Broken
    }

    /// Went out of service, came back, once and not in between, and works.
    fn is_back(&self, port: u8) -> bool {
        let conditions = self.conditions.iter().filter(|(of, _)| of.0 == port).map(|(_, condition)| *condition);
        let mut services = conditions.filter(|condition| matches!(condition, PortCondition::Service(_)));
        let in_service = PortCondition::Service(self.rig.card.kind(PortId(port)));
        self.is_in_service(port)
            && self.fault(port).is_none()
            && services.next() == Some(PortCondition::Service(PortKind::Broken))
            && services.filter(|condition| *condition != PortCondition::Service(PortKind::Broken)).eq([in_service])
    }

    fn is_silent(&self, port: u8) -> bool {
        self.is_broken(port) && self.fault(port) == Some(&ModuleFault::Silent)
    }

    fn is_without_supply(&self, port: u8) -> bool {
        self.is_broken(port) && matches!(self.fault(port), Some(ModuleFault::NoSupply { .. }))
    }

    fn has_alarmed_too_often(&self, port: u8) -> bool {
        self.is_broken(port) && self.fault(port) == Some(&ModuleFault::PowerAlarm)
    }

    fn is_alarmed(&self, port: u8) -> bool {
        matches!(self.newest[usize::from(port)], Some(PortCondition::Fxs { power_alarm: true, .. }))
    }

    fn volts(&self, port: u8) -> Option<i8> {
        match self.newest[usize::from(port)] {
            Some(PortCondition::Fxo { volts, .. }) => Some(volts),
            Some(PortCondition::Fxs { .. } | PortCondition::Service(_)) | None => None,
        }
    }

    fn level_dbm0(&self, port: usize) -> f64 {
        let heard = &self.heard[port];
        let power: f64 = heard.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        20.0 * ((power / heard.len().max(1) as f64).sqrt().max(1.0) / DBM0_RMS).log10()
    }

    fn said_dbm0(&self) -> f64 {
        20.0 * (f64::from(self.says.peak) / std::f64::consts::SQRT_2 / DBM0_RMS).log10()
    }

    fn crossings_a_second(&self, port: usize) -> f64 {
        let heard = &self.heard[port];
        let crossings = heard.windows(2).filter(|pair| (pair[0] < 0) != (pair[1] < 0)).count();
        crossings as f64 * 8000.0 / heard.len().max(1) as f64
    }

    fn peak(&self, port: usize) -> i16 {
        self.heard[port].iter().copied().max().unwrap_or(0)
    }
}

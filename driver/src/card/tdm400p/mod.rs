//! The TDM400P (and OpenVox A400P): a TigerJet TJ320 bridge and four sockets for FXS and FXO modules.
//!
//! One service is one transaction: pending commands, the positions of the DMA rings, and one look at one
//! module in turn, carried out with a single wait. Bring-up is a machine that advances by one such transaction a service,
//! all modules side by side.
//!
//! Time, as far as bring-up needs it, is the card's own: its sample count once DMA runs, and before that the services,
//! which come at most once a millisecond.
//!
//! ```text
//! Reset ─► TestGlue ─► Hold ─► Start ─► Settle ─► Modules ─► Running
//!   ▲                    (any error, any state) ─► Failed ──┐
//!   └───────────────────────── a fresh function ◄───────────┘
//! ```
//!
//! Never: waits, allocates in service, or judges what a line means.

mod bridge;
pub mod country;
mod daa;
mod dma;
mod exercise;
mod module;
mod port;
mod proslic;
mod spi;

use self::bridge::{
    Address, Control, EventMask, Events, FrameSyncDelay, ModuleSelect, Operation, PinDirections, PinFunction, PinMask,
    Pins, Scratch, SerialControl, Sync, Version,
};
use self::country::LineSettings;
use self::dma::{AHEAD_MS, Placed, RECEIVE_MS, Rings};
pub use self::exercise::{Exercise, Outcome};
pub use self::module::ModuleFault;
use self::port::Port;
use self::spi::{Answer, Socket, Transaction};
use super::{Card, CardCounters, CardError, CardState, Frame, Law, PortCommand, PortCondition, PortKind};
use crate::ids::PortId;
use crate::pci::reopen::Reopen;
use crate::pci::{PciError, PciErrorKind, PciFunction};
use crate::time::SAMPLES_PER_TICK;

/// Ports of the card.
pub const PORTS: usize = 4;

/// How long the modules are held in reset, in services.
const HOLD_MS: u32 = 250;
/// How long they are given after it, in milliseconds of the card's time.
const SETTLE_MS: u32 = 250;
/// Values of the self-test written and read back in one service.
const TEST_CHUNK: u8 = 64;
/// Services in a row that may find a DMA access aborted.
const ABORTS_MAX: u32 = 50;
/// The control register while the card is set up: modules out of reset, the local bus at its slowest, events latched.
const SETTING_UP: Control = Control::MODULES_RELEASED.and(Control::SLOW_LOCAL_BUS).and(Control::LATCH_EVENTS);
/// The control register while sound moves.
const RUNNING: Control = Control::MODULES_RELEASED.and(Control::LATCH_EVENTS);
/// The control register with everything in reset.
const ALL_RESET: Control = Control::RESET_DMA.and(Control::RESET_SERIAL).and(Control::RESET_COUNTER);

/// How a card is to be run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The law of the octets.
    pub law: Law,
    /// The receive ring in milliseconds, 2 to 128: how long a service may be late before received sound is lost.
    pub receive_ring_ms: u32,
    /// How far transmit runs ahead, in milliseconds, 1 to 64: its delay, and how late a service may be before idle plays.
    pub transmit_ahead_ms: u32,
    /// The lines of the country.
    pub line: LineSettings,
    /// How long the position may stand still, in services (at most one a millisecond), before the card counts as failed.
    pub stalled_after_ms: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { law: Law::A, receive_ring_ms: 64, transmit_ahead_ms: 4, line: country::CHINA, stalled_after_ms: 250 }
    }
}

/// What the card is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Everything into reset; is it such a card at all?
    Reset,
    /// The self-test of the glue logic, from this value on.
    TestGlue { through: TestRegister, from: u8 },
    /// Modules held in reset, for so many services so far.
    Hold(u32),
    /// Rings and serial port set up, DMA started.
    Start,
    /// Modules out of reset, for so many milliseconds so far.
    Settle(u32),
    /// Modules being found and brought up.
    Modules,
    /// Sound moves.
    Running,
    /// Out of service; a fresh function is awaited.
    Failed,
    /// Stopped for good.
    Stopped,
}

/// The register through which the glue logic is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TestRegister {
    /// Module select, with newer logic.
    Select,
    /// The scratch register, with older.
    Scratch,
}

/// The reads that tell where DMA is.
struct Look {
    events: Answer,
    receive: Answer,
    transmit: Answer,
    receive_again: Answer,
}

/// A TDM400P.
pub struct Tdm400p {
    function: Option<Box<dyn PciFunction>>,
    reopen: Box<dyn Reopen>,
    settings: Settings,
    stage: Stage,
    transaction: Transaction,
    rings: Option<Rings>,
    ports: [Port; PORTS],
    /// The socket whose turn it is to look.
    turn: usize,
    /// Words passed that do not make a whole millisecond yet.
    spare_words: u64,
    /// Services in a row in which the position stood still.
    still: u32,
    /// Services in a row that found a DMA access aborted.
    aborts: u32,
    /// The version of the glue logic.
    version: u8,
    /// A failure has been told and the card has not run since.
    told: bool,
    counters: CardCounters,
}

impl Tdm400p {
    /// A card behind `function`, to be brought up by [`poll`](Card::poll). When it fails, `function` goes to `reopen`, which
    /// gives a fresh one. Settings outside their range are taken to the nearest within.
    pub fn new(function: Box<dyn PciFunction>, reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        Tdm400p::with(Some(function), reopen, settings)
    }

    /// A card that cannot be reached yet: it is opened, like one that failed, by `reopen`.
    pub fn absent(mut reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        reopen.begin(None);
        Tdm400p::with(None, reopen, settings)
    }

    fn with(function: Option<Box<dyn PciFunction>>, reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        let settings = Settings {
            receive_ring_ms: settings.receive_ring_ms.clamp(*RECEIVE_MS.start(), *RECEIVE_MS.end()),
            transmit_ahead_ms: settings.transmit_ahead_ms.clamp(*AHEAD_MS.start(), *AHEAD_MS.end()),
            ..settings
        };
        Tdm400p {
            stage: if function.is_some() { Stage::Reset } else { Stage::Failed },
            function,
            reopen,
            settings,
            transaction: Transaction::new(),
            rings: None,
            ports: Socket::ALL.map(|socket| Port::new(socket, settings.law, settings.line)),
            turn: 0,
            spare_words: 0,
            still: 0,
            aborts: 0,
            version: 0,
            told: false,
            counters: CardCounters::default(),
        }
    }

    /// What is wrong with the module of a port, if something is.
    pub fn module_fault(&self, port: PortId) -> Option<ModuleFault> {
        self.ports.get(usize::from(port.0)).and_then(Port::fault)
    }

    /// Has the module of a port do an exercise, for an installer's sake.
    pub fn exercise(&mut self, port: PortId, exercise: Exercise) {
        if let Some(port) = self.ports.get_mut(usize::from(port.0)) {
            port.exercise(exercise);
        }
    }

    /// How the exercise of a port ended; told once.
    pub fn poll_outcome(&mut self, port: PortId) -> Option<Outcome> {
        self.ports.get_mut(usize::from(port.0)).and_then(Port::poll_outcome)
    }

    /// The version of the glue logic: 0x73 on cards of today, 0 before it has been read.
    pub fn glue_version(&self) -> u8 {
        self.version
    }

    /// One service of whatever the card is at. Gives the ticks that wait.
    fn service(&mut self) -> Result<usize, CardError> {
        self.transaction.clear();
        match self.stage {
            Stage::Reset => self.reset()?,
            Stage::TestGlue { through, from } => self.test_glue(through, from)?,
            Stage::Hold(services) => self.hold(services)?,
            Stage::Start => self.start()?,
            Stage::Settle(ms) => {
                let ms = ms + self.look(false)?;
                self.stage = if ms >= SETTLE_MS { Stage::Modules } else { Stage::Settle(ms) };
            }
            Stage::Modules => {
                self.look(true)?;
                if self.ports.iter().all(Port::settled) {
                    self.begin()?;
                }
            }
            Stage::Running => {
                self.look(true)?;
                return Ok(self.rings.as_ref().map_or(0, Rings::waiting) as usize);
            }
            Stage::Failed | Stage::Stopped => {}
        }
        Ok(0)
    }

    /// Everything into reset, then: does the card answer, and which glue logic does it have?
    fn reset(&mut self) -> Result<(), CardError> {
        let control = Control(0).and(Control::MODULES_RELEASED);
        for access in [
            Operation::STOP.write(),
            EventMask::NONE.write(),
            PinMask::NONE.write(),
            ALL_RESET.write(),
            Events::ALL.write(),
            control.write(),
        ] {
            self.transaction.push(access);
        }
        let read_back = self.transaction.push(Control::read());
        let version = self.transaction.push(Version::read());
        self.run()?;
        let read_back = self.transaction.octet(read_back);
        if read_back == 0xff {
            return Err(self.gone());
        }
        if read_back != control.0 {
            return Err(CardError::NotThisCard(format!(
                "its control register reads {read_back:#04x} after {:#04x} was written",
                control.0
            )));
        }
        self.version = self.transaction.octet(version);
        self.stage = match Version(self.version) {
            Version::NOBODY => {
                return Err(CardError::NotThisCard("there is no glue logic behind its bridge (version 0xff)".into()));
            }
            Version::PROTOTYPE => Stage::Hold(0),
            Version(version) if version >= Version::SELECT_READS_BACK.0 => {
                Stage::TestGlue { through: TestRegister::Select, from: 0 }
            }
            Version(_) => Stage::TestGlue { through: TestRegister::Scratch, from: 0 },
        };
        Ok(())
    }

    /// Writes values to the glue logic and reads them back: a part of 0 to 254 in each service.
    fn test_glue(&mut self, through: TestRegister, from: u8) -> Result<(), CardError> {
        let values = from..from.saturating_add(TEST_CHUNK);
        let mut answers = [Answer::NONE; TEST_CHUNK as usize];
        for (answer, value) in answers.iter_mut().zip(values.clone()) {
            let (write, read) = match through {
                TestRegister::Select => (ModuleSelect(value).write(), ModuleSelect::read()),
                TestRegister::Scratch => (Scratch(value).write(), Scratch::read()),
            };
            self.transaction.push(write);
            *answer = self.transaction.push(read);
        }
        self.run()?;
        for (answer, value) in answers.into_iter().zip(values.clone()) {
            let read = self.transaction.octet(answer);
            if read != value {
                return Err(CardError::NotThisCard(format!(
                    "its glue logic (version {:#04x}) reads {read:#04x} after {value:#04x} was written. Reseat the card",
                    self.version
                )));
            }
        }
        self.stage = if values.end == u8::MAX { Stage::Hold(0) } else { Stage::TestGlue { through, from: values.end } };
        Ok(())
    }

    /// Holds the modules in reset.
    fn hold(&mut self, services: u32) -> Result<(), CardError> {
        if services == 0 {
            for access in [
                Sync::HALF_DUTY.write(),
                Control::RESET_DMA.and(Control::RESET_SERIAL).write(),
                Pins::IDLE.write(),
                PinDirections::CARD.write(),
                PinFunction::CRYSTAL.write(),
            ] {
                self.transaction.push(access);
            }
            self.run()?;
        }
        self.stage = if services < HOLD_MS { Stage::Hold(services + 1) } else { Stage::Start };
        Ok(())
    }

    /// Releases the modules, gives the card its rings, and starts DMA: from now on the card tells the time.
    fn start(&mut self) -> Result<(), CardError> {
        let Some(function) = &mut self.function else { return Ok(()) };
        let Settings { receive_ring_ms, transmit_ahead_ms, law, .. } = self.settings;
        let buffer = function.dma_alloc(Rings::octets(receive_ring_ms))?;
        let rings = Rings::new(buffer, receive_ring_ms, transmit_ahead_ms, law.idle());
        self.transaction.forget();
        self.transaction.push(SETTING_UP.write());
        let read_back = self.transaction.push(Control::read());
        for access in [SerialControl::CARD.write(), FrameSyncDelay::NONE.write()] {
            self.transaction.push(access);
        }
        for access in rings.addresses() {
            self.transaction.push(access);
        }
        for access in [
            SETTING_UP.and(ALL_RESET).write(),
            Events::ALL.write(),
            RUNNING.write(),
            ModuleSelect::NONE.write(),
            Operation::RUN.write(),
        ] {
            self.transaction.push(access);
        }
        self.rings = Some(rings);
        self.run()?;
        let read_back = self.transaction.octet(read_back);
        if read_back != SETTING_UP.0 {
            return Err(CardError::NotThisCard(format!(
                "its control register reads {read_back:#04x} after {:#04x} was written",
                SETTING_UP.0
            )));
        }
        (self.spare_words, self.still, self.aborts) = (0, 0, 0);
        for port in &mut self.ports {
            port.restart();
        }
        self.stage = Stage::Settle(0);
        Ok(())
    }

    /// One transaction of a card whose DMA runs: commands, positions, and what the modules do. Gives the milliseconds of
    /// the card's time since the last.
    fn look(&mut self, modules: bool) -> Result<u32, CardError> {
        let look = Look {
            events: self.transaction.push(Events::read()),
            receive: self.transaction.push(Address::ReceiveCurrent.read()),
            transmit: self.transaction.push(Address::TransmitCurrent.read()),
            receive_again: self.transaction.push(Address::ReceiveCurrent.read()),
        };
        if modules {
            let mut supply = !self.ports.iter().any(Port::raises_supply);
            for (socket, port) in self.ports.iter_mut().enumerate() {
                port.plan(&mut self.transaction, &mut supply, socket == self.turn);
            }
        }
        self.run()?;
        let elapsed = self.moved(&look)?;
        if modules {
            for port in &mut self.ports {
                port.handle(&self.transaction, elapsed);
            }
            self.next_turn();
        }
        Ok(elapsed)
    }

    /// Takes positions and events. Gives the whole milliseconds that have passed on the card.
    fn moved(&mut self, look: &Look) -> Result<u32, CardError> {
        let events = Events(self.transaction.octet(look.events));
        let (receive, transmit) = (self.transaction.word(look.receive), self.transaction.word(look.transmit));
        if events.0 == 0xff && receive == u32::MAX {
            return Err(self.gone());
        }
        self.aborted(events)?;
        let Some(rings) = &mut self.rings else { return Ok(0) };
        let again = self.transaction.word(look.receive_again);
        let progress = rings.advance(receive, transmit, again).map_err(|astray| {
            CardError::NotThisCard(format!(
                "its DMA position ({:?}) is {:#010x}, which is outside the ring it was given",
                astray.register, astray.value
            ))
        })?;
        if self.stage == Stage::Running {
            self.counters.lost_samples += progress.lost;
        }
        self.still = if progress.moved == 0 { self.still + 1 } else { 0 };
        if self.still >= self.settings.stalled_after_ms {
            return Err(CardError::Stalled { ms: self.still });
        }
        self.spare_words += progress.moved;
        let elapsed = self.spare_words / SAMPLES_PER_TICK as u64;
        self.spare_words %= SAMPLES_PER_TICK as u64;
        Ok(elapsed as u32)
    }

    /// Counts and clears aborted DMA accesses. One now and then costs a word of sound; when every service finds one, the
    /// card's addresses lead nowhere.
    fn aborted(&mut self, events: Events) -> Result<(), CardError> {
        let aborts = Events::MASTER_ABORT.and(Events::TARGET_ABORT);
        if !events.any(aborts) {
            self.aborts = 0;
            return Ok(());
        }
        self.counters.bus_errors += 1;
        self.aborts += 1;
        if self.aborts >= ABORTS_MAX {
            return Err(CardError::BusAbort);
        }
        if let Some(function) = &mut self.function {
            function.transact(&mut [aborts.write(), Operation::RUN.write()])?;
        }
        Ok(())
    }

    /// The turn goes to the next socket that holds a module in service.
    fn next_turn(&mut self) {
        for _ in 0..PORTS {
            self.turn = (self.turn + 1) % PORTS;
            if matches!(self.ports[self.turn].kind(), PortKind::Fxs | PortKind::Fxo) {
                return;
            }
        }
    }

    /// All modules are known: sound begins to count.
    fn begin(&mut self) -> Result<(), CardError> {
        let present = self.ports.iter().zip(Socket::ALL);
        let mask = present.fold(0, |mask, (port, socket)| match port.kind() {
            PortKind::Fxs | PortKind::Fxo => mask | socket.bit(),
            PortKind::Absent | PortKind::Broken => mask,
        });
        if self.ports.iter().all(|port| port.kind() == PortKind::Absent) {
            return Err(CardError::NoModules);
        }
        self.transaction.clear();
        self.transaction.push(Sync(mask << 1).and(Sync::HALF_DUTY).write());
        self.run()?;
        if let Some(rings) = &mut self.rings {
            rings.start_from_here();
        }
        if self.told {
            self.counters.reattached += 1;
            self.told = false;
        }
        self.stage = Stage::Running;
        Ok(())
    }

    fn run(&mut self) -> Result<(), CardError> {
        match &mut self.function {
            Some(function) => Ok(self.transaction.run(function.as_mut())?),
            None => Err(self.gone()),
        }
    }

    fn gone(&self) -> CardError {
        let function = self.function.as_ref().map_or("the card", |function| function.name()).to_owned();
        CardError::Pci(PciError { operation: "Reading the card".into(), function, kind: PciErrorKind::Gone })
    }

    /// Takes the card out of service and has it opened again.
    fn fail(&mut self) {
        self.counters.bus_errors += 1;
        self.quiesce();
        self.stage = Stage::Failed;
        for port in &mut self.ports {
            port.card_failed();
        }
        self.reopen.begin(self.function.take());
        self.rings = None;
    }

    /// Stops DMA and puts everything into reset, if the card still listens. Posted: nothing is waited for.
    fn quiesce(&mut self) {
        self.transaction.forget();
        for port in &self.ports {
            port.plan_stop(&mut self.transaction);
        }
        for access in [Operation::STOP.write(), EventMask::NONE.write(), PinMask::NONE.write(), ALL_RESET.write()] {
            self.transaction.push(access);
        }
        // A card that does not listen any more needs no stopping.
        let _ = self.run();
    }
}

impl Card for Tdm400p {
    fn ports(&self) -> usize {
        PORTS
    }

    fn law(&self) -> Law {
        self.settings.law
    }

    fn state(&self) -> CardState {
        match self.stage {
            Stage::Running => CardState::Running,
            Stage::Failed | Stage::Stopped => CardState::Failed,
            Stage::Reset
            | Stage::TestGlue { .. }
            | Stage::Hold(_)
            | Stage::Start
            | Stage::Settle(_)
            | Stage::Modules => CardState::Starting,
        }
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.ports.get(usize::from(port.0)).map_or(PortKind::Absent, Port::kind)
    }

    fn fault(&self, port: PortId) -> Option<String> {
        self.module_fault(port).map(|fault| fault.to_string())
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        if self.stage == Stage::Failed {
            let Some(function) = self.reopen.poll() else { return Ok(0) };
            self.function = Some(function);
            self.transaction.forget();
            self.stage = Stage::Reset;
        }
        match self.service() {
            Ok(ticks) => Ok(ticks),
            Err(error) => {
                self.fail();
                // A card that fails again and again is told of once.
                if core::mem::replace(&mut self.told, true) { Ok(0) } else { Err(error) }
            }
        }
    }

    fn exchange(&mut self, received: &mut [Frame], played: &mut [Frame], transmit: &[Frame]) {
        let Some(rings) = &mut self.rings else {
            received.fill([self.settings.law.idle(); SAMPLES_PER_TICK]);
            played.fill([self.settings.law.idle(); SAMPLES_PER_TICK]);
            return;
        };
        match rings.exchange(received, played, transmit) {
            Placed::InTime => {}
            Placed::TooLate => self.counters.underrun_ticks += 1,
        }
        for (frame, port) in received.iter_mut().zip(&self.ports) {
            if !matches!(port.kind(), PortKind::Fxs | PortKind::Fxo) {
                frame.fill(self.settings.law.idle());
            }
        }
        self.counters.ticks += 1;
    }

    fn poll_condition(&mut self) -> Option<(PortId, PortCondition)> {
        let mut ports = self.ports.iter_mut().zip(0..);
        ports.find_map(|(port, number)| port.poll_condition().map(|condition| (PortId(number), condition)))
    }

    fn command(&mut self, port: PortId, command: PortCommand) {
        if let Some(port) = self.ports.get_mut(usize::from(port.0)) {
            port.command(command);
        }
    }

    fn counters(&self) -> CardCounters {
        self.counters
    }

    fn stop(&mut self) {
        self.quiesce();
        self.stage = Stage::Stopped;
    }
}

impl Drop for Tdm400p {
    fn drop(&mut self) {
        if self.function.is_some() && self.stage != Stage::Stopped {
            self.stop();
        }
    }
}

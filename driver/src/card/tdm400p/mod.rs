//! The TDM400P (and OpenVox A400P): a TigerJet TJ320 bridge and four sockets for FXS and FXO modules.
//!
//! One service is one transaction: pending commands, the positions of the DMA rings, and one look at one module in
//! turn, planned, carried out with a single wait, and handled. Where that wait would be long it goes on in the next
//! service. Bring-up is a machine that advances by one such transaction a service, all modules side by side.
//!
//! Time, as far as bring-up needs it, is the card's own: its sample count once DMA runs, and before that the services,
//! which come at most once a millisecond.
//!
//! ```text
//! Reset ─► TestGlue ─► Hold ─► Start ─► Settle ─► Modules ─► Begin ─► Running
//!   ▲                         (any error, any state) ─► Failed ──┐
//!   └────────────────────────────── a fresh function ◄───────────┘
//! ```
//!
//! Never: waits, allocates in service, or judges what a line means.

mod bridge;
mod daa;
mod dma;
mod interrupt;
pub(crate) mod line_settings;
mod module;
mod module_test;
mod port;
mod proslic;
mod spi;
mod start_up;

use core::fmt;
use core::task::Poll;

use self::bridge::{Address, Control, EventMask, Events, Operation, PinMask};
pub use self::dma::{AHEAD_MS, RECEIVE_MS};
use self::dma::{Astray, Placement, Rings};
use self::interrupt::InterruptMonitor;
pub use self::line_settings::LineSettings;
pub use self::module::ModuleFault;
use self::port::Port;
use self::spi::{ReadSlot, Socket, Transaction};
use self::start_up::{TEST_CHUNK, TestRegister};
use super::module_test::{ModuleTest, Outcome};
use super::{Card, CardCounters, CardError, CardState, Frame, Law, PortCommand, PortCondition, PortKind, SelfTest};
use crate::ids::PortId;
use crate::pci::attach::{Attached, Needs};
use crate::pci::reopen::Reopen;
use crate::pci::tx_watchdog::Played;
use crate::pci::{Name, PciError, PciErrorKind};
use crate::time::SAMPLES_PER_TICK;

/// Ports of the card.
pub const PORTS: usize = 4;

/// Module settling time after reset is released, in milliseconds of the card's time.
const SETTLE_MS: u32 = 250;
/// Services in a row that may find a DMA access aborted.
const ABORTS_MAX: u32 = 50;
/// The control register with everything in reset.
const ALL_RESET: Control = Control::RESET_DMA.and(Control::RESET_SERIAL).and(Control::RESET_COUNTER);

/// Settings of a card.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// The law of the octets.
    pub law: Law,
    /// The receive ring in milliseconds, 2 to 128: how long a service may be late before received sound is lost.
    pub receive_ring_ms: u32,
    /// Lead of transmit, in milliseconds, 1 to 64: its delay, and how late a service may be before idle plays.
    pub transmit_ahead_ms: u32,
    /// The lines of the country.
    pub line: LineSettings,
    /// Services (at most one a millisecond) with a position that stands still, before the card counts as failed.
    pub stalled_after_ms: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            law: Law::A,
            receive_ring_ms: 64,
            transmit_ahead_ms: 4,
            line: line_settings::CHINA,
            stalled_after_ms: 250,
        }
    }
}

impl Settings {
    /// Resources that a card with these settings needs of its function.
    pub fn needs(&self) -> Needs {
        let receive_ring_ms = self.within_range().receive_ring_ms;
        Needs {
            dma_octets: Rings::octets(receive_ring_ms),
            played: Played {
                words: Rings::played_words(receive_ring_ms),
                idle: u32::from_le_bytes([self.law.idle(); PORTS]),
            },
            tx_watchdog: None,
            interrupt: None,
        }
    }

    fn within_range(&self) -> Settings {
        Settings {
            receive_ring_ms: self.receive_ring_ms.clamp(*RECEIVE_MS.start(), *RECEIVE_MS.end()),
            transmit_ahead_ms: self.transmit_ahead_ms.clamp(*AHEAD_MS.start(), *AHEAD_MS.end()),
            ..*self
        }
    }
}

/// Stage of bring-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Everything into reset; is it such a card at all?
    Reset,
    /// The self-test of the glue logic, from this value on.
    TestGlue { through: TestRegister, from: u8 },
    /// Modules held in reset, for this many services so far.
    Hold(u32),
    /// Rings and serial port set up, DMA started.
    Start,
    /// Modules out of reset, for this many milliseconds so far.
    Settle(u32),
    /// Modules being found and brought up.
    Modules,
    /// All of them are known: sound is to count from the next look on.
    Begin,
    /// Sound moves.
    Running,
    /// Out of service; a fresh function is awaited.
    Failed,
    /// Stopped for good.
    Stopped,
}

/// Accesses planned for the service under way, and the places of their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planned {
    /// Nothing is under way.
    Nothing,
    Reset {
        read_back: ReadSlot,
        version: ReadSlot,
    },
    Test,
    Hold,
    Start {
        read_back: ReadSlot,
    },
    Look(Look),
}

/// The reads that tell where DMA is, and whether the modules are looked at too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Look {
    receive: ReadSlot,
    transmit: ReadSlot,
    receive_again: ReadSlot,
    events: ReadSlot,
    modules: bool,
}

/// A TDM400P.
pub struct Tdm400p {
    attached: Option<Attached>,
    reopen: Box<dyn Reopen>,
    settings: Settings,
    stage: Stage,
    transaction: Transaction,
    planned: Planned,
    /// The reads of the self-test under way.
    answers: Vec<ReadSlot>,
    interrupt: InterruptMonitor,
    rings: Option<Rings>,
    /// Parts of the rings that are kept while there are none.
    room: Vec<u32>,
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
    /// A failure has been reported and the card has not run since.
    told: bool,
    counters: CardCounters,
}

impl Tdm400p {
    /// A card behind a function that was attached as the settings [need](Settings::needs) it, to be brought up by
    /// [`poll`](Card::poll). When it fails, the function goes to `reopen`, which gives a fresh one. Settings outside
    /// their range are taken to the nearest within. With an interrupt attached the card is served by interrupt, else by
    /// position.
    pub fn new(attached: Attached, reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        Tdm400p::with(Some(attached), reopen, settings)
    }

    /// A card that cannot be reached yet: it is opened, like one that failed, by `reopen`.
    pub fn absent(mut reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        reopen.begin(None);
        Tdm400p::with(None, reopen, settings)
    }

    fn with(attached: Option<Attached>, reopen: Box<dyn Reopen>, settings: Settings) -> Tdm400p {
        let settings = settings.within_range();
        let mut interrupt = InterruptMonitor::default();
        interrupt.attach(attached.as_ref().and_then(|attached| attached.interrupt.clone()));
        Tdm400p {
            stage: if attached.is_some() { Stage::Reset } else { Stage::Failed },
            attached,
            reopen,
            settings,
            transaction: Transaction::new(),
            planned: Planned::Nothing,
            answers: Vec::with_capacity(TEST_CHUNK.into()),
            interrupt,
            rings: None,
            room: Rings::room(settings.receive_ring_ms),
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

    /// The fault of a port's module, if any.
    pub fn module_fault(&self, port: PortId) -> Option<&ModuleFault> {
        self.ports.get(usize::from(port.0)).and_then(Port::fault)
    }

    /// One service of whatever the card is at: planned, carried out with one wait at most, its answers handled. Gives
    /// the ticks that wait. While a service is pending, it is continued, and nothing else is planned.
    fn service(&mut self) -> Result<usize, CardError> {
        if self.planned == Planned::Nothing {
            self.transaction.clear();
            self.planned = self.plan()?;
        }
        if self.planned != Planned::Nothing && self.run()?.is_ready() {
            let planned = core::mem::replace(&mut self.planned, Planned::Nothing);
            self.handle(planned)?;
        }
        Ok(match self.stage {
            Stage::Running => self.rings.as_ref().map_or(0, Rings::waiting) as usize,
            _ => 0,
        })
    }

    fn plan(&mut self) -> Result<Planned, CardError> {
        Ok(match self.stage {
            Stage::Reset => self.plan_reset(),
            Stage::TestGlue { through, from } => self.plan_test(through, from),
            Stage::Hold(services) => self.plan_hold(services),
            Stage::Start => self.plan_start()?,
            Stage::Settle(_) => self.plan_look(false),
            Stage::Begin => self.plan_begin(),
            Stage::Modules | Stage::Running => self.plan_look(true),
            Stage::Failed | Stage::Stopped => Planned::Nothing,
        })
    }

    fn handle(&mut self, planned: Planned) -> Result<(), CardError> {
        match planned {
            Planned::Nothing => Ok(()),
            Planned::Reset { read_back, version } => self.handle_reset(read_back, version),
            Planned::Test => self.handle_test(),
            Planned::Hold => self.handle_hold(),
            Planned::Start { read_back } => self.handle_start(read_back),
            Planned::Look(look) => self.handle_look(look),
        }
    }

    /// Plans a look at a card whose DMA runs: commands, positions, events, and what the modules do.
    fn plan_look(&mut self, modules: bool) -> Planned {
        // Events last: where the position has come past an interrupt point, its event must be there.
        let look = Look {
            receive: self.transaction.push(Address::ReceiveCurrent.read()),
            transmit: self.transaction.push(Address::TransmitCurrent.read()),
            receive_again: self.transaction.push(Address::ReceiveCurrent.read()),
            events: self.transaction.push(Events::read()),
            modules,
        };
        if modules {
            let mut supply = !self.ports.iter().any(Port::raises_supply);
            for (socket, port) in self.ports.iter_mut().enumerate() {
                port.plan(&mut self.transaction, &mut supply, socket == self.turn);
            }
        }
        Planned::Look(look)
    }

    fn handle_look(&mut self, look: Look) -> Result<(), CardError> {
        let elapsed = self.moved(&look)?;
        if look.modules {
            for port in &mut self.ports {
                port.handle(&self.transaction, elapsed);
            }
            self.next_turn();
        }
        match self.stage {
            Stage::Settle(ms) if ms + elapsed >= SETTLE_MS => self.stage = Stage::Modules,
            Stage::Settle(ms) => self.stage = Stage::Settle(ms + elapsed),
            Stage::Modules if self.ports.iter().all(Port::settled) => self.all_settled()?,
            Stage::Begin => self.begin(),
            _ => {}
        }
        Ok(())
    }

    /// Takes positions and events. Gives the whole milliseconds that have passed on the card.
    fn moved(&mut self, look: &Look) -> Result<u32, CardError> {
        let events = Events(self.transaction.octet(look.events));
        let (receive, transmit) = (self.transaction.word(look.receive), self.transaction.word(look.transmit));
        if events.0 == 0xff && receive == u32::MAX {
            return Err(self.gone());
        }
        let aborted = self.aborted(events)?;
        let Some(rings) = &mut self.rings else { return Ok(0) };
        let again = self.transaction.word(look.receive_again);
        let progress = rings.advance(receive, transmit, again).map_err(|Astray { register, value }| {
            let register = if register == Address::TransmitCurrent { "of transmit" } else { "of receive" };
            CardError::NotThisCard(SelfTest::Astray { register, address: value })
        })?;
        let (received, words_per_interrupt) = (rings.received(), rings.words_per_interrupt());
        if self.stage == Stage::Running {
            self.counters.lost_samples += progress.lost;
            self.counters.replayed_samples += progress.replayed;
            self.interrupt.look(events, received, words_per_interrupt);
        }
        if let Some(attached) = &self.attached {
            attached.heartbeat.beat();
        }
        self.acknowledge(aborted)?;
        self.still = if progress.moved == 0 { self.still + 1 } else { 0 };
        if self.still >= self.settings.stalled_after_ms {
            return Err(CardError::Stalled { ms: self.still });
        }
        self.spare_words += progress.moved;
        let elapsed = self.spare_words / SAMPLES_PER_TICK as u64;
        self.spare_words %= SAMPLES_PER_TICK as u64;
        Ok(elapsed as u32)
    }

    /// Counts aborted DMA accesses, and gives the events to be cleared. One now and then costs a word of sound; when
    /// every service finds one, the card's addresses lead nowhere.
    fn aborted(&mut self, events: Events) -> Result<Events, CardError> {
        let aborts = Events(events.0 & Events::MASTER_ABORT.and(Events::TARGET_ABORT).0);
        if aborts.0 == 0 {
            self.aborts = 0;
            return Ok(aborts);
        }
        self.counters.bus_errors += 1;
        self.aborts += 1;
        if self.aborts >= ABORTS_MAX { Err(CardError::BusAbort) } else { Ok(aborts) }
    }

    /// Clears `aborted` events; and where all sound that waited has been taken, those that interrupted, and lets the
    /// interrupt fire again. Posted: nothing is waited for.
    fn acknowledge(&mut self, aborted: Events) -> Result<(), CardError> {
        let Some(attached) = &mut self.attached else { return Ok(()) };
        if aborted.0 != 0 {
            attached.function.transact(&mut [aborted.write(), Operation::RUN.write()])?;
        }
        if self.rings.as_ref().is_some_and(|rings| rings.waiting() > 0) {
            return Ok(());
        }
        let acknowledge = self.interrupt.acknowledge();
        if acknowledge.clear.0 != 0 {
            attached.function.transact(&mut [acknowledge.clear.write()])?;
        }
        if acknowledge.unmask {
            attached.function.irq_unmask()?;
        }
        Ok(())
    }

    /// The turn goes to the next socket that holds a module.
    fn next_turn(&mut self) {
        for _ in 0..PORTS {
            self.turn = (self.turn + 1) % PORTS;
            if self.ports[self.turn].has_module() {
                return;
            }
        }
    }

    fn run(&mut self) -> Result<Poll<()>, CardError> {
        match &mut self.attached {
            Some(attached) => match self.transaction.run_soon(attached.function.as_mut()) {
                Poll::Ready(result) => Ok(Poll::Ready(result?)),
                Poll::Pending => Ok(Poll::Pending),
            },
            None => Err(self.gone()),
        }
    }

    fn gone(&self) -> CardError {
        let function = self.attached.as_ref().map_or(Name::CARD, |attached| attached.function.name());
        CardError::Pci(PciError { operation: "Reading the card".into(), function, kind: PciErrorKind::Gone })
    }

    /// Takes the card out of service and has it opened again. Its memory goes with the function, and is freed where
    /// that is closed.
    fn fail(&mut self) {
        self.counters.bus_errors += 1;
        self.quiesce();
        self.stage = Stage::Failed;
        for port in &mut self.ports {
            port.card_failed();
        }
        if let Some(rings) = self.rings.take() {
            self.room = rings.into_room();
        }
        if let Some(attached) = &self.attached {
            self.counters.silenced += attached.heartbeat.silenced();
        }
        self.reopen.begin(self.attached.take());
    }

    /// Stops DMA and puts everything into reset, if the card still listens. Posted: nothing is waited for, unless a
    /// service is pending.
    fn quiesce(&mut self) {
        self.planned = Planned::Nothing;
        self.transaction.forget();
        for port in &self.ports {
            port.plan_stop(&mut self.transaction);
        }
        for access in [Operation::STOP.write(), EventMask::NONE.write(), PinMask::NONE.write(), ALL_RESET.write()] {
            self.transaction.push(access);
        }
        if let Some(attached) = &mut self.attached {
            // A card that does not listen any more needs no stopping.
            let _ = self.transaction.run(attached.function.as_mut());
        }
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
            | Stage::Modules
            | Stage::Begin => CardState::Starting,
        }
    }

    fn kind(&self, port: PortId) -> PortKind {
        self.ports.get(usize::from(port.0)).map_or(PortKind::Absent, Port::kind)
    }

    fn fault(&self, port: PortId) -> Option<&dyn fmt::Display> {
        self.module_fault(port).map(|fault| fault as &dyn fmt::Display)
    }

    /// The version of the glue logic: 0x73 on cards of today.
    fn glue_version(&self) -> Option<u8> {
        Some(self.version)
    }

    fn poll(&mut self) -> Result<usize, CardError> {
        if self.stage == Stage::Failed {
            let Some(attached) = self.reopen.poll() else { return Ok(0) };
            self.interrupt.attach(attached.interrupt.clone());
            self.attached = Some(attached);
            self.transaction.forget();
            self.stage = Stage::Reset;
        }
        match self.service() {
            Ok(ticks) => Ok(ticks),
            Err(error) => {
                self.fail();
                // A card that fails again and again is reported once.
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
            Placement::InTime => {}
            Placement::Underrun => self.counters.underrun_ticks += 1,
            Placement::Overrun => {
                self.counters.lost_samples += SAMPLES_PER_TICK as u64;
                self.counters.underrun_ticks += 1;
            }
        }
        for (frame, port) in received.iter_mut().zip(&self.ports) {
            if !matches!(port.kind(), PortKind::Fxs | PortKind::Fxo) {
                frame.fill(self.settings.law.idle());
            }
        }
        self.counters.ticks += 1;
        // While a service is pending nothing may be asked of the card. What fails here is met by the next service.
        if self.planned == Planned::Nothing {
            let _ = self.acknowledge(Events(0));
        }
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

    fn module_test(&mut self, port: PortId, module_test: ModuleTest) {
        if let Some(port) = self.ports.get_mut(usize::from(port.0)) {
            port.module_test(module_test);
        }
    }

    fn poll_outcome(&mut self, port: PortId) -> Option<Outcome> {
        self.ports.get_mut(usize::from(port.0)).and_then(Port::poll_outcome)
    }

    fn counters(&self) -> CardCounters {
        let InterruptMonitor { missed, spurious, .. } = self.interrupt;
        let silenced = self.attached.as_ref().map_or(0, |attached| attached.heartbeat.silenced());
        let silenced = self.counters.silenced + silenced;
        CardCounters { missed_interrupts: missed, spurious_interrupts: spurious, silenced, ..self.counters }
    }

    fn stop(&mut self) {
        self.quiesce();
        self.stage = Stage::Stopped;
    }
}

impl Drop for Tdm400p {
    fn drop(&mut self) {
        if self.attached.is_some() && self.stage != Stage::Stopped {
            self.stop();
        }
    }
}

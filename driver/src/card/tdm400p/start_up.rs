//! From a card in any state to one whose sound counts, a service at a time: what each stage asks of the card, and what
//! it makes of the answers. The stages between, in which modules are brought up, are looks like those of a running
//! card.
//!
//! Never: waits. A stage that isn't done is planned again in the next service.

use std::sync::Arc;

use super::bridge::{
    Control, EventMask, Events, FrameSyncDelay, ModuleSelect, Operation, PinDirections, PinFunction, PinMask, Pins,
    Scratch, SerialControl, Sync, Version,
};
use super::dma::Rings;
use super::port::Port;
use super::spi::{ReadSlot, Socket};
use super::{ALL_RESET, CardError, Planned, PortKind, SelfTest, Settings, Stage, Tdm400p};

/// Length of the modules' reset, in services.
const HOLD_MS: u32 = 250;
/// Values of the self-test written and read back in one service.
pub(super) const TEST_CHUNK: u8 = 64;
/// The control register while the card is set up: modules out of reset, the local bus at its slowest, events latched.
const SETTING_UP: Control = Control::MODULES_RELEASED.and(Control::SLOW_LOCAL_BUS).and(Control::LATCH_EVENTS);
/// The control register while sound moves.
const RUNNING: Control = Control::MODULES_RELEASED.and(Control::LATCH_EVENTS);

/// The register through which the glue logic is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TestRegister {
    /// Module select, with newer logic.
    Select,
    /// The scratch register, with older.
    Scratch,
}

impl Tdm400p {
    /// Everything into reset, then: does the card answer, and which glue logic does it have?
    pub(super) fn plan_reset(&mut self) -> Planned {
        for access in [
            Operation::STOP.write(),
            EventMask::NONE.write(),
            PinMask::NONE.write(),
            ALL_RESET.write(),
            Events::ALL.write(),
            RESET_DONE.write(),
        ] {
            self.transaction.push(access);
        }
        let read_back = self.transaction.push(Control::read());
        let version = self.transaction.push(Version::read());
        Planned::Reset { read_back, version }
    }

    pub(super) fn handle_reset(&mut self, read_back: ReadSlot, version: ReadSlot) -> Result<(), CardError> {
        let read_back = self.transaction.octet(read_back);
        if read_back == 0xff {
            return Err(self.gone());
        }
        expect_control(read_back, RESET_DONE)?;
        self.version = self.transaction.octet(version);
        self.stage = match Version(self.version) {
            Version::NOBODY => {
                return Err(CardError::NotThisCard(SelfTest::Lacks("glue logic behind its bridge (version 0xff)")));
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
    pub(super) fn plan_test(&mut self, through: TestRegister, from: u8) -> Planned {
        self.answers.clear();
        for value in chunk(from) {
            let (write, read) = match through {
                TestRegister::Select => (ModuleSelect(value).write(), ModuleSelect::read()),
                TestRegister::Scratch => (Scratch(value).write(), Scratch::read()),
            };
            self.transaction.push(write);
            self.answers.push(self.transaction.push(read));
        }
        Planned::Test
    }

    pub(super) fn handle_test(&mut self) -> Result<(), CardError> {
        let Stage::TestGlue { through, from } = self.stage else { return Ok(()) };
        let values = chunk(from);
        for (answer, value) in self.answers.iter().zip(values.clone()) {
            let read = self.transaction.octet(*answer);
            if read != value {
                let (register, advice) = ("glue logic", ". Reseat the card");
                return Err(CardError::NotThisCard(SelfTest::Reads { register, read, written: value, advice }));
            }
        }
        self.stage = if values.end == u8::MAX { Stage::Hold(0) } else { Stage::TestGlue { through, from: values.end } };
        Ok(())
    }

    /// Holds the modules in reset.
    pub(super) fn plan_hold(&mut self, services: u32) -> Planned {
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
        }
        Planned::Hold
    }

    pub(super) fn handle_hold(&mut self) -> Result<(), CardError> {
        if let Stage::Hold(services) = self.stage {
            self.stage = if services < HOLD_MS { Stage::Hold(services + 1) } else { Stage::Start };
        }
        Ok(())
    }

    /// Releases the modules, gives the card its rings, and starts DMA: from now on the card tells the time.
    pub(super) fn plan_start(&mut self) -> Result<Planned, CardError> {
        let Some(attached) = &self.attached else { return Err(self.gone()) };
        let Settings { receive_ring_ms, transmit_ahead_ms, law, .. } = self.settings;
        let (memory, room) = (Arc::clone(&attached.memory), core::mem::take(&mut self.room));
        let rings = Rings::new(memory, receive_ring_ms, transmit_ahead_ms, law.idle(), room);
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
        Ok(Planned::Start { read_back })
    }

    pub(super) fn handle_start(&mut self, read_back: ReadSlot) -> Result<(), CardError> {
        expect_control(self.transaction.octet(read_back), SETTING_UP)?;
        (self.spare_words, self.still, self.aborts) = (0, 0, 0);
        for port in &mut self.ports {
            port.restart();
        }
        self.stage = Stage::Settle(0);
        Ok(())
    }

    /// All modules are known.
    pub(super) fn all_settled(&mut self) -> Result<(), CardError> {
        if self.ports.iter().all(|port| port.kind() == PortKind::Absent) {
            return Err(CardError::NoModules);
        }
        self.stage = Stage::Begin;
        Ok(())
    }

    /// Tells the card which modules there are and which events interrupt; a look goes with it.
    pub(super) fn plan_begin(&mut self) -> Planned {
        let works = |port: &Port| matches!(port.kind(), PortKind::Fxs | PortKind::Fxo);
        let present = self.ports.iter().zip(Socket::ALL).filter(|(port, _)| works(port));
        let mask = present.fold(0, |mask, (_, socket)| mask | socket.bit());
        self.transaction.push(Sync(mask << 1).and(Sync::HALF_DUTY).write());
        self.transaction.push(Events::ALL.write());
        self.transaction.push(self.interrupt.mask().write());
        self.plan_look(true)
    }

    /// Sound begins to count.
    pub(super) fn begin(&mut self) {
        if let Some(rings) = &mut self.rings {
            rings.start_from_here();
            self.interrupt.start(rings.received(), rings.words_per_interrupt());
        }
        if self.told {
            self.counters.reattached += 1;
            self.told = false;
        }
        self.stage = Stage::Running;
    }
}

/// The control register once everything has been reset.
const RESET_DONE: Control = Control::MODULES_RELEASED;

/// The values of the self-test in one service.
fn chunk(from: u8) -> core::ops::Range<u8> {
    from..from.saturating_add(TEST_CHUNK)
}

/// The control register reads back what was written.
fn expect_control(read: u8, written: Control) -> Result<(), CardError> {
    if read == written.0 {
        return Ok(());
    }
    let register = "control register";
    Err(CardError::NotThisCard(SelfTest::Reads { register, read, written: written.0, advice: "" }))
}

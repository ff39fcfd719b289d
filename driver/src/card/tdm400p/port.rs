//! One socket of the card: finds out what is plugged in, brings it up, and keeps it in service.
//!
//! A socket is tried as FXS first, then as FXO: a module does not answer the other's protocol. An FXS module that fails
//! is tried once more, calibrated by hand. A module that worked and then failed is looked for again every few seconds;
//! one that never came up is left alone. A station whose line was shorted must stay fed for a while before it counts
//! again.
//!
//! Never: touches another socket.

use super::daa::{self, Daa};
use super::line_settings::LineSettings;
use super::module::{ModuleFault, ModuleStep};
use super::module_test::RunningTest;
use super::proslic::{self, Proslic};
use super::spi::{Socket, Transaction};
use crate::card::module_test::{ModuleTest, Outcome};
use crate::card::{Law, PortCommand, PortCondition, PortKind};

/// Time after its failure until a module that once worked is probed again, in milliseconds.
const LOOK_AGAIN_MS: u32 = 5000;

/// Time for which a module that had opened its line repeatedly must feed it without an alarm before it is in service
/// again, in milliseconds: longer than an overheated transistor carries it.
const PROOF_MS: u32 = 2000;

/// One socket.
pub(super) struct Port {
    socket: Socket,
    law: Law,
    line: LineSettings,
    stage: Stage,
    /// Kind of module in the port's condition: a module counts once it has come up.
    kind: PortKind,
    fault: Option<ModuleFault>,
    /// It worked once.
    worked: bool,
    /// It has come back after power alarms, and has fed its line for this many milliseconds since the last.
    proof: Option<u32>,
    /// The service condition that has yet to be reported.
    service: Option<PortKind>,
    /// The last condition, not yet reported.
    seen: Option<PortCondition>,
    /// A module test of an installer and its outcome.
    running_test: Option<RunningTest>,
    outcome: Option<Outcome>,
}

/// Kind of module, as far as is known.
#[expect(clippy::large_enum_variant, reason = "a box would have to be allocated on the media thread")]
enum Stage {
    /// Being tried or in service as FXS; how many attempts at bring-up were made before.
    Fxs(Proslic, u8),
    /// Being tried or in service as FXO.
    Fxo(Daa),
    /// Nothing answers.
    Empty,
    /// Failed; this many milliseconds ago.
    Broken(u32),
}

impl Port {
    /// A socket that is yet to be tried.
    pub(super) fn new(socket: Socket, law: Law, line: LineSettings) -> Port {
        let stage = Stage::Fxs(Proslic::new(proslic::Setup { socket, law, line: line.station }), 0);
        Port {
            socket,
            law,
            line,
            stage,
            kind: PortKind::Absent,
            fault: None,
            worked: false,
            proof: None,
            service: None,
            seen: None,
            running_test: None,
            outcome: None,
        }
    }

    /// Kind of module, as far as bring-up has come.
    pub(super) fn kind(&self) -> PortKind {
        self.kind
    }

    /// Returns true for a module that may work: in service, or about to be.
    pub(super) fn has_module(&self) -> bool {
        matches!(self.stage, Stage::Fxs(..) | Stage::Fxo(_))
    }

    /// The fault of the module, if any.
    pub(super) fn fault(&self) -> Option<&ModuleFault> {
        self.fault.as_ref()
    }

    /// Returns true once kind and health of the module are known.
    pub(super) fn settled(&self) -> bool {
        match self.stage {
            Stage::Fxs(..) | Stage::Fxo(_) => matches!(self.kind, PortKind::Fxs | PortKind::Fxo),
            Stage::Empty | Stage::Broken(_) => true,
        }
    }

    /// Returns true while its module raises its supply.
    pub(super) fn raises_supply(&self) -> bool {
        match &self.stage {
            Stage::Fxs(module, _) => module.raises_supply(),
            Stage::Fxo(_) | Stage::Empty | Stage::Broken(_) => false,
        }
    }

    /// Takes a command. One that does not fit what is plugged in has no effect.
    pub(super) fn command(&mut self, command: PortCommand) {
        match (&mut self.stage, command) {
            (Stage::Fxs(module, _), PortCommand::Linefeed(feed)) => module.feed(feed),
            (Stage::Fxo(module), PortCommand::Hook(off_hook)) => module.hook(off_hook),
            (Stage::Fxs(..), PortCommand::Hook(_))
            | (Stage::Fxo(_), PortCommand::Linefeed(_))
            | (Stage::Empty | Stage::Broken(_), PortCommand::Linefeed(_) | PortCommand::Hook(_)) => {}
        }
    }

    /// Plans one service. `supply` is whether a supply may be raised; `turn` whether a module in service may look.
    pub(super) fn plan(&mut self, transaction: &mut Transaction, supply: &mut bool, turn: bool) {
        match &mut self.stage {
            Stage::Fxs(module, _) => module.plan(transaction, supply, turn),
            Stage::Fxo(module) => module.plan(transaction, turn),
            Stage::Empty | Stage::Broken(_) => {}
        }
        if let Some(running_test) = &mut self.running_test {
            running_test.plan(transaction);
        }
    }

    /// Begins a module test with the next service; one that is under way is given up.
    pub(super) fn module_test(&mut self, module_test: ModuleTest) {
        match RunningTest::new(self.socket, self.kind, module_test) {
            Ok(running_test) => (self.running_test, self.outcome) = (Some(running_test), None),
            Err(outcome) => (self.running_test, self.outcome) = (None, Some(outcome)),
        }
    }

    /// Outcome of the module test; reported once.
    pub(super) fn poll_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// Takes the answers of one service, `elapsed` milliseconds after the one before.
    pub(super) fn handle(&mut self, transaction: &Transaction, elapsed: u32) {
        if let Some(outcome) = self.running_test.as_mut().and_then(|running_test| running_test.handle(transaction)) {
            (self.running_test, self.outcome) = (None, Some(outcome));
        }
        let (verdict, kind) = match &mut self.stage {
            Stage::Fxs(module, _) => (module.handle(transaction, elapsed), PortKind::Fxs),
            Stage::Fxo(module) => (module.handle(transaction, elapsed), PortKind::Fxo),
            Stage::Empty => return,
            Stage::Broken(ms) => {
                *ms = ms.saturating_add(elapsed);
                if self.worked && *ms >= LOOK_AGAIN_MS {
                    self.stage = Stage::Fxs(Proslic::returned(self.station()), 0);
                    let unproved = self.proof.is_some() || self.fault == Some(ModuleFault::PowerAlarm);
                    self.proof = unproved.then_some(0);
                }
                return;
            }
        };
        match verdict {
            ModuleStep::Up if self.is_proving(elapsed) => {}
            ModuleStep::Up => self.up(kind),
            ModuleStep::Working => self.working(),
            ModuleStep::NotThisKind => self.not_this_kind(),
            ModuleStep::Failed(fault) => self.failed(fault),
        }
    }

    /// Returns true while a working module has yet to prove that its line can be fed.
    fn is_proving(&mut self, elapsed: u32) -> bool {
        let (Some(ms), Stage::Fxs(module, _)) = (self.proof, &self.stage) else { return false };
        let ms = if module.is_alarmed() { 0 } else { ms + elapsed };
        self.proof = (ms < PROOF_MS).then_some(ms);
        self.proof.is_some()
    }

    fn up(&mut self, kind: PortKind) {
        if self.kind != kind {
            self.worked = true;
            self.fault = None;
            self.set_kind(kind);
        }
        let condition = match &self.stage {
            Stage::Fxs(module, _) => module.condition(),
            Stage::Fxo(module) => module.condition(),
            Stage::Empty | Stage::Broken(_) => None,
        };
        if condition.is_some() {
            self.seen = condition;
        }
    }

    /// A module in service that is being brought up again is out of service meanwhile.
    fn working(&mut self) {
        if matches!(self.kind, PortKind::Fxs | PortKind::Fxo) {
            self.set_kind(PortKind::Broken);
        }
    }

    fn not_this_kind(&mut self) {
        match &self.stage {
            Stage::Fxs(..) => self.try_fxo(),
            Stage::Fxo(_) if self.worked => self.break_down(ModuleFault::Silent),
            // An FXS chip that answered wrongly, and no FXO either.
            Stage::Fxo(_) => match self.fault {
                Some(fault) => self.break_down(fault),
                None => {
                    self.stage = Stage::Empty;
                    self.set_kind(PortKind::Absent);
                }
            },
            Stage::Empty | Stage::Broken(_) => {}
        }
    }

    fn failed(&mut self, fault: ModuleFault) {
        let in_service = matches!(self.kind, PortKind::Fxs | PortKind::Fxo);
        self.fault = Some(fault);
        match (&mut self.stage, fault) {
            (Stage::Fxs(..), ModuleFault::NotReset { .. }) => self.try_fxo(),
            // Nothing that another calibration would mend.
            (Stage::Fxs(..), ModuleFault::PowerAlarm) => self.break_down(fault),
            (Stage::Fxs(module, attempts @ 0), _) if !in_service => {
                *attempts = 1;
                module.try_by_hand();
            }
            (Stage::Fxs(..) | Stage::Fxo(_) | Stage::Empty | Stage::Broken(_), _) => self.break_down(fault),
        }
    }

    fn station(&self) -> proslic::Setup {
        proslic::Setup { socket: self.socket, law: self.law, line: self.line.station }
    }

    fn try_fxo(&mut self) {
        let setup = daa::Setup { socket: self.socket, law: self.law, line: self.line.trunk };
        self.stage = Stage::Fxo(Daa::new(setup));
    }

    fn break_down(&mut self, fault: ModuleFault) {
        self.fault = Some(fault);
        self.stage = Stage::Broken(0);
        self.set_kind(PortKind::Broken);
    }

    fn set_kind(&mut self, kind: PortKind) {
        self.kind = kind;
        self.service = Some(kind);
        self.seen = None;
        if self.running_test.take().is_some() {
            self.outcome = Some(Outcome::NotPossible);
        }
    }

    /// The card failed: what was in service is so no more.
    pub(super) fn card_failed(&mut self) {
        if matches!(self.kind, PortKind::Fxs | PortKind::Fxo) {
            self.set_kind(PortKind::Broken);
        }
    }

    /// The socket is to be tried from the start: the card has been attached again. What has yet to be reported stays
    /// so.
    pub(super) fn restart(&mut self) {
        (self.fault, self.proof) = (None, None);
        self.stage = Stage::Fxs(Proslic::new(self.station()), 0);
        self.seen = None;
    }

    /// The next thing that has yet to be reported: first whether there is a module, then what it saw.
    pub(super) fn poll_condition(&mut self) -> Option<PortCondition> {
        self.service.take().map(PortCondition::Service).or_else(|| self.seen.take())
    }

    /// Plans the last thing: lines open, converters off.
    pub(super) fn plan_stop(&self, transaction: &mut Transaction) {
        match &self.stage {
            Stage::Fxs(module, _) => module.plan_stop(transaction),
            Stage::Fxo(module) => module.plan_stop(transaction),
            Stage::Empty | Stage::Broken(_) => {}
        }
    }
}

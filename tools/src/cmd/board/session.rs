//! A card being serviced by this thread, for as long as a command looks at it.
//!
//! An interrupt from the keyboard, or a request to end, lets every wait end at once and then the card be stopped as
//! always: no telephone goes on ringing, no line stays seized.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};

use tipring_driver::card::tdm400p::{PORTS, Settings};
use tipring_driver::card::{
    self, Card, CardCounters, CardError, CardState, Frame, Law, ModuleTest, OpenSettings, Outcome, PortCommand,
    PortCondition, PortKind,
};
use tipring_driver::ids::PortId;
use tipring_driver::pace::{Pace, TimerPace};
use tipring_driver::pci::PciId;
use tipring_driver::pci::ids::CardModel;
use tipring_driver::time::SAMPLES_PER_TICK;

use crate::config::{CardAddress, SiteCountry};
use crate::failure::Failure;
use crate::run::cards::unreached;
use crate::run::site::line_settings;

/// Sound of all ports in a tick.
pub type Sound = [Frame; PORTS];

/// Limit of bring-up on the wall clock, in milliseconds: slow clocks of simulated cards included.
const BRING_UP_MS: u64 = 60_000;
/// Limit of a module test, in ticks.
const EXERCISE_MS: u32 = 1000;

/// A card being serviced.
pub struct Session {
    card: Box<dyn Card>,
    pace: TimerPace,
    /// The last condition of each port.
    seen: [Option<PortCondition>; PORTS],
    /// The numbers of the card's function.
    pub id: PciId,
    /// Model of the card.
    pub model: CardModel,
    /// Address by which it was opened.
    pub address: CardAddress,
    /// Milliseconds that bring-up took.
    pub bring_up_ms: u64,
    /// Services that came more than a millisecond late.
    pub late: u64,
    /// Set by SIGINT and SIGTERM.
    stop: Arc<AtomicBool>,
}

impl Session {
    /// Opens a card and brings it up, set for the lines of a country.
    pub fn open(address: CardAddress, country: SiteCountry) -> Result<Session, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&stop))?;
        }
        let settings = Settings { line: line_settings(country)?, ..Settings::default() };
        let opened = card::open(&address.0, OpenSettings { card: settings, ..OpenSettings::default() })?;
        let card = opened.card;
        let (id, model) = opened.reached.map_err(|error| unreached(&address, &error))?;
        let pace = TimerPace::new()?;
        let seen = [None; PORTS];
        let mut session = Session { card, pace, seen, id, model, address, bring_up_ms: 0, late: 0, stop };
        session.bring_up()?;
        Ok(session)
    }

    fn bring_up(&mut self) -> Result<(), Failure> {
        while self.card.state() != CardState::Running {
            self.bring_up_ms += self.pace.wait();
            self.card.poll()?;
            if self.is_stopped() {
                return Err("Interrupted while the card was being brought up; it has been stopped".into());
            }
            if self.bring_up_ms > BRING_UP_MS {
                return Err("The card did not come up within a minute. Is its clock running?".into());
            }
        }
        // Every module is looked at four times before anything is said of it.
        self.idle(64)?;
        self.late = 0;
        Ok(())
    }

    /// Returns true after SIGINT or SIGTERM.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The law of the card's octets.
    pub fn law(&self) -> Law {
        self.card.law()
    }

    /// Returns the kind of the module in a socket.
    pub fn kind(&self, port: PortId) -> PortKind {
        self.card.kind(port)
    }

    /// Returns the fault of a module, if it has one.
    pub fn fault(&self, port: PortId) -> Option<String> {
        self.card.fault(port).map(ToString::to_string)
    }

    /// Returns the last condition of a port.
    pub fn seen(&self, port: PortId) -> Option<PortCondition> {
        self.seen[usize::from(port.0)]
    }

    /// The version of the glue logic; none on a card without it.
    pub fn glue_version(&self) -> Option<u8> {
        self.card.glue_version()
    }

    /// Returns the counters of the card.
    pub fn counters(&self) -> CardCounters {
        self.card.counters()
    }

    /// Commands a port.
    pub fn command(&mut self, port: PortId, command: PortCommand) {
        self.card.command(port, command);
    }

    /// Silence on all ports.
    pub fn silence(&self) -> Sound {
        [[self.law().idle(); SAMPLES_PER_TICK]; PORTS]
    }

    /// Waits for a millisecond and services the card, again and again for `ms` or until it is to end. `tick` takes each
    /// tick received and gives the next one to be played; false ends the run.
    pub fn run(&mut self, ms: u32, mut tick: impl FnMut(&Sound, &Session) -> (Sound, bool)) -> Result<(), CardError> {
        let mut transmit = self.silence();
        let mut left = ms;
        // A card that has failed has said so once, and gives no tick any more: what is left to do is left undone.
        while left > 0 && !self.is_stopped() && self.card.state() != CardState::Failed {
            self.late += u64::from(self.pace.wait() > 1);
            let waiting = self.card.poll()?;
            while let Some((port, condition)) = self.card.poll_condition() {
                if !matches!(condition, PortCondition::Service(_)) {
                    self.seen[usize::from(port.0)] = Some(condition);
                }
            }
            for _ in 0..waiting.min(left as usize) {
                let (mut received, mut played) = (self.silence(), self.silence());
                self.card.exchange(&mut received, &mut played, &transmit);
                let (next, go_on) = tick(&received, self);
                transmit = next;
                left = if go_on { left - 1 } else { 0 };
            }
        }
        Ok(())
    }

    /// Services the card in silence.
    pub fn idle(&mut self, ms: u32) -> Result<(), CardError> {
        self.run(ms, |_, session| (session.silence(), true))
    }

    /// Services the card in silence until `there`, at most for so long. Gives the milliseconds, if it came.
    pub fn wait_until(&mut self, ms: u32, there: impl Fn(&Session) -> bool) -> Result<Option<u32>, CardError> {
        let mut taken = 0;
        let mut came = None;
        self.run(ms, |_, session| {
            taken += 1;
            came = came.or_else(|| there(session).then_some(taken));
            (session.silence(), came.is_none())
        })?;
        Ok(came)
    }

    /// Tests a module, and waits for the end.
    pub fn module_test(&mut self, port: PortId, module_test: ModuleTest) -> Result<Outcome, CardError> {
        self.card.module_test(port, module_test);
        for _ in 0..EXERCISE_MS {
            self.idle(1)?;
            if let Some(outcome) = self.card.poll_outcome(port) {
                return Ok(outcome);
            }
        }
        Ok(Outcome::NotPossible)
    }
}

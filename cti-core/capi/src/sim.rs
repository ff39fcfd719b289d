//! The far ends of simulated cards: a line of an exchange with a party on each trunk, a telephone with a person on each
//! station, all driven by the calls of `tipring_sim.h`.
//!
//! Never: reads a clock; a millisecond passes when the card's does.

mod fault;

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::device::Device;
use tipring_hw_sim::fault::{FaultSwitch, Faults};
use tipring_hw_sim::network::country::Country;
use tipring_hw_sim::network::exchange::{Equipment, ExchangeEvent, ExchangeLine, Refusal};
use tipring_hw_sim::network::impairment::{ImpairedLine, Impairments};
use tipring_hw_sim::network::signal::caller_id::{CallerIdData, Format, Identity, Indication, NAME_MAX, NUMBER_MAX};
use tipring_hw_sim::network::telephone::{Handset, Telephone};
use tipring_hw_sim::network::{Sound, StationFeed, StationLoad, TrunkFeed, TrunkLoad, WireFeed, WireLoad, World};

use crate::failure::{Outcome, fail};

/// Modules of a card.
pub const MODULES: usize = 4;
/// Sound kept of what a far end has heard, in samples: a minute.
const HEARD_MAX: usize = 60 * 8_000;
/// Sound that a far end may have before it to say, in samples: ten minutes.
const SPEECH_MAX: usize = 600 * 8_000;
/// Length of a key press and of the pause after it, in ms.
const KEY_MS: u16 = 100;
const KEY_PAUSE_MS: u16 = 100;
const SILENCE: Sound = [0; 8];

/// Module and line of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plug {
    /// Nothing.
    Empty,
    /// A trunk module and a line.
    Trunk,
    /// A station module and a telephone.
    Station,
}

/// The wires of one simulated card, shared between the card and the program's calls.
pub type Wires = Arc<Mutex<Vec<Port>>>;

/// A party's or person's mouth and ears.
#[derive(Debug, Default)]
struct Person {
    says: VecDeque<i16>,
    heard: VecDeque<i16>,
}

impl Person {
    fn next_ms(&mut self) -> Sound {
        std::array::from_fn(|_| self.says.pop_front().unwrap_or(0))
    }

    fn hear(&mut self, sound: &Sound) {
        let too_much = (self.heard.len() + sound.len()).saturating_sub(HEARD_MAX);
        self.heard.drain(..too_much);
        self.heard.extend(sound);
    }
}

/// The far end of a port.
#[derive(Debug)]
pub struct Port {
    person: Person,
    wire: ImpairedLine,
    impairments: Impairments,
    seed: u64,
    /// The faults of its card, and which port it is there.
    faults: FaultSwitch,
    place: usize,
    end: End,
}

#[derive(Debug)]
enum End {
    Empty,
    Trunk(Box<Trunk>),
    Station(Box<Telephone>, String),
}

#[derive(Debug)]
struct Trunk {
    line: ExchangeLine,
    keys: Handset,
    dialled: String,
    refuse: Option<Refusal>,
    off_hook: bool,
    ringing: bool,
    /// A call came in and has not been answered or given up.
    calling: bool,
    /// The party is in conversation: hears and is heard.
    talking: bool,
}

/// A parsed "sim:" card.
///
/// # Errors
/// `E_ARGUMENT` for a module that is none of fxo, fxs and empty, or more than four.
pub fn plugs(modules: &str) -> Outcome<[Plug; MODULES]> {
    let mut plugs = [Plug::Empty; MODULES];
    let given: Vec<&str> = modules.split(',').map(str::trim).collect();
    if given.len() > MODULES {
        fail!(E_ARGUMENT, "A simulated card has {MODULES} modules; {modules:?} names {}", given.len());
    }
    for (plug, name) in plugs.iter_mut().zip(given) {
        *plug = match name {
            "fxo" => Plug::Trunk,
            "fxs" => Plug::Station,
            "" | "empty" => Plug::Empty,
            other => fail!(E_ARGUMENT, "{other:?} is no module; use fxo, fxs or empty"),
        };
    }
    Ok(plugs)
}

/// Makes a simulated card and its far ends.
pub fn card(plugs: [Plug; MODULES], country: Country, seed: u64) -> (Box<dyn Device>, Wires) {
    let faults = FaultSwitch::default();
    let ports = plugs.iter().enumerate().zip(seed..).map(|((place, plug), seed)| Port {
        person: Person::default(),
        wire: ImpairedLine::new(Impairments::default(), seed),
        impairments: Impairments::default(),
        seed,
        faults: faults.clone(),
        place,
        end: match plug {
            Plug::Empty => End::Empty,
            Plug::Trunk => End::Trunk(Box::new(Trunk {
                line: ExchangeLine::of_seed(Equipment::ordinary(country), seed),
                keys: Handset::new(&country),
                dialled: String::new(),
                refuse: None,
                off_hook: false,
                ringing: false,
                calling: false,
                talking: false,
            })),
            Plug::Station => End::Station(Box::new(Telephone::with_display(&country)), String::new()),
        },
    });
    let wires: Wires = Arc::new(Mutex::new(ports.collect()));
    let modules = plugs.map(|plug| match plug {
        Plug::Empty => Module::Absent,
        Plug::Trunk => Module::Fxo,
        Plug::Station => Module::Fxs,
    });
    let card = Tdm400p::new(modules, Box::new(FarEnds(Arc::clone(&wires))));
    (Box::new(card.with_faults(Faults::switched(faults))), wires)
}

struct FarEnds(Wires);

impl World for FarEnds {
    fn step(&mut self, loads: &[WireLoad], feeds: &mut [WireFeed]) {
        for ((port, load), feed) in self.0.lock().iter_mut().zip(loads).zip(feeds) {
            *feed = match load {
                WireLoad::Nothing => WireFeed::Nothing,
                WireLoad::Trunk(load) => WireFeed::Trunk(port.step_trunk(load)),
                WireLoad::Station(feed) => WireFeed::Station(port.step_station(feed)),
            };
        }
    }
}

impl Port {
    fn step_trunk(&mut self, load: &TrunkLoad) -> TrunkFeed {
        let End::Trunk(trunk) = &mut self.end else { return TrunkFeed::default() };
        // A party that is not in conversation keeps what it has to say.
        let voice = if trunk.talking { self.person.next_ms() } else { SILENCE };
        let said = trunk.keys.say(&voice);
        let (mut feed, heard) = trunk.line.step(load, &said);
        feed.sound = self.wire.at_card(&feed.sound, &load.sound);
        if trunk.talking {
            self.person.hear(&self.wire.at_party(&heard));
        }
        trunk.off_hook = load.off_hook;
        trunk.ringing = feed.ringing_volts > 0.0 || trunk.calling;
        while let Some(event) = trunk.line.poll() {
            trunk.take(event);
        }
        feed
    }

    fn step_station(&mut self, feed: &StationFeed) -> StationLoad {
        let End::Station(telephone, caller) = &mut self.end else { return StationLoad::default() };
        let voice = if telephone.off_hook() { self.person.next_ms() } else { SILENCE };
        let mut feed = *feed;
        feed.sound = self.wire.at_party(&feed.sound);
        let mut load = telephone.step(&feed, &voice);
        if telephone.off_hook() {
            self.person.hear(&feed.sound);
            load.sound = self.wire.at_card(&load.sound, &feed.sound);
        }
        while let Some(shown) = telephone.display.as_mut().and_then(|display| display.poll()) {
            if let Indication::Caller { identity: Identity::Number(number), .. } = shown {
                *caller = number;
            }
        }
        load
    }

    fn trunk(&mut self) -> Outcome<&mut Trunk> {
        match &mut self.end {
            End::Trunk(trunk) => Ok(trunk),
            End::Empty | End::Station(..) => fail!(E_UNSUPPORTED, "This port has no line of an exchange"),
        }
    }

    fn station(&mut self) -> Outcome<&mut Telephone> {
        match &mut self.end {
            End::Station(telephone, _) => Ok(telephone),
            End::Empty | End::Trunk(_) => fail!(E_UNSUPPORTED, "This port has no telephone"),
        }
    }

    /// The party calls in.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`, `E_BUSY`, `E_ARGUMENT` for what is too long to be sent.
    pub fn call(&mut self, number: Option<&str>, name: Option<Vec<u8>>) -> Outcome<()> {
        let trunk = self.trunk()?;
        if number.is_some_and(|number| number.len() > NUMBER_MAX) {
            fail!(E_ARGUMENT, "An exchange sends at most {NUMBER_MAX} digits of a number");
        }
        if name.as_ref().is_some_and(|name| number.is_none() || name.len() > NAME_MAX) {
            fail!(E_ARGUMENT, "A name is sent with a number, and has at most {NAME_MAX} octets of GB 2312");
        }
        let caller_id = number.map(|number| CallerIdData {
            stamp: *b"01010000",
            identity: match number {
                "" => Identity::Unavailable,
                "P" => Identity::Private,
                digits => Identity::Number(digits.to_owned()),
            },
            name: name.clone(),
            format: Format::Mdmf,
        });
        if !trunk.line.ring(caller_id.as_ref()) {
            fail!(E_BUSY, "The line is engaged");
        }
        trunk.calling = true;
        self.person = Person::default();
        Ok(())
    }

    /// The party answers.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`, `E_STATE` when nothing rings there.
    pub fn answer(&mut self) -> Outcome<()> {
        let trunk = self.trunk()?;
        if trunk.dialled.is_empty() || !trunk.off_hook || trunk.talking {
            fail!(E_STATE, "No call of this port rings at a party");
        }
        trunk.line.party_answers();
        trunk.talking = true;
        self.person = Person::default();
        Ok(())
    }

    /// Sets the treatment of numbers dialled from now on; `None` rings them.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn refuse(&mut self, refusal: Option<Refusal>) -> Outcome<()> {
        self.trunk()?.refuse = refusal;
        Ok(())
    }

    /// The party goes.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn hang_up(&mut self) -> Outcome<()> {
        let trunk = self.trunk()?;
        trunk.line.party_leaves();
        (trunk.calling, trunk.talking) = (false, false);
        trunk.keys.put_down();
        self.person.says.clear();
        Ok(())
    }

    /// The battery goes away for a moment.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn dip(&mut self, ms: u16) -> Outcome<()> {
        self.trunk()?.line.dip(ms);
        Ok(())
    }

    /// The person lifts the handset.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn lift(&mut self) -> Outcome<()> {
        self.station()?.lift();
        self.person = Person::default();
        Ok(())
    }

    /// The person puts the handset down.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn put_down(&mut self) -> Outcome<()> {
        self.station()?.put_down();
        self.person.says.clear();
        Ok(())
    }

    /// The person flashes the hook.
    ///
    /// # Errors
    /// `E_UNSUPPORTED`.
    pub fn flash(&mut self, ms: u32) -> Outcome<()> {
        self.station()?.flash(ms);
        Ok(())
    }

    /// Presses keys.
    ///
    /// # Errors
    /// `E_UNSUPPORTED` on an empty socket.
    pub fn keys(&mut self, keys: &str) -> Outcome<()> {
        match &mut self.end {
            End::Trunk(trunk) => trunk.keys.dial(keys, KEY_MS, KEY_PAUSE_MS),
            End::Station(telephone, _) => telephone.handset.dial(keys, KEY_MS, KEY_PAUSE_MS),
            End::Empty => fail!(E_UNSUPPORTED, "Nothing is plugged into this socket"),
        }
        Ok(())
    }

    /// Says samples after those that are being said.
    ///
    /// # Errors
    /// `E_RESOURCE` beyond ten minutes.
    pub fn speak(&mut self, samples: &[i16]) -> Outcome<()> {
        if self.person.says.len() + samples.len() > SPEECH_MAX {
            fail!(E_RESOURCE, "More than ten minutes are waiting to be said");
        }
        self.person.says.extend(samples);
        Ok(())
    }

    /// Takes what was heard, as much as fits.
    pub fn heard(&mut self, samples: &mut [i16]) -> usize {
        let count = samples.len().min(self.person.heard.len());
        for (place, sample) in samples.iter_mut().zip(self.person.heard.drain(..count)) {
            *place = sample;
        }
        count
    }

    /// White noise towards the card.
    pub fn noise(&mut self, dbm0: Option<f32>) {
        self.impair(Impairments { noise_dbm0: dbm0, ..self.impairments });
    }

    /// Echo of what the card sends: its loss in dB, and its delay in ms.
    pub fn echo(&mut self, loss_db: Option<f32>, delay_ms: u16) {
        self.impair(Impairments { echo_loss_db: loss_db, echo_delay_ms: delay_ms, ..self.impairments });
    }

    fn impair(&mut self, impairments: Impairments) {
        self.impairments = impairments;
        self.wire = ImpairedLine::new(impairments, self.seed);
    }

    /// Off hook, ringing, bursts, number.
    pub fn state(&self) -> (bool, bool, u32, &str) {
        match &self.end {
            End::Empty => (false, false, 0, ""),
            End::Trunk(trunk) => (trunk.off_hook, trunk.ringing, 0, &trunk.dialled),
            End::Station(telephone, caller) => {
                (telephone.off_hook(), telephone.is_ringing(), telephone.rings(), caller)
            }
        }
    }
}

impl Trunk {
    fn take(&mut self, event: ExchangeEvent) {
        match event {
            ExchangeEvent::Answered => (self.calling, self.talking) = (false, true),
            ExchangeEvent::Seized => self.dialled.clear(),
            ExchangeEvent::Dialled(number) => {
                self.dialled = number;
                match self.refuse {
                    None => self.line.ring_beyond(),
                    Some(why) => self.line.refuse(why),
                }
            }
            ExchangeEvent::Released => {
                self.talking = false;
                self.dialled.clear();
            }
            ExchangeEvent::CallerIdSent { .. }
            | ExchangeEvent::Rings
            | ExchangeEvent::Flashed
            | ExchangeEvent::LockedOut => {}
        }
    }
}

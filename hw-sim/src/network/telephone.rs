//! A telephone: a hook, a bell, keys, something to speak into and something to listen to.
//!
//! Its owner works it: lifts, presses, speaks. It says when it rings and what is heard.
//!
//! Never: decides anything.

use super::country::Country;
use super::signal::dtmf::{Press, Sequence};
use super::signal::ear::Ear;
use super::signal::{SILENCE, mixed};
use super::{Sound, StationFeed, StationLoad};

/// A bell is silent when it has had no ringing voltage for so long, in ms: longer than any pause of a cadence.
const RINGING_OVER_MS: u32 = 5000;
/// A bell strikes from this voltage on, root mean square.
const BELL_VOLTS: f32 = 20.0;
/// The line is alive from this voltage on, either polarity, on hook.
const ALIVE_VOLTS: f32 = 15.0;

/// The keys and the receiver of a telephone, wherever its line goes.
#[derive(Debug)]
pub struct Handset {
    /// What its owner hears.
    pub ear: Ear,
    press: Option<Press>,
    dialling: Option<Sequence>,
}

impl Handset {
    /// A handset of `country`, its keys released.
    pub fn new(country: &Country) -> Handset {
        Handset { ear: Ear::new(country), press: None, dialling: None }
    }

    /// Holds a key for `ms`. False if there is no such key.
    pub fn press(&mut self, key: char, ms: u16) -> bool {
        self.press = Press::new(key, ms);
        self.press.is_some()
    }

    /// Presses keys one after the other.
    pub fn dial(&mut self, keys: &str, on_ms: u16, off_ms: u16) {
        self.dialling = Some(Sequence::new(keys, on_ms, off_ms));
    }

    /// Whether a key is held, or keys are still to be pressed.
    pub fn is_keying(&self) -> bool {
        self.press.is_some() || self.dialling.is_some()
    }

    /// What goes into the line while its owner says `voice`: keys go over a voice.
    pub fn say(&mut self, voice: &Sound) -> Sound {
        if let Some(press) = &mut self.press {
            match press.next_ms() {
                Some(sound) => return sound,
                None => self.press = None,
            }
        }
        if let Some(dialling) = &mut self.dialling {
            match dialling.next_ms() {
                Some(sound) => return mixed(&sound, voice),
                None => self.dialling = None,
            }
        }
        *voice
    }

    /// Releases all keys and forgets what was heard.
    pub fn put_down(&mut self) {
        self.press = None;
        self.dialling = None;
        self.ear.forget();
    }
}

/// A telephone on a line of its own.
#[derive(Debug)]
pub struct Telephone {
    /// Keys and receiver.
    pub handset: Handset,
    off_hook: bool,
    /// How long ago the bell was struck, in ms, if it rings.
    since_bell_ms: Option<u32>,
    rings: u32,
    striking: bool,
    alive_ms: u32,
}

impl Telephone {
    /// A telephone of `country`, on hook.
    pub fn new(country: &Country) -> Telephone {
        Telephone {
            handset: Handset::new(country),
            off_hook: false,
            since_bell_ms: None,
            rings: 0,
            striking: false,
            alive_ms: 0,
        }
    }

    /// Whether it is off hook.
    pub fn off_hook(&self) -> bool {
        self.off_hook
    }

    /// Lifts the handset.
    pub fn lift(&mut self) {
        self.off_hook = true;
        self.since_bell_ms = None;
        self.rings = 0;
        self.handset.ear.forget();
    }

    /// Puts the handset down.
    pub fn put_down(&mut self) {
        self.off_hook = false;
        self.handset.put_down();
    }

    /// Whether someone is being called here: the bell rings, or pauses within its cadence.
    pub fn is_ringing(&self) -> bool {
        self.since_bell_ms.is_some()
    }

    /// How often the bell has been struck for the present call.
    pub fn rings(&self) -> u32 {
        self.rings
    }

    /// How long the line has had battery, in ms.
    pub fn alive_ms(&self) -> u32 {
        self.alive_ms
    }

    /// Lives one millisecond, its owner saying `voice`. What is heard goes to the ear.
    pub fn step(&mut self, feed: &StationFeed, voice: &Sound) -> StationLoad {
        let alive = feed.battery_volts.abs() >= ALIVE_VOLTS || feed.ringing_volts >= BELL_VOLTS || self.off_hook;
        self.alive_ms = if alive { self.alive_ms.saturating_add(1) } else { 0 };
        if self.off_hook {
            self.handset.ear.hear(&feed.sound);
            return StationLoad { off_hook: true, sound: self.handset.say(voice) };
        }
        let struck = feed.ringing_volts >= BELL_VOLTS;
        if struck && !self.striking {
            self.rings += 1;
        }
        self.striking = struck;
        self.since_bell_ms = match (struck, self.since_bell_ms) {
            (true, _) => Some(0),
            (false, Some(ms)) if ms < RINGING_OVER_MS => Some(ms + 1),
            (false, _) => {
                self.rings = 0;
                None
            }
        };
        StationLoad { off_hook: false, sound: SILENCE }
    }
}

//! The far end of a trunk: one subscriber line of an exchange.
//!
//! It feeds and rings the line, sends caller ID, sees the loop closed and opened, gives tones, receives digits, and
//! joins the line with a party beyond. What that party says goes in with each millisecond, and what it hears comes out.
//!
//! Never: knows who the party beyond is, or what the card makes of all this.

use std::collections::VecDeque;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::country::{Country, Delivery};
use super::signal::caller_id::CallerIdData;
use super::signal::dtmf;
use super::signal::tone::{Tone, ToneSpec};
use super::{Sound, TrunkFeed, TrunkLoad};

mod caller_id_sequence;
mod hook;
mod states;
#[cfg(test)]
mod tests;

use caller_id_sequence::CallerIdSequence;
pub use hook::{HookEvent, HookWatch};
use states::Input;

/// Equipment of a subscriber line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equipment {
    /// The country: tones and ringing.
    pub country: Country,
    /// Caller ID service of the line.
    pub delivery: Delivery,
    /// The open-circuit battery voltage.
    pub battery_volts: f32,
    /// The polarity is reversed while an outgoing call is in progress.
    pub reverses_on_answer: bool,
    /// Disconnect supervision towards the line.
    pub release: Release,
    /// Signal given to a party that seizes the line.
    pub seizure: Seizure,
    /// The shortest and longest hook flash, in ms, if the line has that service.
    pub flash_ms: Option<(u16, u16)>,
}

/// Disconnect supervision: signal of the line that the far end has cleared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Busy tone, at once.
    BusyTone,
    /// Congestion tone, at once.
    Congestion,
    /// The tone of a number that cannot be had, at once.
    Unobtainable,
    /// The battery is taken away for this many ms; then busy tone.
    LoopBreak(u16),
    /// Not at all: silence.
    Silence,
}

/// Signal on a line that has been seized.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seizure {
    /// Dial tone, after a delay from the closing of the loop in ms.
    DialTone {
        /// From the closed loop to the tone.
        after_ms: u16,
    },
    /// Special dial tone, where the country's is a plain cadence; else dial tone.
    SpecialDialTone,
    /// Nothing, though digits are taken.
    Nothing,
    /// Congestion tone: no register is free, and no digit is taken.
    Congestion,
}

/// Reason for which a call out does not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// The number is engaged: busy tone.
    Engaged,
    /// There is no way to it: congestion tone.
    NoWay,
    /// There is no such number: its tone.
    Unobtainable,
}

impl Equipment {
    /// An ordinary line of `country`.
    pub fn ordinary(country: Country) -> Equipment {
        Equipment {
            country,
            delivery: country.delivery,
            battery_volts: 48.0,
            reverses_on_answer: false,
            release: Release::BusyTone,
            seizure: Seizure::DialTone { after_ms: 0 },
            flash_ms: None,
        }
    }
}

/// Events of the exchange to the owner of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExchangeEvent {
    /// The caller's identity has left the exchange, or was cut off.
    CallerIdSent {
        /// True if its last bit was sent.
        complete: bool,
        /// Time since its beginning, in ms.
        began_ms_ago: u32,
    },
    /// The ordinary ringing has begun: whatever comes ahead of it is over.
    Rings,
    /// The loop was closed while the line rang.
    Answered,
    /// The loop was closed while the line was at rest.
    Seized,
    /// A whole number has been received: now say [`ExchangeLine::ring_beyond`] or [`ExchangeLine::refuse`].
    Dialled(String),
    /// The loop was opened for a moment during a call.
    Flashed,
    /// The loop was opened, and stayed open.
    Released,
    /// The line stayed off hook until the exchange lost interest.
    LockedOut,
}

/// Time-out of dial tone, followed by busy tone, in ms.
const DIAL_TONE_MS: u32 = 15_000;
/// Interdigit time-out for numbers of unknown length, in ms.
const NUMBER_WHOLE_MS: u32 = 4000;
/// From the last digit to ringing or busy tone, in ms.
const ROUTING_MS: u32 = 600;
/// Lengths of busy tone and of the howler after it, in ms.
const BUSY_MS: u32 = 50_000;
const HOWLER_MS: u32 = 50_000;

/// Sound of a line without a tone.
const NO_TONE: ToneSpec = ToneSpec::steady(&[], 0.0);

/// State of the line.
#[derive(Debug)]
enum State {
    /// On hook, at rest, for this many ms.
    Idle { rested_ms: u32 },
    /// Ringing for a party beyond.
    Ringing(Box<Ringing>),
    /// Joined with the party beyond, who was called from here or who called.
    Talking { outgoing: bool },
    /// Dial tone is given.
    DialTone { tone: Tone, ms: u32, silent_ms: u32 },
    /// Digits are coming.
    Collecting { digits: String, quiet_ms: u32 },
    /// The number is looked up.
    Routing { ms: u32, verdict: Option<Verdict> },
    /// The called party is being rung. Without a tone the caller hears its sound instead (custom ringback).
    RingingBeyond { tone: Option<Tone> },
    /// The far end has cleared.
    Deserted { tone: Tone, ms: u32 },
    /// The receiver is off its hook.
    Howling { tone: Tone, ms: u32 },
    /// Given up until the loop opens.
    LockedOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ring { custom: bool },
    Refuse(Refusal),
}

#[derive(Debug)]
struct Ringing {
    /// Caller ID sequence before ordinary ringing.
    sequence: Option<CallerIdSequence>,
    /// Length of ordinary ringing so far, in ms.
    elapsed_ms: u32,
    /// The event that ordinary ringing has begun is sent.
    is_reported: bool,
    /// Heard by the caller meanwhile.
    ringback: Tone,
}

/// A subscriber line of an exchange.
#[derive(Debug)]
pub struct ExchangeLine {
    equipment: Equipment,
    rng: ChaCha8Rng,
    state: State,
    hook: HookWatch,
    /// Remaining time without battery, in ms.
    break_left_ms: u32,
    receiver: dtmf::Receiver,
    events: VecDeque<ExchangeEvent>,
}

impl ExchangeLine {
    /// A line at rest. `rng` decides when exactly caller identity is sent.
    pub fn new(equipment: Equipment, rng: ChaCha8Rng) -> ExchangeLine {
        ExchangeLine {
            equipment,
            rng,
            state: State::Idle { rested_ms: 0 },
            hook: HookWatch::new(equipment.flash_ms),
            break_left_ms: 0,
            receiver: dtmf::Receiver::new(),
            events: VecDeque::with_capacity(8),
        }
    }

    /// A line at rest, for which `seed` decides.
    pub fn of_seed(equipment: Equipment, seed: u64) -> ExchangeLine {
        ExchangeLine::new(equipment, ChaCha8Rng::seed_from_u64(seed))
    }

    /// Equipment of the line.
    pub fn equipment(&self) -> &Equipment {
        &self.equipment
    }

    /// Time the line has been idle, in ms, if it is.
    pub fn rested_ms(&self) -> Option<u32> {
        match self.state {
            State::Idle { rested_ms } => Some(rested_ms),
            _ => None,
        }
    }

    /// Returns true if the line is locked out.
    pub fn locked_out(&self) -> bool {
        matches!(self.state, State::LockedOut)
    }

    /// The next event, if there is one.
    pub fn poll(&mut self) -> Option<ExchangeEvent> {
        self.events.pop_front()
    }

    /// Incoming call: rings the line, with caller ID if given. False if the line is engaged.
    pub fn ring(&mut self, caller_id: Option<&CallerIdData>) -> bool {
        let State::Idle { .. } = self.state else { return false };
        let sequence = caller_id.map(|caller_id| CallerIdSequence::new(&self.equipment, caller_id, &mut self.rng));
        let ringback = Tone::new(self.equipment.country.ringback);
        self.state = State::Ringing(Box::new(Ringing { sequence, elapsed_ms: 0, is_reported: false, ringback }));
        true
    }

    /// The far end clears: ringing stops, or the line gets its disconnect signal.
    pub fn party_leaves(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle { rested_ms: 0 }) {
            State::Ringing(ringing) => self.cut_off(&ringing),
            State::Talking { .. } => {
                let country = &self.equipment.country;
                let (break_ms, tone) = match self.equipment.release {
                    Release::BusyTone => (0, country.busy),
                    Release::Congestion => (0, country.congestion),
                    Release::Unobtainable => (0, country.unobtainable),
                    Release::LoopBreak(ms) => (u32::from(ms), country.busy),
                    Release::Silence => (0, NO_TONE),
                };
                self.break_left_ms = break_ms;
                self.state = State::Deserted { tone: Tone::new(tone), ms: 0 };
            }
            State::RingingBeyond { .. } => self.state = refused(&self.equipment.country, Refusal::Engaged),
            other => self.state = other,
        }
    }

    /// Answers [`ExchangeEvent::Dialled`]: the number exists and is free, and is being rung.
    pub fn ring_beyond(&mut self) {
        self.decide(Verdict::Ring { custom: false });
    }

    /// Rings a line beyond, with sound of the called party for the caller instead of ringback, from the first moment.
    pub fn ring_beyond_with_custom_ringback(&mut self) {
        self.decide(Verdict::Ring { custom: true });
    }

    /// Answers [`ExchangeEvent::Dialled`], or ends the ringing that followed it: the call does not come about.
    pub fn refuse(&mut self, why: Refusal) {
        if let State::RingingBeyond { .. } = self.state {
            self.state = refused(&self.equipment.country, why);
        }
        self.decide(Verdict::Refuse(why));
    }

    /// The battery goes away for a moment that means nothing.
    pub fn dip(&mut self, ms: u16) {
        self.break_left_ms = ms.into();
    }

    fn decide(&mut self, verdict: Verdict) {
        if let State::Routing { verdict: decided, .. } = &mut self.state {
            *decided = Some(verdict);
        }
    }

    /// The party called from this line answers.
    pub fn party_answers(&mut self) {
        if let State::RingingBeyond { .. } | State::Routing { .. } = self.state {
            self.state = State::Talking { outgoing: true };
        }
    }

    /// Ringing ends before the caller's identity was sent.
    fn cut_off(&mut self, ringing: &Ringing) {
        if let Some(began_ms_ago) = ringing.sequence.as_ref().and_then(CallerIdSequence::cut_off) {
            self.events.push_back(ExchangeEvent::CallerIdSent { complete: false, began_ms_ago });
        }
    }

    /// Runs one millisecond: the load of the module and the sound of the party beyond give the feed of each.
    pub fn step(&mut self, load: &TrunkLoad, party: &Sound) -> (TrunkFeed, Sound) {
        let dialled = match self.hook.see(load.off_hook) {
            Some(HookEvent::Closed) => {
                self.loop_closed();
                None
            }
            Some(HookEvent::Opened) => {
                self.loop_opened();
                None
            }
            Some(HookEvent::Flash) => {
                if let State::Talking { .. } = self.state {
                    self.events.push_back(ExchangeEvent::Flashed);
                }
                None
            }
            Some(HookEvent::PulseDigit(digit)) => Some(digit),
            None => None,
        };
        let country = &self.equipment.country;
        let mut feed = TrunkFeed { ringing_hertz: country.ringing_hertz, ..TrunkFeed::default() };
        feed.battery_volts = self.battery();
        let heard_beyond = self.step_state(&Input { dialled, sound: load.sound, party: *party }, &mut feed);
        (feed, heard_beyond)
    }

    fn battery(&mut self) -> f32 {
        if self.break_left_ms > 0 {
            self.break_left_ms -= 1;
            return 0.0;
        }
        match self.state {
            State::Talking { outgoing: true } if self.equipment.reverses_on_answer => -self.equipment.battery_volts,
            _ => self.equipment.battery_volts,
        }
    }

    fn loop_closed(&mut self) {
        match std::mem::replace(&mut self.state, State::Talking { outgoing: false }) {
            // Where a set goes off hook to receive caller ID, that is no answer.
            State::Ringing(ringing)
                if ringing.sequence.as_ref().is_some_and(CallerIdSequence::expects_first_answer) =>
            {
                self.state = State::Ringing(ringing);
            }
            State::Ringing(ringing) => {
                self.cut_off(&ringing);
                self.events.push_back(ExchangeEvent::Answered);
            }
            State::Idle { .. } => {
                self.receiver = dtmf::Receiver::new();
                let country = &self.equipment.country;
                let dial = |tone, silent_ms| State::DialTone { tone: Tone::new(tone), ms: 0, silent_ms };
                self.state = match self.equipment.seizure {
                    Seizure::DialTone { after_ms } => dial(country.dial, after_ms.into()),
                    Seizure::SpecialDialTone => dial(country.special_dial.unwrap_or(country.dial), 0),
                    Seizure::Nothing => dial(NO_TONE, 0),
                    Seizure::Congestion => refused(country, Refusal::NoWay),
                };
                self.events.push_back(ExchangeEvent::Seized);
            }
            other => self.state = other,
        }
    }

    fn loop_opened(&mut self) {
        match self.state {
            // A line that rings or rests is open already.
            State::Idle { .. } | State::Ringing(_) => {}
            State::Talking { .. }
            | State::DialTone { .. }
            | State::Collecting { .. }
            | State::Routing { .. }
            | State::RingingBeyond { .. }
            | State::Deserted { .. }
            | State::Howling { .. }
            | State::LockedOut => {
                self.state = State::Idle { rested_ms: 0 };
                self.break_left_ms = 0;
                self.events.push_back(ExchangeEvent::Released);
            }
        }
    }
}

/// The far end has cleared, for this reason.
fn refused(country: &Country, why: Refusal) -> State {
    let tone = match why {
        Refusal::Engaged => country.busy,
        Refusal::NoWay => country.congestion,
        Refusal::Unobtainable => country.unobtainable,
    };
    State::Deserted { tone: Tone::new(tone), ms: 0 }
}

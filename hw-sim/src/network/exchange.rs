//! The far end of a trunk: one subscriber line of an exchange.
//!
//! It feeds and rings the line, tells who calls, sees the loop closed and opened, gives tones, receives digits, and joins the
//! line with a party beyond. What that party says goes in with each millisecond, and what it hears comes out.
//!
//! Never: knows who the party beyond is, or what the card makes of all this.

use std::collections::VecDeque;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::country::Country;
use super::signal::fsk::{IDLE_LINE, Sender};
use super::signal::tone::Tone;
use super::signal::{SILENCE, dtmf};
use super::{Sound, TrunkFeed, TrunkLoad};

/// How a line is equipped, beside what its country says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equipment {
    /// The country.
    pub country: Country,
    /// The open-circuit battery voltage.
    pub battery_volts: f32,
    /// The polarity reverses while an outgoing call is answered.
    pub reverses_on_answer: bool,
    /// How the line shows that the other party has gone.
    pub release: Release,
}

/// How a line shows that the other party has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Busy tone, at once.
    BusyTone,
    /// The battery is taken away for this many ms; then busy tone.
    LoopBreak(u16),
}

impl Equipment {
    /// An ordinary line of `country`.
    pub fn ordinary(country: Country) -> Equipment {
        Equipment { country, battery_volts: 48.0, reverses_on_answer: false, release: Release::BusyTone }
    }
}

/// What the exchange saw or did, for whoever placed the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The caller's identity has left the exchange, or was cut off.
    CallerIdSent {
        /// Whether its last bit went out.
        complete: bool,
        /// How long ago it began, in ms.
        began_ms_ago: u32,
    },
    /// The loop was closed while the line rang.
    Answered,
    /// The loop was closed while the line was at rest.
    Seized,
    /// A whole number has been received: now say [`ExchangeLine::ring_beyond`] or [`ExchangeLine::refuse`].
    Dialled(String),
    /// The loop was opened, and stayed open.
    Released,
    /// The line stayed off hook until the exchange lost interest.
    LockedOut,
}

/// A closed loop counts after so many ms: a line at rest is seized, ringing is tripped.
const CLOSED_MS: u32 = 30;
/// An open loop is a release after so many ms.
const OPEN_MS: u32 = 250;
/// How long dial tone and silence between digits last before busy tone.
const DIAL_TONE_MS: u32 = 15_000;
const BETWEEN_DIGITS_MS: u32 = 15_000;
/// A number of unknown length is whole after so many ms without a digit.
const NUMBER_WHOLE_MS: u32 = 4000;
/// From the last digit to ringing or busy tone.
const ROUTING_MS: u32 = 600;
/// How long busy tone, and then the howler, last.
const BUSY_MS: u32 = 50_000;
const HOWLER_MS: u32 = 50_000;
/// From the end of the first ringing to the beginning of caller identity: at least, at most (GR-30, YD/T 1277.1).
const CALLER_ID_AFTER_MS: (u32, u32) = (500, 1500);
/// From the end of caller identity to the second ringing, at least: 200 ms by standard, and a margin.
const CALLER_ID_BEFORE_MS: u32 = 300;

/// What the line is doing.
#[derive(Debug)]
enum State {
    /// On hook, at rest, for this many ms.
    Idle { rested_ms: u32 },
    /// Ringing for a party beyond.
    Ringing(Box<Ringing>),
    /// Joined with the party beyond.
    Talking,
    /// Dial tone is given.
    DialTone { tone: Tone, ms: u32 },
    /// Digits are coming.
    Collecting { digits: String, quiet_ms: u32 },
    /// The number is looked up.
    Routing { ms: u32, verdict: Option<Verdict> },
    /// The party beyond is being rung.
    RingingBeyond { tone: Tone },
    /// Nobody is beyond any more.
    Deserted { tone: Tone, ms: u32 },
    /// The receiver is off its hook.
    Howling { tone: Tone, ms: u32 },
    /// Given up until the loop opens.
    LockedOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ring,
    Refuse,
}

#[derive(Debug)]
struct Ringing {
    elapsed_ms: u32,
    /// Heard by the caller meanwhile.
    ringback: Tone,
    /// When caller identity begins, and what it says.
    caller_id: Option<(u32, Sender)>,
}

/// A subscriber line of an exchange.
#[derive(Debug)]
pub struct ExchangeLine {
    equipment: Equipment,
    rng: ChaCha8Rng,
    state: State,
    closed_ms: u32,
    open_ms: u32,
    /// The battery is away for so many ms more.
    break_left_ms: u32,
    receiver: dtmf::Receiver,
    notices: VecDeque<Notice>,
}

impl ExchangeLine {
    /// A line at rest. `rng` decides when exactly caller identity is sent.
    pub fn new(equipment: Equipment, rng: ChaCha8Rng) -> ExchangeLine {
        ExchangeLine {
            equipment,
            rng,
            state: State::Idle { rested_ms: 0 },
            closed_ms: 0,
            open_ms: OPEN_MS,
            break_left_ms: 0,
            receiver: dtmf::Receiver::new(),
            notices: VecDeque::with_capacity(8),
        }
    }

    /// How long the line has been at rest, in ms, if it is.
    pub fn rested_ms(&self) -> Option<u32> {
        match self.state {
            State::Idle { rested_ms } => Some(rested_ms),
            _ => None,
        }
    }

    /// Whether the exchange has given the line up.
    pub fn locked_out(&self) -> bool {
        matches!(self.state, State::LockedOut)
    }

    /// What happened next, if anything has.
    pub fn poll(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// A call comes in: rings the line, sending the octets of `caller_id` after the first ring. False if it is engaged.
    pub fn ring(&mut self, caller_id: Option<&[u8]>) -> bool {
        let State::Idle { .. } = self.state else { return false };
        let country = &self.equipment.country;
        let caller_id = caller_id.map(|octets| {
            let sender = Sender::new(country.modem, IDLE_LINE, octets);
            let (on, off) = match *country.ringing_cadence {
                [on, off, ..] => (u32::from(on), u32::from(off)),
                _ => (1000, 4000),
            };
            let (earliest, latest) = CALLER_ID_AFTER_MS;
            let latest = latest.min(off.saturating_sub(sender.length_ms() + CALLER_ID_BEFORE_MS)).max(earliest);
            (on + self.rng.random_range(earliest..=latest), sender)
        });
        self.state =
            State::Ringing(Box::new(Ringing { elapsed_ms: 0, ringback: Tone::new(country.ringback), caller_id }));
        true
    }

    /// The party beyond goes away: ringing stops, or the line is shown that nobody is there.
    pub fn party_leaves(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle { rested_ms: 0 }) {
            State::Ringing(ringing) => self.caller_id_cut_off(&ringing),
            State::Talking => {
                if let Release::LoopBreak(ms) = self.equipment.release {
                    self.break_left_ms = u32::from(ms);
                }
                self.desert();
            }
            State::RingingBeyond { .. } => self.desert(),
            other => self.state = other,
        }
    }

    /// Answers [`Notice::Dialled`]: the number exists and is free, and is being rung.
    pub fn ring_beyond(&mut self) {
        self.decide(Verdict::Ring);
    }

    /// Answers [`Notice::Dialled`]: the number is engaged.
    pub fn refuse(&mut self) {
        self.decide(Verdict::Refuse);
    }

    fn decide(&mut self, verdict: Verdict) {
        if let State::Routing { verdict: decided, .. } = &mut self.state {
            *decided = Some(verdict);
        }
    }

    /// The party called from this line answers.
    pub fn party_answers(&mut self) {
        if let State::RingingBeyond { .. } = self.state {
            self.state = State::Talking;
        }
    }

    fn desert(&mut self) {
        self.state = State::Deserted { tone: Tone::new(self.equipment.country.busy), ms: 0 };
    }

    fn caller_id_cut_off(&mut self, ringing: &Ringing) {
        if let Some((from, _)) = &ringing.caller_id {
            let began_ms_ago = ringing.elapsed_ms.saturating_sub(*from);
            self.notices.push_back(Notice::CallerIdSent { complete: false, began_ms_ago });
        }
    }

    /// Lives one millisecond: takes what the module does and what the party beyond says; gives what each of them gets.
    pub fn step(&mut self, load: &TrunkLoad, party: &Sound) -> (TrunkFeed, Sound) {
        self.watch_hook(load);
        let mut feed = TrunkFeed { battery_volts: self.battery(), ..TrunkFeed::default() };
        let mut heard_beyond = SILENCE;
        let mut next = None;
        match &mut self.state {
            State::Idle { rested_ms } => *rested_ms += 1,
            State::Ringing(ringing) => {
                let country = &self.equipment.country;
                heard_beyond = ringing.ringback.next_ms();
                if rings_at(country.ringing_cadence, ringing.elapsed_ms) {
                    feed.ringing_volts = country.ringing_volts;
                }
                if let Some((from, sender)) = &mut ringing.caller_id
                    && ringing.elapsed_ms >= *from
                {
                    match sender.next_ms() {
                        Some(sound) => feed.sound = sound,
                        None => {
                            let began_ms_ago = ringing.elapsed_ms - *from;
                            self.notices.push_back(Notice::CallerIdSent { complete: true, began_ms_ago });
                            ringing.caller_id = None;
                        }
                    }
                }
                ringing.elapsed_ms += 1;
            }
            State::Talking => {
                feed.sound = *party;
                heard_beyond = load.sound;
            }
            State::DialTone { tone, ms } => {
                feed.sound = tone.next_ms();
                *ms += 1;
                if let Some(digit) = self.receiver.hear(&load.sound) {
                    next = Some(State::Collecting { digits: digit.to_string(), quiet_ms: 0 });
                } else if *ms >= DIAL_TONE_MS {
                    next = Some(deserted(&self.equipment.country));
                }
            }
            State::Collecting { digits, quiet_ms } => {
                *quiet_ms += 1;
                if let Some(digit) = self.receiver.hear(&load.sound) {
                    digits.push(digit);
                    *quiet_ms = 0;
                }
                if is_whole(digits) || *quiet_ms >= NUMBER_WHOLE_MS.min(BETWEEN_DIGITS_MS) {
                    self.notices.push_back(Notice::Dialled(std::mem::take(digits)));
                    next = Some(State::Routing { ms: 0, verdict: None });
                }
            }
            State::Routing { ms, verdict } => {
                *ms += 1;
                if *ms >= ROUTING_MS {
                    next = match verdict {
                        Some(Verdict::Ring) => {
                            Some(State::RingingBeyond { tone: Tone::new(self.equipment.country.ringback) })
                        }
                        Some(Verdict::Refuse) => Some(deserted(&self.equipment.country)),
                        None => None,
                    };
                }
            }
            State::RingingBeyond { tone } => feed.sound = tone.next_ms(),
            State::Deserted { tone, ms } => {
                if self.break_left_ms == 0 {
                    feed.sound = tone.next_ms();
                }
                *ms += 1;
                if *ms >= BUSY_MS {
                    next = Some(State::Howling { tone: Tone::new(self.equipment.country.howler), ms: 0 });
                }
            }
            State::Howling { tone, ms } => {
                feed.sound = tone.next_ms();
                *ms += 1;
                if *ms >= HOWLER_MS {
                    self.notices.push_back(Notice::LockedOut);
                    next = Some(State::LockedOut);
                }
            }
            State::LockedOut => {}
        }
        if let Some(next) = next {
            self.state = next;
        }
        (feed, heard_beyond)
    }

    fn battery(&mut self) -> f32 {
        if self.break_left_ms > 0 {
            self.break_left_ms -= 1;
            return 0.0;
        }
        self.equipment.battery_volts
    }

    fn watch_hook(&mut self, load: &TrunkLoad) {
        if load.off_hook {
            self.closed_ms = self.closed_ms.saturating_add(1);
            self.open_ms = 0;
        } else {
            self.open_ms = self.open_ms.saturating_add(1);
            self.closed_ms = 0;
        }
        if self.closed_ms == CLOSED_MS {
            self.loop_closed();
        }
        if self.open_ms == OPEN_MS {
            self.loop_opened();
        }
    }

    fn loop_closed(&mut self) {
        match std::mem::replace(&mut self.state, State::Talking) {
            State::Ringing(ringing) => {
                self.caller_id_cut_off(&ringing);
                self.notices.push_back(Notice::Answered);
            }
            State::Idle { .. } => {
                self.receiver = dtmf::Receiver::new();
                self.state = State::DialTone { tone: Tone::new(self.equipment.country.dial), ms: 0 };
                self.notices.push_back(Notice::Seized);
            }
            other => self.state = other,
        }
    }

    fn loop_opened(&mut self) {
        match self.state {
            // A line that rings or rests is open already.
            State::Idle { .. } | State::Ringing(_) => {}
            State::Talking
            | State::DialTone { .. }
            | State::Collecting { .. }
            | State::Routing { .. }
            | State::RingingBeyond { .. }
            | State::Deserted { .. }
            | State::Howling { .. }
            | State::LockedOut => {
                self.state = State::Idle { rested_ms: 0 };
                self.break_left_ms = 0;
                self.notices.push_back(Notice::Released);
            }
        }
    }
}

fn deserted(country: &Country) -> State {
    State::Deserted { tone: Tone::new(country.busy), ms: 0 }
}

/// Whether ringing voltage is on at this moment of a cadence of on, off, on, off, …
fn rings_at(cadence: &[u16], ms: u32) -> bool {
    let period: u32 = cadence.iter().map(|&part| u32::from(part)).sum();
    if period == 0 {
        return true;
    }
    let mut left = ms % period;
    for (i, &part) in cadence.iter().enumerate() {
        if left < u32::from(part) {
            return i.is_multiple_of(2);
        }
        left -= u32::from(part);
    }
    false
}

/// Whether a number needs no more digits, by the numbering plan of China.
fn is_whole(digits: &str) -> bool {
    match digits.as_bytes() {
        b"110" | b"119" | b"120" | b"122" => true,
        // Mobile.
        [b'1', b'3'..=b'9', ..] => digits.len() >= 11,
        // Another area: its code has three digits after 01 and 02, else four; then seven or eight digits follow.
        [b'0', b'1' | b'2', ..] => digits.len() >= 11,
        [b'0', ..] => digits.len() >= 12,
        // Services; their lengths differ.
        [b'1' | b'9', ..] => false,
        [b'2'..=b'8', ..] => digits.len() >= 8,
        _ => false,
    }
}

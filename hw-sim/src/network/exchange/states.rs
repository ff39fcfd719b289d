//! A millisecond of a subscriber line, one function a state; each returns the state that follows.
//!
//! Never: reads the hook switch. Closing and opening of the loop are events of their own and come before.

use super::caller_id_sequence::Progress;
use super::{BUSY_MS, DIAL_TONE_MS, ExchangeEvent, ExchangeLine, HOWLER_MS, NUMBER_WHOLE_MS, ROUTING_MS};
use super::{Refusal, Ringing, State, Verdict, refused};
use crate::network::signal::SILENCE;
use crate::network::signal::tone::Tone;
use crate::network::{Sound, TrunkFeed};

/// Input of a millisecond.
pub(super) struct Input {
    /// Pulse digit that is complete.
    pub dialled: Option<char>,
    /// Sound of the module.
    pub sound: Sound,
    /// Sound of the party beyond.
    pub party: Sound,
}

impl ExchangeLine {
    /// Runs the state for a millisecond and completes the line's feed; returns the sound for the party beyond.
    pub(super) fn step_state(&mut self, input: &Input, feed: &mut TrunkFeed) -> Sound {
        let mut heard_beyond = SILENCE;
        self.state = match std::mem::replace(&mut self.state, State::LockedOut) {
            State::Idle { rested_ms } => State::Idle { rested_ms: rested_ms.saturating_add(1) },
            State::Ringing(mut ringing) => {
                heard_beyond = ringing.ringback.next_ms();
                self.ringing(ringing, feed)
            }
            State::Talking { outgoing } => {
                feed.sound = input.party;
                heard_beyond = input.sound;
                State::Talking { outgoing }
            }
            State::DialTone { tone, ms, silent_ms } => self.dial_tone(tone, ms + 1, silent_ms, input, feed),
            State::Collecting { digits, quiet_ms } => self.collecting(digits, quiet_ms + 1, input),
            State::Routing { ms, verdict } => self.routing(ms + 1, verdict),
            State::RingingBeyond { mut tone } => {
                feed.sound = tone.as_mut().map_or(input.party, Tone::next_ms);
                State::RingingBeyond { tone }
            }
            State::Deserted { tone, ms } => self.deserted(tone, ms + 1, feed),
            State::Howling { tone, ms } => self.howling(tone, ms + 1, feed),
            State::LockedOut => State::LockedOut,
        };
        heard_beyond
    }

    /// Rings the line: the caller ID sequence first, ordinary ringing after it.
    fn ringing(&mut self, mut ringing: Box<Ringing>, feed: &mut TrunkFeed) -> State {
        let country = &self.equipment.country;
        let progress = match &mut ringing.sequence {
            Some(sequence) => sequence.step(self.hook.is_closed(), country.ringing_volts, feed),
            None => Progress::Over,
        };
        match progress {
            // In the ring gap, caller ID is sent in the middle of ordinary ringing.
            Progress::Going if ringing.sequence.as_ref().is_some_and(|sequence| !sequence.is_ahead()) => {
                self.report_ringing(&mut ringing);
            }
            Progress::Going => {}
            Progress::Sent(began_ms_ago) => {
                self.events.push_back(ExchangeEvent::CallerIdSent { complete: true, began_ms_ago });
            }
            Progress::Over => {
                ringing.sequence = None;
                if rings_at(country.ringing_cadence, ringing.elapsed_ms) {
                    feed.ringing_volts = country.ringing_volts;
                }
                ringing.elapsed_ms += 1;
                self.report_ringing(&mut ringing);
                // Off hook since before the ordinary ringing.
                if self.hook.is_closed() {
                    self.events.push_back(ExchangeEvent::Answered);
                    return State::Talking { outgoing: false };
                }
            }
        }
        State::Ringing(ringing)
    }

    fn report_ringing(&mut self, ringing: &mut Ringing) {
        if !ringing.is_reported {
            ringing.is_reported = true;
            self.events.push_back(ExchangeEvent::Rings);
        }
    }

    fn dial_tone(&mut self, mut tone: Tone, ms: u32, silent_ms: u32, input: &Input, feed: &mut TrunkFeed) -> State {
        if ms > silent_ms {
            feed.sound = tone.next_ms();
        }
        match input.dialled.or(self.receiver.hear(&input.sound)) {
            Some(digit) => State::Collecting { digits: digit.to_string(), quiet_ms: 0 },
            None if ms >= DIAL_TONE_MS => refused(&self.equipment.country, Refusal::Engaged),
            None => State::DialTone { tone, ms, silent_ms },
        }
    }

    fn collecting(&mut self, mut digits: String, mut quiet_ms: u32, input: &Input) -> State {
        if let Some(digit) = input.dialled.or(self.receiver.hear(&input.sound)) {
            digits.push(digit);
            quiet_ms = 0;
        }
        if is_whole(&digits) || quiet_ms >= NUMBER_WHOLE_MS {
            self.events.push_back(ExchangeEvent::Dialled(digits));
            return State::Routing { ms: 0, verdict: None };
        }
        State::Collecting { digits, quiet_ms }
    }

    fn routing(&self, ms: u32, verdict: Option<Verdict>) -> State {
        let country = &self.equipment.country;
        match verdict.filter(|_| ms >= ROUTING_MS) {
            Some(Verdict::Ring { custom }) => {
                State::RingingBeyond { tone: (!custom).then(|| Tone::new(country.ringback)) }
            }
            Some(Verdict::Refuse(why)) => refused(country, why),
            None => State::Routing { ms, verdict },
        }
    }

    fn deserted(&self, mut tone: Tone, ms: u32, feed: &mut TrunkFeed) -> State {
        if self.break_left_ms == 0 {
            feed.sound = tone.next_ms();
        }
        if ms >= BUSY_MS {
            return State::Howling { tone: Tone::new(self.equipment.country.howler), ms: 0 };
        }
        State::Deserted { tone, ms }
    }

    fn howling(&mut self, mut tone: Tone, ms: u32, feed: &mut TrunkFeed) -> State {
        feed.sound = tone.next_ms();
        if ms >= HOWLER_MS {
            self.events.push_back(ExchangeEvent::LockedOut);
            return State::LockedOut;
        }
        State::Howling { tone, ms }
    }
}

/// Returns true if ringing voltage is on at this moment of a cadence of on, off, on, off, …
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

/// Returns true if a number needs no more digits, by the numbering plan of China.
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

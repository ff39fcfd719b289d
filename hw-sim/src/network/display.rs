//! Caller ID display of a telephone: identity and message waiting lamp, received by the service of its country.
//!
//! It listens on hook, and where that is the country's way goes off hook by itself for a moment to receive it. Sound is
//! kept until it ends, and then read; what is damaged is not shown.
//!
//! Never: decides to answer.

use std::collections::VecDeque;

use super::StationFeed;
use super::country::{Carrier, Country, Moment};
use super::signal::caller_id::{Indication, read, read_ntt};
use super::signal::dtmf::Receiver;
use super::signal::fsk::{Modem, demodulate};

/// A sample above this is sound: -45 dBm0.
const SOUND: u16 = 128;
/// Quiet time after which sound has ended, in ms.
const QUIET_MS: u32 = 20;
/// A message is no shorter and no longer than this, in ms.
const MESSAGE_MS: std::ops::RangeInclusive<usize> = 150..=4000;
/// Time after which a polarity counts, in ms.
const POLARITY_MS: u32 = 30;
/// Japan: a set that lifts itself waits for its message so long at most, in ms, and is on hook within a second after
/// it.
const FIRST_ANSWER_MS: u32 = 6000;
/// From a short ring to lifting, in ms.
const LIFTING_MS: u32 = 150;

/// A display.
#[derive(Debug)]
pub struct Display {
    /// Modem of the service; `None` for DTMF.
    modem: Option<Modem>,
    keys: Receiver,
    keyed: String,
    /// The set goes off hook by itself to receive the message.
    lifts: bool,
    recording: Vec<i16>,
    quiet_ms: u32,
    /// For how long the polarity has been as it is, and whether that is reversed.
    polarity_ms: u32,
    reversed: bool,
    rung_ms: u32,
    /// Off hook by itself, for so long.
    lifted_ms: Option<u32>,
    /// It has done so for this call.
    done: bool,
    told: VecDeque<Indication>,
    lamp: bool,
}

impl Display {
    /// The display of a set made for `country`.
    pub fn new(country: &Country) -> Display {
        let modem = match country.delivery.carrier {
            Carrier::Fsk(modem) => Some(modem),
            Carrier::Keys { .. } => None,
        };
        Display {
            modem,
            keys: Receiver::new(),
            keyed: String::new(),
            lifts: country.delivery.moment == Moment::FirstAnswer,
            recording: Vec::new(),
            quiet_ms: 0,
            polarity_ms: 0,
            reversed: false,
            rung_ms: 0,
            lifted_ms: None,
            done: false,
            told: VecDeque::new(),
            lamp: false,
        }
    }

    /// The next message, if there is one.
    pub fn poll(&mut self) -> Option<Indication> {
        self.told.pop_front()
    }

    /// Returns true if the message waiting lamp is lit.
    pub fn lamp(&self) -> bool {
        self.lamp
    }

    /// Returns true while the set is off hook by itself.
    pub fn has_lifted(&self) -> bool {
        self.lifted_ms.is_some()
    }

    /// Runs one millisecond while the handset is down.
    pub fn step(&mut self, feed: &StationFeed, rings: bool) {
        self.watch(feed, rings);
        if rings {
            self.recording.clear();
            return;
        }
        if let Some(key) = self.keys.hear(&feed.sound).filter(|_| self.modem.is_none()) {
            self.keyed.push(key);
            if key == 'C' || key == '#' {
                self.told.extend(Indication::of_keys(&std::mem::take(&mut self.keyed)));
            }
        }
        let sounds = feed.sound.iter().any(|sample| sample.unsigned_abs() > SOUND);
        self.quiet_ms = if sounds { 0 } else { self.quiet_ms + 1 };
        if sounds || !self.recording.is_empty() {
            self.recording.extend(feed.sound);
        }
        let length_ms = self.recording.len() / feed.sound.len();
        if length_ms > *MESSAGE_MS.end() || self.quiet_ms >= QUIET_MS {
            if MESSAGE_MS.contains(&length_ms) {
                self.read();
            }
            self.recording.clear();
        }
    }

    /// The handset is lifted: no further message is received.
    pub fn lift(&mut self) {
        self.recording.clear();
        self.keyed.clear();
        (self.lifted_ms, self.done) = (None, false);
    }

    fn read(&mut self) {
        let Some(modem) = self.modem else { return };
        let octets = demodulate(modem, &self.recording);
        let told = if self.lifts && self.lifted_ms.is_some() { read_ntt(&octets) } else { read(&octets) };
        if let Some(Indication::Waiting(waiting)) = told {
            self.lamp = waiting;
        }
        self.told.extend(told);
        self.lifted_ms = None;
    }

    /// Polarity and rings, for those that lift themselves.
    fn watch(&mut self, feed: &StationFeed, rings: bool) {
        if rings {
            self.rung_ms += 1;
        } else {
            let reversed = feed.battery_volts < 0.0;
            self.polarity_ms = if reversed == self.reversed { 0 } else { self.polarity_ms + 1 };
            if self.polarity_ms >= POLARITY_MS {
                (self.reversed, self.polarity_ms) = (reversed, 0);
                self.rung_ms = 0;
                self.done &= reversed;
            }
        }
        self.lifted_ms = match self.lifted_ms {
            Some(ms) => (ms < FIRST_ANSWER_MS).then_some(ms + 1),
            None if self.lifts && self.reversed && !self.done && self.rung_ms >= LIFTING_MS => {
                self.done = true;
                Some(0)
            }
            None => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::country::{CHINA, JAPAN};
    use crate::network::signal::SILENCE;
    use crate::network::signal::caller_id::{CallerIdData, Format, Identity, ntt_message};
    use crate::network::signal::fsk::{CALL_IN_PROGRESS, IDLE_LINE, Preamble, Sender};

    const IDLE: StationFeed = StationFeed {
        battery_volts: 48.0,
        ringing_volts: 0.0,
        ringing_hertz: 0.0,
        ringing_offset_volts: 0.0,
        tip_connected: true,
        sound: SILENCE,
    };
    const REVERSED: StationFeed = StationFeed { battery_volts: -48.0, ..IDLE };

    fn send(display: &mut Display, modem: Modem, preamble: Preamble, octets: &[u8], feed: &StationFeed) {
        let mut sender = Sender::new(modem, preamble, octets);
        while let Some(sound) = sender.next_ms() {
            display.step(&StationFeed { sound, ..*feed }, false);
        }
        (0..50).for_each(|_| display.step(feed, false));
    }

    #[test]
    fn the_lamp_is_lit_and_put_out_and_nothing_damaged_does_it() {
        let mut display = Display::new(&CHINA);
        for (octets, lit) in [
            ([0x06, 3, 0x42, 0x42, 0x42, 0x31], true),
            ([0x06, 3, 0x6f, 0x6f, 0x6f, 0xab], true),
            ([0x06, 3, 0x6f, 0x6f, 0x6f, 0xaa], false),
        ] {
            send(&mut display, Modem::Bell202, IDLE_LINE, &octets, &IDLE);
            assert_eq!(display.lamp(), lit, "{octets:?}");
        }
    }

    #[test]
    fn a_set_in_japan_lifts_itself_once_and_hangs_up_when_it_has_been_told() {
        let mut display = Display::new(&JAPAN);
        (0..200).for_each(|_| display.step(&REVERSED, false));
        assert!(!display.has_lifted());
        (0..200).for_each(|_| display.step(&REVERSED, true));
        assert!(display.has_lifted());
        let identity = Identity::Number("0312345678".into());
        let sent = CallerIdData { stamp: *b"09301230", identity, name: None, format: Format::Mdmf };
        send(&mut display, Modem::V23, CALL_IN_PROGRESS, &ntt_message(&sent), &REVERSED);
        assert!(matches!(display.poll(), Some(Indication::Caller { .. })));
        (0..1000).for_each(|_| display.step(&REVERSED, true));
        assert!(!display.has_lifted());
    }
}

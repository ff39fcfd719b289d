//! A telephone: a hook, a bell, keys, something to speak into and something to listen to.
//!
//! Its owner works it: lifts, presses, speaks. It says when it rings and what is heard.
//!
//! Never: decides anything.

use std::collections::VecDeque;

use super::country::Country;
use super::display::Display;
use super::signal::dtmf::{Press, Sequence};
use super::signal::tone_receiver::ToneReceiver;
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
    /// Sound in the receiver.
    pub tone_receiver: ToneReceiver,
    press: Option<Press>,
    dialling: Option<Sequence>,
}

impl Handset {
    /// A handset of `country`, its keys released.
    pub fn new(country: &Country) -> Handset {
        Handset { tone_receiver: ToneReceiver::new(country), press: None, dialling: None }
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

    /// Returns true while a key is held or keys are still to be pressed.
    pub fn is_keying(&self) -> bool {
        self.press.is_some() || self.dialling.is_some()
    }

    /// Sound sent into the line with `voice` at the microphone: keys replace the voice.
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
        self.tone_receiver.forget();
    }
}

/// Timing of pulse dialling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dial {
    /// Break time of each pulse, in ms.
    pub break_ms: u32,
    /// Make time between two pulses, in ms.
    pub make_ms: u32,
    /// Additional make time after the last pulse of a digit, in ms.
    pub between_digits_ms: u32,
}

impl Dial {
    /// Ten pulses a second, 1.6 times as long open as closed, as most dials turn.
    pub const ORDINARY: Dial = Dial { break_ms: 62, make_ms: 38, between_digits_ms: 700 };
}

/// A number being dialled by pulses.
#[derive(Debug)]
struct Pulses {
    dial: Dial,
    /// The pulses of each digit still to be dialled.
    digits: VecDeque<u32>,
    ms: u32,
}

impl Pulses {
    /// Returns true if the loop is broken in this millisecond; `None` when all is dialled.
    fn next_ms(&mut self) -> Option<bool> {
        let &pulses = self.digits.front()?;
        let ms = self.ms;
        self.ms += 1;
        let pulse_ms = self.dial.break_ms + self.dial.make_ms;
        if self.ms >= pulses * pulse_ms + self.dial.between_digits_ms {
            self.digits.pop_front();
            self.ms = 0;
        }
        Some(ms < pulses * pulse_ms && ms % pulse_ms < self.dial.break_ms)
    }
}

/// A telephone on a line of its own.
#[derive(Debug)]
pub struct Telephone {
    /// Keys and receiver.
    pub handset: Handset,
    /// Caller ID display, if the telephone has one.
    pub display: Option<Display>,
    off_hook: bool,
    pulses: Option<Pulses>,
    /// Remaining time of a hook flash, in ms.
    flash_left_ms: u32,
    /// Time since the last ringing burst began, in ms, if it rings.
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
            display: None,
            off_hook: false,
            pulses: None,
            flash_left_ms: 0,
            since_bell_ms: None,
            rings: 0,
            striking: false,
            alive_ms: 0,
        }
    }

    /// A telephone with a display.
    pub fn with_display(country: &Country) -> Telephone {
        Telephone { display: Some(Display::new(country)), ..Telephone::new(country) }
    }

    /// Returns true if it is off hook.
    pub fn off_hook(&self) -> bool {
        self.off_hook
    }

    /// Lifts the handset.
    pub fn lift(&mut self) {
        self.off_hook = true;
        self.since_bell_ms = None;
        self.rings = 0;
        self.handset.tone_receiver.forget();
        if let Some(display) = &mut self.display {
            display.lift();
        }
    }

    /// Dials by breaking the loop, as an ordinary dial does. What is no digit is left out.
    pub fn dial_pulses(&mut self, digits: &str) {
        self.dial_pulses_by(digits, Dial::ORDINARY);
    }

    /// Dials by breaking the loop, as this dial does.
    pub fn dial_pulses_by(&mut self, digits: &str, dial: Dial) {
        let pulses = digits.chars().filter_map(|digit| digit.to_digit(10)).map(|n| if n == 0 { 10 } else { n });
        self.pulses = Some(Pulses { dial, digits: pulses.collect(), ms: 0 });
    }

    /// Presses the hook down for a moment.
    pub fn flash(&mut self, ms: u32) {
        self.flash_left_ms = ms;
    }

    /// Returns true while keys or pulses are still being sent.
    pub fn is_dialling(&self) -> bool {
        self.pulses.is_some() || self.handset.is_keying()
    }

    /// Puts the handset down.
    pub fn put_down(&mut self) {
        self.off_hook = false;
        self.pulses = None;
        self.flash_left_ms = 0;
        self.handset.put_down();
    }

    /// Returns true while the telephone is alerting: the bell rings, or pauses within its cadence.
    pub fn is_ringing(&self) -> bool {
        self.since_bell_ms.is_some()
    }

    /// Number of ringing bursts of the present call.
    pub fn rings(&self) -> u32 {
        self.rings
    }

    /// Time the line has had battery, in ms.
    pub fn alive_ms(&self) -> u32 {
        self.alive_ms
    }

    /// Runs one millisecond, its owner saying `voice`. What is heard goes to the tone receiver.
    pub fn step(&mut self, feed: &StationFeed, voice: &Sound) -> StationLoad {
        let alive = feed.battery_volts.abs() >= ALIVE_VOLTS || feed.ringing_volts >= BELL_VOLTS || self.off_hook;
        self.alive_ms = if alive { self.alive_ms.saturating_add(1) } else { 0 };
        if self.off_hook {
            self.handset.tone_receiver.hear(&feed.sound);
            let sound = self.handset.say(voice);
            let broken = self.pulses.as_mut().map(Pulses::next_ms);
            if broken == Some(None) {
                self.pulses = None;
            }
            let flashing = self.flash_left_ms > 0;
            self.flash_left_ms = self.flash_left_ms.saturating_sub(1);
            let open = flashing || broken.flatten() == Some(true);
            return StationLoad {
                off_hook: !open,
                sound: if open { SILENCE } else { sound },
                ..StationLoad::default()
            };
        }
        let struck = feed.ringing_volts >= BELL_VOLTS;
        if let Some(display) = &mut self.display {
            display.step(feed, struck);
            if display.has_lifted() {
                return StationLoad { off_hook: true, ..StationLoad::default() };
            }
        }
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
        StationLoad::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::country::CHINA;
    use crate::network::exchange::{HookEvent, HookWatch};

    const ALIVE: StationFeed = StationFeed {
        battery_volts: 48.0,
        ringing_volts: 0.0,
        ringing_hertz: 0.0,
        ringing_offset_volts: 0.0,
        tip_connected: true,
        sound: SILENCE,
    };

    #[test]
    fn the_bell_keeps_its_cadence() {
        let mut phone = Telephone::new(&CHINA);
        let ringing = StationFeed { ringing_volts: 60.0, ..ALIVE };
        for ms in 0..12_000 {
            phone.step(if ms % 5000 < 1000 { &ringing } else { &ALIVE }, &SILENCE);
            assert!(phone.is_ringing(), "at {ms} ms");
        }
        assert_eq!(phone.rings(), 3);
        for _ in 0..6000 {
            phone.step(&ALIVE, &SILENCE);
        }
        assert!(!phone.is_ringing());
        assert_eq!(phone.rings(), 0);
    }

    #[test]
    fn on_hook_it_says_nothing_and_off_hook_what_its_owner_says() {
        let mut phone = Telephone::new(&CHINA);
        assert_eq!(phone.step(&ALIVE, &[5; 8]), StationLoad::default());
        phone.lift();
        assert_eq!(
            phone.step(&ALIVE, &[5; 8]),
            StationLoad { off_hook: true, sound: [5; 8], ..StationLoad::default() }
        );
        phone.handset.press('5', 50);
        assert_ne!(phone.step(&ALIVE, &[5; 8]).sound, [5; 8]);
    }

    #[test]
    fn pulses_and_flashes_break_the_loop() {
        let mut phone = Telephone::new(&CHINA);
        let mut watch = HookWatch::new(Some((150, 500)));
        phone.lift();
        let mut live = |phone: &mut Telephone, ms: u32| -> Vec<HookEvent> {
            (0..ms).filter_map(|_| watch.see(phone.step(&ALIVE, &SILENCE).off_hook)).collect()
        };
        assert_eq!(live(&mut phone, 500), [HookEvent::Closed]);
        phone.dial_pulses("120");
        assert_eq!(live(&mut phone, 5000), ['1', '2', '0'].map(HookEvent::PulseDigit));
        assert!(!phone.is_dialling());
        phone.flash(200);
        assert_eq!(live(&mut phone, 500), [HookEvent::Flash]);
    }
}

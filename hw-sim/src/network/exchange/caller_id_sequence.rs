//! Caller ID towards a subscriber line: the sequence before and between the rings, by service.

use std::collections::VecDeque;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::Equipment;
use crate::network::country::{Carrier, Moment};
use crate::network::signal::caller_id::{CallerIdData, message, ntt_message};
use crate::network::signal::fsk::{CALL_IN_PROGRESS, IDLE_LINE, Preamble, Sender};
use crate::network::signal::tone::{Tone, ToneSpec};
use crate::network::signal::{SILENCE, dtmf};
use crate::network::{Sound, TrunkFeed};

/// From the end of the first ringing to the beginning of the message: at least, at most (GR-30, YD/T 1277.1).
const AFTER_RING_MS: (u32, u32) = (500, 1500);
/// From the end of the message to ringing, at least: 200 ms by standard, and a margin.
const BEFORE_RING_MS: u32 = 300;
/// The ring pulse that alerts (EN 300 659-1: 200 to 300 ms), and the silence after it (500 to 800 ms).
const RING_PULSE_MS: u32 = 250;
const AFTER_PULSE_MS: (u32, u32) = (500, 800);
/// From the reversal to what follows it: at least 100 ms.
const AFTER_REVERSAL_MS: (u32, u32) = (120, 300);
/// The dual alerting tone: 2130 and 2750 Hz, 100 ms (EN 300 659-1, BT SIN 227), and the silence after it.
const ALERT: ToneSpec = ToneSpec::steady(&[2130.0, 2750.0], -15.0);
const ALERT_MS: u32 = 100;
const AFTER_ALERT_MS: (u32, u32) = (60, 300);
/// Japan: short rings until the set answers, at most 6 s; then the message; then the set hangs up.
const SHORT_RING_MS: u32 = 500;
const FIRST_ANSWER_MS: u32 = 6000;
const AFTER_FIRST_ANSWER_MS: u32 = 300;
const HANGING_UP_MS: u32 = 7000;
/// Keys of a number sent as keys, in ms.
const KEY_ON_MS: u16 = 70;
const KEY_OFF_MS: u16 = 70;

/// A message on its way.
#[derive(Debug)]
enum Message {
    Fsk(Sender),
    Keys(dtmf::Sequence),
}

impl Message {
    fn next_ms(&mut self) -> Option<Sound> {
        match self {
            Message::Fsk(sender) => sender.next_ms(),
            Message::Keys(keys) => keys.next_ms(),
        }
    }

    fn length_ms(&self) -> u32 {
        match self {
            Message::Fsk(sender) => sender.length_ms(),
            Message::Keys(keys) => keys.length_ms(),
        }
    }
}

/// A part of the way to the first ordinary ring.
#[derive(Debug)]
enum Step {
    /// Silence, for that many ms.
    Quiet(u32),
    /// Ringing voltage, for that many ms.
    Ring(u32),
    /// The alerting tone.
    Alert(Tone, u32),
    /// The polarity turns, and stays so.
    Reverse,
    /// Short rings, until the set goes off hook or that many ms are over.
    RingUntilAnswered(u32),
    /// The message.
    Message(Message),
    /// Silence, until the set goes on hook or that many ms are over.
    QuietUntilHungUp(u32),
}

/// Everything that comes before the ordinary cadence of ringing.
#[derive(Debug)]
pub(super) struct CallerIdSequence {
    /// Nothing of it is ordinary ringing.
    ahead: bool,
    steps: VecDeque<Step>,
    in_step_ms: u32,
    reversed: bool,
    /// Time since the message began, once it has.
    message_ms: Option<u32>,
    message_is_over: bool,
}

/// Outcome of a millisecond of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// It goes on.
    Going,
    /// The message has been sent, having begun that many ms ago.
    Sent(u32),
    /// The ordinary ringing begins.
    Over,
}

impl CallerIdSequence {
    /// The way `equipment` sends the message of `caller_id`, before its ordinary ringing.
    pub(super) fn new(equipment: &Equipment, caller_id: &CallerIdData, rng: &mut ChaCha8Rng) -> CallerIdSequence {
        let mut between = |(least, most): (u32, u32)| rng.random_range(least..=most.max(least));
        let fsk = |modem, preamble: Preamble, octets: &[u8]| Message::Fsk(Sender::new(modem, preamble, octets));
        let delivery = equipment.delivery;
        let message = match (delivery.carrier, delivery.moment) {
            (Carrier::Fsk(modem), Moment::FirstAnswer) => fsk(modem, CALL_IN_PROGRESS, &ntt_message(caller_id)),
            (Carrier::Fsk(modem), _) => fsk(modem, IDLE_LINE, &message(caller_id)),
            (Carrier::Keys { begin, end }, _) => {
                let keys = caller_id.as_keys(begin, end);
                Message::Keys(dtmf::Sequence::new(&keys, KEY_ON_MS, KEY_OFF_MS))
            }
        };
        let length = message.length_ms();
        let message = Step::Message(message);
        let steps = match delivery.moment {
            Moment::RingGap => {
                // The message takes the long pause at the end of the cadence.
                let (&off, rings) = equipment.country.ringing_cadence.split_last().unwrap_or((&4000, &[1000]));
                let off = u32::from(off);
                let (least, most) = AFTER_RING_MS;
                let wait = between((least, most.min(off.saturating_sub(length + BEFORE_RING_MS))));
                let rest = off.saturating_sub(wait + length).max(BEFORE_RING_MS);
                let on_and_off = rings.iter().enumerate().map(|(i, &ms)| match i % 2 {
                    0 => Step::Ring(u32::from(ms)),
                    _ => Step::Quiet(u32::from(ms)),
                });
                on_and_off.chain([Step::Quiet(wait), message, Step::Quiet(rest)]).collect()
            }
            Moment::RingPulse => {
                let wait = between(AFTER_PULSE_MS);
                vec![Step::Ring(RING_PULSE_MS), Step::Quiet(wait), message, Step::Quiet(BEFORE_RING_MS)]
            }
            Moment::BeforeRing { reversal, alert } => {
                let mut steps = Vec::new();
                if reversal {
                    steps.extend([Step::Reverse, Step::Quiet(between(AFTER_REVERSAL_MS))]);
                }
                if alert {
                    steps.extend([Step::Alert(Tone::new(ALERT), ALERT_MS), Step::Quiet(between(AFTER_ALERT_MS))]);
                }
                steps.extend([message, Step::Quiet(BEFORE_RING_MS)]);
                steps
            }
            Moment::FirstAnswer => vec![
                Step::Reverse,
                Step::Quiet(between(AFTER_REVERSAL_MS)),
                Step::RingUntilAnswered(FIRST_ANSWER_MS),
                Step::Quiet(AFTER_FIRST_ANSWER_MS),
                message,
                Step::QuietUntilHungUp(HANGING_UP_MS),
                Step::Quiet(BEFORE_RING_MS),
            ],
        };
        let ahead = delivery.moment != Moment::RingGap;
        CallerIdSequence {
            ahead,
            steps: steps.into(),
            in_step_ms: 0,
            reversed: false,
            message_ms: None,
            message_is_over: false,
        }
    }

    /// Returns true while ordinary ringing is still to come.
    pub(super) fn is_ahead(&self) -> bool {
        self.ahead
    }

    /// Returns true while a closed loop is not an answer yet.
    pub(super) fn expects_first_answer(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::RingUntilAnswered(_) | Step::QuietUntilHungUp(_)))
    }

    /// Time since the message began while it is still to come (0) or being sent.
    pub(super) fn cut_off(&self) -> Option<u32> {
        (!self.message_is_over).then_some(self.message_ms.unwrap_or(0))
    }

    /// Runs one millisecond, with the loop closed or not.
    pub(super) fn step(&mut self, closed: bool, ringing_volts: f32, feed: &mut TrunkFeed) -> Progress {
        let mut progress = Progress::Going;
        while let Some(step) = self.steps.front_mut() {
            self.in_step_ms += 1;
            let ms = self.in_step_ms;
            let goes_on = match step {
                Step::Quiet(length) => ms <= *length,
                Step::Ring(length) => {
                    feed.ringing_volts = if ms <= *length { ringing_volts } else { 0.0 };
                    ms <= *length
                }
                Step::Alert(tone, length) => {
                    feed.sound = if ms <= *length { tone.next_ms() } else { SILENCE };
                    ms <= *length
                }
                Step::Reverse => {
                    self.reversed = true;
                    false
                }
                Step::RingUntilAnswered(length) => {
                    let goes_on = !closed && ms <= *length;
                    let on = goes_on && (ms - 1) % (2 * SHORT_RING_MS) < SHORT_RING_MS;
                    feed.ringing_volts = if on { ringing_volts } else { 0.0 };
                    if !goes_on && !closed {
                        // A set that does not answer gets no message: on to ordinary ringing.
                        self.steps.clear();
                        self.reversed = false;
                        break;
                    }
                    goes_on
                }
                Step::Message(message) => match message.next_ms() {
                    Some(sound) => {
                        feed.sound = sound;
                        self.message_ms = Some(ms);
                        true
                    }
                    None => {
                        self.message_is_over = true;
                        progress = Progress::Sent(ms - 1);
                        false
                    }
                },
                Step::QuietUntilHungUp(length) => closed && ms <= *length,
            };
            if goes_on {
                break;
            }
            if matches!(step, Step::QuietUntilHungUp(_)) {
                self.reversed = false;
            }
            self.steps.pop_front();
            self.in_step_ms = 0;
        }
        if self.reversed {
            feed.battery_volts = -feed.battery_volts;
        }
        match progress {
            Progress::Going if self.steps.is_empty() => Progress::Over,
            Progress::Going | Progress::Sent(_) | Progress::Over => progress,
        }
    }
}

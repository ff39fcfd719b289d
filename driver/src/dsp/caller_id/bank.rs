//! Caller-ID receiver bank: FSK messages on many channels at once.
//!
//! | state | leaves it |
//! |---|---|
//! | seeking | ten marks in a row: armed |
//! | armed | octet of a message type: reading · octet that begins an NTT frame: framing · any other: seeking |
//! | reading, framing | last checksum octet: seeking, message judged · broken octet: seeking · thirty marks: armed |

use super::message::{self, Message};
use super::ntt::{self, Frame, Taken};
use crate::dsp::fsk::{self, Received};
use crate::dsp::{Lanes, Samples};
use crate::signal::CallerId;

/// The level above which a message is heard, in dBm0. GR-30: sets must hear -32 dBm, and are advised to hear -40.
pub(crate) const FLOOR_DBM0: f64 = -42.0;

/// Receivers side by side: one a lane. Bell 202 and V.23 are both understood, and the messages of GR-30 and of NTT.
#[derive(Debug, Clone)]
pub struct Bank {
    modems: fsk::Bank,
    lanes: Vec<State>,
}

#[derive(Debug, Clone, Default)]
enum State {
    #[default]
    Seeking,
    Armed,
    Reading(Message),
    Framing(Frame),
}

impl Bank {
    /// A bank of `lanes` receivers.
    pub fn new(lanes: usize) -> Bank {
        Bank { modems: fsk::Bank::new(lanes, FLOOR_DBM0), lanes: vec![State::default(); lanes] }
    }

    /// Takes one tick: `frames[lane]` for every lane of `lanes`. A lane left out rests, and begins anew when it is
    /// back. Calls `report` for every message about a call that came whole, lane by lane in order.
    pub fn step(&mut self, frames: &[Samples], lanes: &Lanes, report: &mut dyn FnMut(usize, CallerId)) {
        let states = &mut self.lanes;
        self.modems.step(frames, lanes, &mut |lane, received| {
            if let Some(caller) = states.get_mut(lane).and_then(|state| state.step(received)) {
                report(lane, caller);
            }
        });
    }

    /// Forgets what a lane has heard.
    pub(crate) fn reset(&mut self, lane: usize) {
        self.modems.reset(lane);
        if let Some(state) = self.lanes.get_mut(lane) {
            *state = State::Seeking;
        }
    }
}

impl State {
    fn step(&mut self, received: Received) -> Option<CallerId> {
        match (&mut *self, received) {
            (State::Seeking, Received::Marks { .. }) => *self = State::Armed,
            (State::Armed, Received::Octet(octet)) if message::is_kind(octet) => {
                let mut message = Message::new();
                message.push(octet);
                *self = State::Reading(message);
            }
            (State::Reading(message), Received::Octet(octet) | Received::Unstopped(octet)) => {
                // The length octet bounds the message well below its capacity.
                message.push(octet);
                let whole = message.get(1).is_some_and(|length| message.len() == *length as usize + 3);
                if whole {
                    // The checksum proves a message whose carrier goes before the last stop bit is over.
                    let caller = message::parse(message);
                    *self = State::Seeking;
                    return caller;
                }
                if matches!(received, Received::Unstopped(_)) {
                    *self = State::Seeking;
                }
            }
            (State::Armed, Received::Octet(octet @ ntt::BEGIN)) => {
                let mut frame = Frame::default();
                frame.take(octet);
                *self = State::Framing(frame);
            }
            (State::Framing(frame), Received::Octet(octet)) => match frame.take(octet) {
                Taken::More => {}
                Taken::Whole(caller) => {
                    *self = State::Seeking;
                    return caller;
                }
                Taken::TooLong => *self = State::Seeking,
            },
            // Up to twenty marks may stand between octets; more, and the message has ended before its time.
            (State::Reading(_) | State::Framing(_), Received::Marks { tens }) if tens > 2 => *self = State::Armed,
            (State::Reading(_) | State::Framing(_) | State::Armed, Received::Marks { .. })
            | (State::Seeking, Received::Octet(_)) => {}
            (State::Armed, Received::Octet(_)) | (_, Received::Unstopped(_) | Received::Broken) => {
                *self = State::Seeking
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use arrayvec::ArrayString;

    use super::*;
    use crate::dsp::caller_id::{Format, Sender, Settings, Stamp};
    use crate::dsp::fsk::Modem;
    use crate::dsp::{SILENCE, dtmf};
    use crate::signal::Number;

    const STAMP: Stamp = Stamp { month: 11, day: 22, hour: 9, minute: 5 };

    fn zhang() -> CallerId {
        let number = Number::from("01062345678").expect("short enough");
        CallerId { number, name: ArrayString::from("张三").expect("short enough"), absence: None }
    }

    fn heard(bank: &mut Bank, mut sender: Sender) -> Vec<CallerId> {
        let mut callers = Vec::new();
        let ticks = core::iter::from_fn(|| sender.next()).chain(core::iter::repeat_n(SILENCE, 20));
        for tick in ticks {
            bank.step(&[tick], &Lanes::first(1), &mut |_, caller| callers.push(caller));
        }
        callers
    }

    #[test]
    fn a_caller_arrives_by_either_modem_and_in_either_form() {
        let mut bank = Bank::new(1);
        for modem in [Modem::Bell202, Modem::V23] {
            let settings = Settings::on_hook(modem);
            assert_eq!(heard(&mut bank, Sender::new(&zhang(), STAMP, &settings)), [zhang()]);
            let settings = Settings { format: Format::Sdmf, ..settings };
            let nameless = CallerId { name: ArrayString::new(), ..zhang() };
            assert_eq!(heard(&mut bank, Sender::new(&zhang(), STAMP, &settings)), [nameless]);
        }
    }

    #[test]
    fn a_caller_arrives_without_seizure_and_from_far_away() {
        let off_hook = Settings { seizure_bits: 0, mark_bits: 80, dbm0: -38.0, ..Settings::on_hook(Modem::Bell202) };
        assert_eq!(heard(&mut Bank::new(1), Sender::new(&zhang(), STAMP, &off_hook)), [zhang()]);
    }

    #[test]
    fn after_half_a_message_the_next_is_heard() {
        let settings = Settings::on_hook(Modem::Bell202);
        let mut bank = Bank::new(1);
        let mut cut = message::compose(&zhang(), STAMP, Format::Mdmf);
        cut.truncate(9);
        assert_eq!(heard(&mut bank, Sender::of_message(cut.clone(), &settings)), []);
        assert_eq!(heard(&mut bank, Sender::new(&zhang(), STAMP, &settings)), [zhang()]);
        // Without any silence between the two.
        let mut sender = Sender::of_message(cut, &settings);
        while let Some(tick) = sender.next() {
            bank.step(&[tick], &Lanes::first(1), &mut |_, caller| panic!("half of {caller:?} is no message"));
        }
        assert_eq!(heard(&mut bank, Sender::new(&zhang(), STAMP, &settings)), [zhang()]);
    }

    #[test]
    fn keys_are_no_message() {
        let timing = dtmf::Timing { on_ms: 70, off_ms: 70, pause_ms: 0, low_dbm0: -9.0, high_dbm0: -7.0 };
        let mut keys = dtmf::Sender::new("D01062345678C", &timing);
        let mut bank = Bank::new(1);
        while let Some(tick) = keys.next() {
            bank.step(&[tick], &Lanes::first(1), &mut |_, caller| panic!("{caller:?} was not sent"));
        }
    }

    #[test]
    fn every_lane_hears_what_a_bank_of_one_hears() {
        const LANES: usize = 11;
        let number = |lane: usize| Number::from(&format!("139{lane:08}")).expect("short enough");
        let mut senders: Vec<Sender> = (0..LANES)
            .map(|lane| {
                let caller = CallerId { number: number(lane), ..zhang() };
                let settings = Settings { mark_bits: 80 + 3 * lane as u32, ..Settings::on_hook(Modem::Bell202) };
                Sender::new(&caller, STAMP, &settings)
            })
            .collect();
        let mut bank = Bank::new(LANES);
        let mut alone: Vec<Bank> = (0..LANES).map(|_| Bank::new(1)).collect();
        let mut count = 0;
        for tick in 0..800 {
            let frames: Vec<Samples> = senders.iter_mut().map(|sender| sender.next().unwrap_or(SILENCE)).collect();
            let mut together = Vec::new();
            bank.step(&frames, &Lanes::first(LANES), &mut |lane, caller| together.push((lane, caller)));
            let mut apart = Vec::new();
            for (lane, bank) in alone.iter_mut().enumerate() {
                bank.step(&frames[lane..=lane], &Lanes::first(1), &mut |_, caller| apart.push((lane, caller)));
            }
            assert_eq!(together, apart, "in tick {tick}");
            assert!(together.iter().all(|(lane, caller)| caller.number == number(*lane)));
            count += together.len();
        }
        assert_eq!(count, LANES);
    }
}

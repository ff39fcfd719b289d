//! Lines of an exchange, with a module of a few lines at the other end of the wire.

use rand::SeedableRng;

use super::*;
use crate::network::country::{CHINA, Carrier, GERMANY, HONG_KONG, JAPAN, Moment, UNITED_KINGDOM, UNITED_STATES};
use crate::network::signal::SILENCE;
use crate::network::signal::caller_id::{Format, Identity, message, ntt_message};
use crate::network::signal::dtmf::{Receiver, Sequence};
use crate::network::signal::fsk::{Modem, demodulate};
use crate::network::signal::tone_receiver::{Signal, ToneReceiver};

/// A line and everything that went over it.
struct Wire {
    line: ExchangeLine,
    off_hook: bool,
    feeds: Vec<TrunkFeed>,
    beyond: Vec<i16>,
    events: Vec<(usize, ExchangeEvent)>,
}

impl Wire {
    fn new(equipment: Equipment, seed: u64) -> Wire {
        let line = ExchangeLine::new(equipment, ChaCha8Rng::seed_from_u64(seed));
        Wire { line, off_hook: false, feeds: Vec::new(), beyond: Vec::new(), events: Vec::new() }
    }

    fn of(country: Country) -> Wire {
        Wire::new(Equipment::ordinary(country), 1)
    }

    fn step(&mut self, sound: Sound, party: &Sound) {
        let (feed, beyond) = self.line.step(&TrunkLoad { off_hook: self.off_hook, sound }, party);
        self.feeds.push(feed);
        self.beyond.extend(beyond);
        while let Some(event) = self.line.poll() {
            if let ExchangeEvent::Dialled(_) = event {
                self.line.ring_beyond();
            }
            self.events.push((self.feeds.len(), event));
        }
    }

    fn wait(&mut self, ms: usize) {
        (0..ms).for_each(|_| self.step(SILENCE, &SILENCE));
    }

    fn sound_since(&self, ms: usize) -> Vec<i16> {
        self.feeds[ms..].iter().flat_map(|feed| feed.sound).collect()
    }

    /// The signal at the end for a listener since then.
    fn heard_since(&self, ms: usize) -> Option<Signal> {
        let mut tone_receiver = ToneReceiver::new(&self.line.equipment().country);
        for feed in &self.feeds[ms..] {
            tone_receiver.hear(&feed.sound);
        }
        tone_receiver.signal()
    }

    /// Beginning and end of each ringing, in ms.
    fn rings(&self) -> Vec<(usize, usize)> {
        let mut rings = Vec::new();
        let mut from = None;
        for (ms, feed) in self.feeds.iter().enumerate() {
            match (from, feed.ringing_volts > 0.0) {
                (None, true) => from = Some(ms),
                (Some(begin), false) => {
                    rings.push((begin, ms));
                    from = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
        rings
    }

    /// Events of the exchange, without the beginning of ringing.
    fn events(&self) -> Vec<&ExchangeEvent> {
        self.events.iter().map(|(_, event)| event).filter(|event| **event != ExchangeEvent::Rings).collect()
    }

    /// Time of the event that ordinary ringing began, in ms.
    fn rang_at(&self) -> Vec<usize> {
        self.events.iter().filter(|(_, event)| *event == ExchangeEvent::Rings).map(|(at, _)| *at).collect()
    }
}

fn call(number: &str, format: Format) -> CallerIdData {
    CallerIdData {
        stamp: *b"09301230",
        identity: Identity::Number(number.into()),
        name: Some(b"ZHANG SAN".to_vec()),
        format,
    }
}

#[test]
fn a_line_in_china_rings_and_tells_who_calls_in_the_gap() {
    for seed in 0..40 {
        let mut wire = Wire::new(Equipment::ordinary(CHINA), seed);
        let caller_id = call("13812345678", if seed % 2 == 0 { Format::Sdmf } else { Format::Mdmf });
        assert!(wire.line.ring(Some(&caller_id)));
        wire.wait(12_000);
        assert_eq!(wire.rings(), [(0, 1000), (5000, 6000), (10_000, 11_000)], "seed {seed}");
        let sounding: Vec<usize> = (0..wire.feeds.len()).filter(|&ms| wire.feeds[ms].sound != SILENCE).collect();
        let (first, last) = (sounding[0], sounding[sounding.len() - 1]);
        assert!(first >= 1500 && last <= 4800, "seed {seed}: from {first} to {last} ms");
        assert_eq!(demodulate(Modem::Bell202, &wire.sound_since(0)), message(&caller_id), "seed {seed}");
        assert_eq!(wire.events().len(), 1);
        assert!(matches!(wire.events()[0], ExchangeEvent::CallerIdSent { complete: true, .. }));
        assert!(wire.feeds.iter().all(|feed| feed.battery_volts == 48.0));
    }
}

#[test]
fn answering_stops_ringing_and_cuts_the_identity_off() {
    let mut wire = Wire::of(CHINA);
    wire.line.ring(Some(&call("10086", Format::Sdmf)));
    wire.wait(500);
    wire.off_hook = true;
    wire.wait(40);
    assert_eq!(
        wire.events(),
        [&ExchangeEvent::CallerIdSent { complete: false, began_ms_ago: 0 }, &ExchangeEvent::Answered]
    );
    wire.wait(2000);
    assert_eq!(wire.rings().len(), 1);
    // Now both sides hear each other, in the same millisecond.
    wire.step([1; 8], &[2; 8]);
    assert_eq!(wire.feeds.last().map(|feed| feed.sound), Some([2; 8]));
    assert_eq!(wire.beyond[wire.beyond.len() - 8..], [1; 8]);
    wire.off_hook = false;
    wire.wait(300);
    assert_eq!(wire.events().last(), Some(&&ExchangeEvent::Released));
    assert!(wire.line.rested_ms().is_some());
}

#[test]
fn a_caller_who_gives_up_leaves_a_quiet_line() {
    let mut wire = Wire::of(CHINA);
    wire.line.ring(None);
    assert!(!wire.line.ring(None), "engaged");
    wire.wait(5500);
    wire.line.party_leaves();
    wire.wait(10_000);
    assert_eq!(wire.rings(), [(0, 1000), (5000, 5500)]);
    assert_eq!(wire.events(), [] as [&ExchangeEvent; 0]);
}

#[test]
fn a_party_who_goes_is_shown_by_busy_tone_or_a_break() {
    for (release, volts) in [(Release::BusyTone, 48.0), (Release::LoopBreak(600), 0.0)] {
        let mut wire = Wire::new(Equipment { release, ..Equipment::ordinary(CHINA) }, 1);
        wire.line.ring(None);
        wire.off_hook = true;
        wire.wait(100);
        wire.line.party_leaves();
        let from = wire.feeds.len();
        wire.wait(4000);
        assert_eq!(wire.feeds[from + 10].battery_volts, volts);
        assert_eq!(wire.feeds[from + 700].battery_volts, 48.0);
        assert_eq!(wire.heard_since(from), Some(Signal::Busy));
    }
}

#[test]
fn a_call_goes_out() {
    let mut wire = Wire::new(Equipment { reverses_on_answer: true, ..Equipment::ordinary(CHINA) }, 1);
    wire.off_hook = true;
    wire.wait(3000);
    assert_eq!(wire.heard_since(0), Some(Signal::Dial));
    let mut keys = Sequence::new("13812345678", 80, 80);
    while let Some(sound) = keys.next_ms() {
        wire.step(sound, &SILENCE);
    }
    assert_eq!(wire.events(), [&ExchangeEvent::Seized, &ExchangeEvent::Dialled("13812345678".into())]);
    wire.wait(2000);
    assert_eq!(wire.heard_since(wire.feeds.len() - 1500), Some(Signal::Ringback));
    wire.line.party_answers();
    wire.step([3; 8], &[4; 8]);
    assert_eq!(wire.feeds.last().map(|feed| (feed.sound, feed.battery_volts)), Some(([4; 8], -48.0)));
    wire.line.party_leaves();
    wire.wait(10);
    assert_eq!(wire.feeds.last().map(|feed| feed.battery_volts), Some(48.0));
}

#[test]
fn pulses_dial_and_a_flash_is_seen() {
    let mut wire = Wire::new(Equipment { flash_ms: Some((150, 500)), ..Equipment::ordinary(CHINA) }, 1);
    wire.off_hook = true;
    wire.wait(1000);
    for digit in [1, 1, 10] {
        for _ in 0..digit {
            wire.off_hook = false;
            wire.wait(62);
            wire.off_hook = true;
            wire.wait(38);
        }
        wire.wait(700);
    }
    assert_eq!(wire.events(), [&ExchangeEvent::Seized, &ExchangeEvent::Dialled("110".into())]);
    wire.line.party_answers();
    wire.off_hook = false;
    wire.wait(200);
    wire.off_hook = true;
    wire.wait(100);
    assert_eq!(wire.events().last(), Some(&&ExchangeEvent::Flashed));
}

#[test]
fn a_line_left_off_hook_is_given_up_until_it_is_put_down() {
    let mut wire = Wire::of(CHINA);
    wire.off_hook = true;
    wire.wait(120_000);
    assert_eq!(wire.events(), [&ExchangeEvent::Seized, &ExchangeEvent::LockedOut]);
    assert!(wire.line.locked_out());
    wire.off_hook = false;
    wire.wait(300);
    assert!(!wire.line.locked_out());
}

#[test]
fn each_country_rings_as_it_does() {
    for (country, first_rings) in [
        (UNITED_STATES, vec![(0, 2000), (6000, 8000)]),
        (HONG_KONG, vec![(0, 400), (600, 1000), (4000, 4400), (4600, 5000)]),
    ] {
        let mut wire = Wire::of(country);
        let caller_id = call("6095551212", Format::Sdmf);
        wire.line.ring(Some(&caller_id));
        wire.wait(9000);
        assert_eq!(wire.rings()[..first_rings.len()], first_rings, "{}", country.code);
        assert_eq!(demodulate(Modem::Bell202, &wire.sound_since(0)), message(&caller_id), "{}", country.code);
    }
}

#[test]
fn before_the_first_ring() {
    let caller_id = call("2071234567", Format::Mdmf);
    for country in [UNITED_KINGDOM, GERMANY] {
        let mut wire = Wire::of(country);
        wire.line.ring(Some(&caller_id));
        wire.wait(8000);
        assert_eq!(demodulate(Modem::V23, &wire.sound_since(0)), message(&caller_id), "{}", country.code);
        let (sent, _) = wire.events[0];
        let rings = wire.rings();
        assert_eq!(wire.rang_at().len(), 1);
        assert!(rings.iter().any(|ring| ring.0.abs_diff(wire.rang_at()[0]) <= 1), "{rings:?}");
        let ring_before = rings.iter().filter(|ring| ring.0 < sent).count();
        let reversed = wire.feeds.iter().filter(|feed| feed.battery_volts < 0.0).count();
        match country.code {
            "GB" => assert!(ring_before == 0 && reversed > 1000, "{rings:?}"),
            _ => assert!(rings[0] == (0, 250) && ring_before == 1 && reversed == 0, "{rings:?}"),
        }
        assert!(rings[ring_before].0 > sent + 200);
        assert!(wire.feeds[sent + 400..].iter().all(|feed| feed.battery_volts > 0.0));
    }
}

#[test]
fn keys_before_the_first_ring() {
    let delivery = Delivery {
        moment: Moment::BeforeRing { reversal: false, alert: false },
        carrier: Carrier::Keys { begin: 'D', end: 'C' },
    };
    let mut wire = Wire::new(Equipment { delivery, ..Equipment::ordinary(CHINA) }, 1);
    wire.line.ring(Some(&call("01062345678", Format::Sdmf)));
    wire.wait(4000);
    let mut receiver = Receiver::new();
    let keys: String = wire.feeds.iter().filter_map(|feed| receiver.hear(&feed.sound)).collect();
    assert_eq!(keys, "D01062345678C");
    assert!(wire.rings()[0].0 > 13 * 140);
}

#[test]
fn japan_answers_twice() {
    let caller_id = call("0312345678", Format::Sdmf);
    let mut wire = Wire::of(JAPAN);
    wire.line.ring(Some(&caller_id));
    wire.wait(800);
    wire.off_hook = true;
    wire.wait(2500);
    assert!(matches!(wire.events()[..], [ExchangeEvent::CallerIdSent { complete: true, .. }]), "{:?}", wire.events());
    let octets: Vec<u8> = demodulate(Modem::V23, &wire.sound_since(800));
    assert_eq!(octets, ntt_message(&caller_id));
    wire.off_hook = false;
    wire.wait(2500);
    assert!(wire.rings().iter().any(|&(from, to)| to - from == 1000), "{:?}", wire.rings());
    wire.off_hook = true;
    wire.wait(100);
    assert_eq!(wire.events().last(), Some(&&ExchangeEvent::Answered));
    // A set that knows nothing of this never answers the first time, and rings all the same.
    let mut wire = Wire::of(JAPAN);
    wire.line.ring(Some(&caller_id));
    wire.wait(9000);
    wire.off_hook = true;
    wire.wait(100);
    assert_eq!(wire.events().last(), Some(&&ExchangeEvent::Answered));
}

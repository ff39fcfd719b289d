//! GR-30-CORE, EN 300 659 and NTT's number display: messages about the caller, and the tone that alerts to them, at the
//! limits of the line.

use arrayvec::ArrayString;
use tipring_driver::dsp::caller_id::alert::{ALERT, Alert};
use tipring_driver::dsp::caller_id::{Bank, Sender, Settings, Stamp};
use tipring_driver::dsp::fsk::Modem;
use tipring_driver::dsp::{Lanes, SILENCE, progress};
use tipring_driver::line::{CallerId, Number};
use tipring_hw_sim::network::signal::caller_id::{CallerIdData, Format, Identity, ntt_message};
use tipring_hw_sim::network::signal::fsk::{self as exchange, CALL_IN_PROGRESS};

use crate::signal::{MS, Random, Signal};
use crate::speech::Speech;

fn sent(modem: Modem, random: &mut Random) -> (CallerId, Signal) {
    let mut number = Number::new();
    (0..11).for_each(|_| number.push(char::from(b'0' + random.below(10) as u8)));
    let caller = CallerId { number, name: ArrayString::from("张三").expect("short enough"), absence: None };
    let stamp = Stamp { month: 1 + random.below(12) as u8, day: 15, hour: 10, minute: random.below(60) as u8 };
    let mut sender = Sender::new(&caller, stamp, &Settings::on_hook(modem));
    let mut signal = Signal::default();
    signal.silence(800 + random.below(100));
    while let Some(tick) = sender.next() {
        signal.0.extend(tick.map(f64::from));
    }
    signal.silence(400);
    (caller, signal)
}

fn heard(samples: &[i16]) -> Vec<CallerId> {
    let mut bank = Bank::new(1);
    let mut callers = Vec::new();
    for tick in samples.as_chunks::<8>().0.iter().copied().chain([SILENCE; 4]) {
        bank.step(&[tick], &Lanes::first(1), &mut |_, caller| callers.push(caller));
    }
    callers
}

/// GR-30 gives a set 25 dB; 12 dB is what is asked for here, of noise over the whole band of the line.
#[test]
fn noise_at_12_db_leaves_99_of_100_messages() {
    for modem in [Modem::Bell202, Modem::V23] {
        let mut random = Random::new(30);
        let mut right = 0;
        for _ in 0..200 {
            let (caller, mut signal) = sent(modem, &mut random);
            signal.add_noise(-13.5 - 12.0, &mut random);
            let callers = heard(&signal.through_a_law());
            assert!(callers.iter().all(|heard| *heard == caller), "a wrong number is worse than none");
            right += callers.len();
        }
        assert!(right >= 198, "{right} of 200 messages by {modem:?}");
    }
}

/// NTT's frame, by the simulated exchange's own hand: V.23 with seven bits and parity, off hook, after 80 marks.
#[test]
fn noise_at_12_db_leaves_99_of_100_frames_of_number_display() {
    let mut random = Random::new(81);
    let mut right = 0;
    for _ in 0..200 {
        let digits: String = (0..10).map(|_| char::from(b'0' + random.below(10) as u8)).collect();
        let caller_id = CallerIdData {
            stamp: *b"09301230",
            identity: Identity::Number(digits.clone()),
            name: None,
            format: Format::Sdmf,
        };
        let mut sender = exchange::Sender::new(exchange::Modem::V23, CALL_IN_PROGRESS, &ntt_message(&caller_id));
        let mut signal = Signal::default();
        signal.silence(800 + random.below(100));
        while let Some(sound) = sender.next_ms() {
            signal.0.extend(sound.map(f64::from));
        }
        signal.silence(400);
        signal.add_noise(-13.5 - 12.0, &mut random);
        let callers = heard(&signal.through_a_law());
        assert!(callers.iter().all(|caller| caller.number.as_str() == digits), "a wrong number is worse than none");
        right += callers.len();
    }
    assert!(right >= 198, "{right} of 200 frames");
}

fn alerts(samples: impl Iterator<Item = [i16; 8]>) -> usize {
    let mut bank = progress::Bank::new(1, &ALERT);
    let mut found = 0;
    for tick in samples {
        bank.step(&[tick], &Lanes::first(1), &mut |_, event| {
            found += usize::from(event == progress::Event::Recognised(Alert));
        });
    }
    found
}

/// EN 300 659-1: 2130 and 2750 Hz ± 0.5 %, 90 to 110 ms; GR-30: 75 to 85 ms; -14 to -32 dBm at the set, 6 dB of twist;
/// in the noise that messages have to bear.
#[test]
fn the_alerting_tone_is_heard_99_times_of_100_at_the_limits() {
    let mut random = Random::new(31);
    let mut right = 0;
    for _ in 0..500 {
        let off = random.between(0.995, 1.005);
        let level = random.between(-32.0, -14.0);
        let twist = random.between(-6.0, 6.0);
        let mut signal = Signal::default();
        signal.silence(800 + random.below(100));
        let length = MS * 75 + random.below(MS * 35);
        signal.tones(length, &[(2130.0 * off, level + twist / 2.0), (2750.0 * off, level - twist / 2.0)]);
        signal.silence(1600);
        signal.add_noise(level - 12.0, &mut random);
        right += usize::from(alerts(signal.through_a_law().as_chunks().0.iter().copied()) == 1);
    }
    assert!(right >= 495, "{right} of 500");
}

/// An idle line has no speech; but an extension telephone may be on it, and crosstalk may.
#[test]
fn an_hour_of_speech_holds_no_alerting_tone() {
    let mut speech = Speech::new(227);
    let found = alerts((0..3_600_000).map(|_| core::array::from_fn(|_| speech.next())));
    assert_eq!(found, 0);
}

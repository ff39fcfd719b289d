//! Input of both sides: speech, keys, caller identities, echoes. The same for the same channel in every run.

use arrayvec::ArrayString;
use tipring_driver::card::Law;
use tipring_driver::dsp::fsk::Modem;
use tipring_driver::dsp::{caller_id, dtmf, g711};
use tipring_driver::line::{CallerId, Number};

use crate::signal::through_a_law;
use crate::speech::Speech;

/// Channels side by side.
pub const CHANNELS: usize = 64;
/// Milliseconds of each; a contest goes round and round in them.
pub const MS: usize = 1000;
/// Milliseconds that one side gets at a time. Whole chunks of 20 ms, and a whole part of [`MS`].
pub const SLICE_MS: usize = 200;

/// One signal for each channel.
pub type Channels = Vec<Vec<i16>>;

/// The samples of a slice.
pub fn slice(from_ms: usize) -> std::ops::Range<usize> {
    from_ms * 8..(from_ms + SLICE_MS) * 8
}

pub fn speech() -> Channels {
    let voice = |seed| {
        let mut voice = Speech::new(seed);
        (0..MS * 8).map(|_| voice.next()).collect()
    };
    (0..CHANNELS as u64).map(voice).collect()
}

/// Ten keys a second on every channel: as dense as Q.24 allows, and far denser than any caller types.
pub fn keys() -> Channels {
    let timing = dtmf::Timing { on_ms: 50, off_ms: 50, pause_ms: 0, low_dbm0: -9.0, high_dbm0: -7.0 };
    let typed = |channel: usize| {
        let digits: String = "123A456B789C*0#D".chars().cycle().skip(channel).take(10).collect();
        let mut sender = dtmf::Sender::new(&digits, &timing);
        let mut samples: Vec<i16> = std::iter::from_fn(|| sender.next()).flatten().collect();
        samples.resize(MS * 8, 0);
        samples
    };
    (0..CHANNELS).map(typed).collect()
}

pub fn callers() -> Channels {
    let message = |channel: usize| {
        let number = Number::from(&format!("139{channel:08}")).unwrap_or_default();
        let caller = CallerId { number, name: ArrayString::from("JOHN DOE").unwrap_or_default(), absence: None };
        let stamp = caller_id::Stamp { month: 9, day: 30, hour: 12, minute: 30 };
        let mut sender = caller_id::Sender::new(&caller, stamp, &caller_id::Settings::on_hook(Modem::Bell202));
        let mut samples: Vec<i16> = std::iter::from_fn(|| sender.next()).flatten().collect();
        samples.resize(MS * 8, 0);
        samples
    };
    (0..CHANNELS).map(message).collect()
}

/// Echoes by a hybrid of 6 dB return loss, through A-law.
pub fn echoes(channels: &Channels) -> Channels {
    let path: Vec<f32> = (0..60).map(|n: i32| 0.3 * 0.93_f32.powi(n) * (n as f32 * 0.6).cos()).collect();
    let echo = |channel: &Vec<i16>| {
        let one = |n: usize| -> i16 {
            let parts = path.iter().take(n + 1).enumerate().map(|(k, gain)| gain * f32::from(channel[n - k]));
            through_a_law(f64::from(parts.sum::<f32>()))
        };
        (0..channel.len()).map(one).collect()
    };
    channels.iter().map(echo).collect()
}

/// The channels beside white noise of -45 dBm0, through A-law.
pub fn noisy(channels: &Channels) -> Channels {
    let rms = crate::signal::peak(-45.0) / 2_f64.sqrt();
    let one = |(seed, channel): (usize, &Vec<i16>)| {
        let mut random = crate::signal::Random::new(seed as u64);
        channel.iter().map(|sample| through_a_law(f64::from(*sample) + rms * random.gauss())).collect()
    };
    channels.iter().enumerate().map(one).collect()
}

/// The octets of signals that have come through A-law.
pub fn octets(channels: &Channels) -> Vec<Vec<u8>> {
    channels.iter().map(|channel| channel.iter().map(|sample| g711::encode(Law::A, *sample)).collect()).collect()
}

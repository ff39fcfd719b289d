//! The signal processing, timed; beside spandsp and speexdsp on the same samples if they are linked.
//!
//! ```text
//! cargo bench -p tipring-tests --bench dsp
//! apt-get install libspandsp-dev libspeexdsp-dev
//! cargo bench -p tipring-tests --bench dsp --features peers
//! ```
//!
//! Each figure is the median of seven runs, in nanoseconds a sample of one channel; ours and the peer's take turns. Ours works on all
//! channels side by side, a millisecond at a time, as the media thread does; the peers get 20 ms of one channel at a time, which suits
//! them best. What it does not show: caches that other work has emptied, and how well either does its task (see tests/standards).

#[cfg(feature = "peers")]
#[path = "dsp/peers.rs"]
mod peers;
#[path = "../standards/signal.rs"]
#[expect(dead_code, reason = "the tests use all of it")]
mod signal;
#[path = "../standards/speech.rs"]
mod speech;

use std::hint::black_box;
use std::time::Instant;

use arrayvec::ArrayString;
use tipring_driver::card::Law;
use tipring_driver::country::CHINA;
use tipring_driver::dsp::echo::Canceller;
use tipring_driver::dsp::fsk::Modem;
use tipring_driver::dsp::machine::MACHINE_TONES;
use tipring_driver::dsp::{Lanes, SILENCE, Samples, caller_id, dtmf, g711, progress};
use tipring_driver::line::{CallerId, Number};

/// Channels side by side.
const CHANNELS: usize = 64;
/// Milliseconds of each.
const MS: usize = 1000;
const RUNS: usize = 7;

/// One signal for each channel.
type Channels = Vec<Vec<i16>>;

/// What is timed: a name, ours, and the peer's, on the same channels.
struct Contest<'a> {
    name: &'static str,
    target: f64,
    ours: Box<dyn FnMut() + 'a>,
    peer: Option<Box<dyn FnMut() + 'a>>,
}

fn main() {
    let speech = speech();
    let keys = keys();
    let callers = callers();
    let echoes = echoes(&speech);
    let octets: Vec<Vec<u8>> =
        echoes.iter().map(|channel| channel.iter().map(|sample| g711::encode(Law::A, *sample)).collect()).collect();
    let mut contests = [
        Contest::new("DTMF receive, speech", 0.35, || receive_keys(&speech)),
        Contest::new("DTMF receive, keys", 0.35, || receive_keys(&keys)),
        Contest::new("caller id receive", 0.35, || receive_callers(&callers)),
        Contest::new("echo, 128 taps", 0.25, || cancel(&speech, &echoes, 128)),
        Contest::new("echo, 1024 taps", 0.2, || cancel(&speech[..8], &echoes[..8], 1024)),
        Contest::new("whole channel", 0.25, || whole(&speech, &octets)),
    ];
    let samples = [CHANNELS, CHANNELS, CHANNELS, CHANNELS, 8, CHANNELS].map(|channels| channels * MS * 8);
    #[cfg(feature = "peers")]
    {
        let peers: [Box<dyn FnMut() + '_>; 6] = [
            Box::new(|| peers::receive_keys(&speech)),
            Box::new(|| peers::receive_keys(&keys)),
            Box::new(|| peers::receive_callers(&callers)),
            Box::new(|| peers::cancel(&speech, &echoes, 128)),
            Box::new(|| peers::cancel(&speech[..8], &echoes[..8], 1024)),
            Box::new(|| peers::whole(&speech, &octets)),
        ];
        for (contest, peer) in contests.iter_mut().zip(peers) {
            contest.peer = Some(peer);
        }
    }
    println!("{:24}{:>12}{:>12}{:>8}{:>8}", "ns a sample, median", "tipring", "spandsp", "ratio", "target");
    for (contest, samples) in contests.iter_mut().zip(samples) {
        contest.run(samples);
    }
}

impl<'a> Contest<'a> {
    fn new(name: &'static str, target: f64, ours: impl FnMut() + 'a) -> Contest<'a> {
        Contest { name, target, ours: Box::new(ours), peer: None }
    }

    fn run(&mut self, samples: usize) {
        let mut ours = Vec::new();
        let mut peers = Vec::new();
        for _ in 0..RUNS {
            ours.push(timed(&mut self.ours, samples));
            if let Some(peer) = &mut self.peer {
                peers.push(timed(peer, samples));
            }
        }
        let ours = median(ours);
        if peers.is_empty() {
            println!("{:24}{ours:>12.2}{:>12}{:>8}{:>8}", self.name, "-", "-", "-");
        } else {
            let peer = median(peers);
            println!("{:24}{ours:>12.2}{peer:>12.2}{:>8.3}{:>8.2}", self.name, ours / peer, self.target);
        }
    }
}

fn timed(work: &mut dyn FnMut(), samples: usize) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_nanos() as f64 / samples as f64
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Gives `step` a tick of every channel at a time.
fn ticks(channels: &[Vec<i16>], mut step: impl FnMut(&[Samples])) {
    let mut frames = vec![SILENCE; channels.len()];
    for ms in 0..MS {
        for (frame, channel) in frames.iter_mut().zip(channels) {
            frame.copy_from_slice(&channel[ms * 8..ms * 8 + 8]);
        }
        step(&frames);
    }
}

fn receive_keys(channels: &[Vec<i16>]) {
    let mut bank = dtmf::Bank::new(channels.len());
    let lanes = Lanes::first(channels.len());
    ticks(channels, |frames| bank.step(frames, &lanes, &mut |lane, event| _ = black_box((lane, event))));
}

fn receive_callers(channels: &[Vec<i16>]) {
    let mut bank = caller_id::Bank::new(channels.len());
    let lanes = Lanes::first(channels.len());
    ticks(channels, |frames| bank.step(frames, &lanes, &mut |lane, caller| _ = black_box((lane, caller))));
}

fn cancel(far: &[Vec<i16>], near: &[Vec<i16>], taps: usize) {
    for (far, near) in far.iter().zip(near) {
        let mut canceller = Canceller::new(taps);
        for (far, near) in far.as_chunks().0.iter().zip(near.as_chunks().0) {
            black_box(canceller.step(far, near));
        }
    }
}

/// A-law in, echo, detectors, A-law out.
fn whole(far: &[Vec<i16>], octets: &[Vec<u8>]) {
    let channels = octets.len();
    let lanes = Lanes::first(channels);
    let mut cancellers = vec![Canceller::new(128); channels];
    let mut keys = dtmf::Bank::new(channels);
    let mut tones = progress::Bank::new(channels, &CHINA.detection);
    let mut machines = progress::Bank::new(channels, &MACHINE_TONES);
    let mut frames = vec![SILENCE; channels];
    for ms in 0..MS {
        let at = ms * 8..ms * 8 + 8;
        for (channel, frame) in frames.iter_mut().enumerate() {
            let received =
                g711::decode_frame(Law::A, octets[channel][at.clone()].as_chunks().0.first().unwrap_or(&[0; 8]));
            let sent = far[channel][at.clone()].as_chunks().0.first().unwrap_or(&SILENCE);
            *frame = cancellers[channel].step(sent, &received);
            black_box(g711::encode_frame(Law::A, frame));
        }
        keys.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        tones.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        machines.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
    }
}

fn speech() -> Channels {
    let voice = |seed| {
        let mut voice = speech::Speech::new(seed);
        (0..MS * 8).map(|_| voice.next()).collect()
    };
    (0..CHANNELS as u64).map(voice).collect()
}

fn keys() -> Channels {
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

fn callers() -> Channels {
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

/// What a hybrid makes of it, at 6 dB of return loss, through A-law.
fn echoes(channels: &Channels) -> Channels {
    let path: Vec<f32> = (0..60).map(|n: i32| 0.3 * 0.93_f32.powi(n) * (n as f32 * 0.6).cos()).collect();
    let echo = |channel: &Vec<i16>| {
        let one = |n: usize| -> i16 {
            let parts = path.iter().take(n + 1).enumerate().map(|(k, gain)| gain * f32::from(channel[n - k]));
            g711::decode(Law::A, g711::encode(Law::A, parts.sum::<f32>() as i16))
        };
        (0..channel.len()).map(one).collect()
    };
    channels.iter().map(echo).collect()
}

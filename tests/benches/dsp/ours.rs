//! Our side: all channels, a millisecond at a time, as the media thread does it.

use std::convert::Infallible;
use std::hint::black_box;

use tipring_driver::card::Law;
use tipring_driver::country::CHINA;
use tipring_driver::dsp::echo::Canceller;
use tipring_driver::dsp::enhance::{Enhancement, Enhancer};
use tipring_driver::dsp::fax_modem_tones::FAX_MODEM_TONES;
use tipring_driver::dsp::progress::Detection;
use tipring_driver::dsp::{Lanes, SILENCE, Samples, caller_id, dtmf, g711, progress};

use crate::contest::Work;
use crate::signals::{Channels, slice};

/// Gives `step` a tick of every channel at a time.
fn ticks(channels: &Channels, frames: &mut [Samples], from_ms: usize, mut step: impl FnMut(&[Samples])) {
    for at in slice(from_ms).step_by(8) {
        for (frame, channel) in frames.iter_mut().zip(channels) {
            frame.copy_from_slice(&channel[at..at + 8]);
        }
        step(frames);
    }
}

pub fn receive_keys(channels: &Channels) -> Work<'_> {
    let mut bank = dtmf::Bank::new(channels.len());
    let lanes = Lanes::first(channels.len());
    let mut frames = vec![SILENCE; channels.len()];
    Box::new(move |from_ms| {
        ticks(channels, &mut frames, from_ms, |frames| {
            bank.step(frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        });
    })
}

pub fn receive_callers(channels: &Channels) -> Work<'_> {
    let mut bank = caller_id::Bank::new(channels.len());
    let lanes = Lanes::first(channels.len());
    let mut frames = vec![SILENCE; channels.len()];
    Box::new(move |from_ms| {
        ticks(channels, &mut frames, from_ms, |frames| {
            bank.step(frames, &lanes, &mut |lane, caller| _ = black_box((lane, caller)));
        });
    })
}

/// China's tones, or those of machines.
pub fn hear_tones<'a, T: Copy + PartialEq>(channels: &'a Channels, detection: &Detection<T>) -> Work<'a> {
    let mut bank = progress::Bank::new(channels.len(), detection);
    let lanes = Lanes::first(channels.len());
    let mut frames = vec![SILENCE; channels.len()];
    Box::new(move |from_ms| {
        ticks(channels, &mut frames, from_ms, |frames| {
            bank.step(frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        });
    })
}

/// A-law into samples, and back.
pub fn a_law(octets: &[Vec<u8>]) -> Work<'_> {
    Box::new(move |from_ms| {
        for at in slice(from_ms).step_by(8) {
            for octets in octets {
                let samples = g711::decode_frame(Law::A, octets[at..].first_chunk().unwrap_or(&[0; 8]));
                black_box(g711::encode_frame(Law::A, &black_box(samples)));
            }
        }
    })
}

pub fn cancel<'a>(far: &'a [Vec<i16>], near: &'a [Vec<i16>], taps: usize) -> Work<'a> {
    let mut cancellers = vec![Canceller::new(taps); far.len()];
    let mut frames = [vec![SILENCE; far.len()], vec![SILENCE; far.len()]];
    Box::new(move |from_ms| {
        for at in slice(from_ms).step_by(8) {
            for (frames, channels) in frames.iter_mut().zip([far, near]) {
                frames.iter_mut().zip(channels).for_each(|(frame, channel)| *frame = *tick(channel, at));
            }
            let [far, near] = &mut frames;
            cancel_tick(&mut cancellers, far, near);
        }
    })
}

/// A tick of every channel, side by side.
fn cancel_tick(cancellers: &mut [Canceller], far: &[Samples], near: &mut [Samples]) {
    let lines = cancellers.iter_mut().zip(far).zip(&mut *near);
    Canceller::step_together(lines.map(|((canceller, far), near)| (canceller, far, near)));
    black_box(near);
}

/// Both sides of every recording: noise reduction and level control. Always an even number of channels.
pub fn enhance(channels: &Channels) -> Work<'_> {
    let mut recordings: Vec<Enhancer> = channels.chunks(2).map(|_| Enhancer::new(Enhancement::ALL)).collect();
    Box::new(move |from_ms| {
        for (recording, sides) in recordings.iter_mut().zip(channels.as_chunks::<2>().0) {
            for at in slice(from_ms).step_by(8) {
                let ticks = [*tick(&sides[0], at), *tick(&sides[1], at)];
                let Ok(()) = recording.step(&ticks, &mut |left, right| -> Result<(), Infallible> {
                    black_box((left, right));
                    Ok(())
                });
            }
        }
    })
}

fn tick(channel: &[i16], at: usize) -> &Samples {
    channel[at..].first_chunk().unwrap_or(&SILENCE)
}

/// A-law in, echo, detectors, A-law out.
pub fn whole<'a>(far: &'a Channels, octets: &'a [Vec<u8>]) -> Work<'a> {
    let channels = octets.len();
    let lanes = Lanes::first(channels);
    let mut cancellers = vec![Canceller::new(128); channels];
    let mut keys = dtmf::Bank::new(channels);
    let mut tones = progress::Bank::new(channels, &CHINA.detection);
    let mut machines = progress::Bank::new(channels, &FAX_MODEM_TONES);
    let mut frames = vec![SILENCE; channels];
    let mut sent = vec![SILENCE; channels];
    Box::new(move |from_ms| {
        for at in slice(from_ms).step_by(8) {
            for (channel, (frame, sent)) in frames.iter_mut().zip(&mut sent).enumerate() {
                let received = octets[channel][at..].first_chunk().unwrap_or(&[0; 8]);
                *frame = g711::decode_frame(Law::A, received);
                *sent = *tick(&far[channel], at);
            }
            cancel_tick(&mut cancellers, &sent, &mut frames);
            for frame in &frames {
                black_box(g711::encode_frame(Law::A, frame));
            }
            keys.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
            tones.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
            machines.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        }
    })
}

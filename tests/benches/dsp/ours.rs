//! Our side: all channels, a millisecond at a time, as the media thread does it.

use std::hint::black_box;

use tipring_driver::card::Law;
use tipring_driver::country::CHINA;
use tipring_driver::dsp::echo::Canceller;
use tipring_driver::dsp::machine::MACHINE_TONES;
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

pub fn cancel<'a>(far: &'a [Vec<i16>], near: &'a [Vec<i16>], taps: usize) -> Work<'a> {
    let mut cancellers = vec![Canceller::new(taps); far.len()];
    Box::new(move |from_ms| {
        for at in slice(from_ms).step_by(8) {
            for ((canceller, far), near) in cancellers.iter_mut().zip(far).zip(near) {
                black_box(canceller.step(tick(far, at), tick(near, at)));
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
    let mut machines = progress::Bank::new(channels, &MACHINE_TONES);
    let mut frames = vec![SILENCE; channels];
    Box::new(move |from_ms| {
        for at in slice(from_ms).step_by(8) {
            for (channel, frame) in frames.iter_mut().enumerate() {
                let received = octets[channel][at..].first_chunk().unwrap_or(&[0; 8]);
                let received = g711::decode_frame(Law::A, received);
                *frame = cancellers[channel].step(tick(&far[channel], at), &received);
                black_box(g711::encode_frame(Law::A, frame));
            }
            keys.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
            tones.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
            machines.step(&frames, &lanes, &mut |lane, event| _ = black_box((lane, event)));
        }
    })
}

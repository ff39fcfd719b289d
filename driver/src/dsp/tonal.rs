//! Tone classification of frames: call progress, fax, modem answer. Level control and noise reduction leave those
//! alone.
//!
//! A frame is *pure* if nearly all its power lies at one or two frequencies above 280 Hz; a hum lies below. Single
//! frames of a voice are pure, too, but a voice does not keep its pitch to a few hertz. So a tone is a run of pure
//! frames with a constant centre of power. A tone is known [`RUN`] hops after its beginning; a user that needs the
//! beginning delays its sound by as much. DTMF is shorter than that and has a receiver of its own
//! ([`dtmf`](super::dtmf)).
//!
//! A tone that answers for a modem or a fax machine (V.25: 2100 Hz; Bell 103 and 212A: 2225 Hz) begins *data*, which
//! lasts until the line has been silent for a while, as echo control does it: what follows looks like noise, and must
//! not be treated as such.
//!
//! Never: delays or changes a sample.
//!
//! Sources: ITU-T V.25 (2100 ± 15 Hz), G.168 clause 7 (enabled again after 250 ± 150 ms below -36 dBm0), E.180 (tones
//! of 300 to 700 Hz).

use super::level;
use super::spectrum::{BIN_HZ, BINS, Bins, FRAME};

/// Frames of the shortest tone: 144 ms from the beginning of the first to the end of the last.
pub(crate) const RUN: usize = 8;
/// The lowest frequency of a tone: 281 Hz.
const LOWEST: usize = 9;
/// Below is no sound of a line, only direct current.
const DIRECT: usize = 3;
/// Reach of a tone to either side of its peak, in bins.
const REACH: usize = 3;
/// Of the power of a pure frame so much is in its tones: the rest is 17 dB down.
const PURE: f32 = 0.98;
/// A run's centre of power stays within so much, in hertz.
const STEADY_HZ: f32 = 6.0;
/// Level below which a frame is ignored.
const TONE_MIN: f32 = frame_power(-48.0);
/// Tones that answer, in hertz: 2100 and 2225 with the resolution of a frame.
const ANSWERS_HZ: [core::ops::RangeInclusive<f32>; 2] = [2075.0..=2125.0, 2200.0..=2250.0];
/// Below this a line that carried data is silent.
const DATA_MIN: f32 = frame_power(-36.0);
/// Silent frames that end it: 256 ms.
const DATA_PAUSE: u32 = 16;

/// The power of all frequencies of a frame of a signal of this level. Two halves of a spectrum, of which one is kept;
/// and the squared weights sum to half a frame.
pub(super) const fn frame_power(dbm0: f64) -> f32 {
    let peak = level::peak(dbm0);
    (peak * peak / 2.0 * (FRAME / 2) as f64 * (FRAME / 2) as f64) as f32
}

/// Classification of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    /// This frame alone looks like a tone.
    pub pure: bool,
    /// This many frames up to this one are a tone; 0 if this one is none.
    pub tone_frames: usize,
    /// The line carries data, or a tone that announces it.
    pub data: bool,
}

/// Judges the frames of one signal, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Judge {
    /// Pure frames in a row whose centre of power stays within these, in hertz.
    run: usize,
    lowest_hz: f32,
    highest_hz: f32,
    data: bool,
    silent: u32,
}

impl Judge {
    /// Takes the power at each frequency of the next frame.
    pub(crate) fn step(&mut self, power: &Bins) -> Found {
        let centre_hz = centre_of_pure(power);
        match centre_hz {
            None => self.run = 0,
            Some(hz) => {
                let (lowest, highest) = (self.lowest_hz.min(hz), self.highest_hz.max(hz));
                if self.run > 0 && highest - lowest <= STEADY_HZ {
                    self.run += 1;
                    (self.lowest_hz, self.highest_hz) = (lowest, highest);
                } else {
                    self.run = 1;
                    (self.lowest_hz, self.highest_hz) = (hz, hz);
                }
            }
        }
        let tone = self.run >= RUN;
        if tone && ANSWERS_HZ.iter().any(|answer| centre_hz.is_some_and(|hz| answer.contains(&hz))) {
            self.data = true;
        }
        let quiet = power[DIRECT..].iter().sum::<f32>() < DATA_MIN;
        self.silent = if quiet { self.silent.saturating_add(1) } else { 0 };
        Found {
            pure: centre_hz.is_some(),
            tone_frames: if self.run == RUN { RUN } else { usize::from(tone) },
            data: self.data,
        }
    }

    /// Returns true once silence has lasted long enough to end data.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent >= DATA_PAUSE
    }

    /// Data has ended.
    pub(crate) fn end_data(&mut self) {
        self.data = false;
    }
}

/// The centre of the power of a pure frame, in hertz.
fn centre_of_pure(power: &Bins) -> Option<f32> {
    let total: f32 = power[DIRECT..].iter().sum();
    if total < TONE_MIN {
        return None;
    }
    let first = around(strongest(power, |_| true)?);
    let second = strongest(power, |k| !first.contains(&k)).map_or(0..0, around);
    let (mut tones, mut moment) = (0.0, 0.0);
    for k in first.clone().chain(second.filter(|k| !first.contains(k))) {
        tones += power[k];
        moment += k as f32 * power[k];
    }
    (tones >= PURE * total).then(|| BIN_HZ * moment / tones)
}

/// The strongest frequency of those wanted that a tone can have.
fn strongest(power: &Bins, wanted: impl Fn(usize) -> bool) -> Option<usize> {
    (LOWEST..BINS - REACH).filter(|k| wanted(*k)).max_by(|a, b| power[*a].total_cmp(&power[*b]))
}

fn around(peak: usize) -> core::ops::Range<usize> {
    peak - REACH..peak + REACH + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsp::spectrum::{HOP, Hop, Spectrum};

    /// Classifications of the frames of a sound, and the end of data.
    fn judged(samples: &[f32]) -> Vec<Found> {
        let mut judge = Judge::default();
        let hops: Vec<&Hop> = samples.as_chunks::<HOP>().0.iter().collect();
        hops.windows(2)
            .map(|pair| {
                let found = judge.step(&Spectrum::of(pair[0], pair[1]).power());
                if judge.is_silent() {
                    judge.end_data();
                }
                found
            })
            .collect()
    }

    fn tones(hz: &[f64], dbm0: f64, ms: usize) -> Vec<f32> {
        let one = |n: usize| {
            let sum: f64 = hz.iter().map(|hz| (core::f64::consts::TAU * hz * n as f64 / 8000.0).sin()).sum();
            (level::peak(dbm0) * sum) as f32
        };
        (0..8 * ms).map(one).collect()
    }

    #[test]
    fn tones_of_networks_and_machines_are_known_from_the_first_frame_on() {
        let sounds: [&[f64]; 9] = [
            &[450.0],
            &[350.0, 440.0],
            &[440.0, 480.0],
            &[480.0, 620.0],
            &[400.0, 450.0],
            &[1100.0],
            &[2100.0],
            &[1400.0],
            &[950.0],
        ];
        for hz in sounds {
            let found = judged(&tones(hz, -20.0, 1000));
            let frames: usize = found.iter().map(|found| found.tone_frames).sum();
            assert_eq!(frames, found.len(), "{hz:?}: all frames");
        }
    }

    #[test]
    fn a_hum_a_whisper_and_a_gliding_pitch_are_no_tones() {
        let glide: Vec<f32> = (0..16_000)
            .map(|n| {
                let seconds = f64::from(n) / 8000.0;
                (5000.0 * (core::f64::consts::TAU * (400.0 + 60.0 * seconds) * seconds).sin()) as f32
            })
            .collect();
        for (name, sound) in [
            ("hum", tones(&[50.0, 150.0, 350.0], -20.0, 1000)),
            ("soft", tones(&[450.0], -52.0, 1000)),
            ("glide", glide),
        ] {
            assert!(judged(&sound).iter().all(|found| found.tone_frames == 0), "{name}");
        }
    }

    #[test]
    fn data_begins_with_an_answering_tone_and_ends_with_silence() {
        for (hz, is_data) in [(2100.0, true), (2225.0, true), (1100.0, false), (2150.0, false)] {
            let mut sound = tones(&[hz], -12.0, 500);
            sound.extend([0.0; 800]);
            sound.extend(tones(&[1200.0, 1700.0, 2900.0, 3100.0], -20.0, 500));
            sound.extend([0.0; 4000]);
            let found = judged(&sound);
            // From the end of the shortest run, over a pause of 100 ms, to 256 ms after the last sound.
            assert_eq!(found[20].data, is_data, "{hz} Hz");
            assert_eq!(found[1100 / 16 - 2].data, is_data, "{hz} Hz");
            assert!(!found[1100 / 16 + 20].data, "{hz} Hz");
        }
    }
}

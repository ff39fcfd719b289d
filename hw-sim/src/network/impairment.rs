//! Line impairments: loss, noise, echo of the hybrid, frequency shift, clipping.
//!
//! Seeded, so that a run can be repeated. A clean line passes sound as it is.

use serde::{Deserialize, Serialize};

use super::Sound;
use super::signal::{Oscillator, PEAK_0_DBM0, RMS_0_DBM0, SAMPLES_PER_MS, amplitude, to_sample};

/// Impairments of one line. Absent members have no effect.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Impairments {
    /// Loss in each direction, in dB.
    pub loss_db: f32,
    /// White noise towards the card, in dBm0.
    pub noise_dbm0: Option<f32>,
    /// Echo return loss: attenuation of the card's own sound when it comes back, in dB.
    pub echo_loss_db: Option<f32>,
    /// Delay of the echo, in ms; at most [`ECHO_DELAY_MAX_MS`].
    pub echo_delay_ms: u16,
    /// By how much frequencies are shifted towards the card, in hertz, as carrier systems do.
    pub offset_hertz: f32,
    /// The level of a sine at which sound towards the card is clipped, in dBm0.
    pub clip_dbm0: Option<f32>,
}

/// The longest delay of echo, in ms.
pub const ECHO_DELAY_MAX_MS: u16 = 128;

impl Impairments {
    /// Returns true if sound passes unchanged.
    pub fn is_clean(&self) -> bool {
        *self == Impairments::default()
    }
}

/// The echo path after its delay: energy 1, spread over a millisecond as a hybrid's balance network spreads it.
const HYBRID: [f32; 8] = [0.25, 0.62, 0.55, -0.15, -0.35, -0.26, 0.15, 0.08];
/// Half the length of the filter that turns phases by a quarter.
const QUARTER: usize = 31;

/// A line with its impairments.
#[derive(Debug, Clone)]
pub struct ImpairedLine {
    impairments: Impairments,
    gain: f32,
    echo_gain: f32,
    noise_peak: f32,
    clip: f32,
    noise: u32,
    /// Recent sound of the card; the next place to be written.
    said: Vec<f32>,
    said_at: usize,
    /// Recent sound towards the card, newest last, for the frequency shift.
    passed: [f32; 2 * QUARTER + 1],
    quarter: [f32; 2 * QUARTER + 1],
    cosine: Oscillator,
    sine: Oscillator,
}

impl ImpairedLine {
    /// A line of which the noise follows from `seed`.
    pub fn new(impairments: Impairments, seed: u64) -> ImpairedLine {
        let quarter = std::array::from_fn(|i| {
            let n = i as f32 - QUARTER as f32;
            let window = 0.54 + 0.46 * (std::f32::consts::PI * n / (QUARTER as f32 + 1.0)).cos();
            if i % 2 == QUARTER % 2 { 0.0 } else { 2.0 / (std::f32::consts::PI * n) * window }
        });
        let mut cosine = Oscillator::new(impairments.offset_hertz.abs());
        cosine.advance(0.25);
        let delay = usize::from(impairments.echo_delay_ms.min(ECHO_DELAY_MAX_MS)) * SAMPLES_PER_MS;
        ImpairedLine {
            gain: amplitude(-impairments.loss_db),
            echo_gain: impairments.echo_loss_db.map_or(0.0, |db| amplitude(-db)),
            // Four uniform numbers are nearly normal; the sum of four from -1 to 1 has a variance of 4/3.
            noise_peak: impairments.noise_dbm0.map_or(0.0, |dbm0| RMS_0_DBM0 * amplitude(dbm0) * 0.75f32.sqrt()),
            clip: impairments.clip_dbm0.map_or(f32::MAX, |dbm0| PEAK_0_DBM0 * amplitude(dbm0)),
            noise: (seed ^ seed >> 32) as u32 | 1,
            said: vec![0.0; delay + HYBRID.len()],
            said_at: 0,
            passed: [0.0; 2 * QUARTER + 1],
            quarter,
            cosine,
            sine: Oscillator::new(impairments.offset_hertz.abs()),
            impairments,
        }
    }

    /// Sound that arrives at the party, of a millisecond sent towards it.
    pub fn at_party(&self, sent: &Sound) -> Sound {
        sent.map(|sample| to_sample(f32::from(sample) * self.gain))
    }

    /// Sound that arrives at the card, of a millisecond sent towards it, while it sends `from_card` itself.
    pub fn at_card(&mut self, sent: &Sound, from_card: &Sound) -> Sound {
        std::array::from_fn(|i| {
            let mut sample = f32::from(sent[i]) * self.gain;
            if self.impairments.offset_hertz != 0.0 {
                sample = self.shifted(sample);
            }
            sample += self.echo(f32::from(from_card[i]));
            if self.noise_peak > 0.0 {
                sample += self.noise_peak * (0..4).map(|_| self.random()).sum::<f32>();
            }
            to_sample(sample.clamp(-self.clip, self.clip))
        })
    }

    fn random(&mut self) -> f32 {
        self.noise ^= self.noise << 13;
        self.noise ^= self.noise >> 17;
        self.noise ^= self.noise << 5;
        self.noise as i32 as f32 / 2_147_483_648.0
    }

    /// Echo of the card's own sound.
    fn echo(&mut self, said: f32) -> f32 {
        if self.echo_gain == 0.0 {
            return 0.0;
        }
        let length = self.said.len();
        self.said[self.said_at] = said;
        self.said_at = (self.said_at + 1) % length;
        // The oldest is the next to be overwritten.
        let spread: f32 =
            HYBRID.iter().rev().enumerate().map(|(i, h)| h * self.said[(self.said_at + i) % length]).sum();
        self.echo_gain * spread
    }

    /// Single-sideband modulation by the offset.
    fn shifted(&mut self, sample: f32) -> f32 {
        self.passed.rotate_left(1);
        self.passed[2 * QUARTER] = sample;
        let straight = self.passed[QUARTER];
        let turned: f32 = self.passed.iter().rev().zip(&self.quarter).map(|(x, h)| x * h).sum();
        let (cosine, sine) = (self.cosine.sample(), self.sine.sample());
        straight * cosine - turned * sine * self.impairments.offset_hertz.signum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::signal::{SILENCE, level_dbm0, mean_square, power_at};

    fn sine(hertz: f32, dbm0: f32, ms: usize) -> Vec<Sound> {
        let mut oscillator = Oscillator::new(hertz);
        let peak = PEAK_0_DBM0 * amplitude(dbm0);
        (0..ms).map(|_| std::array::from_fn(|_| to_sample(peak * oscillator.sample()))).collect()
    }

    fn at_card(impairments: Impairments, to_card: &[Sound], from_card: &[Sound]) -> Vec<i16> {
        let mut line = ImpairedLine::new(impairments, 5);
        to_card.iter().zip(from_card).flat_map(|(to, from)| line.at_card(to, from)).collect()
    }

    #[test]
    fn noise_and_loss_have_the_level_asked_for() {
        let quiet = vec![SILENCE; 2000];
        let noise = at_card(Impairments { noise_dbm0: Some(-40.0), ..Impairments::default() }, &quiet, &quiet);
        assert!((level_dbm0(mean_square(&noise)) + 40.0).abs() < 0.3);
        let tone = sine(1000.0, -10.0, 2000);
        let lost = at_card(Impairments { loss_db: 6.0, ..Impairments::default() }, &tone, &quiet);
        assert!((level_dbm0(mean_square(&lost)) + 16.0).abs() < 0.1);
    }

    #[test]
    fn echo_is_later_and_weaker() {
        let mut click = vec![SILENCE; 60];
        click[0][0] = 10_000;
        let echo = Impairments { echo_loss_db: Some(12.0), echo_delay_ms: 20, ..Impairments::default() };
        let heard = at_card(echo, &vec![SILENCE; 60], &click);
        assert!(heard[..160].iter().all(|&s| s == 0));
        let energy: f32 = heard.iter().map(|&s| f32::from(s).powi(2)).sum();
        let loss = 10.0 * (1e8 / energy).log10();
        assert!((loss - 12.0).abs() < 1.0, "{loss} dB");
    }

    #[test]
    fn frequencies_are_shifted_and_nothing_else_appears() {
        for offset in [7.0, -7.0] {
            let quiet = vec![SILENCE; 4000];
            let line = Impairments { offset_hertz: offset, ..Impairments::default() };
            let heard = at_card(line, &sine(1000.0, -10.0, 4000), &quiet);
            let heard = &heard[8000..];
            assert!((level_dbm0(power_at(1000.0 + offset, heard)) + 10.0).abs() < 0.3, "{offset} Hz");
            assert!(level_dbm0(power_at(1000.0 - offset, heard)) < -45.0, "{offset} Hz");
        }
    }

    #[test]
    fn clipping_stops_at_its_level() {
        let quiet = vec![SILENCE; 100];
        let line = Impairments { clip_dbm0: Some(-20.0), ..Impairments::default() };
        let heard = at_card(line, &sine(1000.0, 0.0, 100), &quiet);
        assert_eq!(heard.iter().max(), Some(&2283));
    }

    #[test]
    fn a_clean_line_changes_nothing() {
        let tone = sine(700.0, -5.0, 50);
        assert!(Impairments::default().is_clean());
        assert_eq!(at_card(Impairments::default(), &tone, &tone), tone.concat());
    }
}

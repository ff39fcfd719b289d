//! 1200 bit/s frequency-shift keying, as caller identity uses it: Bell 202 and ITU-T V.23.

use super::{Oscillator, PEAK_0_DBM0, amplitude, to_sample};
use crate::network::Sound;

/// A modem's pair of frequencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modem {
    /// Mark 1200 Hz, space 2200 Hz: North America, China.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz: most of Europe, Japan.
    V23,
}

impl Modem {
    /// The frequency of a mark (a one), in hertz.
    pub fn mark_hertz(self) -> f32 {
        match self {
            Modem::Bell202 => 1200.0,
            Modem::V23 => 1300.0,
        }
    }

    /// The frequency of a space (a zero), in hertz.
    pub fn space_hertz(self) -> f32 {
        match self {
            Modem::Bell202 => 2200.0,
            Modem::V23 => 2100.0,
        }
    }
}

/// The level at which it is sent, in dBm0.
pub const LEVEL_DBM0: f32 = -13.5;
/// Bits a second.
pub const BIT_RATE: u32 = 1200;

/// Preamble before the octets: channel seizure and mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Preamble {
    /// Bits of channel seizure, 0 and 1 in turn, beginning with 0.
    pub seizure: u16,
    /// Bits of mark.
    pub mark: u16,
}

/// The preamble of a message to an idle line (GR-30-CORE).
pub const IDLE_LINE: Preamble = Preamble { seizure: 300, mark: 180 };
/// The preamble of a message during a call.
pub const CALL_IN_PROGRESS: Preamble = Preamble { seizure: 0, mark: 80 };

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Sender {
    oscillator: Oscillator,
    mark_step: u32,
    space_step: u32,
    peak: f32,
    bits: Vec<bool>,
    /// The bit being sent, and how far into it the line is, in 1/8000 of a bit: a sample is 1200 of them.
    bit: usize,
    into: u32,
}

impl Sender {
    /// `octets` after `preamble`, each with a start bit and a stop bit, least significant bit first.
    pub fn new(modem: Modem, preamble: Preamble, octets: &[u8]) -> Sender {
        let mut bits = Vec::with_capacity(usize::from(preamble.seizure + preamble.mark) + 10 * octets.len() + 2);
        bits.extend((0..preamble.seizure).map(|i| i % 2 == 1));
        bits.extend((0..preamble.mark).map(|_| true));
        for octet in octets {
            bits.push(false);
            bits.extend((0..8).map(|i| octet >> i & 1 == 1));
            bits.push(true);
        }
        // Two marks more, so that the last stop bit is whole for a receiver that samples late.
        bits.extend([true, true]);
        Sender {
            oscillator: Oscillator::new(0.0),
            mark_step: Oscillator::step_of(modem.mark_hertz()),
            space_step: Oscillator::step_of(modem.space_hertz()),
            peak: PEAK_0_DBM0 * amplitude(LEVEL_DBM0),
            bits,
            bit: 0,
            into: 0,
        }
    }

    /// Length of the whole message, in milliseconds, rounded up.
    pub fn length_ms(&self) -> u32 {
        (self.bits.len() as u32 * 1000).div_ceil(BIT_RATE)
    }

    /// The next millisecond, until the message is over.
    pub fn next_ms(&mut self) -> Option<Sound> {
        (self.bit < self.bits.len()).then(|| std::array::from_fn(|_| self.sample()))
    }

    fn sample(&mut self) -> i16 {
        let Some(&now) = self.bits.get(self.bit) else { return 0 };
        self.into += BIT_RATE;
        let step = if self.into < 8000 {
            self.step(now)
        } else {
            // The bit ends within this sample: the phase moves by the share of each frequency.
            self.into -= 8000;
            self.bit += 1;
            let next = self.bits.get(self.bit).copied().unwrap_or(now);
            let late = u64::from(self.into);
            let early = u64::from(BIT_RATE) - late;
            ((u64::from(self.step(now)) * early + u64::from(self.step(next)) * late) / u64::from(BIT_RATE)) as u32
        };
        to_sample(self.peak * self.oscillator.sample_by(step))
    }

    fn step(&self, bit: bool) -> u32 {
        if bit { self.mark_step } else { self.space_step }
    }
}

/// A small demodulator, written for clean lines and whole messages: it compares the two frequencies over each bit.
pub(crate) fn demodulate(modem: Modem, samples: &[i16]) -> Vec<u8> {
    let span = 7;
    let window = |at: usize| samples.get(at..at + span);
    let is_mark = |at: usize| -> Option<bool> {
        let energy = |hertz: f32| {
            let step = std::f32::consts::TAU * hertz / 8000.0;
            window(at).map(|w| {
                let (re, im) = w.iter().enumerate().fold((0f32, 0f32), |(re, im), (i, &s)| {
                    let angle = step * i as f32;
                    (re + f32::from(s) * angle.cos(), im + f32::from(s) * angle.sin())
                });
                re * re + im * im
            })
        };
        let (mark, space) = (energy(modem.mark_hertz())?, energy(modem.space_hertz())?);
        // Silence is neither: it counts as mark, so that it begins no octet, and so does a message that ends here.
        Some(mark > space || window(at)?.ends_with(&[0, 0]))
    };
    let bit_length = 8000.0 / BIT_RATE as f32;
    let mut octets = Vec::new();
    let mut at = 0;
    let mut marks = 0;
    while let Some(mark) = is_mark(at) {
        if mark {
            let silent = samples[at..at + span].iter().all(|&s| s == 0);
            marks = if silent { 0 } else { marks + 1 };
            at += 1;
            continue;
        }
        // A start bit counts only after enough mark: at least ten bits before the first octet.
        if octets.is_empty() && marks < 67 {
            marks = 0;
            at += 1;
            continue;
        }
        // `at` is where the window first leans to space, about half a window before the bit fills it.
        let start = at as f32;
        let mut octet = 0u8;
        for i in 0..8 {
            let middle = start + (i as f32 + 1.0) * bit_length;
            match is_mark(middle.round() as usize + 3) {
                Some(true) => octet |= 1 << i,
                Some(false) => {}
                None => return octets,
            }
        }
        octets.push(octet);
        at = (start + 9.0 * bit_length).round() as usize + 4;
        marks = 0;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let octets: Vec<u8> = (0..=255).collect();
        for modem in [Modem::Bell202, Modem::V23] {
            let mut sender = Sender::new(modem, IDLE_LINE, &octets);
            let samples: Vec<i16> = std::iter::from_fn(|| sender.next_ms()).flatten().collect();
            assert_eq!(demodulate(modem, &samples), octets, "{modem:?}");
        }
    }

    #[test]
    fn it_lasts_as_long_as_its_bits() {
        let mut sender = Sender::new(Modem::Bell202, IDLE_LINE, &[0; 22]);
        // 300 + 180 + 220 + 2 bits at 1200 bit/s.
        assert_eq!(sender.length_ms(), 585);
        let ms = std::iter::from_fn(|| sender.next_ms()).count();
        assert!((585..=586).contains(&ms), "{ms}");
    }
}

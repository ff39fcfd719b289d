//! The codec of a module: G.711 and linear octets on the card's bus, linear sound on the wire.
//!
//! Source: ITU-T G.711 (1988), tables 1 and 2, in the fold-and-shift form of the ITU software tools (G.191): a negative
//! sample is folded by inverting its bits. What was decoded encodes to the octet it came from, negative zero of mu-law
//! excepted, which linear sound cannot hold.

use crate::network::Sound;

/// Sample coding of a module: bits 4:3 of the PCM mode registers of both kinds of module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// 00: A-law, even bits inverted.
    ALaw,
    /// 01: mu-law, all bits inverted.
    MuLaw,
    /// 11: linear, 16 bits, high octet first.
    Linear,
}

impl Format {
    /// The format from bits 4:3 of a PCM mode register. 10 is reserved and taken for linear.
    pub(super) fn from_mode(mode: u8) -> Format {
        match mode >> 3 & 0b11 {
            0b00 => Self::ALaw,
            0b01 => Self::MuLaw,
            _ => Self::Linear,
        }
    }

    /// Bits of one sample on the bus.
    pub(super) fn bits(self) -> u32 {
        match self {
            Self::ALaw | Self::MuLaw => 8,
            Self::Linear => 16,
        }
    }

    /// A sample on the bus, as linear sound.
    #[inline]
    pub(super) fn decode(self, code: u16) -> i16 {
        match self {
            Self::ALaw => A_LAW_DECODED[usize::from(code & 0xff)],
            Self::MuLaw => MU_LAW_DECODED[usize::from(code & 0xff)],
            Self::Linear => code as i16,
        }
    }

    /// Linear sound, as a sample on the bus.
    #[inline]
    pub(super) fn encode(self, sample: i16) -> u16 {
        match self {
            Self::ALaw => u16::from(a_law_encode(sample)),
            Self::MuLaw => u16::from(mu_law_encode(sample)),
            Self::Linear => sample as u16,
        }
    }
}

static A_LAW_DECODED: [i16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = a_law_decode(octet as u8);
        octet += 1;
    }
    table
};

static MU_LAW_DECODED: [i16; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = mu_law_decode(octet as u8);
        octet += 1;
    }
    table
};

const fn a_law_decode(octet: u8) -> i16 {
    let code = octet ^ 0x55;
    let step = (code & 0x0f) as i16;
    let segment = code >> 4 & 0x07;
    let magnitude = match segment {
        0 => step << 4 | 0x08,
        _ => (step << 4 | 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 { magnitude } else { -magnitude }
}

const fn mu_law_decode(octet: u8) -> i16 {
    let code = !octet;
    let step = (code & 0x0f) as i16;
    let segment = code >> 4 & 0x07;
    let magnitude = ((step << 3 | 0x84) << segment) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}

#[inline]
fn a_law_encode(sample: i16) -> u8 {
    // 11 bits of magnitude; the two lowest segments have the same step.
    let magnitude = (if sample < 0 { !sample } else { sample } as u16) >> 4;
    let code = if magnitude < 32 {
        magnitude
    } else {
        let segment = 12 - magnitude.leading_zeros() as u16;
        segment << 4 | magnitude >> (segment - 1) & 0x0f
    };
    let sign = if sample < 0 { 0x00 } else { 0x80 };
    (code as u8 | sign) ^ 0x55
}

#[inline]
fn mu_law_encode(sample: i16) -> u8 {
    // 13 bits of magnitude, with the bias that makes all segments alike.
    let magnitude = (((if sample < 0 { !sample } else { sample } as u16) >> 2) + 33).min(0x1fff);
    let segment = 10 - magnitude.leading_zeros() as u16;
    let code = segment << 4 | magnitude >> (segment + 1) & 0x0f;
    let sign = if sample < 0 { 0x80 } else { 0x00 };
    !(code as u8 | sign)
}

/// A gain on linear sound. Unity leaves every sample untouched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Gain(f32);

impl Gain {
    /// No change.
    pub(super) const UNITY: Gain = Gain(1.0);
    /// Silence.
    pub(super) const MUTE: Gain = Gain(0.0);

    /// A gain in decibels.
    pub(super) fn from_db(db: f32) -> Gain {
        if db == 0.0 { Self::UNITY } else { Gain(10f32.powf(db / 20.0)) }
    }

    /// A gain as a factor.
    pub(super) fn from_factor(factor: f32) -> Gain {
        Gain(factor)
    }

    /// This gain followed by another.
    pub(super) fn and(self, other: Gain) -> Gain {
        Gain(self.0 * other.0)
    }

    /// Applies the gain to a millisecond of sound, clipping as a converter does.
    #[inline]
    pub(super) fn apply(self, sound: &mut Sound) {
        if self.0 == 1.0 {
            return;
        }
        for sample in sound {
            *sample = (f32::from(*sample) * self.0).round_ties_even() as i16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// G.711 read straight from its decision values: the last step whose lower edge is not above the sample.
    fn a_law_by_table(sample: i16) -> u8 {
        let magnitude = i32::from(if sample < 0 { !sample } else { sample });
        let mut edge = 0;
        let mut code = 0u8;
        for step in 0..128u8 {
            if magnitude >= edge {
                code = step;
            }
            edge += 16 << (step >> 4).saturating_sub(1);
        }
        (code | if sample < 0 { 0 } else { 0x80 }) ^ 0x55
    }

    /// A sample's mu-law code: decision values 0, 1, 3, 5 ... 31, 35, 39 ... in units of 14 bits.
    fn mu_law_by_table(sample: i16) -> u8 {
        let magnitude = i32::from(if sample < 0 { !sample } else { sample }) >> 2;
        let mut edge = 0;
        let mut code = 0u8;
        for step in 0..128u8 {
            if magnitude >= edge {
                code = step;
            }
            edge += if step == 0 { 1 } else { 2 << (step >> 4) };
        }
        !(code | if sample < 0 { 0x80 } else { 0 })
    }

    #[test]
    fn every_octet_survives_decoding_and_encoding() {
        for octet in 0..=255u16 {
            assert_eq!(Format::ALaw.encode(Format::ALaw.decode(octet)), octet);
            let again = Format::MuLaw.encode(Format::MuLaw.decode(octet));
            assert_eq!(again, if octet == 0x7f { 0xff } else { octet });
        }
    }

    #[test]
    fn known_values_of_both_laws() {
        for (octet, a_law, mu_law) in [
            (0xd5, 8, 716),
            (0x55, -8, -716),
            (0xaa, 32256, 5372),
            (0x2a, -32256, -5372),
            (0x80, 5504, 32124),
            (0x00, -5504, -32124),
            (0xff, 848, 0),
            (0x7f, -848, 0),
        ] {
            assert_eq!(Format::ALaw.decode(octet), a_law, "{octet:#x}");
            assert_eq!(Format::MuLaw.decode(octet), mu_law, "{octet:#x}");
        }
        assert_eq!([0, -1, 32767, -32768].map(|s| Format::ALaw.encode(s)), [0xd5, 0x55, 0xaa, 0x2a]);
        assert_eq!([0, 32767, -32768].map(|s| Format::MuLaw.encode(s)), [0xff, 0x80, 0x00]);
    }

    #[test]
    fn a_law_meets_every_decision_value() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(Format::ALaw.encode(sample) as u8, a_law_by_table(sample), "{sample}");
        }
    }

    #[test]
    fn mu_law_meets_every_decision_value() {
        for sample in i16::MIN..=i16::MAX {
            assert_eq!(Format::MuLaw.encode(sample) as u8, mu_law_by_table(sample), "{sample}");
        }
    }

    #[test]
    fn unity_gain_changes_nothing_and_others_clip() {
        let mut sound = [1, -1, 32767, -32768, 5, 0, 100, -100];
        let before = sound;
        Gain::UNITY.apply(&mut sound);
        assert_eq!(sound, before);
        Gain::from_db(6.0206).apply(&mut sound);
        assert_eq!(sound, [2, -2, 32767, -32768, 10, 0, 200, -200]);
        Gain::MUTE.apply(&mut sound);
        assert_eq!(sound, [0; 8]);
    }
}

//! A-law and mu-law: octets of the line into linear samples and back.
//!
//! Exact: every octet decodes to the value of the recommendation scaled to 16 bits (A-law 13 bits × 8, mu-law 14 bits ×
//! 4), and every decoded value encodes to its octet again. (Mu-law has two zeros; 0 encodes to the positive one, 0xff.)
//!
//! Decoding is a table of 256; encoding a table over the sample without its lowest bits, which no law can tell apart.
//!
//! Source: ITU-T G.711 (1988), tables 1a to 2b. Even bits of A-law are inverted, all bits of mu-law.

use super::{Samples, vector};
use crate::card::{Frame, Law};
use crate::time::SAMPLES_PER_TICK;

/// The largest magnitude that mu-law decodes to.
#[cfg(test)]
const MU_LAW_PEAK: i16 = 32_124;

static A_DECODE: [i16; 256] = decode_table(Law::A);
static MU_DECODE: [i16; 256] = decode_table(Law::Mu);
static A_ENCODE: [u8; 1 << 12] = encode_table(Law::A);
static MU_ENCODE: [u8; 1 << 14] = encode_table(Law::Mu);

/// One octet into a linear sample.
#[inline]
pub fn decode(law: Law, octet: u8) -> i16 {
    match law {
        Law::A => A_DECODE[octet as usize],
        Law::Mu => MU_DECODE[octet as usize],
    }
}

/// One linear sample into an octet.
#[inline]
pub fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A => A_ENCODE[(sample as u16 >> 4) as usize],
        Law::Mu => MU_ENCODE[(sample as u16 >> 2) as usize],
    }
}

/// A tick of one port into linear samples.
#[inline]
pub fn decode_frame(law: Law, frame: &Frame) -> Samples {
    let table = match law {
        Law::A => &A_DECODE,
        Law::Mu => &MU_DECODE,
    };
    // One by one: a closure over the octets would not keep the samples in registers.
    let sample = |octet: u8| table[octet as usize];
    let [a, b, c, d, e, f, g, h] = *frame;
    vector::at_once([sample(a), sample(b), sample(c), sample(d), sample(e), sample(f), sample(g), sample(h)])
}

/// A tick of linear samples into the octets of one port.
#[inline]
pub fn encode_frame(law: Law, samples: &Samples) -> Frame {
    let mut frame = [law.idle(); SAMPLES_PER_TICK];
    for (octet, sample) in frame.iter_mut().zip(samples) {
        *octet = encode(law, *sample);
    }
    frame
}

const fn decode_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        table[octet] = match law {
            Law::A => a_expand(octet as u8),
            Law::Mu => mu_expand(octet as u8),
        };
        octet += 1;
    }
    table
}

/// Sized by what the law cannot tell apart: 4 bits for A-law, 2 for mu-law.
const fn encode_table<const SIZE: usize>(law: Law) -> [u8; SIZE] {
    let step = (1 << 16) / SIZE;
    let mut table = [0; SIZE];
    let mut index = 0;
    while index < SIZE {
        let sample = (index * step) as u16 as i16;
        table[index] = match law {
            Law::A => a_compress(sample),
            Law::Mu => mu_compress(sample),
        };
        index += 1;
    }
    table
}

/// Bit 7 sign (1 is positive), bits 6 to 4 segment, bits 3 to 0 step; the result is the middle of the step.
const fn a_expand(octet: u8) -> i16 {
    let bits = octet ^ 0x55;
    let step = (bits & 0x0f) as i16;
    let segment = bits >> 4 & 7;
    // In units of 8: half a step of the lowest segment.
    let magnitude = if segment == 0 { 2 * step + 1 } else { (2 * step + 33) << (segment - 1) };
    if bits & 0x80 != 0 { magnitude * 8 } else { -magnitude * 8 }
}

const fn a_compress(sample: i16) -> u8 {
    let sign: u8 = if sample >= 0 { 0x80 } else { 0 };
    // 12-bit magnitude; the negative half is mirrored about -0.5 so that -1 is the first negative step.
    let magnitude = (if sample >= 0 { sample } else { !sample }) as u16 >> 4;
    let octet = if magnitude < 16 {
        magnitude as u8
    } else {
        let segment = 12 - magnitude.leading_zeros() as u8;
        segment << 4 | (magnitude >> (segment - 1) & 0x0f) as u8
    };
    (octet | sign) ^ 0x55
}

/// Half the lowest step is added before the segment is found, in 14-bit units.
const MU_BIAS: i32 = 33;
/// The largest magnitude before the bias, in 14-bit units.
const MU_CLIP: i32 = 8158;

const fn mu_expand(octet: u8) -> i16 {
    let bits = !octet;
    let step = (bits & 0x0f) as i32;
    let segment = bits >> 4 & 7;
    let magnitude = ((2 * step + MU_BIAS) << segment) - MU_BIAS;
    if bits & 0x80 != 0 { (-magnitude * 4) as i16 } else { (magnitude * 4) as i16 }
}

const fn mu_compress(sample: i16) -> u8 {
    // The folded-binary sign: 1 is negative here, and 0 after the inversion.
    let sign: u8 = if sample < 0 { 0x80 } else { 0 };
    // Mirrored about -0.5, as for A-law.
    let magnitude = (if sample < 0 { !sample } else { sample }) as i32 >> 2;
    let biased = (if magnitude > MU_CLIP { MU_CLIP } else { magnitude }) + MU_BIAS;
    let segment = 26 - biased.leading_zeros() as u8;
    !(sign | segment << 4 | (biased >> (segment + 1) & 0x0f) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_decode_to_the_values_of_the_recommendation() {
        let vectors = [
            (0xd5, 8, 716),
            (0x55, -8, -716),
            (0xaa, 32_256, 5372),
            (0x2a, -32_256, -5372),
            (0x80, 5504, 32_124),
            (0x00, -5504, -32_124),
            (0xff, 848, 0),
            (0x7f, -848, 0),
        ];
        for (octet, a, mu) in vectors {
            assert_eq!((decode(Law::A, octet), decode(Law::Mu, octet)), (a, mu), "octet {octet:#04x}");
        }
    }

    #[test]
    fn the_ends_and_the_middle_encode_as_the_recommendation_says() {
        let a = [(0, 0xd5), (-1, 0x55), (i16::MAX, 0xaa), (i16::MIN, 0x2a)];
        let mu = [(0, 0xff), (i16::MAX, 0x80), (i16::MIN, 0x00)];
        assert!(a.iter().all(|(sample, octet)| encode(Law::A, *sample) == *octet));
        assert!(mu.iter().all(|(sample, octet)| encode(Law::Mu, *sample) == *octet));
    }

    #[test]
    fn the_digital_milliwatt_has_its_level() {
        let rms = |law, octets: [u8; 8]| {
            let square = octets.iter().map(|octet| f64::from(decode(law, *octet)).powi(2)).sum::<f64>() / 8.0;
            square.sqrt().round()
        };
        assert_eq!(rms(Law::A, [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4]), 16_139.0);
        assert_eq!(rms(Law::Mu, [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e]), 16_017.0);
    }

    #[test]
    fn every_octet_survives_decoding_and_encoding() {
        for octet in 0..=u8::MAX {
            assert_eq!(encode(Law::A, decode(Law::A, octet)), octet);
            let again = encode(Law::Mu, decode(Law::Mu, octet));
            assert!(again == octet || (octet == 0x7f && again == 0xff), "{octet:#04x} became {again:#04x}");
        }
    }

    #[test]
    fn no_sample_is_off_by_more_than_half_a_step() {
        for (law, bias) in [(Law::A, 0), (Law::Mu, 4 * MU_BIAS)] {
            for sample in (i16::MIN..=i16::MAX).map(i32::from) {
                let value = i32::from(decode(law, encode(law, sample as i16)));
                // A step is a sixteenth of where its segment begins, and never less than 16.
                let half_step = ((value.abs() + bias) / 32).max(8);
                let clipped = value.abs() >= i32::from(MU_LAW_PEAK);
                assert!((value - sample).abs() <= half_step || clipped, "{law:?}: {sample} became {value}");
            }
        }
    }

    #[test]
    fn a_frame_is_its_octets_one_by_one() {
        let frame = [0x00, 0x2a, 0x55, 0x7f, 0x80, 0xaa, 0xd5, 0xff];
        for law in [Law::A, Law::Mu] {
            let samples = decode_frame(law, &frame);
            assert_eq!(samples, frame.map(|octet| decode(law, octet)));
            assert_eq!(encode_frame(law, &samples), samples.map(|sample| encode(law, sample)));
        }
    }
}

//! REAL (X.690 8.5): written in base 2, read in base 2, 8, 16 and 10.
//!
//! Never: reads any other type.

use super::tag::Tag;
use super::{Reader, Writer};
use crate::error::{BerError, BerErrorKind};

/// Contents of the values that are no numbers (X.690 8.5.9).
const PLUS_INFINITY: u8 = 0x40;
const MINUS_INFINITY: u8 = 0x41;
const NOT_A_NUMBER: u8 = 0x42;
const MINUS_ZERO: u8 = 0x43;
/// Bits of the first octet of a number in base 2, 8 or 16 (X.690 8.5.7).
const BINARY: u8 = 0x80;
const NEGATIVE: u8 = 0x40;
/// Stored bits of the mantissa, and the exponent of its last one where the stored exponent is 1.
const MANTISSA_BITS: u32 = 23;
const EXPONENT_MIN: i16 = -149;

impl Writer<'_> {
    /// REAL.
    pub fn real(&mut self, value: f32) {
        let special = match value {
            _ if value.is_nan() => Some(NOT_A_NUMBER),
            f32::INFINITY => Some(PLUS_INFINITY),
            f32::NEG_INFINITY => Some(MINUS_INFINITY),
            _ if value == 0.0 && value.is_sign_negative() => Some(MINUS_ZERO),
            _ => None,
        };
        if let Some(special) = special {
            return self.primitive(Tag::Real, &[special]);
        }
        if value == 0.0 {
            return self.primitive(Tag::Real, &[]);
        }
        let bits = value.to_bits();
        let stored = ((bits >> MANTISSA_BITS) & 0xFF) as i16;
        let fraction = bits & ((1 << MANTISSA_BITS) - 1);
        let mantissa = if stored == 0 { fraction } else { fraction | 1 << MANTISSA_BITS };
        // The shortest mantissa is odd, as the distinguished encoding has it.
        let shift = mantissa.trailing_zeros();
        let exponent = EXPONENT_MIN + (stored - 1).max(0) + shift as i16;
        let sign = if value < 0.0 { NEGATIVE } else { 0 };
        let mut content = Vec::with_capacity(8);
        match i8::try_from(exponent) {
            Ok(exponent) => content.extend([BINARY | sign, exponent as u8]),
            Err(_) => {
                content.push(BINARY | sign | 1);
                content.extend(exponent.to_be_bytes());
            }
        }
        let octets = (mantissa >> shift).to_be_bytes();
        let first = octets.iter().position(|octet| *octet != 0).unwrap_or(octets.len() - 1);
        content.extend(&octets[first..]);
        self.primitive(Tag::Real, &content);
    }
}

impl Reader<'_> {
    /// REAL; one with an exponent of more than two octets or a mantissa of more than seven is not read.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BadContent`](BerErrorKind::BadContent) for such a one, and for one that is no
    /// number.
    pub fn real(&mut self) -> Result<f64, BerError> {
        let bad = self.error_here(BerErrorKind::BadContent);
        let Some((&head, rest)) = self.primitive(Tag::Real)?.split_first() else { return Ok(0.0) };
        match head {
            PLUS_INFINITY if rest.is_empty() => return Ok(f64::INFINITY),
            MINUS_INFINITY if rest.is_empty() => return Ok(f64::NEG_INFINITY),
            NOT_A_NUMBER if rest.is_empty() => return Ok(f64::NAN),
            MINUS_ZERO if rest.is_empty() => return Ok(-0.0),
            // In base 10, as ISO 6093 writes a number.
            1..=3 => {
                let text = core::str::from_utf8(rest).map_err(|_| bad)?.trim().replace(',', ".");
                return text.parse().ok().filter(|value: &f64| value.is_finite()).ok_or(bad);
            }
            _ if head & BINARY == 0 => return Err(bad),
            _ => {}
        }
        let (exponent, mantissa) = match head & 3 {
            0 => rest.split_first().map(|(exponent, mantissa)| (i32::from(exponent.cast_signed()), mantissa)),
            1 => rest.split_first_chunk().map(|(octets, mantissa)| (i32::from(i16::from_be_bytes(*octets)), mantissa)),
            _ => None,
        }
        .ok_or(bad)?;
        let factor = match head >> 4 & 3 {
            0 => 1,
            1 => 3,
            2 => 4,
            _ => return Err(bad),
        };
        if mantissa.is_empty() || mantissa.len() > 7 {
            return Err(bad);
        }
        let number = mantissa.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
        let magnitude = number as f64 * 2_f64.powi(exponent * factor + i32::from(head >> 2 & 3));
        Ok(if head & NEGATIVE == 0 { magnitude } else { -magnitude })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: f32) -> Vec<u8> {
        let mut out = Vec::new();
        Writer::new(&mut out).real(value);
        out
    }

    fn read(octets: &[u8]) -> Result<f64, BerError> {
        Reader::new(octets).real()
    }

    #[test]
    fn the_octets_are_those_of_the_standard() {
        for (value, octets) in [
            (0.0, &[9, 0][..]),
            (1.0, &[9, 3, 0x80, 0, 1]),
            (-1.0, &[9, 3, 0xC0, 0, 1]),
            (0.5, &[9, 3, 0x80, 0xFF, 1]),
            (10.0, &[9, 3, 0x80, 1, 5]),
            (f32::INFINITY, &[9, 1, 0x40]),
            (f32::NEG_INFINITY, &[9, 1, 0x41]),
            (-0.0, &[9, 1, 0x43]),
            (f32::from_bits(1), &[9, 4, 0x81, 0xFF, 0x6B, 1]),
        ] {
            assert_eq!(written(value), octets, "{value}");
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut bits = 1_u32;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits);
            if !value.is_nan() {
                assert_eq!(read(&written(value)).map(|read| read as f32), Ok(value), "{bits:x}");
            }
        }
        assert!(read(&written(f32::NAN)).is_ok_and(f64::is_nan));
    }

    #[test]
    fn other_bases_are_read_and_what_is_no_number_is_refused() {
        assert_eq!(read(&[9, 5, 3, b'1', b'.', b'5', b' ']), Ok(1.5));
        assert_eq!(read(&[9, 4, 1, b'-', b'1', b'2']), Ok(-12.0));
        assert_eq!(read(&[9, 3, 0x90, 1, 1]), Ok(8.0));
        assert_eq!(read(&[9, 3, 0xAC, 1, 1]), Ok(16.0 * 8.0));
        for octets in [
            &[9, 2, 0x80, 0][..],
            &[9, 3, 0x82, 0, 0],
            &[9, 3, 0xB0, 0, 1],
            &[9, 1, 0x44],
            &[9, 2, 1, b'x'],
            &[9, 4, 3, b'i', b'n', b'f'],
            &[9, 10, 0x80, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        ] {
            assert!(read(octets).is_err(), "{octets:x?}");
        }
    }
}

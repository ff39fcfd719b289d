//! Reads members in order, never beyond its bounds, and says at which octet something is wrong.

use super::tag::Tag;
use crate::error::{BerError, BerErrorKind};

/// A place within a body, and where the value that is being read ends.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    /// Octets that have not been read.
    rest: &'a [u8],
    /// The offset in the body at which that ends.
    end: usize,
}

impl<'a> Reader<'a> {
    /// Reads a body from its first octet.
    #[inline]
    pub const fn new(octets: &'a [u8]) -> Reader<'a> {
        Reader { rest: octets, end: octets.len() }
    }

    /// Reads one SEQUENCE that must fill the whole body.
    ///
    /// # Errors
    /// As [`Reader::sequence`]; [`BerErrorKind::TrailingOctets`] if something follows it.
    #[inline]
    pub fn body<T>(
        octets: &'a [u8],
        members: impl FnOnce(&mut Reader<'a>) -> Result<T, BerError>,
    ) -> Result<T, BerError> {
        let mut reader = Reader::new(octets);
        let value = reader.sequence(members)?;
        reader.end()?;
        Ok(value)
    }

    /// Returns true if everything has been read.
    #[inline]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// A SEQUENCE: `members` must read all of its members.
    ///
    /// # Errors
    /// Another tag, a length that is not one or goes beyond the body, the errors of `members`, and
    /// [`BerErrorKind::TrailingOctets`] if they leave some of it.
    #[inline]
    pub fn sequence<T>(&mut self, members: impl FnOnce(&mut Reader<'a>) -> Result<T, BerError>) -> Result<T, BerError> {
        let mut inner = self.enter()?;
        let value = members(&mut inner)?;
        inner.end()?;
        Ok(value)
    }

    /// BOOLEAN; any octet but zero is true.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::BadContent`] unless it is one octet.
    #[inline]
    pub fn boolean(&mut self) -> Result<bool, BerError> {
        let start = self.offset();
        match self.primitive(Tag::Boolean)? {
            [octet] => Ok(*octet != 0),
            _ => Err(error(BerErrorKind::BadContent, start)),
        }
    }

    /// INTEGER that fits 32 bits.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::IntegerOutOfBounds`] if it does not fit.
    #[inline]
    pub fn integer(&mut self) -> Result<i32, BerError> {
        self.number(Tag::Integer)
    }

    /// INTEGER that fits 16 bits.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::IntegerOutOfBounds`] if it does not fit.
    #[inline]
    pub fn integer16(&mut self) -> Result<i16, BerError> {
        let start = self.offset();
        let value = self.number(Tag::Integer)?;
        i16::try_from(value).map_err(|_| error(BerErrorKind::IntegerOutOfBounds, start))
    }

    /// ENUMERATED, as the value that `meaning` gives to its number.
    ///
    /// # Errors
    /// As [`Reader::integer`]; [`BerErrorKind::UnknownValue`] if the number has no `meaning`.
    #[inline]
    pub fn enumerated<T>(&mut self, meaning: impl FnOnce(i32) -> Option<T>) -> Result<T, BerError> {
        let start = self.offset();
        let value = self.number(Tag::Enumerated)?;
        meaning(value).ok_or(error(BerErrorKind::UnknownValue(value), start))
    }

    /// BIT STRING: its first 16 bits, the first one most significant; bits that are missing are 0.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::BadContent`] without the octet of unused bits, or if that is above
    /// 7.
    pub fn bits(&mut self) -> Result<u16, BerError> {
        let start = self.offset();
        let Some((&unused, octets)) = self.primitive(Tag::BitString)?.split_first() else {
            return Err(error(BerErrorKind::BadContent, start));
        };
        if unused > 7 {
            return Err(error(BerErrorKind::BadContent, start));
        }
        let mut bits = [0; 2];
        for (to, from) in bits.iter_mut().zip(octets) {
            *to = *from;
        }
        if let (1..=2, Some(last)) = (octets.len(), bits.get_mut(octets.len().wrapping_sub(1))) {
            *last &= 0xFF << unused;
        }
        Ok(u16::from_be_bytes(bits))
    }

    /// OCTET STRING of at most `max` octets.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::TooLong`] beyond `max`.
    #[inline]
    pub fn octet_string(&mut self, max: usize) -> Result<&'a [u8], BerError> {
        self.string(Tag::OctetString, max)
    }

    /// IA5String of at most `max` characters; IA5 is ASCII.
    ///
    /// # Errors
    /// As [`Reader::octet_string`]; [`BerErrorKind::BadCharacter`] if a character is not ASCII.
    #[inline]
    pub fn ia5_string(&mut self, max: usize) -> Result<&'a str, BerError> {
        let start = self.offset();
        match core::str::from_utf8(self.ia5_octets(max)?) {
            Ok(text) if text.is_ascii() => Ok(text),
            Ok(_) | Err(_) => Err(error(BerErrorKind::BadCharacter, start)),
        }
    }

    /// IA5String of at most `max` characters, whose characters the caller looks at.
    #[inline]
    pub(crate) fn ia5_octets(&mut self, max: usize) -> Result<&'a [u8], BerError> {
        self.string(Tag::Ia5String, max)
    }

    /// NULL, which some clients leave out of a message that has nothing else.
    ///
    /// # Errors
    /// Another tag or a bad length; [`BerErrorKind::BadContent`] if it has any content.
    pub fn null_or_nothing(&mut self) -> Result<(), BerError> {
        if self.is_at_end() {
            return Ok(());
        }
        let start = self.offset();
        match self.primitive(Tag::Null)? {
            [] => Ok(()),
            _ => Err(error(BerErrorKind::BadContent, start)),
        }
    }

    /// Reads over the members that are left.
    pub(crate) const fn skip_rest(&mut self) {
        self.rest = &[];
    }

    /// Makes sure that nothing follows.
    ///
    /// # Errors
    /// [`BerErrorKind::TrailingOctets`] if something does.
    #[inline]
    pub fn end(&self) -> Result<(), BerError> {
        if self.is_at_end() { Ok(()) } else { Err(self.error_here(BerErrorKind::TrailingOctets)) }
    }

    /// An error of `kind` at the next octet.
    #[inline]
    pub const fn error_here(&self, kind: BerErrorKind) -> BerError {
        error(kind, self.offset())
    }

    /// The offset in the body of the next octet.
    #[inline]
    const fn offset(&self) -> usize {
        self.end - self.rest.len()
    }

    #[inline]
    fn string(&mut self, tag: Tag, max: usize) -> Result<&'a [u8], BerError> {
        let start = self.offset();
        let octets = self.primitive(tag)?;
        if octets.len() > max { Err(error(BerErrorKind::TooLong { max }, start)) } else { Ok(octets) }
    }

    #[inline]
    fn number(&mut self, tag: Tag) -> Result<i32, BerError> {
        // Nearly all are so.
        if let Some((&[found, 1, value], rest)) = self.rest.split_first_chunk()
            && found == tag.octet()
        {
            self.rest = rest;
            return Ok(i32::from(value.cast_signed()));
        }
        self.long_number(tag)
    }

    fn long_number(&mut self, tag: Tag) -> Result<i32, BerError> {
        let start = self.offset();
        let octets = self.primitive(tag)?;
        let Some(&first) = octets.first() else {
            return Err(error(BerErrorKind::IntegerOutOfBounds, start));
        };
        let sign = if first & 0x80 == 0 { 0x00 } else { 0xFF };
        let (redundant, value) = octets.split_at(octets.len().saturating_sub(4));
        let negative = value.first().is_some_and(|octet| octet & 0x80 != 0);
        if redundant.iter().any(|octet| *octet != sign) || (negative != (sign == 0xFF)) {
            return Err(error(BerErrorKind::IntegerOutOfBounds, start));
        }
        let seed = if negative { -1 } else { 0 };
        Ok(value.iter().fold(seed, |number: i32, octet| (number << 8) | i32::from(*octet)))
    }

    /// Enters a SEQUENCE: reads its members, while this reader goes on behind them.
    #[inline]
    fn enter(&mut self) -> Result<Reader<'a>, BerError> {
        let rest = self.primitive(Tag::Sequence)?;
        Ok(Reader { rest, end: self.offset() })
    }

    /// A value with its tag and length: returns its content.
    #[inline]
    pub(super) fn primitive(&mut self, tag: Tag) -> Result<&'a [u8], BerError> {
        if let [found, length @ ..0x80, rest @ ..] = self.rest
            && *found == tag.octet()
            && let Some((content, rest)) = rest.split_at_checked(usize::from(*length))
        {
            self.rest = rest;
            return Ok(content);
        }
        self.long_primitive(tag)
    }

    /// Reads a primitive with a length of any form; says what is wrong where something is.
    #[cold]
    fn long_primitive(&mut self, tag: Tag) -> Result<&'a [u8], BerError> {
        let start = self.offset();
        let mut after = self.clone();
        let found = after.octet()?;
        if found != tag.octet() {
            return Err(error(BerErrorKind::UnexpectedTag { expected: tag, found }, start));
        }
        let length = after.length()?;
        let (content, rest) = after.rest.split_at_checked(length).ok_or(error(BerErrorKind::Truncated, start))?;
        self.rest = rest;
        Ok(content)
    }

    fn length(&mut self) -> Result<usize, BerError> {
        let start = self.offset();
        let first = self.octet()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        if first == 0x80 || first == 0xFF {
            return Err(error(BerErrorKind::UnsupportedLength, start));
        }
        let mut length: usize = 0;
        for _ in 0..first & 0x7F {
            let octet = self.octet()?;
            // What is longer than all there is has no need to be exact.
            length = length.saturating_mul(256).saturating_add(usize::from(octet));
        }
        Ok(length)
    }

    fn octet(&mut self) -> Result<u8, BerError> {
        let (octet, rest) = self.rest.split_first().ok_or(self.error_here(BerErrorKind::Truncated))?;
        self.rest = rest;
        Ok(*octet)
    }
}

const fn error(kind: BerErrorKind, offset: usize) -> BerError {
    BerError { kind, offset }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_length_is_the_same_value() {
        for octets in [&[2, 1, 42][..], &[2, 0x81, 1, 42], &[2, 0x84, 0, 0, 0, 1, 42]] {
            assert_eq!(Reader::new(octets).integer(), Ok(42));
        }
        for octets in [&[2, 0x80, 42, 0, 0][..], &[2, 0xFF, 42]] {
            assert_eq!(Reader::new(octets).integer().unwrap_err().kind, BerErrorKind::UnsupportedLength);
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_refused_before_it_is_believed() {
        let octets = [0x04, 0x88, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1];
        assert_eq!(Reader::new(&octets).octet_string(10), Err(error(BerErrorKind::Truncated, 0)));
    }

    #[test]
    fn integers_may_be_longer_than_needed_but_not_larger_than_32_bits() {
        assert_eq!(Reader::new(&[2, 6, 0, 0, 0, 0, 0, 7]).integer(), Ok(7));
        assert_eq!(Reader::new(&[2, 5, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]).integer(), Ok(-2));
        assert_eq!(Reader::new(&[2, 1, 0x80]).integer(), Ok(-128));
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).integer(), Ok(128));
        for octets in [&[2, 0][..], &[2, 5, 0, 0x80, 0, 0, 0], &[2, 5, 1, 0, 0, 0, 0], &[2, 5, 0xFF, 0x7F, 0, 0, 0]] {
            assert_eq!(Reader::new(octets).integer().unwrap_err().kind, BerErrorKind::IntegerOutOfBounds);
        }
    }

    #[test]
    fn bits_that_are_missing_or_unused_are_0() {
        assert_eq!(Reader::new(&[3, 1, 0]).bits(), Ok(0));
        assert_eq!(Reader::new(&[3, 2, 4, 0xFF]).bits(), Ok(0xF000));
        assert_eq!(Reader::new(&[3, 3, 2, 0x80, 0xFF]).bits(), Ok(0x80FC));
        assert_eq!(Reader::new(&[3, 4, 7, 0x12, 0x34, 0x80]).bits(), Ok(0x1234));
        assert_eq!(Reader::new(&[3, 2, 8, 0xFF]).bits().unwrap_err().kind, BerErrorKind::BadContent);
    }

    #[test]
    fn a_sequence_must_be_read_to_its_end_and_not_beyond() {
        let one = |reader: &mut Reader<'_>| reader.integer();
        let two = |reader: &mut Reader<'_>| reader.integer().and_then(|_| reader.integer());
        let octets = [0x30, 6, 2, 1, 1, 2, 1, 2];
        assert_eq!(Reader::body(&octets, two), Ok(2));
        assert_eq!(Reader::body(&octets, one), Err(error(BerErrorKind::TrailingOctets, 5)));
        assert_eq!(Reader::body(&[0x30, 3, 2, 1, 1, 2, 1, 2], two), Err(error(BerErrorKind::Truncated, 5)));
        assert_eq!(Reader::body(&[0x30, 3, 2, 1, 1, 0], one), Err(error(BerErrorKind::TrailingOctets, 5)));
        assert_eq!(Reader::body(&[0x30, 2, 2, 1, 1], one), Err(error(BerErrorKind::Truncated, 2)));
    }
}

//! Writes members in order: definite lengths, shortest forms.
//!
//! Never: reads what it has written.

use super::tag::Tag;

/// Octets of room that are made at a time: those of a usual event.
const ROOM: usize = 128;
/// Lengths from this on need octets of their own.
const LONG: usize = 0x80;

/// Appends values to a buffer.
#[derive(Debug)]
pub struct Writer<'a> {
    /// The octets written, and room after them, which goes with the writer: most octets find room.
    out: &'a mut Vec<u8>,
    /// Octets written.
    at: usize,
}

impl Drop for Writer<'_> {
    #[inline]
    fn drop(&mut self) {
        self.out.truncate(self.at);
    }
}

impl<'a> Writer<'a> {
    /// Appends to `out`, which has what was written once the writer is dropped.
    pub const fn new(out: &'a mut Vec<u8>) -> Writer<'a> {
        let at = out.len();
        Writer { out, at }
    }

    /// SEQUENCE or SEQUENCE OF; `members` writes what is in it.
    #[inline]
    pub fn sequence(&mut self, members: impl FnOnce(&mut Writer<'_>)) {
        self.put([Tag::Sequence.octet(), 0]);
        let start = self.at;
        members(self);
        let length = self.at - start;
        match self.out.get_mut(start - 1) {
            Some(place) if length < LONG => *place = length as u8,
            Some(_) | None => self.lengthen(start),
        }
    }

    /// The length of what was written from `start` on needs more octets than the one before it: the content moves up.
    #[cold]
    fn lengthen(&mut self, start: usize) {
        let (octets, count) = long_length(self.at - start);
        let octets = &octets[octets.len() - count..];
        self.out.truncate(self.at);
        self.out[start - 1] = LONG as u8 | count as u8;
        self.out.splice(start..start, octets.iter().copied());
        self.at += count;
    }

    /// BOOLEAN.
    #[inline]
    pub fn boolean(&mut self, value: bool) {
        self.primitive(Tag::Boolean, &[if value { 0xFF } else { 0x00 }]);
    }

    /// INTEGER.
    #[inline]
    pub fn integer(&mut self, value: i32) {
        self.number(Tag::Integer, value);
    }

    /// ENUMERATED.
    #[inline]
    pub fn enumerated(&mut self, value: i32) {
        self.number(Tag::Enumerated, value);
    }

    /// BIT STRING of at most 8 bits, the first one most significant.
    pub fn bits8(&mut self, bits: u8, count: u8) {
        let unused = 8 - count;
        self.primitive(Tag::BitString, &[unused, bits & (0xFF << unused)]);
    }

    /// BIT STRING of 9 to 16 bits, the first one most significant.
    pub fn bits16(&mut self, bits: u16, count: u8) {
        let unused = 16 - count;
        let [high, low] = (bits & (0xFFFF << unused)).to_be_bytes();
        self.primitive(Tag::BitString, &[unused, high, low]);
    }

    /// OCTET STRING.
    #[inline]
    pub fn octet_string(&mut self, octets: &[u8]) {
        self.primitive(Tag::OctetString, octets);
    }

    /// IA5String; the caller knows that it is ASCII.
    #[inline]
    pub fn ia5_string(&mut self, text: &str) {
        self.primitive(Tag::Ia5String, text.as_bytes());
    }

    /// IA5String of the first octets of an array. A short one is copied with what is behind it, in one move.
    #[inline]
    pub(crate) fn ia5_padded<const MAX: usize>(&mut self, padded: &[u8; MAX], length: usize) {
        const SHORT: usize = 16;
        if length <= SHORT
            && let Some(short) = padded.first_chunk::<SHORT>()
            && let Some([tag, octets, place @ ..]) = self.out.get_mut(self.at..self.at + 2 + SHORT)
        {
            (*tag, *octets) = (Tag::Ia5String.octet(), length as u8);
            place.copy_from_slice(short);
            self.at += 2 + length;
        } else {
            self.primitive(Tag::Ia5String, &padded[..length]);
        }
    }

    /// NULL.
    pub fn null(&mut self) {
        self.primitive(Tag::Null, &[]);
    }

    #[inline]
    fn number(&mut self, tag: Tag, value: i32) {
        match i8::try_from(value) {
            Ok(value) => self.put([tag.octet(), 1, value.cast_unsigned()]),
            Err(_) => self.long_number(tag, value),
        }
    }

    fn long_number(&mut self, tag: Tag, value: i32) {
        let octets = value.to_be_bytes();
        // Bits that only repeat the sign need not be sent, but the sign bit itself must.
        let same = if value < 0 { value.leading_ones() } else { value.leading_zeros() } - 1;
        self.primitive(tag, &octets[same as usize / 8..]);
    }

    #[inline]
    pub(super) fn primitive(&mut self, tag: Tag, content: &[u8]) {
        if content.len() < LONG {
            self.put([tag.octet(), content.len() as u8]);
        } else {
            self.put_long_head(tag, content.len());
        }
        self.put_all(content);
    }

    #[cold]
    fn put_long_head(&mut self, tag: Tag, length: usize) {
        let (octets, count) = long_length(length);
        self.put([tag.octet(), LONG as u8 | count as u8]);
        self.put_all(&octets[octets.len() - count..]);
    }

    #[inline(always)]
    fn put<const COUNT: usize>(&mut self, octets: [u8; COUNT]) {
        let end = self.at + COUNT;
        match self.out.get_mut(self.at..end) {
            Some(place) => place.copy_from_slice(&octets),
            None => append(self.out, self.at, &octets),
        }
        self.at = end;
    }

    #[inline(always)]
    fn put_all(&mut self, octets: &[u8]) {
        let end = self.at + octets.len();
        match self.out.get_mut(self.at..end) {
            Some(place) => place.copy_from_slice(octets),
            None => append(self.out, self.at, octets),
        }
        self.at = end;
    }
}

/// Puts octets after the first `at`, and makes room for more: as far as memory for it is there already, at most
/// [`ROOM`] at a time.
#[cold]
fn append(out: &mut Vec<u8>, at: usize, octets: &[u8]) {
    out.truncate(at);
    out.extend_from_slice(octets);
    if out.len() == out.capacity() {
        out.reserve(ROOM);
    }
    let room = (out.capacity() - out.len()).min(ROOM);
    out.resize(out.len() + room, 0);
}

/// The octets of a long length, the last ones of these, and their number.
const fn long_length(length: usize) -> ([u8; size_of::<usize>()], usize) {
    (length.to_be_bytes(), size_of::<usize>() - length.leading_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> Vec<u8> {
        let mut out = Vec::new();
        write(&mut Writer::new(&mut out));
        out
    }

    #[test]
    fn integers_take_as_few_octets_as_they_can() {
        for (value, octets) in [
            (0, &[2, 1, 0][..]),
            (127, &[2, 1, 0x7F]),
            (128, &[2, 2, 0, 0x80]),
            (-1, &[2, 1, 0xFF]),
            (-128, &[2, 1, 0x80]),
            (-129, &[2, 2, 0xFF, 0x7F]),
            (i32::MAX, &[2, 4, 0x7F, 0xFF, 0xFF, 0xFF]),
            (i32::MIN, &[2, 4, 0x80, 0, 0, 0]),
        ] {
            assert_eq!(written(|w| w.integer(value)), octets, "{value}");
        }
    }

    #[test]
    fn lengths_take_as_few_octets_as_they_can() {
        for (length, head) in [
            (127, &[0x30, 127][..]),
            (128, &[0x30, 0x81, 128]),
            (255, &[0x30, 0x81, 255]),
            (256, &[0x30, 0x82, 1, 0]),
            (65_536, &[0x30, 0x83, 1, 0, 0]),
        ] {
            let members = vec![0x55; length];
            let octets = written(|w| w.sequence(|w| w.put_all(&members)));
            assert_eq!(octets[..head.len()], *head);
            assert_eq!(octets[head.len()..], members);
        }
    }

    #[test]
    fn bits_beyond_the_count_are_not_sent() {
        assert_eq!(written(|w| w.bits16(0xFFFF, 14)), [3, 3, 2, 0xFF, 0xFC]);
        assert_eq!(written(|w| w.bits8(0xFF, 4)), [3, 2, 4, 0xF0]);
        assert_eq!(written(|w| w.bits8(0xFF, 2)), [3, 2, 6, 0xC0]);
    }
}

//! Writes members in order: definite lengths, shortest forms.

use super::tag::Tag;

/// Appends values to a buffer.
#[derive(Debug)]
pub struct Writer<'a> {
    out: &'a mut Vec<u8>,
}

impl<'a> Writer<'a> {
    /// Appends to `out`.
    pub const fn new(out: &'a mut Vec<u8>) -> Writer<'a> {
        Writer { out }
    }

    /// SEQUENCE or SEQUENCE OF; `members` writes what is in it.
    #[inline]
    pub fn sequence(&mut self, members: impl FnOnce(&mut Writer<'_>)) {
        self.out.extend([Tag::Sequence.octet(), 0]);
        let start = self.out.len();
        members(&mut Writer { out: self.out });
        let length = self.out.len() - start;
        if length < 0x80 {
            self.out[start - 1] = length as u8;
        } else {
            // The length needs more octets than the one kept free for it: the content moves up.
            let octets = length.to_be_bytes();
            let octets = &octets[length.leading_zeros() as usize / 8..];
            self.out[start - 1] = 0x80 | octets.len() as u8;
            self.out.splice(start..start, octets.iter().copied());
        }
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

    /// NULL.
    pub fn null(&mut self) {
        self.primitive(Tag::Null, &[]);
    }

    #[inline]
    fn number(&mut self, tag: Tag, value: i32) {
        let octets = value.to_be_bytes();
        // Bits that only repeat the sign need not be sent, but the sign bit itself must.
        let same = if value < 0 { value.leading_ones() } else { value.leading_zeros() } - 1;
        self.primitive(tag, &octets[same as usize / 8..]);
    }

    #[inline]
    pub(super) fn primitive(&mut self, tag: Tag, content: &[u8]) {
        self.out.push(tag.octet());
        if content.len() < 0x80 {
            self.out.push(content.len() as u8);
        } else {
            let octets = content.len().to_be_bytes();
            let octets = &octets[content.len().leading_zeros() as usize / 8..];
            self.out.push(0x80 | octets.len() as u8);
            self.out.extend_from_slice(octets);
        }
        self.out.extend_from_slice(content);
    }
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
            let octets = written(|w| w.sequence(|w| w.out.extend_from_slice(&members)));
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

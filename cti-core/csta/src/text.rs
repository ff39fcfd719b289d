//! Plain text in place: ASCII without NUL, of a bounded length. It is copied, compared and read from octets as a whole.
//!
//! Never: allocates, or holds anything behind its end.

use core::hash::{Hash, Hasher};

/// Text of at most `MAX` octets; behind it are zeros, so that order and equality are those of the text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlainText<const MAX: usize> {
    octets: [u8; MAX],
    length: u8,
}

impl<const MAX: usize> PlainText<MAX> {
    /// No text.
    pub(crate) const EMPTY: PlainText<MAX> = {
        assert!(MAX <= u8::MAX as usize);
        PlainText { octets: [0; MAX], length: 0 }
    };

    /// Takes this text. Returns false, and is empty, if it is longer than `MAX`, not ASCII, or has a NUL.
    #[inline]
    pub(crate) fn set(&mut self, text: &[u8]) -> bool {
        *self = PlainText::EMPTY;
        let Some(places) = self.octets.get_mut(..text.len()) else { return false };
        // One pass copies and looks.
        let mut plain = true;
        for (place, octet) in places.iter_mut().zip(text) {
            *place = *octet;
            plain &= (1..=0x7F).contains(octet);
        }
        if plain {
            self.length = text.len() as u8;
        } else {
            *self = PlainText::EMPTY;
        }
        plain
    }

    /// Its octets.
    #[inline]
    pub(crate) fn as_octets(&self) -> &[u8] {
        self.octets.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Its octets, and the zeros behind them.
    #[inline]
    pub(crate) fn padded(&self) -> &[u8; MAX] {
        &self.octets
    }

    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.as_octets()).unwrap_or_default()
    }
}

impl<const MAX: usize> Hash for PlainText<MAX> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_octets().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shorter_text_leaves_nothing_of_a_longer_one() {
        let mut text = PlainText::<8>::EMPTY;
        assert!(text.set(b"12345678") && text.set(b"12"));
        let mut other = PlainText::EMPTY;
        assert!(other.set(b"12") && text == other && text.as_str() == "12");
        for refused in [&b"123456789"[..], b"1\x002", b"\x80"] {
            assert!(!text.set(refused) && text == PlainText::EMPTY, "{refused:?}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_text() {
        let texts = ["", "1", "10", "1001", "2", "20", "A"];
        let made = texts.map(|text| {
            let mut made = PlainText::<4>::EMPTY;
            made.set(text.as_bytes());
            made
        });
        assert!(made.is_sorted() && made.map(|made| made.as_str().to_owned()) == texts);
    }
}

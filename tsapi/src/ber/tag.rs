//! The identifier octets of the types in use. All are universal; there are no others on this wire.

/// A universal type (X.690 8.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// 01.
    Boolean,
    /// 02.
    Integer,
    /// 03, primitive.
    BitString,
    /// 04, primitive.
    OctetString,
    /// 05.
    Null,
    /// 09, primitive.
    Real,
    /// 0A.
    Enumerated,
    /// 16, primitive.
    Ia5String,
    /// 30, constructed: SEQUENCE and SEQUENCE OF.
    Sequence,
}

impl Tag {
    /// The identifier octet.
    pub const fn octet(self) -> u8 {
        match self {
            Tag::Boolean => 0x01,
            Tag::Integer => 0x02,
            Tag::BitString => 0x03,
            Tag::OctetString => 0x04,
            Tag::Null => 0x05,
            Tag::Real => 0x09,
            Tag::Enumerated => 0x0A,
            Tag::Ia5String => 0x16,
            Tag::Sequence => 0x30,
        }
    }
}

//! The part of the Basic Encoding Rules (X.690) that TSAPI uses.
//!
//! Every PDU is one universal SEQUENCE of universal members, each always present. So there is no schema compiler and no
//! table of types: a member is a call of [`Writer`], and the same call of [`Reader`] in the same order.
//!
//! Written: definite lengths in their shortest form, integers in their shortest form, TRUE as FF. Taken besides: longer
//! forms of a length, integers with redundant leading octets, any TRUE that is not zero, bit strings of any length.
//! Refused: indefinite lengths, high tag numbers, constructed strings, anything after the last member.
//!
//! Never: allocates because a length says so, or reads past the end of what it was given.

pub mod reader;
mod real;
pub mod tag;
pub mod writer;

pub use reader::Reader;
pub use writer::Writer;

use crate::error::BerError;

/// A type with one form on the wire.
pub trait Ber: Sized {
    /// Writes the value.
    fn write(&self, writer: &mut Writer<'_>);
    /// Reads what `write` wrote, and the variants that BER allows for it.
    ///
    /// # Errors
    /// The first octet that is not such a value, and its fault.
    fn read(reader: &mut Reader<'_>) -> Result<Self, BerError>;
}

/// A type that can be read into its place in a message.
pub trait Member: Ber {
    /// A value to be read over.
    fn blank() -> Self;
    /// Reads it over the value that is there.
    ///
    /// # Errors
    /// As [`Ber::read`]; the value is any then.
    #[inline]
    fn read_to(&mut self, reader: &mut Reader<'_>) -> Result<(), BerError> {
        *self = Self::read(reader)?;
        Ok(())
    }
}

/// Types whose blank value is their default.
macro_rules! default_members {
    ($($name:ty),* $(,)?) => {$(
        impl $crate::ber::Member for $name {
            #[inline]
            fn blank() -> $name {
                Default::default()
            }
        }
    )*};
}
pub(crate) use default_members;

default_members!(bool, i32, i16, u8);

impl<T: Ber> Member for Vec<T> {
    fn blank() -> Vec<T> {
        Vec::new()
    }
}

impl Ber for bool {
    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.boolean(*self);
    }
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<bool, BerError> {
        reader.boolean()
    }
}

/// INT32.
impl Ber for i32 {
    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.integer(*self);
    }
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<i32, BerError> {
        reader.integer()
    }
}

/// INT16.
impl Ber for i16 {
    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.integer(i32::from(*self));
    }
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<i16, BerError> {
        reader.integer16()
    }
}

/// BITS8: an octet is only ever a bit string here.
impl Ber for u8 {
    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.bits8(*self, 8);
    }
    #[inline]
    fn read(reader: &mut Reader<'_>) -> Result<u8, BerError> {
        Ok(reader.bits()?.to_be_bytes()[0])
    }
}

/// SEQUENCE OF, bounded by the frame it came in.
impl<T: Ber> Ber for Vec<T> {
    #[inline]
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| self.iter().for_each(|item| item.write(writer)));
    }
    fn read(reader: &mut Reader<'_>) -> Result<Vec<T>, BerError> {
        reader.sequence(|reader| {
            let mut items = Vec::new();
            while !reader.is_at_end() {
                items.push(T::read(reader)?);
            }
            Ok(items)
        })
    }
}

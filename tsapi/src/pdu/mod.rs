//! The messages: how each type of the vocabulary is written and read, with its ASN.1 beside it.
//!
//! Nothing is mirrored: what is read is a `csta` value and what is written is one. Only the messages about the stream
//! itself (ACS) and the private area have types here, for nobody else knows them.
//!
//! Never: what a message does.

pub mod acs;
mod acs_failure;
pub mod event;
pub mod private;
pub mod reply;
pub mod request;
mod types;

use crate::ber::{Reader, Writer};
use crate::error::PduError;
use crate::frame::EventClass;

/// A family of messages: one body for each PDU number.
pub trait Pdu: Sized {
    /// Its number.
    fn number(&self) -> u16;
    /// The event class it travels in.
    fn class(&self) -> EventClass;
    /// Writes the members of the outer SEQUENCE.
    fn write(&self, writer: &mut Writer<'_>);
    /// Reads a whole body.
    fn read(number: u16, body: &[u8]) -> Result<Self, PduError>;
}

/// Lists the messages of a family, each with its number and its members in the order of the wire; writing and reading
/// follow from the one list. A message without members is SEQUENCE { NULL }. A member in brackets is a constant that
/// is written and, when it comes, read over.
macro_rules! messages {
    ($(#[$family_doc:meta])* $family:ident {
        $($(#[doc = $asn1:literal])* $number:literal $class:ident $variant:ident
            $({ $($member:ident),* $(, [$constant:expr])? })? $(( $inner:ident ))?;)*
    }) => {
        $(#[$family_doc])*
        impl $crate::pdu::Pdu for $family {
            fn number(&self) -> u16 {
                match self {
                    $($family::$variant { .. } => $number,)*
                }
            }

            fn class(&self) -> $crate::frame::EventClass {
                match self {
                    $($family::$variant { .. } => $crate::frame::EventClass::$class,)*
                }
            }

            fn write(&self, writer: &mut $crate::ber::Writer<'_>) {
                match self {
                    $($family::$variant $({ $($member),* })? $(( $inner ))? => {
                        $($($crate::ber::Ber::write($member, writer);)* $($crate::ber::Ber::write(&$constant, writer);)?)?
                        $($crate::ber::Ber::write($inner, writer);)?
                        $crate::pdu::messages!(@empty_write writer $($($member)*)? $($inner)?);
                    })*
                }
            }

            fn read(number: u16, body: &[u8]) -> Result<$family, $crate::error::PduError> {
                match number {
                    $($number => Ok($crate::ber::Reader::body(body, |reader| {
                        $($(let $member = $crate::ber::Ber::read(reader)?;)* $($crate::pdu::read_over(&$constant, reader)?;)?)?
                        $(let $inner = $crate::ber::Ber::read(reader)?;)?
                        $crate::pdu::messages!(@empty_read reader $($($member)*)? $($inner)?);
                        Ok($family::$variant $({ $($member),* })? $(( $inner ))?)
                    })?),)*
                    pdu => Err($crate::error::PduError::Unsupported { pdu }),
                }
            }
        }
    };
    (@empty_write $writer:ident) => { $writer.null() };
    (@empty_write $writer:ident $($member:ident)+) => {};
    (@empty_read $reader:ident) => { $reader.null_or_nothing()? };
    (@empty_read $reader:ident $($member:ident)+) => {};
}
pub(crate) use messages;

/// Reads a member whose value is not kept.
fn read_over<T: crate::ber::Ber>(_: &T, reader: &mut Reader<'_>) -> Result<(), crate::error::BerError> {
    T::read(reader).map(|_| ())
}

//! TSAPI PDUs: encoding and decoding.
//!
//! The types are those of `tipring_csta_types`, by its lists of members (`tipring_csta_types::message`: numbers of
//! PDUs, members and their order). Only the messages about the stream itself (ACS) and the private area have types
//! here.
//!
//! Never: knows what a message does.

pub mod acs;
mod acs_failure;
pub(crate) mod ecs;
pub mod event;
pub mod private_area;
pub mod reply;
pub mod request;
mod types;

use crate::ber::Writer;
use crate::error::PduError;
use crate::frame::EventClass;

/// A family of messages: one body for each PDU number.
pub trait Pdu: Sized {
    /// Returns its number.
    fn number(&self) -> u16;
    /// Writes the members of the outer SEQUENCE.
    fn write(&self, writer: &mut Writer<'_>);
    /// Reads a whole body.
    ///
    /// # Errors
    /// [`PduError::Unsupported`] if the family has no such number, [`PduError::Malformed`] if the body is not what the
    /// number says.
    fn read(number: u16, body: &[u8]) -> Result<Self, PduError>;
}

/// A family whose messages are frames of their own.
pub trait Framed: Pdu {
    /// Returns the event class the message travels in.
    fn class(&self) -> EventClass;
}

/// Writes and reads a family by its list of members (see `tipring_csta_types`). A message without members is
/// SEQUENCE { NULL }.
macro_rules! impl_pdu {
    ($(#[$doc:meta])* $family:ident tag $tag:literal {
        $($(#[$vdoc:meta])* $number:literal $(| $other:literal)* $variant:ident
            $({ $($(#[$mdoc:meta])* $member:ident: $type:ty),* $(,)? })?;)*
    }) => {
        impl $crate::pdu::Pdu for $family {
            fn number(&self) -> u16 {
                $family::number(self)
            }

            fn write(&self, writer: &mut $crate::ber::Writer<'_>) {
                match self {
                    $($family::$variant $({ $($member),* })? => {
                        $($($crate::ber::Ber::write($member, writer);)*)?
                        $crate::pdu::impl_pdu!(@empty_write writer $($($member)*)?);
                    })*
                }
            }

            fn read(number: u16, body: &[u8]) -> Result<$family, $crate::error::PduError> {
                match number {
                    $($number $(| $other)* => {
                        // Members are read where they stay: to move a message costs as much as to read it.
                        fn read(body: &[u8]) -> Result<$family, $crate::error::PduError> {
                            let mut message = Ok($family::$variant $({ $($member: $crate::ber::Member::blank()),* })?);
                            if let Ok($family::$variant $({ $($member),* })?) = &mut message
                                && let Err(error) = $crate::ber::Reader::body(body, |reader| {
                                    $($($crate::ber::Member::read_to($member, reader)?;)*)?
                                    $crate::pdu::impl_pdu!(@empty_read reader $($($member)*)?);
                                    Ok(())
                                })
                            {
                                message = Err(error.into());
                            }
                            message
                        }
                        read(body)
                    })*
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
pub(crate) use impl_pdu;

/// Lists the messages of a family with their classes; writing and reading follow as in [`impl_pdu`].
macro_rules! messages {
    ($(#[$family_doc:meta])* $family:ident {
        $($(#[doc = $asn1:literal])* $number:literal $class:ident $variant:ident $({ $($member:ident),* })?;)*
    }) => {
        $(#[$family_doc])*
        impl $crate::pdu::Pdu for $family {
            fn number(&self) -> u16 {
                match self {
                    $($family::$variant { .. } => $number,)*
                }
            }

            fn write(&self, writer: &mut $crate::ber::Writer<'_>) {
                match self {
                    $($family::$variant $({ $($member),* })? => {
                        $($($crate::ber::Ber::write($member, writer);)*)?
                        $crate::pdu::impl_pdu!(@empty_write writer $($($member)*)?);
                    })*
                }
            }

            fn read(number: u16, body: &[u8]) -> Result<$family, $crate::error::PduError> {
                match number {
                    $($number => Ok($crate::ber::Reader::body(body, |reader| {
                        $($(let $member = $crate::ber::Ber::read(reader)?;)*)?
                        $crate::pdu::impl_pdu!(@empty_read reader $($($member)*)?);
                        Ok($family::$variant $({ $($member),* })?)
                    })?),)*
                    pdu => Err($crate::error::PduError::Unsupported { pdu }),
                }
            }
        }

        impl $crate::pdu::Framed for $family {
            fn class(&self) -> $crate::frame::EventClass {
                match self {
                    $($family::$variant { .. } => $crate::frame::EventClass::$class,)*
                }
            }
        }
    };
}
pub(crate) use messages;

//! Failures that the server answers bad input with.
//!
//! Never: says what is wrong with the input; the error does.

use tipring_csta_types::cause::UniversalFailure;

use crate::error::{BerErrorKind, FrameError, PduError};
use crate::pdu::acs::AcsFailure;

/// Returns the failure that a client gets before its connection is closed.
pub(super) const fn of_frame(error: FrameError) -> AcsFailure {
    match error {
        FrameError::TooShort { .. } | FrameError::TooLong { .. } | FrameError::Inconsistent { .. } => {
            AcsFailure::BadPacket
        }
        FrameError::Version(_) => AcsFailure::BadTservProtocol,
        FrameError::Class(_) => AcsFailure::InvalidClassRejection,
    }
}

/// Returns the failure that a CSTA request gets.
pub(super) const fn of_request(error: PduError) -> UniversalFailure {
    match error {
        PduError::Unsupported { .. } => UniversalFailure::UnrecognizedOperationRejection,
        PduError::Malformed(error) => match error.kind {
            BerErrorKind::Truncated
            | BerErrorKind::TrailingOctets
            | BerErrorKind::UnsupportedLength
            | BerErrorKind::BadContent => UniversalFailure::BadlyStructuredApduRejection,
            BerErrorKind::UnexpectedTag { .. }
            | BerErrorKind::IntegerOutOfBounds
            | BerErrorKind::TooLong { .. }
            | BerErrorKind::BadCharacter => UniversalFailure::MistypedArgumentRejection,
            BerErrorKind::UnknownValue(_) => UniversalFailure::ValueOutOfRange,
        },
    }
}

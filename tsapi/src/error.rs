//! Errors of octets from outside: kind, place, and the failure to answer with; certificates and keys that TLS refuses.
//!
//! Every error of decoding names the octet at which it showed, and tells the failure that the standard has for it. None
//! of them is ever a reason to panic.

use core::fmt;

use rustls::pki_types::{InvalidDnsNameError, pem};

use crate::ber::tag::Tag;

/// Reason for which octets are not the value that should stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BerErrorKind {
    /// The octets end before the value does.
    Truncated,
    /// There are octets after the last member.
    TrailingOctets,
    /// Another type stands there.
    UnexpectedTag {
        /// The expected tag.
        expected: Tag,
        /// The identifier octet that came.
        found: u8,
    },
    /// An indefinite or reserved form of length.
    UnsupportedLength,
    /// An integer without octets, or one that does not fit 32 bits (16 where the type says so).
    IntegerOutOfBounds,
    /// A Boolean, Null or bit string whose content does not have the form of its type.
    BadContent,
    /// A string longer than its type allows.
    TooLong {
        /// The most octets allowed.
        max: usize,
    },
    /// A string with octets beyond the alphabet of its type.
    BadCharacter,
    /// A number that the enumeration does not have.
    UnknownValue(i32),
}

/// A value that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BerError {
    /// Kind of the error.
    pub kind: BerErrorKind,
    /// The octet of the body at which it showed, from 0.
    pub offset: usize,
}

impl fmt::Display for BerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            BerErrorKind::Truncated => write!(f, "The body ends within a value")?,
            BerErrorKind::TrailingOctets => write!(f, "There are octets after the last member")?,
            BerErrorKind::UnexpectedTag { expected, found } => {
                write!(f, "Tag {found:#04x} stands where {expected:?} ({:#04x}) belongs", expected.octet())?;
            }
            BerErrorKind::UnsupportedLength => write!(f, "A length is indefinite or reserved")?,
            BerErrorKind::IntegerOutOfBounds => write!(f, "An integer does not fit its type")?,
            BerErrorKind::BadContent => write!(f, "A value does not have the form of its type")?,
            BerErrorKind::TooLong { max } => write!(f, "A string is longer than {max} octets")?,
            BerErrorKind::BadCharacter => write!(f, "A string has characters beyond its alphabet")?,
            BerErrorKind::UnknownValue(value) => write!(f, "The enumeration has no value {value}")?,
        }
        write!(f, " (octet {})", self.offset)
    }
}

impl std::error::Error for BerError {}

/// Reason for which octets are no longer a stream of frames. Nothing that follows can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FrameError {
    /// The frame length is less than the header needs.
    TooShort {
        /// The length it has.
        length: u32,
    },
    /// The frame, its body or its private area is longer than we take.
    TooLong {
        /// The frame length.
        length: u32,
    },
    /// The lengths of header, body and private area do not add up to the frame length.
    Inconsistent {
        /// The frame length.
        length: u32,
        /// The body length.
        body: u16,
        /// The length of the private area.
        private: u16,
    },
    /// The version word is not 1.
    Version(u16),
    /// There is no such event class.
    Class(u16),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameError::TooShort { length } => write!(f, "A frame of {length} octets cannot hold its header"),
            FrameError::TooLong { length } => write!(f, "A frame of {length} octets is longer than we take"),
            FrameError::Inconsistent { length, body, private } => write!(
                f,
                "A frame of {length} octets says it holds a body of {body} and a private area of {private} octets"
            ),
            FrameError::Version(version) => write!(f, "The frame has version {version} instead of 1"),
            FrameError::Class(class) => write!(f, "There is no event class {class}"),
        }
    }
}

impl std::error::Error for FrameError {}

/// Reason for which a body is not the message its header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PduError {
    /// This end does not read such a message.
    Unsupported {
        /// The PDU number.
        pdu: u16,
    },
    /// The body is malformed.
    Malformed(BerError),
}

impl From<BerError> for PduError {
    fn from(error: BerError) -> PduError {
        PduError::Malformed(error)
    }
}

impl fmt::Display for PduError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PduError::Unsupported { pdu } => write!(f, "PDU {pdu} is not known here"),
            PduError::Malformed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for PduError {}

/// Reason for which an end of TLS cannot be made. The text is the end of a sentence.
#[derive(Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// There is no certificate in the PEM.
    NoCertificate,
    /// A certificate is not PEM.
    Certificate(pem::Error),
    /// The private key is not PEM, or there is none.
    Key(pem::Error),
    /// The private key is not that of the certificate, or is of a kind that TLS does not use.
    Pair(rustls::Error),
    /// A trusted certificate cannot be used.
    Authority(rustls::Error),
    /// The trusted certificates cannot be used together.
    Authorities(rustls::client::VerifierBuilderError),
    /// The name of the host is none that a certificate can have.
    Host(InvalidDnsNameError),
    /// TLS itself cannot be set up.
    SetUp(rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TlsError::NoCertificate => f.write_str("there is no certificate: a BEGIN CERTIFICATE line is wanted"),
            TlsError::Certificate(error) => write!(f, "a certificate is not PEM: {error:?}"),
            TlsError::Key(error) => write!(f, "the private key is not PEM: {error:?}"),
            TlsError::Pair(error) => write!(f, "certificate and private key cannot be used: {error}"),
            TlsError::Authority(error) => write!(f, "a trusted certificate cannot be used: {error}"),
            TlsError::Authorities(error) => error.fmt(f),
            TlsError::Host(error) => error.fmt(f),
            TlsError::SetUp(error) => write!(f, "TLS cannot be used: {error}"),
        }
    }
}

impl std::error::Error for TlsError {}

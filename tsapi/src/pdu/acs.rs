//! The messages about the stream itself: name service, log-in, opening, closing, heartbeat (classes 0 to 2).

use core::fmt;

use tipring_csta_types::InvalidId;

use super::messages;
use crate::ber::{Ber, Reader, Writer};
use crate::error::{BerError, BerErrorKind};

pub use super::acs_failure::AcsFailure;

/// IA5String of at most `MAX` characters; empty where there is nothing to say.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Ia5<const MAX: usize>(String);

/// The user that logs in.
pub type LoginId = Ia5<48>;
/// The name of a Tlink.
pub type ServerId = Ia5<48>;
/// A version of an interface or a product, and the name of an application.
pub type Version = Ia5<20>;

impl<const MAX: usize> Ia5<MAX> {
    /// Text, if it is short enough and plain ASCII without NUL.
    ///
    /// # Errors
    /// [`InvalidId`] for any other.
    pub fn new(text: &str) -> Result<Ia5<MAX>, InvalidId> {
        if text.len() <= MAX && text.is_ascii() && !text.contains('\0') { Ok(Ia5(text.into())) } else { Err(InvalidId) }
    }

    /// As much of a text as fits: what is not plain ASCII becomes a question mark.
    pub fn fitted(text: &str) -> Ia5<MAX> {
        let plain = |c: char| if c.is_ascii() && c != '\0' { c } else { '?' };
        Ia5(text.chars().map(plain).take(MAX).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Ia5<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> Ber for Ia5<MAX> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.ia5_string(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Ia5<MAX>, BerError> {
        let character = reader.error_here(BerErrorKind::BadCharacter);
        Ia5::new(reader.ia5_string(MAX)?).map_err(|_| character)
    }
}

/// OCTET STRING of at most `MAX` octets.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Octets<const MAX: usize>(Vec<u8>);

/// The password, enciphered or hashed.
pub type CryptPassword = Octets<47>;
/// The address of a Tlink: an image of a socket address, 16 octets for IPv4 and 28 for IPv6.
pub type ServerAddress = Octets<256>;

impl<const MAX: usize> Octets<MAX> {
    /// These octets; what is beyond the bound is not kept.
    pub fn new(octets: &[u8]) -> Octets<MAX> {
        Octets(octets[..octets.len().min(MAX)].to_vec())
    }

    /// The octets.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl<const MAX: usize> fmt::Debug for Octets<MAX> {
    /// The number of octets alone: they may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} octets]", self.0.len())
    }
}

impl<const MAX: usize> Ber for Octets<MAX> {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.octet_string(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Octets<MAX>, BerError> {
        reader.octet_string(MAX).map(Octets::new)
    }
}

/// Challenge of a log-in: 8 octets, new for every connection, with which the password is enciphered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge(pub [u8; 8]);

impl Ber for Challenge {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.octet_string(&self.0);
    }
    fn read(reader: &mut Reader<'_>) -> Result<Challenge, BerError> {
        let content = reader.error_here(BerErrorKind::BadContent);
        reader.octet_string(8)?.try_into().map(Challenge).map_err(|_| content)
    }
}

/// Enumerations whose numbers without a name here are kept.
macro_rules! stream_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $number:literal $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A number without a name here.
            Other(i32),
        }

        impl $name {
            /// Returns the number on the wire.
            pub const fn number(self) -> i32 {
                match self {
                    $($name::$variant => $number,)*
                    $name::Other(number) => number,
                }
            }

            /// Returns the meaning of a number on the wire.
            pub const fn from_number(number: i32) -> $name {
                match number {
                    $($number => $name::$variant,)*
                    other => $name::Other(other),
                }
            }
        }

        impl Ber for $name {
            fn write(&self, writer: &mut Writer<'_>) {
                writer.enumerated(self.number());
            }
            fn read(reader: &mut Reader<'_>) -> Result<$name, BerError> {
                reader.enumerated(|number| Some($name::from_number(number)))
            }
        }
    };
}

stream_enum!(
    /// Purpose of a stream.
    StreamType {
        /// Call control.
        1 Csta,
        /// Administration.
        2 Oam,
        /// A directory.
        3 Directory,
        /// The name service.
        4 NameService,
        /// Call control by an application with rights of its own.
        5 TrustedApplication,
    }
);

stream_enum!(
    /// Credentials that a user must show.
    AuthType {
        /// Another server is asked.
        -1 RequiresExternalAuth,
        /// A login only.
        0 LoginIdOnly,
        /// A login; one is proposed.
        1 LoginIdIsDefault,
        /// A login and a password.
        2 NeedLoginIdAndPassword,
        /// Any login.
        3 AnyLoginId,
    }
);

stream_enum!(
    /// Form of the password after ACSAuthReplyTwo.
    EncodeType {
        /// Enciphered with the challenge.
        1 Bindery,
        /// By a directory's connection.
        2 NdsConnection,
        /// By the local machine's accounts.
        3 NtLocal,
        /// Over a named pipe.
        4 NtNamedPipe,
        /// As written data.
        5 NtWriteData,
    }
);

stream_enum!(
    /// The level of the interface; only the first is in use, unchecked.
    Level {
        /// The only one in use.
        1 Level1,
    }
);

/// `ACSAuthInfo ::= SEQUENCE { authType ENUMERATED, authLoginID LoginID }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthInfo {
    /// Credentials that a user must show.
    pub kind: AuthType,
    /// The login that is proposed; empty if none is.
    pub login: LoginId,
}

impl Ber for AuthInfo {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.kind.write(writer);
            self.login.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<AuthInfo, BerError> {
        reader.sequence(|reader| Ok(AuthInfo { kind: Ber::read(reader)?, login: Ber::read(reader)? }))
    }
}

/// `ACSNameAddr ::= SEQUENCE { serverName ServerID, serverAddr OCTET STRING }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAddress {
    /// The Tlink.
    pub name: ServerId,
    /// Address at which it listens.
    pub address: ServerAddress,
}

impl Ber for NameAddress {
    fn write(&self, writer: &mut Writer<'_>) {
        writer.sequence(|writer| {
            self.name.write(writer);
            self.address.write(writer);
        });
    }
    fn read(reader: &mut Reader<'_>) -> Result<NameAddress, BerError> {
        reader.sequence(|reader| Ok(NameAddress { name: Ber::read(reader)?, address: Ber::read(reader)? }))
    }
}

/// A message about the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acs {
    /// 1, ACSOpenStream: request for a stream.
    OpenStream {
        /// Its purpose.
        stream_type: StreamType,
        /// To which Tlink.
        server: ServerId,
        /// The user.
        login: LoginId,
        /// The password, enciphered.
        password: CryptPassword,
        /// The program that asks.
        application: Version,
        /// Not checked.
        level: Level,
        /// The versions of the interface the client can speak.
        api_version: Version,
        /// Version of the client's library.
        library_version: Version,
        /// Empty.
        server_version: Version,
    },
    /// 2, ACSOpenStreamConfEvent: the stream is open.
    OpenStreamConf {
        /// The version of the interface that is spoken from now on.
        api_version: Version,
        /// The client's library, as it said.
        library_version: Version,
        /// The server.
        server_version: Version,
        /// The driver of the switch.
        driver_version: Version,
    },
    /// 3, ACSCloseStream: request to close the stream.
    CloseStream,
    /// 4, ACSCloseStreamConfEvent: the stream is closed; nothing more comes.
    CloseStreamConf,
    /// 5, ACSAbortStream: the client has abandoned the stream.
    AbortStream,
    /// 6, ACSUniversalFailureConfEvent: refusal of a request about the stream.
    UniversalFailureConf {
        /// Reason for the failure.
        error: AcsFailure,
    },
    /// 7, ACSUniversalFailureEvent: the server ends the stream.
    UniversalFailure {
        /// Reason for the failure.
        error: AcsFailure,
    },
    /// 8, ACSKeyRequest: request for a log-in challenge.
    KeyRequest {
        /// The user who is to log in.
        login: LoginId,
    },
    /// 9, ACSKeyReply: a challenge for a password that is hashed.
    KeyReply {
        /// Goes into the hash.
        object: i32,
        /// The challenge.
        key: Challenge,
    },
    /// 10, ACSNameSrvRequest: request for the list of Tlinks.
    NameRequest {
        /// The type of stream that they serve.
        stream_type: StreamType,
    },
    /// 11, ACSNameSrvReply: a part of the list of Tlinks.
    NameReply {
        /// True if there are more for a repeated request.
        more: bool,
        /// The Tlinks.
        list: Vec<NameAddress>,
    },
    /// 12, ACSAuthReply: as 9, with the credentials that a user must show.
    AuthReply {
        /// Goes into the hash.
        object: i32,
        /// The challenge.
        key: Challenge,
        /// Credentials that a user must show.
        auth: AuthInfo,
    },
    /// 13, ACSAuthReplyTwo: a challenge for a password that is enciphered.
    AuthReplyTwo {
        /// Of no use here.
        object: i32,
        /// The challenge.
        key: Challenge,
        /// Credentials that a user must show.
        auth: AuthInfo,
        /// Form of the password.
        encode_type: EncodeType,
        /// Empty.
        pipe: Ia5<100>,
    },
    /// 14, ACSSetHeartbeatInterval: request for heartbeats.
    SetHeartbeat {
        /// The interval in seconds.
        seconds: i16,
    },
    /// 15, ACSSetHeartbeatIntervalConfEvent: confirmation of the interval.
    SetHeartbeatConf {
        /// The interval in force, in seconds.
        seconds: i16,
    },
    /// 16, ACSClientHeartbeatEvent: the server is alive.
    ClientHeartbeat,
}

messages!(
    /// The messages about the stream, each in its class.
    Acs {
        /// ACSOpenStream ::= SEQUENCE { streamType StreamType, serverID ServerID, loginID LoginID,
        /// cryptPass CryptPasswd, applicationName AppName, level Level, apiVer Version, libVer Version,
        /// tsrvVer Version }
        1 AcsRequest OpenStream {
            stream_type, server, login, password, application, level, api_version, library_version, server_version
        };
        /// ACSOpenStreamConfEvent ::= SEQUENCE { apiVer Version, libVer Version, tsrvVer Version, drvrVer Version }
        2 AcsConfirmation OpenStreamConf { api_version, library_version, server_version, driver_version };
        /// ACSCloseStream ::= SEQUENCE { NULL }
        3 AcsRequest CloseStream;
        /// ACSCloseStreamConfEvent ::= SEQUENCE { NULL }
        4 AcsConfirmation CloseStreamConf;
        /// ACSAbortStream ::= SEQUENCE { NULL }
        5 AcsRequest AbortStream;
        /// ACSUniversalFailureConfEvent ::= SEQUENCE { error ACSFailure }
        6 AcsConfirmation UniversalFailureConf { error };
        /// ACSUniversalFailureEvent ::= SEQUENCE { error ACSFailure }
        7 AcsUnsolicited UniversalFailure { error };
        /// ACSKeyRequest ::= SEQUENCE { loginID LoginID }
        8 AcsRequest KeyRequest { login };
        /// ACSKeyReply ::= SEQUENCE { objectID INTEGER, key ChallengeKey }
        9 AcsConfirmation KeyReply { object, key };
        /// ACSNameSrvRequest ::= SEQUENCE { streamType StreamType }
        10 AcsRequest NameRequest { stream_type };
        /// ACSNameSrvReply ::= SEQUENCE { more BOOLEAN, list SEQUENCE OF ACSNameAddr }
        11 AcsConfirmation NameReply { more, list };
        /// ACSAuthReply ::= SEQUENCE { objectID INTEGER, key ChallengeKey, authInfo ACSAuthInfo }
        12 AcsConfirmation AuthReply { object, key, auth };
        /// ACSAuthReplyTwo ::= SEQUENCE { objectID INTEGER, key ChallengeKey, authInfo ACSAuthInfo,
        /// encodeType ACSEncodeType, pipe WinNTPipe }
        13 AcsConfirmation AuthReplyTwo { object, key, auth, encode_type, pipe };
        /// ACSSetHeartbeatInterval ::= SEQUENCE { heartbeatInterval INTEGER }
        14 AcsRequest SetHeartbeat { seconds };
        /// ACSSetHeartbeatIntervalConfEvent ::= SEQUENCE { heartbeatInterval INTEGER }
        15 AcsConfirmation SetHeartbeatConf { seconds };
        /// ACSClientHeartbeatEvent ::= SEQUENCE { NULL }
        16 AcsUnsolicited ClientHeartbeat;
    }
);

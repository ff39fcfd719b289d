//! Opening of a stream: the name service, the key, the request to open, the log-in.
//!
//! Never: verifies a password.

use core::net::SocketAddr;
use core::time::Duration;
use std::sync::Arc;

use tipring_csta_types::rights::Rights;

use super::{ServerOutput, ServerSession, State, Stream};
use crate::frame::Header;
use crate::pdu::acs::{
    Acs, AcsFailure, AuthInfo, AuthType, CryptPassword, EncodeType, Ia5, LoginId, NameAddress, ServerAddress, ServerId,
    StreamType, Version,
};
use crate::pdu::private_area::{self, Private, VENDOR_VERSION};
use crate::pdu::{Framed, Pdu};
use crate::session::accounts::Secret;
use crate::session::login::{NoApiVersion, Tlink, Vendor, grant_api_version, grant_vendor, write_address};
use crate::session::system_status::StatusFilter;
use crate::session::{CloseReason, Security, password};

/// Members of ACSOpenStream that matter.
pub(super) struct OpenRequest {
    pub(super) stream_type: StreamType,
    pub(super) server: ServerId,
    pub(super) login: LoginId,
    pub(super) password: CryptPassword,
    pub(super) api_version: Version,
    pub(super) library_version: Version,
}

/// A stream whose password is being verified.
#[derive(Clone)]
pub(super) struct Opening {
    pub(super) invoke: u32,
    api_version: u16,
    vendor: Option<Vendor>,
    pub(super) login: LoginId,
    library_version: Version,
}

impl ServerSession {
    pub(super) fn handle_name_request(&mut self, invoke: u32, stream_type: StreamType) {
        if stream_type != StreamType::Csta {
            self.counters.unsupported += 1;
            return self.refuse(invoke, AcsFailure::BadStreamType);
        }
        let clear = (&self.settings.tlink, self.address.port());
        let clear = (self.security == Security::Clear && self.settings.clear_streams).then_some(clear);
        let secure = self.settings.secure.as_ref().map(|(tlink, port)| (tlink, *port));
        let entry = |(tlink, port): (&Tlink, u16)| NameAddress {
            name: ServerId::fitted(tlink.as_str()),
            address: ServerAddress::new(&write_address(SocketAddr::new(self.address.ip(), port))),
        };
        let list = clear.into_iter().chain(secure).map(entry).collect();
        self.send_acs(invoke, &Acs::NameReply { more: false, list });
    }

    pub(super) fn handle_key_request(&mut self, invoke: u32, _login: LoginId) {
        match self.state {
            State::Connected { deadline } | State::Challenged { deadline } => {
                self.state = State::Challenged { deadline };
                // The answer is the same for every login, so that it does not reveal which ones there are.
                let auth = AuthInfo { kind: AuthType::NeedLoginIdAndPassword, login: LoginId::default() };
                let encode_type = EncodeType::Bindery;
                let key = self.challenge;
                self.send_acs(invoke, &Acs::AuthReplyTwo { object: 1, key, auth, encode_type, pipe: Ia5::default() });
            }
            State::Verifying { .. } | State::Open(_) | State::Closed => {
                self.counters.out_of_order += 1;
                self.refuse(invoke, AcsFailure::BadTservProtocol);
            }
        }
    }

    pub(super) fn handle_open_stream(&mut self, invoke: u32, asked: OpenRequest, private: Option<Private<'_>>) {
        let failure = match self.state {
            State::Challenged { deadline } => match self.check(&asked) {
                Ok((api_version, password)) => {
                    let request = private.filter(|private| private.vendor == VENDOR_VERSION);
                    let vendor = request.and_then(|private| grant_vendor(private.data));
                    let login = asked.login.clone();
                    let OpenRequest { login: _, library_version, .. } = asked;
                    let opening =
                        Box::new(Opening { invoke, api_version, vendor, login: login.clone(), library_version });
                    self.state = State::Verifying { deadline, opening };
                    return self.outputs.push_back(ServerOutput::LogIn { login, password });
                }
                Err(failure) => failure,
            },
            State::Connected { .. } => {
                self.counters.out_of_order += 1;
                AcsFailure::BadTservProtocol
            }
            State::Verifying { .. } | State::Open(_) | State::Closed => {
                self.counters.out_of_order += 1;
                return self.refuse(invoke, AcsFailure::DuplicateAcsHandle);
            }
        };
        // One attempt for one challenge: another one needs another connection.
        self.counters.bad_logins += 1;
        self.refuse(invoke, failure);
        self.close(CloseReason::Refused(failure));
    }

    /// Checks all but the password; returns the version of the interface and the password in the clear.
    fn check(&self, asked: &OpenRequest) -> Result<(u16, Secret), AcsFailure> {
        if asked.stream_type != StreamType::Csta {
            return Err(AcsFailure::BadStreamType);
        }
        let served = match self.security {
            Security::Clear => self.settings.clear_streams.then_some(&self.settings.tlink),
            Security::Tls => self.settings.secure.as_ref().map(|(tlink, _)| tlink),
        };
        if !served.is_some_and(|tlink| tlink.is(asked.server.as_str())) {
            return Err(AcsFailure::BadServerId);
        }
        let api_version = grant_api_version(asked.api_version.as_str()).map_err(|none| match none {
            NoApiVersion::Malformed => AcsFailure::VersionMismatch,
            NoApiVersion::Unsupported => AcsFailure::PduVersionMismatch,
        })?;
        let plain =
            password::decipher(asked.password.as_slice(), self.challenge.0).ok_or(AcsFailure::BadPasswordEncryption)?;
        let end = plain.iter().position(|octet| *octet == 0).unwrap_or(plain.len());
        let password = core::str::from_utf8(&plain[..end]).map_err(|_| AcsFailure::BadPasswordOrLogin)?;
        Ok((api_version, Secret(password.into())))
    }

    /// The answer to [`ServerOutput::LogIn`].
    pub fn handle_login(&mut self, now: Duration, result: Result<Arc<Rights>, AcsFailure>) {
        let State::Verifying { opening, .. } = &self.state else { return };
        let opening = opening.clone();
        match result {
            Ok(rights) => self.open(now, *opening, rights),
            Err(failure) => {
                self.counters.bad_logins += 1;
                self.refuse(opening.invoke, failure);
                self.close(CloseReason::Refused(failure));
            }
        }
    }

    fn open(&mut self, now: Duration, opening: Opening, rights: Arc<Rights>) {
        let Opening { invoke, api_version, vendor, login, library_version } = opening;
        let area = match &vendor {
            Some(vendor) => private_area::area(&vendor.name, &vendor.write_grant()),
            None => Vec::new(),
        };
        let version = Version::fitted(&self.settings.version);
        let confirmation = Acs::OpenStreamConf {
            api_version: Version::fitted(&format!("ST{api_version}")),
            library_version,
            server_version: version.clone(),
            driver_version: version,
        };
        let header = Header::new(confirmation.class(), confirmation.number(), invoke);
        self.send(header, &area, |writer| confirmation.write(writer));
        self.state = State::Open(Stream {
            rights,
            api_version,
            vendor,
            status_filter: StatusFilter::default(),
            outstanding: Vec::new(),
            heartbeat: self.settings.heartbeat,
            next_heartbeat: now + self.settings.heartbeat,
        });
        self.outputs.push_back(ServerOutput::Opened { login });
    }
}

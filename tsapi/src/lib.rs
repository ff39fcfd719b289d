//! TSAPI: CSTA phase I over TCP, the protocol of TSAPI clients and of Application Enablement Services. Octets in,
//! requests out; replies and events in, octets out.
//!
//! | part | contents |
//! |---|---|
//! | [`frame`] | framing: length and header |
//! | [`ber`] | BER encoding (X.690) |
//! | [`pdu`] | PDUs, member by member, and private data |
//! | [`json`] | the same messages as JSON |
//! | [`session`] | protocol state machine: log-in, requests, reports, heartbeat; both ends, without a socket |
//! | [`server`], [`client`] | the sockets |
//! | [`error`] | errors of decoding and of TLS |
//!
//! Requests, replies and events are the types of [`tipring_csta_types`], used directly.
//!
//! A server has three interfaces: [`session::Accounts`] verifies passwords, [`server::Backend`] takes the requests of
//! clients, and the [`server::Dispatcher`] takes the replies and events for them.
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::mpsc::{Sender, channel};
//!
//! use tipring_csta_types::{Reply, Request, SystemStatus};
//! use tipring_csta_types::cause::UniversalFailure;
//! use tipring_csta_types::id::{InvokeId, SessionId};
//! use tipring_csta_types::private::RequestData;
//! use tipring_csta_types::rights::Rights;
//! use tipring_tsapi::client::{Client, ClientOptions};
//! use tipring_tsapi::server::{Backend, Server, Settings};
//! use tipring_tsapi::session::{Accounts, ServerSettings, login::Tlink};
//!
//! struct OneUser;
//!
//! impl Accounts for OneUser {
//!     fn verify(&self, login: &str, password: &str) -> Option<Arc<Rights>> {
//!         ((login, password) == ("agent1", "secret")).then(|| Arc::new(Rights::everything()))
//!     }
//! }
//!
//! /// The way to the switch: here an mpsc channel.
//! struct ToSwitch(Sender<(SessionId, InvokeId, Request)>);
//!
//! impl Backend for ToSwitch {
//!     fn opened(&self, _: SessionId, _: &str) {}
//!     fn request(
//!         &self,
//!         session: SessionId,
//!         invoke: InvokeId,
//!         request: Request,
//!         _: Option<Box<RequestData>>,
//!     ) -> Result<(), UniversalFailure> {
//!         self.0.send((session, invoke, request)).map_err(|_| UniversalFailure::ResourceOutOfService)
//!     }
//!     fn closed(&self, _: SessionId) {}
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (to_switch, requests) = channel();
//! let settings = Settings::new(ServerSettings::new(Tlink::new("OFFICE", "pc1")?));
//! let server = Server::start("127.0.0.1:0", settings, Arc::new(OneUser), Arc::new(ToSwitch(to_switch)))?;
//!
//! // The switch, on a thread of its own, knows one service.
//! let dispatcher = server.dispatcher();
//! std::thread::spawn(move || {
//!     for (session, invoke, request) in requests {
//!         let result = match request {
//!             Request::SystemStatus => Ok(Reply::SystemStatus { status: SystemStatus::Normal }),
//!             _ => Err(UniversalFailure::UnrecognizedOperationRejection),
//!         };
//!         dispatcher.reply(session, invoke, result, None);
//!     }
//! });
//!
//! let mut client = Client::open(&ClientOptions::new(&server.address().to_string(), "agent1", "secret"))?;
//! assert_eq!(client.call(&Request::SystemStatus)?, Reply::SystemStatus { status: SystemStatus::Normal });
//! # Ok(())
//! # }
//! ```
//!
//! Glossary:
//!
//! | term | type | source |
//! |---|---|---|
//! | stream (ACS stream) | [`session::ServerSession`], [`session::ClientSession`] | TSAPI |
//! | ACSOpenStream, its confirmation | `session::server::opening`; the PDUs, [`pdu::acs::Acs`] | TSAPI |
//! | Tlink (advertised service) | [`session::login::Tlink`] | TSAPI |
//! | name service | [`session::NameLookup`] | TSAPI |
//! | invoke identifier | [`tipring_csta_types::InvokeId`] | ECMA-180 |
//! | monitor cross reference | [`tipring_csta_types::MonitorCrossRefId`] | ECMA-179 |
//! | monitor filter | [`tipring_csta_types::filter::MonitorFilter`] | ECMA-179 |
//! | event class, PDU | [`frame::EventClass`], [`pdu::Pdu`] | TSAPI |
//! | private data of a message, its dialect | [`pdu::private_area::Dialect`] | TSAPI vendor dialect |
//! | version negotiation of private data | [`session::login::grant_vendor`] | TSAPI vendor dialect |
//! | version negotiation of the interface (API version) | [`session::login::grant_api_version`] | TSAPI |
//! | numbers and members of PDUs | `tipring_csta_types::message`; written and read by [`pdu`] | ECMA-180 |
//! | ACS failure | [`pdu::acs::AcsFailure`] | TSAPI |
//! | private data of Delivered and other events: types | `tipring_csta_types::private` | TSAPI vendor dialect |
//! | private data of Delivered and other events: filled in | by the core, its file switching/emit | |
//! | private data of events, their encoding | [`pdu::private_area`], `pdu::ecs` | TSAPI vendor dialect |
//! | ATT private data (G3PD, attpriv.h) | `pdu::ecs`, [`tipring_csta_types::vendor`] | TSAPI vendor dialect |
//! | screen-pop data of an event | [`tipring_csta_types::call_data`] | |
//! | user authentication, rights | [`session::Accounts`], [`tipring_csta_types::rights::Rights`] | |
//! | universal failure of a service | [`tipring_csta_types::cause::UniversalFailure`] | ECMA-179 |
//! | log-in throttling, lock-out | `session::login_throttle` | |
//! | quotas, limits of a user or an address | `server::quotas`, [`server::Settings`] | |
//! | TLS | certificate, `server::tls`; handshake, `server::transport` | RFC 8446 |
//! | slow reader, back pressure, high water mark | `server::connection`; its queue, `server::outbox` | |
//! | resume after a lost socket | the crate tipring-web: its files replay_buffer and server/opening | |
//! | heartbeat | sent, `session::server`; its interval, [`session::HEARTBEAT_SECONDS`] | TSAPI |
//! | missed heartbeats: failure of the link of a client | `session::client` | TSAPI |
//!
//! Only `server` and `client` use a socket; no part depends on a card.
//!
//! Never: ends more than its own stream for bad input, or holds up the thread that posts replies and events.

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod ber;
pub mod client;
pub mod error;
pub mod frame;
pub mod json;
pub mod pdu;
pub mod server;
pub mod session;

pub use client::{Client, ClientOptions};
pub use server::{Backend, Dispatcher, Server, Settings};
pub use session::Accounts;

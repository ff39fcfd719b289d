//! CSTA phase I in the TSAPI dialect. Octets in, requests out; events in, octets out.
//!
//! | part | what it knows |
//! |---|---|
//! | [`frame`] | where a message begins and ends |
//! | [`ber`] | how a value is written |
//! | [`pdu`] | which values a message has, in which order |
//! | [`session`] | which messages follow which: log-in, requests, reports, heartbeat; both ends, without a socket |
//! | [`server`], [`client`] | the sockets |
//!
//! The values themselves are those of [`tipring_csta_types`]; there is no second vocabulary here.
//!
//! Never knows a card. Only `server.rs` and `client.rs` know a socket.

pub mod ber;
pub mod client;
pub mod error;
pub mod frame;
pub mod json;
pub mod pdu;
pub mod server;
pub mod session;

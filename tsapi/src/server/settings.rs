//! Bounds and counters of a server.
//!
//! Never: knows how a bound is kept.

use core::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::tls::TlsIdentity;
use crate::session::login::Tlink;
use crate::session::{Counters, ServerSettings};

/// Clients that a server with the usual bounds has connected at a time.
pub const CONNECTIONS_MAX: usize = 6_000;

/// The TLS listener of a server.
#[derive(Debug, Clone)]
pub struct TlsSettings {
    /// Its address; port 0 lets the system choose.
    pub address: SocketAddr,
    /// Its Tlink.
    pub tlink: Tlink,
    /// Its certificate and key.
    pub identity: TlsIdentity,
}

/// Bounds of a server. Every one of them holds whatever clients do.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Settings of all sessions.
    pub session: ServerSettings,
    /// TLS on an address of its own.
    pub tls: Option<TlsSettings>,
    /// Threads that serve clients.
    pub workers: usize,
    /// Clients connected at a time.
    pub connections_max: usize,
    /// Clients of one address connected at a time.
    pub connections_per_address_max: usize,
    /// Clients connected without a stream at a time. One more ends the oldest of the address that has most of them, so
    /// that silent connections keep no other client out.
    pub half_open_max: usize,
    /// Streams of one user at a time.
    pub streams_per_user_max: usize,
    /// Monitors of one user at a time, on all streams together.
    pub monitors_per_user_max: usize,
    /// Requests of one user without a reply, on all streams together.
    pub outstanding_per_user_max: usize,
    /// Replies and events that wait for one session.
    pub deliveries_max: usize,
    /// Octets that wait for one client, outside the kernel.
    pub unread_octets_max: usize,
    /// Size of the kernel's send buffer of one client in octets; the kernel doubles it.
    pub send_buffer_octets: usize,
    /// Time for which octets wait for a client that takes none of them, and for which the network may lose them.
    pub stall_limit: Duration,
    /// Silence after which the kernel asks the network whether the client is still there.
    pub keep_alive: Duration,
}

impl Settings {
    /// Returns the usual bounds: 2 threads, 6,000 clients, 512 of them without a stream, 64 streams and 4,096 monitors
    /// a user, about 300 KiB unread and 10 s without progress.
    pub const fn new(session: ServerSettings) -> Settings {
        Settings {
            session,
            tls: None,
            workers: 2,
            connections_max: CONNECTIONS_MAX,
            connections_per_address_max: CONNECTIONS_MAX,
            half_open_max: 512,
            streams_per_user_max: 64,
            monitors_per_user_max: 4_096,
            outstanding_per_user_max: 256,
            deliveries_max: 1_024,
            unread_octets_max: 128 * 1024,
            send_buffer_octets: 64 * 1024,
            stall_limit: Duration::from_secs(10),
            keep_alive: Duration::from_secs(30),
        }
    }
}

/// Counters of a server since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ServerCounters {
    /// Connections accepted.
    pub accepted: u64,
    /// Connections turned away at a bound.
    pub turned_away: u64,
    /// Connections without a stream that were ended for newer ones.
    pub evicted: u64,
    /// Connections there are now.
    pub connected: u64,
    /// Connections whose client was gone without a close.
    pub lost: u64,
    /// Streams ended because the client did not read.
    pub slow_readers: u64,
    /// Log-ins refused unseen, after too many failed ones.
    pub locked_out: u64,
    /// Requests refused at a bound of their user.
    pub over_share: u64,
    /// Sessions that ended by a fault of the server.
    pub panics: u64,
    /// TLS handshakes and records that failed.
    pub tls_failures: u64,
    /// Failed attempts to accept a connection.
    pub accept_errors: u64,
    /// Counters of all sessions together.
    pub sessions: Counters,
}

impl fmt::Display for ServerCounters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counters { requests, reports, bad_frames, bad_bodies, unsupported, bad_logins, .. } = self.sessions;
        write!(
            f,
            "{} clients connected of {} accepted, {} turned away, {} lost, {} too slow; {requests} requests, {reports} \
             events, {bad_logins} failed log-ins, {} locked out, {} malformed, {unsupported} unsupported",
            self.connected,
            self.accepted,
            self.turned_away + self.evicted,
            self.lost,
            self.slow_readers,
            self.locked_out,
            bad_frames + bad_bodies,
        )
    }
}

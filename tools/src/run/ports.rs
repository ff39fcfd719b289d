//! Addresses at which a site listens: the key that names each, and what to do where one cannot be had.
//!
//! Never: holds an address.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use crate::config::SiteConfig;

/// The addresses of a site, each with its key.
pub fn of(site: &SiteConfig) -> impl Iterator<Item = (&'static str, SocketAddr)> {
    let server = &site.server;
    let all = [
        (TSAPI, Some(server.listen)),
        (TLS, server.tls.as_ref().map(|tls| tls.listen)),
        (JSON, server.json.as_ref().map(|json| json.listen)),
        (METRICS, server.metrics.as_ref().map(|metrics| metrics.listen)),
    ];
    all.into_iter().filter_map(|(key, address)| Some((key, address?)))
}

/// The key of the TSAPI server's address.
pub const TSAPI: &str = "server.listen";
/// The key of its address for TLS.
const TLS: &str = "server.tls.listen";
/// The key of the JSON socket's.
pub const JSON: &str = "server.json.listen";
/// The key of the figures'.
pub const METRICS: &str = "server.metrics.listen";

/// Of the two addresses of the TSAPI server the one that cannot be had.
pub fn taken_of_tsapi(site: &SiteConfig) -> (&'static str, SocketAddr) {
    match &site.server.tls {
        Some(tls) if TcpListener::bind(site.server.listen).is_ok() => (TLS, tls.listen),
        _ => (TSAPI, site.server.listen),
    }
}

/// The remedy for an address at which the site cannot listen.
pub fn remedy(address: SocketAddr, kind: ErrorKind) -> String {
    match kind {
        ErrorKind::PermissionDenied => {
            "Ports below 1024 need root or CAP_NET_BIND_SERVICE, which the unit tipring.service has".into()
        }
        ErrorKind::AddrNotAvailable => "Give an address of this machine, or 0.0.0.0 for all of them".into(),
        ErrorKind::AddrInUse => format!(
            "See who has it with ss -ltnp 'sport = :{}', end that program, or give another port",
            address.port()
        ),
        _ => "Look at the address in the configuration".into(),
    }
}

/// The failure to listen at the address of a key: a sentence, and the remedy.
pub fn failure(key: &str, address: SocketAddr, error: &io::Error) -> String {
    format!("Listening at {address} ({key}) failed: {error}. {}", remedy(address, error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_taken_is_told_with_its_key_and_the_command_that_shows_who_has_it() {
        let address = SocketAddr::from(([127, 0, 0, 1], 4610));
        let text = failure(TSAPI, address, &ErrorKind::AddrInUse.into());
        assert!(text.starts_with("Listening at 127.0.0.1:4610 (server.listen) failed: "), "{text}");
        assert!(text.contains("ss -ltnp 'sport = :4610'"), "{text}");
    }
}

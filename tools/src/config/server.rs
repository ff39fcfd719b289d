//! Addresses, paths and names of a site's server and store.
//!
//! Never: opens a file or a port.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;

/// Where clients connect.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The address.
    pub listen: SocketAddr,
    /// The second part of the Tlink name.
    pub switch: String,
    /// The fourth part of the Tlink name.
    pub server: String,
    /// TLS for clients, on an address of its own.
    #[serde(default)]
    pub tls: Option<TlsConfig>,
    /// The JSON socket, for browsers and scripts.
    #[serde(default)]
    pub json: Option<JsonConfig>,
    /// Figures and health over HTTP, for those who watch over the site.
    #[serde(default)]
    pub metrics: Option<MetricsConfig>,
    /// Time that calls have to end at a stop (TERM), s; 0 ends them at once.
    #[serde(default)]
    pub drain_s: u32,
    /// False leaves `listen` to the name service: streams are opened within TLS only.
    #[serde(default = "yes")]
    pub clear_streams: bool,
    /// The users file.
    #[serde(default = "usual_users")]
    pub users: PathBuf,
    /// The processor that the media thread is kept to, counted from 0; any, if none is given.
    #[serde(default)]
    pub media_processor: Option<usize>,
}

/// The JSON socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonConfig {
    /// The address.
    pub listen: SocketAddr,
    /// Origins of pages that may connect, as `https://desk.example`.
    #[serde(default)]
    pub origins: Vec<String>,
}

/// The port of `/metrics` and `/healthz`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// The address.
    pub listen: SocketAddr,
}

/// TLS for clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The address.
    pub listen: SocketAddr,
    /// The server's certificate and those that signed it, as PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, as PEM.
    pub key: PathBuf,
}

/// Paths of the database, the recordings and the customers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// The database.
    pub database: PathBuf,
    /// The folder of recordings.
    pub recordings: PathBuf,
    /// A CSV file of customers.
    #[serde(default)]
    pub customers: Option<PathBuf>,
}

fn yes() -> bool {
    true
}

fn usual_users() -> PathBuf {
    "users.toml".into()
}

//! Addresses, paths and names of a site's server and store.
//!
//! Host names are looked up as the file is read.
//!
//! Never: opens a file or a port.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, de};
use tipring_postgres::Address;

/// Interfaces for clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The address, or a host name and a port.
    #[serde(deserialize_with = "address")]
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
    /// The address, or a host name and a port.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Origins of pages that may connect, as `https://desk.example`.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Certificate and key: clients connect within TLS (`https://`, `wss://`) then, and only so.
    #[serde(default)]
    pub tls: Option<KeyPair>,
}

/// The port of `/metrics` and `/healthz`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// The address, or a host name and a port.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
}

/// TLS for clients.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The address, or a host name and a port.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// The server's certificate and those that signed it, as PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, as PEM.
    pub key: PathBuf,
}

impl TlsConfig {
    /// The certificate and its key.
    pub fn pair(&self) -> KeyPair {
        KeyPair { certificate: self.certificate.clone(), key: self.key.clone() }
    }
}

/// A certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPair {
    /// The server's certificate and those that signed it, as PEM.
    pub certificate: PathBuf,
    /// The certificate's private key, as PEM.
    pub key: PathBuf,
}

/// The engine in a process of its own.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngineConfig {
    /// The socket at which it takes the middleware in.
    pub socket: PathBuf,
    /// Time for which the engine keeps calls without a middleware, s.
    #[serde(default = "usual_wait")]
    pub wait_s: u32,
}

/// Five minutes: the service manager's five starts in a row are over by then, and so is a person's look at why.
const fn usual_wait() -> u32 {
    300
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
    /// A PostgreSQL database in which all records are kept too: its address in the form of libpq, without a password.
    #[serde(default)]
    pub postgres: Option<String>,
    /// The file that holds the password of PostgreSQL's user.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// PEM file of the authorities that sign the certificate of PostgreSQL's server.
    #[serde(default)]
    pub ca: Option<PathBuf>,
}

impl StoreConfig {
    /// A store in a folder, and nowhere else.
    pub fn in_folder(folder: &Path) -> StoreConfig {
        StoreConfig {
            database: folder.join("tipring.db"),
            recordings: folder.join("recordings"),
            customers: None,
            postgres: None,
            password_file: None,
            ca: None,
        }
    }

    /// The address of the replica on PostgreSQL, if there is one; a wrong one as its key and a sentence.
    pub fn replica(&self) -> Option<Result<Address, (&'static str, String)>> {
        let Some(postgres) = &self.postgres else {
            let given = [("password_file", &self.password_file), ("ca", &self.ca)];
            let (key, _) = given.into_iter().find(|(_, file)| file.is_some())?;
            return Some(Err((key, format!("{key} belongs to postgres, which is not there; leave it out"))));
        };
        Some(Address::new(postgres, self.password_file.as_deref(), self.ca.as_deref()))
    }
}

fn yes() -> bool {
    true
}

fn usual_users() -> PathBuf {
    "users.toml".into()
}

/// Reads an address of numbers, or looks a host name up; of a name's addresses, one of IPv4 goes before the others,
/// so that a site listens at the same one on every start.
fn address<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    let text = String::deserialize(from)?;
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    // With numbers of IPv6 a port follows the brackets, and that was read above.
    let has_port = text.rsplit_once(':').is_some_and(|(host, port)| !host.contains(':') && port.parse::<u16>().is_ok());
    if !has_port {
        return Err(de::Error::custom(format!(
            "\"{text}\" has no port; an address is written as \"127.0.0.1:4500\", \"[::1]:4500\" or \"host.example:4500\""
        )));
    }
    let found = text.to_socket_addrs().map_err(|error| {
        de::Error::custom(format!(
            "the host of \"{text}\" cannot be looked up ({error}); give a name that getent hosts finds, or an address"
        ))
    })?;
    found.min().ok_or_else(|| de::Error::custom(format!("the host of \"{text}\" has no address")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{SiteConfig, TEMPLATE};

    fn listen(text: &str) -> Result<SocketAddr, String> {
        let config: Result<MetricsConfig, _> = toml::from_str(&format!("listen = \"{text}\""));
        config.map(|config| config.listen).map_err(|error| error.to_string())
    }

    #[test]
    fn a_wrong_address_of_postgresql_is_refused_at_its_line() {
        let site = |lines: &str| {
            let text = TEMPLATE.replacen("[store]\n", &format!("[store]\n{lines}\n"), 1);
            SiteConfig::parse(&text).map(|site| site.store.replica().is_some()).map_err(|error| error.to_string())
        };
        let plain = "postgres = \"postgresql://tipring@db/records?sslmode=disable\"";
        assert_eq!((site(""), site(plain)), (Ok(false), Ok(true)));
        let first = 2 + TEMPLATE.lines().position(|line| line == "[store]").unwrap();
        for (lines, line, why) in [
            ("postgres = \"records\"", first, "this is no address of a database"),
            ("postgres = \"postgresql://tipring:secret@db/records\"", first, "a password does not stand here"),
            ("password_file = \"password\"", first, "password_file belongs to postgres"),
            (&format!("{plain}\nca = \"a.pem\""), first + 1, "ca belongs to TLS"),
        ] {
            let found = site(lines).unwrap_err();
            assert!(found.contains(&format!("line {line}: ")) && found.contains(why), "{lines}: {found}");
            assert!(!found.contains("secret"), "{found}");
        }
    }

    #[test]
    fn an_address_is_numbers_or_a_host_name() {
        assert_eq!(listen("127.0.0.1:4500"), Ok(SocketAddr::from(([127, 0, 0, 1], 4500))));
        assert_eq!(listen("[::1]:4500"), Ok("[::1]:4500".parse().unwrap()));
        let local = listen("localhost:4500").unwrap();
        assert!(local.ip().is_loopback() && local.port() == 4500, "{local}");
    }

    #[test]
    fn an_address_without_a_port_or_with_a_host_that_is_not_there_is_refused_with_its_remedy() {
        for text in ["localhost", "127.0.0.1", "::1", "localhost:", "localhost:70000"] {
            let error = listen(text).unwrap_err();
            assert!(error.contains("has no port; an address is written as"), "{text}: {error}");
        }
        // RFC 1035: a label has at most 63 octets, so no resolver is asked.
        let error = listen(&format!("{}.example:4500", "x".repeat(64))).unwrap_err();
        assert!(error.contains("cannot be looked up") && error.contains("getent hosts"), "{error}");
    }
}

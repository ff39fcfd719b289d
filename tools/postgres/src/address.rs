//! Address of a database, and the way to it: an address in the form of libpq, a file with the password, the
//! authority of the server's certificate.
//!
//! | address | connection |
//! |---|---|
//! | a host, with `ca` | TLS, the certificate verified for the host's name |
//! | a host, with `?sslmode=disable` | plain TCP |
//! | a folder (`%2Frun%2Fpostgresql`) | the socket in it |
//!
//! Never: connects, or falls back from TLS to plain TCP.

use std::error::Error as _;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::trouble::Failure;

/// The form of an address, for sentences.
const FORM: &str = "write postgresql://USER@HOST/DATABASE";
/// The silence after which the system asks whether the server is still there: shorter than the 5 min after which
/// firewalls usually forget a connection.
const KEEPALIVE: Duration = Duration::from_secs(60);
/// The name by which the server's `pg_stat_activity` shows a connection.
const APPLICATION: &str = "tipring";
/// Bits of a file's mode by which every user of the machine may read or write it.
const OTHERS: u32 = 0o006;

/// Address of a database, and the way to it.
#[derive(Debug, Clone)]
pub struct Address {
    config: Config,
    password: Option<PathBuf>,
    ca: Option<PathBuf>,
}

impl Address {
    /// The address of a database, with the file that holds the user's password, and the PEM file of the authorities
    /// that sign the server's certificate. No file is read yet.
    ///
    /// # Errors
    /// It is none: the key of the configuration (`postgres`, `ca`), and a sentence with the remedy, without a password.
    pub fn new(url: &str, password: Option<&Path>, ca: Option<&Path>) -> Result<Address, (&'static str, String)> {
        let wrong = |why: String| Err(("postgres", why));
        if !url.starts_with("postgresql://") && !url.starts_with("postgres://") {
            return wrong(format!("this is no address of a database: {FORM}"));
        }
        // By the words of libpq; the certificate is always verified.
        let read: Result<Config, _> = url.replace("sslmode=verify-full", "sslmode=require").parse();
        let mut config = match read {
            Ok(config) => config,
            Err(error) => {
                let why = error.source().map_or_else(|| error.to_string(), ToString::to_string);
                return wrong(format!("this is no address of a database ({why}): {FORM}"));
            }
        };
        if config.get_password().is_some() {
            let file = "a password does not stand here: write it into a file of its own, chmod 600 FILE, and name that by \
                        password_file";
            return wrong(file.into());
        }
        if config.get_user().is_none() || config.get_dbname().is_none() || config.get_hosts().is_empty() {
            return wrong(format!("the address has to name user, host and database: {FORM}"));
        }
        let sockets = config.get_hosts().iter().filter(|host| matches!(host, Host::Unix(_))).count();
        let plain = match (config.get_ssl_mode(), sockets) {
            (_, 0) => config.get_ssl_mode() == SslMode::Disable,
            (_, count) if count == config.get_hosts().len() => true,
            _ => return wrong("folders of sockets and hosts do not go together: write two sources".into()),
        };
        match (plain, ca) {
            (true, Some(_)) => {
                let why =
                    "ca belongs to TLS, which this address does without (a socket, or sslmode=disable); leave it out";
                return Err(("ca", why.into()));
            }
            (false, None) => {
                let why = "TLS needs the authority of the server's certificate: add ca = \"authority.pem\", or write \
                           ?sslmode=disable after the address, where the network up to the database is safe";
                return wrong(why.into());
            }
            _ => {}
        }
        config.ssl_mode(if plain { SslMode::Disable } else { SslMode::Require });
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION);
        }
        if !url.contains("keepalives_idle") {
            config.keepalives_idle(KEEPALIVE);
        }
        Ok(Address { config, password: password.map(Path::to_owned), ca: ca.map(Path::to_owned) })
    }

    /// Settings of the client library for a connection within a wait, the password read anew.
    ///
    /// # Errors
    /// [`Failure::Wrong`] for the file with the password.
    pub(crate) fn config(&self, wait: Duration) -> Result<Config, Failure> {
        let mut config = self.config.clone();
        let hosts = config.get_hosts().len().try_into().unwrap_or(u32::MAX);
        // A host that is silent leaves the others their part of the wait.
        config.connect_timeout((wait / hosts).max(Duration::from_millis(1)));
        if let Some(file) = &self.password {
            config.password(password(file)?);
        }
        Ok(config)
    }

    /// TLS towards the server; none for a plain connection.
    ///
    /// # Errors
    /// [`Failure::Wrong`] for the file with the authorities.
    pub(crate) fn tls(&self) -> Result<Option<MakeRustlsConnect>, Failure> {
        let Some(file) = &self.ca else { return Ok(None) };
        let wrong = |why: String| Failure::Wrong(format!("the certificates in {}: {why}", file.display()));
        let pem = fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
            roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
        }
        if roots.is_empty() {
            return Err(wrong("there is none; put the authority's certificate there, as PEM".into()));
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Some(MakeRustlsConnect::new(config)))
    }
}

/// The password in a file, without the end of its line.
fn password(file: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::Wrong(format!("password_file {}: {why}", file.display()));
    let mode = fs::metadata(file).map_err(|error| wrong(error.to_string()))?.mode();
    if mode & OTHERS != 0 {
        return Err(wrong(format!("every user may read or write it: chmod 600 {}", file.display())));
    }
    let text = fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let password = text.trim_end_matches(['\r', '\n']);
    if password.is_empty() || password.contains('\n') {
        return Err(wrong("write the password there, as its one line".into()));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn refused(url: &str, ca: Option<&str>) -> (&'static str, String) {
        Address::new(url, None, ca.map(Path::new)).expect_err(url)
    }

    #[test]
    fn an_address_is_refused_with_the_remedy_and_without_its_password() {
        for (url, ca, key, why) in [
            ("billing", None, "postgres", "postgresql://USER@HOST/DATABASE"),
            ("postgresql://hotline@db/billing?colour=red", None, "postgres", "colour"),
            ("postgresql://hotline@db/billing?sslmode=perhaps", None, "postgres", "sslmode"),
            ("postgresql://hotline:secret@db/billing", None, "postgres", "password_file"),
            ("postgresql://hotline@db/billing?password=secret", None, "postgres", "password_file"),
            ("postgresql://db/billing", None, "postgres", "user, host and database"),
            ("postgresql://hotline@db", None, "postgres", "user, host and database"),
            ("postgresql://hotline@/billing", None, "postgres", "user, host and database"),
            ("postgresql://hotline@db/billing", None, "postgres", "sslmode=disable"),
            ("postgresql://hotline@db/billing?sslmode=prefer", None, "postgres", "add ca"),
            ("postgresql://hotline@db/billing?sslmode=disable", Some("a.pem"), "ca", "leave it out"),
            ("postgresql://hotline@%2Frun%2Fpostgresql/billing", Some("a.pem"), "ca", "leave it out"),
            ("postgresql://hotline@%2Frun%2Fpostgresql,db/billing", Some("a.pem"), "postgres", "two sources"),
        ] {
            let (at, found) = refused(url, ca);
            assert!(at == key && found.contains(why) && !found.contains("secret"), "{url}: {at}: {found}");
        }
    }

    #[test]
    fn tls_is_taken_wherever_it_is_not_switched_off() {
        let mode = |url: &str, ca: Option<&str>| {
            Address::new(url, None, ca.map(Path::new)).map(|address| address.config.get_ssl_mode())
        };
        for url in ["", "?sslmode=require", "?sslmode=verify-full", "?sslmode=prefer"] {
            let url = format!("postgres://hotline@db/billing{url}");
            assert_eq!(mode(&url, Some("a.pem")), Ok(SslMode::Require), "{url}");
        }
        assert_eq!(mode("postgresql://hotline@db/billing?sslmode=disable", None), Ok(SslMode::Disable));
        assert_eq!(mode("postgresql://hotline@%2Frun%2Fpostgresql/billing", None), Ok(SslMode::Disable));
    }

    #[test]
    fn the_password_is_one_line_of_a_file_that_is_not_for_everybody() {
        let folder = std::env::temp_dir().join(format!("tipring-postgres-password-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("password");
        let address =
            |file: &Path| Address::new("postgresql://hotline@db/billing?sslmode=disable", Some(file), None).unwrap();
        let given = |text: &str, mode: u32| {
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            address(&file).config(KEEPALIVE).map(|config| config.get_password().map(<[u8]>::to_vec))
        };
        assert_eq!(given("s e c\u{e9}t\n", 0o640), Ok(Some("s e c\u{e9}t".into())));
        for (text, mode, why) in
            [("secret\n", 0o644, "chmod 600"), ("\n", 0o600, "its one line"), ("se\ncret", 0o600, "its one line")]
        {
            let Err(Failure::Wrong(found)) = given(text, mode) else { panic!("{text:?} {mode:o}") };
            assert!(found.contains(why) && !found.contains("secret"), "{found}");
        }
        let missing = address(&folder.join("none")).config(KEEPALIVE).unwrap_err();
        assert!(matches!(&missing, Failure::Wrong(why) if why.contains("password_file")), "{missing:?}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn each_of_several_hosts_has_its_part_of_the_wait() {
        let address = Address::new("postgresql://hotline@a,b/billing?sslmode=disable", None, None).unwrap();
        let config = address.config(Duration::from_secs(4)).unwrap();
        assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(2)));
    }
}

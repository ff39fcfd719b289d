//! Options of the clients of the TSAPI socket: server, user, and TLS.
//!
//! Never: opens a stream.

use std::fs;
use std::path::PathBuf;

use clap::Args;
use rustls::RootCertStore;
use tipring_tsapi::client::{ClientOptions, Encryption, authorities};

use crate::password;

/// A stream to a server.
#[derive(Debug, Clone, Args)]
pub struct StreamArgs {
    /// The TSAPI server, as HOST or HOST:PORT, its name service (port 450 if none is given)
    #[arg(long, value_name = "HOST:PORT")]
    server: String,
    /// The user that opens the stream; its password comes from TIPRING_PASSWORD or is asked for
    #[arg(long, value_name = "NAME")]
    user: String,
    /// A stream within TLS, by the authorities that this system trusts; without it, only where the server has no other
    #[arg(long)]
    tls: bool,
    /// A stream within TLS: the certificates (PEM) of the authority that has signed the server's, or the server's own
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// The authorities that the system trusts.
fn of_system() -> Result<RootCertStore, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut trusted = RootCertStore::empty();
    trusted.add_parsable_certificates(found.certs);
    if !trusted.is_empty() {
        return Ok(trusted);
    }
    let why = found.errors.first().map_or_else(String::new, |error| format!(" ({error})"));
    Err(format!("The stream is within TLS, and this system trusts no authority{why}; name the server's with --ca FILE"))
}

impl StreamArgs {
    /// The options of the stream.
    ///
    /// # Errors
    /// There is no password, or no certificate: a sentence.
    pub(super) fn options(&self) -> Result<ClientOptions, String> {
        let encryption = match &self.ca {
            Some(file) => {
                let wrong = |why: String| format!("The certificates in {} cannot be used: {why}", file.display());
                let pem = fs::read(file).map_err(|error| wrong(error.to_string()))?;
                Encryption::On(authorities(&pem).map_err(|error| wrong(error.to_string()))?)
            }
            None if self.tls => Encryption::On(of_system()?),
            None => Encryption::IfNeeded(of_system),
        };
        let password = password::of(password::USER_VARIABLE, &self.user)?;
        Ok(ClientOptions { encryption, ..ClientOptions::new(&self.server, &self.user, &password) })
    }
}

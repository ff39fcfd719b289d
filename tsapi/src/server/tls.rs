//! The server's certificate and key, read from PEM, and replaced while it serves.
//!
//! TLS 1.2 and 1.3; clients show no certificate, users log in by password. The handshake is in `transport`.
//!
//! Never: opens a file.

use std::io;
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::error::TlsError;

/// Certificate and key of a server that speaks TLS. Its clones are one: a pair that is replaced is replaced in each.
#[derive(Debug, Clone)]
pub struct TlsIdentity {
    config: Arc<ServerConfig>,
    pair: Arc<Pair>,
}

/// The pair that the next handshake shows.
#[derive(Debug)]
struct Pair(RwLock<Arc<CertifiedKey>>);

impl ResolvesServerCert for Pair {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read()))
    }
}

impl TlsIdentity {
    /// Makes an identity of a chain of certificates, the server's own first, and its private key, both as PEM.
    ///
    /// # Errors
    /// [`TlsError::NoCertificate`] and [`TlsError::Certificate`] for the chain, [`TlsError::Key`] for the key,
    /// [`TlsError::Pair`] where the two are not of each other, [`TlsError::SetUp`] where TLS cannot be used.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<TlsIdentity, TlsError> {
        let pair = Arc::new(Pair(RwLock::new(Arc::new(certified(chain, key)?))));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(TlsError::SetUp)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&pair) as Arc<_>);
        Ok(TlsIdentity { config: Arc::new(config), pair })
    }

    /// Shows another pair from the next handshake on; connections that stand go on.
    ///
    /// # Errors
    /// As [`TlsIdentity::from_pem`]; the pair before stays.
    pub fn replace_pem(&self, chain: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let pair = Arc::new(certified(chain, key)?);
        *self.pair.0.write() = pair;
        Ok(())
    }

    pub(super) const fn config(&self) -> &Arc<ServerConfig> {
        &self.config
    }
}

/// A chain of certificates with the private key of its first.
fn certified(chain: &[u8], key: &[u8]) -> Result<CertifiedKey, TlsError> {
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(chain).collect::<Result<_, _>>().map_err(TlsError::Certificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
    CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(TlsError::Pair)
}

impl From<TlsIdentity> for Arc<ServerConfig> {
    fn from(identity: TlsIdentity) -> Arc<ServerConfig> {
        identity.config
    }
}

/// Failure of a handshake, if an error of a connection has it.
pub(super) fn handshake_failure(error: &io::Error) -> Option<String> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}

//! The server's certificate and key, read from PEM.
//!
//! TLS 1.2 and 1.3; clients show no certificate, users log in by password.
//!
//! Never: opens a file.

use std::io;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// Certificate and key of a server that speaks TLS.
#[derive(Debug, Clone)]
pub struct TlsIdentity(Arc<ServerConfig>);

impl TlsIdentity {
    /// Makes an identity of a chain of certificates, the server's own first, and its private key, both as PEM.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the one or the other.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<TlsIdentity, String> {
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("The certificate is not PEM: {error:?}"))?;
        if chain.is_empty() {
            return Err("There is no certificate: a BEGIN CERTIFICATE line is wanted".into());
        }
        let key =
            PrivateKeyDer::from_pem_slice(key).map_err(|error| format!("The private key is not PEM: {error:?}"))?;
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(|error| format!("Certificate and private key cannot be used: {error}"))?;
        Ok(TlsIdentity(Arc::new(config)))
    }

    pub(super) fn config(&self) -> &Arc<ServerConfig> {
        &self.0
    }
}

impl From<TlsIdentity> for Arc<ServerConfig> {
    fn from(identity: TlsIdentity) -> Arc<ServerConfig> {
        identity.0
    }
}

/// Why a handshake failed, if an error of a connection says so.
pub(super) fn handshake_failure(error: &io::Error) -> Option<String> {
    error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()).map(ToString::to_string)
}

//! A client's end of TLS: the certificates it trusts, and the name that the server's must have.
//!
//! Never: opens a socket.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use crate::error::TlsError;

/// Reads the certificates that a client trusts from PEM.
///
/// # Errors
/// [`TlsError::NoCertificate`] without one; [`TlsError::Certificate`] and [`TlsError::Authority`] for one that cannot
/// be used.
pub fn authorities(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut trusted = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(pem) {
        trusted.add(authority.map_err(TlsError::Certificate)?).map_err(TlsError::Authority)?;
    }
    if trusted.is_empty() { Err(TlsError::NoCertificate) } else { Ok(trusted) }
}

/// Makes the client's end of TLS 1.2 or 1.3 with a host. Its certificate must be signed by one of `trusted`, or be one
/// of them, and be of the host's name where `checks_name` is true.
///
/// # Errors
/// [`TlsError::Host`] for a name that no certificate can have, [`TlsError::Authorities`] for authorities that cannot be
/// used, [`TlsError::SetUp`] where TLS cannot.
pub fn tls_connection(host: &str, trusted: RootCertStore, checks_name: bool) -> Result<ClientConnection, TlsError> {
    let name = ServerName::try_from(host.to_owned()).map_err(TlsError::Host)?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(trusted), Arc::clone(&provider))
        .build()
        .map_err(TlsError::Authorities)?;
    let config = builder(provider)?;
    let config = match checks_name {
        true => config.with_webpki_verifier(verifier),
        false => config.dangerous().with_custom_certificate_verifier(Arc::new(AnyName(verifier))),
    };
    ClientConnection::new(Arc::new(config.with_no_client_auth()), name).map_err(TlsError::SetUp)
}

/// Returns what is wrong with the server's certificate, if that is why a connection has failed: the end of a sentence.
pub(super) fn certificate_fault(error: &std::io::Error) -> Option<String> {
    let fault = match error.get_ref()?.downcast_ref::<Error>()? {
        Error::InvalidCertificate(fault) => fault,
        _ => return None,
    };
    Some(match fault {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "no authority that is trusted here has signed it".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "it is not valid yet".into(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is of another host".into()
        }
        other => other.to_string(),
    })
}

type Builder = rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier>;

fn builder(provider: Arc<CryptoProvider>) -> Result<Builder, TlsError> {
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(TlsError::SetUp)
}

/// Verifies all of a certificate but its name: many switches have a certificate of a name that is in no directory.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.0.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is verified last, when all else is good.
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

//! Certificates of a site: read at the start, and again when the site is asked to, so that a renewed one counts without
//! a new start.
//!
//! Never: takes a certificate into use whose key is another's.

use std::path::Path;

use tipring_tsapi::error::TlsError;
use tipring_tsapi::server::TlsIdentity;

use crate::config::server::KeyPair;

/// A certificate and its key in use, and the files that they come from.
pub struct Certificate {
    files: KeyPair,
    /// The pair in use; clones are one.
    pub tls: TlsIdentity,
}

impl Certificate {
    /// Reads a pair.
    ///
    /// # Errors
    /// A sentence with the files.
    pub fn load(files: &KeyPair) -> Result<Certificate, String> {
        let (chain, key) = read_pair(files)?;
        let tls = TlsIdentity::from_pem(&chain, &key).map_err(|why| blame(files, &why))?;
        Ok(Certificate { files: files.clone(), tls })
    }

    /// Reads the pair again: handshakes from now on show it.
    ///
    /// # Errors
    /// A sentence with the files; the pair before stays.
    pub fn load_again(&self) -> Result<(), String> {
        let (chain, key) = read_pair(&self.files)?;
        self.tls.replace_pem(&chain, &key).map_err(|why| blame(&self.files, &why))
    }
}

fn read_pair(files: &KeyPair) -> Result<(Vec<u8>, Vec<u8>), String> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()));
    Ok((read(&files.certificate)?, read(&files.key)?))
}

fn blame(files: &KeyPair, why: &TlsError) -> String {
    format!("{} and {}: {why}", files.certificate.display(), files.key.display())
}

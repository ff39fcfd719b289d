//! Checksums of whole files.
//!
//! Never: holds a file in memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256, Sha512};
use tipring_core::store::StoreError;
use tipring_core::store::sqlite::SqliteStore;

use crate::clock::Stopwatch;

/// Recordings whose checksums are taken in one go.
const AT_ONCE_MAX: usize = 10_000;
/// Octets read at a time.
const BLOCK: usize = 64 * 1024;

/// The checksum of a file, and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// SHA-256 in hexadecimal, as `sha256sum` prints it.
    pub sha256: String,
    /// Length in octets.
    pub octets: u64,
}

/// Computes the checksum of a file.
///
/// # Errors
/// The file cannot be read.
pub fn of_file(path: &Path) -> io::Result<Checksum> {
    let mut hash = Sha256::new();
    let octets = each_block(path, |block| hash.update(block))?;
    Ok(Checksum { sha256: HEXLOWER.encode(&hash.finalize()), octets })
}

/// Takes the checksums that are missing, within a time. Returns the recordings whose files cannot be read: sentences.
///
/// # Errors
/// The database cannot be read, or takes no records.
pub fn take_missing(store: &mut SqliteStore, folder: &Path, within: Duration) -> Result<Vec<String>, StoreError> {
    let began = Stopwatch::start();
    let mut unreadable = Vec::new();
    for row in store.recordings_without_checksum(AT_ONCE_MAX)? {
        if began.millis() > within.as_millis() as u64 {
            break;
        }
        match of_file(&folder.join(&row.file)) {
            Ok(checksum) => store.keep_checksum(row.id, &checksum.sha256, checksum.octets)?,
            Err(error) => unreadable.push(format!("The recording {} has no checksum: {error}", row.file)),
        }
    }
    Ok(unreadable)
}

/// Returns the hash of octets as a vCon gives it: `sha512-`, and SHA-512 in base64url without padding.
pub fn content_hash(octets: &[u8]) -> String {
    format!("sha512-{}", BASE64URL_NOPAD.encode(&Sha512::digest(octets)))
}

/// Reads a file block by block. Returns its length.
fn each_block(path: &Path, mut f: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    let mut octets = 0;
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(octets);
        }
        f(&block[..count]);
        octets += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_fips_180_4() {
        let path = std::env::temp_dir().join(format!("tipring-checksum-{}", std::process::id()));
        std::fs::write(&path, b"abc").unwrap();
        let checksum = of_file(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(checksum.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(checksum.octets, 3);
        let sha512 = "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05ohkpkqJ0_BqDa6PCOj_uu9RU1EI2Q86A4qmslPpUyknw";
        assert_eq!(content_hash(b"abc"), format!("sha512-{sha512}"));
        assert!(of_file(&path).is_err());
    }
}

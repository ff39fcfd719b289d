//! The form of an encrypted file: its header, and chunks that are sealed and opened.
//!
//! | octets of the header | hold |
//! |---|---|
//! | 0 to 7 | `TIPRSEAL` |
//! | 8 | version: 1 |
//! | 9 | channels: 2 |
//! | 10, 11 | bits of a sample: 16 |
//! | 12 to 15 | samples of each channel a second: 8000 |
//! | 16 to 19 | octets of sound in a chunk |
//! | 20 to 23 | id of the key |
//! | 24 to 31 | 0 |
//! | 32 to 63 | salt |
//!
//! Numbers are little-endian. A nonce is three octets 0, the kind of the chunk, and its number in 8 octets, the highest
//! first; it is used once with the file's key, because a chunk is written once and the last one has another kind.
//!
//! Never: opens a file.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use tipring_driver::time::SAMPLE_RATE_HZ;

use super::Unreadable;
use super::keys::{Key, KeyId};

/// The first octets of an encrypted file.
pub(super) const MAGIC: [u8; 8] = *b"TIPRSEAL";
const VERSION: u8 = 1;
/// Octets of the header.
pub(super) const HEADER: usize = 64;
/// Octets by which a chunk grows when it is sealed.
pub(super) const TAG: usize = 16;
/// Octets of a sample of both sides.
pub(super) const BLOCK: usize = CHANNELS as usize * BITS as usize / 8;
/// Octets of sound in a chunk: a quarter of a second.
pub(super) const CHUNK: u32 = SAMPLE_RATE_HZ / 4 * BLOCK as u32;
/// Octets of the longest chunk that is read: 16 s.
const CHUNK_MAX: u32 = 64 * CHUNK;
pub(super) const CHANNELS: u8 = 2;
pub(super) const BITS: u16 = 16;
/// The purpose of a derived key.
const INFO: &[u8] = b"tipring recording 1";

/// The kind of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Another one follows.
    More = 0,
    /// The last of a file that was finished.
    Last = 1,
    /// The last of a file that was repaired.
    CutOff = 2,
}

/// The header of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Header([u8; HEADER]);

impl Header {
    /// The header of a new file.
    pub(super) fn new(key: KeyId, salt: [u8; 32], chunk: u32) -> Header {
        let mut octets = [0; HEADER];
        octets[..8].copy_from_slice(&MAGIC);
        octets[8] = VERSION;
        octets[9] = CHANNELS;
        octets[10..12].copy_from_slice(&BITS.to_le_bytes());
        octets[12..16].copy_from_slice(&SAMPLE_RATE_HZ.to_le_bytes());
        octets[16..20].copy_from_slice(&chunk.to_le_bytes());
        octets[20..24].copy_from_slice(&key.0);
        octets[32..].copy_from_slice(&salt);
        Header(octets)
    }

    /// Reads a header that begins with [`MAGIC`].
    ///
    /// # Errors
    /// It is of a later version, or was changed.
    pub(super) fn read(octets: [u8; HEADER]) -> Result<Header, Unreadable> {
        let header = Header(octets);
        if octets[8] != VERSION {
            let text = format!("it is encrypted in form {}, which this version does not know", octets[8]);
            return Err(Unreadable::Refused(text));
        }
        let chunk = header.chunk_octets();
        let is_possible = chunk > 0 && chunk <= CHUNK_MAX && (chunk as usize).is_multiple_of(BLOCK);
        if !is_possible || Header::new(header.key(), header.salt(), chunk) != header {
            return Err(Unreadable::Refused("its header was changed".into()));
        }
        Ok(header)
    }

    pub(super) const fn octets(&self) -> &[u8; HEADER] {
        &self.0
    }

    /// The id of the key.
    pub(super) fn key(&self) -> KeyId {
        KeyId([self.0[20], self.0[21], self.0[22], self.0[23]])
    }

    /// Octets of sound in a chunk.
    pub(super) fn chunk(&self) -> u64 {
        self.chunk_octets().into()
    }

    fn chunk_octets(&self) -> u32 {
        u32::from_le_bytes([self.0[16], self.0[17], self.0[18], self.0[19]])
    }

    fn salt(&self) -> [u8; 32] {
        let mut salt = [0; 32];
        salt.copy_from_slice(&self.0[32..]);
        salt
    }

    /// The place of a chunk in the file.
    pub(super) fn place(&self, number: u64) -> u64 {
        HEADER as u64 + number * (self.chunk() + TAG as u64)
    }

    /// The moment in the recording at which a chunk begins, s.
    pub(super) fn seconds(&self, number: u64) -> f64 {
        (number * self.chunk()) as f64 / (f64::from(SAMPLE_RATE_HZ) * BLOCK as f64)
    }

    /// Samples of each side in chunks before this one.
    pub(super) fn samples(&self, number: u64) -> u64 {
        number * self.chunk() / BLOCK as u64
    }

    /// Whole chunks in a file of a length, and octets that are left behind them.
    pub(super) fn chunks(&self, file_octets: u64) -> (u64, u64) {
        let sealed = self.chunk() + TAG as u64;
        let there = file_octets.saturating_sub(HEADER as u64);
        (there / sealed, there % sealed)
    }
}

/// The key of one file.
pub(super) struct FileKey {
    key: LessSafeKey,
    header: Header,
}

impl FileKey {
    /// Derives the key of a file.
    ///
    /// # Errors
    /// The library refuses.
    pub(super) fn new(key: &Key, header: Header) -> Result<FileKey, Unreadable> {
        let derived = Salt::new(HKDF_SHA256, &header.salt()).extract(key.secret());
        let derived = derived.expand(&[INFO], &AES_256_GCM).map_err(|_| refused("a key cannot be derived"))?;
        Ok(FileKey { key: LessSafeKey::new(UnboundKey::from(derived)), header })
    }

    pub(super) const fn header(&self) -> &Header {
        &self.header
    }

    /// Seals a chunk in its place; it is longer by [`TAG`] then.
    ///
    /// # Errors
    /// The library refuses.
    pub(super) fn seal(&self, kind: Kind, number: u64, chunk: &mut Vec<u8>) -> Result<(), Unreadable> {
        let aad = Aad::from(self.header.octets());
        let sealed = self.key.seal_in_place_append_tag(nonce(kind, number), aad, chunk);
        sealed.map_err(|_| refused("the library does not encrypt"))
    }

    /// Opens a chunk in its place. Returns false if it is not what was written; then the octets mean nothing.
    pub(super) fn open(&self, kind: Kind, number: u64, chunk: &mut Vec<u8>) -> bool {
        let aad = Aad::from(self.header.octets());
        let opened = self.key.open_in_place(nonce(kind, number), aad, chunk).map(|sound| sound.len());
        chunk.truncate(opened.unwrap_or(0));
        opened.is_ok()
    }
}

fn refused(why: &str) -> Unreadable {
    Unreadable::Refused(why.into())
}

fn nonce(kind: Kind, number: u64) -> Nonce {
    let mut octets = [0; NONCE_LEN];
    octets[3] = kind as u8;
    octets[4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(octets)
}

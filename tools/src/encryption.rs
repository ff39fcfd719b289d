//! Recordings and messages encrypted at rest: the form of the files, their keys, writing, reading, repair.
//!
//! | file | holds |
//! |---|---|
//! | `format` | header, nonces, sealing and opening of a chunk |
//! | [`keys`] | the key file: the first key encrypts, all of them decrypt, each is named by an id |
//! | [`key_ring`] | the keys of a site that runs: read again when their file changes |
//! | [`writer`] | a recording on its way from the file thread to the disk |
//! | [`reader`] | a file as WAV, encrypted or not |
//! | [`repair`] | files that a crash has cut off |
//!
//! # The form of a file
//! A file begins with a header of 64 octets: magic, version, the format of the sound, the length of a chunk, the id of
//! the key, 32 random octets. Its own key is derived from the site's by HKDF-SHA256 (RFC 5869) with these octets as
//! salt. Then come chunks of sound (16-bit PCM, both sides), each sealed by AES-256-GCM (RFC 5116) with the header as
//! additional data and its number in the nonce: no chunk can be changed, moved, left out or brought into another file.
//! All chunks have one length, so that any place is found without reading what is before it; the last one is shorter,
//! often empty, and has a nonce of another kind. A file without it was cut off, and one that was repaired has a third
//! kind. This is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), with a key for each file.
//!
//! A chunk is a quarter of a second and goes to the disk as soon as it is full: a crash loses less than that, and
//! what is on the disk is never in the clear. The file has the name that it would have without encryption; its first
//! octets say what it is. The checksum on record is that of the file as it stands, so that it is verified without any
//! key.
//!
//! # What it does not do
//! The number of recordings, their times and lengths and the database are in the clear. Who reads the key file hears
//! everything: it belongs to the user of the site alone. Copies that are exported are in the clear.
//!
//! Never: writes sound in the clear; works on the media thread; has cryptography of its own.

mod format;
pub mod key_ring;
pub mod keys;
pub mod reader;
pub mod repair;
#[cfg(test)]
mod tests;
pub mod writer;

use std::fmt;
use std::io;

/// The reason why a file cannot be read or repaired.
#[derive(Debug)]
pub enum Unreadable {
    /// The operating system refuses.
    Io(io::Error),
    /// The key is not there: a clause that names its id.
    NoKey(String),
    /// It is not what was written: a clause.
    Refused(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Io(error) => write!(f, "{error}"),
            Unreadable::NoKey(why) | Unreadable::Refused(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Unreadable {}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Unreadable {
        Unreadable::Io(error)
    }
}

//! A recording on its way to the disk: gathered for a quarter of a second, sealed, and written at once.
//!
//! Never: hands sound in the clear to a file; writes a number of a chunk twice.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use tipring_driver::media::file_io::{SoundSink, name_whole, part_of};

use super::format::{CHUNK, FileKey, Header, Kind, TAG};
use super::keys::Key;

/// A recording that is being written: under its `.part` name until it is whole.
pub struct EncryptedSink {
    path: PathBuf,
    file: File,
    key: FileKey,
    /// Sound that fills no chunk yet.
    chunk: Vec<u8>,
    /// Chunks that are written.
    number: u64,
}

impl EncryptedSink {
    /// Makes the file and writes its header.
    ///
    /// # Errors
    /// There is one of that name already, or it cannot be made: a sentence.
    pub fn create(path: PathBuf, key: &Key) -> Result<EncryptedSink, String> {
        EncryptedSink::with_chunks(path, key, CHUNK)
    }

    /// Begins a file with chunks of another length.
    pub(super) fn with_chunks(path: PathBuf, key: &Key, chunk: u32) -> Result<EncryptedSink, String> {
        if path.exists() {
            return Err("there is a file of that name already".to_string());
        }
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|error| format!("the system gives no random numbers: {error}"))?;
        let key = FileKey::new(key, Header::new(key.id(), salt, chunk)).map_err(|error| error.to_string())?;
        let made = OpenOptions::new().write(true).create_new(true).open(part_of(&path));
        let mut file = made.map_err(|error| error.to_string())?;
        file.write_all(key.header().octets()).map_err(|error| error.to_string())?;
        Ok(EncryptedSink { path, file, key, chunk: Vec::with_capacity(chunk as usize + TAG), number: 0 })
    }

    /// Seals what is gathered and writes it.
    fn put(&mut self, kind: Kind) -> Result<(), String> {
        self.key.seal(kind, self.number, &mut self.chunk).map_err(|error| error.to_string())?;
        self.number += 1;
        self.file.write_all(&self.chunk).map_err(|error| error.to_string())?;
        self.chunk.clear();
        Ok(())
    }
}

impl SoundSink for EncryptedSink {
    fn write(&mut self, left: &[i16], right: &[i16]) -> Result<(), String> {
        let full = self.key.header().chunk() as usize;
        for (left, right) in left.iter().zip(right) {
            self.chunk.extend_from_slice(&left.to_le_bytes());
            self.chunk.extend_from_slice(&right.to_le_bytes());
            if self.chunk.len() >= full {
                self.put(Kind::More)?;
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.put(Kind::Last)?;
        self.file.sync_all().map_err(|error| error.to_string())?;
        name_whole(&self.path).map_err(|error| error.to_string())
    }
}

//! Files that a crash or a power loss has cut off: they end with their last whole chunk, and say so.
//!
//! Never: removes a chunk that is authentic; changes a file whose key is another one.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use tipring_driver::media::file_io::{self, name_whole, part_of};
use tipring_driver::media::wav::{self, Repair, WavError};

use super::Unreadable;
use super::format::{BLOCK, FileKey, Kind, TAG};
use super::key_ring::KeyRing;
use super::reader::{end_of, header_of};

impl From<WavError> for Unreadable {
    fn from(error: WavError) -> Unreadable {
        match error {
            WavError::Io(error) => Unreadable::Io(error),
            other => Unreadable::Refused(other.to_string()),
        }
    }
}

/// Makes a recording whole that was cut off under its `.part` name, and gives it its true name.
///
/// # Errors
/// It cannot be read or written, or its key is not there; it is as it was then.
pub fn recover(path: &Path, keys: &KeyRing) -> Result<Repair, Unreadable> {
    let part = part_of(path);
    if header_of(&File::open(&part)?)?.is_none() {
        return Ok(file_io::recover(path)?);
    }
    let repaired = repair(&part, keys)?;
    name_whole(path)?;
    Ok(repaired)
}

/// Makes a recording whole that may have been cut off.
///
/// # Errors
/// It cannot be read or written, or its key is not there; it is as it was then.
pub fn repair(path: &Path, keys: &KeyRing) -> Result<Repair, Unreadable> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let Some(header) = header_of(&file)? else { return Ok(wav::repair(path)?) };
    let key = keys.file_key(header)?;
    let end = end_of(&file, &key)?;
    if let Some((_, octets)) = end.last {
        return Ok(Repair::WasWhole { samples: header.samples(end.full) + octets / BLOCK as u64 });
    }
    let kept = authentic(&file, &key, end.full)?;
    if kept == 0 && end.full > 0 {
        return Err(Unreadable::Refused(format!("nothing in it was written with the key {}", header.key())));
    }
    let mut last = Vec::new();
    key.seal(Kind::CutOff, kept, &mut last)?;
    file.set_len(header.place(kept))?;
    file.write_all_at(&last, header.place(kept))?;
    file.sync_all()?;
    Ok(Repair::Repaired { samples: header.samples(kept) })
}

/// The count of chunks up to the last one that is authentic. A power loss may spoil some before it.
fn authentic(file: &File, key: &FileKey, full: u64) -> Result<u64, Unreadable> {
    let header = key.header();
    let mut chunk = Vec::new();
    for number in (0..full).rev() {
        chunk.resize(header.chunk() as usize + TAG, 0);
        file.read_exact_at(&mut chunk, header.place(number))?;
        if key.open(Kind::More, number, &mut chunk) {
            return Ok(number + 1);
        }
    }
    Ok(0)
}

//! The exclusive locks of a site on its database and its recordings, taken before anything of them is touched.
//!
//! Never: removes a lock file; the lock is the kernel's (flock) and ends with the process, however it ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::folders;
use crate::failure::Failure;

/// The locks of a site, held as long as this value lives.
#[derive(Debug)]
pub struct SiteLock {
    _files: [File; 2],
}

impl SiteLock {
    /// Locks the database, by a file beside it, and the folder of recordings itself; makes folders that are not there.
    ///
    /// # Errors
    /// Another process holds one of them, or a folder cannot be written: a sentence, with its process number if it is
    /// known.
    pub fn take(database: &Path, recordings: &Path) -> Result<SiteLock, Failure> {
        for folder in folders::of_store(database, recordings) {
            folder.make().map_err(|fault| fault.sentence())?;
        }
        Ok(SiteLock { _files: [lock_database(&beside(database), database)?, lock_folder(recordings)?] })
    }
}

/// The file beside a database that is locked.
fn beside(database: &Path) -> PathBuf {
    let mut beside = database.as_os_str().to_owned();
    beside.push(".lock");
    beside.into()
}

/// The process that has taken the locks of a site last: of a site that runs, the one that serves it.
pub fn holder(database: &Path) -> Option<u32> {
    fs::read_to_string(beside(database)).ok()?.trim().parse().ok()
}

/// Locks the file beside the database, which holds the process number.
fn lock_database(path: &Path, database: &Path) -> Result<File, Failure> {
    let say = |error: std::io::Error| format!("{} cannot be locked: {error}", database.display());
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(say)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            return Err(in_use(database, &format!(" (process {})", holder.trim())));
        }
        Err(TryLockError::Error(error)) => return Err(say(error).into()),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(say)?;
    Ok(file)
}

/// Locks the folder itself: nothing is added to the recordings.
fn lock_folder(folder: &Path) -> Result<File, Failure> {
    let say = |error: std::io::Error| format!("{} cannot be locked: {error}", folder.display());
    let file = File::open(folder).map_err(say)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(in_use(folder, "")),
        Err(TryLockError::Error(error)) => Err(say(error).into()),
    }
}

fn in_use(what: &Path, holder: &str) -> Failure {
    format!(
        "{} is in use by another tipring{holder}. Stop that one first, or give this site files of its own under [store]",
        what.display()
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_lock_is_refused_with_the_process_that_holds_the_first() {
        let folder = std::env::temp_dir().join(format!("tipring-lock-{}", std::process::id()));
        let (database, recordings) = (folder.join("tipring.db"), folder.join("recordings"));
        let first = SiteLock::take(&database, &recordings).unwrap();
        assert_eq!(holder(&database), Some(std::process::id()));
        let why = SiteLock::take(&database, &recordings).unwrap_err().to_string();
        assert!(why.contains("in use") && why.contains(&std::process::id().to_string()), "{why}");
        let other = SiteLock::take(&folder.join("other.db"), &recordings).unwrap_err().to_string();
        assert!(other.contains("recordings is in use by another tipring. "), "{other}");
        assert_eq!(fs::read_dir(&recordings).unwrap().count(), 0, "nothing is added to the recordings");
        drop(first);
        SiteLock::take(&database, &recordings).unwrap();
        fs::remove_dir_all(folder).unwrap();
    }
}

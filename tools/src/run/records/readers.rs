//! Connections to a site's database that are kept between requests: read only, with the statements they have prepared.
//!
//! Before each use a connection is looked at: the file of its name must be the one that it has open, of this program's
//! schema, and readable. If it is not, the connection is closed and the file opened anew; what is wrong with that one
//! is what the request is refused with, until there is a database again.
//!
//! Never: writes; keeps a transaction open between two requests.

use std::ops::Deref;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tipring_core::store::sqlite::SqliteStore;

use crate::encryption::key_ring::KeyRing;
use crate::failure::Failure;
use crate::recording::archive::Archive;
use crate::site_clock::SiteClock;

/// Connections kept while none uses them: as many as the JSON socket has threads that read.
const KEPT_MAX: usize = 4;

/// The connections of a site.
#[derive(Debug)]
pub(super) struct Readers {
    database: PathBuf,
    recordings: PathBuf,
    keys: Arc<KeyRing>,
    clock: SiteClock,
    /// Connections that none uses; nothing once they are closed for good.
    idle: Mutex<Option<Vec<Kept>>>,
}

/// A connection, and the file that it has open.
struct Kept {
    archive: Archive,
    file: FileId,
}

impl core::fmt::Debug for Kept {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.file.fmt(f)
    }
}

/// A file, whatever its name: device and inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileId(u64, u64);

impl FileId {
    fn of(path: &Path) -> Result<FileId, Failure> {
        let found = std::fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(FileId(found.dev(), found.ino()))
    }
}

/// A connection in use. It is kept again when it is dropped.
pub(super) struct Reader<'a> {
    readers: &'a Readers,
    /// There until it is dropped.
    kept: Option<Kept>,
}

impl Readers {
    pub(super) const fn new(database: PathBuf, recordings: PathBuf, keys: Arc<KeyRing>, clock: SiteClock) -> Readers {
        Readers { database, recordings, keys, clock, idle: Mutex::new(Some(Vec::new())) }
    }

    /// Returns true if they are those of a place.
    pub(super) fn are_of(&self, database: &Path, recordings: &Path, clock: SiteClock) -> bool {
        (self.database.as_path(), self.recordings.as_path(), self.clock) == (database, recordings, clock)
    }

    /// Returns a connection to the database as it stands now.
    ///
    /// # Errors
    /// There is no database, it was written by another version of this program, or it cannot be read: a sentence.
    pub(super) fn take(&self) -> Result<Reader<'_>, Failure> {
        // Looked at before it is opened: what is put in its place meanwhile is noticed with the next request.
        let file = FileId::of(&self.database)?;
        while let Some(mut kept) = self.next_idle() {
            if kept.file == file && kept.archive.store.refresh().unwrap_or(false) {
                return Ok(Reader { readers: self, kept: Some(kept) });
            }
        }
        let store = SqliteStore::open_to_read(&self.database)?;
        let archive =
            Archive { store, folder: self.recordings.clone(), keys: Arc::clone(&self.keys), clock: self.clock };
        Ok(Reader { readers: self, kept: Some(Kept { archive, file }) })
    }

    fn next_idle(&self) -> Option<Kept> {
        self.idle.lock().as_mut()?.pop()
    }

    /// Closes the connections, those in use when their requests are done: a site that ends leaves no file of the
    /// write-ahead log behind.
    pub(super) fn close(&self) {
        *self.idle.lock() = None;
    }
}

impl Reader<'_> {
    /// Returns the file that is read.
    pub(super) fn file(&self) -> FileId {
        self.kept().file
    }

    fn kept(&self) -> &Kept {
        self.kept.as_ref().expect("there until it is dropped")
    }
}

impl Deref for Reader<'_> {
    type Target = Archive;

    fn deref(&self) -> &Archive {
        &self.kept().archive
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let kept = self.kept.take();
        let mut idle = self.readers.idle.lock();
        if let (Some(idle), Some(kept)) = (idle.as_mut(), kept)
            && idle.len() < KEPT_MAX
        {
            idle.push(kept);
        }
    }
}

#[cfg(test)]
mod tests {
    use tipring_core::customer::CustomerChange;

    use super::*;

    /// A folder that is removed when it is dropped.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("tipring-readers-{name}-{}", std::process::id()));
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
            Folder(folder)
        }

        fn readers(&self) -> Readers {
            Readers::new(self.0.join("site.db"), self.0.clone(), Arc::default(), SiteClock::UTC)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn with_customer(database: &Path, name: &str) -> SqliteStore {
        let mut store = SqliteStore::open(database, 0).unwrap();
        let change =
            CustomerChange { numbers: vec!["5550001".into()], name: Some(name.into()), ..CustomerChange::default() };
        store.change_customer(None, &change, "li", 1).unwrap();
        store
    }

    fn name_of(readers: &Readers) -> Result<String, String> {
        let reader = readers.take().map_err(|error| error.to_string())?;
        let found = reader.store.customer_of("5550001").map_err(|error| error.to_string())?;
        Ok(found.map(|customer| customer.name).unwrap_or_default())
    }

    fn idle(readers: &Readers) -> usize {
        readers.idle.lock().as_ref().map_or(0, Vec::len)
    }

    #[test]
    fn a_connection_is_kept_and_sees_what_is_written_and_the_plan_that_holds() {
        let folder = Folder::new("kept");
        let readers = folder.readers();
        let mut store = with_customer(&readers.database, "王芳");
        assert_eq!((name_of(&readers), idle(&readers)), (Ok("王芳".into()), 1));
        let of = store.customer_of("5550001").unwrap().unwrap().id;
        let change = CustomerChange { name: Some("王小芳".into()), ..CustomerChange::default() };
        store.change_customer(Some(of), &change, "li", 2).unwrap();
        assert_eq!((name_of(&readers), idle(&readers)), (Ok("王小芳".into()), 1), "the same connection");
        let plan = tipring_core::number_plan::NumberPlan::new("CN", "571").unwrap();
        store.set_number_plan(&plan).unwrap();
        assert_eq!(readers.take().unwrap().store.number_plan(), &plan);
        let many: Vec<_> = (0..KEPT_MAX + 3).map(|_| readers.take().unwrap()).collect();
        drop(many);
        assert_eq!(idle(&readers), KEPT_MAX);
        readers.close();
        assert_eq!((name_of(&readers), idle(&readers)), (Ok("王小芳".into()), 0), "a late request is answered");
    }

    #[test]
    fn a_database_that_vanishes_or_is_replaced_is_noticed_and_opened_again() {
        let folder = Folder::new("replaced");
        let readers = folder.readers();
        drop(with_customer(&readers.database, "王芳"));
        assert_eq!(name_of(&readers), Ok("王芳".into()));
        std::fs::rename(&readers.database, folder.0.join("away.db")).unwrap();
        let gone = name_of(&readers).unwrap_err();
        assert!(gone.contains("site.db") && gone.contains("No such file"), "{gone}");
        std::fs::write(
            &readers.database,
            "a text that is no database, and longer than the header of one would be, as\
            long as a page of it: "
                .repeat(99),
        )
        .unwrap();
        let none = name_of(&readers).unwrap_err();
        assert!(none.contains("site.db") && none.contains("not a database"), "{none}");
        std::fs::remove_file(&readers.database).unwrap();
        drop(with_customer(&readers.database, "李伟"));
        assert_eq!((name_of(&readers), idle(&readers)), (Ok("李伟".into()), 1), "the new one, and it alone");
    }
}

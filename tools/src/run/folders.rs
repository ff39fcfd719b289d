//! The folders of a site, and the proof that this user can write in them: a file is made and removed.
//!
//! Never: leaves a file behind, or makes a folder.

use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use nix::unistd::geteuid;

use crate::config::SiteConfig;
use crate::recording::archive::os_user;

/// A folder in which files are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteFolder {
    /// Its contents, as words.
    pub name: &'static str,
    /// The key of `[store]` that names it.
    pub key: &'static str,
    /// Its path.
    pub path: PathBuf,
}

/// The folders of a site.
pub fn of(site: &SiteConfig) -> [SiteFolder; 2] {
    of_store(&site.store.database, &site.store.recordings)
}

/// The folders of a database and of recordings.
pub fn of_store(database: &Path, recordings: &Path) -> [SiteFolder; 2] {
    let own = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    [
        SiteFolder { name: "the database's folder", key: "database", path: own.into() },
        SiteFolder { name: "the folder of recordings", key: "recordings", path: recordings.into() },
    ]
}

/// A folder in which this user cannot make a file.
#[derive(Debug)]
pub struct Unwritable {
    folder: SiteFolder,
    error: io::Error,
}

impl Unwritable {
    /// The remedy, for a `user` who is to write there.
    pub fn remedy(&self, user: &str) -> String {
        let SiteFolder { key, path, .. } = &self.folder;
        match self.error.kind() {
            ErrorKind::PermissionDenied => {
                format!(
                    "give it to that user, as root: install -d -o {user} -m 700 {}; or name another one as {key} of [store]",
                    path.display()
                )
            }
            ErrorKind::StorageFull => format!("make room there, or name another one as {key} of [store]"),
            _ => format!("name another one as {key} of [store]"),
        }
    }

    /// The fault and its remedy for the user of this process, without a capital letter.
    pub fn clause(&self) -> String {
        format!("{self}; {}", self.remedy(&os_user()))
    }

    /// The fault and its remedy for the user of this process, as a sentence.
    pub fn sentence(&self) -> String {
        sentence(&self.clause())
    }
}

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unwritable { folder: SiteFolder { name, path, .. }, error } = self;
        write!(f, "{name}, {}, cannot be written by the user {}: {error}", path.display(), os_user())
    }
}

impl SiteFolder {
    /// Makes a file in the folder, or in the one above it that is there, and removes it. Returns where it was. A file
    /// in the place of one of them is no folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn prove(&self) -> Result<&Path, Unwritable> {
        let there = self.path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
        let file = there.join(format!(".tipring-{}-{}", self.key, std::process::id()));
        let made = File::create_new(&file);
        let _ = std::fs::remove_file(&file);
        match made {
            Ok(_) => Ok(there),
            Err(error) => Err(Unwritable { folder: self.clone(), error }),
        }
    }

    /// Makes the folder if it is not there.
    ///
    /// # Errors
    /// It cannot be made, or not written.
    pub fn make(&self) -> Result<(), Unwritable> {
        std::fs::create_dir_all(&self.path).map_err(|error| Unwritable { folder: self.clone(), error })?;
        self.prove().map(drop)
    }
}

/// A clause with a capital letter.
pub fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// True if this process may write wherever it likes, so that a proof says nothing of the user of the service.
pub fn is_root() -> bool {
    geteuid().is_root()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(kind: ErrorKind) -> Unwritable {
        let [_, folder] = of_store(Path::new("tipring.db"), Path::new("/srv/recordings"));
        Unwritable { folder, error: kind.into() }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_with_the_command_that_gives_it_to_the_user() {
        let denied_to = denied(ErrorKind::PermissionDenied);
        assert_eq!(
            denied_to.remedy("tipring"),
            "give it to that user, as root: install -d -o tipring -m 700 /srv/recordings; or name another one as \
             recordings of [store]"
        );
        assert!(denied_to.sentence().starts_with("The folder of recordings, /srv/recordings, cannot be written by"));
        // No owner helps there, as under /proc.
        assert_eq!(denied(ErrorKind::NotFound).remedy("tipring"), "name another one as recordings of [store]");
    }

    #[test]
    fn a_folder_is_proved_without_a_trace_and_one_under_a_file_cannot_be_made() {
        let folder = std::env::temp_dir().join(format!("tipring-folders-{}", std::process::id()));
        let [own, recordings] = of_store(&folder.join("tipring.db"), &folder.join("tipring.db/recordings"));
        own.make().unwrap();
        assert_eq!(own.prove().unwrap(), folder);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        std::fs::write(folder.join("tipring.db"), "").unwrap();
        assert_eq!(recordings.prove().unwrap_err().error.kind(), ErrorKind::NotADirectory);
        let why = recordings.make().unwrap_err().sentence();
        assert!(why.ends_with("; name another one as recordings of [store]"), "{why}");
        std::fs::remove_dir_all(folder).unwrap();
    }
}

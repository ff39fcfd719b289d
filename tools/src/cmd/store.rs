//! `tipring store`: the database copied while the site runs, and put back; its replica on PostgreSQL; the keys of
//! encrypted recordings.
//!
//! A copy is one file, as the database stood at one moment: SQLite writes it within one transaction that reads, which
//! holds back no writer. A copy that is put back is brought to this program's schema first, and tried.
//!
//! Never: writes over a file that is there; puts a database back while a site runs.

mod key;
mod postgres;

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use rusqlite::{Connection, OpenFlags};
use tipring_core::store::sqlite::{SqliteStore, forget_change_log};

use crate::clock;
use crate::config::SiteConfig;
use crate::config::usual::site_file;
use crate::failure::Failure;
use crate::owner;
use crate::run::input_log;
use crate::run::lock::SiteLock;

/// Arguments of `tipring store`.
#[derive(Debug, Args)]
pub struct StoreArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Copies the database into a file, also while the site runs
    Backup(BackupArgs),
    /// Puts a copy in the place of the database of a site that does not run; what was there stays beside it
    Restore(RestoreArgs),
    /// Makes and lists the keys by which recordings and messages are encrypted
    Key(key::KeyArgs),
    /// Compares the records kept in PostgreSQL with the site's own, and copies them anew
    Postgres(postgres::PostgresArgs),
}

#[derive(Debug, Args)]
struct BackupArgs {
    /// The file to be written; it must not be there yet
    file: PathBuf,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

#[derive(Debug, Args)]
struct RestoreArgs {
    /// The copy
    file: PathBuf,
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
}

/// Carries out the subcommand.
///
/// # Errors
/// A sentence that says what stands in the way.
pub fn run(args: &StoreArgs) -> Result<ExitCode, Failure> {
    match &args.action {
        Action::Key(args) => key::run(args)?,
        Action::Postgres(args) => return postgres::run(args),
        Action::Backup(BackupArgs { file, site }) => {
            let site = SiteConfig::load_without_users(site)?;
            let octets = back_up(&site.store.database, file)?;
            println!("{}: {} kB, whole and tried", file.display(), octets.div_ceil(1000));
            println!("Recordings are files of their own, in {}", site.store.recordings.display());
            if let Some(keys) = &site.recording.keys {
                println!("They are encrypted; the keys are in {}: keep a copy of it apart from them", keys.display());
            }
        }
        Action::Restore(RestoreArgs { file, site }) => {
            let site = SiteConfig::load_without_users(site)?;
            let _lock = SiteLock::take(&site.store.database, &site.store.recordings)?;
            let aside = put_back(file, &site.store.database, clock::epoch_ms())?;
            println!("{} is {} as it was", site.store.database.display(), file.display());
            aside.iter().for_each(|file| println!("What was there is {}", file.display()));
            println!("`tipring recording verify` names recordings whose files are not there");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A file with a word behind its name.
fn with(file: &Path, word: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(word);
    name.into()
}

/// The folder of a file.
fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Has the disk hold a file and its name.
fn sync(file: &Path) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    File::open(folder_of(file))?.sync_all()
}

/// Finds out whether a database is whole.
fn try_whole(file: &Path) -> Result<(), Failure> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    if connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))? == 0 {
        return Err(format!("{} is no database of a site", file.display()).into());
    }
    let word: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    match word.as_str() {
        "ok" => Ok(()),
        fault => Err(format!("{} is damaged: {fault}", file.display()).into()),
    }
}

/// Copies a database into a new file, for its owner's eyes. Returns the octets of the copy.
fn back_up(database: &Path, to: &Path) -> Result<u64, Failure> {
    // Refuses what is no database of this program's, with the reason.
    drop(SqliteStore::open_to_read(database)?);
    let cannot = |error: io::Error| format!("{} cannot be written: {error}", to.display());
    let made = |file: &Path| File::options().write(true).create_new(true).mode(0o600).open(file);
    made(to).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => format!("{} is there already; name a file that is not", to.display()),
        _ => cannot(error),
    })?;
    let part = with(to, ".part");
    let copied = || -> Result<u64, Failure> {
        // Made here for its rights; SQLite takes an empty file as a new one.
        made(&part).map_err(cannot)?;
        let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        source.execute("VACUUM INTO ?1", [part.to_str().ok_or("the name of the file is not UTF-8")?])?;
        try_whole(&part)?;
        sync(&part).map_err(cannot)?;
        owner::give(&part, folder_of(to)).map_err(cannot)?;
        fs::rename(&part, to).and_then(|()| sync(to)).map_err(cannot)?;
        Ok(fs::metadata(to).map_err(cannot)?.len())
    };
    // A copy that is not whole is removed.
    copied().inspect_err(|_| [&part, to].iter().for_each(|file| drop(fs::remove_file(file))))
}

/// Puts a copy in the place of a database. Returns the files that were there, under their new names.
fn put_back(copy: &Path, database: &Path, now_ms: i64) -> Result<Vec<PathBuf>, Failure> {
    let cannot = |error: io::Error| format!("{} cannot be put back: {error}", copy.display());
    let fresh = with(database, ".restored");
    let tried = || -> Result<(), Failure> {
        fs::copy(copy, &fresh).map_err(cannot)?;
        try_whole(&fresh)?;
        // A copy of an earlier version is brought to this one's schema; one of a later version is refused.
        drop(SqliteStore::open(&fresh, 0)?);
        // A replica has what came after the copy: it begins anew.
        forget_change_log(&Connection::open(&fresh)?)?;
        sync(&fresh).map_err(cannot)?;
        Ok(owner::give(&fresh, folder_of(database)).map_err(cannot)?)
    };
    if let Err(failure) = tried() {
        ["", "-wal", "-shm"].iter().for_each(|part| drop(fs::remove_file(with(&fresh, part))));
        return Err(failure);
    }
    let stamp = format!("-{}", clock::file_stamp(now_ms));
    let mut aside = Vec::new();
    // The log of inputs goes with the database that it was written beside: with another one it has no meaning.
    let inputs = input_log::path_beside(database);
    for file in [inputs, with(database, "-wal"), with(database, "-shm"), database.to_owned()] {
        let kept = with(&file, &stamp);
        match fs::rename(&file, &kept) {
            Ok(()) => aside.push(kept),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(cannot(error).into()),
        }
    }
    fs::rename(&fresh, database).and_then(|()| sync(database)).map_err(cannot)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let folder = std::env::temp_dir().join(format!("tipring-store-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).expect("it can be made");
            Folder(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    /// The names of the customers.
    fn names(database: &Path) -> Vec<String> {
        let store = SqliteStore::open_to_read(database).expect("a database");
        let mut names = Vec::new();
        store
            .each_customer(|customer| {
                names.push(customer.name);
                Ok::<(), Failure>(())
            })
            .expect("read");
        names
    }

    fn add(connection: &Connection, name: &str) {
        connection.execute("INSERT INTO customer_entry (name, account) VALUES (?1, '')", [name]).expect("added");
    }

    #[test]
    fn a_copy_of_a_database_in_use_has_what_was_kept_and_is_put_back_with_the_other_one_beside_it() {
        let folder = Folder::new("copy");
        let (database, copy) = (folder.0.join("tipring.db"), folder.0.join("monday.db"));
        let store = SqliteStore::open(&database, 0).expect("a database");
        let other = Connection::open(&database).expect("a second connection");
        add(&other, "Li Wei");
        // A writer in the middle of a transaction holds nothing back, and its row is not kept yet.
        other.execute_batch("BEGIN IMMEDIATE").expect("begun");
        add(&other, "Zhao");
        assert!(back_up(&database, &copy).expect("a copy") > 0);
        other.execute_batch("COMMIT").expect("kept");
        assert!(back_up(&database, &copy).expect_err("it is there").to_string().contains("is there already"));
        assert_eq!((names(&database).len(), names(&copy)), (2, vec!["Li Wei".to_owned()]));
        drop((store, other));
        fs::write(input_log::path_beside(&database), "inputs").expect("written");
        let aside = put_back(&copy, &database, 0).expect("put back");
        assert_eq!(names(&database), ["Li Wei"]);
        assert!(!input_log::path_beside(&database).exists() && copy.exists());
        let before =
            aside.iter().find(|file| file.to_string_lossy().contains("tipring.db-1970")).expect("the other one");
        assert_eq!(names(before), ["Li Wei", "Zhao"]);
    }

    #[test]
    fn what_is_no_database_or_damaged_is_refused_and_the_one_in_use_stays() {
        let folder = Folder::new("damaged");
        let (database, wrong) = (folder.0.join("tipring.db"), folder.0.join("wrong.db"));
        drop(SqliteStore::open(&database, 0).expect("a database"));
        for text in ["no database", ""] {
            fs::write(&wrong, text).expect("written");
            assert!(put_back(&wrong, &database, 0).is_err(), "{text:?}");
        }
        assert!(back_up(&wrong, &folder.0.join("copy.db")).is_err());
        assert!(put_back(&folder.0.join("none.db"), &database, 0).is_err());
        let left: Vec<_> = fs::read_dir(&folder.0).expect("a folder").flatten().map(|file| file.file_name()).collect();
        assert!(names(&database).is_empty() && left.len() == 2, "{left:?}");
    }
}

//! A query on an SQLite database, read-only.
//!
//! The wait of a question holds for locks of other programs and for the work of the query itself: SQLite asks every
//! thousand instructions whether it is over.
//!
//! Never: writes, or keeps a database open that has been replaced by another file.

use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use super::DipError;

/// Instructions of SQLite between two readings of the clock: some 10 µs.
const INSTRUCTIONS: i32 = 1000;
/// The wait for a lock while a query is only prepared.
const PREPARE_WAIT: Duration = Duration::from_millis(500);

/// A query with its database.
pub struct Query {
    file: PathBuf,
    text: String,
    /// The open database, and the file that it is: device and inode.
    open: Option<(Connection, (u64, u64))>,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("file", &self.file).field("text", &self.text).finish_non_exhaustive()
    }
}

impl Query {
    /// The query of a database.
    pub fn new(file: &Path, text: &str) -> Query {
        Query { file: file.to_owned(), text: text.to_owned(), open: None }
    }

    /// Opens the database and prepares the query.
    pub(super) fn prepare(&mut self) -> Result<(), DipError> {
        let file = self.file.clone();
        let text = self.text.clone();
        let connection = self.connection(PREPARE_WAIT)?;
        let statement = connection.prepare_cached(&text).map_err(|error| failed(&file, &error))?;
        let parameters = statement.parameter_count();
        if parameters != 1 {
            return Err(DipError::Wrong(format!("the query has {parameters} parameters; write ?1 for the key, once")));
        }
        if !statement.readonly() || statement.column_count() == 0 {
            return Err(DipError::Wrong("the query gives no rows, or writes; write a SELECT".into()));
        }
        Ok(())
    }

    /// Asks for the entry of a key.
    pub(super) fn ask(&mut self, key: &str, deadline: Instant) -> Result<Option<String>, DipError> {
        let answer = self.try_ask(key, deadline);
        if matches!(answer, Err(DipError::Away(_) | DipError::Wrong(_))) {
            self.open = None;
        }
        answer
    }

    fn try_ask(&mut self, key: &str, deadline: Instant) -> Result<Option<String>, DipError> {
        let (file, text) = (self.file.clone(), self.text.clone());
        let connection = self.connection(deadline.saturating_duration_since(Instant::now()))?;
        let is_over = move || Instant::now() >= deadline;
        connection.progress_handler(INSTRUCTIONS, Some(is_over)).map_err(|error| failed(&file, &error))?;
        let mut statement = connection.prepare_cached(&text).map_err(|error| failed(&file, &error))?;
        let mut rows = statement.query([key]).map_err(|error| failed(&file, &error))?;
        let Some(row) = rows.next().map_err(|error| failed(&file, &error))? else { return Ok(None) };
        Ok(match row.get_ref(0).map_err(|error| failed(&file, &error))? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(text) | ValueRef::Blob(text) => Some(String::from_utf8_lossy(text).into_owned()),
        })
    }

    /// The database, opened anew if it is not open or has been replaced.
    fn connection(&mut self, wait: Duration) -> Result<&mut Connection, DipError> {
        let file = &self.file;
        let away = |why: &dyn fmt::Display| DipError::Away(format!("{} cannot be opened: {why}", file.display()));
        let metadata = fs::metadata(file).map_err(|error| away(&error))?;
        let is = (metadata.dev(), metadata.ino());
        let connection = match self.open.take().filter(|(_, was)| *was == is) {
            Some((connection, _)) => connection,
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                let connection = Connection::open_with_flags(file, flags).map_err(|error| away(&error))?;
                connection.pragma_update(None, "query_only", true).map_err(|error| away(&error))?;
                connection
            }
        };
        connection.busy_timeout(wait).map_err(|error| away(&error))?;
        Ok(&mut self.open.insert((connection, is)).0)
    }
}

/// Meaning of an error of SQLite for the question.
fn failed(file: &Path, error: &Error) -> DipError {
    let why = format!("{}: {error}", file.display());
    match error.sqlite_error_code() {
        // A lock is waited for as long as the question may last.
        Some(ErrorCode::OperationInterrupted | ErrorCode::DatabaseBusy) => DipError::TimedOut,
        // An error in the text, or a table or column that is not there.
        Some(ErrorCode::Unknown) => DipError::Wrong(format!("{why}; correct the query, or the database")),
        None => DipError::Wrong(format!("{why}; write one SELECT with the parameter ?1")),
        Some(_) => DipError::Away(why),
    }
}

//! The meaning of an error of the database for whoever asked.
//!
//! | SQLSTATE | meaning |
//! |---|---|
//! | 57014 | the wait is over |
//! | 25006, 42 | the query is wrong |
//! | 22P02, 22003, 22007, 22008, 22021 | the key is no value of the type that it is compared with: no entry |
//! | others, and errors of the connection | the database does not answer now |
//!
//! Never: repeats what the database says of the values of a question, for among them may be the key.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity};

/// A failure to ask a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The configuration is wrong: it will never work as it is. A sentence with the remedy.
    Wrong(String),
    /// The database does not answer now: the reason.
    Away(String),
    /// The wait is over.
    TimedOut,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Wrong(why) | Failure::Away(why) => f.write_str(why),
            Failure::TimedOut => f.write_str("no answer in time"),
        }
    }
}

/// The moment of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum During {
    /// While the connection was made and the query prepared: no key was sent yet.
    Opening,
    /// While the question was asked.
    Asking,
    /// While a replica was written.
    Writing,
}

/// Classes of SQLSTATE whose messages speak of the server, never of values.
const SPEAKS_OF_SERVER: &[&str] = &["08", "25", "28", "3D", "40", "53", "55", "57"];
/// Conditions that say that a text is no value of a type.
const NO_SUCH_VALUE: &[&str] = &["22P02", "22003", "22007", "22008"];
/// The condition that says that a text has characters that no text of the database can have.
const NO_SUCH_TEXT: &str = "22021";
/// The condition of a statement whose time is over.
const CANCELLED: &str = "57014";
/// The condition of a statement that writes in a transaction that may not.
const READ_ONLY: &str = "25006";
/// Classes after which a new connection helps: the prepared statement no longer fits the tables, or is not there.
const STALE: &[&str] = &["0A", "26", "42"];

/// Returns true if the key has no entry because it is no value of what it is compared with. A text is compared with any
/// other, so that these conditions then come from the query itself.
pub(crate) fn is_no_such_value(error: &Error, key_is_text: bool) -> bool {
    let Some(code) = error.code() else { return false };
    code.code() == NO_SUCH_TEXT || (!key_is_text && NO_SUCH_VALUE.contains(&code.code()))
}

/// Returns true if the connection is of no use any more.
pub(crate) fn is_stale(error: &Error) -> bool {
    error.as_db_error().is_none_or(|said| {
        matches!(said.parsed_severity(), Some(Severity::Fatal | Severity::Panic)) || STALE.contains(&class(said))
    })
}

/// The meaning of an error.
pub(crate) fn meaning(error: &Error, during: During) -> Failure {
    let Some(said) = error.as_db_error() else {
        let why = error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        return Failure::Away(format!("{why}{}", remedy_of(&why)));
    };
    let code = said.code().code();
    if code == CANCELLED {
        return Failure::TimedOut;
    }
    let class = class(said);
    let why = match during != During::Asking || SPEAKS_OF_SERVER.contains(&class) {
        true => format!("the database says: {} ({code})", said.message()),
        false => format!("the database refuses the question (SQLSTATE {code})"),
    };
    match class {
        _ if during == During::Writing && code == "42501" => Failure::Wrong(format!(
            "{why}; the user of the address makes the tables and owns them: GRANT CREATE ON SCHEMA"
        )),
        "42" if during == During::Writing => Failure::Wrong(format!(
            "{why}; a table there is not as this program made it: give it a database of its own"
        )),
        _ if code == READ_ONLY => Failure::Wrong(format!("{why}; the query may not write: write one SELECT")),
        _ if code == "42501" => Failure::Wrong(format!("{why}; GRANT SELECT on it to the user of the address")),
        "42" => Failure::Wrong(format!("{why}; correct the query, or the database; the key is $1 in one SELECT")),
        "28" => Failure::Away(format!("{why}; look at the user, at password_file, and at the server's pg_hba.conf")),
        "3D" => Failure::Away(format!("{why}; correct the database in the address")),
        _ => Failure::Away(why),
    }
}

/// Classes of conditions of the row itself: data, integrity, a trigger's exception, a limit of the database.
const OF_ROW: &[&str] = &["22", "23", "54", "P0"];

/// Returns true if the database takes no such row, whatever else it takes.
pub(crate) fn is_of_row(error: &Error) -> bool {
    error.as_db_error().is_some_and(|said| OF_ROW.contains(&class(said)))
}

/// The class of a condition: the first two characters of its SQLSTATE.
fn class(said: &DbError) -> &str {
    said.code().code().get(..2).unwrap_or_default()
}

/// The remedy for what connections fail by most often.
fn remedy_of(why: &str) -> &'static str {
    if why.contains("does not support TLS") {
        "; switch it on there (ssl = on), or write ?sslmode=disable after the address, where the network is safe"
    } else if why.contains("invalid peer certificate") {
        "; name its authority by ca, and the host as the certificate does"
    } else if why.contains("password missing") {
        "; write the password into a file, and name that by password_file"
    } else {
        ""
    }
}

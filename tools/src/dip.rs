//! Data sources that flows look values up in: a query on an SQLite or a PostgreSQL database, or a GET of an HTTP
//! address.
//!
//! | file | what it holds |
//! |---|---|
//! | [`sqlite`] | the query, read-only, with the key as its one parameter |
//! | [`http`] | the address, with the key percent-encoded |
//!
//! The query of PostgreSQL is that of [`tipring_postgres`].
//!
//! A source opens what it needs with the first question, and anew after a failure or when the database has been
//! replaced, so that one that was away works again without a restart.
//!
//! Never: writes anything, takes longer than the wait of the question, or names a key in a message.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tipring_core::flow::walk::DipAnswer;
use tipring_postgres as postgres;

pub mod http;
pub mod sqlite;

/// The longest answer, in octets: a longer one counts as a failure.
pub const ANSWER_MAX: usize = 4096;

/// A source, as configured by `[[source]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceConfig {
    /// The name by which flows ask it.
    pub name: String,
    /// An SQLite database, with `query`.
    #[serde(default)]
    pub sqlite: Option<PathBuf>,
    /// A PostgreSQL database, with `query`: its address in the form of libpq, without a password.
    #[serde(default)]
    pub postgres: Option<String>,
    /// A query with one parameter, `?1` or, for PostgreSQL, `$1`; the first column of its first row is the answer.
    #[serde(default)]
    pub query: Option<String>,
    /// The file that holds the password of PostgreSQL's user.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// An HTTP or HTTPS address that contains `{key}`.
    #[serde(default)]
    pub url: Option<String>,
    /// JSON pointer (RFC 6901) to the answer in the body; the whole body, as text, if left out.
    #[serde(default)]
    pub json: Option<String>,
    /// PEM file of the authorities that sign the server's certificate; those of the public web if left out with `url`.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Questions in work at the same time, 1 to 16.
    #[serde(default = "one")]
    pub threads: u8,
    /// Questions that may wait for their turn, 1 to 1000; one more fails at once.
    #[serde(default = "usual_queue")]
    pub queue: u16,
    /// The place in the configuration: file and line.
    #[serde(skip)]
    pub place: String,
}

fn one() -> u8 {
    1
}

fn usual_queue() -> u16 {
    64
}

/// A failure to ask a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DipError {
    /// The configuration is wrong: it will never work as it is. A sentence with the remedy.
    Wrong(String),
    /// The source does not answer now: the reason.
    Away(String),
    /// The wait is over.
    TimedOut,
}

impl fmt::Display for DipError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DipError::Wrong(why) | DipError::Away(why) => f.write_str(why),
            DipError::TimedOut => f.write_str("no answer in time"),
        }
    }
}

impl From<postgres::Failure> for DipError {
    fn from(failure: postgres::Failure) -> DipError {
        match failure {
            postgres::Failure::Wrong(why) => DipError::Wrong(why),
            postgres::Failure::Away(why) => DipError::Away(why),
            postgres::Failure::TimedOut => DipError::TimedOut,
        }
    }
}

/// A key of a table that belongs to some kinds of sources only: its name, whether it is given, and those kinds.
type Owned = (&'static str, fn(&SourceConfig) -> bool, &'static [&'static str]);

/// The kinds of sources, each by the key that makes it one.
const KINDS: &[Owned] = &[
    ("sqlite", |it| it.sqlite.is_some(), &["sqlite"]),
    ("postgres", |it| it.postgres.is_some(), &["postgres"]),
    ("url", |it| it.url.is_some(), &["url"]),
];

/// The keys that go with them.
const OWNED: &[Owned] = &[
    ("query", |it| it.query.is_some(), &["sqlite", "postgres"]),
    ("password_file", |it| it.password_file.is_some(), &["postgres"]),
    ("json", |it| it.json.is_some(), &["url"]),
    ("ca", |it| it.ca.is_some(), &["postgres", "url"]),
];

/// Means by which a source is asked.
#[derive(Debug)]
enum Means {
    Sqlite(sqlite::Query),
    Postgres(Box<postgres::Query>),
    Http(http::Address),
}

/// A source that can be asked, one question at a time.
#[derive(Debug)]
pub struct Source {
    name: String,
    means: Means,
}

impl Source {
    /// The source of a configuration. Nothing is opened yet.
    ///
    /// # Errors
    /// The configuration is wrong: the key of the table, and a sentence with the remedy.
    pub fn new(config: &SourceConfig) -> Result<Source, (&'static str, String)> {
        if config.name.is_empty() || config.name.chars().any(|it| it.is_whitespace() || it.is_control()) {
            return Err(("name", "a source's name is a word without spaces".into()));
        }
        if !(1..=16).contains(&config.threads) {
            return Err(("threads", format!("threads is 1 to 16, not {}", config.threads)));
        }
        if !(1..=1000).contains(&config.queue) {
            return Err(("queue", format!("queue is 1 to 1000, not {}", config.queue)));
        }
        let mut kinds = KINDS.iter().filter(|(_, is_given, _)| is_given(config));
        let (Some((kind, ..)), None) = (kinds.next(), kinds.next()) else {
            return Err(("", "a source has either sqlite and query, or postgres and query, or url".into()));
        };
        let strange = OWNED.iter().find(|(_, is_given, owners)| is_given(config) && !owners.contains(kind));
        if let Some((key, _, owners)) = strange {
            return Err((key, format!("{key} belongs to {}; leave it out", owners.join(" or "))));
        }
        let query = |key: &'static str, parameter: &str| {
            let sample = format!("SELECT amount FROM balance WHERE account = {parameter}");
            config.query.as_deref().ok_or((key, format!("{key} needs a query: add query = \"{sample}\"")))
        };
        let means = match (&config.sqlite, &config.postgres, &config.url) {
            (Some(file), ..) => Means::Sqlite(sqlite::Query::new(file, query("sqlite", "?1")?)),
            (_, Some(address), _) => {
                let query = query("postgres", "$1")?;
                let address = postgres::Address::new(address, config.password_file.as_deref(), config.ca.as_deref())?;
                // One character more than an answer may have, which then says that it is too long.
                let query = postgres::Query::new(address, query, ANSWER_MAX + 1).map_err(|why| ("query", why))?;
                Means::Postgres(Box::new(query))
            }
            (.., url) => Means::Http(http::Address::new(
                url.as_deref().unwrap_or_default(),
                config.json.as_deref(),
                config.ca.as_deref(),
            )?),
        };
        Ok(Source { name: config.name.clone(), means })
    }

    /// The name by which flows ask it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Opens the source and prepares the question, without asking one.
    ///
    /// # Errors
    /// [`DipError::Wrong`] if it can never work, [`DipError::Away`] if it cannot now.
    pub fn prepare(&mut self) -> Result<(), DipError> {
        let prepared = match &mut self.means {
            Means::Sqlite(query) => query.prepare(),
            Means::Postgres(query) => query.prepare().map_err(DipError::from),
            Means::Http(address) => address.prepare(),
        };
        prepared.map_err(|error| self.named(error))
    }

    /// Asks for the entry of a key, until a deadline at the latest.
    ///
    /// # Errors
    /// It could not be asked: the reason names the source, never the key.
    pub fn ask(&mut self, key: &str, wait: Duration) -> Result<Option<String>, DipError> {
        let deadline = Instant::now() + wait;
        let answer = match &mut self.means {
            Means::Sqlite(query) => query.ask(key, deadline),
            Means::Postgres(query) => query.ask(key, deadline).map_err(DipError::from),
            Means::Http(address) => address.ask(key, deadline),
        };
        match answer {
            Ok(Some(text)) if text.len() > ANSWER_MAX => {
                Err(self.named(DipError::Away(format!("the answer has more than {ANSWER_MAX} octets"))))
            }
            Ok(answer) => Ok(answer),
            // An error of the last moment is the end of the wait too.
            Err(_) if Instant::now() >= deadline => Err(DipError::TimedOut),
            Err(error) => Err(self.named(error)),
        }
    }

    fn named(&self, error: DipError) -> DipError {
        let name = &self.name;
        match error {
            DipError::Wrong(why) => DipError::Wrong(format!("the source {name}: {why}")),
            DipError::Away(why) => DipError::Away(format!("the source {name}: {why}")),
            DipError::TimedOut => DipError::TimedOut,
        }
    }
}

/// The answer for the core.
pub fn answer(asked: Result<Option<String>, DipError>) -> DipAnswer {
    match asked {
        Ok(Some(text)) => DipAnswer::Found(text),
        Ok(None) => DipAnswer::None,
        Err(error) => DipAnswer::Failed(error.to_string()),
    }
}

/// The faults of sources, each a sentence with its place: those that can never work. A source that is only away has
/// none.
pub fn faults(sources: &[SourceConfig]) -> Vec<String> {
    let fault = |config: &SourceConfig| match Source::new(config).map(|mut source| source.prepare()) {
        Ok(Err(DipError::Wrong(why))) => Some(format!("{}: {why}", config.place)),
        // A wrong value has been found when the configuration was read.
        _ => None,
    };
    sources.iter().filter_map(fault).collect()
}

#[cfg(test)]
mod tests;

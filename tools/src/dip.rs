//! Data sources that flows look values up in: a query on an SQLite database, or a GET of an HTTP address.
//!
//! | file | what it holds |
//! |---|---|
//! | [`sqlite`] | the query, read-only, with the key as its one parameter |
//! | [`http`] | the address, with the key percent-encoded |
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
    /// A query with one parameter, `?1`; the first column of its first row is the answer.
    #[serde(default)]
    pub query: Option<String>,
    /// An HTTP or HTTPS address that contains `{key}`.
    #[serde(default)]
    pub url: Option<String>,
    /// JSON pointer (RFC 6901) to the answer in the body; the whole body, as text, if left out.
    #[serde(default)]
    pub json: Option<String>,
    /// PEM file of the authorities that sign the server's certificate; those of the public web if left out.
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

/// Means by which a source is asked.
#[derive(Debug)]
enum Means {
    Sqlite(sqlite::Query),
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
        let means = match (&config.sqlite, &config.url) {
            (Some(file), None) => {
                let query = config.query.as_deref().ok_or((
                    "sqlite",
                    "sqlite needs a query: add query = \"SELECT amount FROM balance WHERE account = ?1\"".to_owned(),
                ))?;
                for (key, given) in [("json", config.json.is_some()), ("ca", config.ca.is_some())] {
                    if given {
                        return Err((key, format!("{key} belongs to a url; leave it out")));
                    }
                }
                Means::Sqlite(sqlite::Query::new(file, query))
            }
            (None, Some(url)) => {
                if config.query.is_some() {
                    return Err(("query", "query belongs to sqlite; leave it out".into()));
                }
                Means::Http(http::Address::new(url, config.json.as_deref(), config.ca.as_deref())?)
            }
            _ => return Err(("", "a source has either sqlite and query, or url".into())),
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
            Means::Http(address) => address.ask(key, deadline),
        };
        match answer {
            Ok(Some(text)) if text.len() > ANSWER_MAX => {
                let why = format!("the answer has {} octets, more than {ANSWER_MAX}", text.len());
                Err(self.named(DipError::Away(why)))
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

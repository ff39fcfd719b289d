//! A query on a PostgreSQL database.
//!
//! Each question is one round trip, in a transaction of its own:
//!
//! ```text
//! BEGIN READ ONLY; SET LOCAL statement_timeout = …     the wait, less what its word needs to arrive
//! the prepared query, with the key as text              read as the type that the query compares it with
//! COMMIT
//! ```
//!
//! The database turns the first column into text as it prints it. A connection that was lost between two questions is
//! made anew within the second; while the database is away, it is tried after 0.25 s, then after twice as long, up to
//! 5 s, and questions in between fail at once.
//!
//! Never: writes, or keeps a connection on which a question has no answer.

use std::fmt;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::runtime::Runtime;
use tokio::time::timeout_at;
use tokio_postgres::types::{Format, IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Address;
use crate::connection::{self, Connection};
use crate::trouble::{During, Failure, is_no_such_value, is_stale, meaning};

/// The parameter that stands for the key.
const KEY: &str = "$1";
/// The wait for a connection while a query is only prepared.
const PREPARE_WAIT: Duration = Duration::from_secs(2);
/// The first pause after a connection that failed, and the longest one.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(5)];
/// Time that the server's word of a time-out has to arrive, at most; a tenth of shorter waits.
const WORD: Duration = Duration::from_millis(100);

/// A query with its database.
pub struct Query {
    address: Address,
    text: String,
    runtime: Option<Runtime>,
    session: Option<Session>,
    pause: Option<Pause>,
}

/// The time in which no connection is tried, after one that failed.
struct Pause {
    until: Instant,
    length: Duration,
    why: String,
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("address", &self.address).field("text", &self.text).finish_non_exhaustive()
    }
}

impl Query {
    /// A query, with the key as `$1`; the first column of its first row is the answer, at most `longest` characters of
    /// it. Nothing is opened yet.
    ///
    /// # Errors
    /// The query has no place for the key: a sentence with the remedy.
    pub fn new(address: Address, query: &str, longest: usize) -> Result<Query, String> {
        if !query.contains(KEY) {
            let why =
                "the query has no key: PostgreSQL writes it as $1, as in SELECT amount FROM balance WHERE account = $1";
            return Err(why.into());
        }
        let query = query.trim().trim_end_matches(';');
        // The database turns any type into text and reads no more than one row. The line's end closes a comment.
        let text =
            format!("SELECT pg_catalog.left(it.answer::text, {longest}) FROM (\n{query}\n) AS it(answer) LIMIT 1");
        Ok(Query { address, text, runtime: None, session: None, pause: None })
    }

    /// Connects, and prepares the query. After a failure it can be asked at once all the same.
    ///
    /// # Errors
    /// [`Failure::Wrong`] if it can never work, [`Failure::Away`] if it cannot now.
    pub fn prepare(&mut self) -> Result<(), Failure> {
        let opened = self.open(Instant::now() + PREPARE_WAIT);
        self.pause = None;
        opened.map_err(|failure| match failure {
            Failure::TimedOut => Failure::Away(format!("no answer within {} s", PREPARE_WAIT.as_secs())),
            failure => failure,
        })
    }

    /// Asks for the entry of a key, until a deadline at the latest.
    ///
    /// # Errors
    /// It could not be asked: the reason never names the key.
    pub fn ask(&mut self, key: &str, deadline: Instant) -> Result<Option<String>, Failure> {
        let was_open = self.session.is_some();
        match self.try_ask(key, deadline) {
            // The database has gone, or its tables have changed, since the last question: it may be there again.
            Err(Failure::Away(_) | Failure::Wrong(_)) if was_open && self.session.is_none() => {
                self.try_ask(key, deadline)
            }
            answer => answer,
        }
    }

    fn try_ask(&mut self, key: &str, deadline: Instant) -> Result<Option<String>, Failure> {
        if self.session.is_none() {
            self.open(deadline)?;
        }
        let wait = deadline.saturating_duration_since(Instant::now());
        let (Some(runtime), Some(session), false) = (&self.runtime, &self.session, wait.is_zero()) else {
            return Err(Failure::TimedOut);
        };
        let asked = runtime.block_on(async { timeout_at(deadline.into(), session.ask(key, wait)).await });
        let (failure, is_stale) = match asked {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) if is_no_such_value(&error, session.key_is_text()) => return Ok(None),
            Ok(Err(error)) => (meaning(&error, During::Asking), is_stale(&error)),
            Err(_) => (Failure::TimedOut, true),
        };
        if is_stale {
            self.close();
        }
        Err(failure)
    }

    /// Connects and prepares the query, unless that failed a moment ago.
    fn open(&mut self, deadline: Instant) -> Result<(), Failure> {
        if let Some(Pause { why, .. }) = self.pause.as_ref().filter(|pause| Instant::now() < pause.until) {
            return Err(Failure::Away(format!("{why} (a moment ago; it is tried again soon)")));
        }
        self.close();
        let opened = self.try_open(deadline);
        self.pause = opened.as_ref().err().map(|failure| {
            let length = self.pause.as_ref().map_or(PAUSES[0], |pause| (pause.length * 2).min(PAUSES[1]));
            let why = match failure {
                Failure::Wrong(why) | Failure::Away(why) => why.clone(),
                Failure::TimedOut => "the connection was not made in time".to_owned(),
            };
            Pause { until: Instant::now() + length, length, why }
        });
        self.session = Some(opened?);
        Ok(())
    }

    fn try_open(&mut self, deadline: Instant) -> Result<Session, Failure> {
        let tls = self.address.tls()?;
        let config = self.address.config(deadline.saturating_duration_since(Instant::now()))?;
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => connection::runtime()?,
        };
        let runtime = self.runtime.insert(runtime);
        let opened =
            runtime.block_on(async { timeout_at(deadline.into(), Session::open(config, tls, &self.text)).await });
        let session = match opened {
            Ok(opened) => opened.map_err(|error| meaning(&error, During::Opening))?,
            Err(_) => return Err(Failure::TimedOut),
        };
        let parameters = session.statement.params().len();
        if parameters != 1 {
            let why = format!("the query has {parameters} parameters; write $1 for the key, and no other");
            return Err(Failure::Wrong(why));
        }
        Ok(session)
    }

    /// Closes the connection. A statement that is at work there ends by its own time-out.
    fn close(&mut self) {
        if let (Some(runtime), Some(session)) = (&self.runtime, self.session.take()) {
            session.connection.close(runtime);
        }
    }
}

/// A connection with the prepared query.
struct Session {
    connection: Connection,
    statement: Statement,
}

impl Session {
    async fn open(config: Config, tls: Option<MakeRustlsConnect>, text: &str) -> Result<Session, Error> {
        let connection = Connection::open(config, tls).await?;
        let statement = connection.client.prepare(text).await?;
        Ok(Session { connection, statement })
    }

    fn key_is_text(&self) -> bool {
        matches!(*self.statement.params(), [Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME])
    }

    async fn ask(&self, key: &str, wait: Duration) -> Result<Option<String>, Error> {
        let least = Duration::from_millis(1);
        let statement_wait = wait.saturating_sub(WORD.min(wait / 10)).max(least).as_millis();
        let begin = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {statement_wait}");
        let key = Key(key);
        let parameters: [&(dyn ToSql + Sync); 1] = [&key];
        // Sent in this order, without waiting for the answers in between.
        let (begun, rows, ended) = tokio::join!(
            biased;
            self.connection.client.batch_execute(&begin),
            self.connection.client.query_opt(&self.statement, &parameters),
            self.connection.client.batch_execute("COMMIT"),
        );
        begun?;
        let row = rows?;
        ended?;
        row.map_or(Ok(None), |row| row.try_get(0))
    }
}

/// A key, as text: the database reads it as a literal in quotes, whatever type it is compared with.
#[derive(Debug)]
struct Key<'a>(&'a str);

impl ToSql for Key<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

//! A replica of the store: transactions that write rows, and with them how far the store is carried over.
//!
//! ```text
//! BEGIN; SELECT … FROM replica FOR UPDATE      one writer at a time, whoever it is
//! DELETE …; INSERT …                           by table: what stands under these keys now
//! UPDATE replica SET up_to = …; COMMIT
//! ```
//!
//! A row that the database does not take is found by halving the group, noted in `replica_refused`, and the others are
//! written.
//!
//! Never: reads the store, or decides what is written.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use tipring_core::store::replicated::{Cell, Key, KeyPart, Kind, Rows, Sums, TABLES, Table};
use tokio::runtime::Runtime;
use tokio::time::timeout_at;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Config, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::address::Address;
use crate::connection::{self, Connection};
use crate::schema;
use crate::trouble::{During, Failure, is_of_row, meaning};

/// The wait for a connection.
const OPEN_WAIT: Duration = Duration::from_secs(5);
/// The wait for one step of a transaction: shorter than a site may take to stop.
const STEP_WAIT: Duration = Duration::from_secs(10);
/// The wait for all sums.
const SUMS_WAIT: Duration = Duration::from_secs(3_600);
/// The first version of the server that computes columns (`GENERATED ALWAYS`).
const SERVER_LEAST: i32 = 120_000;

/// The place up to which a store is carried over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The version of the tables as it was found; 0 for new ones.
    pub version: i64,
    /// The store; none for a replica that was never written.
    pub store: Option<String>,
    /// Its log of changed rows.
    pub log: Option<String>,
    /// The last change that is carried over.
    pub up_to: i64,
    /// The table that is copied from its beginning, and the last key that is copied.
    pub fill: Option<(String, Option<String>)>,
    /// Count of rows that the database has not taken.
    pub refused: i64,
}

/// A row that the database does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The table.
    pub table: &'static str,
    /// The key.
    pub key: String,
    /// The reason.
    pub why: String,
}

/// A replica.
pub struct Replica {
    address: Address,
    /// The version of the tables that this program makes.
    version: i64,
    runtime: Option<Runtime>,
    session: Option<Session>,
}

impl fmt::Debug for Replica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replica").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Replica {
    /// A replica at an address, of a store with this version of its schema. Nothing is opened yet.
    pub fn new(address: Address, schema: i64) -> Replica {
        Replica { address, version: schema * 100 + schema::FORM, runtime: None, session: None }
    }

    /// The version of the tables that this program makes.
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// Returns true while there is a connection.
    pub const fn is_connected(&self) -> bool {
        self.session.is_some()
    }

    /// Begins a transaction, and makes the tables that are not there. Another writer is waited for.
    ///
    /// # Errors
    /// [`Failure::Wrong`] for a database that cannot be one, or that a newer program has written.
    pub fn begin(&mut self) -> Result<Standing, Failure> {
        if self.session.is_none() {
            self.open()?;
        }
        let (standing, version) = (self.step(STEP_WAIT, Session::begin)?, self.version);
        if standing.version > version {
            self.close();
            return Err(Failure::Wrong(
                "a newer version of this program has written it: update this one, or give it another database".into(),
            ));
        }
        if standing.version < version {
            let made = schema::statements();
            self.step(STEP_WAIT, async |session| session.connection.client.batch_execute(&made).await)?;
        }
        Ok(standing)
    }

    /// Empties all tables.
    ///
    /// # Errors
    /// The database does not do it; the transaction is over.
    pub fn empty(&mut self) -> Result<(), Failure> {
        let text = schema::empty();
        self.step(STEP_WAIT, async |session| session.connection.client.batch_execute(&text).await)
    }

    /// Writes rows in the place of what stands under their keys. Returns those that the database does not take.
    ///
    /// # Errors
    /// The database does not do it; the transaction is over.
    pub fn write(&mut self, rows: &Rows) -> Result<Vec<Refused>, Failure> {
        self.step(STEP_WAIT, async |session| session.write(rows).await)
    }

    /// Commits, with how far the store is carried over.
    ///
    /// # Errors
    /// It is not known whether the database has done it: the next transaction finds it out.
    pub fn commit(&mut self, standing: &Standing) -> Result<(), Failure> {
        let version = self.version;
        self.step(STEP_WAIT, async |session| session.commit(standing, version).await)
    }

    /// Ends the transaction without a change.
    pub fn roll_back(&mut self) {
        // A connection that fails is closed, which has the same end.
        let _ = self.step(STEP_WAIT, async |session| session.connection.client.batch_execute("ROLLBACK").await);
    }

    /// The sums of all tables, within a transaction.
    ///
    /// # Errors
    /// The database does not do it; the transaction is over.
    pub fn sums(&mut self) -> Result<Vec<Sums>, Failure> {
        self.step(SUMS_WAIT, Session::sums)
    }

    fn open(&mut self) -> Result<(), Failure> {
        let (config, tls) = (self.address.config(OPEN_WAIT)?, self.address.tls()?);
        let runtime = match self.runtime.take() {
            Some(runtime) => runtime,
            None => connection::runtime()?,
        };
        let runtime = self.runtime.insert(runtime);
        let deadline = Instant::now() + OPEN_WAIT;
        let opened = runtime.block_on(async { timeout_at(deadline.into(), Session::open(config, tls)).await });
        let session = match opened {
            Ok(opened) => opened.map_err(|error| meaning(&error, During::Writing))?,
            Err(_) => return Err(Failure::Away(format!("no answer within {} s", OPEN_WAIT.as_secs()))),
        };
        let (encoding, server) = (session.encoding.clone(), session.server);
        self.session = Some(session);
        let wrong = if encoding != "UTF8" {
            format!("its encoding is {encoding}: CREATE DATABASE … ENCODING 'UTF8'")
        } else if server < SERVER_LEAST {
            format!("the server is of version {}; it needs 12", server / 10_000)
        } else {
            return Ok(());
        };
        self.close();
        Err(Failure::Wrong(wrong))
    }

    /// Carries out a step of a transaction; after a failure the connection is closed, and with it the transaction.
    fn step<T>(
        &mut self,
        wait: Duration,
        step: impl AsyncFnOnce(&mut Session) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let (Some(runtime), Some(session)) = (&self.runtime, &mut self.session) else {
            return Err(Failure::Away("the connection has gone".into()));
        };
        let deadline = Instant::now() + wait;
        let failure = match runtime.block_on(async { timeout_at(deadline.into(), step(session)).await }) {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => meaning(&error, During::Writing),
            Err(_) => Failure::TimedOut,
        };
        self.close();
        Err(failure)
    }

    fn close(&mut self) {
        if let (Some(runtime), Some(session)) = (&self.runtime, self.session.take()) {
            session.connection.close(runtime);
        }
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.close();
    }
}

/// A connection with the statements that are prepared on it.
struct Session {
    connection: Connection,
    statements: BTreeMap<String, Statement>,
    encoding: String,
    server: i32,
    /// There are rows that were refused.
    has_refused: bool,
}

impl Session {
    async fn open(config: Config, tls: Option<MakeRustlsConnect>) -> Result<Session, Error> {
        let connection = Connection::open(config, tls).await?;
        connection.client.batch_execute(&format!("SET statement_timeout = {}", STEP_WAIT.as_millis())).await?;
        let setting = "SELECT current_setting('server_encoding'), current_setting('server_version_num')::int";
        let row = connection.client.query_one(setting, &[]).await?;
        let (encoding, server) = (row.try_get(0)?, row.try_get(1)?);
        Ok(Session { connection, statements: BTreeMap::new(), encoding, server, has_refused: false })
    }

    async fn begin(&mut self) -> Result<Standing, Error> {
        let client = &self.connection.client;
        client.batch_execute("BEGIN").await?;
        let found = client.query_one("SELECT to_regclass('replica') IS NOT NULL", &[]).await?;
        if !found.try_get::<_, bool>(0)? {
            let none = Standing { version: 0, store: None, log: None, up_to: 0, fill: None, refused: 0 };
            return Ok(none);
        }
        let read = "SELECT version, store, log, up_to, fill_table, fill_after, (SELECT count(*) FROM replica_refused) \
            FROM replica FOR UPDATE";
        let row = client.query_one(read, &[]).await?;
        let fill_table: Option<String> = row.try_get(4)?;
        let fill_after = row.try_get(5)?;
        let standing = Standing {
            version: row.try_get(0)?,
            store: row.try_get(1)?,
            log: row.try_get(2)?,
            up_to: row.try_get(3)?,
            fill: fill_table.map(|table| (table, fill_after)),
            refused: row.try_get(6)?,
        };
        self.has_refused = standing.refused > 0;
        Ok(standing)
    }

    async fn commit(&mut self, standing: &Standing, version: i64) -> Result<(), Error> {
        let update = "UPDATE replica SET version = $1, store = $2, log = $3, up_to = $4, fill_table = $5, \
            fill_after = $6, changed_at = now()";
        let update = self.prepared(update.to_owned()).await?;
        let (table, after) = match &standing.fill {
            Some((table, after)) => (Some(table), after.as_ref()),
            None => (None, None),
        };
        let Standing { store, log, up_to, .. } = standing;
        let client = &self.connection.client;
        client.execute(&update, &[&version, store, log, up_to, &table, &after]).await?;
        client.batch_execute("COMMIT").await
    }

    async fn write(&mut self, rows: &Rows) -> Result<Vec<Refused>, Error> {
        let table = rows.table;
        self.delete(table, &rows.keys).await?;
        let mut refused = Vec::new();
        let mut taken: Vec<&[Cell]> = Vec::new();
        for row in &rows.rows {
            match misfit(table, row) {
                None => taken.push(row),
                Some(column) => refused.push(refused_row(table, row, &format!("{column} has no value of its kind"))),
            }
        }
        let mut parts: Vec<&[&[Cell]]> = vec![&taken];
        while let Some(part) = parts.pop().filter(|part| !part.is_empty()) {
            let Err(error) = self.insert(table, part).await else { continue };
            if !is_of_row(&error) {
                return Err(error);
            }
            self.connection.client.batch_execute("ROLLBACK TO part").await?;
            match part {
                [row] => {
                    let said = error.as_db_error().map(|said| format!("{} ({})", said.message(), said.code().code()));
                    refused.push(refused_row(table, row, &said.unwrap_or_default()));
                }
                _ => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
            }
        }
        for Refused { table, key, why } in &refused {
            let note = "INSERT INTO replica_refused (table_name, key, why) VALUES ($1, $2, $3) \
                ON CONFLICT (table_name, key) DO UPDATE SET why = excluded.why, refused_at = now()";
            let note = self.prepared(note.to_owned()).await?;
            self.connection.client.execute(&note, &[table, key, why]).await?;
        }
        Ok(refused)
    }

    /// Deletes what stands under keys.
    async fn delete(&mut self, table: &'static Table, keys: &[Key]) -> Result<(), Error> {
        // A key with a NUL was never taken.
        let has_nul = |part: &KeyPart| matches!(part, KeyPart::Text(text) if text.contains('\0'));
        let keys: Vec<&Key> = keys.iter().filter(|key| !key.0.iter().any(has_nul)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let columns: Vec<Box<dyn ToSql + Sync + Send>> = (0..table.key.len())
            .map(|column| -> Box<dyn ToSql + Sync + Send> {
                let parts = || keys.iter().map(|key| key.0.get(column));
                match table.kind(table.key[column]) {
                    Some(Kind::Integer | Kind::Moment) => Box::new(parts().map(integer).collect::<Vec<_>>()),
                    _ => Box::new(parts().map(|part| part.map(text)).collect::<Vec<_>>()),
                }
            })
            .collect();
        let delete = self.prepared(schema::delete(table)).await?;
        let columns: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as _).collect();
        self.connection.client.execute(&delete, &columns).await?;
        if self.has_refused {
            let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
            let forget = "DELETE FROM replica_refused WHERE table_name = $1 AND key = ANY($2)";
            let forget = self.prepared(forget.to_owned()).await?;
            self.connection.client.execute(&forget, &[&table.name, &keys]).await?;
        }
        Ok(())
    }

    /// Inserts rows, all or none; what the transaction has done before stays.
    async fn insert(&mut self, table: &'static Table, rows: &[&[Cell]]) -> Result<(), Error> {
        let insert = self.prepared(schema::insert(table)).await?;
        let columns: Vec<Box<dyn ToSql + Sync + Send + '_>> = table
            .columns
            .iter()
            .enumerate()
            .map(|(column, (_, kind))| -> Box<dyn ToSql + Sync + Send + '_> {
                let cells = rows.iter().map(|row| &row[column]);
                match kind {
                    Kind::Integer | Kind::Moment => Box::new(
                        cells
                            .map(|cell| if let Cell::Integer(of) = cell { Some(*of) } else { None })
                            .collect::<Vec<_>>(),
                    ),
                    Kind::Real => Box::new(cells.map(real).collect::<Vec<_>>()),
                    Kind::Text | Kind::Json => Box::new(
                        cells
                            .map(|cell| if let Cell::Text(of) = cell { Some(of.as_str()) } else { None })
                            .collect::<Vec<_>>(),
                    ),
                }
            })
            .collect();
        let columns: Vec<&(dyn ToSql + Sync)> = columns.iter().map(|column| &**column as _).collect();
        let client = &self.connection.client;
        // Sent in this order, without waiting for the answers in between.
        let (begun, inserted, ended) = tokio::join!(
            biased;
            client.batch_execute("SAVEPOINT part"),
            client.execute(&insert, &columns),
            client.batch_execute("RELEASE part"),
        );
        begun?;
        inserted?;
        ended
    }

    async fn sums(&mut self) -> Result<Vec<Sums>, Error> {
        let client = &self.connection.client;
        client.batch_execute("SET LOCAL statement_timeout = 0").await?;
        let mut sums = Vec::new();
        for table in TABLES {
            let row = client.query_one(&schema::sums(table), &[]).await?;
            let pair = |column| Ok((row.try_get(1 + 2 * column)?, row.try_get(2 + 2 * column)?));
            let columns = (0..table.columns.len()).map(pair).collect::<Result<_, Error>>()?;
            sums.push(Sums { rows: row.try_get(0)?, columns });
        }
        Ok(sums)
    }

    async fn prepared(&mut self, text: String) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(&text) {
            return Ok(statement.clone());
        }
        let statement = self.connection.client.prepare(&text).await?;
        self.statements.insert(text, statement.clone());
        Ok(statement)
    }
}

fn integer(part: Option<&KeyPart>) -> Option<i64> {
    match part {
        Some(KeyPart::Integer(number)) => Some(*number),
        _ => None,
    }
}

fn text(part: &KeyPart) -> String {
    match part {
        KeyPart::Integer(number) => number.to_string(),
        KeyPart::Text(text) => text.clone(),
    }
}

fn real(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Real(number) => Some(*number),
        Cell::Integer(number) => Some(*number as f64),
        Cell::Null | Cell::Text(_) => None,
    }
}

/// The first column of a row whose value is not of its kind.
fn misfit(table: &Table, row: &[Cell]) -> Option<&'static str> {
    let fits = |kind: Kind, cell: &Cell| match cell {
        Cell::Null => true,
        Cell::Integer(_) => matches!(kind, Kind::Integer | Kind::Moment | Kind::Real),
        Cell::Real(_) => kind == Kind::Real,
        Cell::Text(_) => matches!(kind, Kind::Text | Kind::Json),
    };
    table.columns.iter().zip(row).find(|((_, kind), cell)| !fits(*kind, cell)).map(|((name, _), _)| *name)
}

/// The note about a row that is refused.
fn refused_row(table: &'static Table, row: &[Cell], why: &str) -> Refused {
    let part = |column: &&str| match table.position(column).and_then(|at| row.get(at)) {
        Some(Cell::Integer(number)) => KeyPart::Integer(*number),
        Some(Cell::Text(text)) => KeyPart::Text(text.replace('\0', "\u{fffd}")),
        _ => KeyPart::Text(String::new()),
    };
    let key = Key(table.key.iter().map(part).collect()).to_string();
    Refused { table: table.name, key, why: why.replace('\0', "\u{fffd}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_kind_is_found_before_it_is_sent() {
        let table = Table::named("customer_number").unwrap();
        let row = |place: Cell| [Cell::Text("05\x0071".into()), Cell::Integer(1), place];
        assert_eq!(misfit(table, &row(Cell::Integer(0))), None);
        assert_eq!(misfit(table, &row(Cell::Null)), None);
        assert_eq!(misfit(table, &row(Cell::Text("0".into()))), Some("place"));
        assert_eq!(refused_row(table, &row(Cell::Null), "so").key, "05\u{fffd}71");
    }
}

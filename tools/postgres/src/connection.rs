//! A connection to a database, and the runtime that carries it on while something is asked.
//!
//! Never: outlives what it is asked for.

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::trouble::Failure;

/// A connection.
pub(crate) struct Connection {
    pub(crate) client: Client,
    /// The work of the socket, carried on while something is asked.
    task: JoinHandle<Result<(), Error>>,
}

impl Connection {
    /// Connects, within TLS if there is any.
    ///
    /// # Errors
    /// The database does not take the connection.
    pub(crate) async fn open(config: Config, tls: Option<MakeRustlsConnect>) -> Result<Connection, Error> {
        let (client, task) = match tls {
            Some(tls) => {
                let (client, connection) = config.connect(tls).await?;
                (client, tokio::spawn(connection))
            }
            None => {
                let (client, connection) = config.connect(NoTls).await?;
                (client, tokio::spawn(connection))
            }
        };
        Ok(Connection { client, task })
    }

    /// Closes it. A statement that is at work there ends by its own time-out.
    pub(crate) fn close(self, runtime: &Runtime) {
        self.task.abort();
        let _ = runtime.block_on(self.task);
    }
}

/// A runtime without a thread of its own.
///
/// # Errors
/// [`Failure::Away`]: the system has none.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    let built = Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Failure::Away(format!("no runtime for it: {error}")))
}

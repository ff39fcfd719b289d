//! PostgreSQL: one value looked up, a query with a key, until a deadline; and a replica of the store.
//!
//! | part | contents |
//! |---|---|
//! | [`address`] | where the database is: address, user, password file, TLS |
//! | [`query`] | the query: its connection, statement and transaction |
//! | `connection` | a connection, and the runtime that carries it on |
//! | [`replica`], `schema` | the replica of the store: its transactions; its tables |
//! | [`trouble`] | the meaning of an error of the database |
//!
//! The asynchronous runtime of the client library stays in here: each [`Query`] and [`Replica`] has one, without a
//! thread of its own, that runs while it is asked.
//!
//! Never: writes for a query, or reads a password from anything but a file.

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod address;
mod connection;
pub mod query;
pub mod replica;
mod schema;
pub mod trouble;

pub use address::Address;
pub use query::Query;
pub use replica::Replica;
pub use trouble::Failure;

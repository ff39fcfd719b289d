//! One value looked up in a PostgreSQL database: a query with a key, until a deadline.
//!
//! | part | contents |
//! |---|---|
//! | [`address`] | where the database is: address, user, password file, TLS |
//! | [`query`] | the query: its connection, statement and transaction |
//! | [`trouble`] | the meaning of an error of the database |
//!
//! The asynchronous runtime of the client library stays in here: each [`Query`] has one, without a thread of its own,
//! that runs while the query is asked.
//!
//! Never: writes into a database, or reads a password from anything but a file.

pub mod address;
pub mod query;
pub mod trouble;

pub use address::Address;
pub use query::Query;
pub use trouble::Failure;

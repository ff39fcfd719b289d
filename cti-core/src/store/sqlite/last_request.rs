//! The last request kept for a run of the core, in the transaction that keeps it: a core that comes back asks again for
//! what it had no answer to, and nothing is kept twice.
//!
//! Never: takes the number of another run's request for one of this run.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::{SqliteStore, store_error};
use crate::store::{StoreError, StoreId};

impl SqliteStore {
    /// Begins a run of the core, or goes on with it: from now on the last request kept is remembered under its number.
    pub fn set_run(&mut self, run: u64) {
        self.run = Some(run);
    }

    /// Begins a run of a core that numbers its requests from the beginning: what was kept for one before it in the same
    /// run is not taken for its own.
    ///
    /// # Errors
    /// The database takes no records.
    pub fn begin_run(&mut self, run: u64) -> Result<(), StoreError> {
        let forgotten = self.connection.execute("DELETE FROM last_kept", []);
        forgotten.map_err(|error| store_error("beginning a run", &error))?;
        self.set_run(run);
        Ok(())
    }

    /// The last request that was kept for a run, here or aside and read in since; requests are kept in order. None if
    /// there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_kept(&self, run: u64) -> Result<Option<StoreId>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the last request kept", &error);
        let mut select = self.connection.prepare("SELECT request FROM last_kept WHERE run = ?1").map_err(fail)?;
        let found = select.query_row([run as i64], |row| row.get::<_, i64>(0)).optional().map_err(fail)?;
        Ok(found.map(|id| StoreId(id as u64)))
    }
}

pub(super) fn set_last(transaction: &Transaction<'_>, run: u64, last: StoreId) -> rusqlite::Result<()> {
    let mut set =
        transaction.prepare_cached("INSERT OR REPLACE INTO last_kept (one, run, request) VALUES (1, ?1, ?2)")?;
    // SQLite's integers have 64 bits with a sign: the bits are what counts.
    set.execute(params![run as i64, last.0 as i64]).map(drop)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Folder, call};
    use super::*;
    use crate::store::{Store as _, StoreRequest};

    #[test]
    fn the_last_request_kept_is_known_for_its_run_alone() {
        let folder = Folder::new("kept");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        store.set_run(u64::MAX);
        for id in 1..=3 {
            store.submit(StoreRequest::Keep { id: StoreId(id as u64), records: vec![call(id)] });
        }
        assert_eq!(store.last_kept(u64::MAX).unwrap(), None);
        store.commit().unwrap();
        assert_eq!(store.last_kept(u64::MAX).unwrap(), Some(StoreId(3)));
        assert_eq!(store.last_kept(1).unwrap(), None);
        store.begin_run(u64::MAX).unwrap();
        assert_eq!(store.last_kept(u64::MAX).unwrap(), None);
    }
}

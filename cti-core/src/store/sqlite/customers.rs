//! Customers by their numbers: imported and looked up.
//!
//! Never: writes a customer on its own account.

use rusqlite::{OptionalExtension, params};

use super::{SqliteStore, store_error};
use crate::store::{Customer, StoreError};

impl SqliteStore {
    /// Puts customers in, replacing those with the same number.
    pub fn import_customers(&mut self, customers: impl IntoIterator<Item = Customer>) -> Result<usize, StoreError> {
        let fail = |error: rusqlite::Error| store_error("importing customers", &error);
        let transaction = self.connection.transaction().map_err(fail)?;
        let mut count = 0;
        {
            let mut insert = transaction
                .prepare("INSERT OR REPLACE INTO customer (number, name, account) VALUES (?1, ?2, ?3)")
                .map_err(fail)?;
            for customer in customers {
                insert.execute(params![customer.number, customer.name, customer.account]).map_err(fail)?;
                count += 1;
            }
        }
        transaction.commit().map_err(fail)?;
        Ok(count)
    }

    /// Returns the customer with a number.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_of(&self, number: &str) -> Result<Option<Customer>, StoreError> {
        self.customer(number).map_err(|error| store_error("reading a customer", &error))
    }

    pub(super) fn customer(&self, number: &str) -> rusqlite::Result<Option<Customer>> {
        self.connection
            .prepare_cached("SELECT number, name, account FROM customer WHERE number = ?1")?
            .query_row([number], |row| Ok(Customer { number: row.get(0)?, name: row.get(1)?, account: row.get(2)? }))
            .optional()
    }
}

//! The numbering plan that the database is read by: that of the site that ran last.
//!
//! Numbers are kept in their normal form. What was kept otherwise, before a site had a plan or while it had another
//! one, is found by every spelling of what is looked for.
//!
//! Never: changes a number that is kept.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::{SqliteStore, store_error};
use crate::number_plan::NumberPlan;
use crate::store::StoreError;

impl SqliteStore {
    /// Compares numbers by a site's plan from now on, as commands beside the site will.
    ///
    /// # Errors
    /// The database takes nothing.
    pub fn set_number_plan(&mut self, plan: &NumberPlan) -> Result<(), StoreError> {
        if self.numbers != *plan {
            let set = "INSERT OR REPLACE INTO number_plan (one, country, area) VALUES (1, ?1, ?2)";
            let done = self.connection.execute(set, params![plan.country(), plan.area()]);
            done.map_err(|error| store_error("keeping the numbering plan", &error))?;
            self.numbers = plan.clone();
        }
        Ok(())
    }

    /// The numbering plan by which numbers are compared.
    pub fn number_plan(&self) -> &NumberPlan {
        &self.numbers
    }
}

pub(super) fn read(connection: &Connection) -> rusqlite::Result<NumberPlan> {
    let select = "SELECT country, area FROM number_plan";
    let found = connection.prepare_cached(select)?.query_row([], |row| {
        let (country, area): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(NumberPlan::new(&country, &area).unwrap_or_default())
    });
    found.optional().map(Option::unwrap_or_default)
}

/// The spellings of a number as the JSON array of a condition `number IN (SELECT value FROM json_each(?))`.
pub(super) fn spelled(plan: &NumberPlan, number: &str) -> String {
    serde_json::Value::from(plan.spellings(number)).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::tests::Folder;
    use super::*;
    use crate::customer::{CustomerChange, CustomerRefusal};
    use crate::store::sqlite::CustomerError;

    #[test]
    fn a_customer_pops_by_each_spelling_of_a_number_whatever_spelling_was_kept() {
        let folder = Folder::new("number-plan");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let of = |number: &str, name: &str| CustomerChange {
            numbers: vec![number.into()],
            name: Some(name.into()),
            ..CustomerChange::default()
        };
        // Kept before the site had a plan: digits as they were written.
        store.change_customer(None, &of("0138 0013 8000", "王芳"), "zhao", 1).unwrap();
        store.change_customer(None, &of("0571-87654321", "李明"), "zhao", 1).unwrap();
        store.set_number_plan(&NumberPlan::new("CN", "571").unwrap()).unwrap();
        let store = SqliteStore::open(&folder.database(), 0).unwrap();
        for (name, number, spellings) in [
            ("王芳", "13800138000", &["13800138000", "013800138000", "008613800138000", "+86 138 0013 8000"][..]),
            ("李明", "87654321", &["87654321", "057187654321", "+86 571 87654321"][..]),
        ] {
            for spelling in spellings {
                let found = store.customer_of(spelling).unwrap().expect(spelling);
                assert_eq!((found.name.as_str(), found.numbers), (name, vec![number.to_owned()]), "{spelling}");
            }
        }
        let mut store = store;
        let taken = store.change_customer(None, &of("+86 138 0013 8000", "other"), "zhao", 2);
        assert!(matches!(taken, Err(CustomerError::Refused(CustomerRefusal::Taken { .. }))), "{taken:?}");
        let found = store.find_customers("+86 571 8765 4321", 5).unwrap();
        assert_eq!(found.len(), 1, "found by a number that is written otherwise");
    }
}

//! Changes of work orders since a moment: whom each concerns, for those who have lists of orders open.
//!
//! Never: says what an order is about.

use crate::store::StoreError;
use crate::store::sqlite::{SqliteStore, store_error};

/// A change of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderChange {
    /// The customer's number, as it is kept; empty if not known.
    pub number: String,
    /// The owner.
    pub owner: String,
}

impl SqliteStore {
    /// Returns the number of the last step that was taken of any order; 0 before the first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_order_step(&self) -> Result<i64, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the last step of a work order", &error);
        let select = "SELECT COALESCE(MAX(id), 0) FROM work_order_step";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        select.query_row([], |row| row.get(0)).map_err(fail)
    }

    /// Returns the orders of which a step was taken after a step and up to another, and those one of whose clocks has
    /// run out from the one moment on and before the other, ms since 1970. An order may come twice.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn order_changes(&self, steps: (i64, i64), moments: (i64, i64)) -> Result<Vec<OrderChange>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading changes of work orders", &error);
        let select = "SELECT o.number, o.owner FROM work_order_step AS s JOIN work_order AS o ON o.id = s.work_order \
                      WHERE s.id > ?1 AND s.id <= ?2 \
                      UNION ALL \
                      SELECT number, owner FROM work_order WHERE (dispatch_due_ms IS NOT NULL OR answer_due_ms IS NOT NULL \
                      OR try_due_ms IS NOT NULL OR revisit_due_ms IS NOT NULL) \
                      AND (dispatch_due_ms >= ?3 AND dispatch_due_ms < ?4 OR answer_due_ms >= ?3 AND answer_due_ms < ?4 \
                      OR try_due_ms >= ?3 AND try_due_ms < ?4 OR revisit_due_ms >= ?3 AND revisit_due_ms < ?4)";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([steps.0, steps.1, moments.0, moments.1], |row| {
            Ok(OrderChange { number: row.get(0)?, owner: row.get(1)? })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::Folder;
    use super::*;
    use crate::person::Person;
    use crate::store::sqlite::Accepted;
    use crate::work_order::{Kinds, OrderRequest, OrderStep, Submission, Urgency};

    #[test]
    fn an_order_has_changed_with_each_step_and_when_a_clock_runs_out() {
        let folder = Folder::new("order-changes");
        let mut store = SqliteStore::open(&folder.database(), 0).unwrap();
        let li = Person { name: "li".into(), is_supervisor: false };
        let request = |number: &str| OrderRequest {
            kind: "fault".into(),
            urgency: Urgency::Normal,
            number: number.into(),
            name: String::new(),
            place: String::new(),
            text: "no current".into(),
            owner: None,
            call: 0,
            recording: None,
            called_ms: None,
        };
        assert_eq!(store.last_order_step().unwrap(), 0);
        let mut accept =
            |number: &str| match store.accept_order(&Kinds::default(), request(number), false, &li, 1_000).unwrap() {
                Accepted::New(order) | Accepted::Repeat(order) => order,
            };
        let (first, second) = (accept("13800138000"), accept("5550001"));
        let of = |number: &str| OrderChange { number: number.into(), owner: "li".into() };
        let (none, all) = ((0, 0), store.last_order_step().unwrap());
        assert_eq!(store.order_changes((0, all), none).unwrap(), [of(&first.number), of(&second.number)]);
        assert_eq!(store.order_changes((all, all), none).unwrap(), []);
        let crew = Submission { unit: "crew 2".into(), ..Submission::of(OrderStep::Dispatch) };
        store.step_order(&Kinds::default(), second.id, crew, &li, 2_000).unwrap();
        assert_eq!(store.order_changes((all, i64::MAX), none).unwrap(), [of(&second.number)]);

        let due = first.due.dispatch_ms.expect("a clock runs from the acceptance on");
        let late = |from: i64, to: i64| store.order_changes((i64::MAX, i64::MAX), (from, to)).unwrap();
        assert_eq!(late(due - 10, due), [], "it has not run out yet");
        assert_eq!(late(due, due + 1), [of(&first.number)], "that of the second was ended by the dispatch");
        assert_eq!(late(due + 1, due + 2), [], "once");
    }
}

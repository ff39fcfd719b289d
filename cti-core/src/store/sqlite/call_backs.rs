//! Requests to be called back, their attempts, and changes of the list from outside.
//!
//! Never: removes a request; one that is over stays with its outcome.

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{SqliteStore, store_error, work_orders};
use crate::acd::ids::CallBackId;
use crate::csta::{CallId, DeviceId};
use crate::store::{
    AttemptOutcome, CallBackAttempt, CallBackOrder, CallBackRecord, CallBackState, StoreError, StoreReply,
};
use crate::work_order::OrderId;
use tipring_driver::line::Number;

/// A request as its row stands, with its attempts.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct CallBackRow {
    pub id: i64,
    pub number: String,
    pub queue: String,
    pub call_id: i32,
    pub asked_ms: i64,
    pub since_ms: i64,
    pub tries: u8,
    pub next_ms: i64,
    pub state: String,
    pub changed_ms: i64,
    pub work_order: i64,
    pub attempts: Vec<CallBackAttemptRow>,
}

/// An attempt as its row stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct CallBackAttemptRow {
    pub at_ms: i64,
    pub agent: String,
    pub call_id: i32,
    pub outcome: String,
}

const COLUMNS: &str = "id, number, queue, call_id, asked_ms, since_ms, tries, next_ms, state, changed_ms, work_order";

impl SqliteStore {
    /// The open requests, oldest first: those that the next run goes on with.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn open_call_backs(&self) -> Result<Vec<CallBackRecord>, StoreError> {
        let rows = self.call_backs(true)?;
        Ok(rows
            .iter()
            .filter_map(|row| Some(CallBackRecord { is_vip: self.is_vip(&row.number), ..record(row)? }))
            .collect())
    }

    /// True for a number of a customer whom the file has as VIP; false as well where the file cannot be read.
    fn is_vip(&self, number: &str) -> bool {
        self.customer(number).ok().flatten().is_some_and(|customer| customer.vip)
    }

    /// The requests, oldest first, with their attempts; the open ones alone if so asked.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn call_backs(&self, open: bool) -> Result<Vec<CallBackRow>, StoreError> {
        read(&self.connection, open).map_err(|error| store_error("reading requests to be called back", &error))
    }

    /// The highest number of a request; 0 if there is none.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn last_call_back(&self) -> Result<u64, StoreError> {
        let last = self.connection.query_row("SELECT COALESCE(MAX(id), 0) FROM call_back", [], |row| row.get(0));
        last.map(|last: i64| last as u64).map_err(|error| store_error("reading the last call-back", &error))
    }

    /// Puts a change of the list down, for the program that runs, or the next one, to take.
    ///
    /// # Errors
    /// The database takes no rows.
    pub fn order_call_back(&mut self, order: &CallBackOrder) -> Result<i64, StoreError> {
        let (act, number, queue, work_order) = match order {
            CallBackOrder::Add { number, queue, work_order, .. } => ("add", number, queue.as_str(), *work_order),
            CallBackOrder::Cancel { number } => ("cancel", number, "", 0),
        };
        self.connection
            .execute(
                "INSERT INTO call_back_order (act, number, queue, work_order) VALUES (?1, ?2, ?3, ?4)",
                params![act, number.as_str(), queue, work_order],
            )
            .map_err(|error| store_error("putting down a change of the call-backs", &error))?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Looks for changes that were put down since the last look; they come as a reply. They stay in the database until
    /// [`Record::CallBackOrdersDone`](crate::store::Record::CallBackOrdersDone) is kept.
    ///
    /// # Errors
    /// The database is not to be had; the changes stay.
    pub fn poll_call_back_orders(&mut self) -> Result<(), StoreError> {
        let (mut orders, last) = orders_after(&self.connection, self.orders_read)
            .map_err(|error| store_error("looking for changes of the call-backs", &error))?;
        for order in &mut orders {
            if let CallBackOrder::Add { number, is_vip, .. } = order {
                *is_vip = self.is_vip(number);
            }
        }
        if !orders.is_empty() {
            self.orders_read = last;
            self.replies.push_back(StoreReply::CallBackOrders { orders, last });
        }
        Ok(())
    }

    /// Count of changes that have not been taken.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn call_back_orders(&self) -> Result<u64, StoreError> {
        let count = self.connection.query_row("SELECT COUNT(*) FROM call_back_order", [], |row| row.get(0));
        count.map(|count: i64| count as u64).map_err(|error| store_error("counting changes of the call-backs", &error))
    }
}

fn orders_after(connection: &Connection, read: i64) -> rusqlite::Result<(Vec<CallBackOrder>, i64)> {
    let (mut orders, mut last) = (Vec::new(), read);
    let mut select = connection
        .prepare_cached("SELECT id, act, number, queue, work_order FROM call_back_order WHERE id > ?1 ORDER BY id")?;
    let mut rows = select.query([read])?;
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let number = Number::from(&row.get::<_, String>(2)?).unwrap_or_default();
        let queue = DeviceId::new(&row.get::<_, String>(3)?).unwrap_or_default();
        orders.push(match row.get::<_, String>(1)?.as_str() {
            "add" => CallBackOrder::Add { number, queue, is_vip: false, work_order: row.get(4)? },
            _ => CallBackOrder::Cancel { number },
        });
    }
    Ok((orders, last))
}

fn read(connection: &Connection, open: bool) -> rusqlite::Result<Vec<CallBackRow>> {
    let only = if open { "WHERE state IN ('waiting', 'trying')" } else { "" };
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM call_back {only} ORDER BY id"))?;
    let mut attempts = connection
        .prepare_cached("SELECT at_ms, agent, call_id, outcome FROM call_back_try WHERE call_back = ?1 ORDER BY id")?;
    let mut all = Vec::new();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let tried = attempts.query_map([id], |row| {
            Ok(CallBackAttemptRow {
                at_ms: row.get(0)?,
                agent: row.get(1)?,
                call_id: row.get(2)?,
                outcome: row.get(3)?,
            })
        })?;
        all.push(CallBackRow {
            id,
            number: row.get(1)?,
            queue: row.get(2)?,
            call_id: row.get(3)?,
            asked_ms: row.get(4)?,
            since_ms: row.get(5)?,
            tries: row.get(6)?,
            next_ms: row.get(7)?,
            state: row.get(8)?,
            changed_ms: row.get(9)?,
            work_order: row.get(10)?,
            attempts: tried.collect::<rusqlite::Result<_>>()?,
        });
    }
    Ok(all)
}

fn record(row: &CallBackRow) -> Option<CallBackRecord> {
    Some(CallBackRecord {
        id: CallBackId(row.id as u64),
        queue: DeviceId::new(&row.queue).ok()?,
        number: Number::from(&row.number).ok()?,
        call: CallId(row.call_id),
        asked: row.asked_ms as u64,
        since: row.since_ms as u64,
        tries: row.tries,
        next: row.next_ms as u64,
        state: CallBackState::of_name(&row.state)?,
        changed: row.changed_ms as u64,
        is_vip: false,
        work_order: row.work_order,
    })
}

pub(super) fn keep(transaction: &Transaction<'_>, record: &CallBackRecord) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(&format!(
            "INSERT OR REPLACE INTO call_back ({COLUMNS}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        ))?
        .execute(params![
            record.id.0 as i64,
            record.number.as_str(),
            record.queue.as_str(),
            record.call.0,
            record.asked as i64,
            record.since as i64,
            record.tries,
            record.next as i64,
            record.state.name(),
            record.changed as i64,
            record.work_order,
        ])
        .map(drop)
}

pub(super) fn keep_attempt(transaction: &Transaction<'_>, attempt: &CallBackAttempt) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "INSERT INTO call_back_try (call_back, at_ms, agent, call_id, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            attempt.id.0 as i64,
            attempt.at as i64,
            attempt.agent.as_str(),
            attempt.call.0,
            attempt.outcome.name(),
        ])?;
    if matches!(attempt.outcome, AttemptOutcome::Answered | AttemptOutcome::Interrupted) {
        return Ok(());
    }
    let select = "SELECT work_order FROM call_back WHERE id = ?1 AND work_order <> 0";
    let mut select = transaction.prepare_cached(select)?;
    let of: Option<i64> = select.query_row([attempt.id.0 as i64], |row| row.get(0)).optional()?;
    let person = if attempt.agent.is_empty() { "call-back" } else { attempt.agent.as_str() };
    match of {
        Some(of) => work_orders::keep_attempt(
            transaction,
            OrderId(of),
            (person, attempt.outcome.name(), attempt.call.0),
            attempt.at as i64,
        ),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Record, Store, StoreId, StoreRequest};

    fn store() -> SqliteStore {
        SqliteStore::open(std::path::Path::new(":memory:"), 0).expect("a database in memory")
    }

    fn keep(store: &mut SqliteStore, record: Record) {
        store.submit(StoreRequest::Keep { id: StoreId(1), records: vec![record] });
        store.commit().expect("kept");
    }

    #[test]
    fn a_request_is_one_row_with_its_attempts_and_is_open_until_it_is_over() {
        let mut store = store();
        let number = Number::from("5551234").expect("short");
        let queue = DeviceId::new("5000").expect("short");
        let waiting = CallBackRecord {
            id: CallBackId(4),
            queue,
            number,
            call: CallId(9),
            asked: 100,
            since: 40,
            tries: 0,
            next: 100,
            state: CallBackState::Waiting,
            changed: 100,
            is_vip: false,
            work_order: 0,
        };
        keep(&mut store, Record::CallBack(Box::new(waiting.clone())));
        assert_eq!(store.open_call_backs().expect("read"), std::slice::from_ref(&waiting));
        let attempt = CallBackAttempt {
            id: CallBackId(4),
            at: 200,
            agent: Default::default(),
            call: CallId(10),
            outcome: AttemptOutcome::Busy,
        };
        keep(&mut store, Record::CallBackAttempt(attempt));
        let over = CallBackRecord { tries: 1, state: CallBackState::GivenUp, changed: 200, ..waiting };
        keep(&mut store, Record::CallBack(Box::new(over)));
        assert_eq!(store.open_call_backs().expect("read"), []);
        let all = store.call_backs(false).expect("read");
        assert_eq!((all.len(), all[0].state.as_str(), all[0].attempts[0].outcome.as_str()), (1, "given-up", "busy"));
        assert_eq!(store.last_call_back().expect("read"), 4);
    }

    #[test]
    fn a_change_from_outside_is_handed_on_once_and_is_gone_when_it_has_been_carried_out() {
        let mut store = store();
        let order = CallBackOrder::Cancel { number: Number::from("5551234").expect("short") };
        let last = store.order_call_back(&order).expect("put down");
        store.poll_call_back_orders().expect("read");
        store.poll_call_back_orders().expect("read");
        assert_eq!(store.poll_reply(), Some(StoreReply::CallBackOrders { orders: vec![order], last }));
        assert_eq!(store.poll_reply(), None);
        assert_eq!(store.call_back_orders().expect("counted"), 1);
        keep(&mut store, Record::CallBackOrdersDone(last));
        assert_eq!(store.call_back_orders().expect("counted"), 0);
        let order = CallBackOrder::Cancel { number: Number::from("5557777").expect("short") };
        let last = store.order_call_back(&order).expect("put down");
        store.poll_call_back_orders().expect("read");
        store.poll_reply().expect("the record is kept");
        assert_eq!(store.poll_reply(), Some(StoreReply::CallBackOrders { orders: vec![order], last }));
    }
}

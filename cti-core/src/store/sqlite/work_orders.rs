//! Work orders and their steps, as they are kept. Each change is one transaction, and safe when it returns.
//!
//! Never: has a rule of orders; those are in [`work_order`](crate::work_order).

use core::fmt;

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, named_params};

mod changes;
mod rows;

pub use changes::OrderChange;

use self::rows::{COLUMNS, open_order, order, read, step, write, write_step};
use super::number_plans::spelled;
use super::{SqliteStore, store_error};
use crate::person::Person;
use crate::store::StoreError;
use crate::work_order::{
    Kinds, OrderId, OrderRequest, OrderState, OrderStep, Refusal, StepRecord, Submission, WorkOrder,
};

/// The outcome of an order that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// An order of its own.
    New(WorkOrder),
    /// The customer has an open order of this kind: the call was linked to it.
    Repeat(WorkOrder),
}

/// The reason why an order was not kept or changed.
#[derive(Debug)]
pub enum OrderError {
    /// The rules refuse it.
    Refused(Refusal),
    /// There is no such order.
    NoOrder(OrderId),
    /// The database failed.
    Store(StoreError),
}

impl fmt::Display for OrderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OrderError::Refused(refusal) => refusal.fmt(f),
            OrderError::NoOrder(order) => write!(f, "there is no order {order}"),
            OrderError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for OrderError {}

impl From<Refusal> for OrderError {
    fn from(refusal: Refusal) -> OrderError {
        OrderError::Refused(refusal)
    }
}

impl From<rusqlite::Error> for OrderError {
    fn from(error: rusqlite::Error) -> OrderError {
        OrderError::Store(store_error("keeping work orders", &error))
    }
}

/// A search for orders: those that meet all conditions.
#[derive(Debug, Clone, Default)]
pub struct OrderQuery {
    /// In this state.
    pub state: Option<OrderState>,
    /// Filed ones as well.
    pub filed: bool,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this owner.
    pub owner: Option<String>,
    /// Of the customer with this number.
    pub number: Option<String>,
    /// With a clock that has run out before this moment, ms since 1970.
    pub late_at: Option<i64>,
    /// Accepted at or after, ms since 1970.
    pub from_ms: Option<i64>,
    /// Accepted before, ms since 1970.
    pub to_ms: Option<i64>,
    /// Most rows; the newest are had. None for all.
    pub limit: Option<u32>,
}

impl SqliteStore {
    /// Takes an order down. While its customer has an open one of the same kind, the call is linked to that instead,
    /// unless a `separate` one is asked for.
    ///
    /// # Errors
    /// The rules refuse it, or the database takes nothing.
    pub fn accept_order(
        &mut self,
        kinds: &Kinds,
        mut request: OrderRequest,
        separate: bool,
        by: &Person,
        now_ms: i64,
    ) -> Result<Accepted, OrderError> {
        request.number = self.numbers.normal_or_same(&request.number).into_owned();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let (mut accepted, first) = WorkOrder::accept(kinds, request, by, now_ms)?;
        let open = match separate || accepted.number.is_empty() {
            true => None,
            false => open_order(&transaction, &accepted.kind, &spelled(&self.numbers, &accepted.number))?,
        };
        if let Some(mut open) = open {
            let repeat = Submission { remark: accepted.text, call: accepted.call, ..Submission::of(OrderStep::Repeat) };
            let step = open.step(kinds, repeat, by, now_ms)?;
            write(&transaction, &open)?;
            write_step(&transaction, open.id, &step)?;
            transaction.commit()?;
            return Ok(Accepted::Repeat(open));
        }
        accepted.id = write(&transaction, &accepted)?;
        write_step(&transaction, accepted.id, &first)?;
        transaction.commit()?;
        Ok(Accepted::New(accepted))
    }

    /// Takes a step of an order. Returns the order as it stands after it.
    ///
    /// # Errors
    /// There is no such order, the rules refuse the step, or the database takes nothing.
    pub fn step_order(
        &mut self,
        kinds: &Kinds,
        id: OrderId,
        given: Submission,
        by: &Person,
        now_ms: i64,
    ) -> Result<WorkOrder, OrderError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut order = read(&transaction, id)?.ok_or(OrderError::NoOrder(id))?;
        let step = order.step(kinds, given, by, now_ms)?;
        write(&transaction, &order)?;
        write_step(&transaction, id, &step)?;
        transaction.commit()?;
        Ok(order)
    }

    /// Returns an order.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn order(&self, id: OrderId) -> Result<Option<WorkOrder>, StoreError> {
        read(&self.connection, id).map_err(|error| store_error("reading a work order", &error))
    }

    /// Returns the orders of a search, the newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn orders(&self, query: &OrderQuery) -> Result<Vec<WorkOrder>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading work orders", &error);
        let select = format!(
            "SELECT {COLUMNS} FROM work_order WHERE (:state IS NULL OR state = :state) AND (:filed OR state <> 'filed') \
             AND (:kind IS NULL OR kind = :kind) AND (:owner IS NULL OR owner = :owner) \
             AND (:number IS NULL OR number IN (SELECT value FROM json_each(:number))) \
             AND (:late IS NULL OR dispatch_due_ms < :late OR answer_due_ms < :late OR try_due_ms < :late \
             OR revisit_due_ms < :late) \
             AND accepted_ms >= :from AND accepted_ms < :to ORDER BY id DESC LIMIT :limit"
        );
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let rows = select.query_map(
            named_params! {
                ":state": query.state.map(OrderState::name),
                ":filed": query.filed || query.state == Some(OrderState::Filed),
                ":kind": query.kind,
                ":owner": query.owner,
                ":number": query.number.as_ref().map(|number| spelled(&self.numbers, number)),
                ":late": query.late_at,
                ":from": query.from_ms.unwrap_or(i64::MIN),
                ":to": query.to_ms.unwrap_or(i64::MAX),
                ":limit": query.limit.map_or(-1, i64::from),
            },
            order,
        );
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Adds the orders about a number, in any of its spellings, that are not filed.
    pub(super) fn open_orders_of(&self, spellings: &[String], orders: &mut Vec<WorkOrder>) -> rusqlite::Result<()> {
        let select =
            format!("SELECT {COLUMNS} FROM work_order WHERE number = ?1 AND state <> 'filed' ORDER BY id DESC");
        let mut select = self.connection.prepare_cached(&select)?;
        for spelling in spellings {
            for each in select.query_map([spelling], order)? {
                orders.push(each?);
            }
        }
        Ok(())
    }

    /// Returns the orders one of whose clocks has run out before a moment, the oldest limit first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn late_orders(&self, now_ms: i64) -> Result<Vec<WorkOrder>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading late work orders", &error);
        let select = format!(
            "SELECT {COLUMNS} FROM work_order WHERE (dispatch_due_ms IS NOT NULL OR answer_due_ms IS NOT NULL \
             OR try_due_ms IS NOT NULL OR revisit_due_ms IS NOT NULL) \
             AND (dispatch_due_ms < ?1 OR answer_due_ms < ?1 OR try_due_ms < ?1 OR revisit_due_ms < ?1) ORDER BY id"
        );
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let rows = select.query_map([now_ms], order);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Returns the steps of an order, oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn order_steps(&self, id: OrderId) -> Result<Vec<StepRecord>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the steps of a work order", &error);
        let select = "SELECT * FROM work_order_step WHERE work_order = ?1 ORDER BY id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([id.0], step);
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Gives every step taken before a moment, with its order and the order's kind, in the order in which they were
    /// taken.
    ///
    /// # Errors
    /// The database cannot be read; steps before have been given.
    pub fn each_order_step(&self, to_ms: i64, mut f: impl FnMut(OrderId, &str, &StepRecord)) -> Result<(), StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading the steps of work orders", &error);
        let select = "SELECT s.*, o.kind AS kind FROM work_order_step AS s JOIN work_order AS o ON o.id = s.work_order \
                      WHERE s.at_ms < ?1 ORDER BY s.at_ms, s.id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let mut rows = select.query([to_ms]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let kind: String = row.get("kind").map_err(fail)?;
            f(OrderId(row.get("work_order").map_err(fail)?), &kind, &step(row).map_err(fail)?);
        }
        Ok(())
    }

    /// Returns the moments of the first and the last step; none if no order was ever taken down.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn order_span(&self) -> Result<Option<(i64, i64)>, StoreError> {
        let select = "SELECT MIN(at_ms), MAX(at_ms) FROM work_order_step HAVING COUNT(*) > 0";
        let span = self.connection.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        span.map_err(|error| store_error("reading the span of work orders", &error))
    }
}

/// An attempt to call a customer back about an order was in vain: a try of the order, if it still waits for the
/// customer's word.
pub(super) fn keep_attempt(
    transaction: &Transaction<'_>,
    id: OrderId,
    (person, reason, call): (&str, &str, i32),
    at_ms: i64,
) -> rusqlite::Result<()> {
    let Some(mut order) = read(transaction, id)? else { return Ok(()) };
    let by = Person { name: person.to_owned(), is_supervisor: false };
    let given = Submission {
        remark: "called about the result".to_owned(),
        reason: reason.to_owned(),
        call,
        ..Submission::of(OrderStep::Try)
    };
    // The order may have been revisited or begun anew meanwhile.
    if let Ok(step) = order.step(&Kinds::default(), given, &by, at_ms) {
        write(transaction, &order)?;
        write_step(transaction, id, &step)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

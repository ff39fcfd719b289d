//! The rows from which the card of a caller is made. Every part walks an index.
//!
//! Each spelling of a number is looked for by itself: most numbers have one, and an index gives its calls in their
//! order.
//!
//! Never: reads more rows of calls than [`CALLS_MAX`] a spelling of a number.

use rusqlite::{Row, params};
use tipring_driver::line::Number;

use crate::csta::customer_card::CustomerCard;
use crate::customer::{CALLS_MAX, CardCall, CardMessage, Customer, card};
use crate::store::sqlite::{SqliteStore, store_error};
use crate::store::{StoreError, StoreId, StoreReply};

/// Samples of a message in a second.
const SAMPLES_A_SECOND: i64 = tipring_driver::time::SAMPLE_RATE_HZ as i64;

/// The last calls with a number in a column, of one direction.
macro_rules! calls {
    ($column:literal, $direction:literal) => {
        concat!(
            "SELECT offered_ms, direction = 'inbound', outcome, queue, agent, talk_ms FROM call WHERE ",
            $column,
            " = ?1 AND ",
            $column,
            " <> '' AND direction = '",
            $direction,
            "' ORDER BY offered_ms DESC LIMIT ?2"
        )
    };
}

/// Calls from a number, and to one.
const CALLS: [&str; 2] = [calls!("caller", "inbound"), calls!("called", "outbound")];

fn call(row: &Row<'_>) -> rusqlite::Result<CardCall> {
    Ok(CardCall {
        at_ms: row.get(0)?,
        is_inbound: row.get(1)?,
        outcome: row.get(2)?,
        queue: row.get(3)?,
        agent: row.get(4)?,
        talk_ms: row.get(5)?,
    })
}

fn message(row: &Row<'_>) -> rusqlite::Result<CardMessage> {
    let samples: i64 = row.get(3)?;
    Ok(CardMessage { id: row.get(0)?, at_ms: row.get(1)?, mailbox: row.get(2)?, seconds: samples / SAMPLES_A_SECOND })
}

impl SqliteStore {
    /// Answers the look-ups that have come, all from one state of the database: its locks are taken once for them.
    pub(in crate::store::sqlite) fn look_up(&mut self) {
        if self.look_ups.is_empty() {
            return;
        }
        let asked = core::mem::take(&mut self.look_ups);
        let failed = |id, number: &Number, error: &StoreError| {
            let why = format!("Looking up {number} failed: {error}");
            StoreReply::Failed { id, why }
        };
        let found = |&(id, ref number): &(StoreId, Number)| -> Result<StoreReply, StoreError> {
            let known = self.customer_of(number)?;
            let card = Box::new(self.customer_card(known.as_ref(), number)?);
            Ok(StoreReply::Customer { id, customer: known, card })
        };
        let each = |ask: &(StoreId, Number)| found(ask).unwrap_or_else(|error| failed(ask.0, &ask.1, &error));
        let all = self.reading(|| Ok(asked.iter().map(each).collect::<Vec<_>>()));
        let all = all.unwrap_or_else(|error| asked.iter().map(|(id, number)| failed(*id, number, &error)).collect());
        self.replies.extend(all);
    }

    /// Returns the card of a caller: of all numbers of a customer, or of a number that is not in the file.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_card(&self, customer: Option<&Customer>, number: &str) -> Result<CustomerCard, StoreError> {
        let alone = [number.to_owned()];
        let numbers = customer.map_or(&alone[..], |customer| &customer.numbers);
        let (mut calls, mut orders, mut messages) = (Vec::new(), Vec::new(), Vec::new());
        for number in numbers.iter().filter(|number| !number.is_empty()) {
            let spellings = self.numbers.spellings(number);
            self.calls_with(&spellings, &mut calls)
                .and_then(|()| self.messages_of(&spellings, &mut messages))
                .and_then(|()| self.open_orders_of(&spellings, &mut orders))
                .map_err(|error| store_error("reading a customer's card", &error))?;
        }
        newest(&mut calls, CALLS_MAX);
        orders.sort_by_key(|order| core::cmp::Reverse(order.id));
        messages.sort_by_key(|message| core::cmp::Reverse(message.at_ms));
        Ok(card(customer, &calls, &orders, &messages))
    }

    /// Returns the last calls from and to all numbers of a customer, or a number that is not in the file, newest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_calls(
        &self,
        customer: Option<&Customer>,
        number: &str,
        most: usize,
    ) -> Result<Vec<CardCall>, StoreError> {
        let alone = [number.to_owned()];
        let numbers = customer.map_or(&alone[..], |customer| &customer.numbers);
        let mut calls = Vec::new();
        for number in numbers.iter().filter(|number| !number.is_empty()) {
            let read = self.calls_with(&self.numbers.spellings(number), &mut calls);
            read.map_err(|error| store_error("reading a customer's calls", &error))?;
        }
        newest(&mut calls, most);
        Ok(calls)
    }

    fn calls_with(&self, spellings: &[String], calls: &mut Vec<CardCall>) -> rusqlite::Result<()> {
        for select in CALLS {
            let mut select = self.connection.prepare_cached(select)?;
            for spelling in spellings {
                for each in select.query_map(params![spelling, CALLS_MAX as i64], call)? {
                    calls.push(each?);
                }
            }
        }
        Ok(())
    }

    fn messages_of(&self, spellings: &[String], messages: &mut Vec<CardMessage>) -> rusqlite::Result<()> {
        let select = "SELECT id, at_ms, mailbox, samples FROM message WHERE caller = ?1 AND state IN ('new', 'heard')";
        let mut select = self.connection.prepare_cached(select)?;
        for spelling in spellings {
            for each in select.query_map([spelling], message)? {
                messages.push(each?);
            }
        }
        Ok(())
    }
}

/// Leaves the newest calls, in order.
fn newest(calls: &mut Vec<CardCall>, most: usize) {
    calls.sort_by_key(|call| core::cmp::Reverse(call.at_ms));
    calls.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::Folder;
    use super::*;

    #[test]
    fn the_calls_of_a_number_are_found_by_an_index_in_their_order() {
        let folder = Folder::new("card-plan");
        let store = SqliteStore::open(&folder.database(), 0).unwrap();
        for (select, index) in CALLS.into_iter().zip(["call_by_caller", "call_out_by_called"]) {
            let mut plan = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {select}")).unwrap();
            let plan: Vec<String> = plan
                .query_map(params!["13800138000", 100], |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert!(plan.len() == 1 && plan[0].contains(index), "{plan:?}");
        }
    }
}

//! The file of customers as it is kept: looked up, found, changed, merged, imported. Each change is one transaction,
//! and safe when it returns; an import is one for each [`IMPORT_GROUP`] rows, so that calls are recorded between.
//!
//! Never: has a rule of customers; those are in [`customer`](crate::customer).

use core::fmt;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::number_plans::spelled;
use super::{SqliteStore, store_error};
use crate::customer::{Customer, CustomerChange, CustomerId, CustomerRefusal};
use crate::number_plan::NumberPlan;
use crate::store::StoreError;

mod cards;

/// Rows of an import that are committed together.
const IMPORT_GROUP: usize = 500;

/// The reason why a customer was not kept or changed.
#[derive(Debug)]
pub enum CustomerError {
    /// The rules refuse it.
    Refused(CustomerRefusal),
    /// The database failed.
    Store(StoreError),
}

impl fmt::Display for CustomerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CustomerError::Refused(refusal) => refusal.fmt(f),
            CustomerError::Store(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CustomerError {}

impl From<CustomerRefusal> for CustomerError {
    fn from(refusal: CustomerRefusal) -> CustomerError {
        CustomerError::Refused(refusal)
    }
}

impl From<rusqlite::Error> for CustomerError {
    fn from(error: rusqlite::Error) -> CustomerError {
        CustomerError::Store(store_error("keeping customers", &error))
    }
}

/// Counts of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Customers that are new.
    pub added: usize,
    /// Customers that were changed.
    pub changed: usize,
    /// Rows that said what was known.
    pub same: usize,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Imported { added, changed, same } = self;
        write!(f, "{} rows of customers read: {added} added, {changed} changed, {same} known", added + changed + same)
    }
}

/// Rows from outside that are being taken in, a group at a time.
#[derive(Debug)]
pub struct CustomersImport {
    rows: Vec<CustomerChange>,
    /// The first row that is not kept.
    next: usize,
    person: String,
    counts: Imported,
}

impl CustomersImport {
    /// An import that has not begun, on record as by a person.
    pub fn new(rows: Vec<CustomerChange>, person: &str) -> CustomersImport {
        CustomersImport { rows, next: 0, person: person.to_owned(), counts: Imported::default() }
    }

    /// The counts so far.
    pub const fn counts(&self) -> Imported {
        self.counts
    }
}

/// A change of a customer that is on record.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[expect(missing_docs, reason = "the columns are explained where they are made")]
pub struct CustomerChangeRow {
    pub at_ms: i64,
    pub person: String,
    pub what: String,
}

const COLUMNS: &str = "id, name, account, address, language, region, vip, notes";

fn entry(row: &Row<'_>) -> rusqlite::Result<Customer> {
    Ok(Customer {
        id: CustomerId(row.get(0)?),
        numbers: Vec::new(),
        name: row.get(1)?,
        account: row.get(2)?,
        address: row.get(3)?,
        language: row.get(4)?,
        region: row.get(5)?,
        vip: row.get(6)?,
        notes: row.get(7)?,
    })
}

fn read(connection: &Connection, id: CustomerId, plan: &NumberPlan) -> rusqlite::Result<Option<Customer>> {
    let select = format!("SELECT {COLUMNS} FROM customer_entry WHERE id = ?1");
    let found = connection.prepare_cached(&select)?.query_row([id.0], entry).optional()?;
    found.map(|customer| with_numbers(connection, customer, plan)).transpose()
}

fn with_numbers(connection: &Connection, mut customer: Customer, plan: &NumberPlan) -> rusqlite::Result<Customer> {
    let select = "SELECT number FROM customer_number WHERE customer = ?1 ORDER BY place, number";
    let mut select = connection.prepare_cached(select)?;
    let numbers = select.query_map([customer.id.0], |row| row.get::<_, String>(0))?;
    for number in numbers {
        let number = plan.normal_or_same(&number?).into_owned();
        if !customer.numbers.contains(&number) {
            customer.numbers.push(number);
        }
    }
    Ok(customer)
}

fn owner(connection: &Connection, number: &str, plan: &NumberPlan) -> rusqlite::Result<Option<CustomerId>> {
    let mut select = connection.prepare_cached("SELECT customer FROM customer_number WHERE number = ?1")?;
    let mut owner = |spelling: &String| select.query_row([spelling], |row| row.get(0).map(CustomerId)).optional();
    plan.spellings(number).iter().find_map(|spelling| owner(spelling).transpose()).transpose()
}

impl SqliteStore {
    /// Returns the customer with a number, in any form.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_of(&self, number: &str) -> Result<Option<Customer>, StoreError> {
        self.customer(number).map_err(|error| store_error("reading a customer", &error))
    }

    pub(super) fn customer(&self, number: &str) -> rusqlite::Result<Option<Customer>> {
        let Some(number) = self.numbers.normal(number) else { return Ok(None) };
        match owner(&self.connection, &number, &self.numbers)? {
            Some(id) => read(&self.connection, id, &self.numbers),
            None => Ok(None),
        }
    }

    /// Returns a customer.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_by_id(&self, id: CustomerId) -> Result<Option<Customer>, StoreError> {
        read(&self.connection, id, &self.numbers).map_err(|error| store_error("reading a customer", &error))
    }

    /// Returns customers one of whose numbers, whose name or whose account begins with a text, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn find_customers(&self, text: &str, limit: u32) -> Result<Vec<Customer>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("searching customers", &error);
        // Each part walks an index from the first that begins so, and no further than the limit.
        let select = "SELECT * FROM (SELECT customer FROM customer_number \
                      WHERE number >= ?1 AND number < ?1 || char(0x10FFFF) AND ?1 <> '' LIMIT ?3) \
                      UNION SELECT * FROM (SELECT id FROM customer_entry \
                      WHERE name >= ?2 AND name < ?2 || char(0x10FFFF) LIMIT ?3) \
                      UNION SELECT * FROM (SELECT id FROM customer_entry \
                      WHERE account >= ?2 AND account < ?2 || char(0x10FFFF) LIMIT ?3) \
                      ORDER BY 1 LIMIT ?3";
        let (number, text) = (self.numbers.normal(text).unwrap_or_default(), text.trim());
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let ids = select.query_map(params![number, text, limit], |row| row.get(0).map(CustomerId)).map_err(fail)?;
        let mut ids = ids.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let whole = owner(&self.connection, &number, &self.numbers).map_err(fail)?;
        ids.extend(whole.filter(|id| !ids.contains(id)));
        ids.truncate(limit as usize);
        let found = ids.into_iter().map(|id| read(&self.connection, id, &self.numbers));
        Ok(found.collect::<Result<Vec<_>, _>>().map_err(fail)?.into_iter().flatten().collect())
    }

    /// Gives every customer, in the order in which they were added.
    ///
    /// # Errors
    /// The database cannot be read, or `f` fails.
    pub fn each_customer<E: From<StoreError>>(&self, mut f: impl FnMut(Customer) -> Result<(), E>) -> Result<(), E> {
        let fail = |error: rusqlite::Error| store_error("reading customers", &error);
        let select = format!("SELECT {COLUMNS} FROM customer_entry ORDER BY id");
        let mut select = self.connection.prepare_cached(&select).map_err(fail)?;
        let mut rows = select.query([]).map_err(fail)?;
        while let Some(row) = rows.next().map_err(fail)? {
            let customer = entry(row).and_then(|customer| with_numbers(&self.connection, customer, &self.numbers));
            f(customer.map_err(fail)?)?;
        }
        Ok(())
    }

    /// Returns the changes of a customer that are on record, the oldest first.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn customer_changes(&self, id: CustomerId) -> Result<Vec<CustomerChangeRow>, StoreError> {
        let fail = |error: rusqlite::Error| store_error("reading changes of a customer", &error);
        let select = "SELECT at_ms, person, what FROM customer_change WHERE customer = ?1 ORDER BY id";
        let mut select = self.connection.prepare_cached(select).map_err(fail)?;
        let rows = select.query_map([id.0], |row| {
            Ok(CustomerChangeRow { at_ms: row.get(0)?, person: row.get(1)?, what: row.get(2)? })
        });
        rows.and_then(Iterator::collect).map_err(fail)
    }

    /// Changes a customer, or with no `id` puts a new one in. Returns the customer as it stands.
    ///
    /// # Errors
    /// There is no such customer, the rules refuse the change, a number is another customer's, or the database takes
    /// nothing.
    pub fn change_customer(
        &mut self,
        id: Option<CustomerId>,
        change: &CustomerChange,
        person: &str,
        now_ms: i64,
    ) -> Result<Customer, CustomerError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut customer = match id {
            Some(id) => read(&transaction, id, &self.numbers)?.ok_or(CustomerRefusal::NotKnown(id))?,
            None => Customer::default(),
        };
        let changes = customer.change(change, &self.numbers)?;
        for number in &customer.numbers {
            if let Some(of) = owner(&transaction, number, &self.numbers)?.filter(|of| *of != customer.id) {
                return Err(CustomerRefusal::Taken { number: number.clone(), of }.into());
            }
        }
        write(&transaction, &mut customer, &self.numbers)?;
        write_changes(&transaction, customer.id, &changes, person, now_ms)?;
        transaction.commit()?;
        Ok(customer)
    }

    /// Merges a customer into another, which keeps its identifier; the first is no more. Returns the other one.
    ///
    /// # Errors
    /// There is no such customer, they are one, together they have too much, or the database takes nothing.
    pub fn merge_customers(
        &mut self,
        from: CustomerId,
        into: CustomerId,
        person: &str,
        now_ms: i64,
    ) -> Result<Customer, CustomerError> {
        if from == into {
            return Err(CustomerRefusal::Same(into).into());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let gone = read(&transaction, from, &self.numbers)?.ok_or(CustomerRefusal::NotKnown(from))?;
        let mut customer = read(&transaction, into, &self.numbers)?.ok_or(CustomerRefusal::NotKnown(into))?;
        let mut changes = vec![format!("{from} merged into it")];
        changes.extend(customer.absorb(gone)?);
        transaction.execute("DELETE FROM customer_entry WHERE id = ?1", [from.0])?;
        write(&transaction, &mut customer, &self.numbers)?;
        write_changes(&transaction, from, &[format!("merged into {into}")], person, now_ms)?;
        write_changes(&transaction, into, &changes, person, now_ms)?;
        transaction.commit()?;
        Ok(customer)
    }

    /// Takes rows from outside in. A row changes the customer that has one of its numbers, if the row is about that one
    /// ([`Customer::is_meant_by`]), else the one of the same name and account, else it is a new one. Numbers are the
    /// row's from then on.
    ///
    /// # Errors
    /// The rules refuse a row, or the database takes nothing; groups of rows before it are kept.
    pub fn import_customers(
        &mut self,
        rows: impl IntoIterator<Item = CustomerChange>,
        person: &str,
        now_ms: i64,
    ) -> Result<Imported, CustomerError> {
        let mut import = CustomersImport::new(rows.into_iter().collect(), person);
        while self.import_group(&mut import, now_ms)? {}
        Ok(import.counts)
    }

    /// Takes the next group of rows in. Returns false if none is left.
    ///
    /// # Errors
    /// As of [`import_customers`](SqliteStore::import_customers).
    pub fn import_group(&mut self, import: &mut CustomersImport, now_ms: i64) -> Result<bool, CustomerError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut counts = import.counts;
        let end = import.rows.len().min(import.next + IMPORT_GROUP);
        for row in &import.rows[import.next..end] {
            take_in(&transaction, row, &mut counts, (&import.person, now_ms), &self.numbers)?;
        }
        transaction.commit()?;
        (import.counts, import.next) = (counts, end);
        Ok(end < import.rows.len())
    }
}

fn take_in(
    transaction: &Transaction<'_>,
    row: &CustomerChange,
    imported: &mut Imported,
    (person, now_ms): (&str, i64),
    plan: &NumberPlan,
) -> Result<(), CustomerError> {
    let mut found = None;
    for number in row.numbers.iter().filter_map(|number| plan.normal(number)) {
        if found.is_none()
            && let Some(id) = owner(transaction, &number, plan)?
        {
            found = read(transaction, id, plan)?.filter(|customer| customer.is_meant_by(row));
        }
    }
    if found.is_none()
        && let (Some(name), Some(account)) = (&row.name, &row.account)
        && (!account.trim().is_empty() || row.numbers.is_empty())
    {
        let select = "SELECT id FROM customer_entry WHERE account = ?1 AND name = ?2 ORDER BY id LIMIT 1";
        let id = transaction
            .prepare_cached(select)?
            .query_row([account.trim(), name.trim()], |row| row.get(0).map(CustomerId))
            .optional()?;
        found = id.map(|id| read(transaction, id, plan)).transpose()?.flatten();
    }
    let is_new = found.is_none();
    let mut customer = found.unwrap_or_default();
    let changes = customer.change(row, plan)?;
    if is_new {
        imported.added += 1;
    } else if changes.is_empty() {
        imported.same += 1;
        return Ok(());
    } else {
        imported.changed += 1;
        write_changes(transaction, customer.id, &changes, person, now_ms)?;
    }
    Ok(write(transaction, &mut customer, plan)?)
}

/// Writes a customer with its numbers, which are no other customer's afterwards. A new one has its identifier then.
fn write(transaction: &Transaction<'_>, customer: &mut Customer, plan: &NumberPlan) -> rusqlite::Result<()> {
    let insert = format!(
        "INSERT INTO customer_entry ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO UPDATE SET \
         name = excluded.name, account = excluded.account, address = excluded.address, language = excluded.language, \
         region = excluded.region, vip = excluded.vip, notes = excluded.notes"
    );
    let id = Some(customer.id.0).filter(|id| *id != 0);
    let Customer { name, account, address, language, region, vip, notes, .. } = &*customer;
    transaction.prepare_cached(&insert)?.execute(params![id, name, account, address, language, region, vip, notes])?;
    match id {
        None => customer.id = CustomerId(transaction.last_insert_rowid()),
        Some(id) => {
            transaction.prepare_cached("DELETE FROM customer_number WHERE customer = ?1")?.execute([id])?;
        }
    }
    let mut insert = transaction
        .prepare_cached("INSERT OR REPLACE INTO customer_number (number, customer, place) VALUES (?1, ?2, ?3)")?;
    // Another customer's number, in whatever spelling it was kept.
    let mut remove =
        transaction.prepare_cached("DELETE FROM customer_number WHERE number IN (SELECT value FROM json_each(?1))")?;
    for (place, number) in customer.numbers.iter().enumerate() {
        remove.execute([spelled(plan, number)])?;
        insert.execute(params![number, customer.id.0, place as i64])?;
    }
    Ok(())
}

fn write_changes(
    transaction: &Transaction<'_>,
    id: CustomerId,
    changes: &[String],
    person: &str,
    now_ms: i64,
) -> rusqlite::Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    transaction
        .prepare_cached("INSERT INTO customer_change (customer, at_ms, person, what) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![id.0, now_ms, person, changes.join("; ")])
        .map(drop)
}

#[cfg(test)]
mod tests;

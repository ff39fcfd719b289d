//! The file of customers as CSV: read for an import, written as an export, and the row that both have.
//!
//! | column | content |
//! |---|---|
//! | `number` | the numbers, with `;` between them, in any form |
//! | `name`, `account` | |
//! | `address`, `language`, `region`, `notes` | may be left out: what is known stays |
//! | `vip` | `yes` or `no`; may be left out |
//!
//! Never: has a rule of customers; those are in `tipring_core::customer`.

use std::path::Path;

use serde::Serialize;
use tipring_core::csta::customer_card::CustomerCard;
use tipring_core::customer::{Customer, CustomerChange};
use tipring_core::number_plan::NumberPlan;

use crate::config::fault::Fault;
use crate::failure::Failure;

/// The person on record for a change by a file.
pub const BY_IMPORT: &str = "import";

/// Columns that every file of customers has.
const NEEDED: [&str; 3] = ["number", "name", "account"];
/// Faults of a file that are listed; a file with more is of another kind.
const FAULTS_MAX: usize = 20;

/// A customer as listed and exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CustomerRow {
    /// The identifier, as C17.
    pub customer: String,
    /// The numbers, with `;` between them.
    pub number: String,
    /// The name.
    pub name: String,
    /// The account.
    pub account: String,
    /// The address.
    pub address: String,
    /// The language.
    pub language: String,
    /// `yes` or `no`.
    pub vip: &'static str,
    /// The region.
    pub region: String,
    /// The notes.
    pub notes: String,
}

impl From<Customer> for CustomerRow {
    fn from(customer: Customer) -> CustomerRow {
        let Customer { id, numbers, name, account, address, language, region, vip, notes } = customer;
        CustomerRow {
            customer: id.to_string(),
            number: numbers.join(";"),
            name,
            account,
            address,
            language,
            vip: if vip { "yes" } else { "no" },
            region,
            notes,
        }
    }
}

/// The counts of a card in words; empty for one without any.
pub fn card_words(card: &CustomerCard) -> String {
    let counts = [
        ("calls", card.calls),
        ("missed", card.missed),
        ("open orders", card.orders),
        ("open messages", card.messages),
    ];
    let some = counts.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{name} {count}"));
    some.collect::<Vec<_>>().join(", ")
}

/// Reads a file of customers for an import.
///
/// # Errors
/// The first fault of the file, as a sentence.
pub fn read_customers(path: &Path) -> Result<Vec<CustomerChange>, Failure> {
    let mut customers = Vec::new();
    match scan(path, 1, |customer| customers.push(customer)).first() {
        Some(fault) => Err(format!("The customers cannot be read: {fault}").into()),
        None => Ok(customers),
    }
}

/// Finds the faults of a file of customers.
pub fn check_customers(path: &Path) -> Vec<Fault> {
    scan(path, FAULTS_MAX, drop)
}

/// Passes rows on as they are read, until that number of faults is found. Returns the faults.
fn scan(path: &Path, most: usize, mut found: impl FnMut(CustomerChange)) -> Vec<Fault> {
    let fault = |error: csv::Error| {
        let line = error.position().map(|position| position.line() as usize);
        let text = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} columns stand here, the first line has {expected_len}; put text with commas in quotes")
            }
            csv::ErrorKind::Utf8 { .. } => "this line is not UTF-8; write the file again in UTF-8".to_owned(),
            _ => error.to_string(),
        };
        Fault::of(path, line, text)
    };
    let mut reader = match csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path) {
        Ok(reader) => reader,
        Err(error) => return vec![fault(error)],
    };
    let headers = match reader.headers() {
        Ok(headers) => headers.clone(),
        Err(error) => return vec![fault(error)],
    };
    let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
    let missing: Vec<_> = NEEDED.into_iter().filter(|name| column(name).is_none()).collect();
    if !missing.is_empty() {
        let text = format!("there is no column {}; number, name and account are wanted", missing.join(", "));
        return vec![Fault::of(path, Some(1), text)];
    }
    let columns = Columns {
        number: column("number"),
        name: column("name"),
        account: column("account"),
        address: column("address"),
        language: column("language"),
        region: column("region"),
        vip: column("vip"),
        notes: column("notes"),
    };
    let mut faults = Vec::new();
    for row in reader.records() {
        match row.map_err(fault) {
            Ok(row) if row.iter().all(str::is_empty) => {}
            Ok(row) => match columns.change(&row) {
                Ok(change) => found(change),
                Err(why) => {
                    let line = row.position().map(|position| position.line() as usize);
                    faults.push(Fault::of(path, line, why));
                }
            },
            Err(fault) => faults.push(fault),
        }
        if faults.len() >= most {
            break;
        }
    }
    faults
}

/// Places of columns in a file.
struct Columns {
    number: Option<usize>,
    name: Option<usize>,
    account: Option<usize>,
    address: Option<usize>,
    language: Option<usize>,
    region: Option<usize>,
    vip: Option<usize>,
    notes: Option<usize>,
}

impl Columns {
    /// The change that a row is. The error is a sentence.
    fn change(&self, row: &csv::StringRecord) -> Result<CustomerChange, String> {
        let text = |at: Option<usize>| at.and_then(|at| row.get(at)).map(str::to_owned);
        let numbers = text(self.number).unwrap_or_default();
        let vip = match text(self.vip).unwrap_or_default().to_ascii_lowercase().as_str() {
            "" => None,
            "yes" | "true" | "1" => Some(true),
            "no" | "false" | "0" => Some(false),
            other => return Err(format!("vip is yes or no, not {other:?}")),
        };
        let change = CustomerChange {
            numbers: numbers.split(';').map(str::trim).filter(|number| !number.is_empty()).map(str::to_owned).collect(),
            without: Vec::new(),
            name: text(self.name),
            account: text(self.account),
            address: text(self.address),
            language: text(self.language),
            region: text(self.region),
            vip,
            notes: text(self.notes),
        };
        // A row that no customer could be made of is a fault of the file, found before the first row is kept.
        Customer::default().change(&change, &NumberPlan::default()).map_err(|refusal| refusal.to_string())?;
        Ok(change)
    }
}

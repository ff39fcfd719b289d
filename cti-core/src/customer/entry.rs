//! A customer, and the functions that change one: a change, a row from outside, a merger.
//!
//! Never: accepts a number that is not in its normal form, or cuts a text.

use core::fmt;

use super::number::CustomerId;
use crate::flow::say::Language;
use crate::number_plan::NumberPlan;

/// Most numbers of a customer.
pub const NUMBERS_MAX: usize = 16;
/// Most characters of the notes.
const NOTES_MAX: usize = 2_000;
/// Most characters of the name and the address.
const TEXT_MAX: usize = 200;
/// Most characters of the account and the region.
const WORD_MAX: usize = 64;

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Customer {
    /// The identifier; 0 before the store has it.
    pub id: CustomerId,
    /// The numbers in their normal form, in the order in which they were added.
    pub numbers: Vec<String>,
    /// The name.
    pub name: String,
    /// The account, of the site's own business.
    pub account: String,
    /// The address.
    pub address: String,
    /// The language: the name of one of the phrases' folders, or empty.
    pub language: String,
    /// The region, as notices have it.
    pub region: String,
    /// Goes before others (绿色通道).
    pub vip: bool,
    /// Notes for agents.
    pub notes: String,
}

/// A change of a customer: what is none stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CustomerChange {
    /// Numbers to add, in any form.
    pub numbers: Vec<String>,
    /// Numbers to remove, in any form.
    pub without: Vec<String>,
    /// The name.
    pub name: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// The language.
    pub language: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Goes before others.
    pub vip: Option<bool>,
    /// The notes.
    pub notes: Option<String>,
}

/// The reason why a customer is not kept or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomerRefusal {
    /// A text is no number.
    Number(String),
    /// More numbers than a customer has.
    TooManyNumbers,
    /// A field is too long: its name and the most characters.
    TooLong(&'static str, usize),
    /// There is no such language.
    Language(String),
    /// There is neither a number nor a name nor an account.
    Empty,
    /// A number is another customer's.
    Taken {
        /// The number.
        number: String,
        /// Its customer.
        of: CustomerId,
    },
    /// There is no such customer.
    NotKnown(CustomerId),
    /// A customer cannot be merged with itself.
    Same(CustomerId),
}

impl fmt::Display for CustomerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CustomerRefusal::Number(text) => {
                write!(f, "{text:?} is no number: digits are wanted; spaces, hyphens, brackets and + count for nothing")
            }
            CustomerRefusal::TooManyNumbers => write!(f, "a customer has at most {NUMBERS_MAX} numbers"),
            CustomerRefusal::TooLong(field, most) => write!(f, "{field} has at most {most} characters"),
            CustomerRefusal::Language(name) => {
                let known = Language::ALL.map(Language::folder).join(", ");
                write!(f, "there is no language {name:?}; there are {known}")
            }
            CustomerRefusal::Empty => write!(f, "a customer needs a number, a name or an account"),
            CustomerRefusal::Taken { number, of } => {
                write!(f, "{number} is a number of customer {of}; merge the two, or remove it there first")
            }
            CustomerRefusal::NotKnown(id) => write!(f, "there is no customer {id}"),
            CustomerRefusal::Same(id) => write!(f, "{id} is one customer already; a merger needs two"),
        }
    }
}

impl std::error::Error for CustomerRefusal {}

fn normal(numbers: &[String], plan: &NumberPlan) -> Result<Vec<String>, CustomerRefusal> {
    let each = |text: &String| plan.normal(text).ok_or_else(|| CustomerRefusal::Number(text.clone()));
    numbers.iter().map(each).collect()
}

/// Puts a new value in place. Adds what has changed to the list.
fn put(changes: &mut Vec<String>, field: &'static str, at: &mut String, value: String) {
    if *at != value {
        changes.push(format!("{field}: {at:?} to {value:?}"));
        *at = value;
    }
}

impl Customer {
    /// Carries a change out. Returns what has changed, a sentence a field; nothing is changed if it is refused.
    ///
    /// # Errors
    /// A number that is none, a text that is too long, a language that there is not, or nothing to know a customer by.
    pub fn change(&mut self, change: &CustomerChange, plan: &NumberPlan) -> Result<Vec<String>, CustomerRefusal> {
        let (added, removed) = (normal(&change.numbers, plan)?, normal(&change.without, plan)?);
        let mut next = self.clone();
        let mut changes = Vec::new();
        let texts = [
            ("name", &mut next.name, &change.name, TEXT_MAX),
            ("account", &mut next.account, &change.account, WORD_MAX),
            ("address", &mut next.address, &change.address, TEXT_MAX),
            ("language", &mut next.language, &change.language, WORD_MAX),
            ("region", &mut next.region, &change.region, WORD_MAX),
            ("notes", &mut next.notes, &change.notes, NOTES_MAX),
        ];
        for (field, at, value, most) in texts {
            let Some(value) = value.as_deref().map(str::trim) else { continue };
            if value.chars().count() > most {
                return Err(CustomerRefusal::TooLong(field, most));
            }
            put(&mut changes, field, at, value.to_owned());
        }
        if !next.language.is_empty() && Language::of_folder(&next.language).is_none() {
            return Err(CustomerRefusal::Language(next.language));
        }
        if let Some(vip) = change.vip.filter(|vip| *vip != next.vip) {
            changes.push(format!("vip: {} to {vip}", next.vip));
            next.vip = vip;
        }
        next.add_numbers(added, &mut changes);
        for number in removed {
            if let Some(at) = next.numbers.iter().position(|known| *known == number) {
                next.numbers.remove(at);
                changes.push(format!("number {number} removed"));
            }
        }
        next.check()?;
        *self = next;
        Ok(changes)
    }

    /// Takes in all that another entry knows: its numbers, what is empty here, its notes below the own ones. Returns
    /// what has changed.
    ///
    /// # Errors
    /// Together they have too many numbers or notes.
    pub fn absorb(&mut self, other: Customer) -> Result<Vec<String>, CustomerRefusal> {
        let mut next = self.clone();
        let mut changes = Vec::new();
        for (field, at, value) in [
            ("name", &mut next.name, other.name),
            ("account", &mut next.account, other.account),
            ("address", &mut next.address, other.address),
            ("language", &mut next.language, other.language),
            ("region", &mut next.region, other.region),
        ] {
            if at.is_empty() {
                put(&mut changes, field, at, value);
            } else if !value.is_empty() && *at != value {
                // The value that gives way is on record with the change.
                changes.push(format!("{field}: {at:?} kept, {value:?} given up"));
            }
        }
        let notes: Vec<&str> =
            [next.notes.as_str(), &other.notes].into_iter().filter(|text| !text.is_empty()).collect();
        let notes = notes.join("\n");
        put(&mut changes, "notes", &mut next.notes, notes);
        if other.vip && !next.vip {
            changes.push("vip: false to true".into());
            next.vip = true;
        }
        next.add_numbers(other.numbers, &mut changes);
        next.check()?;
        *self = next;
        Ok(changes)
    }

    /// True if a row from outside is about this customer, whose number it has: it names no other account, or the same
    /// name. A number that has passed on to another person has both another name and another account.
    pub fn is_meant_by(&self, row: &CustomerChange) -> bool {
        let is = |own: &str, named: &Option<String>| named.as_deref().is_none_or(|named| named.trim() == own);
        is(&self.account, &row.account) || is(&self.name, &row.name)
    }

    fn add_numbers(&mut self, numbers: Vec<String>, changes: &mut Vec<String>) {
        for number in numbers {
            if !self.numbers.contains(&number) {
                changes.push(format!("number {number} added"));
                self.numbers.push(number);
            }
        }
    }

    fn check(&self) -> Result<(), CustomerRefusal> {
        if self.numbers.len() > NUMBERS_MAX {
            return Err(CustomerRefusal::TooManyNumbers);
        }
        if self.notes.chars().count() > NOTES_MAX {
            return Err(CustomerRefusal::TooLong("notes", NOTES_MAX));
        }
        if self.numbers.is_empty() && self.name.is_empty() && self.account.is_empty() {
            return Err(CustomerRefusal::Empty);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

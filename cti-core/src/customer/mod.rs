//! The file of customers (客户档案): who a number belongs to, and the card that pops with a call.
//!
//! A customer has any count of numbers, in the normal form of the site's numbering plan, and a number has at most one
//! customer. A change names what it changes and leaves all else; two entries that are one customer are merged, and
//! nothing that either knew is lost. A file from outside (CSV) is the same change, one a row. Each change of an entry
//! is on record with its person.
//!
//! The store holds customers; the command line, the JSON socket and the file of the site's configuration are doors to
//! the same functions. The card is made by the store as the number of a call comes in, long before a telephone rings,
//! and goes with the call's data: the core asks once and waits for nothing.
//!
//! | file | holds |
//! |---|---|
//! | `number` | identifiers |
//! | `entry` | a customer, and the functions that change one |
//! | `card` | the card, made from what is on record |
//!
//! Never: does I/O, or reads a clock.

mod card;
mod entry;
mod number;

pub use card::{CALLS_MAX, CardCall, CardMessage, card};
pub use entry::{Customer, CustomerChange, CustomerRefusal, NUMBERS_MAX};
pub use number::{CustomerId, WrongCustomer};

//! Devices, calls and connections: what happens to a call, told in CSTA's words.
//!
//! | file | what it holds |
//! |---|---|
//! | [`device`] | the devices of a site and what is going on at each |
//! | [`model`] | calls and their parties |
//! | [`connection`] | one device's part in a call, and how parties are named |
//! | [`audio`] | what each channel hears |
//! | [`events`] | a change told to those who monitor |
//! | `line` | an event of a line, given to whom it concerns |
//! | `inbound` | a trunk call from its ring to its queue |
//! | `deliver` | a call given to a telephone, until it is answered or taken away |
//! | `machine` | a fax machine or a modem has made itself known |
//! | `outbound` | a call from a station: digits, extensions, trunks |
//! | `release` | somebody leaves, and what becomes of the rest |
//! | [`monitor`] | monitors, their filters and cross references |
//! | `query` | snapshots, device lists and other requests that change nothing |
//! | `service` | what clients ask: make, answer, clear |
//!
//! The files without a type of their own are parts of [`Core`](crate::Core), cut by situation.

pub mod audio;
pub mod connection;
pub mod device;
pub mod events;
pub mod model;
pub mod monitor;

mod deliver;
mod inbound;
mod line;
mod machine;
mod outbound;
mod query;
pub(crate) mod release;
mod service;

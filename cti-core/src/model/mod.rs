//! The call model: one table of connections.
//!
//! A *connection* is a device's part in a call. Its state is the only state there is: a call has none of its own, and a
//! device has the list of its connections. [`Model::step`](Model) is the only writer of a state; it takes the step of
//! the [table](table::TABLE) or refuses it, sets the deadline that the new state carries, and records a [`Change`].
//!
//! ```text
//! from ╲ to │ Initiated        Alerting  Connected         Held  Queued       Failed  (null)
//! ──────────┼───────────────────────────────────────────────────────────────────────────────────
//! (null)    │ Initiate, Seize, Offer     Join                    Enter, Park
//!           │ Arrive
//! Initiated │                            Originate, Reach,                    Fail    Clear,
//!           │                            Accept                                       GiveUp
//! Alerting  │                            Answer                                       Divert, Clear
//! Connected │                            Answer (trunk),   Hold               Fail    Divert, Clear
//!           │                            Join (new role)
//! Held      │                  Recall    Retrieve                                     Clear
//! Queued    │                  Offer                                                  Divert, Clear
//! Failed    │                            Complete                                     Clear
//! ```
//!
//! Only *Connected* is stable; every other state, and a trunk whose far end has not answered, carries a deadline.
//!
//! Data goes one way: a line event, a request or a deadline → [`judge`] (a refusal changes nothing) → steps →
//! the list of changes → consequences: events, sound, deadlines, legs and records, figures, log of events.
//!
//! | file | holds |
//! |---|---|
//! | [`table`] | states, triggers, events, deadlines, and the rows that join them |
//! | [`connection`] | connection, call, appearances of a device |
//! | [`change`] | the changes of a transaction |
//! | [`judge`] | the preconditions of services, with the failure of each |
//! | `calls` | the slab of calls and the appearances of devices |
//! | `service` | services as steps |
//! | `merge` | transfer and conference |
//! | `camp_on` | camp on |
//! | `service_observing` | silent monitor, coach, barge-in, take over |
//! | `settle` | the end of a call |
//! | [`invariant`] | the conditions that hold between two transactions |
//!
//! | standard term | type | source |
//! |---|---|---|
//! | connection state | [`ConnectionState`] | ECMA-179 |
//! | call event | [`CallEvent`] | ECMA-179 |
//! | transfer, conference | [`Model::transfer`], [`Model::conference`] | ECMA-179 |
//!
//! Never: reads a clock, decides which agent is offered a call, or knows a line, a monitor or a record.

pub mod change;
pub mod connection;
pub mod invariant;
pub mod judge;
pub mod table;

mod calls;
mod camp_on;
mod merge;
mod service;
mod service_observing;
mod settle;

pub use crate::device::{Device, NumberIx, ParkIx};
pub use calls::{Bounds, Model};
pub use change::{Change, ChangeKind, Illegal, Origin, Reason};
pub use connection::{Appearances, Call, Connection, Role};
pub use judge::{Refused, Service};
pub use table::{CallEvent, ConnectionState, Deadline, Row, TABLE, Trigger};

#[cfg(test)]
mod tests;

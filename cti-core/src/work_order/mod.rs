//! Work orders (工单): what is to be done for a customer, from the call to the file.
//!
//! An order is accepted, dispatched to the unit that does the work, done, revisited (the customer is asked) and filed.
//! [`RULES`] is the whole of it, one row a step: the state it leads from and to, the rank that may take it, what has to
//! be given with it, and the clocks that it stops or starts. The store holds orders and their steps; the command line,
//! the JSON socket and the simulated day are doors to the same functions.
//!
//! | file | holds |
//! |---|---|
//! | `rules` | states, steps, ranks, and the table |
//! | `kind` | kinds of orders with the limits of their clocks |
//! | `number` | the number of an order, as people say it |
//! | `refusal` | the reasons why an order or a step is not taken |
//! | `order` | an order, and the one function that changes it |
//! | `figures` | the report of kinds: on time, late, age |
//!
//! Clocks of the work run from the call, not from the typing: an order of a call at 8:00 that is typed at 8:04 and
//! dispatched at 8:06 is late. An order without a call runs from its acceptance. Once it is done, the clocks of the
//! call-back run, in working days: to the first try, and to the customer's word or the last of several tries, each of
//! them a step with its content and the reason why it was in vain.
//!
//! Never: does I/O, or reads a clock.

mod figures;
mod kind;
mod number;
mod order;
mod refusal;
mod rules;

pub use figures::{DEFINITIONS, KindRow, Tally};
pub use kind::{Kinds, OrderKind, REVISIT_DAYS, TRY_DAYS};
pub use number::{OrderId, WrongNumber};
pub use order::{Due, OrderRequest, StepRecord, Submission, WorkOrder};
pub use refusal::Refusal;
pub use rules::{AFTER, Clock, Need, OrderState, OrderStep, RULES, Rank, Rule, TRIES_LEAST, Urgency, WORK};

//! The person who takes a step of work: of an order, or of a message.
//!
//! Never: decides what a person may do; the tables of steps do.

/// A person before work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name that goes on record: a user, or an agent.
    pub name: String,
    /// Has all orders, and the messages of others.
    pub is_supervisor: bool,
}

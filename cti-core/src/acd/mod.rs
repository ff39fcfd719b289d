//! Automatic call distribution.
//!
//! [`decide`](decide::decide) is a pure function of a [`Floor`](floor::Floor): waiting contacts, agents, rules. Events
//! keep the floor's indices up to date; the decision comes with its [reasons](why::Why), and is carried out by the
//! transaction that asked for it.
//!
//! | file | holds |
//! |---|---|
//! | [`ids`] | numbers of agents, queues, skills, offers, contacts |
//! | [`rule`] | a queue's rules as data; an agent's membership in a queue |
//! | [`floor`], [`upkeep`], `lane`, `teams`, `idle_agents` | the indices, and the events that change them |
//! | `weighted` | lots in proportion to the weights of agents |
//! | [`callers`] | callers known by their number: head start, owner, last agent |
//! | [`decide`] | the decision |
//! | [`offer`] | an offer as a lease |
//! | [`call_back_requests`] | callers to be called back |
//! | [`why`] | the reasons |
//! | `service_rate` | the pace of a queue's service |
//! | [`wait`] | position and expected wait |

pub mod call_back_requests;
pub mod callers;
pub mod decide;
pub mod floor;
mod idle_agents;
pub mod ids;
pub mod lane;
pub mod offer;
pub mod rule;
mod service_rate;
mod teams;
pub mod upkeep;
pub mod wait;
mod weighted;
pub mod why;

#[cfg(test)]
mod tests;

//! Agents as one machine: presence × activity.
//!
//! **Presence** is the agent's own word: logged off, not ready with a reason, ready. **Activity** is computed from it
//! and from facts: an offer that rings, a call, after-call work, the line. So an agent cannot be *ready* with a handset
//! off hook, or *talking* after the call: there is no second place where it could be written.
//!
//! | what is true | activity | CSTA agent state | offered contacts |
//! |---|---|---|---|
//! | logged off | logged off | null | – |
//! | the line is dead | out of order | not ready | – |
//! | in a call, from a queue or not | talking | that of the presence | – |
//! | an offer rings | offered | that of the presence | – |
//! | after-call work runs | work | work not ready | – |
//! | busy tone after a call | busy tone | not ready | – |
//! | off hook without a call | off hook | not ready | – |
//! | presence not ready | not ready, with the reason | not ready | – |
//! | presence ready | idle | ready | yes |
//!
//! The first row that holds counts. A request made during a call is **pending** (pending work mode): one field,
//! replaced by the next request, carried out when call and work have ended, and not touched by offers that come and go
//! meanwhile.
//!
//! Never: decides who is offered a contact, reads a clock, or waits for a store.

pub mod activity;
pub mod input;
pub mod machine;
pub mod reason;
pub mod ring_count;
pub mod roster;

pub use activity::Activity;
pub use input::{AgentRequest, Doer, Fact, Presence};
pub use machine::{Agent, AgentRules, Change, Refused, Taken};
pub use reason::{ReasonRule, Reasons};
pub use roster::{AgentEntry, Roster};

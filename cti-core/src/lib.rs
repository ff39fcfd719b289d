//! A telephone exchange with call distribution, as a pure function: calls and their services (CSTA phase I), queues and
//! agents (ACD), call flows (IVR), recordings, records and reports. It turns line events and requests into commands of
//! lines, events for monitors, and records.
//!
//! Takes events and `now`, gives actions. Never reads a clock, never blocks; only `store/sqlite.rs` does I/O.
//!
//! Parts and terms without a link are private to the crate: their files stand under the same path, and
//! `switching/mod.rs` says which file holds which situation of a call.
//!
//! | part | holds |
//! |---|---|
//! | [`channel`] | one atomic word a channel; the place where the media thread and the core meet |
//! | [`csta`] | the vocabulary: devices, connections, services, events, failures |
//! | [`device`] | the devices of a site and the state of their lines |
//! | [`model`] | the call model: one table of connections, and the services as steps |
//! | [`call`] | the data of calls: names, customer, record |
//! | `pending` | services and recordings in progress |
//! | `switching` | line events and requests, each a transaction: judge, steps, and all that follows from the changes |
//! | [`acd`], [`agent`] | distribution as a pure decision; one state machine an agent |
//! | [`flow`], [`route`] | call flows (IVR); what can be dialled, and by which trunk |
//! | [`monitor`], [`sound`] | monitors and the calls they follow; the sound of each channel |
//! | [`report`] | figures, all computed by one pass over the log of events; Erlang's formulas |
//! | [`library`], [`store`] | names of recordings; records that are kept, customers that are looked up |
//! | [`core`], [`action`] | the switching function, and its outputs: commands, replies, events, requests to the store |
//! | [`work_order`] | work orders: states, steps, clocks, and their report |
//! | [`customer`] | the file of customers, and the card that pops with a call |
//! | [`notice`] | notices of outages: whom they are for, and when |
//! | [`number_plan`] | every spelling of a telephone number in one normal form |
//! | [`input`], [`replay`] | inputs as data; a crashed core rebuilt from their log |
//! | [`config`], [`limits`], [`timers`] | a site as data; bounds; timers |
//!
//! # Glossary
//!
//! | term | here | source |
//! |---|---|---|
//! | switching function | [`Core`] | ECMA-179 |
//! | call, connection, connection state | [`model::Model`], [`model::ConnectionState`] | ECMA-179 |
//! | seizure of a trunk | [`route::trunk_group`], `switching::seize`; [`channel::ChannelTable::claim`] | |
//! | glare; stale and superseded claims | `channel::transition::LineEdge`, [`channel::Superseded`] | GR-506 |
//! | dial plan | [`route::dial_plan`], [`route::outside`] | |
//! | barring, class of restriction (COR) | [`route::outside`] | |
//! | feature access code | [`route::key_code`], `switching::keys` | |
//! | trunk group, hunting, overflow, reservation | [`route::trunk_group::TrunkGroups`], `switching::seize` | |
//! | hook flash | `switching::release`; its detection, see the driver | |
//! | entry of a trunk call, answer of a trunk | `switching::incoming_trunk` | |
//! | ring, disconnect of a station (CPC) | `switching::ring_station`, `switching::fold` | |
//! | hold, retrieve, alternate, reconnect, consultation | `model::service`, `switching::control` | ECMA-179 |
//! | transfer, conference, deflect | `model::service`, `switching::control`, `switching::merge` | ECMA-179 |
//! | events of a change, their order, private data of events | `switching::emit` | ECMA-179, TSAPI vendor dialect |
//! | pickup, call park | `switching::pickup`, `model::feature` | |
//! | recall of a held or parked call | `switching::release` | |
//! | forwarding, do not disturb | [`device::Features`], `switching::features` | ECMA-179 |
//! | message waiting (lamp) | [`device::Features`], `switching::message` | ECMA-179 |
//! | camp-on, call completion | `model::completion`, [`csta::Feature`] | ECMA-179 |
//! | silent monitor (service observing), coach, barge-in | `switching::supervise`, `pending::Supervision` | ECMA-179 |
//! | take over, forced release | `switching::supervise` | |
//! | routing dialogue (adjunct routing) | `switching::routing`, `route::dialogue::Routing` | ECMA-179 |
//! | predictive call (predictive dialling) | `switching::control`, `model::service` | ECMA-179 |
//! | queue, split, hunt group; priority | [`acd::rule::QueueRules`], `acd::lane` | |
//! | hunting: longest idle, round robin, ring all | [`acd::rule::Strategy`] | |
//! | skills-based routing | [`acd::ids::Skills`], [`acd::decide`] | |
//! | offer to an agent | [`acd::offer`], [`acd::decide::Decision`] | |
//! | ring no answer (RONA) | [`acd::rule::QueueRules`], [`agent::machine`], `agent::ring_count` | |
//! | overflow, interflow, gate | [`acd::rule::Overflow`], [`acd::rule::Gate`], `switching::overflow` | |
//! | position, expected wait (EWT) | [`acd::wait`], `acd::service_rate::ServiceRate` | |
//! | queue announcement | `switching::announce`, `flow::place` | |
//! | call-back, virtual hold | [`acd::requests::Requests`], `switching::call_back`, `switching::call_back_attempt` | |
//! | numbering plan, normal form of a number | [`number_plan::NumberPlan`] | ITU-T E.164 |
//! | last agent, account owner, VIP | [`acd::callers::CallerRule`] | |
//! | agent state, work mode, log-in | [`agent::machine`], [`csta::AgentState`] | ECMA-179 |
//! | wrap-up, after-call work | [`agent::machine::Fact`], [`agent::Activity`] | |
//! | reason code of not ready (auxiliary code) | [`agent::reason::Reasons`] | |
//! | IVR, call flow, menu | [`flow::node::Node`], [`flow::walk::Walk`] | |
//! | notice (停电预告), validity, region | [`notice::Notice`], [`flow::node::Node`] | |
//! | data dip | [`flow::walk::DipId`], [`Action`] | |
//! | business hours, holidays | [`flow::calendar`] | |
//! | voice mail, mailbox | [`flow::book::Mailbox`], `switching::message`, [`store::MessageRecord`] | |
//! | call recording, rules of | [`library::rules::RecordingRules`], `switching::record` | |
//! | recording on demand, pause, bookmark | `switching::recording_on_demand`, [`store::MarkRecord`] | PCI DSS 3.3 |
//! | agent's number announced (报工号), personal greeting | `switching::agent_greeting`, [`call::Opening`] | |
//! | call detail record (CDR), leg | [`store::CallRecord`], [`call::log`], `call::outcome` | |
//! | rights of users, changed while they are logged in | [`csta::rights::Rights`], [`Core::handle_users`] | |
//! | UCID | [`csta::Ucid`] | TSAPI vendor dialect |
//! | schema migration of the database | `store::sqlite` | |
//! | screen-pop data, customer look-up | [`csta::call_data`], [`customer::Customer`] | |
//! | customer file (客户档案), customer card | [`customer::Customer`], [`csta::customer_card::CustomerCard`] | |
//! | answering machine, fax at the far end | `switching::far_end_detection` | |
//! | monitor, snapshot | [`monitor::Monitors`], `switching::query` | ECMA-179 |
//! | service level, ASA, AHT, abandonment | [`report::figures::ServiceLevel`], [`report::figures::Figures`] | |
//! | work order, dispatch, revisit; its clocks | [`work_order::WorkOrder`], [`work_order::RULES`] | |
//! | command log, event sourcing, write-ahead log, replay | [`input::Entry`], [`replay::Recovery`] | |
//! | Erlang B, C, A | [`report::erlang`] | |
//! | tick | [`time::Tick`] | 1 ms |
//!
//! Start with `examples/one_call.rs`: one call from ring to hang-up, without hardware.

pub mod acd;
pub mod action;
pub mod agent;
pub mod call;
pub mod channel;
pub mod config;
pub mod core;
pub mod customer;
pub mod device;
pub mod flow;
pub mod input;
pub mod library;
pub mod limits;
pub mod model;
pub mod monitor;
pub mod notice;
pub mod number_plan;
mod pairs;
mod pending;
pub mod replay;
pub mod report;
pub mod route;
pub mod sound;
pub mod store;
mod switching;
pub mod timers;
pub mod work_order;

#[cfg(test)]
mod testing;

pub use self::config::Config;
pub use self::core::{Action, Core};
pub use tipring_csta_types as csta;
pub use tipring_csta_types::id as ids;
pub use tipring_driver::time;

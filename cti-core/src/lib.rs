//! A switching function (PBX) with automatic call distribution (ACD), as a pure state machine: calls and their services
//! (CSTA phase I), queues and agents, call flows (IVR), recordings, records and reports. It turns line events and
//! requests into commands to lines, events for monitors, and records.
//!
//! # The loop
//!
//! Every input is handled, and then actions are polled until there are none. Here a telephone is lifted:
//!
//! ```
//! use std::sync::Arc;
//!
//! use tipring_core::channel::{ChannelTable, TableSink};
//! use tipring_core::config::{StationConfig, StationKind};
//! use tipring_core::csta::DeviceId;
//! use tipring_core::{Action, Config, Core};
//! use tipring_core::time::Tick;
//! use tipring_driver::engine::{Command, EventSink};
//! use tipring_driver::ids::ChannelId;
//! use tipring_driver::line::{LineEvent, LineKind};
//! use tipring_driver::media::{MediaCommand, ToneKind};
//! use tipring_driver::spsc::queue_with_reserve;
//!
//! let (channel, device) = (ChannelId(0), DeviceId::new("1001")?);
//! let station = StationConfig { channel, device, kind: StationKind::Handset, pickup_group: None };
//! let table = Arc::new(ChannelTable::new(1));
//! let mut core = Core::new(Config { stations: vec![station], ..Config::default() }, table.clone())?;
//!
//! // The media thread's side of the event queue.
//! let (producer, mut events) = queue_with_reserve(64, 8);
//! let mut lines = TableSink::new(table, producer);
//! lines.line_event(Tick(1), channel, LineEvent::InService(LineKind::Station));
//! lines.line_event(Tick(2), channel, LineEvent::OffHook);
//!
//! let mut commands = Vec::new();
//! while let Some(event) = events.pop() {
//!     core.handle_channel_event(event);
//!     while let Some(action) = core.poll_action() {
//!         if let Action::Command(Command::Media(command)) = action {
//!             commands.push(command);
//!         }
//!     }
//! }
//! assert!(matches!(commands[..], [MediaCommand::Tone { tone: Some(ToneKind::Dial), .. }])); // Dial tone.
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `examples/one_call.rs` is a whole call, from its ring to its record.
//!
//! Never: reads a clock, or waits: every input carries its time. Only `store/sqlite.rs` does I/O.
//!
//! # The map
//!
//! Parts and terms without a link are private to the crate: their files stand under the same path, and
//! `switching/mod.rs` says which file handles which event or service of a call.
//!
//! | part | holds |
//! |---|---|
//! | [`channel`] | one atomic state word for each channel, shared by the media thread and the core |
//! | [`csta`] | the vocabulary: devices, connections, services, events, failures |
//! | [`device`] | the devices of a site and the state of their lines |
//! | [`model`] | the call model: one table of connections, and the services as steps |
//! | [`call`] | the data of calls: names, customer, record |
//! | `pending` | services and recordings in progress |
//! | `switching` | line events and requests, each a transaction: judge, steps, and all that follows from the changes |
//! | [`acd`], [`agent`] | distribution as a pure decision; one state machine an agent |
//! | [`flow`], [`route`] | call flows (IVR); dial plan, outside numbers, trunk groups |
//! | [`monitor`], [`sound`] | monitors and the calls they follow; the sound of each channel |
//! | [`report`] | figures, all computed by one pass over the log of events; Erlang's formulas |
//! | [`recording`], [`store`] | file names of recordings; the store of call records, and customer look-up |
//! | [`core`], [`action`] | the switching function, and its outputs: commands, replies, events, requests to the store |
//! | [`work_order`] | work orders: states, steps, clocks, and their report |
//! | [`person`] | the user who changes a work order or a message |
//! | [`voice_mail`] | messages of callers: states, steps, and their report |
//! | [`shift`] | shifts: who leads them, and their report |
//! | [`customer`] | the file of customers, and the card that pops with a call |
//! | [`notice`] | notices of outages: whom they are for, and when |
//! | [`number_plan`] | every spelling of a telephone number in one normal form |
//! | [`input`], [`replay`] | inputs as data; a crashed core rebuilt from their log |
//! | [`config`], [`limits`], [`timers`] | a site as data; bounds; timers |
//! | [`by_key`], [`sorted`] | values by key, found at once and listed in order; sets of a few values |
//! | `named`, `pairs` | enumerations with names; maps in checkpoints, as lists of pairs |
//!
//! # Glossary
//!
//! | term | here | source |
//! |---|---|---|
//! | switching function | [`Core`] | ECMA-179 |
//! | call, connection, connection state | [`model::Model`], [`model::ConnectionState`] | ECMA-179 |
//! | seizure of a trunk | `switching::seize`; the claim of its channel, [`channel::ChannelTable::claim`] | |
//! | barring, toll restriction, class of restriction (COR) | [`route::outside_number::OutsidePlan::permits`] | |
//! | glare; the next trunk after it | `channel::transition::LineEdge`; `switching::dial` | GR-506 |
//! | glare on the wire | `tipring_driver::line::LineFailure::Glare` | GR-506 |
//! | claim lost to a line event (glare) | [`channel::Superseded`] | |
//! | dial plan: extensions, queues, prefix for an outside line | [`route::dial_plan`] | |
//! | outside numbers: longest prefix, trunk groups in order (least cost) | [`route::outside_number`] | |
//! | emergency number: its class; under overload | [`route::outside_number`]; `switching::admission` | |
//! | emergency number: reserves of trunks | [`route::trunk_group::SeizureClass`] | |
//! | first-digit and inter-digit time-out | [`config::CallTimers`], `switching::dial`; in a flow, [`flow::node`] | |
//! | failure of a call out (busy, congestion, SIT) as a CSTA cause | `switching::dial::cause` | ECMA-179 |
//! | ISDN cause (Q.850) | none: there are no digital lines | |
//! | feature access code | [`route::feature_code`], `switching::feature_codes` | |
//! | trunk group, hunting, overflow, reservation | [`route::trunk_group::TrunkGroups`], `switching::seize` | |
//! | hook flash | `switching::release`; its detection, see the driver | |
//! | entry of a trunk call, answer of a trunk | `switching::incoming_trunk` | |
//! | ring, disconnect of a station (CPC) | `switching::ring_station`, `switching::consequences` | |
//! | headset, zip tone, answer by request (auto-answer: of the softphone) | `switching::ring_station` | |
//! | preconditions of a service, its failure | `model::judge` | ECMA-179 |
//! | hold, retrieve, alternate, reconnect | `model::service`, `switching::control` | ECMA-179 |
//! | consultation | `switching::control` | ECMA-179 |
//! | transfer, conference (consultation, single-step) | `switching::transfer`, `model::merge` | ECMA-179 |
//! | merged calls (transfer, conference) | `model::merge`; effects, `switching::merged_calls` | ECMA-179 |
//! | deflect | `switching::control` | ECMA-179 |
//! | events of a change, their order, private data of events | `switching::emit` | ECMA-179, TSAPI vendor dialect |
//! | pickup, pickup group, call park | `switching::pickup` | |
//! | recall of a held or parked call | `switching::release` | |
//! | blind transfer (before the answer), its recall | `switching::transfer`; `switching::release::recall_from` | |
//! | deadline of a state (stuck calls): set; its expiry | `switching::consequences`; `switching::release` | |
//! | forwarding, do not disturb: set and queried | `switching::features` | ECMA-179 |
//! | forwarding: destination of a call; do not disturb applied | [`device::Features`] | ECMA-179 |
//! | forwarding on no answer (CFNA) | `switching::ring_station`; its time, `switching::consequences` | ECMA-179 |
//! | message waiting (lamp, MWI) | `switching::features`; of a mailbox, `switching::leave_message` | ECMA-179 |
//! | camp-on | `switching::features`; its steps, `model::camp_on`; its time, `switching::consequences` | ECMA-179 |
//! | call-back when free (CCBS) of an engaged station | `pending::Completion`, `switching::features` | ECMA-179 |
//! | silent monitor, coach (whisper), barge-in | `switching::service_observing`, `pending::Supervision` | ECMA-179 |
//! | silent monitor in a browser | `switching::listening` | |
//! | take over, forced release, forced log-out | `switching::service_observing` | |
//! | routing dialogue (adjunct routing) | `switching::routing`, `route::dialogue::Routing` | ECMA-179 |
//! | route request time-out | `switching::routing`; its length, [`config::CallTimers`] | ECMA-179 |
//! | time-outs of calls: routing, ringing, recall, queue | [`config::CallTimers`] | |
//! | MakePredictiveCall: one call of a client | `switching::control`; its trunk, `switching::seize` | ECMA-179 |
//! | predictive dialler: lists, pacing, abandonment cap | none | |
//! | queue, split, hunt group; priority | [`acd::rule::QueueRules`], `acd::lane` | |
//! | waiting line of contacts with equal needs: lane | `acd::lane` | |
//! | ACD state: waiting contacts and agents: floor | `acd::floor` | |
//! | hunting: longest idle, round robin, ring all | [`acd::rule::Strategy`]; the sort key, `acd::idle_agents` | |
//! | skills-based routing | [`acd::ids::Skills`], [`acd::decide`] | |
//! | skill levels, widening | [`acd::rule::Widening`] | |
//! | offer to an agent | [`acd::offer`], [`acd::decide::Decision`] | |
//! | ring no answer (RONA), its timer: the lease of an offer | [`acd::rule::QueueRules`], `agent::ring_count` | |
//! | preferred agent: the wait for one agent | [`acd::rule::QueueRules`] | |
//! | priority of a queue, a caller or a contact: credit, head start | [`acd::rule`], [`acd::callers`] | |
//! | backup agent: reserve of a membership | [`acd::rule::QueueMembership`] | |
//! | percentage allocation of calls to agents | `acd::weighted` | |
//! | overflow, interflow, gate: rules | [`acd::rule::Overflow`], [`acd::rule::Gate`] | |
//! | overflow, interflow, gate: decided, carried out | [`acd::decide`], `switching::overflow` | |
//! | position, expected wait (EWT) | [`acd::wait`], `acd::service_rate::ServiceRate` | |
//! | queue announcement: position, wait | due, [`acd::decide`]; played, `switching::announce` | |
//! | queue announcement: its phrases | `flow::queue_position` | |
//! | music on hold, queue music | `switching::wanted_sound` | |
//! | call-back of a caller, virtual hold | [`acd::call_back_requests::Requests`], `switching::call_back` | |
//! | call-back by order, from outside | `switching::call_back_order` | |
//! | attempt to call back | `switching::call_back_attempt`, `switching::call_back_customer_first` | |
//! | numbering plan, normalisation of numbers | [`number_plan::NumberPlan`] | ITU-T E.164 |
//! | last agent, account owner, VIP | [`acd::callers::CallerRule`] | |
//! | agent state, log-in | [`agent::machine`], [`csta::AgentState`] | ECMA-179 |
//! | work mode | [`csta::private::WorkMode`] | TSAPI vendor dialect |
//! | pending work mode: a state asked for during a call | [`agent::machine::Agent::pending`] | TSAPI vendor dialect |
//! | wrap-up, after-call work | [`agent::machine`]; the state by name, [`agent::Activity`] | |
//! | reason code of not ready (auxiliary code) | [`agent::reason::Reasons`] | |
//! | IVR, call flow: execution | [`flow::walk::Walk`], `switching::ivr` | |
//! | IVR menu, digit collection | [`flow::node::Node::Menu`], [`flow::node::Node::Collect`] | |
//! | IVR menu in short form: one prompt, one key | [`flow::one_key_menu`] | |
//! | notice (停电预告), validity, region | [`notice::Notice`], [`flow::node::Node`] | |
//! | data dip | [`flow::walk::DipId`], [`Action`] | |
//! | business hours, holidays, night service | `tipring::config::calendar`; as moments, [`flow::calendar`] | |
//! | event mode (应急模式) | `tipring::config::mode`; taken over like a reload, `switching::reload` | |
//! | voice mail (留言), mailbox | [`flow::book::Mailbox`], `switching::leave_message`, [`store::MessageRecord`] | |
//! | message taken, heard, called back, done | [`voice_mail::VoiceMessage`], [`voice_mail::RULES`] | |
//! | call recording, rules of | [`recording::rules::RecordingRules`], `switching::call_recording` | |
//! | recording on demand, bookmark | `switching::recording_on_demand`, [`store::MarkRecord`] | |
//! | pause of a recording (card data); its silence | `switching::recording_on_demand`; in the driver | PCI DSS 3.3 |
//! | masked digits: in no call data | [`flow::node::Node::Collect`], `switching::ivr` | PCI DSS 3.3 |
//! | agent's number announced (报工号), personal greeting | `switching::agent_greeting`, [`call::AgentGreeting`] | |
//! | call detail record (CDR): its type | [`store::CallRecord`] | |
//! | call detail record (CDR): made, written | `switching::call_detail_record`; `store::sqlite::calls` | |
//! | call history (cradle to grave), leg, outcome | [`call::course`], `switching::legs`, `call::outcome` | |
//! | tariff, charging (advice of charge) | none | |
//! | audit of service observing (silent monitor, barge-in) | `store::sqlite::supervision_audit` | |
//! | audit of recordings: heard, exported, removed | `store::sqlite::recording_audit` | |
//! | retention of recordings | `store::sqlite::retention`; its rules, `tipring::recording::retention` | |
//! | group commit of records, acknowledgement | [`store::GROUP_MAX`], [`store::StoreReply`] | |
//! | check of the database | `store::sqlite::upkeep` | |
//! | rights of users, changed while they are logged in | [`csta::rights::Rights`], [`Core::handle_users`] | |
//! | UCID | [`csta::Ucid`]; made, `core::Core::ucid` | TSAPI vendor dialect |
//! | user-to-user information (UUI) | [`csta::private::UserInfo`] | Q.931 |
//! | schema migration of the database | `store::sqlite` | |
//! | screen pop: its data, customer look-up | [`csta::call_data`], [`customer::Customer`] | |
//! | customer file (客户档案), customer card | [`customer::Customer`], [`csta::customer_card::CustomerCard`] | |
//! | fax or modem at the far end | `switching::far_end_fax` | T.30, V.25 |
//! | answering machine detection | none | |
//! | monitor, snapshot | [`monitor::Monitors`], `switching::snapshot_monitor` | ECMA-179 |
//! | service level, ASA, AHT, abandonment | [`report::figures::ServiceLevel`], [`report::figures::Figures`] | |
//! | service level and other figures as rows | [`report::rows`] | |
//! | reports of work orders, messages, shifts | `work_order::figures`, `voice_mail::figures`, `shift::figures` | |
//! | timestamp of a record or an event: moment | [`report::moment`] | |
//! | occupancy, utilisation of an agent | [`report::rows::AgentRow`] | |
//! | abandoned call: left the queue; counted | `switching::queue_entry`; [`report::figures`] | |
//! | abandoned call: short abandon, its limit | [`report::figures::Limits`] | |
//! | missed callers, called back in time or late | [`report::returns`] | |
//! | shift leader, deputy leader (正值, 副值): principal, deputy | [`shift::Leaders`], [`shift::ShiftRow`] | |
//! | staffing, workforce management (WFM) | none; Erlang's formulas and a simulated day, in the crate tipring | |
//! | work order, dispatch, revisit; its clocks | [`work_order::WorkOrder`], [`work_order::RULES`] | |
//! | log of inputs: command log, event sourcing, write-ahead log | [`input::Entry`], `core::log` | |
//! | log of inputs: its file | `tipring::run::input_log` | |
//! | state word of a channel; its claim (compare-and-swap) | [`channel::ChannelTable`] | |
//! | channel state that differed from the prediction | [`input::Entry`] | |
//! | replay | [`replay::Recovery`] | |
//! | checkpoint | [`core::Checkpoint`] | |
//! | restart with calls in progress (call preservation, warm restart) | [`replay::Recovery`] | |
//! | restart with calls in progress: the program's part | `tipring::run::threads::core_recovery` | |
//! | log of events, from which figures come | `switching::event_log`, [`report::event`] | |
//! | reload of a running site (SIGHUP): effect | `switching::reload`, `switching::settings` | |
//! | reload of a running site: its files; what has changed | `tipring::cmd::serve`; `tipring::config::differ` | |
//! | random days of the tests | `testing::random` | |
//! | Erlang B, C, A | [`report::erlang`] | |
//! | tick | [`time::Tick`] | 1 ms |

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

pub mod acd;
pub mod action;
pub mod agent;
pub mod by_key;
pub mod call;
pub mod channel;
pub mod config;
pub mod core;
pub mod customer;
pub mod device;
pub mod flow;
pub mod input;
pub mod limits;
pub mod model;
pub mod monitor;
mod named;
pub mod notice;
pub mod number_plan;
mod pairs;
mod pending;
pub mod person;
pub mod recording;
pub mod replay;
pub mod report;
pub mod route;
pub mod shift;
pub mod sorted;
pub mod sound;
pub mod store;
mod switching;
pub mod timers;
pub mod voice_mail;
pub mod work_order;

#[cfg(test)]
mod testing;

pub use self::config::Config;
pub use self::core::{Action, Core};
pub use tipring_csta_types as csta;
pub use tipring_driver::time;

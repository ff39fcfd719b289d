//! The switching function, one file a service or an event. A line event, a request or a deadline is one transaction: it
//! is judged, carried out as steps of the [model](crate::model), and then everything else follows from the list of
//! changes.
//!
//! ```text
//! line event ─┐                                          ┌► events for monitors
//! request ────┼► service: claim, steps of the model ─► changes ─┼► deadlines, lines, agents, floor, record
//! deadline ───┘            ▲                             └► sound of the channels touched
//!                          └── distribution, until it has nothing to say
//! ```
//!
//! | file | holds |
//! |---|---|
//! | `transaction` | commit: consequences, distribution, sound |
//! | `step` | one step of a connection, as its consequences are given it |
//! | `consequences` | what follows from one change |
//! | `deadline` | deadlines of connections |
//! | `merged_calls` | what follows when two calls become one |
//! | `queue_entry` | the place of a call in a queue: entered, given up |
//! | `event_log` | the log of events, from which every figure comes |
//! | `overflow` | ways out of a queue: gates, overflow, busy |
//! | `emit` | the event of a change, to those who monitor |
//! | `event_data` | the private data of a call in events and route requests |
//! | `wanted_sound` | media plan: tones, prompts, music on hold or other parties for each channel |
//! | `leave_message` | voice mail: messages of callers, and the lamps for them |
//! | `call_recording` | the recorder of each line |
//! | `call_detail_record` | the call detail record (CDR): made, persisted |
//! | `recording_on_demand` | recording on demand: start, stop, pause, bookmarks |
//! | `masked_digits` | recorders pause while a flow collects masked digits |
//! | `legs` | each device's part in a call, and its record |
//! | `feature_codes` | services by feature access codes |
//! | `line_event` | dispatch of line events to services; recovery after lost events |
//! | `admission` | new calls while the store is behind: left ringing, refused, taken later |
//! | `incoming_trunk` | a trunk call from its ring to its entry |
//! | `ivr` | a call in a flow: what its nodes say is carried out |
//! | `flow_exit` | the ways of a call out of its number, and back to its flow |
//! | `dial` | a call from a station: digits, extensions, trunks |
//! | `seize` | seizure: the trunk of a call out, trunk groups, blocked trunks |
//! | `ring_station` | a telephone that is rung, until it is answered or the call is taken away |
//! | `release` | devices that leave; hook flash; recall of held, parked and transferred calls; deadlines |
//! | `far_end_fax` | a fax machine or a modem at the far end |
//! | `distribute` | ACD decisions, carried out |
//! | `call_back` | requests to be called back: left, kept, in line, over |
//! | `call_back_order` | the list of call-backs changed from outside, or taken over from the run before |
//! | `call_back_attempt`, `call_back_customer_first` | an attempt to call back: agent first, customer first |
//! | `announce` | queue announcements |
//! | `agent_greeting` | an agent's greeting or number, before the two talk |
//! | `agents` | log-in, states, and the facts that change them |
//! | `request` | requests of clients, each to its service |
//! | `control` | the services of call control |
//! | `transfer` | transfer and conference, in a single step too |
//! | `pickup` | pickup, park; prompting: a line connected at once, or rung first; notes; Send DTMF Tone |
//! | `service_observing` | silent monitor, whisper, barge-in, take over, and their audit records |
//! | `listening` | silent monitor without a telephone: the sound of a conversation |
//! | `features` | forwarding, do not disturb, lamps, call-back of an engaged station |
//! | `reload` | queues, agents and callers replaced while the site runs |
//! | `settings` | the other settings of a site, taken over by a core that came back |
//! | `routing` | the routing dialogue with a client |
//! | `snapshot_monitor` | query services, snapshots, monitors |
//!
//! Never: writes a connection's state; that is the model's step.

mod admission;
mod agent_greeting;
mod agents;
mod announce;
mod call_back;
mod call_back_attempt;
mod call_back_customer_first;
mod call_back_order;
mod call_detail_record;
mod call_recording;
mod consequences;
mod control;
mod deadline;
mod dial;
mod distribute;
mod emit;
mod event_data;
mod event_log;
mod far_end_fax;
mod feature_codes;
mod features;
mod flow_exit;
mod incoming_trunk;
mod ivr;
mod leave_message;
mod legs;
mod line_event;
mod listening;
mod masked_digits;
mod merged_calls;
mod overflow;
mod pickup;
mod queue_entry;
mod recording_on_demand;
mod release;
mod reload;
mod request;
mod ring_station;
mod routing;
mod seize;
mod service_observing;
mod settings;
mod snapshot_monitor;
mod step;
mod transaction;
mod transfer;
mod wanted_sound;

use crate::csta::cause::EventCause;
use crate::model::{Origin, Reason};

/// Reason of a step that a rule of the switch takes.
const BY_SWITCH: Reason = Reason { cause: EventCause::None, origin: Origin::Switch };
/// Reason of a step that a client has asked for.
const BY_CLIENT: Reason = Reason { cause: EventCause::None, origin: Origin::Client };

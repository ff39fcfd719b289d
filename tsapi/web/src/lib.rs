//! CSTA phase I as JSON over WebSocket, for browsers and scripts: the services and events of
//! [`tipring_csta_types`] in the vocabulary of [`tipring_tsapi::json`].
//!
//! | part | contents |
//! |---|---|
//! | `message` | messages of a client, and the objects that the server sends |
//! | `replay_buffer` | the last messages by sequence number, and gaps |
//! | `session` | protocol state machine: requests, replies, events, snapshots; without a socket |
//! | `hub` | sessions by number and token; delivers replies and events to them |
//! | `resumable_sessions` | sessions that can resume after a restart of the server |
//! | [`server`], `listener` | the sockets |
//! | `console` | the pages for browsers, served at `/` |
//! | [`records`] | requests for recordings, scores, reports and messages, which the site carries out |
//! | [`probe`] | the port of `/metrics` and `/healthz`, for monitoring systems |
//! | `figures` | live figures of queues, pushed when they change |
//! | `changes` | change notifications for lists that clients have open |
//! | [`schema`] | the AsyncAPI document, also served at `/schema` |
//!
//! A conversation, one line a text frame (`>` from the client):
//!
//! ```text
//! > {"logIn":{"login":"desk1","password":"…"}}
//! < {"opened":{"token":"9f…","login":"desk1","lingerSeconds":60}}
//! > {"id":1,"request":"monitorDevice","deviceID":"1001"}
//! < {"id":1,"monitorCrossRefID":1,"monitorFilter":{…},"reply":"monitor","sequence":1}
//! < {"event":"delivered","connection":{"callID":42,"deviceID":"1001"},…,"sequence":2}
//! ```
//!
//! After a lost socket, `{"resume":{"token":"9f…","sequence":2}}` goes on with message 3. Where messages were lost, the
//! server says so with `{"gap":{"from":3,"to":900}}` and shows the state after it: `{"snapshot":{"deviceID":"1001",
//! "snapshotData":[…]},"sequence":901}`, a snapshot of each call there, and `{"snapshot":{"complete":true},…}`. A
//! snapshot is the state after all events with smaller numbers. No message comes twice. A reply that fell into a gap is
//! lost: its request may have been carried out.
//!
//! After a new start of the server `resume` is answered with `{"opened":{…}}`: a session of the same user, with numbers
//! from 1 and without monitors. The client reads the state anew; an agent whose password the earlier session had
//! verified logs in with an empty one.
//!
//! Bad input: a message that cannot be read or is not permitted is answered with its failure and a sentence; binary
//! frames end the socket, and silent or slow clients lose it. The session lasts for `lingerSeconds` more.
//!
//! Never: makes the switch wait for a client. A message keeps its sequence number.

#![warn(unreachable_pub)]
#![warn(clippy::missing_errors_doc, clippy::missing_panics_doc)]

mod changes;
mod console;
mod figures;
mod hub;
mod listener;
mod message;
pub mod probe;
pub mod records;
mod replay_buffer;
mod resumable_sessions;
pub mod schema;
pub mod server;
mod session;

pub use hub::WebDispatcher;
pub use message::check_message;
pub use server::{SESSIONS_MAX, WebCounters, WebGauge, WebServer, WebSettings};

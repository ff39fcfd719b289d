//! JSON of the vocabulary: one object a message, from the same lists of members as the octets.
//!
//! An event is `{"event": "delivered", "connection": {"callID": 42, "deviceID": "1001", …}, …}`: its name in camel
//! case, then its members under the standard's names. Enumerations are their names in camel case, numbers
//! without a name are numbers. Requests, replies and the switch's own messages are built alike under `request`,
//! `reply`, `switchRequest` and `report`. What goes beside a message (monitor, private data) is added by [`event`].
//!
//! Never: has a list of members of its own.

use serde::Serialize;
use serde_json::{Map, Value};
use tipring_csta_types::call_data::CallData;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::MonitorCrossRefId;
use tipring_csta_types::{Reply, Request};

/// Returns an event as an object, with the monitor it is for and the screen-pop data, where there are some.
pub fn event(event: &Event, monitor: Option<MonitorCrossRefId>, data: Option<&CallData>) -> Map<String, Value> {
    let mut object = object(event);
    if let Some(monitor) = monitor {
        object.insert("monitorCrossRefID".into(), monitor.0.into());
    }
    if let Some(data) = data {
        object.insert("private".into(), Value::Object(self::object(data)));
    }
    object
}

/// Returns a request as an object.
pub fn request(request: &Request) -> Map<String, Value> {
    object(request)
}

/// Returns the answer to a request as an object; a refusal is `{"failure": name, "error": number}`.
pub fn answer(answer: &Result<Reply, UniversalFailure>) -> Map<String, Value> {
    match answer {
        Ok(reply) => object(reply),
        Err(failure) => {
            [("failure".into(), value(failure)), ("error".into(), failure.number().into())].into_iter().collect()
        }
    }
}

fn object(message: &impl Serialize) -> Map<String, Value> {
    match value(message) {
        Value::Object(object) => object,
        other => unreachable!("messages are objects, not {other}"),
    }
}

fn value(of: &impl Serialize) -> Value {
    match serde_json::to_value(of) {
        Ok(value) => value,
        Err(error) => unreachable!("messages are made of text and numbers: {error}"),
    }
}

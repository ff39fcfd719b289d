//! The schema: an AsyncAPI 3 document with the JSON schemas of all messages, made of their Rust types.
//!
//! Never: has a list of members of its own.

use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{CallId, DeviceId};
use tipring_csta_types::private::{EventData, ReplyData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::switch::{EventReport, SwitchRequest};
use tipring_csta_types::{Request, call_data::CallData, cause::UniversalFailure};

use crate::message::{Gap, Opened, Opening, OpeningRefused, Resumed, usual_members};
use crate::records::{QueueFigures, RecordsReply, RecordsRequest};

/// Returns the document as text.
pub(crate) fn text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| serde_json::to_string_pretty(&document()).expect("a document is JSON") + "\n")
}

/// A message: its name, its description, the schema of its own members, and what is added to them.
struct Family {
    name: &'static str,
    text: &'static str,
    schema: Value,
    added: Value,
}

/// Returns the AsyncAPI document of the JSON socket.
pub fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let sequence = json!({ "sequence": { "type": "integer", "minimum": 1, "description": "Number of the message" } });
    let with = |mut object: Value, more: Value| {
        let (Value::Object(members), Value::Object(more)) = (&mut object, more) else { return object };
        members.extend(more);
        object
    };
    let monitor = json!({ "monitorCrossRefID": { "type": "integer", "description": "The monitor" } });
    let id = json!({ "id": { "description": "The client's own name for its request, given back with the reply" } });
    let part = |generator: &mut SchemaGenerator, name: &str, of: Value| -> Value {
        let _ = generator;
        json!({ name: of })
    };
    let call_data = of::<CallData>(&mut generator);
    let event_data = of::<EventData>(&mut generator);
    let reply_data = of::<ReplyData>(&mut generator);
    let request_data = of::<RequestData>(&mut generator);
    let failure = of::<UniversalFailure>(&mut generator);
    let snapshot = json!({ "oneOf": [
        state("deviceID", of::<DeviceId>(&mut generator), of::<Reply>(&mut generator), &failure),
        state("callID", of::<CallId>(&mut generator), of::<Reply>(&mut generator), &failure),
        members(&[("complete", json!({ "const": true }))]),
    ] });
    let received = [
        Family {
            name: "opening",
            text: "The first message: opens a session by login and password, or resumes one by its token",
            schema: of::<Opening>(&mut generator),
            added: json!({}),
        },
        Family {
            name: "request",
            text: "A service. Members that say nothing may be left out: filters, agent group, private data",
            schema: of::<Request>(&mut generator),
            added: with(id.clone(), part(&mut generator, "private", request_data)),
        },
        Family {
            name: "recordsRequest",
            text: "A request for what the site has on record; needs the right review, and for work orders that or call",
            schema: of::<RecordsRequest>(&mut generator),
            added: id.clone(),
        },
        Family {
            name: "close",
            text: "The end of the session: its monitors go, its calls stay",
            schema: json!({ "type": "object", "properties": { "close": { "const": true } }, "required": ["close"] }),
            added: json!({}),
        },
    ];
    let sent = [
        Family {
            name: "opened",
            text: "The session is open; its token resumes it within lingerSeconds after its socket was lost; services \
                   are the kinds that the user has a right to at any device",
            schema: members(&[("opened", of::<Opened>(&mut generator))]),
            added: json!({}),
        },
        Family {
            name: "resumed",
            text: "The session goes on after the message with this number",
            schema: members(&[("resumed", of::<Resumed>(&mut generator))]),
            added: json!({}),
        },
        Family {
            name: "refused",
            text: "The session was not opened or resumed; error is a number of ACSUniversalFailure",
            schema: members(&[("refused", of::<OpeningRefused>(&mut generator))]),
            added: json!({}),
        },
        Family {
            name: "reply",
            text: "The reply to a request; that of a snapshot of a call has its screen-pop data under private",
            schema: of::<Reply>(&mut generator),
            added: with(
                with(sequence.clone(), id.clone()),
                with(json!({ "private": call_data }), part(&mut generator, "vendor", reply_data)),
            ),
        },
        Family {
            name: "figures",
            text: "Live figures of the queues that the user may observe, sent to those who watch them when they have \
                   changed. They have no number: the newest stand for all before",
            schema: json!({ "type": "object", "required": ["figures"], "properties": { "figures": {
                "type": "object", "required": ["queues"],
                "properties": { "queues": { "type": "array", "items": of::<QueueFigures>(&mut generator) } }
            } } }),
            added: json!({}),
        },
        Family {
            name: "changed",
            text: "Lists that the client has open by watch and that it is to ask for anew: what is in them has changed. It \
                   has no number; after a lost socket the client asks for its lists anew",
            schema: json!({ "type": "object", "required": ["changed"], "properties": { "changed": {
                "type": "array", "items": { "enum": ["orders", "notices"] }
            } } }),
            added: json!({}),
        },
        Family {
            name: "recordsReply",
            text: "The reply to a request for records. It has a number if the request changed something; without one, it \
                   is lost with its socket, and the client asks again",
            schema: of::<RecordsReply>(&mut generator),
            added: id.clone(),
        },
        Family {
            name: "failure",
            text: "The refusal of a request; error is the number of the failure",
            schema: members(&[("failure", failure), ("error", json!({ "type": "integer" }))]),
            added: with(with(sequence.clone(), id), json!({ "why": { "type": "string" } })),
        },
        Family {
            name: "event",
            text: "An event of a monitor, with screen-pop data under private and data of the vendor dialect under vendor",
            schema: of::<Event>(&mut generator),
            added: with(
                with(sequence.clone(), monitor),
                with(json!({ "private": call_data }), json!({ "vendor": event_data })),
            ),
        },
        Family {
            name: "switchRequest",
            text: "A request of the switch, such as for a route",
            schema: of::<SwitchRequest>(&mut generator),
            added: sequence.clone(),
        },
        Family {
            name: "report",
            text: "A report that belongs to no monitor",
            schema: of::<EventReport>(&mut generator),
            added: sequence.clone(),
        },
        Family {
            name: "gap",
            text: "Messages from the one to the other number are lost; snapshots of all that is monitored follow",
            schema: members(&[("gap", of::<Gap>(&mut generator))]),
            added: json!({}),
        },
        Family {
            name: "snapshot",
            text: "The state of a device or call after all events with smaller numbers; complete ends the series",
            schema: members(&[("snapshot", snapshot)]),
            added: sequence,
        },
    ];
    let names = |families: &[Family]| -> Vec<Value> {
        families.iter().map(|family| json!({ "$ref": format!("#/channels/csta/messages/{}", family.name) })).collect()
    };
    let (receive, send) = (names(&received), names(&sent));
    let messages: Map<String, Value> = received.into_iter().chain(sent).map(message).collect();
    let channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    let mut schemas = generator.take_definitions(true);
    relax(&mut schemas);
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "tipring: CSTA phase I as JSON over WebSocket",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "One message is one text frame. Messages of the server are numbered per session; a client \
                that was cut off resumes from the last number it has and misses nothing, or is shown a gap and \
                the state after it.",
        },
        "channels": { "csta": { "address": "/csta", "messages": channel } },
        "operations": {
            "receive": { "action": "receive", "channel": { "$ref": "#/channels/csta" }, "messages": receive },
            "send": { "action": "send", "channel": { "$ref": "#/channels/csta" }, "messages": send },
        },
        "components": { "messages": messages, "schemas": schemas },
    })
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn members(members: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = members.iter().map(|(name, of)| ((*name).to_owned(), of.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": names })
}

/// The state of an object: its name beside the reply to a snapshot, or the failure of one.
fn state(name: &str, of: Value, reply: Value, failure: &Value) -> Value {
    let refused = members(&[("failure", failure.clone()), ("error", json!({ "type": "integer" }))]);
    json!({ "allOf": [members(&[(name, of)]), { "oneOf": [reply, refused] }] })
}

/// Takes the members that a client may leave out from those that a request must have, and gives them their values.
fn relax(schemas: &mut Map<String, Value>) {
    let requests = schemas.get_mut("Request").and_then(|schema| schema["oneOf"].as_array_mut());
    for request in requests.into_iter().flatten() {
        let name = request["properties"]["request"]["const"].as_str().unwrap_or_default().to_owned();
        for (member, usual) in usual_members(&name) {
            request["properties"][*member]["default"] = serde_json::from_str(usual).expect("a good literal");
            request["required"].as_array_mut().expect("the name at least").retain(|required| required != member);
        }
    }
}

fn message(Family { name, text, schema, added }: Family) -> (String, Value) {
    let payload = match added.as_object().is_none_or(Map::is_empty) {
        true => schema,
        false => json!({ "allOf": [schema, { "type": "object", "properties": added }] }),
    };
    (name.into(), json!({ "name": name, "summary": text, "payload": payload }))
}

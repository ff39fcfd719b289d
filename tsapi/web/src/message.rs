//! Messages that the JSON socket has beyond the services and events of CSTA.
//!
//! Never: has a list of the services.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tipring_csta_types::Request;
use tipring_csta_types::cause::UniversalFailure;
use tipring_csta_types::event::Event;
use tipring_csta_types::id::{DeviceId, MonitorCrossRefId};
use tipring_csta_types::private::{EventData, ReplyData, RequestData};
use tipring_csta_types::reply::Reply;
use tipring_csta_types::rights::ServiceGroup;
use tipring_csta_types::switch::{EventReport, SwitchRequest};

use crate::records::{RecordsRefusal, RecordsReply, RecordsRequest};

/// Opens a session.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogIn {
    /// The user.
    pub login: String,
    /// The password.
    pub password: String,
}

/// Resumes a session after its socket was lost.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resume {
    /// The session's token.
    pub token: String,
    /// Number of the last message that the client has; 0 for none.
    pub sequence: u64,
}

/// The first message of a client.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Opening {
    /// Opens a session.
    LogIn(LogIn),
    /// Resumes a session.
    Resume(Resume),
}

/// The session is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Opened {
    /// The session's token, by which a later socket resumes it.
    pub token: String,
    /// The user.
    pub login: String,
    /// Time in s for which the session waits for another socket once its own is lost.
    pub linger_seconds: u64,
    /// Kinds of services to which the user has a right at any device.
    pub services: Vec<ServiceGroup>,
}

/// The session goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Resumed {
    /// Number of the last message that the client has; those behind it follow.
    pub sequence: u64,
}

/// The session was not opened or resumed; the socket is closed with code 1008.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct OpeningRefused {
    /// The number of the failure (ACSUniversalFailure).
    pub error: i32,
    /// The failure in words.
    pub text: String,
    /// The reason, as a sentence.
    pub why: String,
}

/// Messages that are lost: they are kept no more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Gap {
    /// Number of the first.
    pub from: u64,
    /// Number of the last.
    pub to: u64,
}

/// The first message of the server, and the one that stands for lost messages: none of them has a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Standing {
    /// The session is open.
    Opened(Opened),
    /// The session goes on.
    Resumed(Resumed),
    /// The session was not opened or resumed.
    Refused(OpeningRefused),
    /// Messages are lost.
    Gap(Gap),
}

impl Standing {
    /// Returns the message.
    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).expect("text and numbers")
    }
}

/// Any further message of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A service.
    Service {
        /// The client's own name for it, given back with the reply.
        id: Value,
        request: Request,
        data: Option<Box<RequestData>>,
    },
    /// A request for the site's records.
    Records { id: Value, request: RecordsRequest },
    /// The end of the session.
    Close,
}

/// Refusal of a client's message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) id: Value,
    pub(crate) failure: UniversalFailure,
    pub(crate) why: String,
}

/// Members that a client may leave out, and their values.
pub(crate) fn usual_members(request: &str) -> &'static [(&'static str, &'static str)] {
    match request {
        "monitorDevice" | "monitorCall" | "monitorCallsViaDevice" => &[("monitorFilter", "{}")],
        "setAgentState" => &[("agentID", "\"\""), ("agentGroup", "\"\""), ("agentPassword", "\"\"")],
        "holdCall" => &[("reservation", "false")],
        "systemStatusStart" => &[("statusFilter", "0")],
        "getDeviceList" => &[("index", "-1")],
        "routeSelect" => &[("remainRetry", "-1"), ("setupInformation", "[]"), ("routeUsedReq", "false")],
        _ => &[],
    }
}

/// Reads a client's message.
pub(crate) fn read(text: &str) -> Result<Asked, Refused> {
    let refused = |id: Value, failure, why: String| Refused { id, failure, why };
    let mut members: Map<String, Value> = serde_json::from_str(text)
        .map_err(|why| refused(Value::Null, UniversalFailure::BadlyStructuredApduRejection, why.to_string()))?;
    if members.get("close") == Some(&Value::Bool(true)) {
        return Ok(Asked::Close);
    }
    let id = members.remove("id").unwrap_or_default();
    let data = match members.remove("private").map(serde_json::from_value) {
        None => None,
        Some(Ok(data)) => Some(Box::new(data)),
        Some(Err(why)) => return Err(refused(id, UniversalFailure::MistypedArgumentRejection, why.to_string())),
    };
    let Some(name) = members.get("request").and_then(Value::as_str).map(str::to_owned) else {
        let why = "there is no member \"request\" with the name of a service";
        return Err(refused(id, UniversalFailure::BadlyStructuredApduRejection, why.into()));
    };
    if RecordsRequest::is_name(&name) {
        return match serde_json::from_value(Value::Object(members)) {
            Ok(request) => Ok(Asked::Records { id, request }),
            Err(why) => Err(refused(id, UniversalFailure::MistypedArgumentRejection, why.to_string())),
        };
    }
    for (member, usual) in usual_members(&name) {
        members.entry(*member).or_insert_with(|| serde_json::from_str(usual).expect("a good literal"));
    }
    match serde_json::from_value(Value::Object(members)) {
        Ok(request) => Ok(Asked::Service { id, request, data }),
        Err(why) => {
            let known = Request::ALL.iter().any(|(_, known)| name.eq_ignore_ascii_case(known));
            let failure = match known {
                true => UniversalFailure::MistypedArgumentRejection,
                false => UniversalFailure::UnrecognizedOperationRejection,
            };
            Err(refused(id, failure, why.to_string()))
        }
    }
}

/// Reads a client's message as the socket would, without carrying it out.
///
/// # Errors
/// The failure that the socket would answer it with, and its sentence.
pub fn check_message(text: &str) -> Result<(), (UniversalFailure, String)> {
    read(text).map(|_| ()).map_err(|refused| (refused.failure, refused.why))
}

/// Returns the text of an object under its number.
pub(crate) fn numbered(number: u64, mut object: Map<String, Value>) -> String {
    object.insert("sequence".into(), number.into());
    Value::Object(object).to_string()
}

fn object(message: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(message) {
        Ok(Value::Object(object)) => object,
        other => unreachable!("messages are objects of text and numbers, not {other:?}"),
    }
}

/// Adds a part under a name, without the members that have their usual values; nothing if all have.
fn insert_telling<T: Serialize + Default>(into: &mut Map<String, Value>, name: &str, part: &T) {
    let usual = object(&T::default());
    let telling: Map<String, Value> =
        object(part).into_iter().filter(|(member, value)| usual.get(member) != Some(value)).collect();
    if !telling.is_empty() {
        into.insert(name.into(), Value::Object(telling));
    }
}

/// Returns the answer to a request, with screen-pop data under `private`; a refusal is `{"failure": name, "error":
/// number}`.
pub(crate) fn answer(
    id: Value,
    result: &Result<Reply, UniversalFailure>,
    data: Option<&ReplyData>,
) -> Map<String, Value> {
    let mut object = tipring_tsapi::json::answer(result);
    object.insert("id".into(), id);
    if let Some(data) = data {
        insert_telling(&mut object, "vendor", data);
        if let Some(call) = data.call.as_deref() {
            insert_telling(&mut object, "private", call);
        }
    }
    object
}

/// Returns the refusal of a message, with a sentence that says why.
pub(crate) fn refusal(Refused { id, failure, why }: Refused) -> Map<String, Value> {
    let mut object = answer(id, &Err(failure), None);
    object.insert("why".into(), why.into());
    object
}

/// Returns the answer to a request for the site's records.
pub(crate) fn records_answer(id: Value, result: Result<RecordsReply, RecordsRefusal>) -> Map<String, Value> {
    match result {
        Ok(reply) => {
            let mut object = object(&reply);
            object.insert("id".into(), id);
            object
        }
        Err(RecordsRefusal { failure, why }) => refusal(Refused { id, failure, why }),
    }
}

/// Returns an event for a monitor: screen-pop data under `private`, data of the vendor dialect under `vendor`.
pub(crate) fn event(event: &Event, monitor: MonitorCrossRefId, data: Option<&EventData>) -> Map<String, Value> {
    let call = data.and_then(|data| data.call.as_deref());
    let mut object = tipring_tsapi::json::event(event, Some(monitor), call);
    if let Some(data) = data {
        insert_telling(&mut object, "vendor", &EventData { call: None, ..data.clone() });
    }
    object
}

/// Returns a request of the switch.
pub(crate) fn switch_request(request: &SwitchRequest) -> Map<String, Value> {
    object(request)
}

/// Returns a report that belongs to no monitor.
pub(crate) fn event_report(report: &EventReport) -> Map<String, Value> {
    object(report)
}

/// The object of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) enum Snapshot {
    #[serde(rename = "deviceID")]
    Device(DeviceId),
    #[serde(rename = "callID")]
    Call(i32),
    /// All snapshots after a gap have been sent.
    #[serde(rename = "complete")]
    Complete(bool),
}

/// Returns a part of the state after a gap: the reply to a snapshot of a device or a call.
pub(crate) fn snapshot(of: &Snapshot, result: &Result<Reply, UniversalFailure>) -> Map<String, Value> {
    let mut members = object(of);
    if !matches!(of, Snapshot::Complete(_)) {
        members.extend(tipring_tsapi::json::answer(result));
    }
    [("snapshot".into(), Value::Object(members))].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tipring_csta_types::{AgentId, AgentMode, AgentPassword, filter::MonitorFilter};

    #[test]
    fn a_service_is_read_with_its_id_and_members_that_were_left_out_have_their_usual_values() {
        let device = DeviceId::new("1001").unwrap();
        let asked = read(r#"{"id":"a","request":"monitorDevice","deviceID":"1001"}"#).unwrap();
        let request = Request::MonitorDevice { device, filter: MonitorFilter::NONE };
        assert_eq!(asked, Asked::Service { id: "a".into(), request, data: None });
        let text =
            r#"{"id":2,"request":"setAgentState","device":"1001","agentMode":"ready","private":{"reasonCode":7}}"#;
        let request = Request::SetAgentState {
            device,
            mode: AgentMode::Ready,
            agent_id: AgentId::EMPTY,
            agent_group: DeviceId::EMPTY,
            password: AgentPassword::EMPTY,
        };
        let data = Some(Box::new(RequestData { reason_code: 7, ..RequestData::default() }));
        assert_eq!(read(text).unwrap(), Asked::Service { id: 2.into(), request, data });
        assert_eq!(read(r#"{"close":true}"#), Ok(Asked::Close));
    }

    #[test]
    fn bad_messages_are_refused_with_the_failure_of_the_octets() {
        use UniversalFailure as F;
        for (text, failure) in [
            ("", F::BadlyStructuredApduRejection),
            ("[]", F::BadlyStructuredApduRejection),
            ("{}", F::BadlyStructuredApduRejection),
            (r#"{"request":7}"#, F::BadlyStructuredApduRejection),
            (r#"{"request":"makeCoffee"}"#, F::UnrecognizedOperationRejection),
            (r#"{"request":"makeCall"}"#, F::MistypedArgumentRejection),
            (r#"{"request":"makeCall","callingDevice":7,"calledDevice":"1"}"#, F::MistypedArgumentRejection),
            (r#"{"request":"escape","private":7}"#, F::MistypedArgumentRejection),
        ] {
            let refused = read(text).unwrap_err();
            assert_eq!(refused.failure, failure, "{text}");
            assert!(!refused.why.is_empty());
        }
        let deep = format!("{}{}", r#"{"a":"#.repeat(500), "}".repeat(500));
        assert_eq!(read(&deep).unwrap_err().failure, F::BadlyStructuredApduRejection);
    }

    #[test]
    fn the_document_has_every_request_and_event_and_its_lines_are_read() {
        use crate::replay_buffer::{MESSAGES_MAX, OCTETS_MAX};
        use crate::session::{MONITORS_MAX, OUTSTANDING_MAX, RECORDS_MAX};
        let text = include_str!("../JSON.md");
        let pop = include_str!("../examples/screen_pop.mjs");
        assert!(text.contains(&format!("```js\n{pop}```")), "the example stands there as it is");
        assert!(pop.lines().count() < 40);
        let camel = |name: &str| name[..1].to_lowercase() + &name[1..];
        let requests = Request::ALL.iter().map(|(_, name)| camel(name));
        let events = Event::ALL.iter().map(|(_, name)| camel(name));
        let records = RecordsRequest::names().map(str::to_owned);
        for name in requests.chain(events).chain(records) {
            assert!(text.contains(&format!("`{name}`")), "{name} is missing");
        }
        for (number, sent) in text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.strip_prefix("> ")?)))
        {
            let is_opening = serde_json::from_str::<Opening>(sent).is_ok();
            assert!(is_opening || read(sent).is_ok(), "line {number}: {:?}", read(sent));
        }
        for (number, line) in text.lines().enumerate().filter_map(|(at, line)| Some((at + 1, line.strip_prefix("< ")?)))
        {
            let message: Value = serde_json::from_str(line).unwrap_or_else(|why| panic!("line {number}: {why}"));
            received(&message).unwrap_or_else(|why| panic!("line {number}: {why}"));
        }
        let limits = (MESSAGES_MAX, OCTETS_MAX, OUTSTANDING_MAX, RECORDS_MAX, MONITORS_MAX);
        assert_eq!(limits, (2_048, 1 << 20, 64, 8, 1_024), "the document has these");
    }

    /// Reads a message of the server.
    fn received(message: &Value) -> Result<(), String> {
        fn of<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, String> {
            serde_json::from_value(value.clone()).map_err(|why| why.to_string())
        }
        let bare = |names: &[&str]| {
            let mut members = message.as_object().cloned().unwrap_or_default();
            names.iter().for_each(|name| drop(members.remove(*name)));
            Value::Object(members)
        };
        if let Some(data) = message.get("private") {
            of::<tipring_csta_types::call_data::CallData>(data)?;
        }
        if message.get("event").is_some() {
            return of::<Event>(&bare(&["private", "vendor", "sequence", "monitorCrossRefID"])).map(drop);
        }
        if message.get("reply").is_some() {
            message.get("vendor").map(of::<ReplyData>).transpose()?;
            return of::<Reply>(&bare(&["id", "private", "vendor", "sequence"])).map(drop);
        }
        if let Some(failure) = message.get("failure") {
            let failure: UniversalFailure = of(failure)?;
            let is_its_number = message["error"] == failure.number();
            return if is_its_number { Ok(()) } else { Err(format!("{failure:?} is {}", failure.number())) };
        }
        match message.get("snapshot") {
            Some(snapshot) if snapshot["complete"] == true => Ok(()),
            Some(snapshot) => of::<Reply>(snapshot).map(drop),
            None => match (message.get("figures"), message.get("changed")) {
                (Some(figures), _) => of::<Vec<crate::figures::QueueFigures>>(&figures["queues"]).map(drop),
                (None, Some(changed)) => of::<Vec<String>>(changed).map(drop),
                (None, None) => of::<Standing>(message).map(drop),
            },
        }
    }
}

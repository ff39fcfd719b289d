//! `tipring pop`: shows who is calling, on an agent's screen or, a line an event, to another program.
//!
//! A TSAPI client like any other: it logs in, monitors one device and prints what the monitor sees. When the server
//! goes away it says so and tries again; what will not get better by trying ends it with a sentence.

use core::fmt;
use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event, Machine};
use tipring_core::csta::{
    AgentId, CallId, ConnectionDevice, ConnectionId, DeviceId, ExtendedDeviceId, InvalidId, MonitorFilter, Request,
};
use tipring_tsapi::client::{Client, ClientError, ClientOptions};
use tipring_tsapi::json;
use tipring_tsapi::session::{CloseReason, Incoming};

use super::stream::StreamArgs;
use crate::customers::card_words;
use crate::run::observe::failure_words;
use crate::site_clock::SiteClock;

/// The first pause before trying again; each next one is twice as long, up to the last.
pub(super) const PAUSE_FIRST: Duration = Duration::from_secs(1);
pub(super) const PAUSE_LAST: Duration = Duration::from_secs(30);
/// Wait for an event before the connection is checked.
const LISTEN: Duration = Duration::from_secs(60);
/// With a heartbeat as often as this, a server that has died is noticed in half a minute.
const HEARTBEAT_SECONDS: i16 = 15;

/// Arguments of `tipring pop`.
#[derive(Debug, Clone, clap::Args)]
pub struct PopArgs {
    /// The stream.
    #[command(flatten)]
    pub stream: StreamArgs,
    /// The station or queue to watch, as an extension
    #[arg(long, value_name = "EXTENSION")]
    pub device: String,
    /// Print every event as one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// Reason for which there are no more pops.
#[derive(Debug)]
pub enum PopError {
    /// The device cannot be one.
    Device(InvalidId),
    /// There is no password, or no certificate to trust.
    Stream(String),
    /// The server cannot be used.
    Client(ClientError),
    /// The server does not let the user watch the device.
    Monitor {
        /// The device.
        device: String,
        /// The server's answer.
        failure: UniversalFailure,
    },
    /// The standard output is closed.
    Output(io::Error),
}

impl fmt::Display for PopError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PopError::Device(error) => write!(f, "The device is not an extension. {error}"),
            PopError::Stream(why) => f.write_str(why),
            PopError::Client(error @ ClientError::Certificate(_)) => {
                write!(
                    f,
                    "{error}. --ca FILE names the certificate of its authority, or its own; --server the host it is of"
                )
            }
            PopError::Client(error) => error.fmt(f),
            PopError::Monitor { device, failure } => match failure {
                UniversalFailure::InvalidCstaDeviceIdentifier | UniversalFailure::ObjectNotKnown => {
                    write!(f, "The server knows no device {device}")
                }
                UniversalFailure::PrivilegeViolationOnSpecifiedDevice => {
                    write!(f, "The user may not watch the device {device}")
                }
                other => write!(f, "The device {device} cannot be watched: {other}"),
            },
            PopError::Output(error) => write!(f, "The output cannot be written: {error}"),
        }
    }
}

impl std::error::Error for PopError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PopError::Device(error) => Some(error),
            PopError::Stream(_) => None,
            PopError::Output(error) => Some(error),
            PopError::Client(error) => Some(error),
            PopError::Monitor { failure, .. } => Some(failure),
        }
    }
}

/// Shows calls until the program is ended or trying makes no sense any more.
pub fn run(args: &PopArgs) -> Result<(), PopError> {
    let device = DeviceId::new(&args.device).map_err(PopError::Device)?;
    let options = args.stream.options().map_err(PopError::Stream)?;
    // A first connection that fails ends the program; a lost one is tried again.
    let mut client = connect(&options, device)?;
    loop {
        greet(args, &client)?;
        let lost = match watch(&mut client, args.json)? {
            Ok(never) => match never {},
            Err(error) => error,
        };
        eprintln!("{lost}. Trying again.");
        client = reconnect(&options, device)?;
    }
}

/// Opens a stream and starts the monitor.
pub(super) fn connect(options: &ClientOptions, device: DeviceId) -> Result<Client, PopError> {
    let mut client = Client::open(options).map_err(PopError::Client)?;
    match client.call(&Request::MonitorDevice { device, filter: MonitorFilter::default() }) {
        Ok(_) => {}
        Err(ClientError::Refused(failure)) => {
            return Err(PopError::Monitor { device: device.to_string(), failure });
        }
        Err(error) => return Err(PopError::Client(error)),
    }
    client.set_heartbeat(HEARTBEAT_SECONDS).map_err(PopError::Client)?;
    Ok(client)
}

/// Tries until the server is back, or says what only a person can change.
fn reconnect(options: &ClientOptions, device: DeviceId) -> Result<Client, PopError> {
    let mut pause = PAUSE_FIRST;
    loop {
        thread::sleep(pause);
        match connect(options, device) {
            Err(PopError::Client(error)) if may_pass(&error) => {
                pause = (2 * pause).min(PAUSE_LAST);
                eprintln!("{error}. Trying again in {} s.", pause.as_secs());
            }
            other => return other,
        }
    }
}

/// Returns true if an error is transient.
pub(super) const fn may_pass(error: &ClientError) -> bool {
    match error {
        ClientError::Io { .. } | ClientError::Lost | ClientError::NoAnswer => true,
        ClientError::Closed(why) => match why {
            CloseReason::Ended(_) | CloseReason::Frame(_) | CloseReason::TimedOut | CloseReason::Closed => true,
            CloseReason::Refused(_)
            | CloseReason::Message(_)
            | CloseReason::UnknownLogin { .. }
            | CloseReason::Aborted => false,
        },
        ClientError::Invalid(_)
        | ClientError::NoTlink { .. }
        | ClientError::Refused(_)
        | ClientError::NoPrivateData
        | ClientError::Certificate(_)
        | ClientError::WithinTls => false,
    }
}

fn greet(args: &PopArgs, client: &Client) -> Result<(), PopError> {
    if args.json {
        return Ok(());
    }
    print(&format!("Waiting for calls at {}. Ctrl-C ends.\n", args.device))?;
    if client.vendor().is_none() {
        print("The server gives no customer data, only numbers.\n")?;
    }
    Ok(())
}

/// Prints what the monitor sees until the server is lost.
fn watch(client: &mut Client, json: bool) -> Result<Result<core::convert::Infallible, ClientError>, PopError> {
    loop {
        match client.receive(LISTEN) {
            Ok(Some(Incoming::Report { event, data, .. })) => {
                let text = if json { json_line(&event, data.as_ref()) } else { sentences(&event, data.as_ref()) };
                print(&text)?;
            }
            Ok(
                Some(
                    Incoming::Confirmation { .. }
                    | Incoming::SystemStatus(_)
                    | Incoming::EventReport(_)
                    | Incoming::SwitchRequest { .. }
                    | Incoming::HeartbeatSet { .. }
                    | Incoming::Refused { .. },
                )
                | None,
            ) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
}

pub(super) fn print(text: &str) -> Result<(), PopError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(PopError::Output)
}

/// The customer's card: a line a field that says something.
pub(super) fn card_lines(call: &CallData) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!("  {name:<10}{value}\n"));
        }
    };
    line("Name", call.caller_name.as_deref().unwrap_or(""));
    line("Customer", call.customer.as_deref().unwrap_or("not known"));
    line("Account", call.account.as_deref().unwrap_or(""));
    line("Keyed", &call.keyed);
    for (name, value) in &call.variables {
        line(name, value);
    }
    line("Queue", call.queue.as_deref().unwrap_or(""));
    line("Machine", call.machine.map_or("", machine_words));
    line("Notes", &call.notes);
    let card = call.card.clone().unwrap_or_default();
    line("Entry", &if card.vip { format!("{} VIP", card.customer) } else { card.customer.clone() });
    line("Region", &card.region);
    line("On record", &card_words(&card));
    for each in &card.lines {
        let at = SiteClock::of_machine().at(each.at_ms).format("%m-%d %H:%M");
        line(each.part.name(), &format!("{at} {}", each.text));
    }
    line("Waited", &format!("{:.1} s", Duration::from_millis(call.wait_ms).as_secs_f64()));
    text
}

/// Describes an event for a reader; empty where there is nothing to act on.
pub(super) fn sentences(event: &Event, data: Option<&CallData>) -> String {
    match event {
        Event::Delivered { connection, calling_device, called_device, .. } => {
            let mut text = format!("\nCall {} for {}\n", connection.call.0, connection.device);
            let mut line = |name: &str, value: &str| {
                if !value.is_empty() {
                    text.push_str(&format!("  {name:<10}{value}\n"));
                }
            };
            line("Number", number(calling_device));
            line("Called", number(called_device));
            if let Some(call) = data {
                text.push_str(&card_lines(call));
            }
            text
        }
        Event::Established { established_connection, calling_device, .. } => {
            let known = |call: &CallData| call.customer.clone().or(call.caller_name.clone());
            let caller = match data.and_then(known) {
                Some(name) => name,
                None => number(calling_device).to_owned(),
            };
            let ConnectionId { call: CallId(call), device, .. } = established_connection;
            format!("Call {call} with {caller} was answered at {device}\n")
        }
        Event::Diverted { connection, new_destination, .. } => {
            format!("Call {} went on to {}\n", connection.call.0, number(new_destination))
        }
        Event::ConnectionCleared { dropped_connection, releasing_device, .. } => {
            format!("Call {}: {} has left\n", dropped_connection.call.0, party(dropped_connection, releasing_device))
        }
        Event::Failed {
            failed_connection: ConnectionId { call: CallId(call), device, .. },
            called_device,
            cause,
            ..
        } => match failure_words(*cause) {
            None => format!("Call {call}: the other party has hung up; {device} is off hook still\n"),
            Some(why) => format!("Call {call} to {} was not put through: {why}\n", number(called_device)),
        },
        Event::Queued { queued_connection, calling_device, number_queued, .. } => {
            let (CallId(call), caller) = (queued_connection.call, number(calling_device));
            format!("Call {call} from {caller} waits; {number_queued} waiting\n")
        }
        Event::CallInformation { connection, .. } => match data.and_then(|call| call.machine) {
            Some(machine) => format!("Call {}: {} is at the other end\n", connection.call.0, machine_words(machine)),
            None => match data.filter(|call| !call.notes.is_empty()) {
                Some(call) => format!("Call {}: notes: {}\n", connection.call.0, call.notes),
                None => String::new(),
            },
        },
        Event::LoggedOn { agent_device, agent_id, .. } => agent(agent_id, agent_device, "logged in"),
        Event::LoggedOff { agent_device, agent_id, .. } => agent(agent_id, agent_device, "logged out"),
        Event::Ready { agent_device, agent_id } => agent(agent_id, agent_device, "ready"),
        Event::NotReady { agent_device, agent_id } => agent(agent_id, agent_device, "not ready"),
        Event::WorkNotReady { agent_device, agent_id } => agent(agent_id, agent_device, "wrap-up"),
        Event::WorkReady { agent_device, agent_id } => agent(agent_id, agent_device, "wrap-up, ready"),
        Event::OutOfService { device, .. } => format!("{device} is out of service\n"),
        Event::BackInService { device, .. } => format!("{device} is back in service\n"),
        Event::MonitorEnded { .. } => "The server has ended the monitor\n".into(),
        _ => String::new(),
    }
}

/// A line about an agent's state.
fn agent(id: &AgentId, device: &ExtendedDeviceId, state: &str) -> String {
    format!("Agent {id} at {}: {state}\n", number(device))
}

/// A machine as a person knows it.
const fn machine_words(machine: Machine) -> &'static str {
    match machine {
        Machine::Fax => "a fax machine",
        Machine::Modem => "a modem",
        Machine::FaxOrModem => "a fax machine or a modem",
    }
}

/// The party of a connection as a person knows it: an outside party has an identifier of the call's own, as T5#.
fn party<'a>(connection: &'a ConnectionId, device: &'a ExtendedDeviceId) -> &'a str {
    match (device.device.is_empty(), connection.kind) {
        (true, ConnectionDevice::Dynamic) => "the outside party",
        (true, ConnectionDevice::Static) => connection.device.as_str(),
        (false, _) => device.device.as_str(),
    }
}

/// A device as a person knows it.
fn number(device: &ExtendedDeviceId) -> &str {
    if device.device.is_empty() { "a number that is not shown" } else { device.device.as_str() }
}

/// An event as one line of JSON in the vocabulary's own encoding, with what is known of the customer under `private`.
pub(super) fn json_line(event: &Event, data: Option<&CallData>) -> String {
    format!("{}\n", serde_json::Value::Object(json::event(event, None, data)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use tipring_core::csta::cause::EventCause;
    use tipring_core::csta::customer_card::{CardLine, CardPart, CustomerCard};
    use tipring_core::csta::{AccountInfo, AuthCode, LocalConnectionState};

    fn device(text: &str) -> DeviceId {
        DeviceId::new(text).unwrap()
    }

    fn delivered(from: &str) -> Event {
        Event::Delivered {
            connection: ConnectionId { call: CallId(42), device: device("1001"), ..ConnectionId::NONE },
            alerting_device: ExtendedDeviceId::inside(device("1001")),
            calling_device: ExtendedDeviceId::outside(device(from)),
            called_device: ExtendedDeviceId::inside(device("5001")),
            last_redirection_device: ExtendedDeviceId::NOT_REQUIRED,
            local: LocalConnectionState::Alerting,
            cause: EventCause::NewCall,
        }
    }

    fn data() -> CallData {
        CallData {
            customer: Some("王小明".into()),
            account: Some("A-17".into()),
            caller: Some("13800138000".into()),
            caller_name: Some("王Xiaoming".into()),
            keyed: "2".into(),
            queue: Some("5000".into()),
            wait_ms: 4250,
            machine: None,
            variables: [("Meter".into(), "0571".into())].into(),
            notes: String::new(),
            recording: None,
            card: None,
            ..CallData::default()
        }
    }

    #[test]
    fn a_pop_tells_who_calls_and_why() {
        let text = sentences(&delivered("13800138000"), Some(&data()));
        let expected = "\nCall 42 for 1001\n  Number    13800138000\n  Called    5001\n  Name      王Xiaoming\n  Customer  王小明\n  \
                        Account   A-17\n  Keyed     2\n  Meter     0571\n  Queue     5000\n  Waited    4.2 s\n";
        assert_eq!(text, expected);
        assert!(sentences(&delivered(""), None).contains("a number that is not shown"));
    }

    #[test]
    fn the_end_of_a_call_reads_as_one_and_parties_have_their_numbers() {
        let connection =
            |device: &str, kind| ConnectionId { call: CallId(42), device: DeviceId::new(device).unwrap(), kind };
        let cleared = |connection, releasing_device| {
            let (local, cause) = (LocalConnectionState::Connect, EventCause::None);
            let event = Event::ConnectionCleared { dropped_connection: connection, releasing_device, local, cause };
            sentences(&event, None)
        };
        let outside = connection("T5#", ConnectionDevice::Dynamic);
        let known = ExtendedDeviceId::outside(device("13800138000"));
        assert_eq!(cleared(outside, known), "Call 42: 13800138000 has left\n");
        assert_eq!(cleared(outside, ExtendedDeviceId::NOT_KNOWN), "Call 42: the outside party has left\n");
        let inside = connection("1001", ConnectionDevice::Static);
        assert_eq!(cleared(inside, ExtendedDeviceId::inside(device("1001"))), "Call 42: 1001 has left\n");
        let failed = |cause| {
            let called_device = ExtendedDeviceId::inside(device("95598"));
            let (failed_connection, failing_device) = (inside, called_device);
            let local = LocalConnectionState::Fail;
            sentences(&Event::Failed { failed_connection, failing_device, called_device, local, cause }, None)
        };
        assert_eq!(failed(EventCause::None), "Call 42: the other party has hung up; 1001 is off hook still\n");
        assert_eq!(failed(EventCause::Busy), "Call 42 to 95598 was not put through: the number is busy\n");
    }

    #[test]
    fn a_pop_has_the_card_of_what_is_on_record() {
        let line = CardLine { part: CardPart::Order, at_ms: 0, text: "0017-7 fault, accepted: no current".into() };
        let card = CustomerCard {
            customer: "C17".into(),
            vip: true,
            calls: 4,
            missed: 1,
            orders: 1,
            lines: vec![line],
            ..CustomerCard::default()
        };
        let text = card_lines(&CallData { card: Some(card), ..data() });
        for wanted in
            ["Entry     C17 VIP\n", "On record calls 4, missed 1, open orders 1\n", " 0017-7 fault, accepted: no"]
        {
            assert!(text.contains(wanted), "{wanted:?} in {text}");
        }
    }

    #[test]
    fn a_machine_is_told_with_the_call_or_when_it_makes_itself_known() {
        let data = CallData { machine: Some(Machine::Fax), ..data() };
        let text = sentences(&delivered("13800138000"), Some(&data));
        assert!(text.contains("\n  Machine   a fax machine\n"), "{text}");
        let event = Event::CallInformation {
            connection: ConnectionId { call: CallId(42), device: device("T7#"), ..ConnectionId::NONE },
            device: ExtendedDeviceId::outside(device("13800138000")),
            account_info: AccountInfo::EMPTY,
            authorisation_code: AuthCode::EMPTY,
        };
        assert_eq!(sentences(&event, Some(&data)), "Call 42: a fax machine is at the other end\n");
        let value: Value = serde_json::from_str(&json_line(&event, Some(&data))).unwrap();
        assert_eq!((&value["event"], &value["private"]["machine"]), (&json!("callInformation"), &json!("fax")));
    }

    #[test]
    fn an_event_is_one_line_of_json() {
        let line = json_line(&delivered("13800138000"), Some(&data()));
        let (json, end) = line.split_at(line.len() - 1);
        assert_eq!(end, "\n");
        let value: Value = serde_json::from_str(json).unwrap();
        let expected = json!({
            "event": "delivered",
            "connection": { "callID": 42, "deviceID": "1001", "devIDType": "static" },
            "alertingDevice": { "deviceID": "1001", "deviceIDType": "deviceIdentifier", "deviceIDStatus": "provided" },
            "callingDevice": {
                "deviceID": "13800138000", "deviceIDType": "implicitPublic", "deviceIDStatus": "provided"
            },
            "calledDevice": { "deviceID": "5001", "deviceIDType": "deviceIdentifier", "deviceIDStatus": "provided" },
            "lastRedirectionDevice": {
                "deviceID": "", "deviceIDType": "deviceIdentifier", "deviceIDStatus": "notRequired"
            },
            "localConnectionInfo": "alerting",
            "cause": "newCall",
            "private": {
                "customer": "王小明", "account": "A-17", "caller": "13800138000", "caller_name": "王Xiaoming", "keyed": "2", "queue": "5000",
                "wait_ms": 4250, "variables": { "Meter": "0571" }
            }
        });
        assert_eq!(value, expected);
        let unknown: Value = serde_json::from_str(&json_line(&delivered(""), None)).unwrap();
        assert_eq!((&unknown["callingDevice"]["deviceIDStatus"], unknown.get("private")), (&json!("notKnown"), None));
    }
}

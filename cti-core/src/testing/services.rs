//! Golden tables of the services of call control: every flow as data, in `services/*.txt`.
//!
//! A line that begins with `>` is a request or an act at a line; below it stands all that follows: the refusal if there
//! is one; each event with the local state at every monitor that has it (`D` device, `C` calls via device); commands to
//! lines; the sound that changed; the records kept. A line that begins with `:` prepares, and its consequences are
//! checked where they are the subject. `TIPRING_BLESS=1 cargo test -p tipring-core services` writes the tables anew, to
//! be read before they are committed.
//!
//! | word | acts |
//! |---|---|
//! | `ready 1001 7001` | an agent logs on and is ready |
//! | `call T1 5551234` | a caller comes in and presses 1 for the queue 5000 |
//! | `lift`, `down`, `flash`, `keys` | hands at a telephone |
//! | `dialled`, `answered`, `gone` | signs of a trunk |
//! | `failed T2`, `failed T2 glare`, `failed T2 intercepted` | the failure of a trunk; busy, if none is named |
//! | `hold 1@1001` … | the service on a connection: call, `@`, device |
//! | `listen 1@1001 1003`, `whisper`, `barge`, `takeover` | a supervisor and the connection of the supervised station |
//! | `release 1@1001 call REASON`, `force 1001 logout` | forced releases and states |
//! | `park 1@1001`, `camp 1@1001`, `group 1002`, `single 1@1001 1002` | park, camp on, group pickup, transfer |
//! | `record 1@1001`, `stoprecord`, `pause`, `resume`, `bookmark 1@1001 TEXT` | recording on demand |
//! | `ondemand 5000` | a queue whose calls are recorded on demand alone |
//! | `arrive T1 5551234` | a caller comes in and hears the greeting |
//! | `follow 1` | a monitor of the call (`M`) |
//! | `predict 5000 95551234` | a predictive call for a queue; then `delivered`, `rings 3`, `drop` or `connect` |
//! | `machine T2` | the tone of a fax machine or a modem that answers |
//! | `agent 1001 7001 login` | an agent's state: `login`, `ready`, `notready`, `work`, `logout` |
//! | `register 6000`, `select 1002 1`, `routeend`, `cancel` | a routing client; the number of retries that remain |
//! | `snapshot 1@1001`, `snapshot 1001` | a snapshot of a call, or of a device |
//! | `second alternate` | the meaning of a hook flash beside a held call |
//! | `wait 250` | milliseconds pass |
//! | `data` | private data stand beside the events from now on |
//! | `uui TEXT make 1001 1002` | a request with user-to-user information |
//! | `restart` | the core is made again from its checkpoint |

mod inquiries;
mod orders;
mod tipring;

use std::fmt::Write;

use tipring_driver::line::{DisconnectSignal, LineEvent, LineFailure};
use tipring_driver::signal::FaxModemTone;

use super::device;
use super::listen::{Ears, channel};
use super::rig::{ALL, Rig};
use crate::csta::private::{RequestData, UserInfo, UserInfoType};
use crate::csta::{
    AgentMode, CallId, ConnectionDevice, ConnectionId, Feature, Reply, Request, RouteRegisterId, RoutingCrossRefId,
};
use crate::route::feature_code::SecondFlash;
use crate::store::Record;

/// Events with a local state, in words of [`brief`](super::rig::brief).
const OF_CALLS: [&str; 14] = [
    "initiated",
    "originated",
    "delivered",
    "queued",
    "established",
    "reached",
    "held",
    "retrieved",
    "diverted",
    "failed",
    "dropped",
    "cleared",
    "transferred",
    "conferenced",
];

fn golden(file: &str, text: &str) {
    compare(file, text, &play(text));
}

/// Plays the flows of a text, and returns them with what follows.
fn play(text: &str) -> String {
    let mut actual = String::new();
    let mut play = None;
    for line in text.lines() {
        let word = line.trim_start();
        if line.starts_with("==") {
            play = Some(Play::new());
        }
        if line.starts_with("==") || line.starts_with('#') || line.is_empty() {
            let _ = writeln!(actual, "{line}");
        } else if let Some(act) = word.strip_prefix('>').or(word.strip_prefix(':')) {
            let play = play.as_mut().expect("a title comes first");
            let follows = play.act(act.trim());
            let _ = writeln!(actual, "{line}");
            if word.starts_with('>') {
                for line in follows {
                    let _ = writeln!(actual, "    {line}");
                }
            }
        }
    }
    actual
}

/// Compares a golden table with what it has become, or writes it anew.
fn compare(file: &str, text: &str, actual: &str) {
    if std::env::var_os("TIPRING_BLESS").is_some() {
        let path = format!("{}/src/testing/services/{file}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, actual).expect("written");
        return;
    }
    for (number, (want, have)) in text.lines().zip(actual.lines()).enumerate() {
        assert_eq!(want, have, "services/{file}.txt, line {}; the whole is now\n{actual}", number + 1);
    }
    assert_eq!(text.lines().count(), actual.lines().count(), "services/{file}.txt is now\n{actual}");
}

macro_rules! tables {
    ($($name:ident $file:literal)*) => {$(
        #[test]
        fn $name() {
            golden($file, include_str!(concat!("services/", $file, ".txt")));
        }
    )*};
}

tables! {
    hold_retrieve_alternate_and_reconnect_go_as_written "hold"
    attended_and_blind_transfers_go_as_written "transfer"
    conferences_go_as_written_whoever_leaves_first "conference"
    deflection_and_pickup_go_as_written "divert"
    clearing_of_each_party_goes_as_written "clear"
    a_telephone_alone_holds_consults_and_transfers_as_written "flash"
    supervision_is_heard_by_those_who_should_alone "supervise"
    supervisors_take_over_release_and_force_and_each_act_is_audited "force"
    parked_calls_wait_and_come_back "park"
    a_call_waits_for_a_busy_station "camp"
    an_agent_with_nothing_but_a_telephone_has_the_services_by_keys "keys"
    recordings_are_begun_paused_and_marked_as_written "record"
    a_call_is_made_inside_and_meets_an_engaged_station "make"
    a_call_over_a_trunk_has_the_signs_of_its_line "trunk"
    a_caller_waits_in_a_queue_and_is_given_to_an_agent "queue"
    a_predictive_call_has_its_far_end_first "predictive"
    an_agent_logs_on_and_off_with_every_state_between "agent"
    a_client_routes_a_call_or_leaves_it_to_the_entry "route"
    snapshots_say_what_the_events_have_said "snapshot"
    refusals_carry_their_failures "refuse"
    user_to_user_information_and_the_original_call_go_with_a_call "data"
}

/// One flow at work.
struct Play {
    rig: Rig,
    ears: Ears,
    records: usize,
    /// The registration and the dialogue of the routing client.
    routing: (RouteRegisterId, RoutingCrossRefId),
}

impl Play {
    fn new() -> Play {
        let routing = (RouteRegisterId(0), RoutingCrossRefId(0));
        Play { rig: Rig::new(), ears: Ears::default(), records: 0, routing }
    }

    /// Acts, and returns what follows.
    fn act(&mut self, act: &str) -> Vec<String> {
        let before = self.ears.clone();
        let words: Vec<&str> = act.split_whitespace().collect();
        let mut lines: Vec<String> = self.carry_out(&words).into_iter().collect();
        for command in std::mem::take(&mut self.rig.media) {
            self.ears.follow(&command);
        }
        lines.extend(self.routing_messages());
        lines.extend(self.events());
        for command in self.rig.commanded() {
            let (channel, what) = command.split_once(' ').expect("a channel and a command");
            let channel = tipring_driver::ids::ChannelId(channel.parse().expect("a number"));
            lines.push(format!("line {}: {what}", super::listen::name(channel)));
        }
        lines.extend(self.ears.since(&before));
        lines.extend(self.rig.troubles.drain(..).map(|trouble| format!("alarm: {trouble}")));
        lines.extend(self.new_records());
        lines
    }

    /// The events, those that differ by monitor and local state alone in one line.
    fn events(&mut self) -> Vec<String> {
        let mut lines: Vec<(String, Vec<String>)> = Vec::new();
        for report in self.rig.reported() {
            let (monitor, text) = report.split_once(": ").expect("a monitor and an event");
            let (text, data) = text.split_once(" ~ ").unwrap_or((text, ""));
            let mut words: Vec<&str> = text.split(' ').collect();
            let at = if OF_CALLS.contains(&words[0]) {
                let local = words.remove(words.len() - 2);
                format!("{monitor} {local}")
            } else {
                monitor.to_owned()
            };
            let data = if data.is_empty() { String::new() } else { format!(" ({data})") };
            let text = words.join(" ") + &data;
            match lines
                .iter_mut()
                .find(|(known, seen)| *known == text && seen.iter().all(|each| each.split(' ').next() != Some(monitor)))
            {
                Some((_, seen)) => seen.push(at),
                None => lines.push((text, vec![at])),
            }
        }
        lines.into_iter().map(|(text, seen)| format!("{text:<55} | {}", seen.join(", "))).collect()
    }

    fn new_records(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for record in &self.rig.records[self.records..] {
            if let Record::Supervision(act) = record {
                let text = |id: &str| if id.is_empty() { "none".to_owned() } else { id.to_owned() };
                let agent = act.agent.as_ref().map_or("none", |id| id.as_str());
                let failure = act.failure.map(|why| format!(", refused: {why:?}")).unwrap_or_default();
                lines.push(format!(
                    "audit: {} {} call {} at {} agent {agent} by {}, reason {:?}{failure}",
                    act.user,
                    act.act.name(),
                    act.call.0,
                    act.station,
                    text(act.supervisor.as_str()),
                    act.remark,
                ));
            }
            if let Record::Mark(mark) = record {
                let (kind, number) = (mark.kind.name(), mark.number);
                lines.push(format!("mark {number}: {kind} by {} at {} {:?}", mark.user, mark.station, mark.text));
            }
            if let Record::MarkEnd(end) = record {
                lines.push(format!("end of mark {}: {}", end.number, end.by.name()));
            }
            if let Record::Call(call) = record {
                let text = |id: Option<&str>| id.unwrap_or("none").to_owned();
                lines.push(format!(
                    "record of {}: {:?}, released by {:?}, agent {}, station {}, queue {}, recorded {}",
                    call.call.0,
                    call.outcome,
                    call.released_by,
                    text(call.agent.as_ref().map(|it| it.as_str())),
                    text(call.station.as_ref().map(|it| it.as_str())),
                    text(call.queue.as_ref().map(|it| it.as_str())),
                    if call.recording.is_some() { "yes" } else { "no" },
                ));
            }
        }
        self.records = self.rig.records.len();
        lines
    }

    fn carry_out(&mut self, words: &[&str]) -> Option<String> {
        let rig = &mut self.rig;
        let at = |ix: usize| channel(words[ix]).0;
        match words[0] {
            "ready" => rig.ready(words[1], words[2]),
            "monitor" => words[1..].iter().for_each(|name| rig.monitor(name)),
            "via" => words[1..].iter().for_each(|name| rig.monitor_via(name)),
            "call" => rig.ring_into_queue(at(1), words[2]),
            "state" => return Some(format!("agent at {}: {:?}", words[1], rig.agent_state(words[1]))),
            "lift" => drop_acceptance(rig.line(at(1), LineEvent::OffHook)),
            "down" => drop_acceptance(rig.line(at(1), LineEvent::OnHook)),
            "flash" => drop_acceptance(rig.line(at(1), LineEvent::Flash)),
            "keys" => rig.keys(at(1), words[2]),
            "dialled" => drop_acceptance(rig.line(at(1), LineEvent::Dialled)),
            "answered" => drop_acceptance(rig.line(at(1), LineEvent::Answered)),
            "failed" => {
                let failure = match words.get(2).copied() {
                    Some("glare") => LineFailure::Glare,
                    Some("intercepted") => LineFailure::Intercepted,
                    Some("unassigned") => LineFailure::Unassigned,
                    Some("announced") => LineFailure::Announced,
                    Some("congestion") => LineFailure::Congestion,
                    _ => LineFailure::Busy,
                };
                drop_acceptance(rig.line(at(1), LineEvent::Failed(failure)));
            }
            "gone" => drop_acceptance(rig.line(at(1), LineEvent::Released(DisconnectSignal::Tone))),
            "second" => {
                rig.core.second_flash =
                    if words[1] == "alternate" { SecondFlash::Alternate } else { SecondFlash::Conference };
            }
            "ondemand" => rig.core.record_rules.on_demand.push(device(words[1])),
            "wait" => rig.skip(words[1].parse().expect("milliseconds")),
            "break" => {
                let done = rig.agent(words[1], words[2], AgentMode::NotReady);
                return done.err().map(|why| format!("refused: {why:?}"));
            }
            "join" => {
                let call = ConnectionId { call: call(words[1]), ..ConnectionId::NONE };
                let done = rig.join(call, device(words[2]), words[3] == "silent");
                return done.err().map(|why| format!("refused: {why:?}"));
            }
            "arrive" => rig.ring_in(at(1), words[2]),
            "machine" => drop_acceptance(rig.line(at(1), LineEvent::FaxModemTone(FaxModemTone::Answers))),
            "data" => rig.shows_data = true,
            "restart" => rig.restart(),
            "uui" => {
                let data = words[1].bytes().collect();
                let user_info = UserInfo { kind: UserInfoType::Ia5, data };
                rig.refined = Some(RequestData { user_info, ..RequestData::default() });
                return self.carry_out(&words[2..]);
            }
            "follow" => words[1..].iter().for_each(|text| rig.monitor_call(call(text))),
            _ => {
                let tipring = self.tipring(words);
                let done = tipring.or_else(|| self.inquiry(words));
                return done.unwrap_or_else(|| self.request(words));
            }
        }
        None
    }

    /// A service request.
    fn request(&mut self, words: &[&str]) -> Option<String> {
        let to = |ix: usize| device(words.get(ix).copied().unwrap_or_default());
        let request = match words[0] {
            "make" => Request::MakeCall { calling_device: to(1), called_device: to(2) },
            "answer" => Request::AnswerCall { alerting_call: connection(words[1]) },
            "hold" => Request::HoldCall { active_call: connection(words[1]), reservation: false },
            "retrieve" => Request::RetrieveCall { held_call: connection(words[1]) },
            "alternate" => {
                Request::AlternateCall { active_call: connection(words[1]), other_call: connection(words[2]) }
            }
            "reconnect" => {
                Request::ReconnectCall { active_call: connection(words[1]), held_call: connection(words[2]) }
            }
            "consult" => Request::ConsultationCall { active_call: connection(words[1]), called_device: to(2) },
            "transfer" => Request::TransferCall { held_call: connection(words[1]), active_call: connection(words[2]) },
            "conference" => {
                Request::ConferenceCall { held_call: connection(words[1]), active_call: connection(words[2]) }
            }
            "deflect" => Request::DeflectCall { deflect_call: connection(words[1]), called_device: to(2) },
            "pickup" => Request::PickupCall { deflect_call: connection(words[1]), called_device: to(2) },
            "group" => {
                let deflect_call = words.get(2).map_or(ConnectionId::NONE, |text| connection(text));
                Request::GroupPickupCall { deflect_call, pickup_device: to(1) }
            }
            "camp" => Request::CallCompletion { feature: Feature::CampOn, call: connection(words[1]) },
            "clear" => Request::ClearConnection { call: connection(words[1]) },
            "clearcall" => Request::ClearCall { call: connection(words[1]) },
            other => panic!("no such act: {other}"),
        };
        match self.rig.ask(ALL, request) {
            Err(why) => Some(format!("refused: {why:?}")),
            Ok(Reply::MakeCall { new_call } | Reply::ConsultationCall { new_call }) => {
                Some(format!("new call {}@{}", new_call.call.0, new_call.device))
            }
            Ok(Reply::TransferCall { new_call, connections } | Reply::ConferenceCall { new_call, connections }) => {
                let parties: Vec<_> = connections.iter().map(|it| it.party.device.to_string()).collect();
                Some(format!("new call {}: {}", new_call.call.0, parties.join(" ")))
            }
            Ok(_) => None,
        }
    }
}

fn drop_acceptance(_: tipring_driver::engine::Acceptance) {}

fn call(text: &str) -> CallId {
    CallId(text.parse().expect("a call"))
}

/// `1@1001`: call and device. A trunk's party has the name of its token.
fn connection(text: &str) -> ConnectionId {
    let (id, name) = text.split_once('@').unwrap_or((text, ""));
    let kind = if name.starts_with('T') { ConnectionDevice::Dynamic } else { ConnectionDevice::Static };
    ConnectionId { call: call(id), device: device(name), kind }
}

//! Commands of the softphone, one a line.
//!
//! Never: sends anything.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tipring_core::csta::tipring::{Remark, SupervisionMode};
use tipring_core::csta::{AgentMode, DeviceId, Digits};

use super::recording::Recording;

/// Time that `wait` waits when none is given.
const WAIT: Duration = Duration::from_secs(60);
/// Reason codes of Set Agent State: 1 to 99, 0 for none (private data).
const REASON_MAX: u8 = 99;

/// The commands, for `help` and for the error of an unknown one.
pub const HELP: &str = "  login, logout       log in, log out
  ready               take calls
  notready [REASON]   take no calls; REASON is 1 to 99
  work                after-call work, no calls
  state               the agent's state and the calls at the station

  answer              answer the call that rings (a headset; a handset is lifted by hand)
  clear               end the call
  hold, retrieve      hold the call, take it back
  call NUMBER         call an extension, a queue, or an outside number with its prefix
  consult NUMBER      hold the call and call NUMBER
  transfer            put the held call and the other through to each other
  transfer NUMBER     send the call to NUMBER without a consultation
  conference          make one call of the held call and the other
  alternate           hold the call and take the held one
  reconnect           end the consultation and take the held call back
  pickup [STATION]    take the call that rings at STATION, or in the pickup group
  park [PLACE]        park the call at PLACE, or at the first that is free
  unpark PLACE        take the call that is parked at PLACE
  digits DIGITS       send digits into the call
  card                the customer's card of the call
  notes TEXT          set the notes that go with the call

  record start|stop   begin and end a recording on demand
  record pause|resume silence in the recording while a card's data are said
  record mark TEXT    a bookmark in the recording
  record              whether the call is recorded

  listen STATION [follow], whisper STATION [follow], barge STATION
                      join the conversation at STATION; with follow, the next ones too
  stop                leave it
  takeover STATION    take the call of STATION over
  release STATION REASON...
                      end the call of STATION; the reason is kept
  force STATION ready|notready|work|logout [REASON...]
                      change the state of the agent at STATION

  wait ringing|talking|idle [SECONDS]
                      wait until a call rings, until one is answered, or until there is none (60 s)
  sleep SECONDS       wait so long
  quit                log out and end
";

/// A state of the station that `wait` waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// A call alerts.
    Ringing,
    /// A call is connected.
    Talking,
    /// There is no call.
    Idle,
    /// Nothing: the time alone.
    Time,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Log in.
    LogIn,
    /// Log out.
    LogOut,
    /// Take calls.
    Ready,
    /// Take no calls, with the reason; 0 for none.
    NotReady(u8),
    /// After-call work.
    Work,
    /// Answer the alerting call.
    Answer,
    /// Clear the own connection.
    Clear,
    /// Hold the connected call.
    Hold,
    /// Retrieve the held call.
    Retrieve,
    /// Make a call.
    Call(DeviceId),
    /// Make a consultation call.
    Consult(DeviceId),
    /// Complete a consultation by a transfer, or transfer to a number in a single step.
    Transfer(Option<DeviceId>),
    /// Complete a consultation by a conference.
    Conference,
    /// Exchange the active call and the held one.
    Alternate,
    /// Clear the active call and retrieve the held one.
    Reconnect,
    /// Pick up at a station, or in the group.
    Pickup(Option<DeviceId>),
    /// Park the call.
    Park(DeviceId),
    /// Pick up at a parking place.
    Unpark(DeviceId),
    /// Send digits.
    Digits(Digits),
    /// Print the customer's card.
    Card,
    /// Set the notes.
    Notes(Remark),
    /// The recording of the call.
    Record(Recording),
    /// Join the conversation of a station; true to follow it.
    Supervise(SupervisionMode, DeviceId, bool),
    /// Leave it.
    Stop,
    /// Take the call of a station over.
    TakeOver(DeviceId),
    /// Forced release.
    Release(DeviceId, Remark),
    /// Forced state.
    Force(DeviceId, AgentMode, Remark),
    /// Query the agent's state.
    State,
    /// Wait for a state of the station.
    Wait(Until, Duration),
    /// Print the commands.
    Help,
    /// Log out and end.
    Quit,
}

/// Names of the forced states.
const FORCED: [(&str, AgentMode); 4] = [
    ("ready", AgentMode::Ready),
    ("notready", AgentMode::NotReady),
    ("work", AgentMode::WorkNotReady),
    ("logout", AgentMode::LogOut),
];

const fn mode_name(mode: SupervisionMode) -> &'static str {
    match mode {
        SupervisionMode::Listen => "listen",
        SupervisionMode::Whisper => "whisper",
        SupervisionMode::Barge => "barge",
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::LogIn => f.write_str("login"),
            Command::LogOut => f.write_str("logout"),
            Command::Ready => f.write_str("ready"),
            Command::NotReady(0) => f.write_str("notready"),
            Command::NotReady(reason) => write!(f, "notready {reason}"),
            Command::Work => f.write_str("work"),
            Command::Answer => f.write_str("answer"),
            Command::Clear => f.write_str("clear"),
            Command::Hold => f.write_str("hold"),
            Command::Retrieve => f.write_str("retrieve"),
            Command::Call(number) => write!(f, "call {number}"),
            Command::Consult(number) => write!(f, "consult {number}"),
            Command::Transfer(None) => f.write_str("transfer"),
            Command::Transfer(Some(number)) => write!(f, "transfer {number}"),
            Command::Conference => f.write_str("conference"),
            Command::Alternate => f.write_str("alternate"),
            Command::Reconnect => f.write_str("reconnect"),
            Command::Pickup(None) => f.write_str("pickup"),
            Command::Pickup(Some(station)) => write!(f, "pickup {station}"),
            Command::Park(place) if place.is_empty() => f.write_str("park"),
            Command::Park(place) => write!(f, "park {place}"),
            Command::Unpark(place) => write!(f, "unpark {place}"),
            Command::Digits(digits) => write!(f, "digits {digits}"),
            Command::Card => f.write_str("card"),
            Command::Notes(text) => write!(f, "notes {}", text.0),
            Command::Record(recording) => recording.fmt(f),
            Command::Supervise(mode, station, follow) => {
                write!(f, "{} {station}{}", mode_name(*mode), if *follow { " follow" } else { "" })
            }
            Command::Stop => f.write_str("stop"),
            Command::TakeOver(station) => write!(f, "takeover {station}"),
            Command::Release(station, reason) => write!(f, "release {station} {}", reason.0),
            Command::Force(station, mode, reason) => {
                let name = FORCED.iter().find(|(_, known)| known == mode).map_or("ready", |(name, _)| *name);
                write!(f, "force {station} {name}")?;
                if reason.is_blank() { Ok(()) } else { write!(f, " {}", reason.0) }
            }
            Command::State => f.write_str("state"),
            Command::Wait(Until::Time, time) => write!(f, "sleep {}", time.as_secs_f64()),
            Command::Wait(Until::Ringing, time) => write!(f, "wait ringing {}", time.as_secs_f64()),
            Command::Wait(Until::Talking, time) => write!(f, "wait talking {}", time.as_secs_f64()),
            Command::Wait(Until::Idle, time) => write!(f, "wait idle {}", time.as_secs_f64()),
            Command::Help => f.write_str("help"),
            Command::Quit => f.write_str("quit"),
        }
    }
}

impl FromStr for Command {
    type Err = String;
    fn from_str(line: &str) -> Result<Command, String> {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or("");
        let words: Vec<&str> = words.collect();
        let remark = |from: usize| Remark(words.get(from..).unwrap_or_default().join(" "));
        let unknown = || format!("{line:?} is not a command. There are:\n{HELP}");
        let command = match (name, &words[..]) {
            ("login", []) => Command::LogIn,
            ("logout", []) => Command::LogOut,
            ("ready", []) => Command::Ready,
            ("notready", []) => Command::NotReady(0),
            ("notready", [reason]) => Command::NotReady(reason_code(reason)?),
            ("work", []) => Command::Work,
            ("answer", []) => Command::Answer,
            ("clear", []) => Command::Clear,
            ("hold", []) => Command::Hold,
            ("retrieve", []) => Command::Retrieve,
            ("call", [number]) => Command::Call(device(number)?),
            ("consult", [number]) => Command::Consult(device(number)?),
            ("transfer", []) => Command::Transfer(None),
            ("transfer", [number]) => Command::Transfer(Some(device(number)?)),
            ("conference", []) => Command::Conference,
            ("alternate", []) => Command::Alternate,
            ("reconnect", []) => Command::Reconnect,
            ("pickup", []) => Command::Pickup(None),
            ("pickup", [station]) => Command::Pickup(Some(device(station)?)),
            ("park", []) => Command::Park(DeviceId::EMPTY),
            ("park", [place]) => Command::Park(device(place)?),
            ("unpark", [place]) => Command::Unpark(device(place)?),
            ("digits", [keys]) => Command::Digits(digits(keys)?),
            ("card", []) => Command::Card,
            ("notes", [_, ..]) => Command::Notes(remark(0)),
            ("record", words) => match Recording::of_words(words)? {
                Some(recording) => Command::Record(recording),
                None => return Err(unknown()),
            },
            ("listen", [station]) => Command::Supervise(SupervisionMode::Listen, device(station)?, false),
            ("listen", [station, "follow"]) => Command::Supervise(SupervisionMode::Listen, device(station)?, true),
            ("whisper", [station]) => Command::Supervise(SupervisionMode::Whisper, device(station)?, false),
            ("whisper", [station, "follow"]) => Command::Supervise(SupervisionMode::Whisper, device(station)?, true),
            ("barge", [station]) => Command::Supervise(SupervisionMode::Barge, device(station)?, false),
            ("stop", []) => Command::Stop,
            ("takeover", [station]) => Command::TakeOver(device(station)?),
            ("release", [station, _, ..]) => Command::Release(device(station)?, remark(1)),
            ("release", [_]) => return Err("a forced release has a reason: release STATION REASON...".into()),
            ("force", [station, state, ..]) => {
                let mode = FORCED.iter().find(|(name, _)| name == state).map(|(_, mode)| *mode);
                let mode = mode.ok_or_else(|| {
                    format!("an agent is forced to be ready, notready, work or logout, not {state:?}")
                })?;
                Command::Force(device(station)?, mode, remark(2))
            }
            ("state", []) => Command::State,
            ("wait", ["ringing", time @ ..]) if time.len() < 2 => Command::Wait(Until::Ringing, seconds(time.first())?),
            ("wait", ["talking", time @ ..]) if time.len() < 2 => Command::Wait(Until::Talking, seconds(time.first())?),
            ("wait", ["idle", time @ ..]) if time.len() < 2 => Command::Wait(Until::Idle, seconds(time.first())?),
            ("sleep", [time]) => Command::Wait(Until::Time, seconds(Some(time))?),
            ("help", []) => Command::Help,
            ("quit", []) => Command::Quit,
            _ => return Err(unknown()),
        };
        Ok(command)
    }
}

fn device(text: &str) -> Result<DeviceId, String> {
    DeviceId::new(text).map_err(|error| format!("{text:?} is not a number. {error}"))
}

fn digits(text: &str) -> Result<Digits, String> {
    let of_keys = text.chars().all(|c| c.is_ascii_digit() || c == '*' || c == '#');
    let known = Digits::new(text).ok().filter(|_| of_keys);
    known.ok_or_else(|| format!("digits are up to {} of 0 to 9, * and #, not {text:?}", Digits::MAX))
}

fn reason_code(text: &str) -> Result<u8, String> {
    let known = text.parse().ok().filter(|reason| (1..=REASON_MAX).contains(reason));
    known.ok_or_else(|| format!("a reason is a number from 1 to {REASON_MAX}, not {text:?}"))
}

fn seconds(text: Option<&&str>) -> Result<Duration, String> {
    let Some(text) = text else { return Ok(WAIT) };
    let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| format!("a time is a number of seconds, not {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_reads_back_as_it_is_written() {
        for line in [
            "login",
            "logout",
            "ready",
            "notready",
            "notready 7",
            "work",
            "answer",
            "clear",
            "hold",
            "retrieve",
            "call 913800138000",
            "consult 1002",
            "transfer",
            "transfer 5000",
            "conference",
            "alternate",
            "reconnect",
            "pickup",
            "pickup 1002",
            "park",
            "park 4001",
            "unpark 4001",
            "digits 12#",
            "card",
            "notes calls about the invoice",
            "record",
            "record start",
            "record stop",
            "record pause",
            "record resume",
            "record mark the promise",
            "listen 1001",
            "listen 1001 follow",
            "whisper 1001",
            "barge 1001",
            "stop",
            "takeover 1001",
            "release 1001 abusive language",
            "force 1001 logout",
            "force 1001 notready team meeting",
            "state",
            "wait ringing 5",
            "wait talking 0.5",
            "wait idle 60",
            "sleep 2",
            "help",
            "quit",
        ] {
            let command: Command = line.parse().unwrap_or_else(|why| panic!("{line}: {why}"));
            assert_eq!(command.to_string(), line);
            let name = line.split(' ').next().unwrap();
            assert!(name == "help" || HELP.contains(name), "help is silent on {name}");
        }
        assert_eq!("wait idle".parse(), Ok(Command::Wait(Until::Idle, WAIT)));
    }

    #[test]
    fn a_line_that_is_no_command_is_answered_with_those_there_are_or_with_its_fault() {
        for (line, why) in [
            ("anwser", "There are:\n  login"),
            ("notready 100", "1 to 99"),
            ("wait ringing soon", "a number of seconds"),
            ("ready now", "There are:"),
            ("call 1001 1002", "There are:"),
            ("sleep -1", "a number of seconds"),
            ("digits 1A", "0 to 9, * and #"),
            ("release 1001", "has a reason"),
            ("record mark", "has a text"),
            ("record now", "There are:"),
            ("force 1001 lunch", "ready, notready, work or logout"),
            ("barge 1001 follow", "There are:"),
        ] {
            let error = line.parse::<Command>().unwrap_err();
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}

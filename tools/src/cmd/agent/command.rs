//! Commands of the softphone, one a line.
//!
//! Never: sends anything.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use tipring_core::csta::DeviceId;

/// Time that `wait` waits when none is given.
const WAIT: Duration = Duration::from_secs(60);
/// Reason codes of Set Agent State: 1 to 99, 0 for none (private data).
const REASON_MAX: u8 = 99;

/// The commands, for `help` and for the error of an unknown one.
pub const HELP: &str = "  login               log in
  ready               take calls
  notready [REASON]   take no calls; REASON is 1 to 99
  work                after-call work, no calls
  answer              answer the call that rings (a headset; a handset is lifted by hand)
  clear               end the call
  hold, retrieve      hold the call, take it back
  call NUMBER         call an extension, a queue, or an outside number with its prefix
  state               the agent's state and the calls at the station
  wait ringing|talking|idle [SECONDS]
                      wait until a call rings, until one is answered, or until there is none (60 s)
  sleep SECONDS       wait so long
  logout              log out
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Query the agent's state.
    State,
    /// Wait for a state of the station.
    Wait(Until, Duration),
    /// Print the commands.
    Help,
    /// Log out and end.
    Quit,
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
        let (name, first, second) = (words.next().unwrap_or(""), words.next(), words.next());
        let command = match (name, first) {
            ("login", None) => Command::LogIn,
            ("logout", None) => Command::LogOut,
            ("ready", None) => Command::Ready,
            ("notready", None) => Command::NotReady(0),
            ("notready", Some(reason)) => Command::NotReady(reason_code(reason)?),
            ("work", None) => Command::Work,
            ("answer", None) => Command::Answer,
            ("clear", None) => Command::Clear,
            ("hold", None) => Command::Hold,
            ("retrieve", None) => Command::Retrieve,
            ("call", Some(number)) => {
                Command::Call(DeviceId::new(number).map_err(|error| format!("{number:?} is not a number. {error}"))?)
            }
            ("state", None) => Command::State,
            ("wait", Some("ringing")) => Command::Wait(Until::Ringing, seconds(second)?),
            ("wait", Some("talking")) => Command::Wait(Until::Talking, seconds(second)?),
            ("wait", Some("idle")) => Command::Wait(Until::Idle, seconds(second)?),
            ("sleep", Some(time)) => Command::Wait(Until::Time, seconds(Some(time))?),
            ("help", None) => Command::Help,
            ("quit", None) => Command::Quit,
            _ => return Err(format!("{line:?} is not a command. There are:\n{HELP}")),
        };
        let used = 1 + usize::from(first.is_some()) + usize::from(second.is_some() && name == "wait");
        match line.split_whitespace().nth(used) {
            None => Ok(command),
            Some(extra) => Err(format!("{extra:?} is too much for `{command}`")),
        }
    }
}

fn reason_code(text: &str) -> Result<u8, String> {
    let known = text.parse().ok().filter(|reason| (1..=REASON_MAX).contains(reason));
    known.ok_or_else(|| format!("a reason is a number from 1 to {REASON_MAX}, not {text:?}"))
}

fn seconds(text: Option<&str>) -> Result<Duration, String> {
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
            ("call 1001 1002", "\"1002\" is too much"),
            ("sleep -1", "a number of seconds"),
        ] {
            let error = line.parse::<Command>().unwrap_err();
            assert!(error.contains(why), "{line}: {error}");
        }
    }
}

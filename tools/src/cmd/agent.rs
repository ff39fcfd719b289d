//! `tipring agent`: a softphone at the terminal, over the TSAPI socket.
//!
//! Commands come from the standard input, one a line, so that a script can drive it; events of the station and replies
//! are printed as they come. Input that is not a terminal ends at the first command that fails.
//!
//! | end | status |
//! |---|---|
//! | `quit`, end of the input, a signal | 0, the agent is logged out |
//! | a command of a script has failed | 1 |
//!
//! A lost stream is opened again, and the calls at the station are taken as they are by then. An agent who is not
//! logged in any more, because the site was started anew, is logged in again in the state that was asked for last.
//!
//! Never: leaves an agent logged in when it ends by itself.

mod agent_state;
mod command;
mod phone;
mod recording;

use std::io::{self, BufRead, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use crossbeam::channel::{Receiver, TryRecvError, bounded};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::private::{ReplyData, RequestData};
use tipring_core::csta::reply::SnapshotDeviceEntry;
use tipring_core::csta::tipring::TipringReply;
use tipring_core::csta::{
    AgentId, AgentPassword, AgentState, ConnectionId, DeviceId, LocalConnectionState, Reply, Request,
};
use tipring_tsapi::client::{Client, ClientError, ClientOptions};
use tipring_tsapi::session::Incoming;

use self::agent_state::LogInState;
use self::command::{Command, HELP, Until};
use self::phone::{Phone, remedy, target};
use self::recording::reply_words;
use super::pop::{PAUSE_FIRST, PAUSE_LAST, PopError, card_lines, connect, json_line, may_pass, print, sentences};
use super::stream::StreamArgs;
use crate::failure::Failure;
use crate::password;
use crate::run::observe::state_words;

/// Interval at which the input is polled while no event comes.
const POLL: Duration = Duration::from_millis(50);

/// The exit statuses, for the help.
const EXIT: &str = "\
Exit status:
  0  quit, end of the input, or a signal; the agent is logged out
  1  the stream could not be opened, or a command of a script has failed";

/// Arguments of `tipring agent`.
#[derive(Debug, Args)]
#[command(after_help = EXIT)]
pub struct AgentArgs {
    #[command(flatten)]
    stream: StreamArgs,
    /// The agent
    #[arg(long, value_name = "AGENT")]
    login: String,
    /// The agent's station
    #[arg(long, value_name = "EXTENSION")]
    station: String,
    /// The agent's password, visible in the list of processes; better in TIPRING_AGENT_PASSWORD, or asked for
    #[arg(long, value_name = "PASSWORD")]
    password: Option<String>,
    /// Log in and become ready
    #[arg(long)]
    ready: bool,
    /// Answer each call as it rings, and stay when the input has ended
    #[arg(long)]
    auto_answer: bool,
    /// Print events and replies as JSON, one object a line
    #[arg(long)]
    json: bool,
}

/// The softphone at work.
struct Softphone {
    client: Client,
    options: ClientOptions,
    station: DeviceId,
    phone: Phone,
    auto_answer: bool,
    json: bool,
    /// True for input that is not a terminal: a refusal ends the softphone, for no person could mend it.
    script: bool,
    log_in_state: LogInState,
}

/// Serves the agent until its end.
///
/// # Errors
/// A stream that cannot be opened, or was lost; a command of a script that failed.
pub fn run(args: &AgentArgs) -> Result<ExitCode, Failure> {
    let station = DeviceId::new(&args.station).map_err(|error| format!("The station is not an extension. {error}"))?;
    let agent = AgentId::new(&args.login).map_err(|error| format!("{:?} is not an agent. {error}", args.login))?;
    let options = args.stream.options()?;
    let agent_password = match &args.password {
        Some(password) => password.clone(),
        None => password::of(password::AGENT_VARIABLE, &format!("agent {agent}"))?,
    };
    let agent_password =
        AgentPassword::new(&agent_password).map_err(|error| format!("The agent's password is not one. {error}"))?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let client = connect(&options, station)?;
    let mut softphone = Softphone {
        client,
        options,
        station,
        phone: Phone::new(station, agent, agent_password),
        auto_answer: args.auto_answer,
        json: args.json,
        script: !io::stdin().is_terminal(),
        log_in_state: LogInState::default(),
    };
    if !args.json {
        print(&format!("Agent {agent} at {station}. help lists the commands, Ctrl-D ends.\n"))?;
    }
    let start: &[Command] = if args.ready { &[Command::LogIn, Command::Ready] } else { &[] };
    let served = softphone.serve(start, &input()?, &stop);
    let ended = softphone.end();
    served?;
    ended?;
    Ok(ExitCode::SUCCESS)
}

/// The lines of the standard input.
fn input() -> Result<Receiver<String>, Failure> {
    let (lines_in, lines) = bounded(1);
    // It may stay in a read until the process ends.
    thread::Builder::new().name("input".into()).spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if lines_in.send(line).is_err() {
                return;
            }
        }
    })?;
    Ok(lines)
}

impl Softphone {
    /// Carries out the commands, and shows events in between.
    fn serve(&mut self, start: &[Command], lines: &Receiver<String>, stop: &AtomicBool) -> Result<(), Failure> {
        for command in start {
            self.carry_out(command)?.map_err(|why| format!("{command} failed: {why}"))?;
        }
        let mut open = true;
        let mut waiting: Option<(Until, Instant, Command)> = None;
        while !stop.load(Ordering::Acquire) {
            if let Some((until, deadline, command)) = waiting.clone() {
                let over = Instant::now() >= deadline;
                if self.phone.is(until) || (over && until == Until::Time) {
                    waiting = None;
                    self.report(&command, &Ok(String::new()))?;
                } else if over {
                    waiting = None;
                    let why = "it did not come to that in time".to_owned();
                    self.report(&command, &Err(why.clone()))?;
                    if self.script {
                        return Err(format!("{command} failed: {why}").into());
                    }
                }
            } else if open {
                match lines.try_recv() {
                    Ok(line) if line.trim().is_empty() || line.trim_start().starts_with('#') => continue,
                    Ok(line) => match line.parse() {
                        Ok(Command::Quit) => return Ok(()),
                        Ok(Command::Wait(until, limit)) => {
                            waiting = Some((until, Instant::now() + limit, Command::Wait(until, limit)));
                        }
                        Ok(command) => match self.carry_out_anew(&command, stop)? {
                            Err(why) if self.script => return Err(format!("{command} failed: {why}").into()),
                            Ok(()) | Err(_) => {}
                        },
                        Err(why) if self.script => return Err(why.into()),
                        Err(why) => eprintln!("{why}"),
                    },
                    Err(TryRecvError::Empty) => {}
                    Err(TryRecvError::Disconnected) => open = false,
                }
            } else if !self.auto_answer {
                return Ok(());
            }
            match self.client.receive(POLL) {
                Ok(Some(incoming)) => self.handle(&incoming)?,
                Ok(None) => {}
                Err(error) => self.reconnect(error, stop)?,
            }
        }
        Ok(())
    }

    /// Logs the agent out, so that no call waits for it, and closes the stream.
    fn end(mut self) -> Result<(), Failure> {
        if self.log_in_state.is_logged_in() {
            self.carry_out(&Command::LogOut)?.map_err(|why| format!("The agent is still logged in: {why}"))?;
        }
        Ok(self.client.close()?)
    }

    /// Carries out a command; where the stream is lost meanwhile, opens it again. The command is not repeated: it may
    /// have been carried out.
    fn carry_out_anew(&mut self, command: &Command, stop: &AtomicBool) -> Result<Result<(), String>, Failure> {
        match self.carry_out(command) {
            Err(failure) => match failure.downcast::<ClientError>() {
                Ok(error) => {
                    let why = format!("the stream was lost: {error}");
                    self.reconnect(*error, stop)?;
                    self.report(command, &Err(why.clone()))?;
                    Ok(Err(why))
                }
                Err(failure) => Err(failure),
            },
            done => done,
        }
    }

    /// Opens the stream again, as often as it takes, and brings the agent's log-in and work mode back.
    fn reconnect(&mut self, error: ClientError, stop: &AtomicBool) -> Result<(), Failure> {
        let mut lost = error;
        let mut pause = PAUSE_FIRST;
        while may_pass(&lost) && !stop.load(Ordering::Acquire) {
            eprintln!("{lost}. Trying again in {} s.", pause.as_secs_f64());
            thread::sleep(pause);
            pause = (2 * pause).min(PAUSE_LAST);
            match connect(&self.options, self.station) {
                Ok(client) => {
                    self.client = client;
                    match self.restore() {
                        Ok(()) => return Ok(()),
                        Err(failure) => lost = *failure.downcast::<ClientError>()?,
                    }
                }
                Err(PopError::Client(error)) => lost = error,
                Err(error) => return Err(error.into()),
            }
        }
        Err(lost.into())
    }

    /// Takes the calls at the station as they are after the stream was lost, and logs the agent in again if the site
    /// has forgotten the log-in.
    fn restore(&mut self) -> Result<(), Failure> {
        let Reply::SnapshotDevice { calls } = self.client.call(&Request::SnapshotDevice { device: self.station })?
        else {
            return Err("The server answered something else than a snapshot of the station".into());
        };
        self.phone.handle_snapshot(&calls);
        eprintln!("The stream is open again.");
        let state = match self.client.call(&Request::QueryAgentState { device: self.station }) {
            Ok(Reply::QueryAgentState { state }) => state,
            Ok(_) | Err(ClientError::Refused(_)) => AgentState::NotInitialized,
            Err(error) => return Err(error.into()),
        };
        for command in self.log_in_state.restore(state) {
            if let Err(why) = self.carry_out(&command)? {
                self.log_in_state.handle_not_restored(&command);
                let text =
                    format!("The site was started anew and has forgotten the log-in, and {command} failed: {why}");
                if self.script {
                    return Err(text.into());
                }
                eprintln!("{text}. Write login, then ready");
                break;
            }
        }
        if self.auto_answer && self.phone.is(Until::Ringing) {
            // A call that has gone meanwhile is no failure of the softphone.
            let _ = self.carry_out(&Command::Answer)?;
        }
        Ok(())
    }

    /// The connection at another device that a command needs.
    fn connection_at(
        &mut self,
        device: DeviceId,
        states: &[LocalConnectionState],
    ) -> Result<Result<ConnectionId, String>, Failure> {
        match self.client.call(&Request::SnapshotDevice { device }) {
            Ok(Reply::SnapshotDevice { calls }) => {
                let fits =
                    |entry: &&SnapshotDeviceEntry| entry.states.first().is_some_and(|state| states.contains(state));
                let found = calls.iter().find(fits).map(|entry| entry.connection);
                Ok(found.ok_or_else(|| format!("there is no such call at {device}")))
            }
            Ok(_) => Ok(Err("the server answered something else".into())),
            Err(ClientError::Refused(failure)) => Ok(Err(failure.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// Carries out a command and prints its reply. Returns the reason if it failed.
    fn carry_out(&mut self, command: &Command) -> Result<Result<(), String>, Failure> {
        match command {
            Command::Help => {
                print(HELP)?;
                return Ok(Ok(()));
            }
            Command::Card => {
                let card = self.phone.card().map(|(call, data)| format!("call {}\n{}", call.0, card_lines(data)));
                let reply = card.ok_or_else(|| "no call has come yet".to_owned());
                self.report(command, &reply)?;
                return Ok(reply.map(drop));
            }
            _ => {}
        }
        let there = match target(command) {
            Some((device, states)) => match self.connection_at(device, states)? {
                Ok(connection) => Some(connection),
                Err(why) => {
                    self.report(command, &Err(why.clone()))?;
                    return Ok(Err(why));
                }
            },
            None => None,
        };
        let reply = match self.phone.request(command, there) {
            Ok(Some((request, data))) => self.ask(command, &request, &data)?,
            Ok(None) => Ok(String::new()),
            Err(why) => Err(why),
        };
        self.report(command, &reply)?;
        Ok(reply.map(|_| ()))
    }

    /// Asks the server. Returns what there is to say of the reply.
    fn ask(
        &mut self,
        command: &Command,
        request: &Request,
        data: &RequestData,
    ) -> Result<Result<String, String>, Failure> {
        let reply = if *data == RequestData::default() {
            self.client.call(request).map(|reply| (reply, None))
        } else {
            self.client.call_with(request, data)
        };
        Ok(match reply {
            Ok((reply, data)) => {
                self.log_in_state.handle_done(command);
                Ok(self.words(&reply, data.as_deref()))
            }
            Err(ClientError::Refused(failure)) => Err(format!("{failure}{}", remedy(command, failure))),
            Err(error @ ClientError::NoPrivateData) => Err(error.to_string()),
            Err(error) => return Err(error.into()),
        })
    }

    fn words(&self, reply: &Reply, data: Option<&ReplyData>) -> String {
        let rings = "your telephone rings: lift it";
        match data.and_then(|data| data.tipring.as_ref()) {
            Some(TipringReply::ParkCall { parked_call }) => return format!("at {}", parked_call.device),
            Some(TipringReply::ForceAgentState { state }) => return state_words(*state).to_owned(),
            Some(
                TipringReply::SuperviseCall { is_prompted: true, .. }
                | TipringReply::TakeOverCall { is_prompted: true, .. },
            ) => return rings.to_owned(),
            Some(reply) => {
                if let Some(words) = reply_words(reply) {
                    return words;
                }
            }
            None => {}
        }
        match reply {
            Reply::MakeCall { new_call }
            | Reply::ConsultationCall { new_call }
            | Reply::TransferCall { new_call, .. }
            | Reply::ConferenceCall { new_call, .. } => format!("call {}", new_call.call.0),
            Reply::QueryAgentState { state } => {
                let calls = self.phone.calls().map(|(call, state)| format!(", call {}: {state:?}", call.0));
                format!("{}{}", state_words(*state), calls.collect::<String>())
            }
            _ => String::new(),
        }
    }

    fn report(&self, command: &Command, reply: &Result<String, String>) -> Result<(), Failure> {
        let command = command.to_string();
        let text = match (self.json, reply) {
            (true, Ok(result)) => serde_json::json!({ "command": command, "result": result }).to_string(),
            (true, Err(why)) => serde_json::json!({ "command": command, "refused": why }).to_string(),
            (false, Ok(result)) if result.is_empty() => format!("{command}: done"),
            (false, Ok(result)) => format!("{command}: {result}"),
            (false, Err(why)) => format!("{command}: refused: {why}"),
        };
        Ok(print(&format!("{text}\n"))?)
    }

    /// Shows an event, and answers a call that has begun to ring.
    fn handle(&mut self, incoming: &Incoming) -> Result<(), Failure> {
        let Incoming::Report { event, data, .. } = incoming else { return Ok(()) };
        self.show(event, data.as_ref())?;
        self.log_in_state.handle_event(event, self.phone.agent());
        if self.phone.handle_event(event, data.as_ref()).is_some() && self.auto_answer {
            // A call that has gone meanwhile is no failure of the softphone.
            let _ = self.carry_out(&Command::Answer)?;
        }
        Ok(())
    }

    fn show(&self, event: &Event, data: Option<&CallData>) -> Result<(), Failure> {
        let mut text = if self.json { json_line(event, data) } else { sentences(event, data) };
        // The reason that the events of agents have no word for.
        if !self.json && matches!(event, Event::NotReady { .. }) && self.phone.is_left_off_hook() {
            text.insert_str(text.trim_end().len(), ": off hook; calls come again when the handset is down");
        }
        Ok(print(&text)?)
    }
}

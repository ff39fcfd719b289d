//! Arguments and help of the program `tipring`.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, Subcommand};
use nix::sys::signal::{SigHandler, Signal, signal};

use crate::cmd::{
    self, agent, audio, board, callback, completions, customer, demo, doctor, engine, flow, manual, message, notice,
    order, pop, quality, recording, report, sdk, serve, shift, sim, site, status, store, user,
};
use crate::failure::Failure;

/// A call centre for people who own real telephone lines.
#[derive(Debug, Parser)]
#[command(name = "tipring", version, arg_required_else_help = true, after_help = LEARN)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

const LEARN: &str = "\
Try it without a card:
  tipring demo                              callers, agents, screen pops and recordings on a simulated card
  tipring demo --speed max --calls 20       the same in virtual time, as fast as the processor allows

See what a card can do:
  tipring board list                        the cards of this computer, and what stands in the way of each
  tipring board test                        PASS or FAIL for each port, with the remedy

Run a site (its configuration is site.toml here, else /etc/tipring/site.toml, or --config FILE):
  tipring serve --print-config > site.toml  a commented configuration to start from; or a short one: tipring site new
  tipring site check                        every fault of it at once, with file, line and remedy
  tipring user add desk1 --grant agent:1001 a user of the TSAPI server, and what it may do
  tipring user passwd --agent 7001          the password with which an agent logs in
  tipring doctor                            what could keep the site from working, with the remedies
  tipring serve                             the call centre itself
  tipring agent --server HOST:PORT --user U --login A --station D --ready
                                            a softphone: the agent A takes calls at the station D
  tipring pop --server HOST:PORT --user U --device D
                                            what an agent's screen would show

Each subcommand explains itself: tipring demo --help";

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows calls from ring to record on a simulated card; nothing to install or configure
    Demo(demo::DemoArgs),
    /// Runs a site: cards, calls, queue, agents, records, and TSAPI for its clients
    Serve(serve::ServeArgs),
    /// The cards, sound and recordings of a site in a process of its own, beside which `serve` may be started anew
    Engine(engine::EngineArgs),
    /// The configuration of a site: written, checked, explained, changed while it runs
    Site(site::SiteArgs),
    /// Shows calls, queues, agents, devices and cards of a running site
    Status(status::StatusArgs),
    /// The database of a site, copied while it runs and put back; the keys of encrypted recordings
    Store(store::StoreArgs),
    /// Everything that could keep a site from working, each with its remedy
    Doctor(doctor::DoctorArgs),
    /// Figures of queues, agents, trunks and numbers from a site's log of events
    Report(report::ReportArgs),
    /// Recordings: find, play and export them, and see who did
    Recording(recording::RecordingArgs),
    /// Callers who are to be called back: list, add, cancel
    Callback(callback::CallbackArgs),
    /// Quality: scoring forms, scores of recordings, appeals, call analytics (talk-over, dead air)
    Quality(quality::QualityArgs),
    /// Users of a site: who may log in, and what they may do there
    User(user::UserArgs),
    /// A softphone at the terminal: an agent logs in, answers, clears, calls
    Agent(agent::AgentArgs),
    /// An agent's screen pops: the caller's number and name, as the telephone rings
    Pop(pop::PopArgs),
    /// Voice mail, messages that callers have left: list, heard, done, export
    Message(message::MessageArgs),
    /// The file of customers: show, find, set, merge, import, export
    Customer(customer::CustomerArgs),
    /// Notices of outages, which callers of a region hear while they hold: new, list, end
    Notice(notice::NoticeArgs),
    /// Work orders: take down, dispatch, done, revisit, file, list, export
    Order(order::OrderArgs),
    /// Shifts: who is principal and deputy of each, named and listed
    Shift(shift::ShiftArgs),
    /// Call flows: check them, and try them out without a telephone
    Flow(flow::FlowArgs),
    /// WAV files: detect DTMF, caller ID and tones, convert, reduce noise
    Audio(audio::AudioArgs),
    /// The cards of this computer: find, bind, probe, test and watch them
    Board(board::BoardArgs),
    /// Simulated cards, for developers without one
    Sim(sim::SimArgs),
    /// The C library libtipring, for programs of your own
    Sdk(sdk::SdkArgs),
    /// Completions of commands and options for a shell, to be read by it
    Completions(completions::CompletionsArgs),
    /// The manual pages of this program
    Manual(manual::ManualArgs),
}

impl Cli {
    /// Reads the arguments of the process; help and wrong ones end it.
    pub fn of_arguments() -> Cli {
        Cli::try_parse().unwrap_or_else(|error| with_hint(error).exit())
    }

    /// Carries out what was asked for.
    pub fn run(self) -> Result<ExitCode, Failure> {
        if self.command.ends_with_its_reader() {
            end_on_broken_pipe();
        }
        match self.command {
            Command::Demo(args) => cmd::demo::run(&args),
            Command::Serve(args) => cmd::serve::run(&args),
            Command::Engine(args) => cmd::engine::run(&args),
            Command::Site(args) => cmd::site::run(&args),
            Command::Callback(args) => cmd::callback::run(&args),
            Command::User(args) => cmd::user::run(&args).map(|()| ExitCode::SUCCESS),
            Command::Agent(args) => cmd::agent::run(&args),
            Command::Pop(args) => Ok(cmd::pop::run(&args).map(|()| ExitCode::SUCCESS)?),
            Command::Message(args) => cmd::message::run(&args),
            Command::Customer(args) => cmd::customer::run(&args),
            Command::Notice(args) => cmd::notice::run(&args),
            Command::Order(args) => cmd::order::run(&args),
            Command::Shift(args) => cmd::shift::run(&args),
            Command::Flow(args) => cmd::flow::run(&args),
            Command::Audio(args) => Ok(cmd::audio::run(&args).map(|()| ExitCode::SUCCESS)?),
            Command::Board(args) => cmd::board::run(&args),
            Command::Report(args) => cmd::report::run(&args),
            Command::Quality(args) => cmd::quality::run(&args),
            Command::Recording(args) => cmd::recording::run(&args),
            Command::Doctor(args) => cmd::doctor::run(&args),
            Command::Status(args) => cmd::status::run(&args),
            Command::Store(args) => cmd::store::run(&args),
            Command::Sim(args) => cmd::sim::run(&args),
            Command::Completions(args) => {
                cmd::completions::run(&args, &mut Cli::command());
                Ok(ExitCode::SUCCESS)
            }
            Command::Manual(args) => cmd::manual::run(&args, Cli::command()).map(|()| ExitCode::SUCCESS),
            Command::Sdk(args) => Ok(cmd::sdk::run(&args).map(|()| ExitCode::SUCCESS)?),
        }
    }
}

impl Command {
    /// Returns true if the command only writes: with the reader of its output it ends, as `tipring status | head`.
    /// The others serve on, or leave cards, lines and files in order first.
    fn ends_with_its_reader(&self) -> bool {
        match self {
            Command::Serve(args) => args.writes_only(),
            Command::Demo(_)
            | Command::Engine(_)
            | Command::Agent(_)
            | Command::Pop(_)
            | Command::Board(_)
            | Command::Sim(_)
            | Command::Audio(_)
            | Command::Recording(_)
            | Command::Report(_)
            | Command::Message(_)
            | Command::Order(_) => false,
            _ => true,
        }
    }
}

/// Has a write to a pipe without a reader end the program by the signal PIPE, as other programs of a shell do.
#[allow(unsafe_code)]
fn end_on_broken_pipe() {
    // SAFETY: no handler is installed; the signal gets the default action that it had when the process began.
    let _ = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
}

/// Adds a hint to the refusal of a configuration that is named without its option.
fn with_hint(mut error: clap::Error) -> clap::Error {
    let file = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(bare)) if error.kind() == ErrorKind::UnknownArgument && bare.ends_with(".toml") => {
            bare.clone()
        }
        _ => return error,
    };
    let hint = format!("a site's configuration is named by an option: --config {file}");
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![hint.into()]));
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<Cli, String> {
        let arguments = ["tipring"].iter().chain(words);
        Cli::try_parse_from(arguments).map_err(|error| with_hint(error).to_string())
    }

    #[test]
    fn a_bare_file_name_is_refused_with_the_option_that_takes_it() {
        for words in [["serve", "site.toml"], ["doctor", "site.toml"], ["status", "site.toml"]] {
            let why = parsed(&words).expect_err("no such argument");
            assert!(why.contains("--config site.toml"), "{why}");
        }
        assert!(!parsed(&["serve", "now"]).expect_err("no such argument").contains("--config now"));
    }

    #[test]
    fn the_countries_of_the_help_are_those_there_are() {
        for words in [&["demo"] as &[&str], &["sim", "card"], &["site", "new"], &["board", "test"]] {
            let help = parsed(&[words, &["--help"]].concat()).expect_err("help");
            let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
            let codes = tipring_driver::country::COUNTRIES.map(|country| country.code).join(", ");
            assert!(help.contains(&codes), "{words:?}: {help}");
        }
    }

    /// The commands that take a site's configuration, by their words, with the option.
    fn about_a_site(command: &clap::Command, words: &str) -> Vec<(String, clap::Arg)> {
        let words = format!("{words} {}", command.get_name());
        let is_site = |arg: &&clap::Arg| {
            arg.get_long_and_visible_aliases().into_iter().flatten().any(|name| ["site", "config"].contains(&name))
        };
        let own = command.get_arguments().find(is_site).map(|arg| (words.clone(), arg.clone()));
        let inner = command.get_subcommands().flat_map(|inner| about_a_site(inner, &words));
        own.into_iter().chain(inner).collect()
    }

    #[test]
    fn every_command_about_a_site_takes_it_by_both_names_or_without() {
        let commands = about_a_site(&Cli::command(), "");
        assert!(commands.len() > 50, "{}", commands.len());
        for (words, arg) in commands {
            let names: Vec<_> = arg.get_long().into_iter().chain(arg.get_all_aliases().into_iter().flatten()).collect();
            assert!(names.contains(&"site") && names.contains(&"config"), "{words}: {names:?}");
            assert!(!arg.is_required_set(), "{words}: the site can be left out");
        }
    }
}

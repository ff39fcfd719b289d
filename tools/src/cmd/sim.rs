//! `tipring sim`: simulated cards on sockets, for developers without a card and for the demo.
//!
//! Each line on the standard output is one JSON object: something the world did or heard. It is the truth by which
//! others are judged.

mod day;

use std::fs;
use std::io::{self, Write};
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use sd_notify::NotifyState;
use tipring_hw_sim::card::tdm400p::{Module, Tdm400p};
use tipring_hw_sim::fault::Faults;
use tipring_hw_sim::people::Town;
use tipring_hw_sim::people::truth::{TruthLog, What};
use tipring_hw_sim::scenario::{Plan, Scenario, Socket, Span};
use tipring_hw_sim::vfio_user::{Clock, Server};

use super::demo::cast::customers_of;
use super::serve::notify;
use crate::caller_audio;
use crate::config::country::country_help;
use crate::failure::Failure;
use crate::run::realtime;

/// Interval at which the truth is read and written.
const TRUTH_PERIOD: Duration = Duration::from_millis(5);
/// Number of incoming calls without a scenario.
const CALLS: u32 = 10;
/// Time in ms for which the person at a telephone leaves the handset up now and then, after busy tone.
const LONG_LINGER_MS: Span = Span(5_000, 10_000);

/// Arguments of `tipring sim`.
#[derive(Debug, Args)]
pub struct SimArgs {
    #[command(subcommand)]
    command: SimCommand,
}

#[derive(Debug, Subcommand)]
enum SimCommand {
    /// Serves one card over vfio-user, and prints what happens at its wires as JSON lines
    Card(CardArgs),
    /// A day of a call centre in virtual time, with its reports compared with what callers and agents saw
    Day(day::DayArgs),
}

/// A card that can be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Model {
    /// Four analogue ports
    Tdm400p,
}

/// Arguments of `tipring sim card`.
#[derive(Debug, Args)]
struct CardArgs {
    /// Model of the card
    #[arg(long, value_enum, default_value_t = Model::Tdm400p)]
    model: Model,
    /// Modules in its four sockets: fxo (a line), fxs (a telephone) or none; sockets left out have none
    #[arg(long, default_value = "fxo,fxo,fxs,fxs", value_parser = parse_modules)]
    modules: Modules,
    /// Path of its socket; a stale socket is replaced
    #[arg(long, value_name = "PATH", required_unless_present = "customers")]
    socket: Option<PathBuf>,
    /// Seed of the random numbers
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Behaviour of the people, in TOML; day.toml of the examples (/usr/share/doc/tipring/examples) explains it
    #[arg(long, value_name = "FILE")]
    scenario: Option<PathBuf>,
    #[arg(long, value_name = "CODE", help = country_help(COUNTRY))]
    country: Option<String>,
    /// Print the callers of this seed as a file of customers, and serve no card; `tipring customer import` takes it
    #[arg(long)]
    customers: bool,
    /// A WAV file that the callers speak instead of a synthetic voice
    #[arg(long, value_name = "FILE")]
    caller_audio: Option<PathBuf>,
    /// Clock of the card: wall, slow:N (N times slower) or driven (a millisecond passes when the driver has taken the
    /// last)
    #[arg(long, default_value = "wall", value_parser = parse_clock)]
    clock: Clock,
    /// Interrupt events that the driver does not have latched vanish after 125 us, as on the chip; without this they
    /// stay until they are acknowledged, for guests whose clocks jitter more than a computer's
    #[arg(long)]
    strict_events: bool,
}

const COUNTRY: &str = "Which country's exchange the lines lead to; without this, as the scenario says";

/// Modules in the sockets.
#[derive(Debug, Clone, Copy)]
struct Modules([Module; 4]);

fn parse_modules(text: &str) -> Result<Modules, String> {
    let mut modules: Vec<Module> = text
        .split(',')
        .map(|name| match name.trim() {
            "fxo" => Ok(Module::Fxo),
            "fxs" => Ok(Module::Fxs),
            "none" => Ok(Module::Absent),
            other => Err(format!("a module is fxo, fxs or none, not {other:?}")),
        })
        .collect::<Result<_, _>>()?;
    let count = modules.len();
    modules.resize(count.max(4), Module::Absent);
    modules.try_into().map(Modules).map_err(|_| format!("the card has four sockets, and {count} modules are given"))
}

fn parse_clock(text: &str) -> Result<Clock, String> {
    match text.split_once(':') {
        None if text == "wall" => Ok(Clock::Wall),
        None if text == "driven" => Ok(Clock::Driven),
        Some(("slow", factor)) => match factor.parse::<NonZero<u32>>() {
            Ok(factor) if factor.get() <= 1000 => Ok(Clock::Slowed(factor)),
            _ => Err(format!("a card can be slowed 1 to 1000 times, not {factor:?}")),
        },
        _ => Err(format!("a clock is wall, slow:N or driven, not {text:?}")),
    }
}

/// Serves what was asked for until interrupted.
pub fn run(args: &SimArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        SimCommand::Card(card) => serve_card(card),
        SimCommand::Day(args) => day::run(args),
    }
}

fn serve_card(args: &CardArgs) -> Result<ExitCode, Failure> {
    let has_trunks = args.modules.0.contains(&Module::Fxo);
    let mut scenario = match &args.scenario {
        None => {
            let mut scenario = Scenario::of_calls(if has_trunks { CALLS } else { 0 });
            // A newcomer waits for that handset.
            scenario.agents.long_linger_ms = LONG_LINGER_MS;
            scenario
        }
        Some(path) => {
            let text = fs::read_to_string(path)
                .map_err(|error| format!("The scenario {} cannot be read: {error}", path.display()))?;
            toml::from_str(&text).map_err(|error| format!("The scenario {} cannot be used: {error}", path.display()))?
        }
    };
    if let Some(country) = &args.country {
        scenario.lines.country = country.to_ascii_uppercase();
    }
    let caller_audio = args.caller_audio.as_deref().map(caller_audio::load).transpose()?;
    let sockets = args.modules.0.map(|module| match module {
        Module::Absent => Socket::Empty,
        Module::Fxo => Socket::Trunk,
        Module::Fxs => Socket::Station,
    });
    let Some(socket) = args.socket.as_ref().filter(|_| !args.customers) else {
        print!("{}", customers_csv(&scenario.plan(args.seed, &sockets)?, args.seed)?);
        return Ok(ExitCode::SUCCESS);
    };
    let (town, truth) = Town::new(&scenario, args.seed, &sockets, caller_audio)?;
    let device = match args.model {
        Model::Tdm400p => {
            let faults = Faults::new(args.seed, scenario.faults.clone());
            let card = Tdm400p::new(args.modules.0, Box::new(town)).with_faults(faults);
            Box::new(if args.strict_events { card.with_strict_events() } else { card })
        }
    };
    let mut server = Server::bind(socket, device)
        .map_err(|error| format!("Serving the card at {} failed: {error}", socket.display()))?;
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    let calls = scenario.plan(args.seed, &sockets)?.calls.len();
    let writer = thread::Builder::new().name("truth".into()).spawn({
        let stop = Arc::clone(&stop);
        move || write_truth(&truth, calls, &stop)
    })?;
    // Without it the card keeps its time less well, and says so by the late ticks of its driver.
    let _ = realtime::ask();
    notify(&[NotifyState::Ready]);
    let served = server.run(args.clock, &stop);
    stop.store(true, Ordering::Release);
    let written = writer.join().map_err(|_| "Writing the truth ended by a mistake of ours")?;
    let _ = fs::remove_file(socket);
    served?;
    written?;
    Ok(ExitCode::SUCCESS)
}

/// The callers of a plan as a file of customers.
fn customers_csv(plan: &Plan, seed: u64) -> Result<String, Failure> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["number", "name", "account"])?;
    for (number, customer) in customers_of(plan, seed) {
        csv.write_record([&number, &customer.name, &customer.account])?;
    }
    Ok(String::from_utf8(csv.into_inner().map_err(|error| error.to_string())?)?)
}

/// Writes the truth as it comes, and says when the last of the callers is served. Whoever closes the other end ends
/// the card.
fn write_truth(truth: &TruthLog, calls: usize, stop: &AtomicBool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    loop {
        let last = stop.load(Ordering::Acquire);
        let mut written = false;
        while let Some(truth) = truth.poll_truth() {
            if truth.what == What::Over && calls > 0 {
                eprintln!(
                    "All {calls} callers of the simulated card have called; start the card and serve again for as many, or \
                     name a file with more (callers, count) by --scenario"
                );
            }
            serde_json::to_writer(&mut out, &truth)?;
            out.write_all(b"\n")?;
            written = true;
        }
        if written && let Err(error) = out.flush() {
            stop.store(true, Ordering::Release);
            return if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) };
        }
        if last {
            return Ok(());
        }
        thread::sleep(TRUTH_PERIOD);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::customers::check_customers;

    #[test]
    fn the_callers_of_a_seed_are_a_file_of_customers_that_the_site_takes() {
        let sockets = [Socket::Trunk, Socket::Trunk, Socket::Station, Socket::Station];
        let plan = Scenario::of_calls(CALLS).plan(1, &sockets).unwrap();
        let text = customers_csv(&plan, 1).unwrap();
        let file = std::env::temp_dir().join(format!("tipring-callers-{}.csv", std::process::id()));
        std::fs::write(&file, &text).unwrap();
        assert_eq!(check_customers(&file), []);
        std::fs::remove_file(&file).unwrap();
        let known = |number: &str| plan.calls.iter().any(|call| call.number() == number);
        let numbers: Vec<_> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert!(numbers.len() > 3 && numbers.iter().all(|number| known(number)), "{text}");
    }
}

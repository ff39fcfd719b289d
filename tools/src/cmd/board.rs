//! `tipring board`: find the cards, bind them, and prove that each port works.
//!
//! Every subcommand works on a real card by its bus address, or on a simulated one by its socket. With `--json` the
//! output is one JSON object a line.

mod bind;
mod list;
mod others;
mod probe;
mod session;
pub(super) mod sysfs;
mod test;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use self::sysfs::{Function, System, full_address};
use crate::config::country::country_help;
use crate::config::{Address, CardAddress, SiteCountry};
use crate::failure::Failure;

const LEARN: &str = "\
A card, from its slot to its lines:
  tipring board list             the cards of this computer, and what stands in the way of each
  tipring board bind 05:01.0     gives it to vfio-pci, as root; --dry-run shows each step first
  tipring board test 05:01.0     PASS or FAIL for each port, with the remedy
  then its place in the site's configuration: [[board]] card = \"pci:0000:05:01.0\"

The same without one:
  tipring sim card --socket card.sock > card.log &
  tipring board test --socket card.sock";

/// Arguments of `tipring board`.
#[derive(Debug, Args)]
#[command(after_help = LEARN)]
pub struct BoardArgs {
    #[command(subcommand)]
    command: BoardCommand,
}

#[derive(Debug, Subcommand)]
enum BoardCommand {
    /// Shows the cards, their drivers, and what stands in the way of using them
    List(Common),
    /// Opens a card and shows its modules, voltages and currents
    Probe(Common),
    /// Gives a card to vfio-pci, so that programs can drive it, also after a restart
    Bind(BindArgs),
    /// Gives a card back to the kernel
    Unbind(BindArgs),
    /// Self test of each port: registers, DMA, codec loopback, dial tone or ringing; the card must not be in use
    Test(TestArgs),
    /// Shows the lines as they are: state, levels, lost and late sound
    Watch(WatchArgs),
}

/// Card and output format.
#[derive(Debug, Args)]
struct Common {
    /// The card's bus address, as 05:01.0; needed only if there are several
    #[arg(value_name = "ADDRESS", conflicts_with = "socket")]
    address: Option<String>,
    /// A simulated card, by its socket
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Look at a tree like the kernel's below this folder
    #[arg(long, value_name = "FOLDER", default_value = "/", hide = true)]
    root: PathBuf,
}

#[derive(Debug, Args)]
struct BindArgs {
    #[command(flatten)]
    common: Common,
    /// Print what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
struct TestArgs {
    #[command(flatten)]
    common: Common,
    /// Only this port, 0 to 3
    #[arg(long, value_parser = clap::value_parser!(u8).range(0..4))]
    port: Option<u8>,
    /// Ring each telephone this long, to lift it meanwhile; without this, ringing is only tried for two seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..=300))]
    lift: Option<u32>,
    #[arg(long, value_name = "CODE", default_value_t = SiteCountry::default(), help = country_help(COUNTRY))]
    country: SiteCountry,
}

const COUNTRY: &str = "Country of the lines, for the modules' settings and the dial tone to expect";

#[derive(Debug, Args)]
struct WatchArgs {
    #[command(flatten)]
    common: Common,
    /// Interval of the display, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(100..=60_000))]
    every: u32,
    /// Number of displays; without this, until interrupted
    #[arg(long, value_name = "TIMES")]
    count: Option<u32>,
}

/// Carries out what was asked for. With `--json`, what went wrong is one JSON object, too.
pub fn run(args: &BoardArgs) -> Result<ExitCode, Failure> {
    let (as_json, result) = match &args.command {
        BoardCommand::List(common) => (common.json, list::run(common)),
        BoardCommand::Probe(common) => (common.json, probe::run(common)),
        BoardCommand::Bind(args) => (args.common.json, bind(args, true)),
        BoardCommand::Unbind(args) => (args.common.json, bind(args, false)),
        BoardCommand::Test(args) => (args.common.json, test::run(args)),
        BoardCommand::Watch(args) => (args.common.json, watch::run(args)),
    };
    match result {
        Err(error) if as_json => {
            println!("{}", serde_json::json!({ "error": error.to_string() }));
            Ok(ExitCode::FAILURE)
        }
        result => result,
    }
}

impl Common {
    fn system(&self) -> System {
        System::new(&self.root)
    }

    /// The function of the card that is meant: the one given, or the only one there is.
    fn function(&self) -> Result<Function, Failure> {
        let system = self.system();
        match &self.address {
            Some(address) => {
                let full =
                    full_address(address).ok_or_else(|| format!("{address:?} is not a bus address such as 05:01.0"))?;
                Ok(system.function(&full).ok_or_else(|| {
                    format!("There is no PCI function at {full}; tipring board list shows the cards there are")
                })?)
            }
            None => {
                let mut cards = system.cards()?;
                match cards.len() {
                    0 => Err("No card was found. Is it plugged in? A simulated one is given by --socket PATH".into()),
                    1 => Ok(cards.remove(0)),
                    count => {
                        Err(format!("There are {count} cards: say which, as tipring board list shows them").into())
                    }
                }
            }
        }
    }

    /// Address of the card, resolved to the only one there is if none is given.
    fn target(&self) -> Result<CardAddress, Failure> {
        match &self.socket {
            Some(path) => Ok(CardAddress(Address::Socket(path.clone()))),
            None => {
                let function = self.function()?;
                match &self.system().obstacles(&function)[..] {
                    [] => Ok(CardAddress(Address::Pci(function.address))),
                    obstacles => {
                        let said: Vec<String> = obstacles.iter().map(ToString::to_string).collect();
                        Err(format!("{} cannot be opened yet. {}", function.address, said.join(" ")).into())
                    }
                }
            }
        }
    }
}

/// Gives a card to vfio-pci, or back.
fn bind(args: &BindArgs, to_vfio: bool) -> Result<ExitCode, Failure> {
    let common = &args.common;
    let print = |state: &str, actions: &[bind::Action], text: String, left: &[sysfs::Obstacle]| {
        if common.json {
            let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
            let left: Vec<String> = left.iter().map(ToString::to_string).collect();
            println!("{}", serde_json::json!({ "state": state, "actions": actions, "text": text, "obstacles": left }));
        } else {
            println!("{text}");
            left.iter().for_each(|obstacle| println!("But: {obstacle}"));
        }
    };
    let say = |state: &str, actions: &[bind::Action], text: String| print(state, actions, text, &[]);
    if let Some(path) = &common.socket {
        say("nothing to do", &[], format!("{} is a simulated card, which needs no binding", path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let (system, function) = (common.system(), common.function()?);
    let actions = if to_vfio { bind::plan_bind(&system, &function)? } else { bind::plan_unbind(&system, &function)? };
    let address = &function.address;
    if args.dry_run {
        let listed: Vec<String> = actions.iter().map(ToString::to_string).collect();
        let text = if listed.is_empty() { format!("{address}: nothing to do") } else { listed.join("\n") };
        say("dry run", &actions, text);
        return Ok(ExitCode::SUCCESS);
    }
    let wanted = to_vfio.then_some(sysfs::VFIO_PCI);
    bind::carry_out(&system, &function, &actions, wanted, &mut bind::Bare(&system))?;
    let text = match (to_vfio, actions.is_empty()) {
        (true, false) => format!("{address} is bound to vfio-pci, now and after a restart"),
        (true, true) => format!("{address} was bound to vfio-pci already"),
        (false, false) => format!("{address} has been given back to the kernel"),
        (false, true) => format!("{address} was not bound to vfio-pci; nothing to do"),
    };
    // What binding cannot mend: a group shared with others, a right that is missing.
    let left = match system.function(address) {
        Some(now) if to_vfio => system.obstacles(&now),
        Some(_) | None => Vec::new(),
    };
    print("done", &actions, text, &left);
    Ok(ExitCode::SUCCESS)
}

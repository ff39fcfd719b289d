//! `tipring callback`: callers who are to be called back, listed, added and cancelled.
//!
//! A change is put down in the site's database. The site that runs takes it within a second or two, one that does not
//! run takes it at its next start: the same way for both, and none is lost.
//!
//! Never: changes a request itself; that is the running site's.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use chrono::Utc;
use clap::{Args, Subcommand};
use tipring_core::csta::DeviceId;
use tipring_core::report::bounds::Bounds;
use tipring_core::store::CallBackOrder;
use tipring_core::store::sqlite::{CallBackRow, SqliteStore};

use crate::config::usual::site_file;
use crate::config::{Device, SiteConfig, dialled};
use crate::failure::Failure;
use crate::report::computation::{self, Targets};
use crate::run::status::socket_of;
use crate::site_clock::SiteClock;

/// Time for a running site to take a change.
const TAKEN_MAX: Duration = Duration::from_secs(5);
/// Interval at which that is looked for.
const LOOK: Duration = Duration::from_millis(100);

/// Arguments of `tipring callback`.
#[derive(Debug, Args)]
pub struct CallbackArgs {
    #[command(subcommand)]
    command: CallbackCommand,
}

#[derive(Debug, Subcommand)]
enum CallbackCommand {
    /// Show the callers who are to be called back, with the attempts so far
    List(ListArgs),
    /// Put numbers on the list of a queue
    Add(AddArgs),
    /// Take numbers off the list
    Cancel(CancelArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// Requests that are over as well
    #[arg(long)]
    all: bool,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct AddArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// The numbers, without the trunk prefix
    #[arg(required_unless_present = "from_abandoned", conflicts_with = "from_abandoned", value_name = "NUMBER")]
    numbers: Vec<String>,
    /// The queue whose agents call back
    #[arg(long, required_unless_present = "from_abandoned", value_name = "QUEUE")]
    queue: Option<String>,
    /// All callers who hung up in this queue and have not been reached since
    #[arg(long, value_name = "QUEUE")]
    from_abandoned: Option<String>,
}

#[derive(Debug, Args)]
struct CancelArgs {
    /// The site's configuration [default: site.toml here, else /etc/tipring/site.toml]
    #[arg(long, alias = "config", value_name = "FILE", default_value_os_t = site_file(), hide_default_value = true)]
    site: PathBuf,
    /// The numbers
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
}

/// Carries out the subcommand.
pub fn run(args: &CallbackArgs) -> Result<ExitCode, Failure> {
    match &args.command {
        CallbackCommand::List(args) => list(args)?,
        CallbackCommand::Add(args) => add(args)?,
        CallbackCommand::Cancel(args) => cancel(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &ListArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let rows = SqliteStore::open_to_read(&site.store.database)?.call_backs(!args.all)?;
    for row in &rows {
        match args.json {
            true => println!("{}", serde_json::to_string(row)?),
            false => print!("{}", described(row, site.clock())),
        }
    }
    if rows.is_empty() && !args.json {
        println!("no caller is to be called back");
    }
    Ok(())
}

/// A request in a line, and each of its attempts in one.
fn described(row: &CallBackRow, clock: SiteClock) -> String {
    let at = |ms: i64| clock.second(ms);
    let next = if row.state == "waiting" && row.next_ms > row.asked_ms {
        format!(", not before {}", at(row.next_ms))
    } else {
        String::new()
    };
    let waited = (Utc::now().timestamp_millis() - row.since_ms).max(0) / 60_000;
    let mut text = format!(
        "{} {} for queue {}: {}, asked {}, {waited} min ago, {}{next}\n",
        row.id,
        row.number,
        row.queue,
        row.state,
        at(row.asked_ms),
        if row.tries == 1 { "1 attempt".to_owned() } else { format!("{} attempts", row.tries) }
    );
    for attempt in &row.attempts {
        text += &format!("    {} by agent {}: {}\n", at(attempt.at_ms), attempt.agent, attempt.outcome);
    }
    text
}

fn add(args: &AddArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let queue = args.from_abandoned.as_ref().or(args.queue.as_ref()).map_or("", String::as_str);
    let queue = known_queue(&site, queue)?;
    let reader = SqliteStore::open_to_read(&site.store.database)?;
    let (open, plan) = (open_numbers(&reader)?, reader.number_plan());
    let is_open = |number: &String| open.iter().any(|known| plan.is_same(known, number));
    let numbers = match args.from_abandoned {
        Some(_) => abandoned(&reader, &queue.0)?.into_iter().filter(|number| !is_open(number)).collect(),
        None => args.numbers.clone(),
    };
    if let Some(number) = numbers.iter().find(|number| is_open(number)) {
        return Err(format!("{number} is on the list already; see `tipring callback list`").into());
    }
    let order_of = |number: &String| {
        Ok(CallBackOrder::Add { number: dialled(number, plan)?, queue: queue.0, is_vip: false, work_order: 0 })
    };
    let orders = numbers.iter().map(order_of);
    order(&site.store.database, orders.collect::<Result<Vec<_>, Failure>>()?, "to be called back")
}

fn cancel(args: &CancelArgs) -> Result<(), Failure> {
    let site = SiteConfig::load_without_users(&args.site)?;
    let reader = SqliteStore::open_to_read(&site.store.database)?;
    let (open, plan) = (open_numbers(&reader)?, reader.number_plan());
    let is_open = |number: &String| open.iter().any(|known| plan.is_same(known, number));
    if let Some(number) = args.numbers.iter().find(|number| !is_open(number)) {
        return Err(format!("{number} is not on the list; see `tipring callback list`").into());
    }
    let orders = args.numbers.iter().map(|number| Ok(CallBackOrder::Cancel { number: dialled(number, plan)? }));
    order(&site.store.database, orders.collect::<Result<Vec<_>, Failure>>()?, "taken off the list")
}

/// A queue of the site.
fn known_queue(site: &SiteConfig, queue: &str) -> Result<Device, Failure> {
    let found = site.queues.iter().map(|it| it.device).find(|device| device.0.as_str() == queue);
    found.ok_or_else(|| {
        let known: Vec<_> = site.queues.iter().map(|it| it.device.0.to_string()).collect();
        format!("There is no queue {queue}; this site has {}", known.join(", ")).into()
    })
}

fn open_numbers(store: &SqliteStore) -> Result<Vec<String>, Failure> {
    Ok(store.call_backs(true)?.into_iter().map(|row| row.number).collect())
}

/// The numbers of callers who hung up in a queue and have not been reached since, each once, oldest first.
fn abandoned(store: &SqliteStore, queue: &DeviceId) -> Result<Vec<String>, Failure> {
    let Some((first, last)) = store.log_span()? else { return Ok(Vec::new()) };
    let bounds = Bounds::new(vec![first, last + 1]).ok_or("the log has no span")?;
    let ledger = computation::read(store, &Targets::default(), bounds, |_| {})?;
    let mut numbers: Vec<String> = Vec::new();
    for lost in ledger.abandoned().filter(|lost| lost.queue == *queue && !lost.caller.is_empty()) {
        let number = lost.caller.to_string();
        if dialled(&number, store.number_plan()).is_ok() && !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// Puts changes down, and waits for a running site to take them.
fn order(database: &Path, orders: Vec<CallBackOrder>, done: &str) -> Result<(), Failure> {
    if orders.is_empty() {
        println!("nothing to be done");
        return Ok(());
    }
    let mut store = SqliteStore::open_beside(database)?;
    for order in &orders {
        store.order_call_back(order)?;
    }
    let count = orders.len();
    if std::os::unix::net::UnixStream::connect(socket_of(database)).is_err() {
        println!("{count} numbers: {done} when the site is started, which it is not");
        return Ok(());
    }
    let looks = TAKEN_MAX.as_millis() / LOOK.as_millis();
    for _ in 0..looks {
        if store.call_back_orders()? == 0 {
            println!("{count} numbers {done}");
            return Ok(());
        }
        thread::sleep(LOOK);
    }
    Err(format!("The site has not taken the change within {} s; it takes it as soon as it can", TAKEN_MAX.as_secs())
        .into())
}

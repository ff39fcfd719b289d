//! `tipring order`: work orders (工单), taken down, dispatched, done, revisited, filed, listed and exported.
//!
//! The person at this computer has all orders, as a supervisor has; the name given with `--as`, or that of the
//! computer's user, goes on record with each step.
//!
//! Never: has a rule of orders; those are in `tipring_core::work_order`, for this door as for the others.

mod show;

use std::io::{BufWriter, stdout};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use tipring_core::csta::DeviceId;
use tipring_core::person::Person;
use tipring_core::store::CallBackOrder;
use tipring_core::store::sqlite::Accepted;
use tipring_core::work_order::{Kinds, OrderId, OrderRequest, OrderState, OrderStep, Submission, Urgency};

use super::listing::Listing;
use super::source::{By, Source};
use crate::clock;
use crate::config::dialled;
use crate::failure::Failure;
use crate::plural::count;
use crate::report::table::is_closed;

/// Arguments of `tipring order`.
#[derive(Debug, Args)]
pub struct OrderArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Takes an order down; a second one of the same kind from the same customer is linked to the open one
    New(NewArgs),
    /// Lists orders that are not filed, the newest first
    List(ListArgs),
    /// Shows orders with all their steps
    Show(ShowArgs),
    /// Dispatches orders to a unit
    Dispatch(DispatchArgs),
    /// Records the result: the work is done, or the question answered
    Done(StepArgs),
    /// Lists orders whose customers are to be called about the result, the most pressing first
    Due(DueArgs),
    /// Puts customers who are to be called about the result on a queue's call-back list; failed attempts are tries
    CallBack(CallBackArgs),
    /// Records a failed call to the customer about the result
    Try(TryArgs),
    /// Records the customer's answer about the result
    Revisit(StepArgs),
    /// Gives the call-back up after three tries: the customer cannot be reached
    Unreached(StepArgs),
    /// Files orders whose customers were asked
    File(FileArgs),
    /// Reopens orders, with new clocks: the customer is not satisfied
    Reopen(StepArgs),
    /// Writes all orders of a span, filed ones included, or all steps, as CSV or JSON lines
    Export(ExportArgs),
}

/// The kinds of orders at a place: those of the site's configuration, else the usual ones.
fn kinds(source: &Source) -> Result<Kinds, Failure> {
    Ok(source.site()?.map(|site| site.kinds(clock::epoch_ms())).unwrap_or_default())
}

/// The person on record: at this computer, one who has all orders.
fn person(by: &By) -> Person {
    Person { name: by.name(), is_supervisor: true }
}

#[derive(Debug, Args)]
struct NewArgs {
    #[command(flatten)]
    source: Source,
    /// The kind; `[[order_kind]]` of the site's configuration, else fault, complaint, report, enquiry, …
    #[arg(long)]
    kind: String,
    /// The matter
    #[arg(long)]
    text: String,
    /// The call from which it comes, by its identifier: its clocks run from that call's begin, and the
    /// customer's number is the caller's
    #[arg(long, value_name = "CALL")]
    call: Option<i32>,
    /// The customer's number
    #[arg(long)]
    number: Option<String>,
    /// The customer's name; without it, that of the file of customers
    #[arg(long)]
    name: Option<String>,
    /// The place of it
    #[arg(long, default_value = "")]
    place: String,
    /// The urgency
    #[arg(long, default_value = "normal", value_parser = PossibleValuesParser::new(Urgency::ALL.iter().map(|it| it.name())))]
    urgency: String,
    /// The owner; without it, the person on record
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// An order of its own, even where the customer has an open one of this kind
    #[arg(long)]
    separate: bool,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    source: Source,
    /// In this state
    #[arg(long, value_parser = PossibleValuesParser::new(OrderState::ALL.iter().map(|it| it.name())))]
    state: Option<String>,
    /// Of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Of the customer with this number
    #[arg(long)]
    number: Option<String>,
    /// Orders one of whose limits has passed
    #[arg(long)]
    late: bool,
    /// Filed ones as well
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    listing: Listing,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Numbers of orders
    #[arg(required = true, value_name = "ORDER")]
    orders: Vec<OrderId>,
    #[command(flatten)]
    source: Source,
    /// JSON lines, the steps within
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct DispatchArgs {
    /// Numbers of orders
    #[arg(required = true, value_name = "ORDER")]
    orders: Vec<OrderId>,
    #[command(flatten)]
    source: Source,
    /// The unit that does the work
    #[arg(long, value_name = "UNIT")]
    to: String,
    /// A remark
    #[arg(long, default_value = "")]
    remark: String,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct StepArgs {
    /// Numbers of orders
    #[arg(required = true, value_name = "ORDER")]
    orders: Vec<OrderId>,
    #[command(flatten)]
    source: Source,
    /// The result, the customer's word, or the reason
    #[arg(long)]
    remark: String,
    /// The call about it, by its identifier
    #[arg(long, value_name = "CALL", default_value_t = 0)]
    call: i32,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct TryArgs {
    #[command(flatten)]
    step: StepArgs,
    /// The reason why the customer was not reached
    #[arg(long)]
    reason: String,
}

#[derive(Debug, Args)]
struct DueArgs {
    #[command(flatten)]
    source: Source,
    /// Of this kind
    #[arg(long)]
    kind: Option<String>,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct CallBackArgs {
    /// Numbers of orders; all that are due without any
    #[arg(value_name = "ORDER")]
    orders: Vec<OrderId>,
    #[command(flatten)]
    source: Source,
    /// The queue whose agents call
    #[arg(long, value_name = "QUEUE", value_parser = DeviceId::new)]
    queue: DeviceId,
    /// Of this kind
    #[arg(long)]
    kind: Option<String>,
}

#[derive(Debug, Args)]
struct FileArgs {
    /// Numbers of orders
    #[arg(required = true, value_name = "ORDER")]
    orders: Vec<OrderId>,
    #[command(flatten)]
    source: Source,
    /// A remark
    #[arg(long, default_value = "")]
    remark: String,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct ExportArgs {
    #[command(flatten)]
    source: Source,
    /// The steps, in the order in which they were taken, in place of the orders
    #[arg(long)]
    steps: bool,
    #[command(flatten)]
    listing: Listing,
}

/// Carries out the subcommand.
pub fn run(args: &OrderArgs) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(stdout().lock());
    let done = match &args.action {
        Action::New(args) => new(args),
        Action::List(args) => show::list(args, &mut out),
        Action::Show(args) => show::show(args, &mut out),
        Action::Dispatch(DispatchArgs { orders, source, to, remark, by }) => {
            let given = Submission { unit: to.clone(), remark: remark.clone(), ..Submission::of(OrderStep::Dispatch) };
            steps(orders, source, by, &given)
        }
        Action::Done(args) => step(args, OrderStep::Done, ""),
        Action::Due(args) => show::due(args, &mut out),
        Action::CallBack(args) => call_back(args),
        Action::Try(TryArgs { step: args, reason }) => step(args, OrderStep::Try, reason),
        Action::Revisit(args) => step(args, OrderStep::Revisit, ""),
        Action::Unreached(args) => step(args, OrderStep::Unreached, ""),
        Action::Reopen(args) => step(args, OrderStep::Reopen, ""),
        Action::File(FileArgs { orders, source, remark, by }) => {
            let given = Submission { remark: remark.clone(), ..Submission::of(OrderStep::File) };
            steps(orders, source, by, &given)
        }
        Action::Export(args) => show::export(args, &mut out),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn new(args: &NewArgs) -> Result<(), Failure> {
    let (mut store, kinds) = (args.source.act()?, kinds(&args.source)?);
    let facts = match args.call {
        Some(call) => {
            let unknown = || format!("There is no call {call}; `tipring report calls` lists the calls there are");
            Some(store.call_facts(call)?.ok_or_else(unknown)?)
        }
        None => None,
    };
    let number = args.number.clone().or_else(|| facts.as_ref().map(|facts| facts.number.clone())).unwrap_or_default();
    let name = match &args.name {
        Some(name) => name.clone(),
        None => store.customer_of(&number)?.map(|customer| customer.name).unwrap_or_default(),
    };
    let request = OrderRequest {
        kind: args.kind.clone(),
        urgency: Urgency::of_name(&args.urgency).unwrap_or(Urgency::Normal),
        number,
        name,
        place: args.place.clone(),
        text: args.text.clone(),
        owner: args.owner.clone(),
        call: args.call.unwrap_or(0),
        recording: facts.as_ref().and_then(|facts| facts.recording),
        called_ms: facts.map(|facts| facts.offered_ms),
    };
    match store.accept_order(&kinds, request, args.separate, &person(&args.by), clock::epoch_ms())? {
        Accepted::New(order) => println!("order {}: {}, of {}", order.id, order.kind, order.owner),
        Accepted::Repeat(order) => println!(
            "order {}: the customer's open {} order, linked to it ({}); --separate makes one of its own",
            order.id,
            order.kind,
            count(order.repeats, "repeat")
        ),
    }
    Ok(())
}

/// Puts the customers of orders on the call-back list, the most pressing first. Those who are on it already stay so.
fn call_back(args: &CallBackArgs) -> Result<(), Failure> {
    if let Some(site) = args.source.site()?
        && site.queues.iter().all(|queue| queue.device.0 != args.queue)
    {
        return Err(format!("There is no queue {}", args.queue).into());
    }
    let mut store = args.source.act()?;
    let open = store.call_backs(true)?;
    let mut orders = show::due_orders(&store, args.kind.as_deref())?;
    orders.retain(|order| args.orders.is_empty() || args.orders.contains(&order.id));
    let (mut put, mut left_out) = (0, Vec::new());
    for order in orders {
        let plan = store.number_plan().clone();
        match dialled(&order.number, &plan) {
            Err(_) => left_out.push(format!("order {}: {:?} is no number to call", order.id, order.number)),
            Ok(number) if open.iter().any(|row| plan.is_same(&row.number, &number)) => {
                left_out.push(format!("order {}: {number} is on the list already", order.id));
            }
            Ok(number) => {
                let work_order = order.id.0;
                store.order_call_back(&CallBackOrder::Add { number, queue: args.queue, is_vip: false, work_order })?;
                put += 1;
            }
        }
    }
    println!("{put} customers are to be called by queue {}", args.queue);
    left_out.iter().for_each(|sentence| println!("{sentence}"));
    Ok(())
}

fn step(args: &StepArgs, step: OrderStep, reason: &str) -> Result<(), Failure> {
    let (remark, reason, call) = (args.remark.clone(), reason.to_owned(), args.call);
    let given = Submission { remark, reason, call, ..Submission::of(step) };
    steps(&args.orders, &args.source, &args.by, &given)
}

/// Takes a step of each order; those that are refused stop no other.
fn steps(orders: &[OrderId], source: &Source, by: &By, given: &Submission) -> Result<(), Failure> {
    let (mut store, kinds) = (source.act()?, kinds(source)?);
    let mut refused = Vec::new();
    for order in orders {
        match store.step_order(&kinds, *order, given.clone(), &person(by), clock::epoch_ms()) {
            Ok(order) => println!("order {}: {}", order.id, order.state.name()),
            Err(error) => refused.push(error.to_string()),
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused.join("\n").into()) }
}

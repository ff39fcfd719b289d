//! `tipring order`: work orders (工单), taken down, dispatched, done, revisited, filed, listed and exported.
//!
//! The person at this computer has all orders, as a supervisor has; the name given with `--as`, or that of the
//! computer's user, goes on record with each step.
//!
//! Never: a rule of orders; those are in `tipring_core::work_order`, for this door as for the others.

mod show;

use std::io::{BufWriter, stdout};
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use tipring_core::store::sqlite::Accepted;
use tipring_core::work_order::{Kinds, OrderId, OrderState, OrderStep, Person, Request, Submission, Urgency};

use super::listing::Listing;
use super::source::{By, Source};
use crate::clock;
use crate::failure::Failure;
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
    /// Has the result: the work is done, or the question answered
    Done(StepArgs),
    /// Has the customer's word about the result
    Revisit(StepArgs),
    /// Files orders whose customers were asked
    File(FileArgs),
    /// Begins orders anew, with new clocks: the customer is not content
    Reopen(StepArgs),
    /// Writes all orders of a span, filed ones included, or all steps, as CSV or JSON lines
    Export(ExportArgs),
}

/// The kinds of orders at a place: those of the site's configuration, else the usual ones.
fn kinds(source: &Source) -> Result<Kinds, Failure> {
    Ok(source.site()?.map(|site| site.kinds()).unwrap_or_default())
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
    /// Those one of whose limits has passed
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
            let given = Submission { step: OrderStep::Dispatch, unit: to.clone(), remark: remark.clone(), call: 0 };
            steps(orders, source, by, &given)
        }
        Action::Done(args) => step(args, OrderStep::Done),
        Action::Revisit(args) => step(args, OrderStep::Revisit),
        Action::Reopen(args) => step(args, OrderStep::Reopen),
        Action::File(FileArgs { orders, source, remark, by }) => {
            let given = Submission { step: OrderStep::File, unit: String::new(), remark: remark.clone(), call: 0 };
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
    let request = Request {
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
            "order {}: the customer's open {} order, linked to it ({} repeats); --separate makes one of its own",
            order.id, order.kind, order.repeats
        ),
    }
    Ok(())
}

fn step(args: &StepArgs, step: OrderStep) -> Result<(), Failure> {
    let given = Submission { step, unit: String::new(), remark: args.remark.clone(), call: args.call };
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

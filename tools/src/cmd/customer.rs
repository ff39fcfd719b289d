//! `tipring customer`: the file of customers (客户档案), shown with the card that pops, searched, changed, merged,
//! imported and exported; on the database alone, and beside a site that runs.
//!
//! Never: has a rule of customers; those are in `tipring_core::customer`, for this door as for the others.

use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::json;
use tipring_core::customer::{Customer, CustomerChange, CustomerId, CustomerRefusal, WrongCustomer};
use tipring_core::flow::say::Language;
use tipring_core::number_plan::NumberPlan;
use tipring_core::store::sqlite::{CustomersImport, SqliteStore};

use super::source::{By, Opened, Source};
use crate::clock;
use crate::customers::{BY_IMPORT, CustomerRow, card_words, read_customers};
use crate::failure::Failure;
use crate::report::table::is_closed;

/// Pause between groups of an import, for records of a site that runs beside.
const GROUP_PAUSE: Duration = Duration::from_millis(2);

/// Arguments of `tipring customer`.
#[derive(Debug, Args)]
pub struct CustomerArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows customers with their cards: last calls, open orders and messages, missed calls; and all changes
    Show(ShowArgs),
    /// Finds customers one of whose numbers, whose name or whose account begins with a text
    Find(FindArgs),
    /// Changes a customer; a number without a customer gets one
    Set(SetArgs),
    /// Merges a customer into another, which keeps its identifier; nothing that either knew is lost
    Merge(MergeArgs),
    /// Takes customers in from a CSV file: number, name, account, and if wanted address, language, vip, region, notes
    Import(ImportArgs),
    /// Writes all customers as CSV, which an import reads, or as JSON lines
    Export(ExportArgs),
}

/// A customer, by identifier or number.
#[derive(Debug, Clone)]
enum Who {
    Id(CustomerId),
    Number(String),
}

fn who(text: &str) -> Result<Who, WrongCustomer> {
    match NumberPlan::default().normal(text) {
        // The store knows the site's numbering plan.
        Some(_) => Ok(Who::Number(text.trim().to_owned())),
        None => text.parse().map(Who::Id),
    }
}

impl Who {
    fn find(&self, store: &SqliteStore) -> Result<Option<Customer>, Failure> {
        Ok(match self {
            Who::Id(id) => Some(store.customer_by_id(*id)?.ok_or(CustomerRefusal::NotKnown(*id))?),
            Who::Number(number) => store.customer_of(number)?,
        })
    }

    fn customer(&self, store: &SqliteStore) -> Result<Customer, Failure> {
        let unknown = || match self {
            Who::Id(id) => CustomerRefusal::NotKnown(*id).to_string(),
            Who::Number(number) => {
                format!("{number} is in no customer's entry; `tipring customer set {number} --name NAME` makes one")
            }
        };
        self.find(store)?.ok_or_else(|| unknown().into())
    }
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// Identifiers as C17, or telephone numbers; of a number without a customer the card alone
    #[arg(required = true, value_name = "CUSTOMER", value_parser = who)]
    customers: Vec<Who>,
    #[command(flatten)]
    source: Source,
    /// JSON lines, card and changes within
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct FindArgs {
    /// The begin of a number, a name or an account
    text: String,
    #[command(flatten)]
    source: Source,
    /// Most rows
    #[arg(long, default_value_t = 50, value_name = "COUNT")]
    limit: u32,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
struct Form {
    /// Comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct SetArgs {
    /// The identifier as C17, or a telephone number
    #[arg(value_name = "CUSTOMER", value_parser = who)]
    customer: Who,
    #[command(flatten)]
    source: Source,
    /// A number to add
    #[arg(long, value_name = "NUMBER")]
    add: Vec<String>,
    /// A number to remove
    #[arg(long, value_name = "NUMBER")]
    remove: Vec<String>,
    /// The name
    #[arg(long)]
    name: Option<String>,
    /// The account
    #[arg(long)]
    account: Option<String>,
    /// The address
    #[arg(long)]
    address: Option<String>,
    /// The language of prompts, where the site's flows speak it; empty for none
    #[arg(long, value_parser = PossibleValuesParser::new(Language::ALL.map(Language::folder).iter().chain([&""])))]
    language: Option<String>,
    /// Goes before others, as `[[caller]]` with `vip = true` says (绿色通道)
    #[arg(long, value_name = "yes|no", value_parser = yes_or_no)]
    vip: Option<bool>,
    /// The region, as notices have it
    #[arg(long)]
    region: Option<String>,
    /// Notes for agents
    #[arg(long)]
    notes: Option<String>,
    #[command(flatten)]
    by: By,
}

fn yes_or_no(text: &str) -> Result<bool, String> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("write yes or no, not {other}")),
    }
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// The customer that is no more afterwards
    #[arg(value_parser = who)]
    from: Who,
    /// The customer that has all
    #[arg(value_parser = who)]
    into: Who,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    by: By,
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// The CSV file
    file: PathBuf,
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, Args)]
struct ExportArgs {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    form: Form,
}

/// Carries out the subcommand.
pub fn run(args: &CustomerArgs) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(stdout().lock());
    let done = match &args.action {
        Action::Show(args) => show(args, &mut out),
        Action::Find(args) => find(args, &mut out),
        Action::Set(args) => set(args),
        Action::Merge(args) => merge(args),
        Action::Import(args) => import(args),
        Action::Export(args) => export(args, &mut out),
    };
    match done {
        Err(failure) if is_closed(&failure) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn show(args: &ShowArgs, out: &mut impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    for who in &args.customers {
        let customer = who.find(&store)?;
        let number = match who {
            Who::Number(number) => number.as_str(),
            Who::Id(_) => "",
        };
        let card = store.customer_card(customer.as_ref(), number)?;
        let changes = match &customer {
            Some(customer) => store.customer_changes(customer.id)?,
            None => Vec::new(),
        };
        let row = customer.map(CustomerRow::from);
        if args.json {
            let mut value = serde_json::to_value(&row)?;
            if row.is_none() {
                value = json!({ "customer": null, "number": number });
            }
            value["card"] = serde_json::to_value(&card)?;
            value["changes"] = serde_json::to_value(&changes)?;
            writeln!(out, "{value}")?;
            continue;
        }
        match &row {
            Some(row) => writeln!(out, "Customer {}{}", row.customer, if card.vip { ", VIP" } else { "" })?,
            None => writeln!(out, "{number} is in no customer's entry")?,
        }
        let own = row.iter().flat_map(|row| {
            [
                ("Number", &row.number),
                ("Name", &row.name),
                ("Account", &row.account),
                ("Address", &row.address),
                ("Language", &row.language),
                ("Region", &row.region),
                ("Notes", &row.notes),
            ]
        });
        let words = card_words(&card);
        for (name, value) in own.chain([("On record", &words)]).filter(|(_, value)| !value.is_empty()) {
            writeln!(out, "  {name:<10} {value}")?;
        }
        for line in &card.lines {
            writeln!(out, "  {}  {:<8} {}", clock.second(line.at_ms), line.part.name(), line.text)?;
        }
        for change in changes {
            writeln!(out, "  {}  by {}: {}", clock.second(change.at_ms), change.person, change.what)?;
        }
    }
    Ok(out.flush()?)
}

fn write_rows(form: &Form, rows: &[CustomerRow], out: &mut impl Write) -> Result<bool, Failure> {
    if form.csv {
        let mut csv = csv::Writer::from_writer(out);
        rows.iter().try_for_each(|row| csv.serialize(row))?;
        csv.flush()?;
    } else if form.json {
        for row in rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
    }
    Ok(form.csv || form.json)
}

fn find(args: &FindArgs, out: &mut impl Write) -> Result<(), Failure> {
    let found = args.source.read()?.find_customers(&args.text, args.limit)?;
    let rows: Vec<CustomerRow> = found.into_iter().map(CustomerRow::from).collect();
    if !write_rows(&args.form, &rows, out)? {
        if rows.is_empty() {
            writeln!(out, "There is no such customer")?;
        }
        for row in &rows {
            let vip = if row.vip == "yes" { "  VIP" } else { "" };
            writeln!(out, "{:<8} {:<24} {} {}{vip}", row.customer, row.number, row.name, row.account)?;
        }
    }
    Ok(out.flush()?)
}

fn set(args: &SetArgs) -> Result<(), Failure> {
    let mut store = args.source.act()?;
    let known = args.customer.find(&store)?.map(|customer| customer.id);
    let first = match (&args.customer, known) {
        (Who::Number(number), None) => Some(number.clone()),
        _ => None,
    };
    let change = CustomerChange {
        numbers: first.into_iter().chain(args.add.iter().cloned()).collect(),
        without: args.remove.clone(),
        name: args.name.clone(),
        account: args.account.clone(),
        address: args.address.clone(),
        language: args.language.clone(),
        region: args.region.clone(),
        vip: args.vip,
        notes: args.notes.clone(),
    };
    let customer = store.change_customer(known, &change, &args.by.name(), clock::epoch_ms())?;
    println!("customer {}: {} {}", customer.id, customer.numbers.join(";"), customer.name);
    Ok(())
}

fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let mut store = args.source.act()?;
    let (from, into) = (args.from.customer(&store)?.id, args.into.customer(&store)?.id);
    let customer = store.merge_customers(from, into, &args.by.name(), clock::epoch_ms())?;
    println!("customer {}: {} {}; {from} is merged into it", customer.id, customer.numbers.join(";"), customer.name);
    Ok(())
}

fn import(args: &ImportArgs) -> Result<(), Failure> {
    let rows = read_customers(&args.file)?;
    let mut store = args.source.act()?;
    let mut import = CustomersImport::new(rows, BY_IMPORT);
    while store.import_group(&mut import, clock::epoch_ms())? {
        // A site that runs beside has its turn.
        thread::sleep(GROUP_PAUSE);
    }
    println!("{}", import.counts());
    Ok(())
}

fn export(args: &ExportArgs, out: &mut impl Write) -> Result<(), Failure> {
    let store = args.source.read()?;
    if !args.form.json {
        let mut csv = csv::Writer::from_writer(out);
        store.each_customer(|customer| csv.serialize(CustomerRow::from(customer)).map_err(Failure::from))?;
        return Ok(csv.flush()?);
    }
    store.each_customer(|customer| {
        writeln!(out, "{}", serde_json::to_string(&CustomerRow::from(customer))?).map_err(Failure::from)
    })?;
    Ok(out.flush()?)
}

//! `tipring recording hold`, `release` and `holds`.
//!
//! Never: removes a recording.

use std::io::{BufWriter, Write, stdout};

use clap::Args;

use crate::failure::Failure;
use crate::recording::archive::{Person, Place};

/// Arguments of `tipring recording hold` and `release`.
#[derive(Debug, Args)]
pub(super) struct HoldArgs {
    /// The call, by its identifier in records and events
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    call: i32,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    person: Person,
}

/// Arguments of `tipring recording holds`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    place: Place,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

pub(super) fn set(args: &HoldArgs, is_held: bool) -> Result<(), Failure> {
    let changed = args.place.open_to_act()?.hold(&args.person, args.call, is_held)?;
    let state = match (is_held, changed) {
        (true, true) => "is on hold now: no retention removes its recordings",
        (true, false) => "was on hold already",
        (false, true) => "is released: retention removes its recordings when their time is over",
        (false, false) => "was not on hold",
    };
    println!("The call {} {state}", args.call);
    Ok(())
}

pub(super) fn list(args: &ListArgs) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let holds = archive.store.recording_holds()?;
    let mut out = BufWriter::new(stdout().lock());
    if holds.is_empty() && !args.json {
        writeln!(out, "No call is on hold")?;
    }
    for hold in holds {
        if args.json {
            writeln!(out, "{}", serde_json::to_string(&hold)?)?;
        } else {
            let at = archive.clock.second(hold.at_ms);
            writeln!(out, "{at}  call {}  {}: {}", hold.call_id, hold.user, hold.reason)?;
        }
    }
    Ok(out.flush()?)
}

//! `tipring recording audit`.
//!
//! Never: changes a row of the audit.

use std::io::{BufWriter, Write, stdout};

use clap::Args;

use crate::cmd::listing::Listing;
use crate::failure::Failure;
use crate::recording::archive::{Place, Target};

/// Arguments of `tipring recording audit`.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// A recording or a call; without it, all of them
    recording: Option<Target>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    listing: Listing,
}

pub(super) fn run(args: &AuditArgs) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let span = args.listing.span(archive.clock)?;
    let (recording, call) = match args.recording {
        Some(Target::Recording(id)) => (Some(id), None),
        Some(Target::Call(call)) => (None, Some(call)),
        None => (None, None),
    };
    let rows = archive.store.recording_audit(span, recording, call)?;
    let mut out = BufWriter::new(stdout().lock());
    if !args.listing.write(&rows, &mut out)? {
        for row in &rows {
            let at = archive.clock.second(row.at_ms);
            let user =
                if row.user == row.os_user { row.user.clone() } else { format!("{} (as {})", row.user, row.os_user) };
            let recording = row.recording.map_or("all".to_owned(), |id| id.to_string());
            let call = row.call_id;
            writeln!(out, "{at}  {:<7}  recording {recording}, call {call}  {user}: {}", row.act, row.reason)?;
            if !row.detail.is_empty() {
                writeln!(out, "{:<19}  {:<7}  {}", "", "", row.detail)?;
            }
        }
        if rows.is_empty() {
            writeln!(out, "There is no audit record of that")?;
        }
    }
    Ok(out.flush()?)
}

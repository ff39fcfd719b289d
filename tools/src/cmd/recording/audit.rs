//! `tipring recording audit`.

use std::io::{BufWriter, Write, stdout};

use chrono::{DateTime, Local};
use clap::Args;

use crate::failure::Failure;
use crate::recording::archive::{Place, Target};
use crate::report::span::{moment, parse_moment};

/// Arguments of `tipring recording audit`.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// A recording or a call; without it, all of them
    recording: Option<Target>,
    #[command(flatten)]
    place: Place,
    /// From this moment on, by this computer's clock: 2026-11-29 or 2026-11-29T08:30
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    from: Option<DateTime<Local>>,
    /// Before this moment
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    to: Option<DateTime<Local>>,
    /// Comma-separated values
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &AuditArgs) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let ms = |moment: Option<DateTime<Local>>, usual| moment.map_or(usual, |moment| moment.timestamp_millis());
    let (recording, call) = match args.recording {
        Some(Target::Recording(id)) => (Some(id), None),
        Some(Target::Call(call)) => (None, Some(call)),
        None => (None, None),
    };
    let rows = archive.store.recording_audit((ms(args.from, 0), ms(args.to, i64::MAX)), recording, call)?;
    let mut out = BufWriter::new(stdout().lock());
    if args.csv {
        let mut csv = csv::Writer::from_writer(&mut out);
        rows.iter().try_for_each(|row| csv.serialize(row))?;
        csv.flush()?;
    } else if args.json {
        for row in &rows {
            writeln!(out, "{}", serde_json::to_string(row)?)?;
        }
    } else {
        for row in &rows {
            let at = moment(row.at_ms.max(0) as u64).format("%Y-%m-%d %H:%M:%S");
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

//! `tipring recording list` and `show`.
//!
//! Never: opens a recording's sound.

use std::io::{BufWriter, Write, stdout};

use chrono::DateTime;
use clap::Args;
use serde::Serialize;
use tipring_core::store::sqlite::{FoundRecording, RecordingQuery};
use tipring_driver::time::SAMPLE_RATE_HZ;

use crate::cmd::listing::{Listing, number, outcome};
use crate::failure::Failure;
use crate::recording::archive::{Archive, Place, Presence, Target};
use crate::recording::marks::Mark;

/// Arguments of `tipring recording list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    listing: Listing,
    /// Calling or called number, in any spelling; `*` at its end stands for any digits
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    number: Option<String>,
    /// The agent who had the call last
    #[arg(long, value_name = "AGENT")]
    agent: Option<String>,
    /// The queue in which the call waited last
    #[arg(long, value_name = "QUEUE")]
    queue: Option<String>,
    /// The call
    #[arg(long, value_name = "CALL")]
    call: Option<i32>,
    /// Outcome of the call, as its record has it: answered, transferred, ...
    #[arg(long, value_name = "OUTCOME", value_parser = outcome)]
    outcome: Option<String>,
    /// Least length, s
    #[arg(long, value_name = "S", value_parser = length)]
    longer: Option<i64>,
    /// Greatest length, s
    #[arg(long, value_name = "S", value_parser = length)]
    shorter: Option<i64>,
}

/// Arguments of `tipring recording show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The recording: its call, its own number, or its file
    recording: Target,
    #[command(flatten)]
    place: Place,
    /// JSON lines
    #[arg(long)]
    json: bool,
}

/// Seconds as samples of each side.
fn length(text: &str) -> Result<i64, String> {
    let wrong = || format!("a length is seconds, as 90 or 2.5, not {text:?}");
    let seconds: f64 = text.parse().map_err(|_| wrong())?;
    if !(0.0..=1e9).contains(&seconds) {
        return Err(wrong());
    }
    Ok((seconds * f64::from(SAMPLE_RATE_HZ)) as i64)
}

/// A recording as it is listed.
#[derive(Debug, Serialize)]
struct ListRow {
    recording: i64,
    call: i32,
    /// RFC 3339.
    began: String,
    seconds: f64,
    direction: Option<String>,
    caller: Option<String>,
    called: Option<String>,
    queue: Option<String>,
    agent: Option<String>,
    station: Option<String>,
    outcome: Option<String>,
    file: String,
    presence: Presence,
    sha256: Option<String>,
    /// Length of its pauses, s: silence in place of what was said.
    paused: f64,
    /// Count of its bookmarks.
    bookmarks: usize,
}

impl ListRow {
    fn new(archive: &Archive, found: FoundRecording) -> Result<ListRow, Failure> {
        let marks = archive.marks(&found.recording)?;
        let presence = archive.presence(&found.recording);
        let FoundRecording { recording, call } = found;
        let of = |f: fn(&tipring_core::store::sqlite::CallRow) -> Option<String>| call.as_ref().and_then(f);
        Ok(ListRow {
            recording: recording.id,
            call: recording.call_id,
            began: archive.clock.at(recording.began_ms).to_rfc3339(),
            seconds: recording.samples as f64 / f64::from(SAMPLE_RATE_HZ),
            direction: of(|call| Some(call.direction.clone())),
            caller: of(|call| Some(call.caller.clone())),
            called: of(|call| Some(call.called.clone())),
            queue: of(|call| call.queue.clone()),
            agent: of(|call| call.agent.clone()),
            station: of(|call| call.station.clone()),
            outcome: of(|call| Some(call.outcome.clone())),
            file: recording.file,
            presence,
            sha256: recording.sha256,
            paused: Mark::paused(&marks),
            bookmarks: marks.iter().filter(|mark| mark.kind == "bookmark").count(),
        })
    }
}

/// Minutes and seconds of a length.
fn clock(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

pub(super) fn list(args: &ListArgs) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let (from, to) = args.listing.span(archive.clock)?;
    let query = RecordingQuery {
        recording: None,
        call: args.call,
        from_ms: Some(from),
        to_ms: Some(to),
        number: args.number.clone(),
        agent: args.agent.clone(),
        queue: args.queue.clone(),
        outcome: args.outcome.clone(),
        least: args.longer,
        most: args.shorter,
    };
    let mut out = BufWriter::new(stdout().lock());
    if args.listing.csv {
        let mut csv = csv::Writer::from_writer(&mut out);
        each_row(&archive, &query, |row| Ok(csv.serialize(row)?))?;
        csv.flush()?;
    } else if args.listing.json {
        each_row(&archive, &query, |row| write_json(row, &mut out))?;
    } else {
        let (mut count, mut seconds, mut missing) = (0u64, 0.0, 0u64);
        each_row(&archive, &query, |row| {
            let is_first = count == 0;
            (count, seconds) = (count + 1, seconds + row.seconds);
            missing += u64::from(!matches!(row.presence, Presence::Whole | Presence::CutOff));
            write_line(row, is_first, &mut out)
        })?;
        match count {
            0 => writeln!(out, "No recording meets the conditions; {}", span(&archive)?)?,
            _ => writeln!(
                out,
                "\n{}, {} in all; {missing} without a file",
                crate::plural::count(count, "recording"),
                clock(seconds)
            )?,
        }
    }
    Ok(out.flush()?)
}

/// Passes the recordings that meet the conditions to `f`, oldest first, until it fails.
fn each_row(
    archive: &Archive,
    query: &RecordingQuery,
    mut f: impl FnMut(&ListRow) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut done = Ok(());
    archive.store.each_recording(query, |found| {
        if done.is_ok() {
            done = ListRow::new(archive, found).and_then(|row| f(&row));
        }
    })?;
    done
}

/// The count of all recordings, and the time from the first to the last.
fn span(archive: &Archive) -> Result<String, Failure> {
    let all = archive.store.recordings()?;
    Ok(match (all.first(), all.last()) {
        (Some(first), Some(last)) => {
            let minute = |ms: i64| archive.clock.minute(ms);
            format!("there are {}, from {} to {}", all.len(), minute(first.began_ms), minute(last.began_ms))
        }
        _ => "there is none at all".to_owned(),
    })
}

fn write_json(row: &ListRow, out: &mut impl Write) -> Result<(), Failure> {
    serde_json::to_writer(&mut *out, row)?;
    Ok(out.write_all(b"\n")?)
}

fn write_line(row: &ListRow, first: bool, out: &mut impl Write) -> Result<(), Failure> {
    if first {
        writeln!(
            out,
            "{:<19}  {:>7}  {:>6}  {:<14}  {:<8}  {:<6}  {:<6}  {:<18}  {:<8}  file",
            "begun", "length", "call", "caller", "called", "queue", "agent", "outcome", "there is"
        )?;
    }
    let text = |value: &Option<String>| value.clone().filter(|text| !text.is_empty()).unwrap_or_else(|| "-".into());
    let began = DateTime::parse_from_rfc3339(&row.began).map(|began| began.format("%Y-%m-%d %H:%M:%S").to_string());
    Ok(writeln!(
        out,
        "{:<19}  {:>7}  {:>6}  {:<14}  {:<8}  {:<6}  {:<6}  {:<18}  {:<8}  {}",
        began.unwrap_or_default(),
        clock(row.seconds),
        if row.call == 0 { "-".to_owned() } else { row.call.to_string() },
        text(&row.caller),
        text(&row.called),
        text(&row.queue),
        text(&row.agent),
        text(&row.outcome),
        row.presence.word(),
        row.file
    )?)
}

pub(super) fn show(args: &ShowArgs) -> Result<(), Failure> {
    let archive = args.place.open()?;
    let mut out = BufWriter::new(stdout().lock());
    for found in archive.find(&args.recording)? {
        let heard = archive.store.recording_audit((0, i64::MAX), Some(found.recording.id), None)?.len();
        let marks = archive.marks(&found.recording)?;
        let row = ListRow::new(&archive, found.clone())?;
        if args.json {
            let mut value = serde_json::to_value(&row)?;
            value["audit_records"] = heard.into();
            value["marks"] = serde_json::to_value(&marks)?;
            value["call_record"] = serde_json::to_value(&found.call)?;
            writeln!(out, "{value}")?;
            continue;
        }
        writeln!(out, "Recording {}", row.recording)?;
        let file = format!("{} ({})", archive.path(&found.recording).display(), row.presence.word());
        let mut lines = vec![
            ("file", file),
            ("begun", row.began.clone()),
            ("length", format!("{:.3} s", row.seconds)),
            ("SHA-256", row.sha256.clone().unwrap_or_else(|| "not taken yet".into())),
            ("audit records", heard.to_string()),
        ];
        lines.extend(marks.iter().map(|mark| (mark.kind.as_str(), mark.line())));
        if let Some(at) = found.recording.removed_ms {
            lines.push(("removed", format!("by retention, {}", archive.clock.at(at).to_rfc3339())));
        }
        let holds = archive.store.recording_holds()?;
        if let Some(hold) = holds.iter().find(|hold| hold.call_id == found.recording.call_id) {
            lines.push(("hold", format!("by {}: {}", hold.user, hold.reason)));
        }
        match &found.call {
            None => lines.push(("call", "no record: it goes on, or the program ended before it did".into())),
            Some(call) => {
                let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
                lines.extend([
                    ("call", format!("{}, {}", call.call_id, call.direction)),
                    ("caller", call.caller.clone()),
                    ("called", call.called.clone()),
                    ("queue", text(&call.queue)),
                    ("agent", format!("{} at {}", text(&call.agent), text(&call.station))),
                    ("outcome", format!("{}, released by {}", call.outcome, call.released_by)),
                ]);
            }
        }
        for (name, value) in lines {
            writeln!(out, "  {name:<14} {value}")?;
        }
    }
    Ok(out.flush()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_that_are_none_are_refused() {
        assert!(["-1", "x", "NaN", "inf"].into_iter().all(|text| length(text).is_err()));
        assert_eq!(length("2.5"), Ok(20_000));
    }

    #[test]
    fn lengths_are_read_as_a_clock_shows_them() {
        assert_eq!((clock(5.4), clock(65.0), clock(3725.0)), ("0:05".into(), "1:05".into(), "1:02:05".into()));
    }
}

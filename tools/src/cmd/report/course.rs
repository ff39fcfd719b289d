//! `tipring report call`: the whole course of one call, with the calls it took in and every leg.
//!
//! Never: writes to the database.

use std::io::Write;

use clap::Args;
use serde::Serialize;
use tipring_core::csta::cause::EventCause;
use tipring_core::store::sqlite::{CallRow, Course, LegRow};

use super::{Opened, Source};
use crate::failure::Failure;
use crate::site_clock::SiteClock;

/// Arguments of `tipring report call`.
#[derive(Debug, Args)]
pub(super) struct CallArgs {
    /// The call, by its identifier in records and events, or by its universal identifier of 20 digits
    call: String,
    #[command(flatten)]
    source: Source,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// The course as an object.
#[derive(Serialize)]
struct Output<'a> {
    calls: &'a [CallRow],
    legs: &'a [LegRow],
}

/// Prints the course of a call.
pub(super) fn call(args: &CallArgs, mut out: impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    let Some(course) = store.course(&args.call)? else {
        return Err(format!("There is no call {}; `tipring report calls` lists the calls there are", args.call).into());
    };
    if args.json {
        writeln!(out, "{}", serde_json::to_string(&Output { calls: &course.calls, legs: &course.legs })?)?;
    } else {
        write(&course, clock, &mut out)?;
    }
    Ok(out.flush()?)
}

fn write(course: &Course, clock: SiteClock, out: &mut impl Write) -> Result<(), Failure> {
    for (number, call) in course.calls.iter().enumerate() {
        let kind = if number == 0 { "Call" } else { "  took in call" };
        let ucid = call.ucid.as_deref().map_or(String::new(), |ucid| format!(" (UCID {ucid})"));
        let called = if call.called.is_empty() { "no number" } else { &call.called };
        let caller = if call.caller.is_empty() { "a withheld number" } else { &call.caller };
        writeln!(
            out,
            "{kind} {}{ucid}, {}: from {caller} to {called} at {}, {}, {} long, released by {}{}",
            call.call_id,
            call.direction,
            clock.at(call.offered_ms).format("%Y-%m-%d %H:%M:%S%.3f"),
            outcome(call),
            seconds(call.ended_ms - call.offered_ms),
            call.released_by,
            cause(call.cause),
        )?;
    }
    if course.legs.is_empty() {
        writeln!(
            out,
            "No legs are on record: the call is older than they are, or the program ended before the call did"
        )?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<14} {:<8} {:<14} {:<12} {:<10} {:<10} {:>9} {:>9} {:>9} {:>9}  end",
        "began", "call", "part", "device", "agent", "reached", "after", "rang", "held", "length"
    )?;
    for leg in &course.legs {
        let after = leg.connected_ms.map_or_else(|| "-".into(), |at| seconds(at - leg.began_ms));
        writeln!(
            out,
            "{:<14} {:<8} {:<14} {:<12} {:<10} {:<10} {:>9} {:>9} {:>9} {:>9}  by {}{}",
            clock.at(leg.began_ms).format("%H:%M:%S%.3f").to_string(),
            leg.call_id,
            leg.kind,
            leg.device,
            leg.agent.as_deref().unwrap_or("-"),
            leg.reached,
            after,
            seconds(leg.rung_ms),
            seconds(leg.hold_ms),
            seconds(leg.ended_ms - leg.began_ms),
            leg.ended_by,
            cause(leg.cause),
        )?;
    }
    Ok(())
}

/// The outcome, and the time from the offer to the person who answered.
fn outcome(call: &CallRow) -> String {
    match call.established_ms {
        Some(established) => format!("{} after {}", call.outcome, seconds(established - call.offered_ms)),
        None => call.outcome.clone(),
    }
}

fn seconds(ms: i64) -> String {
    format!("{:.1} s", ms as f64 / 1000.0)
}

/// The cause of an end, where one is given, in the words of events.
fn cause(number: Option<i32>) -> String {
    let cause = number.and_then(EventCause::from_number);
    let word = cause.and_then(|cause| serde_json::to_value(cause).ok());
    word.map_or_else(String::new, |word| format!(", {}", word.to_string().trim_matches('"')))
}

//! `tipring report why`: the decisions about one call.
//!
//! Never: decides anew; decisions are read as they were kept.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::{Opened, Source};
use crate::failure::Failure;

/// Arguments of `tipring report why`.
#[derive(Debug, Args)]
pub(super) struct WhyArgs {
    /// The call, by its identifier in records and events
    call: i32,
    #[command(flatten)]
    source: Source,
    /// JSON lines; moments are milliseconds since 1970 UTC
    #[arg(long)]
    json: bool,
}

/// The course of a call in its queues, and the decisions about it.
pub(super) fn print(args: &WhyArgs, mut out: impl Write) -> Result<(), Failure> {
    let Opened { store, clock, .. } = args.source.open()?;
    let (entries, decisions) = (store.entries_of(args.call)?, store.decisions(args.call)?);
    if entries.is_empty() && decisions.is_empty() {
        return Err(format!(
            "There is no call {} in the log of a queue; `tipring report calls` lists the calls there are",
            args.call
        )
        .into());
    }
    if args.json {
        for (at, kind, data) in entries {
            let data: serde_json::Value = serde_json::from_str(&data)?;
            writeln!(out, "{}", json!({ "at": at, "entry": kind, "data": data }))?;
        }
        for row in decisions {
            writeln!(out, "{}", json!({ "at": row.at_ms, "decision": row }))?;
        }
        return Ok(out.flush()?);
    }
    // Of one moment the entry comes first: a call enters the queue, then it is offered.
    let mut lines: Vec<(i64, String)> = Vec::new();
    for (at, kind, data) in entries {
        let mut data: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&data)?;
        data.retain(|name, value| !matches!(name.as_str(), "event" | "call") && value.as_str() != Some(""));
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let data: Vec<String> = data.iter().map(|(name, value)| format!("{name} {}", text(value))).collect();
        lines.push((at, format!("{}  {}", kind.replace('_', " "), data.join(", "))));
    }
    for row in decisions {
        let mut line = format!("decided: {} at {}", row.decided, row.queue);
        for (word, text) in [("to", &row.chosen), ("by", &row.rule), ("passed over:", &row.passed)] {
            if !text.is_empty() {
                line += &format!(", {word} {text}");
            }
        }
        lines.push((row.at_ms, line));
    }
    lines.sort_by_key(|(at, _)| *at);
    writeln!(out, "Call {}", args.call)?;
    for (at, line) in lines {
        writeln!(out, "{}  {line}", clock.at(at).format("%Y-%m-%d %H:%M:%S%.3f"))?;
    }
    Ok(out.flush()?)
}

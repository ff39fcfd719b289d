//! `events.jsonl`: one line for each frame the clients decoded, in the order in which they did.
//!
//! The members carry the standard's own names, so that a line can be held against ECMA-179 and counted by any tool.
//! The run's hash is of this file's octets.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tipring_core::csta::cause::UniversalFailure;
use tipring_core::csta::event::{CallData, Event};
use tipring_core::csta::switch::{EventReport, SwitchRequest};
use tipring_core::csta::{MonitorCrossRefId, Reply};
use tipring_core::time::Tick;
use tipring_tsapi::json;

/// The file, and what has gone into it so far.
pub struct EventFile {
    file: BufWriter<File>,
    hash: Sha256,
}

impl EventFile {
    /// Begins `events.jsonl` in `folder`.
    pub fn create(folder: &Path) -> io::Result<EventFile> {
        let file = File::create(folder.join("events.jsonl"))?;
        Ok(EventFile { file: BufWriter::new(file), hash: Sha256::new() })
    }

    /// Writes the line of one frame.
    pub fn write(&mut self, now: Tick, client: &str, frame: &Frame<'_>) -> io::Result<()> {
        let mut line = json!({ "ms": now.0, "client": client });
        let members = line.as_object_mut().expect("made as an object");
        members.extend(frame.members());
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        self.hash.update(&line);
        self.file.write_all(&line)
    }

    /// Ends the file; gives the hash of its octets in hexadecimal.
    pub fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        Ok(hex(&self.hash.finalize()))
    }
}

/// The hash of octets in hexadecimal, as the event_file gives it.
pub fn sha256(octets: &[u8]) -> String {
    hex(&Sha256::digest(octets))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A frame as a client decoded it.
pub enum Frame<'a> {
    /// The stream is open.
    Opened,
    /// The switch's status has changed.
    SystemStatus,
    /// The heartbeat has the interval that was asked for.
    HeartbeatSet,
    /// A request about the stream was refused.
    Refused(i32),
    /// A confirmation, or a refusal.
    Confirmation(&'a Result<Reply, UniversalFailure>),
    /// An event on a monitor, with what came as private data.
    Report(MonitorCrossRefId, &'a Event, Option<&'a CallData>),
    /// A report of the switch that belongs to no monitor.
    EventReport(&'a EventReport),
    /// A request of the switch.
    SwitchRequest(&'a SwitchRequest),
}

impl Frame<'_> {
    fn members(&self) -> Map<String, Value> {
        let value = match self {
            Frame::Opened => json!({ "frame": "ACSOpenStreamConf" }),
            Frame::SystemStatus => json!({ "frame": "sysStat" }),
            Frame::HeartbeatSet => json!({ "frame": "ACSSetHeartbeatIntervalConf" }),
            Frame::Refused(error) => json!({ "frame": "ACSUniversalFailureConf", "error": error }),
            Frame::EventReport(report) => json!({ "frame": "eventReport", "report": report.name() }),
            Frame::SwitchRequest(request) => json!({ "frame": "switchRequest", "switchRequest": request.name() }),
            Frame::Confirmation(answer @ Ok(_)) => {
                let mut members = json::answer(answer);
                members.insert("frame".into(), "confirmation".into());
                Value::Object(members)
            }
            Frame::Confirmation(answer @ Err(_)) => {
                let mut members = json::answer(answer);
                members.insert("frame".into(), "CSTAUniversalFailureConf".into());
                Value::Object(members)
            }
            Frame::Report(monitor, event, data) => {
                let mut members = json::event(event, Some(*monitor), *data);
                members.insert("frame".into(), "event".into());
                Value::Object(members)
            }
        };
        match value {
            Value::Object(members) => members,
            _ => unreachable!("every arm made an object"),
        }
    }
}

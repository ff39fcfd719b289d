//! Output of a demo for a reader, and the material for the judge: truth from the world, frames and sights from the
//! desks.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tipring_core::csta::tipring::SupervisionMode;
use tipring_core::csta::{CallId, ConnectionId, DeviceIdStatus};
use tipring_core::time::Tick;
use tipring_hw_sim::people::truth::{Side, Stage, Truth, What};
use tipring_tsapi::session::client::Incoming;

use super::desk::{Pop, Sight};
use super::event_file::{EventFile, Frame};
use super::judge::TimedPart;
use super::part::{Part, PartKind};

/// The stage and its record.
pub struct Show {
    files: Option<Files>,
    /// Print a line a step.
    aloud: bool,
    calls: u32,
    over: u32,
    numbers: BTreeMap<u32, String>,
    /// Events of the simulated world.
    pub truths: Vec<Truth>,
    /// Screen pops.
    pub pops: Vec<Pop>,
    /// Requests that were refused, as sentences.
    pub refusals: Vec<String>,
    /// The parts of call control.
    parts: Vec<TimedPart>,
    /// The later identifiers of calls.
    renamed: BTreeMap<CallId, CallId>,
    open_part: Option<(Part, i64)>,
    /// To be added to a desk's time for the world's, in ms, once it is known.
    offset: Option<i64>,
}

/// Files of a demo.
struct Files {
    events: EventFile,
    /// `truth.jsonl`: what happened in the world, for whoever wants to judge for themselves.
    truths: BufWriter<File>,
}

impl Show {
    /// A show of `calls` calls, stored in `folder`.
    pub fn create(folder: &Path, calls: u32, aloud: bool) -> io::Result<Show> {
        let truths = BufWriter::new(File::create(folder.join("truth.jsonl"))?);
        let files = Some(Files { events: EventFile::create(folder)?, truths });
        Ok(Show { files, ..Show::silent(calls, aloud) })
    }

    /// A show that leaves no files.
    pub fn silent(calls: u32, aloud: bool) -> Show {
        Show {
            files: None,
            aloud,
            calls,
            over: 0,
            numbers: BTreeMap::new(),
            truths: Vec::new(),
            pops: Vec::new(),
            refusals: Vec::new(),
            parts: Vec::new(),
            renamed: BTreeMap::new(),
            open_part: None,
            offset: None,
        }
    }

    /// A client decoded something: the opening of its stream, or what the stream brings.
    pub fn frame(&mut self, now: Tick, client: &str, incoming: Option<&Incoming>) -> io::Result<()> {
        let Some(files) = &mut self.files else { return Ok(()) };
        let frame = match incoming {
            None => Frame::Opened,
            Some(Incoming::Confirmation { result, .. }) => Frame::Confirmation(result),
            Some(Incoming::Report { monitor, event, data }) => Frame::Report(*monitor, event, data.as_ref()),
            Some(Incoming::SystemStatus(_)) => Frame::SystemStatus,
            Some(Incoming::EventReport(report)) => Frame::EventReport(report),
            Some(Incoming::SwitchRequest { request, .. }) => Frame::SwitchRequest(request),
            Some(Incoming::HeartbeatSet { .. }) => Frame::HeartbeatSet,
            Some(Incoming::Refused { failure }) => Frame::Refused(failure.number()),
        };
        files.events.write(now, client, &frame)
    }

    /// Prints a line that a person should know.
    pub fn note(&self, line: &str) {
        if self.aloud {
            println!("             note       {line}");
        }
    }

    /// A desk shows something.
    pub fn sight(&mut self, now: Tick, client: &str, sight: Sight) {
        match sight {
            Sight::Ready => self.say(now.0, client, "ready for calls"),
            Sight::Popped(pop) => {
                let number = match pop.calling.status {
                    DeviceIdStatus::Provided => pop.calling.device.as_str(),
                    DeviceIdStatus::NotKnown | DeviceIdStatus::NotRequired => "number withheld",
                };
                // A consultation comes from a colleague, with the caller's number in its data.
                let caller = pop.data.as_ref().and_then(|data| data.caller.as_deref()).filter(|it| *it != number);
                let number = caller.map_or(number.to_owned(), |caller| format!("{caller}, asked by {number}"));
                let text = match &pop.data {
                    Some(data) => format!(
                        "SCREEN POP  {}, account {}, {number}, pressed {}, waited {:.1} s",
                        data.customer.as_deref().unwrap_or("not a known customer"),
                        data.account.as_deref().unwrap_or("none"),
                        if data.keyed.is_empty() { "nothing" } else { &data.keyed },
                        data.wait_ms as f64 / 1000.0
                    ),
                    None => format!("SCREEN POP  {number}"),
                };
                self.say(now.0, client, &text);
                self.pops.push(*pop);
            }
            Sight::Talking(_) => {
                self.place(now);
                self.say(now.0, client, "talks to the caller; recording");
            }
            Sight::Cleared(_) => self.say(now.0, client, "the call is over"),
            Sight::Renamed(old, call) => {
                if call > old.call {
                    self.renamed.insert(old.call, call);
                }
                let moved = self.pops.iter().rev().find(|pop| pop.connection == old).cloned();
                self.pops.extend(moved.map(|pop| Pop { connection: ConnectionId { call, ..old }, ..pop }));
            }
            Sight::Diverted(_) => self.say(now.0, client, "the call has gone to another telephone"),
            Sight::Begins(part) => {
                let Part { kind, call, other, station } = part;
                let text = match kind {
                    PartKind::Supervision(SupervisionMode::Listen) => {
                        format!("listens, silent, to call {} at {station}", call.0)
                    }
                    PartKind::Supervision(SupervisionMode::Whisper) => {
                        format!("whispers to the agent in call {} at {station}", call.0)
                    }
                    PartKind::Supervision(SupervisionMode::Barge) => {
                        format!("barges in to call {} at {station}", call.0)
                    }
                    PartKind::Hold => format!("holds call {} and calls {other}", call.0),
                    PartKind::Consultation => format!("consults {other} about call {}", call.0),
                    PartKind::Conference => format!("makes a conference of the caller, {other} and itself"),
                    PartKind::Transfer => format!("transfers the call to {other}, and its data with it"),
                    PartKind::Pickup => format!("has picked up call {}, which rang at {station}", call.0),
                };
                self.say(now.0, client, &text);
                self.part_begins(now, part);
            }
            Sight::Ends(None) => {
                self.say(now.0, client, "leaves the conversation");
                self.part_ends(now);
            }
            Sight::Ends(Some(kind)) => {
                if self.open_part.is_some_and(|(part, _)| part.kind == kind) {
                    self.part_ends(now);
                }
            }
            Sight::Refused(what, failure) => {
                self.say(now.0, client, &format!("was refused to {what}: {failure}"));
                self.refusals.push(format!("{client} was refused to {what}: {failure}"));
            }
        }
    }

    /// Compares the desks' time with the world's by the handset whose lift came just before the report of it: of all
    /// pairs the closest.
    fn place(&mut self, now: Tick) {
        let lift = self.truths.iter().rev().find(|truth| matches!(truth.what, What::StationLifted { .. }));
        self.offset = self.offset.max(lift.map(|lift| lift.ms as i64 - now.0 as i64));
    }

    /// A part begins, and the one before ends.
    fn part_begins(&mut self, now: Tick, part: Part) {
        self.place(now);
        self.part_ends(now);
        self.open_part = Some((part, self.world_ms(now)));
    }

    fn world_ms(&self, now: Tick) -> i64 {
        now.0 as i64 + self.offset.unwrap_or_default()
    }

    fn part_ends(&mut self, now: Tick) {
        let to_ms = self.world_ms(now);
        self.parts.extend(self.open_part.take().map(|(part, from_ms)| TimedPart { part, from_ms, to_ms }));
    }

    /// Takes an event of the world.
    pub fn truth(&mut self, truth: Truth) -> io::Result<()> {
        if let Some(Files { truths, .. }) = &mut self.files {
            serde_json::to_writer(&mut *truths, &truth)?;
            truths.write_all(b"\n")?;
        }
        let ms = truth.ms;
        match &truth.what {
            What::CallStarted { line, call, number, .. } => {
                self.numbers.insert(*call, number.clone());
                let who = if number.is_empty() { "a caller who withholds the number" } else { number };
                self.say(ms, &format!("line {}", line + 1), &format!("call {call} rings: {who}"));
            }
            What::Answered { line, call } => {
                self.say(ms, &format!("line {}", line + 1), &format!("call {call} is answered and hears the greeting"));
            }
            What::DigitKeyed { call, digit, .. } => self.say(ms, "caller", &format!("call {call} presses {digit}")),
            What::StationRang { station } => self.say(ms, &format!("phone {}", station + 1), "rings"),
            What::StationLifted { station } => self.say(ms, &format!("phone {}", station + 1), "is lifted"),
            What::StationHungUp { station, .. } => self.say(ms, &format!("phone {}", station + 1), "is put down"),
            What::Abandoned { call, stage } => {
                let stage = match stage {
                    Stage::Ringing => "while it rang",
                    Stage::Menu => "during the greeting",
                    Stage::Queued => "in the queue",
                };
                self.say(ms, "caller", &format!("call {call} gives up {stage}"));
            }
            What::CallEnded { line, call, by } => {
                self.over += 1;
                let by = match by {
                    Side::Remote => "the caller hung up",
                    Side::Card => "the agent hung up",
                    Side::Exchange => "the exchange ended it",
                };
                let progress = format!("call {call} is over: {by}  ({} of {})", self.over, self.calls);
                self.say(ms, &format!("line {}", line + 1), &progress);
            }
            _ => {}
        }
        self.truths.push(truth);
        Ok(())
    }

    fn say(&self, ms: u64, who: &str, what: &str) {
        if self.aloud {
            println!("{:>5}.{:03} s  {who:<10} {what}", ms / 1000, ms % 1000);
        }
    }

    /// Ends the record; gives what was kept.
    pub fn finish(mut self) -> io::Result<Kept> {
        let event_log_sha256 = match self.files.take() {
            Some(Files { events, mut truths }) => {
                truths.flush()?;
                events.finish()?
            }
            None => String::new(),
        };
        Ok(Kept { event_log_sha256, ..self.take() })
    }

    /// Gives what was kept so far, and goes on with nothing.
    pub fn take(&mut self) -> Kept {
        let mut parts = std::mem::take(&mut self.parts);
        // A record has the call's last identifier.
        for timed in &mut parts {
            while let Some(later) = self.renamed.get(&timed.part.call) {
                timed.part.call = *later;
            }
        }
        Kept {
            truths: std::mem::take(&mut self.truths),
            pops: std::mem::take(&mut self.pops),
            refusals: std::mem::take(&mut self.refusals),
            parts,
            event_log_sha256: String::new(),
        }
    }
}

/// Material for the judge.
pub struct Kept {
    /// Events of the simulated world.
    pub truths: Vec<Truth>,
    /// Screen pops.
    pub pops: Vec<Pop>,
    /// Requests that were refused, as sentences.
    pub refusals: Vec<String>,
    /// The parts of call control.
    pub parts: Vec<TimedPart>,
    /// The hash of `events.jsonl`.
    pub event_log_sha256: String,
}
